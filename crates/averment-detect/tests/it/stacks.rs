//! What holds for random stacks of encodings, random places and random look-alikes.

use averment_catalog::Treatment;
use averment_detect::{Inspection, Limits, Message, ReplacementKey, RewriteError, Rewritten, inspect, rewrite};
use proptest::prelude::*;

use crate::people::{DIRECTORY, found_people, looked_at};
use crate::planted::IDENTIFIERS;
use crate::properties::long;
use crate::wrap::{Wrap, wrapped};

const TREATMENTS: [Treatment; 5] = [
    Treatment::Mask,
    Treatment::Drop,
    Treatment::Hash,
    Treatment::Pseudonym,
    Treatment::Generalise,
];
const TEXTS: [Wrap; 12] = [
    Wrap::Percent,
    Wrap::Base64,
    Wrap::Base64Url,
    Wrap::Json,
    Wrap::Hex,
    Wrap::Base32,
    Wrap::References,
    Wrap::QuotedPrintable,
    Wrap::EncodedWordB,
    Wrap::EncodedWordQ,
    Wrap::Braces,
    Wrap::Base64,
];
/// What can stand inside the spellings of bytes.
const BINARY: [Wrap; 5] = [Wrap::Gzip, Wrap::Deflate, Wrap::Zstd, Wrap::Utf16Le, Wrap::Utf16Be];
const SPELLINGS: [Wrap; 4] = [Wrap::Base64, Wrap::Base64Url, Wrap::Hex, Wrap::Base32];
const CODINGS: [(&str, &[Wrap]); 7] = [
    ("", &[]),
    ("gzip", &[Wrap::Gzip]),
    ("deflate", &[Wrap::Deflate]),
    ("deflate", &[Wrap::RawDeflate]),
    ("br", &[Wrap::Brotli]),
    ("zstd", &[Wrap::Zstd]),
    ("gzip, br", &[Wrap::Gzip, Wrap::Brotli]),
];

/// An encoding of text, or of bytes with the spelling that makes them text.
fn step() -> impl Strategy<Value = Vec<Wrap>> {
    let text = proptest::sample::select(TEXTS.to_vec()).prop_map(|wrap| vec![wrap]);
    let binary = (
        proptest::sample::select(BINARY.to_vec()),
        proptest::sample::select(SPELLINGS.to_vec()),
    );
    prop_oneof![3 => text, 1 => binary.prop_map(|(binary, spelling)| vec![binary, spelling])]
}

/// Where a text can stand, with its own escapes.
#[derive(Debug, Clone, Copy)]
enum Place {
    Json,
    Form,
    Multipart,
    Xml,
    Query,
    Header,
    Cookie,
}

const PLACES: [Place; 7] = [
    Place::Json,
    Place::Form,
    Place::Multipart,
    Place::Xml,
    Place::Query,
    Place::Header,
    Place::Cookie,
];

struct Request {
    target: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    fn new(place: Place, words: &[String]) -> Self {
        let percent = |word: &String| String::from_utf8(wrapped(&[Wrap::Percent], word.as_bytes())).unwrap();
        let pairs = |between: &str| {
            let pairs = words
                .iter()
                .enumerate()
                .map(|(at, word)| format!("k{at}={}", percent(word)));
            pairs.collect::<Vec<_>>().join(between)
        };
        let (mut target, mut headers, mut body) = ("/v1/x".to_owned(), Vec::new(), Vec::new());
        let mut typed = |kind: &str, text: String| {
            headers.push(("content-type", kind.as_bytes().to_vec()));
            body = text.into_bytes();
        };
        match place {
            Place::Json => typed(
                "application/json",
                serde_json::json!({ "k": words, "n": 1.50 }).to_string(),
            ),
            Place::Form => typed("application/x-www-form-urlencoded", pairs("&")),
            Place::Multipart => typed("multipart/form-data; boundary=b7", multipart(words)),
            Place::Xml => typed("application/xml", xml(words)),
            Place::Query => target = format!("/v1/x?{}", pairs("&")),
            Place::Header => headers.push(("x-note", words.join("; ").into_bytes())),
            Place::Cookie => headers.push(("cookie", pairs("; ").into_bytes())),
        }
        Self { target, headers, body }
    }

    fn with<T>(&self, deed: impl Fn(&Message<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self.headers.iter().map(|(name, value)| (*name, &value[..])).collect();
        deed(&Message {
            authority: "sink.example",
            target: &self.target,
            headers: &headers,
            body: &self.body,
        })
    }

    fn looked_at(&self) -> Inspection {
        self.with(|message| inspect(message, &DIRECTORY, &Limits::default()))
    }

    fn treated(&self, treatment: Treatment) -> Result<Rewritten, RewriteError> {
        let key = ReplacementKey {
            key: &[9; 32],
            recipient: "sink",
        };
        self.with(|message| rewrite(message, &DIRECTORY, &Limits::default(), &key, &|_| treatment))
    }

    fn after(&self, out: Rewritten) -> Self {
        Self {
            target: out.target,
            headers: self.headers.iter().map(|(name, _)| *name).zip(out.headers).collect(),
            body: out.body,
        }
    }
}

fn multipart(words: &[String]) -> String {
    let part = |(at, word): (usize, &String)| {
        format!("--b7\r\nContent-Disposition: form-data; name=\"k{at}\"\r\n\r\n{word}\r\n")
    };
    words.iter().enumerate().map(part).collect::<String>() + "--b7--\r\n"
}

fn xml(words: &[String]) -> String {
    let escaped = |word: &String| word.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let elements: Vec<String> = words
        .iter()
        .map(|word| format!("<v a=\"{0}\">{0}</v>", escaped(word)))
        .collect();
    format!("<?xml version=\"1.0\"?><r>{}</r>", elements.concat())
}

/// Words, and identifiers with something around them.
fn words() -> impl Strategy<Value = Vec<String>> {
    let planted = (proptest::sample::select(IDENTIFIERS.to_vec()), "[ (,:;]?", "[ ),:;]?");
    let word = prop_oneof![
        3 => "[a-zA-Z ]{0,12}",
        1 => "[ -~&&[^;]]{0,8}",
        2 => planted.prop_map(|((text, _), before, after)| format!("{before}{text}{after}")),
    ];
    proptest::collection::vec(word, 1..6)
}

/// What looks like somebody's identifier and is nobody's.
fn look_alike() -> impl Strategy<Value = String> {
    const GIVEN: [&str; 4] = ["Ada", "Scarlett", "Björn", "Łukasz"];
    const FAMILY: [&str; 4] = ["Lovelace", "O'Hara", "Åström", "Rossetti"];
    let mixed = (0..4_usize, 1..4_usize, any::<bool>()).prop_map(|(given, further, turned)| {
        let (given, family) = (GIVEN[given], FAMILY[(given + further) % 4]);
        if turned {
            format!("{family}, {given}")
        } else {
            format!("{given} {family}")
        }
    });
    prop_oneof![
        mixed,
        proptest::sample::select(GIVEN.to_vec()).prop_map(str::to_owned),
        "[1-9]8841207|8841207[0-9]|1\\.8841207|770013[0-9]|[1-9]770013",
        "[b-z]ada_l|ada_l[0-9a-z]|jnunez2[0-68-9]|S-2019-0042[0-9]|S-2018-0042",
        "[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        "v[0-9]{1,2}\\.[0-9]{1,3}\\.[0-9]{1,4}|20[0-9]{2}-0[1-9]-[12][0-9]T10:20:30Z",
        "[0-9]{3,4}x[0-9]{3,4}|[0-9]{1,3},[0-9]{3}\\.[0-9]{2}|17[0-9]{8}",
    ]
}

/// Numbers as the grammar of JSON allows them, none of them an identifier.
const ODD_NUMBERS: &str =
    "-?0|-?0\\.0{1,9}|-?[1-9]E[+-]?[0-9]{1,4}|0e0|-?[1-9]\\.[0-9]{1,3}e-[0-9]{1,3}|[1-9][0-9]{20,40}|-0\\.[0-9]{1,3}";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn four_encodings_in_any_order_hide_nobody(
        (text, person) in long(),
        steps in proptest::collection::vec(step(), 0..=4),
        coding in 0..CODINGS.len(),
        around in "[ ,;:(]?",
    ) {
        let stack = steps.concat();
        let (name, packed) = CODINGS[coding];
        let body = wrapped(packed, &wrapped(&stack, format!("{around}{text}{around}").as_bytes()));
        let inspection = looked_at(&[("content-encoding", name.as_bytes()), ("content-type", b"text/plain")], &body);
        prop_assert_eq!(found_people(&inspection), vec![person], "{:?} {}", stack, name);
        prop_assert!(inspection.unreadable.is_empty(), "{:?} {} {:?}", stack, name, inspection.unreadable);
    }

    #[test]
    fn what_was_treated_is_found_nowhere(
        words in words(),
        place in proptest::sample::select(PLACES.to_vec()),
        treatment in proptest::sample::select(TREATMENTS.to_vec()),
    ) {
        let request = Request::new(place, &words);
        match request.treated(treatment) {
            Ok(out) => {
                let after = request.after(out);
                prop_assert!(after.looked_at().findings.is_empty(), "{:?} {:?} {:?}", place, treatment, words);
            }
            Err(error) => prop_assert!(!request.looked_at().findings.is_empty(), "{} {:?}", error, words),
        }
    }

    #[test]
    fn look_alikes_stay_as_they_are(
        likes in proptest::collection::vec(look_alike(), 1..4),
        number in ODD_NUMBERS,
        place in proptest::sample::select(PLACES.to_vec()),
    ) {
        // Side by side two halves may be a name: each stands in a value of its own.
        for like in &likes {
            let request = Request::new(place, std::slice::from_ref(like));
            let inspection = request.looked_at();
            prop_assert!(inspection.findings.is_empty(), "{:?} {:?}: {:?}", place, like, inspection.findings);
            let out = request.treated(Treatment::Mask).unwrap();
            prop_assert!(out.target == request.target && out.body == request.body, "{:?} {:?}", place, like);
        }
        let body = format!("{{\"n\":[{number},{{\"m\":{number}}}]}}");
        let inspection = looked_at(&[("content-type", b"application/json")], body.as_bytes());
        prop_assert!(inspection.findings.is_empty() && inspection.unreadable.is_empty(), "{}", number);
    }

    #[test]
    fn nearly_known_addresses_are_a_strangers(local in "[a-z]{1,3}", near in 0..4_usize) {
        let address = match near {
            0 => format!("{local}.ada.{local}@school.example"),
            1 => format!("ada{local}@school.example"),
            2 => format!("ada@{local}school.example"),
            _ => format!("ada@school.example{local}"),
        };
        let inspection = looked_at(&[("content-type", b"text/plain")], format!("to {address}, please").as_bytes());
        prop_assert!(found_people(&inspection).is_empty(), "{}", address);
        prop_assert_eq!(inspection.findings.len(), 1, "{}", address);
    }
}
