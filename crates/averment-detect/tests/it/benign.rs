//! What looks like an identifier and is none: nothing is found, nothing is touched.

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, rewrite};

use crate::people::{directory, looked_at};

const BENIGN: &[&str] = &[
    r#"{"id":98841207}"#,
    r#"{"id":88412070,"n":1.8841207,"m":-8841207}"#,
    r#"{"a":-0,"b":0e0,"c":1E+400,"d":123456789012345678901234567890,"e":0.0000000001}"#,
    r#"{"t":1700000000,"ms":1700000000123,"iso":"2024-01-02T10:20:30.123456Z","d":"2024-01-02"}"#,
    r#"{"u":"550e8400-e29b-41d4-a716-446655440000","h":"d41d8cd98f00b204e9800998ecf8427e"}"#,
    r#"{"h":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#,
    r#"{"b":"kJ3xV9mPq2LrT8wZc5Yb7NdFh1Gs4Ka6Ue0Ii==","c":"AAECAwQFBgcICQoLDA0ODw=="}"#,
    r#"{"v":"1.2.3-beta.4","ip":"192.168.100.200","mac":"00:1b:44:11:3a:b7","port":65535}"#,
    r#"{"price":"1,234,567.89","isbn":"978-3-16-148410-0","zip":"98101-1234"}"#,
    r#"{"a":"ada_l2","b":"xada_l","c":"adal","d":"ada","e":"lovelace","f":"ada xlovelace"}"#,
    r#"{"a":"Ada Byron","b":"Scarlett Lovelace","c":"Ada and Lovelace"}"#,
    r#"{"s":"770013a","t":"a770013","u":"7700131","v":"S-2019-00420","w":"XS-2019-0042"}"#,
    r#"{"img":"icon@2x.png","pkg":"lodash@4.17.21","at":"@ada","dsn":"https://abc123@o1.ingest.example/42"}"#,
    r#"{"x":"100%","y":"50%25","z":"a+b=c","w":"%zz%","esc":"\"\\\/\b\f\n\r\t\u0000\ud83d\ude00"}"#,
    r#"{"coordinates":[47.6062095,-122.3320708],"size":"1920x1080","range":"10-20-30-4000"}"#,
    r#"{"order":"206-555-01001","sku":"3206-555-0100","hex":"0x2065550100"}"#,
];

#[test]
fn look_alikes_are_not_found() {
    for text in BENIGN {
        let inspection = looked_at(&[("content-type", b"application/json")], text.as_bytes());
        assert!(inspection.findings.is_empty(), "{text}: {:?}", inspection.findings);
        assert!(inspection.unreadable.is_empty(), "{text}: {:?}", inspection.unreadable);
    }
}

#[test]
fn near_miss_addresses_are_somebody_elses() {
    let near = [
        "xada@school.example",
        "ada.l@school.example",
        "ada@xschool.example",
        "ada@my-school.example",
    ];
    for text in near {
        let inspection = looked_at(&[], format!("to {text}!").as_bytes());
        let elements: Vec<&str> = inspection
            .findings
            .iter()
            .map(|finding| finding.element.as_str())
            .collect();
        assert_eq!(elements, ["contact.email"], "{text}");
        assert!(crate::people::found_people(&inspection).is_empty(), "{text}");
    }
}

#[test]
fn a_message_without_findings_is_returned_byte_for_byte() {
    let directory = directory();
    for text in BENIGN {
        let headers: [(&str, &[u8]); 2] = [("content-type", b"application/json"), ("x-odd", b"\xff%4\x80 a=b")];
        let message = Message {
            authority: "sink.example",
            target: "/a%2Fb?x=%zz&y=+&&=",
            headers: &headers,
            body: text.as_bytes(),
        };
        let key = ReplacementKey {
            key: &[9; 32],
            recipient: "sink",
        };
        let out = rewrite(&message, &directory, &Limits::default(), &key, &|_| Treatment::Mask).unwrap();
        assert_eq!(out.target, message.target);
        assert_eq!(out.body, text.as_bytes());
        assert!(
            out.headers
                .iter()
                .zip(&headers)
                .all(|(after, (_, before))| after == before)
        );
    }
}

#[test]
fn empty_bodies_are_readable() {
    for kind in [
        "application/json",
        "application/octet-stream",
        "multipart/form-data",
        "image/png",
        "",
    ] {
        let headers: [(&str, &[u8]); 2] = [("content-type", kind.as_bytes()), ("content-encoding", b"gzip")];
        let inspection = looked_at(&headers, b"");
        assert!(inspection.unreadable.is_empty(), "{kind}");
    }
}
