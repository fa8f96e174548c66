//! What is fuzzed: one function per decoder, and one for everything together. Each looks at the bytes, rewrites what it
//! found and looks again; a panic, a finding that survives, or a change where nothing was found is a fault.
//!
//! `scripts/fuzz.sh` runs them under libFuzzer; `tests/it/fuzzed.rs` runs each over its seeds without.

use std::sync::LazyLock;

use averment_catalog::{SubjectId, Treatment};
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{
    Directory, DirectoryKey, DirectoryRow, Limits, Message, PersonNumber, ReplacementKey, inspect, rewrite,
    strip_metadata,
};

/// A target.
pub(crate) type Target = fn(&[u8]);

/// Name and function of every target.
pub(crate) const TARGETS: [(&str, Target); 40] = [
    ("whole", whole),
    ("target", target),
    ("header", header),
    ("text", |data| body("text/plain", data)),
    ("json", |data| body("application/json", data)),
    ("json_lines", |data| body("application/x-ndjson", data)),
    ("form", |data| body("application/x-www-form-urlencoded", data)),
    ("multipart", |data| body("multipart/form-data; boundary=b", data)),
    ("markup", |data| body("text/html", data)),
    ("table", |data| body("text/csv", data)),
    ("event_stream", |data| body("text/event-stream", data)),
    ("charset", charset),
    ("msgpack", |data| body("application/msgpack", data)),
    ("cbor", |data| body("application/cbor", data)),
    ("protobuf", |data| body("application/x-protobuf", data)),
    ("grpc", |data| body("application/grpc", data)),
    ("grpc_text", |data| body("application/grpc-web-text", data)),
    ("zip", |data| body("application/zip", data)),
    ("image", image),
    ("untyped", |data| body("", data)),
    ("gzip", |data| coded("gzip", data)),
    ("deflate", |data| coded("deflate", data)),
    ("brotli", |data| coded("br", data)),
    ("zstd", |data| coded("zstd", data)),
    ("percent", |data| spelled("", data, |byte| format!("%{byte:02X}"))),
    ("hex", |data| spelled("0x", data, |byte| format!("{byte:02x}"))),
    ("quoted_printable", |data| {
        spelled("", data, |byte| format!("={byte:02X}"))
    }),
    ("references", |data| spelled("", data, |byte| format!("&#{byte};"))),
    ("encoded_word", |data| between("=?utf-8?Q?", data, "?=")),
    ("escapes", |data| between("x = '\\u{61}", data, "';")),
    ("base64", base64),
    ("mail", |data| body("message/rfc822", data)),
    ("card", |data| body("text/vcard", data)),
    ("envelope", |data| body("application/x-sentry-envelope", data)),
    ("bson", |data| body("application/bson", data)),
    ("plist", |data| between("bplist00", data, "")),
    ("rtf", |data| between("{\\rtf1 ", data, "}")),
    ("pdf", |data| {
        between("%PDF-1.7\n1 0 obj <<>>\nstream\n", data, "\nendstream")
    }),
    ("lists", |data| spelled("", data, |byte| format!("{byte:02x}:"))),
    ("utf_32", |data| body("application/json; charset=utf-32", data)),
];

static DIRECTORY: LazyLock<Directory> = LazyLock::new(directory);

fn directory() -> Directory {
    let key = DirectoryKey::new([7; 32]);
    let fields = [
        (IdentifierKind::Email, "ada@school.example"),
        (IdentifierKind::Username, "ada_l"),
        (IdentifierKind::AccountId, "8841207"),
        (IdentifierKind::Phone, "+1 206 555 0100"),
        (IdentifierKind::FullName, "Ada Lovelace"),
    ];
    let mut rows = Vec::new();
    for (kind, text) in fields {
        for (form, normal) in identifiers(kind, text).expect("each can be matched") {
            rows.push(DirectoryRow {
                digest: key.digest(form, &normal),
                element: kind.element(),
                person: PersonNumber(1),
            });
        }
    }
    let student = SubjectId::new("student").expect("a literal");
    Directory::new(key, rows, [(PersonNumber(1), student)])
}

fn check(target: &str, headers: &[(&str, &[u8])], body: &[u8]) {
    let (directory, limits) = (&*DIRECTORY, Limits::default());
    let message = Message {
        authority: "sink.example",
        target,
        headers,
        body,
    };
    let found = inspect(&message, directory, &limits);
    let key = ReplacementKey {
        key: &[9; 32],
        recipient: "sink",
    };
    let Ok(out) = rewrite(&message, directory, &limits, &key, &|_| Treatment::Mask) else {
        return;
    };
    let changed = out.target != target
        || out.body != body
        || out
            .headers
            .iter()
            .zip(headers)
            .any(|(after, (_, before))| after != before);
    assert!(
        !changed || !found.findings.is_empty(),
        "changed where nothing was found"
    );
    let headers: Vec<(&str, &[u8])> = headers
        .iter()
        .zip(&out.headers)
        .map(|((name, _), value)| (*name, value.as_slice()))
        .collect();
    let after = Message {
        authority: "sink.example",
        target: &out.target,
        headers: &headers,
        body: &out.body,
    };
    assert!(inspect(&after, directory, &limits).findings.is_empty(), "still there");
}

fn body(kind: &str, data: &[u8]) {
    check(
        "/v1",
        &[("content-type", kind.as_bytes()), ("grpc-encoding", b"gzip")],
        data,
    );
}

fn coded(coding: &str, data: &[u8]) {
    let headers: [(&str, &[u8]); 2] = [
        ("content-encoding", coding.as_bytes()),
        ("content-type", b"application/json"),
    ];
    check("/v1", &headers, data);
}

fn target(data: &[u8]) {
    check(&String::from_utf8_lossy(data), &[], b"");
}

fn header(data: &[u8]) {
    check("/", &[("cookie", data), ("authorization", data), ("x-any", data)], b"");
}

/// The first byte says which character set.
fn charset(data: &[u8]) {
    const SETS: [&str; 8] = [
        "utf-16",
        "utf-16be",
        "iso-8859-1",
        "windows-1251",
        "shift_jis",
        "iso-2022-jp",
        "gb18030",
        "big5",
    ];
    let (first, rest) = data.split_first().unwrap_or((&0, b""));
    let set = SETS[usize::from(*first) % SETS.len()];
    body(&format!("text/plain; charset={set}"), rest);
}

fn image(data: &[u8]) {
    body("image/png", data);
    if let Some(stripped) = strip_metadata(data) {
        assert!(
            strip_metadata(&stripped).is_some_and(|again| again == stripped),
            "stripping is not finished"
        );
    }
}

fn spelled(prefix: &str, data: &[u8], spell: impl Fn(&u8) -> String) {
    let text: String = data.iter().map(spell).collect();
    body("text/plain", format!("{prefix}{text}").as_bytes());
}

fn between(before: &str, data: &[u8], after: &str) {
    body("text/plain", &[before.as_bytes(), data, after.as_bytes()].concat());
}

/// The bytes in base64: whatever they are, they are one token.
fn base64(data: &[u8]) {
    const SET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for group in data.chunks(3) {
        let value = group.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        text.extend((0..=group.len()).map(|place| SET[(value >> (18 - 6 * place) & 63) as usize]));
        text.extend(std::iter::repeat_n(b'=', 3 - group.len()));
    }
    body("application/json", &[b"{\"d\":\"", text.as_slice(), b"\"}"].concat());
}

/// The first two bytes say what the message says that it is.
fn whole(data: &[u8]) {
    const KINDS: [&str; 10] = [
        "",
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=b",
        "text/html",
        "application/msgpack",
        "application/cbor",
        "application/grpc",
        "image/png",
    ];
    const CODINGS: [&str; 6] = ["", "gzip", "deflate", "br", "zstd", "gzip, zstd"];
    let [kind, coding, rest @ ..] = data else { return };
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    let coding = CODINGS[usize::from(*coding) % CODINGS.len()];
    let headers: [(&str, &[u8]); 3] = [
        ("content-type", kind.as_bytes()),
        ("content-encoding", coding.as_bytes()),
        ("x-any", rest),
    ];
    check(&String::from_utf8_lossy(rest), &headers, rest);
}
