//! Binary formats: msgpack, CBOR, protocol buffers, gRPC. Lengths stay true after a rewrite.

use averment_catalog::Treatment;
use averment_detect::{Layer, Limits, Message, ReplacementKey, UnreadableBecause, rewrite};
use serde_json::{Value, json};

use crate::formats::masked;
use crate::pack::{cbor, cbor_string, field, frame, msgpack, number_field, varint};
use crate::people::{directory, found_people, looked_at};
use crate::planted::IDENTIFIERS;
use crate::wrap::{Wrap, wrapped};

const PROTOBUF: &str = "application/x-protobuf";

fn people(kind: &str, body: &[u8]) -> Vec<u32> {
    let inspection = looked_at(&[("content-type", kind.as_bytes())], body);
    assert!(inspection.unreadable.is_empty(), "{kind}: {:?}", inspection.unreadable);
    found_people(&inspection)
}

fn notes(kind: &str, body: &[u8]) -> Vec<UnreadableBecause> {
    let inspection = looked_at(&[("content-type", kind.as_bytes())], body);
    inspection.unreadable.iter().map(|note| note.because).collect()
}

fn document(text: &str) -> Value {
    json!({ "n": [1, -5, 2.5, null, true, []], "user": { "email": text, format!("zz {text}"): { "z": "ok" } }, "e": {} })
}

fn message(text: &str) -> Vec<u8> {
    let inner = [field(1, text.as_bytes()), number_field(2, 7)].concat();
    [
        number_field(1, 150),
        field(3, &[field(2, &inner), field(4, b"\x00\xff\x10")].concat()),
        field(9, b"ok"),
    ]
    .concat()
}

#[test]
fn every_planted_identifier_is_found_and_masked() {
    for (text, person) in IDENTIFIERS {
        for (kind, body, after) in [
            (
                "application/msgpack",
                msgpack(&document(text)),
                msgpack(&document("***")),
            ),
            ("application/cbor", cbor(&document(text)), cbor(&document("***"))),
            ("application/senml+cbor", cbor(&document(text)), cbor(&document("***"))),
            (PROTOBUF, message(text), message("***")),
            (
                "application/grpc",
                [frame(0, &message(text)), frame(0, b"")].concat(),
                [frame(0, &message("***")), frame(0, b"")].concat(),
            ),
            (
                "application/grpc-web+proto",
                [
                    frame(0, &message(text)),
                    frame(0x80, format!("x-who: {text}\r\n").as_bytes()),
                ]
                .concat(),
                [frame(0, &message("***")), frame(0x80, b"x-who: ***\r\n")].concat(),
            ),
            (
                "application/grpc-web-text",
                wrapped(&[Wrap::Base64], &frame(0, &message(text))),
                wrapped(&[Wrap::Base64], &frame(0, &message("***"))),
            ),
            (
                "application/grpc+json",
                frame(0, format!("{{\"a\":\"{text}\"}}").as_bytes()),
                frame(0, b"{\"a\":\"***\"}"),
            ),
        ] {
            assert_eq!(people(kind, &body), [person], "{kind}: {text}");
            assert_eq!(masked(kind, &body).unwrap(), after, "{kind}: {text}");
        }
    }
}

#[test]
fn encodings_inside_binary_fields_are_undone() {
    let json = wrapped(&[Wrap::Json], b"ada@school.example");
    let deep = wrapped(&[Wrap::Json, Wrap::Gzip], b"ada@school.example");
    for content in [
        json,
        deep,
        wrapped(&[Wrap::Utf16Le], b"ada@school.example"),
        msgpack(&document("ada_l")),
    ] {
        let body = field(5, &field(1, &content));
        assert_eq!(people(PROTOBUF, &body), [1], "{content:?}");
        assert!(masked(PROTOBUF, &body).is_ok());
        let body = [b"\xa1\x61d".as_slice(), &cbor_string(2, &content)].concat();
        assert_eq!(people("application/cbor", &body), [1], "{content:?}");
        assert!(masked("application/cbor", &body).is_ok());
    }
}

#[test]
fn binary_in_base64_is_read() {
    for content in [
        message("ada@school.example"),
        msgpack(&document("ada_l")),
        cbor(&document("ada_l")),
    ] {
        for wrap in [Wrap::Base64, Wrap::Base64Url] {
            let text = String::from_utf8(wrapped(&[wrap], &content)).unwrap();
            let body = json!({ "d": text }).to_string();
            assert_eq!(people("application/json", body.as_bytes()), [1], "{text}");
            assert!(masked("application/json", body.as_bytes()).is_ok(), "{text}");
        }
    }
}

#[test]
fn bodies_without_a_type_are_told_by_what_they_are() {
    assert_eq!(people("application/octet-stream", &msgpack(&document("ada_l"))), [1]);
    assert_eq!(people("", &cbor(&document("ada_l"))), [1]);
    // A message is a weak mark: what is in it counts, and that it may be something else is said.
    let body = field(1, &wrapped(&[Wrap::Json, Wrap::Gzip], b"ada@school.example"));
    let inspection = looked_at(&[], &body);
    assert_eq!((found_people(&inspection), inspection.unreadable.len()), (vec![1], 1));
}

#[test]
fn numbers_are_found() {
    for (kind, body, rewritable) in [
        ("application/msgpack", msgpack(&json!({ "id": 8_841_207 })), true),
        ("application/msgpack", msgpack(&json!([8_841_207.0])), true),
        ("application/cbor", cbor(&json!({ "id": 8_841_207 })), true),
        ("application/cbor", cbor(&json!({ "phone": 12_065_550_100_u64 })), true),
        (PROTOBUF, number_field(1, 8_841_207), true),
        (
            PROTOBUF,
            field(1, &[varint(5), varint(8_841_207), varint(3)].concat()),
            false,
        ),
        (
            PROTOBUF,
            [&[0x0d], 8_841_207_u32.to_le_bytes().as_slice()].concat(),
            true,
        ),
        (
            PROTOBUF,
            [&[0x09], 8_841_207_f64.to_le_bytes().as_slice()].concat(),
            true,
        ),
    ] {
        assert_eq!(people(kind, &body), [1], "{kind} {body:?}");
        assert_eq!(masked(kind, &body).is_ok(), rewritable, "{kind} {body:?}");
    }
}

#[test]
fn halves_of_names_are_found() {
    let value = json!({ "user": { "first_name": "Ada", "x": [1], "last_name": "Lovelace" } });
    let after = json!({ "user": { "first_name": "***", "x": [1], "last_name": "***" } });
    assert_eq!(people("application/msgpack", &msgpack(&value)), [1]);
    assert_eq!(
        masked("application/msgpack", &msgpack(&value)).unwrap(),
        msgpack(&after)
    );
    assert_eq!(masked("application/cbor", &cbor(&value)).unwrap(), cbor(&after));
}

#[test]
fn strings_in_pieces_are_joined() {
    let body = [b"\xa1\x61e\x7f".as_slice(), b"\x64ada@\x66school\x68.example", b"\xff"].concat();
    assert_eq!(people("application/cbor", &body), [1]);
    assert_eq!(masked("application/cbor", &body).unwrap(), b"\xa1\x61e\x63***");
}

#[test]
fn frames_are_unpacked_as_the_header_says() {
    let packed = wrapped(&[Wrap::Gzip], &message("ada@school.example"));
    let body = frame(1, &packed);
    let headers: [(&str, &[u8]); 2] = [("content-type", b"application/grpc"), ("grpc-encoding", b"gzip")];
    let inspection = looked_at(&headers, &body);
    assert_eq!(found_people(&inspection), [1]);
    assert_eq!(
        inspection.findings[0].layers,
        [Layer::Grpc, Layer::Gzip, Layer::Protobuf]
    );
    let message = Message {
        authority: "sink.example",
        target: "/v1",
        headers: &headers,
        body: &body,
    };
    let key = ReplacementKey {
        key: &[9; 32],
        recipient: "sink",
    };
    let out = rewrite(&message, &directory(), &Limits::default(), &key, &|_| Treatment::Mask).unwrap();
    let length = u32::from_be_bytes(out.body[1..5].try_into().unwrap()) as usize;
    assert_eq!(length + 5, out.body.len());
    assert!(looked_at(&headers, &out.body).findings.is_empty());
    // Without the header nobody knows how.
    assert_eq!(notes("application/grpc", &body), [UnreadableBecause::UnknownFormat]);
}

#[test]
fn what_is_not_what_it_says_is_malformed() {
    for (kind, body) in [
        ("application/msgpack", b"\xc1".as_slice()),
        ("application/msgpack", b"\x82\xa1a\x01\xa1b"),
        ("application/msgpack", b"\xdf\xff\xff\xff\xff"),
        ("application/cbor", b"\xa1\x61a"),
        ("application/cbor", b"\xbf\x61a\xff"),
        ("application/cbor", b"\xff"),
        ("application/cbor", b"\xc1"),
        ("application/cbor", b"\x7f\x41a\xff"),
        ("application/cbor", b"\x1c"),
        (PROTOBUF, b"\x0a\x05ab"),
        (PROTOBUF, b"\x00\x01"),
        (PROTOBUF, b"\x0b\x14"),
        (PROTOBUF, b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        ("application/grpc", b"\0\0\0\0\x09abc"),
        ("application/grpc", b"\0\0"),
        ("application/grpc-web-text", b"A"),
    ] {
        assert_eq!(notes(kind, body), [UnreadableBecause::Malformed], "{kind} {body:?}");
    }
    assert_eq!(notes("application/cbor", &[0x81; 1000]), [UnreadableBecause::TooDeep]);
    assert_eq!(
        notes("application/msgpack", &[0x91; 1000]),
        [UnreadableBecause::TooDeep]
    );
    let nested = (0..1000).fold(b"\xff\xff\xff".to_vec(), |inner, _| field(1, &inner));
    assert_eq!(notes(PROTOBUF, &nested), [UnreadableBecause::TooDeep]);
    let random: Vec<u8> = (0..100_u8).map(|n| n.wrapping_mul(151) ^ 0xa5).collect();
    assert_eq!(notes(PROTOBUF, &field(1, &random)), [UnreadableBecause::UnknownFormat]);
    assert!(notes(PROTOBUF, &field(1, &random[..20])).is_empty());
}

#[test]
fn binary_without_identifiers_is_left_alone() {
    for (kind, body) in [
        ("application/msgpack", msgpack(&document("nobody at all"))),
        ("application/cbor", cbor(&document("nobody at all"))),
        (PROTOBUF, message("nobody at all")),
        (PROTOBUF, field(1, b"\n a line that looks like a field")),
    ] {
        assert!(people(kind, &body).is_empty());
        assert_eq!(masked(kind, &body).unwrap(), body);
    }
}
