//! Ways to write an identifier that somebody once got past the walk: each row is found, or reported as unreadable.

use averment_catalog::Treatment;
use averment_detect::{Inspection, Limits, Message, ReplacementKey, inspect, rewrite};

use crate::people::{directory, found_people, looked_at};
use crate::wrap::{Wrap, wrapped};

const FORM: &str = "application/x-www-form-urlencoded";

fn look(kind: &str, body: &[u8]) -> Inspection {
    if kind.is_empty() {
        return looked_at(&[], body);
    }
    looked_at(&[("content-type", kind.as_bytes())], body)
}

fn look_at_target(target: &str) -> Inspection {
    let message = Message {
        authority: "sink.example",
        target,
        headers: &[],
        body: b"",
    };
    inspect(&message, &directory(), &Limits::default())
}

/// A rewrite of `body` refuses or leaves nothing behind.
fn rewrite_is_safe(kind: &str, body: &[u8]) {
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
    if let Ok(out) = rewrite(&message, &directory(), &Limits::default(), &key, &|_| Treatment::Mask) {
        let after = look(kind, &out.body);
        assert!(after.findings.is_empty(), "{}", String::from_utf8_lossy(&out.body));
    }
}

/// Every row, as a JSON value and as plain text, belongs to the person beside it.
fn belong_to(rows: &[(&str, u32)]) {
    for (text, person) in rows {
        let json = serde_json::json!({ "events": [{ "zz": text }] }).to_string();
        for (kind, body) in [("application/json", json.as_str()), ("text/plain", text)] {
            let inspection = look(kind, body.as_bytes());
            assert_eq!(found_people(&inspection), [*person], "{kind}: {text}");
            rewrite_is_safe(kind, body.as_bytes());
        }
    }
}

/// No row is anybody's, nor looks like it, in JSON and as plain text.
fn belong_to_nobody(rows: &[&str]) {
    for text in rows {
        let json = serde_json::json!({ "events": [{ "zz": text }] }).to_string();
        for (kind, body) in [("application/json", json.as_str()), ("text/plain", text)] {
            let inspection = look(kind, body.as_bytes());
            assert!(
                inspection.findings.is_empty(),
                "{kind}: {text}: {:?}",
                inspection.findings
            );
        }
    }
}

const ESCAPED: &[(&str, &str)] = &[
    ("", r#"{"v":NaN,"a":"\u0061da\u0040school.example"}"#),
    ("text/plain", r#"{"v":-Infinity,"a":"\u0061da\u0040school.example"}"#),
    (FORM, r#"e={"v":NaN,"a":"\u0061da\u0040school.example"}"#),
    (
        "application/json",
        r#"{"d":"{\"a\":\"\\u0061da\\u0040school.example\",\"b"}"#,
    ),
    ("text/plain", "\u{feff}{\"a\":\"\\u0061da\\u0040school.example\"}"),
    ("text/plain", r#"{"a":1}{"a":"\u0061da\u0040school.example"}"#),
    ("text/plain", r#"42["e",{"a":"\u0061da\u0040school.example"}]"#),
    ("text/javascript", r#"callback({"a":"\u0061da\u0040school.example"})"#),
    (
        "application/json",
        r#"{"query":"{f(e:\"\\u0061da\\u0040school.example\")}"}"#,
    ),
    ("application/json", r#"{"d":"{\"m\":\"hi\\nada_l\", tr"}"#),
    ("text/plain", r"{'a': 'ada\x40school.example'}"),
    ("application/json", r#"{"v":NaN,"a":"\u0061da\u0040school.example"}"#),
];

#[test]
fn escapes_outside_valid_json_are_undone() {
    for (kind, body) in ESCAPED {
        let inspection = look(kind, body.as_bytes());
        assert_eq!(found_people(&inspection), [1], "{kind}: {body}");
        rewrite_is_safe(kind, body.as_bytes());
    }
}

#[test]
fn nan_is_noted_where_json_was_declared() {
    let inspection = look("application/json", br#"{"v":NaN}"#);
    assert_eq!(inspection.unreadable.len(), 1);
    assert!(look("", br#"{"v":NaN}"#).unreadable.is_empty());
}

#[test]
fn binary_in_a_form_is_decoded_or_unreadable() {
    let text = b"a=ada@school.example&b=ada@school.example";
    let utf16: Vec<u8> = text.iter().flat_map(|b| [*b, 0]).collect();
    let high: Vec<u8> = (128..=255).collect();
    let part = b"--b\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n";
    let mut multipart = part.to_vec();
    multipart.extend(&utf16);
    multipart.extend(b"\r\n--b--\r\n");
    for wrap in [Wrap::Gzip, Wrap::Deflate, Wrap::Zstd] {
        let body = wrapped(&[wrap], text);
        assert_eq!(found_people(&look(FORM, &body)), [1], "{wrap:?}");
        let pair = [b"d=".as_slice(), &wrapped(&[wrap, Wrap::Percent], text)].concat();
        assert_eq!(found_people(&look(FORM, &pair)), [1], "{wrap:?} in a pair");
    }
    for body in [
        wrapped(&[Wrap::Brotli], text),
        wrapped(&[Wrap::RawDeflate], text),
        high.clone(),
    ] {
        assert_eq!(look(FORM, &body).unreadable.len(), 1, "{body:?}");
    }
    assert_eq!(found_people(&look(FORM, &utf16)), [1]);
    let pair = [b"d=".as_slice(), &wrapped(&[Wrap::Percent], &utf16)].concat();
    assert_eq!(found_people(&look(FORM, &pair)), [1]);
    for bytes in [wrapped(&[Wrap::Brotli], text), high] {
        let pair = [b"d=".as_slice(), &wrapped(&[Wrap::Percent], &bytes)].concat();
        assert_eq!(look(FORM, &pair).unreadable.len(), 1, "{bytes:?} in a pair");
    }
    assert_eq!(found_people(&look("multipart/form-data; boundary=b", &multipart)), [1]);
}

#[test]
fn character_sets_that_are_not_ascii_are_unreadable() {
    for charset in ["utf-16", "utf-16le", "utf-7", "utf-32", "hz-gb-2312", "ibm037", "own"] {
        let kind = format!("text/plain; charset={charset}");
        assert_eq!(look(&kind, b"ada+AEA-school.example").unreadable.len(), 1, "{charset}");
    }
    for charset in [
        "utf-8",
        "\"UTF-8\"",
        "iso-8859-1",
        "windows-1252",
        "euc-jp",
        "gbk",
        "iso-2022-jp",
    ] {
        let kind = format!("text/plain; charset={charset}");
        assert!(look(&kind, b"hello").unreadable.is_empty(), "{charset}");
    }
}

#[test]
fn latin_1_and_javascript_escapes_are_read() {
    for target in [
        "/x?a=Jos%E9+N%FA%F1ez-Ortega",
        "/Jos%E9%20N%FA%F1ez-Ortega",
        "/x?a=Jos%u00E9%20N%u00FA%u00F1ez-Ortega",
    ] {
        assert_eq!(found_people(&look_at_target(target)), [2], "{target}");
    }
    let header: [(&str, &[u8]); 1] = [("x-name", b"Jos\xe9 N\xfa\xf1ez-Ortega")];
    assert_eq!(found_people(&looked_at(&header, b"")), [2]);
    assert_eq!(found_people(&look_at_target("/x?a=ada%u005Fl")), [1]);
}

#[test]
fn what_stands_before_a_percent_escape_is_read_twice() {
    belong_to(&[("ada_l%41b", 1), ("https://x.example/ada_l%41b?q=%20", 1)]);
}

#[test]
fn known_addresses_inside_longer_tokens_are_that_persons() {
    belong_to(&[
        ("-ada@school.example", 1),
        ("student_ada@school.example", 1),
        ("用户ada@school.example登录", 1),
        ("export-ada@school.example-1.csv", 1),
        ("tag+ada@school.example", 1),
        ("john.ada@school.example", 1),
        ("grace@home.example登录", 1),
        ("grace@home.example.eml", 1),
        ("bounce+grace=home.example@list.example", 1),
        ("grace@home.example-120.jpg", 1),
        ("grace@home.example-avatar.png", 1),
        ("grace@home.example.thumb.png", 1),
        ("grace@home.example.tar.gz", 1),
        ("grace@home.example.backup.zip", 1),
        ("jose.nunez@school.example.v2.json", 2),
        ("o'hara@school.example-1.pdf", 3),
    ]);
}

#[test]
fn files_named_for_strangers_addresses_are_found() {
    for text in [
        "anders.h@home.example-120.jpg",
        "anders.h@home.example.thumb.png",
        "anders.h@home.example.pdf",
    ] {
        let inspection = look("text/plain", text.as_bytes());
        let elements: Vec<&str> = inspection
            .findings
            .iter()
            .map(|finding| finding.element.as_str())
            .collect();
        assert_eq!(elements, ["contact.email"], "{text}");
    }
}

#[test]
fn what_only_looks_like_an_address_is_nobodys() {
    belong_to_nobody(&[
        "git@github.com:org/repo.git",
        "ssh://git@github.com/org/repo",
        "postgres://u:p@db.host.example/x",
        "pkg@npm.registry",
        "x@1.2.3",
        "lodash@4.17.21.min.js",
        "icon@2x.thumb.png",
        "twitter.com/@user.name",
    ]);
    belong_to(&[("postgres://u:ada@school.example/x", 1)]);
}

#[test]
fn text_beside_letters_of_other_scripts_is_found() {
    belong_to(&[
        ("用户ada_l登录", 1),
        ("用户Ada Lovelace登录", 1),
        ("用户+1 206 555 0100登录", 1),
        ("学生770013。", 4),
        ("пользовательada_lвошёл", 1),
        ("björn_å", 4),
    ]);
}

#[test]
fn a_header_name_that_is_not_common_is_not_repeated() {
    for (name, pointer) in [
        ("x-ada-lovelace", "*"),
        ("maya-lindqvist", "*"),
        ("x-request-id", "x-request-id"),
        ("user-agent", "user-agent"),
        ("x-stranger-id", "*"),
    ] {
        let headers: [(&str, &[u8]); 1] = [(name, b"jnunez27")];
        let inspection = looked_at(&headers, b"");
        assert!(
            inspection
                .findings
                .iter()
                .all(|finding| finding.place.pointer == pointer),
            "{name}"
        );
    }
}

#[test]
fn base64_in_unusual_clothes_is_undone() {
    let base64 = |text: &str| String::from_utf8(wrapped(&[Wrap::Base64], text.as_bytes())).unwrap();
    let url = |text: &str| String::from_utf8(wrapped(&[Wrap::Base64Url], text.as_bytes())).unwrap();
    let plus = base64("o\u{2019} ab>ada_l; ab>ab>");
    assert!(plus.contains('+'), "{plus}");
    assert_eq!(found_people(&look_at_target(&format!("/x?d={plus}"))), [1], "{plus}");
    let long = base64("xxxxxxxxx ada@school.example xxxxxxxxx xxxxxxxxx");
    let lines: Vec<&str> = long
        .as_bytes()
        .chunks(22)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    belong_to(&[
        (
            &format!("https://h.example/QUJDREVGR0g/v1_{}", url("ada@school.example")),
            1,
        ),
        (&format!("/x/y_{}", url("ada@school.example")), 1),
        (&lines.join("\n"), 1),
        (
            &format!("{}\n{}\n", base64("a first line of text"), base64("ada@school.example")),
            1,
        ),
        (&base64("\0ada_l\0pw"), 1),
        (&base64("\u{1b}[1m ada_l said"), 1),
    ]);
}

#[test]
fn names_are_found_across_wider_gaps_and_one_word() {
    belong_to(&[
        ("Lovelace: Ada", 1),
        ("Lovelace;Ada", 1),
        ("Lovelace|Ada", 1),
        ("Lovelace (Ada)", 1),
        ("Ada/Lovelace", 1),
        ("Ada\u{b7}Lovelace", 1),
        ("Ada      Lovelace", 1),
        ("\"Lovelace\", \"Ada\"", 1),
        ("Ada J. Lovelace", 1),
        ("Ada Josephine Lovelace", 1),
        ("Ada \"May\" Lovelace", 1),
        ("Ada</b> Lovelace", 1),
        ("Ada\r\n   Lovelace", 1),
    ]);
    belong_to_nobody(&[
        "Ada and Lovelace",
        "I like Ada.    Lovelace too",
        "Ada in the Lovelace house",
    ]);
}

#[test]
fn numbers_that_became_floats_are_found() {
    for (text, person) in [
        ("12065550100.0", 1),
        ("1.2065550100e10", 1),
        ("8841207.0", 1),
        ("8841207e0", 1),
        ("8.841207E+6", 1),
        ("770013.00", 4),
    ] {
        let body = format!("{{\"zz\":{text}}}");
        assert_eq!(
            found_people(&look("application/json", body.as_bytes())),
            [person],
            "{text}"
        );
        rewrite_is_safe("application/json", body.as_bytes());
    }
}

#[test]
fn known_numbers_in_unusual_groups_and_tokens_are_found() {
    belong_to(&[
        ("206-555-0100x12", 1),
        ("206 - 555 - 0100", 1),
        ("1 (206) 555 - 0100", 1),
        ("206_555_0100", 1),
        ("206~555~0100", 1),
        ("01112065550100", 1),
        ("011 1 206 555 0100", 1),
        ("_2065550100_", 1),
        ("sms_12065550100", 1),
        ("tel2065550100", 1),
        ("2065550100.0", 1),
        ("ID8841207", 1),
        ("student770013", 4),
        ("8841207.1.pdf", 1),
        ("8841207.0", 1),
        ("2024-8841207", 1),
        ("8841207-2024", 1),
    ]);
    belong_to_nobody(&[
        "e29b-8841207",
        "1.8841207",
        "a770013",
        "18841207",
        "8841207-1234-4a00-9000-000000000000",
        "8841207.25",
    ]);
}

#[test]
fn numbers_that_only_look_like_telephones_are_nobodys() {
    belong_to_nobody(&[
        "98101-1234",
        "02134-1234",
        "+12345678",
        "+123456789",
        "5 +12345678",
        "M 250 300 4000 12",
        "250 300 4000 5000",
        "12 250 300 4000",
        "250 100 4000",
        "120-300-4000",
        "250/300/4000",
        "01 10 20 30",
        "0123 12 34 12",
        "0123.4567890",
    ]);
    for (field, value) in [
        ("to", "1700000000"),
        ("from", "1732233600000"),
        ("cell", "12345678"),
        ("to", "\"12345678\""),
    ] {
        let body = format!("{{\"{field}\":{value}}}");
        assert!(look("application/json", body.as_bytes()).findings.is_empty(), "{body}");
    }
    for text in [
        "+1 415 555 0123",
        "(415) 555-0123",
        "415 555 0123",
        "+44 20 7946 0123",
        "020 7946 0123",
        "06 12 34 56 78",
    ] {
        let inspection = look("text/plain", format!("call {text}, please").as_bytes());
        assert_eq!(inspection.findings.len(), 1, "{text}");
    }
    for body in ["To=%2B14155550123", "From=+14155550123", "To=14155550123"] {
        assert_eq!(look(FORM, body.as_bytes()).findings.len(), 1, "{body}");
    }
}

#[test]
fn many_readable_pieces_of_one_token_take_linear_time() {
    let pieces = "YWRhX2xh/".repeat(100_000);
    // Comparing every piece with every other takes minutes: whoever brings that back will wait for this line.
    let inspection = look("text/plain", pieces.as_bytes());
    assert!(inspection.bytes_read >= pieces.len() as u64);
}

const DIGESTS: [&str; 5] = [
    "sur+XAJBhYeP8z4nxXX9Ug==",
    "F9239IsnhMVLoSOE+aHPbM8Fs/E=",
    "CSOQm/Xnrru8+hOaMdOqL+kUIFHF3qUs4wNTNrtI6to=",
    "tv.1~em.CSOQm_Xnrru8-hOaMdOqL-kUIFHF3qUs4wNTNrtI6to",
    "sha256-CSOQm/Xnrru8+hOaMdOqL+kUIFHF3qUs4wNTNrtI6to=",
];

#[test]
fn digests_in_base64_are_those_of_the_address() {
    // MD5, SHA-1 and SHA-256 of `ada@school.example`.
    let rows = DIGESTS.map(|text| (text, 1));
    belong_to(&rows);
    belong_to_nobody(&[
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "V1StGXR8_Z5jdHi6B-myTQ",
    ]);
}

#[test]
fn hexadecimal_behind_a_backslash_is_undone() {
    belong_to(&[
        (r"\x616461407363686f6f6c2e6578616d706c65", 1),
        (r"\x{61}\x{64}\x{61}\x{40}school.example", 1),
    ]);
    belong_to_nobody(&[r"\x89504e470d0a1a0a0000000d49484452", r"\x{1F600}\x{41}"]);
}

#[test]
fn letters_put_together_by_a_program_are_read() {
    for (name, joint) in [
        ("chr", "."),
        ("CHAR", "+"),
        ("Chr", " & "),
        ("CHR", "||"),
        ("nchar", ", "),
    ] {
        let calls: Vec<String> = "ada@school.example".bytes().map(|b| format!("{name}({b})")).collect();
        belong_to(&[(calls.join(joint).as_str(), 1)]);
    }
    belong_to_nobody(&[
        "chr(97).chr(98)+f(3)",
        "char(255) name, char(64) town, char(32) x, char(8), char(16)",
    ]);
}
