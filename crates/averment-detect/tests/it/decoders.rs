//! Encodings inside a text: each row is undone wherever a text stands, and nothing is left after masking.

use averment_catalog::Treatment;
use averment_detect::{Layer, Limits, Message, ReplacementKey, RewriteError, rewrite};

use crate::people::{directory, found_people, looked_at};
use crate::wrap::{Wrap, wrapped};

/// Text, and whose identifier it holds.
fn rows() -> Vec<(String, u32)> {
    use Wrap::{Base32, Base64, EncodedWordB, EncodedWordQ, Gzip, Hex, Utf16Be, Utf16Le};
    let text = |stack: &[Wrap], text: &str| String::from_utf8(wrapped(stack, text.as_bytes())).unwrap();
    let ada = "ada@school.example";
    let mut rows: Vec<(String, u32)> = [
        ("ada&#64;school.example", 1),
        ("ada&#x40;school&period;example", 1),
        ("ada&commat;school.example", 1),
        ("ada&amp;#64;school.example", 1),
        ("&#97&#100&#97&#95&#108", 1),
        ("Jos&eacute; N&uacute;&ntilde;ez-Ortega", 2),
        ("Ada&nbsp;Lovelace", 1),
        ("R&amp;D ada_l", 1),
        ("ada=40school.example", 1),
        ("ada@sch=\r\nool.example", 1),
        ("Jos=C3=A9 N=C3=BA=C3=B1ez-Ortega", 2),
        ("=?utf-8?Q?Ada_Lovelace?=", 1),
        ("=?utf-8?B?QWRhIA==?= =?utf-8?B?TG92ZWxhY2U=?=", 1),
        ("Re: =?iso-8859-1?Q?Jos=E9_N=FA=F1ez-Ortega?= says", 2),
        ("=?us-ascii*en?q?ada_l?= =?us-ascii?q?=6Fvelace?=", 0),
        ("ada\\u{40}school.example", 1),
        ("ada\\100school.example", 1),
        ("ada\\U00000040school.example", 1),
        ("616461406\u{200b}x", 0),
    ]
    .map(|(text, person)| (text.to_owned(), person))
    .to_vec();
    rows.retain(|(_, person)| *person != 0);
    for stack in [
        &[Hex][..],
        &[Base32],
        &[Utf16Le, Base64],
        &[Utf16Be, Base64],
        &[Utf16Le, Hex],
        &[Hex, Base64],
        &[Base64, Hex],
        &[Base32, Wrap::Percent],
        &[EncodedWordB],
        &[EncodedWordQ],
        &[Gzip, Hex],
        &[Gzip, Base32],
    ] {
        rows.push((text(stack, ada), 1));
        rows.push((format!("id={}, ok", text(stack, "Björn Åström")), 4));
    }
    rows.push((format!("0x{}", text(&[Hex], ada)), 1));
    rows.push((text(&[Hex], ada).to_uppercase(), 1));
    rows.push((text(&[Base32], ada).to_lowercase(), 1));
    rows.push((text(&[Base64], "name=Jos\u{e9} N\u{fa}\u{f1}ez-Ortega"), 2));
    let latin = wrapped(&[Base64], b"Jos\xe9 N\xfa\xf1ez-Ortega");
    rows.push((String::from_utf8(latin).unwrap(), 2));
    let long = text(&[Base64], "some words first, then ada@school.example and more words");
    for gap in ["\n", "\r\n", " ", "\n    "] {
        let lines: Vec<String> = long
            .as_bytes()
            .chunks(20)
            .map(|line| String::from_utf8_lossy(line).into())
            .collect();
        rows.push((lines.join(gap), 1));
    }
    rows
}

fn masked(headers: &[(&str, &[u8])], body: &[u8]) -> Result<Vec<u8>, RewriteError> {
    let message = Message {
        authority: "sink.example",
        target: "/v1",
        headers,
        body,
    };
    let key = ReplacementKey {
        key: &[9; 32],
        recipient: "sink",
    };
    rewrite(&message, &directory(), &Limits::default(), &key, &|_| Treatment::Mask).map(|out| out.body)
}

#[test]
fn every_row_is_found_and_masked_in_text_json_and_forms() {
    let mut faults = Vec::new();
    for (text, person) in rows() {
        let json = serde_json::json!({ "a": [{ "zz": text }], "b": 1 }).to_string();
        let percent = String::from_utf8(wrapped(&[Wrap::Percent], text.as_bytes())).unwrap();
        for (kind, body) in [
            ("text/plain", text.clone()),
            ("application/json", json),
            ("application/x-www-form-urlencoded", format!("a=1&zz={percent}")),
        ] {
            let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
            let inspection = looked_at(&headers, body.as_bytes());
            if found_people(&inspection) != [person] || !inspection.unreadable.is_empty() {
                faults.push(format!(
                    "{kind}: {text}: {:?} {:?}",
                    inspection.findings, inspection.unreadable
                ));
            }
            match masked(&headers, body.as_bytes()) {
                Ok(out) if looked_at(&headers, &out).findings.is_empty() => {}
                Ok(_) => faults.push(format!("{kind}: {text}: still there")),
                Err(error) => faults.push(format!("{kind}: {text}: {error}")),
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_stands_around_stays_as_it_was() {
    for (body, wanted) in [
        ("a &amp; b ada&#64;school.example &lt;c", "a &amp; b *** &lt;c"),
        ("x=3D1 ada=40school.example =3D", "x=3D1 *** =3D"),
        (
            "A =?utf-8?Q?see_=5Bada=5Fl=5D?= =?utf-8?B?b2s=?= Z",
            "A =?utf-8?Q?see=20=5B***=5D?= =?utf-8?B?b2s=?= Z",
        ),
        ("k 6869206164615f6c206f6b k", "k 6869202a2a2a206f6b k"),
        ("q \\u{62} ada\\u{40}school.example \\101", "q \\u{62} *** \\101"),
    ] {
        let out = masked(&[("content-type", b"text/plain")], body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }
}

#[test]
fn the_way_through_the_layers_is_told() {
    for (body, layers) in [
        ("ada&#64;school.example", &[Layer::References][..]),
        ("ada=40school.example", &[Layer::QuotedPrintable]),
        ("=?utf-8?Q?ada=5Fl?=", &[Layer::EncodedWord]),
        ("6164614073636f6f6c2061 6164615f6c20", &[Layer::Hex]),
        ("YQBkAGEAXwBsACAA", &[Layer::Base64, Layer::Charset]),
    ] {
        let inspection = looked_at(&[("content-type", b"text/plain")], body.as_bytes());
        assert_eq!(inspection.findings[0].layers, layers, "{body}");
    }
}

#[test]
fn digests_keys_and_words_are_left_alone() {
    for body in [
        "d41d8cd98f00b204e9800998ecf8427e e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "550e8400-e29b-41d4-a716-446655440000 0xdeadbeefcafe 1700000000 ffffffffffff",
        "internationalization ABCDEFGHIJKLMNOP JBSWY3DPEHPK3PXP",
        "a=b&c=d&e=%zz x == y; if a=ab then b=cd",
        "AT&T; fish & chips &; &#; &#x; &#99999999999; &bogus;",
        "=? =?x?= =?utf-8?X?abc?= =?utf-8?Q?abc",
        "C:\\temp\\new\\101\\777 \\8 \\u{} \\u{110000} \\Uzzzzzzzz",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
    ] {
        let headers: [(&str, &[u8]); 1] = [("content-type", b"text/plain")];
        let inspection = looked_at(&headers, body.as_bytes());
        assert!(inspection.findings.is_empty(), "{body}: {:?}", inspection.findings);
        assert!(inspection.unreadable.is_empty(), "{body}: {:?}", inspection.unreadable);
        assert_eq!(masked(&headers, body.as_bytes()).unwrap(), body.as_bytes(), "{body}");
    }
}

#[test]
fn compressed_bytes_in_other_spellings_than_base64_are_read() {
    for packed in [Wrap::Gzip, Wrap::Deflate, Wrap::Zstd] {
        for spelling in [Wrap::Hex, Wrap::Base32, Wrap::Base64] {
            let body = wrapped(&[packed, spelling], b"ada@school.example");
            let inspection = looked_at(&[("content-type", b"text/plain")], &body);
            assert_eq!(found_people(&inspection), [1], "{packed:?} {spelling:?}");
        }
    }
}

#[test]
fn digests_that_begin_as_compressed_bytes_do_are_left_alone() {
    let noise = |seed: u64| (1..=3).map(move |round| seed.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.wrapping_pow(round)));
    let refused = (1..=2000_u64).filter(|seed| {
        let tail: String = noise(*seed).map(|number| format!("{number:016x}")).collect();
        let start = ["1f8b", "7801", "785e", "789c", "78da"][(*seed % 5) as usize];
        let inspection = looked_at(
            &[("content-type", b"text/plain")],
            format!("{start}{}", &tail[..28]).as_bytes(),
        );
        !inspection.unreadable.is_empty() || !inspection.findings.is_empty()
    });
    // One digest in 13,000 begins so; of these, one in a hundred may still be taken for what it is not.
    let refused = refused.count();
    assert!(refused <= 20, "{refused}");
}
