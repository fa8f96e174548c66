//! Formats that hold texts of their own, each written from its specification.

use super::pack::zlib;
use super::people::Person;
use super::random::Random;
use super::request::Request;
use super::rows::{Class, Escaped, How, Piece, Row};
use super::text::{base64_standard, is_reserved, percent, quoted};

const JSON_TYPE: &str = "application/json";

pub(super) const ROWS: &[Row] = &[
    row("mail in a body", |piece, _| {
        Request::post("message/rfc822", mail(piece))
    }),
    row("mail in base64 in JSON", |piece, _| {
        Request::post(
            JSON_TYPE,
            format!("{{\"raw\":\"{}\"}}", base64_standard(mail(piece).as_bytes())),
        )
    }),
    row("request in a batch", |piece, _| {
        let inner = format!(
            "POST /v1/x HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{{\"zz\":{}}}",
            string(piece)
        );
        let body =
            format!("--batch\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\n{inner}\r\n--batch--\r\n");
        Request::post("multipart/mixed; boundary=batch", body)
    }),
    row("card with folded lines", |piece, _| {
        let lines = format!(
            "BEGIN:VCARD\nVERSION:3.0\nFN:Team\nNOTE:see {} there\nEND:VCARD\n",
            one_line(&piece.text)
        );
        Request::post("text/vcard", folded(&lines, 30))
    }),
    row("calendar with folded lines", |piece, _| {
        let lines = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:with {}\nEND:VEVENT\n",
            one_line(&piece.text)
        );
        Request::post("text/calendar", folded(&lines, 21))
    }),
    row("LDIF, value in base64", |piece, _| {
        let line = format!("description:: {}", base64_standard(piece.text.as_bytes()));
        Request::post("text/x-ldif", folded(&format!("dn: cn=x,dc=example\n{line}\n"), 40))
    }),
    row("envelope of an error report", |piece, _| {
        let payload = format!("{{\"message\":{}}}", string(piece));
        let body = format!(
            "{{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\"}}\n{{\"type\":\"event\",\"length\":{}}}\n{payload}\n",
            payload.len()
        );
        Request::post("application/x-sentry-envelope", body)
    }),
    row("BSON", |piece, _| Request::post("application/bson", bson(&piece.text))),
    row("BSON that no type tells of", |piece, _| {
        Request::post("application/octet-stream", bson(&piece.text))
    }),
    row("binary property list", |piece, _| {
        Request::post("application/x-plist", property_list(&piece.text))
    }),
    row("bytes as an array of JSON", |piece, random| {
        let gap = *random.pick(&[",", ", ", ",\n    "]);
        let numbers: Vec<String> = piece.text.bytes().map(|byte| byte.to_string()).collect();
        Request::post(
            JSON_TYPE,
            format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", numbers.join(gap)),
        )
    }),
    row("signed bytes as an array of JSON", |piece, _| {
        let numbers: Vec<String> = piece.text.bytes().map(|byte| (byte as i8).to_string()).collect();
        Request::post(JSON_TYPE, format!("{{\"b\":[{}]}}", numbers.join(",")))
    }),
    row("bytes by their places in JSON", |piece, _| {
        let pairs = piece.text.bytes().enumerate();
        let pairs: Vec<String> = pairs.map(|(at, byte)| format!("\"{at}\":{byte}")).collect();
        Request::post(JSON_TYPE, format!("{{\"b\":{{{}}}}}", pairs.join(",")))
    }),
    harder("rich text", |piece, _| {
        let text: String = piece.text.encode_utf16().map(rich).collect();
        Request::post(
            "application/rtf",
            format!("{{\\rtf1\\ansi\\ansicpg1252\\uc1 Dear {text}, hello\\par}}"),
        )
    }),
    harder("PDF, plain letters", |piece, _| {
        let shown: String = latin(&piece.text).iter().map(|byte| format!("\\{byte:03o}")).collect();
        Request::post("application/pdf", pdf(&format!("BT /F1 12 Tf ({shown}) Tj ET"), None))
    }),
    harder("PDF, letters by a table", |piece, _| {
        let mut letters: Vec<u16> = piece.text.encode_utf16().collect();
        letters.sort_unstable();
        letters.dedup();
        let code = |unit: u16| letters.iter().position(|known| *known == unit).unwrap_or(0) + 3;
        let shown: String = piece
            .text
            .encode_utf16()
            .map(|unit| format!("{:04x}", code(unit)))
            .collect();
        let rows: String = letters
            .iter()
            .map(|unit| format!("<{:04x}> <{unit:04x}>\n", code(*unit)))
            .collect();
        let table = format!("begincmap\n{} beginbfchar\n{rows}endbfchar\nendcmap", letters.len());
        Request::post(
            "application/pdf",
            pdf(&format!("BT /F1 12 Tf <{shown}> Tj ET"), Some(&table)),
        )
    }),
    row("UTF-32LE, declared", |piece, _| {
        in_utf_32(piece, "application/json; charset=utf-32le", u32::to_le_bytes)
    }),
    row("UTF-32BE, not declared", |piece, _| {
        in_utf_32(piece, "application/json", u32::to_be_bytes)
    }),
    row("file name in pieces", |piece, _| {
        let name = percent(piece.text.as_bytes(), is_reserved);
        let middle = (0..=name.len() / 2)
            .rev()
            .find(|at| !name[..*at].ends_with('%') && !name[..at.saturating_sub(1)].ends_with('%'));
        let (first, second) = name.split_at(middle.unwrap_or(0));
        let head = format!(
            "--b\r\nContent-Disposition: attachment; filename*0*=utf-8''{first};\r\n filename*1*={second}\r\n\r\n"
        );
        Request::post("multipart/mixed; boundary=b", format!("{head}-\r\n--b--\r\n"))
    }),
];

/// What is not one text.
pub(super) const OF_PEOPLE: &[Row] = &[
    of_person("two lines, YAML", |person, _| {
        let body = format!(
            "student:\n  first_name: {}\n  year: 7\n  last_name: {}\n",
            quoted(person.given),
            quoted(person.family)
        );
        Request::post("application/yaml", body)
    }),
    of_person("two lines, TOML", |person, _| {
        let body = format!(
            "[student]\nfirst_name = {}\nlast_name = {}\n",
            quoted(person.given),
            quoted(person.family)
        );
        Request::post("application/toml", body)
    }),
    of_person("two pairs of a log line", |person, _| {
        let body = format!(
            "level=info firstname={} n=3 lastname=\"{}\" msg=ok\n",
            person.given, person.family
        );
        Request::post("text/plain", body)
    }),
    of_person("two names of a card", |person, _| {
        let body = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nN:{};{};;;\r\nEND:VCARD\r\n",
            person.family, person.given
        );
        Request::post("text/vcard", body)
    }),
    of_person("number in BSON", |person, _| {
        let number: i64 = person.student_number.parse().unwrap_or_default();
        let element = [b"\x12n\0", &number.to_le_bytes()[..]].concat();
        Request::post("application/bson", document(&element))
    }),
    of_person("e-mail in two pieces of an encoded word", |person, _| {
        let (first, second) = person.email.split_at(person.email.len() / 2);
        let word = |text: &str| format!("=?UTF-8?B?{}?=", base64_standard(text.as_bytes()));
        Request::with_header("subject", format!("{} {}", word(first), word(second)))
    }),
];

const fn row(name: &'static str, put: fn(&Piece, &mut Random) -> Request) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::Placed(put),
    }
}

const fn harder(name: &'static str, put: fn(&Piece, &mut Random) -> Request) -> Row {
    Row {
        name,
        class: Class::Harder,
        how: How::Placed(put),
    }
}

const fn of_person(name: &'static str, put: fn(&Person, &mut Random) -> Request) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::PersonPlaced(put),
    }
}

fn string(piece: &Piece) -> String {
    if piece.escaped == Escaped::Json {
        format!("\"{}\"", piece.text)
    } else {
        quoted(&piece.text)
    }
}

/// Lines would begin other properties.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

fn mail(piece: &Piece) -> String {
    format!(
        "From: robot@list.invalid\r\nSubject: note\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        base64_standard(format!("Hello, {} is here", piece.text).as_bytes())
    )
}

/// RFC 5545 section 3.1, at whole characters.
fn folded(lines: &str, width: usize) -> String {
    let mut out = String::new();
    for line in lines.lines() {
        let mut column = 0;
        for c in line.chars() {
            if column + c.len_utf8() > width {
                out.push_str("\r\n ");
                column = 1;
            }
            column += c.len_utf8();
            out.push(c);
        }
        out.push_str("\r\n");
    }
    out
}

/// The BSON specification: a document with these elements.
fn document(elements: &[u8]) -> Vec<u8> {
    [&(elements.len() as u32 + 5).to_le_bytes()[..], elements, &[0]].concat()
}

fn bson(text: &str) -> Vec<u8> {
    let text = [&(text.len() as u32 + 1).to_le_bytes()[..], text.as_bytes(), &[0]].concat();
    let inner = document(&[b"\x02zz\0", &text[..]].concat());
    document(&[b"\x10n\0\x01\0\0\0\x04a\0", &inner[..]].concat())
}

/// One array with one text, in ASCII or UTF-16 as it needs.
fn property_list(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let (kind, content): (u8, Vec<u8>) = if text.is_ascii() {
        (0x50, text.as_bytes().to_vec())
    } else {
        (0x60, units.iter().flat_map(|unit| unit.to_be_bytes()).collect())
    };
    let count = if text.is_ascii() { text.len() } else { units.len() };
    let object = [&[kind | 15, 0x11][..], &(count as u16).to_be_bytes(), &content].concat();
    let mut out = [b"bplist00\xa1\x01", &object[..]].concat();
    let table = out.len() as u64;
    out.extend([8, 10]);
    out.extend([0, 0, 0, 0, 0, 0, 1, 1]);
    out.extend([2_u64, 0, table].iter().flat_map(|number| number.to_be_bytes()));
    out
}

fn rich(unit: u16) -> String {
    match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii_alphanumeric() || b" @.-_+,".contains(&byte) => char::from(byte).to_string(),
        Ok(byte) => format!("\\'{byte:02x}"),
        Err(_) => format!("\\u{}?", unit as i16),
    }
}

fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}

/// One page and, at times, a table of letters.
fn pdf(content: &str, table: Option<&str>) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    for (number, stream) in std::iter::once(content).chain(table).enumerate() {
        let packed = zlib(stream.as_bytes());
        let head = format!(
            "{} 0 obj\n<< /Filter /FlateDecode /Length {} >>\nstream\n",
            number + 1,
            packed.len()
        );
        out.extend([head.as_bytes(), &packed, b"\nendstream\nendobj\n"].concat());
    }
    out.extend(b"trailer << /Root 1 0 R >>\n%%EOF\n");
    out
}

fn in_utf_32(piece: &Piece, kind: &str, order: fn(u32) -> [u8; 4]) -> Request {
    let text = format!("{{\"zz\":{}}}", string(piece));
    let bytes: Vec<u8> = text.chars().flat_map(|c| order(u32::from(c))).collect();
    Request::post(kind, bytes)
}
