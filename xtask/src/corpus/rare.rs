//! Encodings of a text that are rare, each written from its own standard and with nothing of the rooms that undo them.

use super::pack::{brotli, deflated};
use super::random::Random;
use super::rows::{Class, Escaped, How, Row};
use super::text::{base64, base64_standard, quoted};

/// Known people in a text that nothing announces as encoded.
pub(super) const ROWS: &[Row] = &[
    row("base64 of bare deflate", |text, _| {
        base64_standard(&deflated(document(text).as_bytes()))
    }),
    row("base64url of bare deflate of XML", |text, _| {
        let text = format!(
            "<samlp:AuthnRequest ID=\"a\"><NameID>{}</NameID></samlp:AuthnRequest>",
            markup(text)
        );
        base64_standard(&deflated(text.as_bytes()))
            .replace('+', "-")
            .replace('/', "_")
    }),
    row("base64 of brotli", |text, _| {
        base64_standard(&brotli(document(text).as_bytes()))
    }),
    row("base64 of UTF-32LE", |text, _| {
        base64_standard(&utf32(text, u32::to_le_bytes))
    }),
    row("base64 of UTF-32BE", |text, _| {
        base64_standard(&utf32(text, u32::to_be_bytes))
    }),
    row("base64 in groups of four", |text, _| {
        in_groups(&base64_standard(text.as_bytes()), 4, " ")
    }),
    row("hexadecimal, a space between", |text, _| {
        listed(text, " ", |byte| format!("{byte:02x}"))
    }),
    row("hexadecimal, capitals, colons", |text, _| {
        listed(text, ":", |byte| format!("{byte:02X}"))
    }),
    row("hexadecimal, hyphens between", |text, _| {
        listed(text, "-", |byte| format!("{byte:02x}"))
    }),
    row("hexadecimal, 0x before each", |text, random| {
        let gap = *random.pick(&[",", ", ", " "]);
        listed(text, gap, |byte| format!("0x{byte:02x}"))
    }),
    row("hexadecimal in groups of four", |text, _| {
        in_groups(&listed(&even(text, 2), "", |byte| format!("{byte:02x}")), 4, " ")
    }),
    row("decimal numbers of bytes", |text, random| {
        let gap = *random.pick(&[",", ", ", " ", ";"]);
        listed(text, gap, |byte| format!("{byte}"))
    }),
    row("String.fromCharCode()", |text, _| {
        let codes: Vec<String> = text.bytes().map(|unit| unit.to_string()).collect();
        format!("eval(String.fromCharCode({}))", codes.join(","))
    }),
    row("octal numbers of bytes", |text, _| {
        listed(text, " ", |byte| format!("{byte:03o}"))
    }),
    row("binary numbers of bytes", |text, _| {
        listed(text, " ", |byte| format!("{byte:08b}"))
    }),
    row("base32hex", |text, _| base32(text, b"0123456789ABCDEFGHIJKLMNOPQRSTUV")),
    row("base32 of Crockford", |text, _| {
        base32(text, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    }),
    row("z-base-32", |text, _| base32(text, b"ybndrfg8ejkmcpqxot1uwisza345h769")),
    harder("base58", |text, _| base58(text)),
    harder("ASCII85 in brackets", |text, _| {
        format!("<~{}~>", base85(text, &ascii85()))
    }),
    harder("base85 of RFC 1924", |text, _| base85(text, RFC_1924)),
    harder("Z85", |text, _| base85(&even(text, 4), Z85)),
    escaped("uuencode", Escaped::Lines, |text, _| uuencode(text)),
    row("UTF-7, signs", |text, _| {
        utf7(text, '+', |c| c.is_ascii_alphanumeric() || " .-".contains(c))
    }),
    row("UTF-7, every character", |text, _| utf7(text, '+', |_| false)),
    row("UTF-7 of mailboxes", |text, _| {
        utf7(text, '&', |c| c.is_ascii_alphanumeric() || " .@-_+".contains(c)).replace('/', ",")
    }),
    row("escapes of style sheets", |text, _| {
        text.chars().map(|c| format!("\\{:x} ", u32::from(c))).collect()
    }),
    row("escapes of style sheets, six digits", |text, _| {
        text.chars().map(|c| format!("\\{:06X}", u32::from(c))).collect()
    }),
];

const RFC_1924: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
const Z85: &[u8; 85] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

const fn row(name: &'static str, encode: fn(&str, &mut Random) -> String) -> Row {
    escaped(name, Escaped::No, encode)
}

const fn harder(name: &'static str, encode: fn(&str, &mut Random) -> String) -> Row {
    Row {
        name,
        class: Class::Harder,
        how: How::Text(Escaped::No, encode),
    }
}

const fn escaped(name: &'static str, escaped: Escaped, encode: fn(&str, &mut Random) -> String) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::Text(escaped, encode),
    }
}

fn document(text: &str) -> String {
    format!("{{\"kind\":\"note\",\"zz\":[{}]}}", quoted(text))
}

fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// With spaces behind, so that its bytes are a multiple of `of`.
fn even(text: &str, of: usize) -> String {
    let spaces = text.len().next_multiple_of(of) - text.len();
    text.to_owned() + &" ".repeat(spaces)
}

fn listed(text: &str, gap: &str, spell: impl Fn(u8) -> String) -> String {
    text.bytes().map(spell).collect::<Vec<_>>().join(gap)
}

fn in_groups(text: &str, length: usize, gap: &str) -> String {
    let groups: Vec<&str> = (0..text.len())
        .step_by(length)
        .map(|at| &text[at..text.len().min(at + length)])
        .collect();
    groups.join(gap)
}

fn utf32(text: &str, order: fn(u32) -> [u8; 4]) -> Vec<u8> {
    text.chars().flat_map(|c| order(u32::from(c))).collect()
}

/// RFC 4648 section 6 with another alphabet, bit by bit.
fn base32(text: &str, set: &[u8; 32]) -> String {
    let mut bits: Vec<u8> = text
        .bytes()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1))
        .collect();
    bits.resize(bits.len().next_multiple_of(5), 0);
    let value = |five: &[u8]| five.iter().fold(0, |value, bit| value * 2 + usize::from(*bit));
    bits.chunks(5).map(|five| char::from(set[value(five)])).collect()
}

/// Division by hand, digit after digit.
fn base58(text: &str) -> String {
    const SET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut number: Vec<u32> = text.bytes().map(u32::from).collect();
    let mut out = Vec::new();
    while number.iter().any(|digit| *digit > 0) {
        let mut rest = 0;
        for digit in &mut number {
            let value = rest * 256 + *digit;
            *digit = value / 58;
            rest = value % 58;
        }
        out.push(char::from(SET[rest as usize]));
    }
    out.iter().rev().collect()
}

fn ascii85() -> [u8; 85] {
    std::array::from_fn(|value| b'!' + value as u8)
}

/// Five digits for four bytes, the highest first; of a shorter group one more than it has bytes.
fn base85(text: &str, set: &[u8; 85]) -> String {
    let mut out = String::new();
    for group in text.as_bytes().chunks(4) {
        let mut value = (0..4).fold(0_u32, |value, at| {
            value << 8 | u32::from(group.get(at).copied().unwrap_or(0))
        });
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = set[(value % 85) as usize];
            value /= 85;
        }
        out.extend(digits[..=group.len()].iter().map(|digit| char::from(*digit)));
    }
    out
}

fn uuencode(text: &str) -> String {
    let letter = |value: u32| char::from(if value == 0 { b'`' } else { value as u8 + 32 });
    let mut out = "begin 644 notes.txt\n".to_owned();
    for line in text.as_bytes().chunks(45) {
        out.push(letter(line.len() as u32));
        for group in line.chunks(3) {
            let value = (0..3).fold(0, |value, at| {
                value << 8 | u32::from(group.get(at).copied().unwrap_or(0))
            });
            out.extend([18, 12, 6, 0].map(|shift| letter(value >> shift & 63)));
        }
        out.push('\n');
    }
    out + "`\nend\n"
}

/// RFC 2152: what is not `direct` in runs of base64 of UTF-16BE.
fn utf7(text: &str, marker: char, direct: impl Fn(char) -> bool) -> String {
    let set = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    let mut run = Vec::new();
    let flush = |run: &mut Vec<u8>, out: &mut String| {
        if !run.is_empty() {
            out.push(marker);
            *out += &base64(run, set, false);
            out.push('-');
            run.clear();
        }
    };
    for c in text.chars() {
        if direct(c) && c != marker {
            flush(&mut run, &mut out);
            out.push(c);
        } else {
            run.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut run, &mut out);
    out
}
