//! Character references of HTML and XML, undone and put back.
//!
//! Source: HTML standard section 13.5 (the names that spell letters and what stands in identifiers; not the mathematical
//! ones), XML 1.0 section 4.1.

use super::escapes::Decoded;
use crate::span::SourceMap;

/// Longest reference that is looked at, bytes.
const REFERENCE_MAX: usize = 12;

/// Names beside those of Latin-1.
const NAMES: [(&str, char); 36] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("commat", '@'),
    ("period", '.'),
    ("lowbar", '_'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("plus", '+'),
    ("num", '#'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("lpar", '('),
    ("rpar", ')'),
    ("sol", '/'),
    ("percnt", '%'),
    ("equals", '='),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
    ("rsquo", '\u{2019}'),
    ("lsquo", '\u{2018}'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Scaron", 'Š'),
];

/// The names of U+00A0 to U+00FF, in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
    sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
    AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times \
    Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute \
    ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml \
    yacute thorn yuml";

/// Letters of European names beyond Latin-1.
const BEYOND: [(&str, char); 22] = [
    ("scaron", 'š'),
    ("Zcaron", 'Ž'),
    ("zcaron", 'ž'),
    ("Ccaron", 'Č'),
    ("ccaron", 'č'),
    ("cacute", 'ć'),
    ("Cacute", 'Ć'),
    ("nacute", 'ń'),
    ("sacute", 'ś'),
    ("Sacute", 'Ś'),
    ("zacute", 'ź'),
    ("zdot", 'ż'),
    ("Zdot", 'Ż'),
    ("lstrok", 'ł'),
    ("Lstrok", 'Ł'),
    ("eogon", 'ę'),
    ("aogon", 'ą'),
    ("ecaron", 'ě'),
    ("rcaron", 'ř'),
    ("uring", 'ů'),
    ("gbreve", 'ğ'),
    ("scedil", 'ş'),
];

/// `None` when there is no reference.
pub(crate) fn references_decoded(bytes: &[u8]) -> Option<Decoded> {
    let mut found = references(bytes).peekable();
    let _ = found.peek()?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut map = SourceMap::default();
    let mut at = 0;
    for (start, length, character) in found {
        if start > at {
            map.verbatim(out.len(), at);
            out.extend_from_slice(&bytes[at..start]);
        }
        map.escape(out.len(), start);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        at = start + length;
    }
    if at < bytes.len() {
        map.verbatim(out.len(), at);
        out.extend_from_slice(&bytes[at..]);
    }
    map.end(bytes.len());
    Some(Decoded { bytes: out, map })
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
        return None;
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

fn named(name: &str) -> Option<char> {
    let listed = |list: &[(&str, char)]| list.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    let latin = || {
        let at = LATIN.split_ascii_whitespace().position(|known| known == name)?;
        char::from_u32(0xa0 + u32::try_from(at).ok()?)
    };
    listed(&NAMES).or_else(latin).or_else(|| listed(&BEYOND))
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
