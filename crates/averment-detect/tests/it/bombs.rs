//! Small input that wants much work: it ends as unreadable, within the limits.

use averment_catalog::Treatment;
use averment_detect::{Inspection, Limits, Message, ReplacementKey, UnreadableBecause, rewrite};

use crate::people::{directory, looked_at};
use crate::wrap::{Wrap, wrapped};

fn reasons(inspection: &Inspection) -> Vec<UnreadableBecause> {
    inspection.unreadable.iter().map(|note| note.because).collect()
}

fn json(body: &[u8]) -> Inspection {
    looked_at(&[("content-type", b"application/json")], body)
}

#[test]
fn a_body_of_zeros_a_thousand_times_its_size_is_too_large() {
    for (coding, wrap) in [
        ("gzip", Wrap::Gzip),
        ("deflate", Wrap::Deflate),
        ("br", Wrap::Brotli),
        ("zstd", Wrap::Zstd),
    ] {
        let bomb = wrapped(&[wrap], &vec![b' '; 40 << 20]);
        let headers: [(&str, &[u8]); 2] = [("content-encoding", coding.as_bytes()), ("content-type", b"text/plain")];
        assert_eq!(
            reasons(&looked_at(&headers, &bomb)),
            [UnreadableBecause::TooLarge],
            "{coding}"
        );
    }
}

#[test]
fn a_bomb_in_base64_in_json_is_too_large() {
    let bomb = wrapped(&[Wrap::Gzip, Wrap::Base64, Wrap::Json], &vec![b'a'; 40 << 20]);
    assert_eq!(reasons(&json(&bomb)), [UnreadableBecause::TooLarge]);
}

#[test]
fn json_a_thousand_deep_is_too_deep() {
    let deep = [vec![b'['; 1000], vec![b']'; 1000]].concat();
    assert_eq!(reasons(&json(&deep)), [UnreadableBecause::TooDeep]);
    let objects = ["{\"a\":".repeat(100_000), "1".to_owned(), "}".repeat(100_000)].concat();
    assert_eq!(reasons(&json(objects.as_bytes())), [UnreadableBecause::TooDeep]);
}

#[test]
fn twelve_gzips_around_json_are_too_deep() {
    let bomb = wrapped(&[Wrap::Gzip; 12], br#"{"a":1}"#);
    let codings = ["gzip"; 12].join(", ");
    let headers: [(&str, &[u8]); 2] = [
        ("content-encoding", codings.as_bytes()),
        ("content-type", b"application/json"),
    ];
    assert_eq!(reasons(&looked_at(&headers, &bomb)), [UnreadableBecause::TooDeep]);
}

#[test]
fn twenty_base64_inside_each_other_are_too_deep() {
    let bomb = wrapped(&[Wrap::Base64; 20], b"ada@school.example");
    assert_eq!(reasons(&looked_at(&[], &bomb)), [UnreadableBecause::TooDeep]);
}

#[test]
fn a_form_of_a_million_pairs_has_too_many() {
    let headers: [(&str, &[u8]); 1] = [("content-type", b"application/x-www-form-urlencoded")];
    assert_eq!(
        reasons(&looked_at(&headers, "a=b&".repeat(1_000_000).as_bytes())),
        [UnreadableBecause::TooMany]
    );
}

#[test]
fn a_multipart_of_a_hundred_thousand_parts_has_too_many() {
    let headers: [(&str, &[u8]); 1] = [("content-type", b"multipart/form-data; boundary=b")];
    let body = ["--b\r\n\r\nx\r\n".repeat(100_000), "--b--".to_owned()].concat();
    assert_eq!(
        reasons(&looked_at(&headers, body.as_bytes())),
        [UnreadableBecause::TooMany]
    );
}

#[test]
fn a_flood_of_addresses_has_too_many() {
    let inspection = looked_at(&[], "a@b.example ".repeat(100_000).as_bytes());
    assert_eq!(reasons(&inspection), [UnreadableBecause::TooMany]);
    assert_eq!(inspection.findings.len(), Limits::default().parts_max);
}

#[test]
fn one_long_run_of_anything_takes_linear_time() {
    for unit in [
        "@",
        "a",
        "1",
        "1-",
        "(",
        "+1 ",
        "a.",
        "%25",
        "\\\"",
        "=",
        "A/",
        "a ",
        "-",
        "--b\r\n",
        "ada ",
        "é",
        "\u{301}",
        "%",
        "12 34 ",
        "<",
        "<a ",
        "<a b='",
        "</a>",
        "<!--",
        "<![CDATA[",
        "&#64;",
        "&",
        "=4",
        "=\n",
        "=?",
        "=?a?Q?x",
        "\"",
        "\"\"",
        ",",
        "data:x\n",
        "\n",
        "\x0a\x02",
        "\u{81}",
        "first_name=x&",
        "<first>x</first>",
        "6164",
        "\\",
        "\\141",
        "AAAAAAAAAAAAAAAA ",
        "begin 644 x ",
        "-----BEGIN PRIVATE KEY-----",
        "+A",
        "&AGE",
        "%PDF-1.7 stream\n< ( ",
        "1, ",
        "AAAA ",
        "http://a:b",
        "PK\x03\x04",
        "\0a",
    ] {
        for kind in [
            "text/html",
            "text/csv",
            "text/event-stream",
            "application/cbor",
            "application/x-protobuf",
            "image/png",
        ] {
            let _ = looked_at(
                &[("content-type", kind.as_bytes())],
                unit.repeat((1 << 16) / unit.len()).as_bytes(),
            );
        }
        let _ = looked_at(&[], unit.repeat((1 << 18) / unit.len()).as_bytes());
        let _ = looked_at(
            &[("content-type", b"multipart/mixed; boundary=b")],
            unit.repeat((1 << 16) / unit.len()).as_bytes(),
        );
    }
}

#[test]
fn readings_inside_readings_do_not_multiply() {
    // Whatever is undone first, what comes out can be undone in three ways again.
    let seed = "%25".repeat(6) + &"=3D".repeat(6) + &"\\\\".repeat(64) + "&amp;amp;amp;#64;";
    let inspection = looked_at(&[], seed.repeat(20).as_bytes());
    assert!(inspection.unreadable.len() <= 1, "{:?}", inspection.unreadable);
}

#[test]
fn what_cannot_be_read_is_never_clean() {
    type Case = (
        &'static [(&'static str, &'static [u8])],
        &'static [u8],
        UnreadableBecause,
    );
    let cases: [Case; 15] = [
        (
            &[("content-type", b"application/json")],
            b"{}\n{}",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-type", b"application/json")],
            b"{\"a\":1,}",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-type", b"application/json")],
            b"{\"a\":\"\xff\"}",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-type", b"application/json")],
            b"{'a':1}",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-encoding", b"gzip")],
            b"not gzip at all",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-encoding", b"br")],
            b"not brotli at all",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-encoding", b"zstd")],
            b"not zstd at all",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-encoding", b"x-own")],
            b"anything",
            UnreadableBecause::UnknownFormat,
        ),
        (
            &[("content-type", b"image/png")],
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe",
            UnreadableBecause::UnknownFormat,
        ),
        (
            &[("content-type", b"application/x-protobuf")],
            b"\x0a\x03abc\x00\x01",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-type", b"text/plain; charset=utf-16")],
            b"plain text after all",
            UnreadableBecause::UnknownFormat,
        ),
        (
            &[("content-type", b"text/plain; charset=utf-16le")],
            b"\xff\xfea\0\0\xd8",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-type", b"application/xml")],
            b"<!DOCTYPE a [<!ENTITY x \"ada\">]><a>&x;_l</a>",
            UnreadableBecause::UnknownFormat,
        ),
        (
            &[("content-type", b"multipart/form-data")],
            b"--b\r\n\r\nx\r\n--b--",
            UnreadableBecause::Malformed,
        ),
        (
            &[("content-type", b"multipart/form-data; boundary=b")],
            b"--b\r\n\r\nx\r\n",
            UnreadableBecause::Malformed,
        ),
    ];
    for (headers, body, because) in cases {
        assert_eq!(
            reasons(&looked_at(headers, body)),
            [because],
            "{headers:?} {}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn what_travels_beside_the_content_is_looked_at_and_removed() {
    use std::io::Write as _;
    let mut stream = flate2::GzBuilder::new()
        .filename("ada_l.txt")
        .comment("ada@school.example")
        .write(Vec::new(), flate2::Compression::fast());
    stream.write_all(b"clean").unwrap();
    let gzip = stream.finish().unwrap();
    let note = b"from ada@school.example";
    let skippable = [
        b"\x52\x2a\x4d\x18".as_slice(),
        &(note.len() as u32).to_le_bytes(),
        note,
        &wrapped(&[Wrap::Zstd], b"clean"),
    ]
    .concat();
    for (coding, body) in [("gzip", gzip), ("zstd", skippable)] {
        let headers: [(&str, &[u8]); 1] = [("content-encoding", coding.as_bytes())];
        assert_eq!(
            crate::people::found_people(&looked_at(&headers, &body)),
            [1],
            "{coding}"
        );
        let message = Message {
            authority: "sink.example",
            target: "/",
            headers: &headers,
            body: &body,
        };
        let key = ReplacementKey {
            key: &[9; 32],
            recipient: "sink",
        };
        let out = rewrite(&message, &directory(), &Limits::default(), &key, &|_| Treatment::Drop).unwrap();
        assert!(looked_at(&headers, &out.body).findings.is_empty());
    }
}

#[test]
fn a_cut_stream_is_malformed_and_still_looked_at() {
    let whole = wrapped(
        &[Wrap::Gzip],
        format!("ada@school.example {}", "lorem ipsum ".repeat(9999)).as_bytes(),
    );
    let inspection = looked_at(&[("content-encoding", b"gzip")], &whole[..whole.len() - 20]);
    assert_eq!(reasons(&inspection), [UnreadableBecause::Malformed]);
    assert_eq!(crate::people::found_people(&inspection), [1]);
}

#[test]
fn what_does_not_parse_is_scanned_as_bytes() {
    let bodies: [(&str, &[u8]); 4] = [
        ("application/json", br#"{"email":"ada@school.example",}"#),
        ("application/json", br#"{"email":"\u0061da\u0040school.example",}"#),
        ("application/x-protobuf", b"\x0a\x12ada@school.example\x10\x01\xff"),
        ("multipart/form-data", b"--b\r\n\r\nada@school.example\r\n"),
    ];
    for (kind, body) in bodies {
        let inspection = looked_at(&[("content-type", kind.as_bytes())], body);
        assert_eq!(crate::people::found_people(&inspection), [1], "{kind}");
        assert!(!inspection.unreadable.is_empty(), "{kind}");
    }
}
