//! What is JSON and what is not (RFC 8259): accepted stays byte for byte, refused is unreadable. The cases here are our
//! own; `scripts/json-test-suite.sh` holds the room against those of JSONTestSuite.

use std::path::Path;

use crate::people::looked_at;

const VALID: &[&str] = &[
    "[]",
    "{}",
    "\"\"",
    "0",
    "-0",
    "null",
    "true",
    "false",
    " [1 , 2]\n",
    "[-0.0e-0]",
    "[1E400]",
    "[123e65]",
    "[0e+1]",
    "[20e1]",
    "[-123123123123123123123123123123]",
    "[\"\\u0000\"]",
    "[\"\\uD834\\uDD1E\"]",
    "[\"\\uDFAA\"]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
    "{\"a\":1,\"a\":2}",
    "{\"\":0}",
    "[\"\u{7f}\"]",
    "[\"\u{2028}\"]",
    "[[[[1]]],{\"a\":[{}]}]",
    "\u{feff}{}",
    "[\"\\u0061\\u30af\"]",
    "[\"\\uD801\\udc37\"]",
    "[\"\\u0022\\u005C\"]",
    "[\"\u{10ffff}\u{fffe}\"]",
    "[\"\\uDADA\\uDADA\"]",
    "{\"a\\u0000b\":{\"\":[{}]}}",
    "\t[\r\n]\n",
    "[4.9406564584124654e-324]",
    "[1e-2,1E+2,-0]",
    "[false,null,true]",
];

const INVALID: &[&str] = &[
    " ",
    "[",
    "]",
    "{",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "[1}",
    "{1:1}",
    "{\"a\":}",
    "{\"a\"}",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{,}",
    "[01]",
    "[-]",
    "[+1]",
    "[1.]",
    "[.1]",
    "[1e]",
    "[1e+]",
    "[0x1]",
    "[NaN]",
    "[Infinity]",
    "[-Infinity]",
    "[1_0]",
    "[- 1]",
    "[True]",
    "[nul]",
    "['a']",
    "[\"a]",
    "[\"\\x\"]",
    "[\"\\u12G4\"]",
    "[\"\\u12\"]",
    "[\"\t\"]",
    "[\"\n\"]",
    "[\"\\\"]",
    "[1]x",
    "[][]",
    "[]\n[]",
    "{}//c",
    "/* */{}",
    "[\u{a0}]",
    "[\u{c}]",
    "a",
    "\"a",
    "1 2",
    "--1",
    "\u{feff}",
    "[\"\0\"]",
    "[1,]]",
    "[:]",
    "{\"a\":1:2}",
    "{\"a\" \"b\"}",
    "{[]:1}",
    "[1.e1]",
    "[-.5]",
    "[0e]",
    "[00]",
    "[1ea]",
    "[\"a\"b]",
    "[\"\\uD8\"]",
    "[\"\\U0061\"]",
    "[\"\\a\"]",
    "{\"a\":true,,\"b\":1}",
    "[\u{feff}]",
    "tru",
    "nullx",
    "{}}",
    "[]]",
    "{\"a\":\"b\"}#",
];

#[test]
fn valid_json_is_readable() {
    for text in VALID {
        let inspection = looked_at(&[("content-type", b"application/json")], text.as_bytes());
        assert!(inspection.unreadable.is_empty(), "{text:?}");
        let after = crate::formats::masked("application/json", text.as_bytes()).unwrap();
        assert_eq!(after, text.as_bytes(), "{text:?}");
    }
}

#[test]
fn invalid_json_is_unreadable() {
    for text in INVALID {
        let inspection = looked_at(&[("content-type", b"application/json")], text.as_bytes());
        assert_eq!(inspection.unreadable.len(), 1, "{text:?}");
    }
}

#[test]
fn the_judge_agrees() {
    for text in VALID.iter().filter(|text| {
        !text.contains('\u{feff}') && !text.contains("uDFAA") && !text.contains("uDADA") && !text.contains("E400")
    }) {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text:?}");
    }
    for text in INVALID {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text:?}");
    }
}

/// One file of JSONTestSuite: `y_` must be taken, `n_` must be refused, `i_` is free; what is taken stays as it is. A body
/// of nothing is no document and holds nobody: it may pass.
fn judged(name: &str, body: &[u8]) -> Option<String> {
    let unreadable = &looked_at(&[("content-type", b"application/json")], body).unreadable;
    let unchanged = || crate::formats::masked("application/json", body).is_ok_and(|after| after == body);
    match name.as_bytes().first() {
        Some(b'y') if !unreadable.is_empty() => Some(format!("{name}: is JSON and {unreadable:?}")),
        Some(b'n') if unreadable.is_empty() && !body.is_empty() => {
            Some(format!("{name}: is no JSON and is read as clean"))
        }
        _ if unreadable.is_empty() && !unchanged() => Some(format!("{name}: is changed")),
        _ => None,
    }
}

/// Runs where a folder is named; the suite is somebody else's work and not in the repository.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a script says by a variable where the suite is"
)]
fn the_suite_that_is_named_agrees() {
    let Ok(folder) = std::env::var("AVERMENT_JSON_TEST_SUITE") else {
        return;
    };
    let mut paths: Vec<_> = std::fs::read_dir(Path::new(&folder).join("test_parsing"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    let mut counts = std::collections::BTreeMap::<char, [usize; 2]>::new();
    let mut faults = Vec::new();
    for path in &paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let body = std::fs::read(path).unwrap();
        let read = looked_at(&[("content-type", b"application/json")], &body)
            .unreadable
            .is_empty();
        counts.entry(name.chars().next().unwrap()).or_default()[usize::from(read)] += 1;
        faults.extend(judged(name, &body));
    }
    for (class, [refused, taken]) in counts {
        eprintln!("{class}_: {taken} taken, {refused} unreadable");
    }
    assert!(!paths.is_empty(), "no file in `test_parsing`");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Two documents that hold every kind of token, for changing.
const CHANGED: [&str; 2] = [
    r#"{"a":[1,-0.5e+3,"x\n\u00e9"],"b":{"c":null,"d":true},"e":""}"#,
    " [ false , { } , [ ] , 10 , \"\\/\" ]\n",
];

#[test]
fn one_changed_byte_is_judged_as_the_judge_does() {
    let bytes = b"\"\\{}[],:0159+-.eEtfnu/ \t\n\r\0\x7f\xc3\xff'#a";
    for document in CHANGED {
        for at in 0..=document.len() {
            let (before, after) = document.as_bytes().split_at(at);
            for byte in bytes {
                let rest = after.get(1..).unwrap_or(b"");
                for body in [
                    [before, &[*byte], after].concat(),
                    [before, &[*byte], rest].concat(),
                    [before, rest].concat(),
                ] {
                    agrees(&body);
                }
            }
        }
    }
}

fn agrees(body: &[u8]) {
    let valid = std::str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
    let read = looked_at(&[("content-type", b"application/json")], body)
        .unreadable
        .is_empty();
    assert_eq!(read, valid || body.is_empty(), "{:?}", String::from_utf8_lossy(body));
}
