//! Notations that are rare: each is undone wherever a text stands, and put back or refused.

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, RewriteError, rewrite};

use crate::people::{directory, found_people, looked_at};
use crate::wrap::{Wrap, wrapped};

/// What becomes of a text when it is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    Put,
    Refused,
}

fn spelled(text: &str, gap: &str, spell: impl Fn(u8) -> String) -> String {
    text.bytes().map(spell).collect::<Vec<_>>().join(gap)
}

/// Text, whose identifier it holds, and whether it can be put back.
fn rows() -> Vec<(String, u32, Back)> {
    let ada = "ada@school.example";
    let packed = |stack: &[Wrap], text: &str| String::from_utf8(wrapped(stack, text.as_bytes())).unwrap();
    let long = "{\"who\":\"ada@school.example\",\"n\":[1,2,3],\"t\":\"some words\"}";
    let utf32: Vec<u8> = ada.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let mut rows: Vec<(String, u32)> = vec![
        (spelled(ada, " ", |b| format!("{b:02x}")), 1),
        (spelled(ada, ":", |b| format!("{b:02X}")), 1),
        (format!("see {} and", spelled(ada, ", ", |b| format!("0x{b:02x}"))), 1),
        (
            format!("String.fromCharCode({})", spelled(ada, ",", |b| b.to_string())),
            1,
        ),
        (spelled(ada, " ", |b| format!("{b:03o}")), 1),
        (spelled(ada, " ", |b| format!("{b:08b}")), 1),
        ("6164 6140 7363 686f 6f6c 2e65 7861 6d70 6c65".to_owned(), 1),
        ("C5I62G3JDHNMUR355PGMSPBIELQMSSR".to_owned(), 0),
        (packed(&[Wrap::RawDeflate, Wrap::Base64], long), 1),
        (packed(&[Wrap::Brotli, Wrap::Base64Url], long), 1),
        (String::from_utf8(wrapped(&[Wrap::Base64], &utf32)).unwrap(), 1),
        ("YWRh QHNj aG9v bC5l eGFt cGxl".to_owned(), 1),
        ("ASUA2v97ImtpbmQiOiJub3RlIiwienoiOlsiODg0MTIwJTM3JTIwIl19".to_owned(), 0),
        ("YWRhX2w".to_owned(), 1),
        ("ada+AEA-school.example".to_owned(), 1),
        ("\\61 da\\40 school.example".to_owned(), 1),
        ("<~@:Wnebu1@eBS>uj~>".to_owned(), 0),
    ];
    rows.retain(|(_, person)| *person != 0);
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|(text, person)| (text, person, Back::Put))
        .collect();
    // What stands there is an address of somebody, too.
    rows.push(("&AGEAZABh-@school.example".to_owned(), 1, Back::Refused));
    rows
}

fn masked(headers: &[(&str, &[u8])], body: &[u8]) -> Result<Vec<u8>, RewriteError> {
    let message = Message {
        authority: "sink.example",
        target: "/v1",
        headers,
        body,
    };
    let key = ReplacementKey {
        key: &[9; 32],
        recipient: "sink",
    };
    rewrite(&message, &directory(), &Limits::default(), &key, &|_| Treatment::Mask).map(|out| out.body)
}

#[test]
fn every_row_is_found_and_masked_in_text_json_and_forms() {
    let mut faults = Vec::new();
    for (text, person, back) in rows() {
        let json = serde_json::json!({ "a": [{ "zz": text }], "b": 1 }).to_string();
        let percent = String::from_utf8(wrapped(&[Wrap::Percent], text.as_bytes())).unwrap();
        for (kind, body) in [
            ("text/plain", text.clone()),
            ("application/json", json),
            ("application/x-www-form-urlencoded", format!("a=1&zz={percent}")),
        ] {
            let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
            let inspection = looked_at(&headers, body.as_bytes());
            if found_people(&inspection) != [person] || !inspection.unreadable.is_empty() {
                faults.push(format!(
                    "{kind}: {text}: {:?} {:?}",
                    inspection.findings, inspection.unreadable
                ));
            }
            match (masked(&headers, body.as_bytes()), back) {
                (Ok(out), Back::Put) if looked_at(&headers, &out).findings.is_empty() => {}
                (Err(_), Back::Refused) => {}
                (out, _) => faults.push(format!("{kind}: {text}: {:?}", out.map(|out| out.len()))),
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn arrays_of_bytes_are_masked_as_arrays_of_bytes() {
    for (body, wanted) in [
        (
            r#"{"type":"Buffer","data":[97,100,97,95,108,32,33]}"#,
            r#"{"type":"Buffer","data":[42,42,42,32,33]}"#,
        ),
        ("[ 97,\n 100,\n 97,\n 95,\n 108 ]", "[ 42,\n 42,\n 42 ]"),
        (
            "[74,111,115,-61,-87,32,78,-61,-70,-61,-79,101,122]",
            "[74,111,115,-61,-87,32,78,-61,-70,-61,-79,101,122]",
        ),
    ] {
        let headers: [(&str, &[u8]); 1] = [("content-type", b"application/json")];
        let out = masked(&headers, body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }
    let indexed = br#"{"0":97,"1":100,"2":97,"3":95,"4":108}"#;
    let headers: [(&str, &[u8]); 1] = [("content-type", b"application/json")];
    assert_eq!(found_people(&looked_at(&headers, indexed)), [1]);
    assert!(
        masked(&headers, indexed).is_err(),
        "the places of an object cannot be put back"
    );
}

#[test]
fn lists_and_words_of_other_things_are_left_alone() {
    for body in [
        "12 61 64 61 95 33 40 41 42 43 44 45",
        "00:1b:44:11:3a:b7 41:42:43:44:45:46 10.0.0.12",
        "2024-01-15T10:20:30.123Z 12:30:45:12 550e8400-e29b-41d4-a716-446655440000",
        "scores: 97, 98, 99, 100, 88, 76, 65, 90",
        "M 10 20 30 40 50 60 L 70 80 90 11 22 33 Z",
        "1+1=2 a+b+c C++ &copy; +AB- &- R&D Q&A-B",
        "C:\\abc\\def \\1 \\f00d .icon::before { content: '\\201C'; }",
        "userProperties createdAtTimestamp XMLHttpRequest getElementsByTagName",
        "this that with some word here more than four each line",
        "events screen action target theme1 level9",
    ] {
        for kind in ["text/plain", "application/json"] {
            let body = if kind == "text/plain" {
                body.to_owned()
            } else {
                serde_json::json!({ "zz": [body] }).to_string()
            };
            let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
            let inspection = looked_at(&headers, body.as_bytes());
            assert!(inspection.findings.is_empty(), "{body}: {:?}", inspection.findings);
            assert!(inspection.unreadable.is_empty(), "{body}: {:?}", inspection.unreadable);
        }
    }
}

#[test]
fn code_pages_that_nothing_tells_of_are_tried() {
    // `Иван Петров` is nobody of the directory; a name of Windows-1250 is.
    let body = b"name: Bj\xf6rn \xc5str\xf6m, \xc8\xe8".to_vec();
    assert_eq!(found_people(&looked_at(&[("content-type", b"text/plain")], &body)), [4]);
}

#[test]
fn brotli_and_bare_deflate_that_no_header_tells_of_are_read() {
    let json = b"{\"who\":\"ada@school.example\",\"n\":[1,2,3],\"t\":\"some words\"}";
    for stack in [&[Wrap::Brotli][..], &[Wrap::RawDeflate], &[Wrap::Gzip, Wrap::Brotli]] {
        let body = wrapped(stack, json);
        let inspection = looked_at(&[("content-type", b"application/octet-stream")], &body);
        assert_eq!(found_people(&inspection), [1], "{stack:?}");
        assert!(
            inspection.unreadable.is_empty(),
            "{stack:?} {:?}",
            inspection.unreadable
        );
    }
}

#[test]
fn utf_32_is_read_with_and_without_a_mark() {
    let text = "{\"who\":\"ada@school.example\"}";
    let units = |order: fn(u32) -> [u8; 4]| -> Vec<u8> { text.chars().flat_map(|c| order(u32::from(c))).collect() };
    for (kind, body) in [
        ("application/json", units(u32::to_le_bytes)),
        ("application/json; charset=utf-32", units(u32::to_be_bytes)),
        ("", [&[0xff, 0xfe, 0, 0], &units(u32::to_le_bytes)[..]].concat()),
        (
            "text/plain",
            [&[0, 0, 0xfe, 0xff], &units(u32::to_be_bytes)[..]].concat(),
        ),
    ] {
        let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
        let inspection = looked_at(&headers, &body);
        assert_eq!(found_people(&inspection), [1], "{kind}");
        let out = masked(&headers, &body).unwrap();
        assert!(looked_at(&headers, &out).findings.is_empty(), "{kind}");
        assert!(out.len() < body.len());
    }
}
