//! Character references of HTML and XML, undone and put back.
//!
//! Source: HTML standard section 13.5 (all names), section 13.2.5.73 (names without a semicolon); XML 1.0 section 4.1.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::escapes::{Decoded, replaced, utf8};

/// Longest reference that is looked at, bytes.
const REFERENCE_MAX: usize = 32;

/// Name and code points of every reference of the standard, sorted by name.
const NAMES: &str = include_str!("references/names.txt");

/// The names that browsers read without their semicolon, too: those of Latin-1 and the oldest.
const WITHOUT_SEMICOLON: &str = "AElig AMP Aacute Acirc Agrave Aring Atilde Auml COPY Ccedil ETH Eacute Ecirc Egrave Euml GT Iacute Icirc \
    Igrave Iuml LT Ntilde Oacute Ocirc Ograve Oslash Otilde Ouml QUOT REG THORN Uacute Ucirc Ugrave Uuml Yacute \
    aacute acirc acute aelig agrave amp aring atilde auml brvbar ccedil cedil cent copy curren deg divide eacute \
    ecirc egrave eth euml frac12 frac14 frac34 gt iacute icirc iexcl igrave iquest iuml laquo lt macr micro middot \
    nbsp not ntilde oacute ocirc ograve ordf ordm oslash otilde ouml para plusmn pound quot raquo reg sect shy \
    sup1 sup2 sup3 szlig thorn times uacute ucirc ugrave uml uuml yacute yen yuml";

/// `None` when there is no reference.
pub(crate) fn references_decoded(bytes: &[u8]) -> Option<Decoded> {
    replaced(bytes, references(bytes), utf8)
}

/// Start, length and meaning of every reference.
pub(crate) fn references(bytes: &[u8]) -> impl Iterator<Item = (usize, usize, char)> {
    memchr::memchr_iter(b'&', bytes).filter_map(|at| {
        let (length, character) = reference(&bytes[at + 1..])?;
        Some((at, length + 1, character))
    })
}

/// The reference behind an ampersand: its length and meaning.
fn reference(rest: &[u8]) -> Option<(usize, char)> {
    if let Some(number) = rest.strip_prefix(b"#") {
        return numeric(number).map(|(length, character)| (length + 1, character));
    }
    let length = rest
        .iter()
        .take(REFERENCE_MAX)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    if rest.get(length) != Some(&b';') {
        return without_semicolon(&rest[..length]);
    }
    let name = std::str::from_utf8(&rest[..length]).ok()?;
    named(name).map(|character| (length + 1, character))
}

/// `64;`, `x40;`, also without the semicolon, as browsers read it.
fn numeric(rest: &[u8]) -> Option<(usize, char)> {
    let (prefix, radix) = match rest.first() {
        Some(b'x' | b'X') => (1, 16),
        _ => (0, 10),
    };
    let digits = rest[prefix..]
        .iter()
        .take(REFERENCE_MAX)
        .take_while(|b| char::from(**b).is_digit(radix))
        .count();
    let text = std::str::from_utf8(&rest[prefix..prefix + digits]).ok()?;
    let character = char::from_u32(u32::from_str_radix(text, radix).ok()?)?;
    let end = prefix + digits;
    Some((end + usize::from(rest.get(end) == Some(&b';')), character))
}

/// Of the few that stand for two characters the first; the second is a mark.
fn named(name: &str) -> Option<char> {
    static TABLE: LazyLock<HashMap<&'static str, char>> = LazyLock::new(|| {
        let row = |line: &'static str| {
            let mut fields = line.split(' ');
            let (name, code) = (fields.next()?, fields.next()?);
            Some((name, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
        };
        let mut table: HashMap<&str, char> = NAMES.lines().filter_map(row).collect();
        // Typed for a hyphen, which the names of people and hosts have.
        table.extend([("hyphen", '-'), ("dash", '-')]);
        table
    });
    TABLE.get(name).copied()
}

/// The longest name at the start of `rest` that needs no semicolon, and that stands for a letter.
fn without_semicolon(rest: &[u8]) -> Option<(usize, char)> {
    static OLD: LazyLock<HashSet<&'static str>> = LazyLock::new(|| WITHOUT_SEMICOLON.split(' ').collect());
    (2..=rest.len().min(6)).rev().find_map(|length| {
        let name = std::str::from_utf8(&rest[..length])
            .ok()
            .filter(|name| OLD.contains(name))?;
        // `&copy=1` in a query is a parameter; letters are not confused so.
        named(name).filter(|c| c.is_alphabetic()).map(|c| (length, c))
    })
}

/// Bytes for the text or an attribute of a document.
pub(crate) fn reference_encoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'&' => out.extend(b"&amp;"),
            b'<' => out.extend(b"&lt;"),
            b'>' => out.extend(b"&gt;"),
            b'"' => out.extend(b"&quot;"),
            b'\'' => out.extend(b"&#39;"),
            _ => out.push(*byte),
        }
    }
    out
}
