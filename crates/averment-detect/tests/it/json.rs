//! What is JSON and what is not, after the cases of JSONTestSuite (RFC 8259): accepted stays byte for byte, refused is
//! unreadable.

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
];

#[test]
fn valid_json_is_readable() {
    for text in VALID {
        let inspection = looked_at(&[("content-type", b"application/json")], text.as_bytes());
        assert!(inspection.unreadable.is_empty(), "{text:?}");
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
    for text in VALID
        .iter()
        .filter(|text| !text.contains('\u{feff}') && !text.contains("uDFAA") && !text.contains("E400"))
    {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text:?}");
    }
    for text in INVALID {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text:?}");
    }
}
