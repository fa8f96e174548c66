//! Encodings of a text as another text. Written from the standards, and with nothing of the rooms that undo them.

use super::pack::{gzipped, zlib};
use super::random::Random;
use super::rows::{Class, Escaped, How, Row};

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) const ROWS: &[Row] = &[
    row("percent, every byte", |text, _| percent(text.as_bytes(), |_| true)),
    row("percent, what must be", |text, _| percent(text.as_bytes(), is_reserved)),
    row("percent, lower-case digits", |text, _| {
        percent(text.as_bytes(), |_| true).to_lowercase()
    }),
    row("percent, some bytes", |text, random| {
        percent(text.as_bytes(), |b| is_reserved(b) || random.chance(30))
    }),
    row("percent, twice", |text, _| {
        percent(percent(text.as_bytes(), is_reserved).as_bytes(), is_reserved)
    }),
    row("percent, three times", |text, _| {
        (0..3).fold(text.to_owned(), |text, _| percent(text.as_bytes(), is_reserved))
    }),
    row("percent, UTF-16 (%u0061)", |text, _| {
        text.encode_utf16().map(|unit| format!("%u{unit:04x}")).collect()
    }),
    escaped("references, decimal", Escaped::Markup, |text, _| {
        each(text, |c| format!("&#{};", u32::from(c)))
    }),
    escaped("references, hexadecimal", Escaped::Markup, |text, _| {
        each(text, |c| format!("&#x{:X};", u32::from(c)))
    }),
    escaped("references, with zeros", Escaped::Markup, |text, _| {
        each(text, |c| format!("&#{:07};", u32::from(c)))
    }),
    escaped("references, named", Escaped::Markup, |text, _| each(text, named)),
    escaped("references, some characters", Escaped::Markup, |text, random| {
        each(text, |c| {
            if is_markup(c) || random.chance(30) {
                format!("&#{};", u32::from(c))
            } else {
                c.to_string()
            }
        })
    }),
    row("references, twice", |text, _| {
        each(text, |c| format!("&amp;#{};", u32::from(c)))
    }),
    escaped("JSON escapes, all", Escaped::Json, |text, _| {
        units(text, |unit| format!("\\u{unit:04x}"))
    }),
    escaped("JSON escapes, some", Escaped::Json, |text, random| {
        units(text, |unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() && random.chance(60) => char::from(byte).to_string(),
            _ => format!("\\u{unit:04X}"),
        })
    }),
    row("\\u0061 in a text", |text, _| {
        units(text, |unit| format!("\\u{unit:04x}"))
    }),
    row("\\x61 in a text", |text, _| {
        bytes(text, |byte| format!("\\x{byte:02x}"))
    }),
    row("\\141 in a text", |text, _| bytes(text, |byte| format!("\\{byte:03o}"))),
    row("\\u{61} in a text", |text, _| {
        each(text, |c| format!("\\u{{{:x}}}", u32::from(c)))
    }),
    row("\\U00000061 in a text", |text, _| {
        each(text, |c| format!("\\U{:08x}", u32::from(c)))
    }),
    row("base64", |text, _| base64(text.as_bytes(), STANDARD, true)),
    row("base64, no padding", |text, _| base64(text.as_bytes(), STANDARD, false)),
    row("base64url", |text, _| base64(text.as_bytes(), URL, true)),
    row("base64url, no padding", |text, _| base64(text.as_bytes(), URL, false)),
    escaped("base64 in lines", Escaped::Lines, |text, _| {
        in_lines(&base64(document(text).as_bytes(), STANDARD, true), 24)
    }),
    row("base64, twice", |text, _| {
        base64(base64(text.as_bytes(), STANDARD, true).as_bytes(), STANDARD, true)
    }),
    row("base64 of JSON", |text, _| {
        base64(document(text).as_bytes(), STANDARD, true)
    }),
    row("base64 of UTF-16LE", |text, _| {
        base64(&utf16(text, u16::to_le_bytes), STANDARD, true)
    }),
    row("base64 of gzip of JSON", |text, _| {
        base64(&gzipped(document(text).as_bytes()), STANDARD, true)
    }),
    row("base64 of zlib of JSON", |text, _| {
        base64(&zlib(document(text).as_bytes()), URL, false)
    }),
    row("base64 of a percent encoding", |text, _| {
        base64(percent(text.as_bytes(), |_| true).as_bytes(), STANDARD, true)
    }),
    row("data: URL", |text, _| {
        format!("data:text/plain;base64,{}", base64(text.as_bytes(), STANDARD, true))
    }),
    row("JSON web token", |text, _| {
        let parts = [
            "{\"alg\":\"HS256\",\"typ\":\"JWT\"}".to_owned(),
            format!("{{\"sub\":{}}}", quoted(text)),
        ];
        let parts = parts.map(|part| base64(part.as_bytes(), URL, false));
        format!("{}.{}.{}", parts[0], parts[1], base64(&[0x9d; 32], URL, false))
    }),
    row("hexadecimal", |text, _| hex(text.as_bytes())),
    row("hexadecimal, capitals", |text, _| hex(text.as_bytes()).to_uppercase()),
    row("hexadecimal behind 0x", |text, _| format!("0x{}", hex(text.as_bytes()))),
    row("base32", |text, _| base32(text.as_bytes(), true)),
    row("base32, no padding, lower case", |text, _| {
        base32(text.as_bytes(), false).to_lowercase()
    }),
    row("quoted-printable, every byte", |text, _| {
        bytes(text, |byte| format!("={byte:02X}"))
    }),
    row("encoded word, base64", |text, _| {
        format!("=?UTF-8?B?{}?=", base64(text.as_bytes(), STANDARD, true))
    }),
    row("encoded word, quoted", |text, _| {
        format!(
            "=?utf-8?q?{}?=",
            bytes(text, |byte| match byte {
                b' ' => "_".to_owned(),
                _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                _ => format!("={byte:02X}"),
            })
        )
    }),
    row("JSON in a string of JSON in base64", |text, _| {
        base64(
            format!("{{\"payload\":{}}}", quoted(&document(text))).as_bytes(),
            STANDARD,
            true,
        )
    }),
    not_read("reversed", |text, _| text.chars().rev().collect()),
    not_read("rotated by 13 letters", |text, _| {
        each(text, |c| rotated(c).to_string())
    }),
];

const fn row(name: &'static str, encode: fn(&str, &mut Random) -> String) -> Row {
    escaped(name, Escaped::No, encode)
}

const fn escaped(name: &'static str, escaped: Escaped, encode: fn(&str, &mut Random) -> String) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::Text(escaped, encode),
    }
}

const fn not_read(name: &'static str, encode: fn(&str, &mut Random) -> String) -> Row {
    Row {
        name,
        class: Class::NotRead,
        how: How::Text(Escaped::No, encode),
    }
}

fn each(text: &str, spell: impl FnMut(char) -> String) -> String {
    text.chars().map(spell).collect()
}

fn bytes(text: &str, spell: impl FnMut(u8) -> String) -> String {
    text.bytes().map(spell).collect()
}

fn units(text: &str, spell: impl FnMut(u16) -> String) -> String {
    text.encode_utf16().map(spell).collect()
}

/// RFC 3986 section 2.3: what is not unreserved.
pub(super) fn is_reserved(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

pub(super) fn percent(text: &[u8], mut which: impl FnMut(u8) -> bool) -> String {
    let spell = |byte: &u8| {
        if which(*byte) {
            format!("%{byte:02X}")
        } else {
            char::from(*byte).to_string()
        }
    };
    text.iter().map(spell).collect()
}

fn is_markup(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\'')
}

/// HTML 5.2 section 8.5, where there is a name that is well known.
fn named(c: char) -> String {
    let name = match c {
        '@' => "commat",
        '.' => "period",
        '_' => "lowbar",
        '-' => "hyphen",
        '+' => "plus",
        ',' => "comma",
        '\'' => "apos",
        '&' => "amp",
        'é' => "eacute",
        'ë' => "euml",
        'ö' => "ouml",
        'Ö' => "Ouml",
        'ü' => "uuml",
        'ø' => "oslash",
        'å' => "aring",
        'Å' => "Aring",
        'ñ' => "ntilde",
        'ú' => "uacute",
        'ï' => "iuml",
        _ => return c.to_string(),
    };
    // `&hyphen;` is U+2010, which is another character.
    if c == '-' { "-".to_owned() } else { format!("&{name};") }
}

/// RFC 8259 section 7, no more than must be.
pub(super) fn quoted(text: &str) -> String {
    let spell = |c| match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        _ => char::to_string(&c),
    };
    format!("\"{}\"", each(text, spell))
}

fn document(text: &str) -> String {
    format!("{{\"kind\":\"note\",\"zz\":[{}]}}", quoted(text))
}

/// RFC 4648 section 4, bit by bit.
pub(super) fn base64(bytes: &[u8], set: &[u8; 64], padded: bool) -> String {
    let mut out: String = groups(bytes, 6).map(|value| char::from(set[value])).collect();
    while padded && !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

pub(super) fn base64_standard(bytes: &[u8]) -> String {
    base64(bytes, STANDARD, true)
}

/// RFC 4648 section 6.
fn base32(bytes: &[u8], padded: bool) -> String {
    let set = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out: String = groups(bytes, 5).map(|value| char::from(set[value])).collect();
    while padded && !out.len().is_multiple_of(8) {
        out.push('=');
    }
    out
}

/// The bits of `bytes` as numbers of `width` bits, zeros behind the last.
fn groups(bytes: &[u8], width: usize) -> impl Iterator<Item = usize> {
    let bit = move |at: usize| {
        bytes
            .get(at / 8)
            .map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1))
    };
    (0..(bytes.len() * 8).div_ceil(width))
        .map(move |group| (0..width).fold(0, |value, at| value * 2 + bit(group * width + at)))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// Lines of `width` characters, RFC 2045 section 6.8.
pub(super) fn in_lines(text: &str, width: usize) -> String {
    let lines: Vec<&str> = (0..text.len())
        .step_by(width)
        .map(|at| &text[at..text.len().min(at + width)])
        .collect();
    lines.join("\r\n")
}

fn rotated(c: char) -> char {
    let turn = |base: u8| char::from(base + (c as u8 - base + 13) % 26);
    match c {
        'a'..='z' => turn(b'a'),
        'A'..='Z' => turn(b'A'),
        _ => c,
    }
}
