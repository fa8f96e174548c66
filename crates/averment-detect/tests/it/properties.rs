//! What holds for all input.

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, RewriteError, inspect, rewrite};
use proptest::prelude::*;

use crate::pack::{cbor, field, frame, msgpack};
use crate::people::{DIRECTORY, found_people, looked_at};
use crate::planted::IDENTIFIERS;
use crate::wrap::{Wrap, wrapped};

const KINDS: [&str; 9] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain",
    "text/plain; charset=utf-16",
    "application/octet-stream",
    "application/x-ndjson",
    "image/png",
    "",
];
const CODINGS: [&str; 8] = ["", "gzip", "deflate", "br", "zstd", "gzip, br", "identity", "own"];
const TREATMENTS: [Treatment; 5] = [
    Treatment::Mask,
    Treatment::Drop,
    Treatment::Hash,
    Treatment::Pseudonym,
    Treatment::Generalise,
];

/// Identifiers whose base64 has 8 characters and more: what is shorter is not told from a word.
pub(crate) fn long() -> impl Strategy<Value = (&'static str, u32)> {
    let long = IDENTIFIERS.iter().filter(|(text, _)| text.len() > 6);
    proptest::sample::select(long.copied().collect::<Vec<_>>())
}

/// Layers that are undone without being named in a header.
fn text_wrap() -> impl Strategy<Value = Wrap> {
    prop_oneof![
        Just(Wrap::Percent),
        Just(Wrap::Base64),
        Just(Wrap::Base64Url),
        Just(Wrap::Json),
        Just(Wrap::Hex),
        Just(Wrap::Base32),
        Just(Wrap::References),
        Just(Wrap::QuotedPrintable),
        Just(Wrap::EncodedWordB),
        Just(Wrap::EncodedWordQ),
        Just(Wrap::Braces),
    ]
}

fn packed() -> impl Strategy<Value = Vec<Wrap>> {
    let pack = prop_oneof![Just(Wrap::Gzip), Just(Wrap::Deflate), Just(Wrap::Zstd)];
    prop_oneof![Just(Vec::new()), pack.prop_map(|pack| vec![pack, Wrap::Base64])]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let word = prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,8}",
        proptest::sample::select(IDENTIFIERS.to_vec()).prop_map(|(text, _)| text.to_owned()),
    ];
    let leaf = prop_oneof![
        word.clone().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::from(8_841_207)),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(word.clone(), inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Types of bodies that hold texts.
const CARRIERS: [&str; 9] = [
    "application/json",
    "application/msgpack",
    "application/cbor",
    "application/x-protobuf",
    "application/grpc",
    "text/html",
    "text/csv",
    "text/event-stream",
    "multipart/mixed; boundary=b",
];

/// The text `content` in a body of the type `kind`.
fn carried(kind: &str, content: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(content.to_vec()).unwrap();
    let value = serde_json::json!({ "n": 1, "d": [text] });
    match kind {
        "application/json" => value.to_string().into_bytes(),
        "application/msgpack" => msgpack(&value),
        "application/cbor" => cbor(&value),
        "application/x-protobuf" => field(1, &field(2, content)),
        "application/grpc" => frame(0, &field(3, content)),
        "text/html" => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            format!("<p title=\"{text}\">x</p>").into_bytes()
        }
        "text/csv" => format!("id,d\r\n1,\"{}\"\r\n", text.replace('"', "\"\"")).into_bytes(),
        "text/event-stream" => format!("data: {text}\n\n").into_bytes(),
        _ => format!("--b\r\n\r\n{text}\r\n--b--\r\n").into_bytes(),
    }
}

fn treated(body: &[u8], kind: &str, treatment: Treatment) -> Result<Vec<u8>, RewriteError> {
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
    rewrite(&message, &DIRECTORY, &Limits::default(), &key, &|_| treatment).map(|out| out.body)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn unwrap_after_wrap_finds_every_planted_identifier(
        (text, person) in long(),
        inner in proptest::collection::vec(text_wrap(), 0..3),
        packed in packed(),
        outer in proptest::collection::vec(text_wrap(), 0..3),
        around in "[ ,;:(]?",
    ) {
        let stack = [inner, packed, outer].concat();
        let body = wrapped(&stack, format!("{around}{text}{around}").as_bytes());
        let inspection = looked_at(&[("content-type", b"text/plain")], &body);
        prop_assert_eq!(found_people(&inspection), vec![person], "{:?}", stack);
        prop_assert!(inspection.unreadable.is_empty(), "{:?} {:?}", stack, inspection.unreadable);
    }

    #[test]
    fn unwrap_after_wrap_finds_it_in_every_carrier(
        (text, person) in long(),
        stack in proptest::collection::vec(text_wrap(), 0..3),
        carrier in 0..CARRIERS.len(),
        around in "[ ,;:(]?",
    ) {
        let kind = CARRIERS[carrier];
        let body = carried(kind, &wrapped(&stack, format!("{around}{text}{around}").as_bytes()));
        let inspection = looked_at(&[("content-type", kind.as_bytes())], &body);
        prop_assert_eq!(found_people(&inspection), vec![person], "{:?} {}", stack, kind);
        prop_assert!(inspection.unreadable.is_empty(), "{:?} {} {:?}", stack, kind, inspection.unreadable);
    }

    #[test]
    fn digests_and_keys_in_any_spelling_are_left_alone(
        bytes in proptest::collection::vec(any::<u8>(), 12..40),
        carrier in 0..CARRIERS.len(),
    ) {
        for wrap in [Wrap::Hex, Wrap::Base32, Wrap::Base64, Wrap::Base64Url] {
            let body = carried(CARRIERS[carrier], &wrapped(&[wrap], &bytes));
            let headers: [(&str, &[u8]); 1] = [("content-type", CARRIERS[carrier].as_bytes())];
            let inspection = looked_at(&headers, &body);
            prop_assert!(inspection.findings.is_empty(), "{:?}", inspection.findings);
            prop_assert_eq!(treated(&body, CARRIERS[carrier], Treatment::Mask).unwrap(), body);
        }
    }

    #[test]
    fn treatment_then_detection_finds_nothing_and_keeps_json_valid(
        value in json(),
        pretty in any::<bool>(),
        treatment in proptest::sample::select(TREATMENTS.to_vec()),
    ) {
        let body = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        let out = treated(&body, "application/json", treatment);
        prop_assert!(out.is_ok(), "{:?}", out.err());
        let out = out.unwrap();
        let inspection = looked_at(&[("content-type", b"application/json")], &out);
        prop_assert!(inspection.findings.is_empty());
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
    }

    #[test]
    fn bytes_outside_the_spans_stay(before in "[ -~&&[^\"\\\\0-9@+]]{0,30}", after in "[ -~&&[^\"\\\\0-9@+]]{0,30}", space in "[ \n\t]{0,3}") {
        let body = format!("{{{space}\"k k\"{space}:{space}1.50E+2,\"s\":\"{before}; ada@school.example ;{after}\",\"k k\":\"\\u00e9\\/\"{space}}}");
        let out = treated(body.as_bytes(), "application/json", Treatment::Mask).unwrap();
        prop_assert_eq!(String::from_utf8(out).unwrap(), body.replace("ada@school.example", "***"));
    }

    #[test]
    fn nothing_panics_on_arbitrary_bytes(
        body in proptest::collection::vec(any::<u8>(), 0..300),
        target in "\\PC{0,40}",
        value in proptest::collection::vec(any::<u8>(), 0..60),
        kind in proptest::sample::select(KINDS.to_vec()),
        coding in proptest::sample::select(CODINGS.to_vec()),
    ) {
        let headers: [(&str, &[u8]); 5] = [
            ("content-type", kind.as_bytes()),
            ("content-encoding", coding.as_bytes()),
            ("cookie", &value),
            ("authorization", &value),
            ("x-é_1", &value),
        ];
        let message = Message { authority: "sink.example", target: &target, headers: &headers, body: &body };
        let _ = inspect(&message, &DIRECTORY, &Limits::default());
    }

    #[test]
    fn nothing_panics_on_text_that_is_nearly_something(
        body in "([{}\\[\\]\",:\\\\@+%=&;./-]|\\\\u[0-9a-f]{4}|%[0-9A-F]{2}|ada|school.example|206|555|0100|é|\u{200b}|--b\r\n|[A-Za-z0-9+/]{8}|\n){0,60}",
        kind in proptest::sample::select(KINDS.to_vec()),
        treatment in proptest::sample::select(TREATMENTS.to_vec()),
    ) {
        match treated(body.as_bytes(), kind, treatment) {
            Ok(out) => prop_assert!(looked_at(&[("content-type", kind.as_bytes())], &out).findings.is_empty()),
            Err(error) => {
                let shown = format!("{error:?}");
                prop_assert!(!shown.contains("school"));
            }
        }
    }

    #[test]
    fn compressed_bodies_cut_or_changed_anywhere_do_not_panic(at in 0_usize..200, flip in any::<u8>(), coding in 1_usize..5) {
        let wraps = [Wrap::Gzip, Wrap::Gzip, Wrap::Deflate, Wrap::Brotli, Wrap::Zstd];
        let mut body = wrapped(&[wraps[coding]], br#"{"email":"ada@school.example","n":[1,2,3],"t":"lorem ipsum dolor sit amet"}"#);
        let at = at % body.len();
        body[at] ^= flip;
        let headers: [(&str, &[u8]); 1] = [("content-encoding", CODINGS[coding].as_bytes())];
        let _ = looked_at(&headers, &body);
        let _ = looked_at(&headers, &body[..at]);
    }
}
