//! Identifier × place × stack of encodings: every one is found, whose it is, and nothing is left after masking.

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, inspect, rewrite};

use crate::people::{directory, found_people};
use crate::wrap::{Wrap, wrapped};

/// Identifier as it is written somewhere, and whose it is.
pub(crate) const IDENTIFIERS: [(&str, u32); 14] = [
    ("ada@school.example", 1),
    ("Ada@SCHOOL.example", 1),
    ("ada+robotics@school.example", 1),
    ("grace@home.example", 1),
    ("ada_l", 1),
    ("8841207", 1),
    ("+1 206 555 0100", 1),
    ("(206) 555-0100", 1),
    ("Lovelace, Ada", 1),
    ("jose nunez ortega", 2),
    ("020 7946 0018", 2),
    ("5f1c9e7a-77aa-4c1e-9f7e-0b7a3f7c1d2e", 2),
    ("o'hara@school.example", 3),
    ("BJÖRN ÅSTRÖM", 4),
];

struct Request {
    target: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

fn escaped(text: &str) -> String {
    text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn post(kind: &'static str, body: impl Into<Vec<u8>>) -> Request {
    Request {
        target: "/v1".to_owned(),
        headers: vec![("content-type", kind.as_bytes().to_vec())],
        body: body.into(),
    }
}

fn header(name: &'static str, value: String) -> Request {
    Request {
        target: "/v1".to_owned(),
        headers: vec![(name, value.into_bytes())],
        body: Vec::new(),
    }
}

fn target(target: String) -> Request {
    Request {
        target,
        headers: Vec::new(),
        body: Vec::new(),
    }
}

fn multipart(part: &str, content: &[u8]) -> Request {
    let mut body = format!("--b1\r\n{part}\r\n\r\n").into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--b1--\r\n");
    post("multipart/form-data; boundary=b1", body)
}

fn encoded(coding: &'static str, stack: &[Wrap], body: &[u8]) -> Request {
    let mut request = post("application/json", wrapped(stack, body));
    request.headers.push(("content-encoding", coding.as_bytes().to_vec()));
    request
}

/// All places and stacks that can hold `text`.
fn requests(text: &str) -> Vec<(&'static str, Request)> {
    use Wrap::{Base64, Base64Url, Brotli, Deflate, Gzip, Percent, RawDeflate, Zstd};
    let json = format!("{{\"a\":[1,{{\"note\":\"see {text}, please\"}}]}}");
    let nested = serde_json::to_string(&serde_json::json!({ "payload": json })).unwrap();
    let base64 = |value: &str| String::from_utf8(wrapped(&[Base64], value.as_bytes())).unwrap();
    let base64url = |value: &str| String::from_utf8(wrapped(&[Base64Url], value.as_bytes())).unwrap();
    let text_in = |stack: &[Wrap]| String::from_utf8(wrapped(stack, text.as_bytes())).unwrap();
    let jwt = format!("eyJhbGciOiJub25lIn0.{}.c2ln", base64url(&json));
    vec![
        ("path segment", target(format!("/users/{}/projects", percent(text)))),
        (
            "path segment, twice",
            target(format!("/users/{}", percent(&percent(text)))),
        ),
        (
            "path segment, base64url",
            target(format!("/users/{}/x", base64url(&json))),
        ),
        ("query value", target(format!("/v1?a=1&who={}&b=2", percent(text)))),
        ("query name", target(format!("/v1?{}=1", percent(text)))),
        ("query value, json", target(format!("/v1?data={}", percent(&json)))),
        (
            "query value, base64 json",
            target(format!("/v1?data={}", percent(&base64(&json)))),
        ),
        (
            "referer",
            header("referer", format!("https://app.example/p?u={}", percent(text))),
        ),
        ("user agent", header("user-agent", format!("app/1.0 ({text})"))),
        ("own header", header("x-context", text.to_owned())),
        (
            "basic credentials",
            header("authorization", format!("Basic {}", base64(&format!("{text}:secret")))),
        ),
        ("bearer token", header("authorization", format!("Bearer {jwt}"))),
        ("cookie", header("cookie", format!("a=1; uid={}; b=2", percent(text)))),
        ("cookie, base64", header("cookie", format!("s={}", base64(&json)))),
        ("json value", post("application/json", json.clone())),
        (
            "json value, escaped",
            post("application/json", format!("{{\"note\":\"{}\"}}", escaped(text))),
        ),
        ("json key", post("application/json", format!("{{\"{text}\": true}}"))),
        (
            "json, duplicate key",
            post("application/json", format!("{{\"x\":\"{text}\",\"x\":\"-\"}}")),
        ),
        ("json in json", post("application/json", nested.clone())),
        ("json as text", post("text/plain", json.clone())),
        (
            "json without type",
            Request {
                target: "/".into(),
                headers: Vec::new(),
                body: json.clone().into_bytes(),
            },
        ),
        ("json as form", post("application/x-www-form-urlencoded", json.clone())),
        ("ndjson", post("application/x-ndjson", format!("{{\"a\":1}}\n{json}\n"))),
        (
            "json with base64",
            post("application/json", format!("{{\"d\":\"{}\"}}", base64(text))),
        ),
        (
            "json with base64 json",
            post("application/json", format!("{{\"d\":\"{}\"}}", base64(&json))),
        ),
        (
            "json with base64 gzip",
            post(
                "application/json",
                format!(
                    "{{\"d\":\"{}\"}}",
                    String::from_utf8(wrapped(&[Gzip, Base64], json.as_bytes())).unwrap()
                ),
            ),
        ),
        (
            "json with base64 zlib",
            post(
                "application/json",
                format!(
                    "{{\"d\":\"{}\"}}",
                    String::from_utf8(wrapped(&[Deflate, Base64], json.as_bytes())).unwrap()
                ),
            ),
        ),
        (
            "json with base64 zstd",
            post(
                "application/json",
                format!(
                    "{{\"d\":\"{}\"}}",
                    String::from_utf8(wrapped(&[Zstd, Base64], json.as_bytes())).unwrap()
                ),
            ),
        ),
        (
            "json with percent",
            post(
                "application/json",
                format!("{{\"u\":\"https://x.example/?q={}\"}}", percent(text)),
            ),
        ),
        (
            "form value",
            post(
                "application/x-www-form-urlencoded",
                format!("a=1&e={}&b=%20", percent(text)),
            ),
        ),
        (
            "form value, json",
            post("application/x-www-form-urlencoded", format!("e={}", percent(&json))),
        ),
        (
            "form value, base64",
            post(
                "application/x-www-form-urlencoded",
                format!("e={}", percent(&base64(&json))),
            ),
        ),
        (
            "form, spaces as plus",
            post(
                "application/x-www-form-urlencoded",
                format!("e={}", percent(text).replace("%20", "+")),
            ),
        ),
        (
            "multipart field",
            multipart("Content-Disposition: form-data; name=\"note\"", text.as_bytes()),
        ),
        (
            "multipart json",
            multipart(
                "Content-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json",
                json.as_bytes(),
            ),
        ),
        (
            "multipart base64",
            multipart(
                "Content-Disposition: form-data; name=\"j\"\r\nContent-Transfer-Encoding: base64",
                base64(&json).as_bytes(),
            ),
        ),
        (
            "multipart file name",
            multipart(
                &format!("Content-Disposition: form-data; name=\"f\"; filename=\"{text}.txt\""),
                b"x",
            ),
        ),
        (
            "multipart file name, extended",
            multipart(
                &format!(
                    "Content-Disposition: form-data; name=\"f\"; filename*=UTF-8''{}",
                    percent(text)
                ),
                b"x",
            ),
        ),
        (
            "multipart in multipart",
            multipart(
                "Content-Type: multipart/mixed; boundary=b2",
                format!("--b2\r\n\r\n{text}\r\n--b2--").as_bytes(),
            ),
        ),
        (
            "plain text",
            post("text/plain", format!("Hello, this is {text}. Thanks!")),
        ),
        ("csv", post("text/csv", format!("id,who\n1,\"{text}\"\n"))),
        ("xml", post("application/xml", format!("<u><n>{text}</n></u>"))),
        (
            "untyped text",
            post("application/octet-stream", format!("who: {text};")),
        ),
        ("text, percent twice", post("text/plain", text_in(&[Percent, Percent]))),
        ("text, base64 twice", post("text/plain", text_in(&[Base64, Base64]))),
        ("text, base64 percent", post("text/plain", text_in(&[Base64, Percent]))),
        ("gzip", encoded("gzip", &[Gzip], json.as_bytes())),
        ("deflate", encoded("deflate", &[Deflate], json.as_bytes())),
        (
            "deflate without zlib",
            encoded("deflate", &[RawDeflate], json.as_bytes()),
        ),
        ("brotli", encoded("br", &[Brotli], json.as_bytes())),
        ("zstd", encoded("zstd", &[Zstd], json.as_bytes())),
        (
            "gzip then brotli",
            encoded("gzip, br", &[Gzip, Brotli], json.as_bytes()),
        ),
        (
            "zstd then gzip then deflate",
            encoded("zstd,gzip,deflate", &[Zstd, Gzip, Deflate], json.as_bytes()),
        ),
        ("gzip of nested json", encoded("gzip", &[Gzip], nested.as_bytes())),
        (
            "gzip without header",
            post("application/gzip", wrapped(&[Gzip], json.as_bytes())),
        ),
        (
            "gzip in the second member",
            encoded(
                "gzip",
                &[],
                &[wrapped(&[Gzip], b" "), wrapped(&[Gzip], json.as_bytes())].concat(),
            ),
        ),
    ]
}

#[test]
fn every_planted_identifier_is_found_in_every_place_and_encoding() {
    let directory = directory();
    let (mut count, mut misses) = (0, Vec::new());
    for (text, person) in IDENTIFIERS {
        for (place, request) in requests(text) {
            count += 1;
            let headers: Vec<(&str, &[u8])> = request
                .headers
                .iter()
                .map(|(name, value)| (*name, value.as_slice()))
                .collect();
            let message = Message {
                authority: "sink.example",
                target: &request.target,
                headers: &headers,
                body: &request.body,
            };
            let inspection = inspect(&message, &directory, &Limits::default());
            if found_people(&inspection) != [person] || !inspection.unreadable.is_empty() {
                misses.push(format!(
                    "{place}: {text}: {:?} {:?}",
                    found_people(&inspection),
                    inspection.unreadable
                ));
                continue;
            }
            let key = ReplacementKey {
                key: &[9; 32],
                recipient: "sink",
            };
            for treatment in [
                Treatment::Mask,
                Treatment::Drop,
                Treatment::Hash,
                Treatment::Pseudonym,
                Treatment::Generalise,
            ] {
                if let Err(error) = rewrite(&message, &directory, &Limits::default(), &key, &|_| treatment) {
                    misses.push(format!("{place}: {text}: {treatment:?}: {error}"));
                }
            }
        }
    }
    assert!(count >= 600, "{count} combinations");
    assert!(
        misses.is_empty(),
        "{} of {count} missed:\n{}",
        misses.len(),
        misses.join("\n")
    );
}
