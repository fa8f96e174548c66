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
