//! Formats that hold texts of their own: mail and requests in bodies, cards, envelopes, BSON, property lists, rich text,
//! PDF, and names in two lines of a text.

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, RewriteError, UnreadableBecause, rewrite};

use crate::people::{directory, found_people, looked_at};
use crate::wrap::{Wrap, wrapped};

fn masked(kind: &str, body: &[u8]) -> Result<Vec<u8>, RewriteError> {
    let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
    let message = Message {
        authority: "sink.example",
        target: "/v1",
        headers: &headers,
        body,
    };
    let key = ReplacementKey {
        key: &[9; 32],
        recipient: "sink",
    };
    rewrite(&message, &directory(), &Limits::default(), &key, &|_| Treatment::Mask).map(|out| out.body)
}

fn people(kind: &str, body: &[u8]) -> Vec<u32> {
    found_people(&looked_at(&[("content-type", kind.as_bytes())], body))
}

const MAIL: &str = "From: School <office@school.example>\r\nSubject: =?utf-8?Q?Ada_Love?=\r\n =?utf-8?Q?lace?=\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\nseen: bjorn=\r\n@school.example\r\n--m\r\n\
    Content-Disposition: attachment; filename*0=\"ada@sch\";\r\n filename*1=\"ool.example.txt\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nYWRhX2w=\r\n--m--\r\n";

#[test]
fn mail_in_a_body_is_read_as_mail() {
    assert!(people("message/rfc822", MAIL.as_bytes()).contains(&1));
    assert!(people("text/plain", MAIL.as_bytes()).contains(&1));
    let raw = String::from_utf8(wrapped(&[Wrap::Base64Url], MAIL.as_bytes())).unwrap();
    let json = serde_json::json!({ "raw": raw }).to_string();
    assert!(people("application/json", json.as_bytes()).contains(&1));
    let pieces =
        "X: 1\r\nContent-Disposition: attachment; filename*0*=utf-8''ada%40sch;\r\n filename*1=ool.example\r\n\r\nx";
    assert_eq!(people("message/rfc822", pieces.as_bytes()), [1]);
}

#[test]
fn requests_of_a_batch_are_read() {
    let body = "--b\r\nContent-Type: application/http\r\n\r\nPOST /v1/x?who=ada%5Fl HTTP/1.1\r\nContent-Type: \
        application/json\r\n\r\n{\"first_name\":\"Ada\",\"last_name\":\"Love\\u006cace\"}\r\n--b--\r\n";
    let kind = "multipart/mixed; boundary=b";
    assert_eq!(people(kind, body.as_bytes()), [1]);
    let out = masked(kind, body.as_bytes()).unwrap();
    assert!(people(kind, &out).is_empty());
}

#[test]
fn cards_and_calendars_are_read_across_their_folds() {
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lovelace;Ada;;;\r\nEMAIL:ada@sch\r\n ool.example\r\nEND:VCARD\r\n";
    for kind in ["text/vcard", "text/plain", ""] {
        assert_eq!(people(kind, card.as_bytes()), [1], "{kind}");
    }
    let event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:ada@scho\r\n\tol.example\r\nEND:VEVENT\r\n";
    let out = masked("text/calendar", event.as_bytes()).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:***\r\nEND:VEVENT\r\n"
    );
    let ldif = "dn: uid=x,dc=example\nmail:: YWRhQHNjaG9vbC5leGFtcGxl\ngivenName: Ada\nsn: Lovelace\n";
    assert_eq!(people("text/x-ldif", ldif.as_bytes()), [1]);
}

#[test]
fn names_in_two_lines_or_pairs_of_a_text_are_found() {
    for (kind, body) in [
        (
            "application/yaml",
            "student:\n  first_name: Ada\n  grade: 7\n  last_name: Lovelace\n",
        ),
        (
            "text/plain",
            "level=info first_name=Ada n=3 last_name=Lovelace msg=\"ok\"\n",
        ),
        (
            "text/plain",
            "[student]\nfirst_name = \"Ada\"\nlast_name = \"Lovelace\"\n",
        ),
        ("text/plain", "givenName: Ada\nou: x y\nsn: Lovelace\n"),
    ] {
        assert_eq!(people(kind, body.as_bytes()), [1], "{body}");
        let out = masked(kind, body.as_bytes()).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            body.replace("Ada", "***").replace("Lovelace", "***")
        );
    }
    let other = "first_name: Ada\n\n".to_owned() + &"x: y\n".repeat(200) + "last_name: Lovelace\n";
    assert!(people("text/plain", other.as_bytes()).is_empty());
}

#[test]
fn envelopes_keep_their_lengths_true() {
    let payload = "{\"user\":{\"email\":\"ada@school.example\"}}";
    let body = format!(
        "{{\"event_id\":\"9ec79c33ec9942ab\"}}\n{{\"type\":\"event\",\"length\":{}}}\n{payload}\n",
        payload.len()
    );
    let kind = "application/x-sentry-envelope";
    assert_eq!(people(kind, body.as_bytes()), [1]);
    let out = String::from_utf8(masked(kind, body.as_bytes()).unwrap()).unwrap();
    assert!(
        out.contains("\"length\":24}\n{\"user\":{\"email\":\"***\"}}\n"),
        "{out}"
    );
    let packed = wrapped(&[Wrap::Gzip], payload.as_bytes());
    let body = [
        format!("{{}}\n{{\"type\":\"attachment\",\"length\":{}}}\n", packed.len()).as_bytes(),
        &packed[..],
        b"\n",
    ]
    .concat();
    assert_eq!(people(kind, &body), [1]);
}

/// The BSON specification: `{"n": 7, "d": {"who": text}, "k": [bytes]}`.
fn bson(text: &str) -> Vec<u8> {
    let string = [&(text.len() as u32 + 1).to_le_bytes()[..], text.as_bytes(), &[0]].concat();
    let document = |inside: &[u8]| [&(inside.len() as u32 + 5).to_le_bytes()[..], inside, &[0]].concat();
    let inner = document(&[&b"\x02who\0"[..], &string].concat());
    let number = [&b"\x12id\0"[..], &8_841_207_u64.to_le_bytes()].concat();
    document(&[&b"\x10n\0\x07\0\0\0\x03d\0"[..], &inner, &number].concat())
}

#[test]
fn bson_is_read_and_its_lengths_stay_true() {
    let body = bson("ada@school.example");
    for kind in ["application/bson", "application/octet-stream"] {
        assert_eq!(people(kind, &body), [1]);
    }
    assert!(
        masked("application/bson", &body).is_err(),
        "a number cannot be replaced"
    );
    let number = [&b"\x12id\0"[..], &8_841_207_u64.to_le_bytes()].concat();
    let none = [&b"\x12id\0"[..], &5_u64.to_le_bytes()].concat();
    let swap = |bytes: &[u8]| {
        let at = bytes.windows(number.len()).position(|part| part == number).unwrap();
        [&bytes[..at], &none, &bytes[at + number.len()..]].concat()
    };
    assert_eq!(masked("application/bson", &swap(&body)).unwrap(), swap(&bson("***")));
    let cut = looked_at(&[("content-type", b"application/bson")], &body[..20]);
    assert_eq!(cut.unreadable[0].because, UnreadableBecause::Malformed);
}

#[test]
fn property_lists_are_read() {
    // One array of a text in ASCII and one in UTF-16, by hand.
    let ascii = [&[0x5f, 0x10, 18][..], b"ada@school.example"].concat();
    let wide: Vec<u8> = "Björn Åström".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let wide = [&[0x6c][..], &wide].concat();
    let mut body = [&b"bplist00\xa2\x01\x02"[..], &ascii, &wide].concat();
    let offsets = [8, 11, 11 + ascii.len() as u8];
    let table = body.len() as u64;
    body.extend(offsets);
    body.extend([0, 0, 0, 0, 0, 0, 1, 1]);
    body.extend([3_u64, 0, table].iter().flat_map(|number| number.to_be_bytes()));
    assert_eq!(people("application/x-plist", &body), [1, 4]);
    assert!(masked("application/x-plist", &body).is_err());
}

#[test]
fn rich_text_is_read() {
    let body = "{\\rtf1\\ansi\\ansicpg1252 Dear Bj\\'f6rn {\\b \\u197?str\\u246?m}, all is well\\par}";
    assert_eq!(people("application/rtf", body.as_bytes()), [4]);
    assert_eq!(people("text/rtf", body.as_bytes()), [4]);
    assert!(masked("text/rtf", body.as_bytes()).is_err());
}

/// A document with one page and a table of letters, as small as may be.
fn pdf(shown: &str, table: Option<&str>) -> Vec<u8> {
    let stream = |content: &str| {
        let packed = wrapped(&[Wrap::Deflate], content.as_bytes());
        let head = format!("<< /Filter /FlateDecode /Length {} >>\nstream\r\n", packed.len());
        [head.as_bytes(), &packed, b"\r\nendstream\nendobj\n"].concat()
    };
    let content = format!("BT /F1 12 Tf 72 720 Td {shown} ET");
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n".to_vec();
    out.extend(stream(&content));
    if let Some(table) = table {
        out.extend(b"2 0 obj\n");
        out.extend(stream(table));
    }
    out.extend(b"trailer << /Root 1 0 R /Info << /Author (ada\\137l) >> >>\n%%EOF\n");
    out
}

#[test]
fn texts_of_a_pdf_are_found_and_it_stays_unreadable() {
    let codes: String = "Björn Åström"
        .chars()
        .enumerate()
        .map(|(at, _)| format!("{:04x}", at + 1))
        .collect();
    let rows: String = "Björn Åström"
        .chars()
        .enumerate()
        .map(|(at, c)| format!("<{:04x}> <{:04x}>\n", at + 1, u32::from(c)))
        .collect();
    let table = format!("/CIDInit /ProcSet findresource begin\n12 beginbfchar\n{rows}endbfchar\nend");
    for (body, wanted) in [
        (pdf("(see ada@school) Tj [(.ex) -20 (ample)] TJ", None), vec![1]),
        (pdf("[(Bj\\366rn) -278 (\\305str\\366m)] TJ", None), vec![1, 4]),
        (pdf(&format!("<{codes}> Tj"), Some(&table)), vec![1, 4]),
    ] {
        for kind in ["application/pdf", "", "application/octet-stream"] {
            let inspection = looked_at(&[("content-type", kind.as_bytes())], &body);
            assert_eq!(found_people(&inspection), wanted, "{kind}");
            assert!(!inspection.unreadable.is_empty());
        }
        assert!(masked("application/pdf", &body).is_err());
    }
}

#[test]
fn keys_and_passwords_are_found_in_bodies_alone() {
    let token = format!("ghp_{}", "a1B2".repeat(9));
    for (body, element) in [
        (format!("{{\"zz\":\"{token}\"}}"), "account.session_token"),
        (
            format!("{{\"zz\":\"see AKIA{} ok\"}}", "IOSFODNN7EXAMPLE"),
            "account.session_token",
        ),
        (
            "{\"zz\":\"https://robot:s3cr3tpw@db.example/x\"}".to_owned(),
            "account.password",
        ),
        (
            format!("-----BEGIN {} KEY-----\n{}\n-----END", "PRIVATE", "q9Zx".repeat(16)),
            "account.password",
        ),
        ("DNI: 12345678Z".to_owned(), "identity.gov_id.other"),
        ("NHS number 943 476 5919".to_owned(), "identity.gov_id.other"),
        ("Steuer-ID 86095742719".to_owned(), "identity.gov_id.other"),
    ] {
        let inspection = looked_at(&[("content-type", b"text/plain")], body.as_bytes());
        let elements: Vec<&str> = inspection.findings.iter().map(|found| found.element.as_str()).collect();
        assert_eq!(elements, [element], "{body}");
        let out = masked("text/plain", body.as_bytes()).unwrap();
        assert!(looked_at(&[("content-type", b"text/plain")], &out).findings.is_empty());
    }
    let header = format!("Bearer {token}");
    assert!(
        looked_at(&[("authorization", header.as_bytes())], b"")
            .findings
            .is_empty()
    );
    for body in [
        "https://k3y@o1.ingest.example/42",
        "order 9434765919",
        "86095742719",
        "12345678Z",
    ] {
        let inspection = looked_at(&[("content-type", b"text/plain")], body.as_bytes());
        assert!(inspection.findings.is_empty(), "{body} {:?}", inspection.findings);
    }
}

#[test]
fn mail_in_mail_and_wrong_tables_end_somewhere() {
    let head = "X: 1\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n";
    let inspection = looked_at(&[("content-type", b"message/rfc822")], head.repeat(300).as_bytes());
    assert!(
        inspection
            .unreadable
            .iter()
            .any(|hole| hole.because == UnreadableBecause::TooDeep)
    );
    let plain = "X: 1\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n";
    let _ = looked_at(&[("content-type", b"text/plain")], plain.repeat(300).as_bytes());
    let table = format!("beginbfrange\n{}endbfrange", "<0000> <ffff> <0041>\n".repeat(3000));
    let _ = looked_at(&[("content-type", b"application/pdf")], &pdf("(ada) Tj", Some(&table)));
}
