//! Recordings that somebody made to do harm.

use std::io::{Read, Write as _};

use averment_scan::har::{Looker, Reader};
use averment_scan::{Look, Own, Seen};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::json;
use zip::write::SimpleFileOptions;

use crate::recording::{chromium, look, nobody, parties, post, request};

const PAGE: &str = "https://learn.birch-school.org/";

fn tracker() -> serde_json::Value {
    request("image", "https://px.little-tracker.com/i.gif")
}

fn read_file(name: &str, bytes: &[u8]) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let directory = nobody();
    let own = Own::default();
    let mut reader = Reader::new(Looker {
        directory: &directory,
        own,
        consents: None,
        declared: &[],
    });
    reader.read_file(&path, None);
    reader.finish(Look::Har, "2026-11-22T12:00:00Z".parse().unwrap())
}

fn reasons(seen: &Seen) -> String {
    seen.coverage
        .unread
        .iter()
        .map(|one| one.because.as_str())
        .collect::<Vec<_>>()
        .join("; ")
}

/// Before, a filler of any length, after.
fn stream<'a>(before: &'a str, filler: u8, length: u64, after: &'a str) -> impl Read + 'a {
    before
        .as_bytes()
        .chain(std::io::repeat(filler).take(length))
        .chain(after.as_bytes())
}

fn read_stream(source: impl Read) -> Seen {
    let directory = nobody();
    let own = Own::default();
    let mut reader = Reader::new(Looker {
        directory: &directory,
        own,
        consents: None,
        declared: &[],
    });
    reader.read("a.har", None, source);
    reader.finish(Look::Har, "2026-11-22T12:00:00Z".parse().unwrap())
}

#[test]
fn a_line_of_100_mb_is_cut_and_the_rest_is_read() {
    let text = String::from_utf8(chromium(
        PAGE,
        &[
            post("https://px.little-tracker.com/", "text/plain", "HERE"),
            request("image", "https://b.second-party.com/"),
        ],
    ))
    .unwrap();
    let (before, after) = text.split_once("HERE").unwrap();
    let seen = read_stream(stream(before, b'x', 100 << 20, after));
    assert_eq!(parties(&seen), ["little-tracker.com", "second-party.com"]);
    assert_eq!(reasons(&seen), "a part of a request is larger than the limit");
    let seen = read_stream(stream("", b'x', 100 << 20, ""));
    assert_eq!(reasons(&seen), "not JSON at line 1, column 1");
}

#[test]
fn deep_nesting_ends_the_reading_with_a_reason() {
    for open in [b'[', b'{'] {
        let seen = read_stream(stream("{\"log\":{\"x\":", open, 10_000_000, ""));
        assert_eq!(
            reasons(&seen),
            "stopped: lists or objects lie deeper than 512 in each other"
        );
    }
}

#[test]
fn bytes_that_are_no_text_and_numbers_without_end_are_told() {
    let mut text = chromium(PAGE, &[tracker()]);
    let at = text.windows(5).position(|window| window == b"i.gif").unwrap();
    text[at] = 0xff;
    assert!(reasons(&look(&[("", text)])).starts_with("not JSON"), "invalid text");
    for number in [
        "1e999999",
        "-0",
        "123456789012345678901234567890",
        "1.5",
        "true",
        "null",
        "[[1]]",
        "{\"a\":1}",
        "\"200\"",
    ] {
        let text = String::from_utf8(chromium(PAGE, &[tracker()])).unwrap();
        let seen = look(&[(
            "",
            text.replace("\"status\":200", &format!("\"status\":{number}"))
                .into_bytes(),
        )]);
        assert!(
            parties(&seen) == ["little-tracker.com"] || !reasons(&seen).is_empty(),
            "{number}"
        );
    }
}

#[test]
fn what_a_terminal_acts_on_stays_out() {
    let url = "https://px.little-tracker.com/\u{1b}[2J\u{1b}]0;x\u{7}/\u{202e}a?\u{1b}[31m=1&\u{9b}x";
    let mut entry = request("image", url);
    entry["response"]["cookies"] = json!([{ "name": "a\u{1b}[2J", "value": "x" }]);
    entry["request"]["method"] = json!("GET\u{1b}[2J");
    let hostile = request("image", "https://px.lit\u{1b}[2Jtle.com/");
    let seen = look(&[(
        "",
        chromium("https://learn.birch-school.org/\u{1b}[2J", &[entry, hostile]),
    )]);
    assert_eq!(parties(&seen), ["little-tracker.com"]);
    let all = serde_json::to_string(&seen).unwrap();
    assert!(!all.contains("\\u00") && all.is_ascii(), "{all}");
}

#[test]
fn a_file_without_a_recording_saw_nothing() {
    for text in [
        "",
        "{}",
        "[]",
        "null",
        "\"log\"",
        "{\"log\":{}}",
        "{\"log\":[]}",
        "{\"log\":{\"entries\":{}}}",
        "{\"log\":{\"entries\":[1,\"a\",null,[],{}]}}",
    ] {
        let seen = look(&[("", text.as_bytes().to_vec())]);
        assert!(!seen.coverage.saw_something(), "{text}");
        assert!(
            !seen.coverage.unread.is_empty() || !seen.coverage.left_out.is_empty(),
            "{text}"
        );
    }
}

#[test]
fn packed_recordings_are_read_and_bombs_are_not() {
    let recording = chromium(PAGE, &[tracker()]);
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    assert_eq!(
        parties(&read_file("a.har.gz", &gzip(&recording))),
        ["little-tracker.com"]
    );
    let with_mark = [b"\xef\xbb\xbf".as_slice(), &recording].concat();
    assert_eq!(parties(&read_file("a.har", &with_mark)), ["little-tracker.com"]);
    let mut bomb = b"{\"log\":{\"x\":\"".to_vec();
    bomb.resize(64 << 20, b'x');
    let seen = read_file("bomb.har.gz", &gzip(&bomb));
    assert!(
        reasons(&seen).contains("unpacks to more than the limit"),
        "{}",
        reasons(&seen)
    );
    assert!(reasons(&read_file("cut.har.gz", &gzip(&recording)[..60])).starts_with("stopped"));
}

#[test]
fn archives_are_read_whatever_their_members_are_called() {
    let recording = chromium(PAGE, &[tracker()]);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut bomb = b"{\"log\":{\"x\":\"".to_vec();
    bomb.resize(64 << 20, b'x');
    for (name, bytes) in [
        ("../../../tmp/evil.har", &recording),
        ("\u{1b}[2J.har", &recording),
        ("notes.txt", &recording),
        ("bomb.har", &bomb),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let seen = read_file("all.zip", &zip.finish().unwrap().into_inner());
    assert_eq!(
        (parties(&seen), seen.coverage.read),
        (vec!["little-tracker.com".to_owned()], 4)
    );
    assert_eq!(seen.coverage.left_out["not a recording, in an archive"], 1);
    assert!(
        reasons(&seen).contains("unpacks to more than the limit"),
        "{}",
        reasons(&seen)
    );
    assert!(!serde_json::to_string(&seen).unwrap().contains("evil"));
}

#[test]
fn more_third_parties_than_a_report_holds_are_counted() {
    let entries: Vec<_> = (0..400)
        .map(|n| {
            request(
                "image",
                &format!(
                    "https://px.little-tracker.com/{}.gif",
                    "x".repeat(n % 35 + 1) + &"y".repeat(n / 35)
                ),
            )
        })
        .collect();
    let seen = look(&[("", chromium(PAGE, &entries))]);
    assert!(seen.observations[0].evidence.len() <= 300);
    assert!(seen.coverage.left_out["more evidence than a report holds"] > 0);
}

fn any_json() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "log",
        "entries",
        "pages",
        "request",
        "response",
        "url",
        "headers",
        "name",
        "value",
        "postData",
        "_webSocketMessages",
        "cookies",
        "text",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1e400".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        ".{0,20}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"https://a.little-tracker.com/x?y=1\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|map| {
                let pairs: Vec<String> = map.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", pairs.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_ends_and_shows_nothing_unprintable(document in any_json(), cut in any::<prop::sample::Index>()) {
        let recording = format!("{{\"log\":{{\"entries\":[{document}]}}}}");
        for text in [recording.as_bytes(), document.as_bytes(), &recording.as_bytes()[..cut.index(recording.len())]] {
            let seen = look(&[("teacher", text.to_vec())]);
            let all = serde_json::to_string(&seen).unwrap();
            prop_assert!(all.is_ascii() && !all.contains("\\u"), "{all}");
        }
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        look(&[("", bytes)]);
    }
}
