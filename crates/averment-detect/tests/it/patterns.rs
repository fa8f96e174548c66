//! Data of people whom nobody knows, and what only looks like it.

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, rewrite};

use crate::people::{directory, looked_at};

fn elements(kind: &str, body: &str) -> Vec<String> {
    let inspection = looked_at(&[("content-type", kind.as_bytes())], body.as_bytes());
    let found = inspection.findings.iter();
    found.map(|finding| finding.element.as_str().to_owned()).collect()
}

fn masked(kind: &str, body: &str) -> String {
    let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
    let message = Message {
        authority: "sink.example",
        target: "/",
        headers: &headers,
        body: body.as_bytes(),
    };
    let key = ReplacementKey {
        key: &[9; 32],
        recipient: "sink",
    };
    let treatments = [
        Treatment::Drop,
        Treatment::Hash,
        Treatment::Pseudonym,
        Treatment::Generalise,
        Treatment::Mask,
    ];
    let out = treatments.map(|treatment| {
        rewrite(&message, &directory(), &Limits::default(), &key, &|_| treatment)
            .expect("can be replaced")
            .body
    });
    String::from_utf8(out[4].clone()).expect("text stays text")
}

const IN_TEXT: &[(&str, &str, &str)] = &[
    (
        "paid with 4111 1111 1111 1111 today",
        "finance.payment_card",
        "paid with *** today",
    ),
    ("card 4111111111111111.", "finance.payment_card", "card ***."),
    (
        "IBAN DE89 3704 0044 0532 0130 00, please",
        "finance.bank_account",
        "IBAN ***, please",
    ),
    ("to DE89370400440532013000", "finance.bank_account", "to ***"),
    ("SSN 078-05-1120", "identity.gov_id.ssn", "SSN ***"),
    ("pnr 811228-9874", "identity.gov_id.other", "pnr ***"),
    ("client ip 8.8.8.8", "tech.ip_address", "client ip ***"),
    ("his IP is 2001:db8::17.", "tech.ip_address", "his IP is ***."),
    (
        "She was born on 2 March 2015 in Oslo",
        "demographic.date_of_birth",
        "She was born on *** in Oslo",
    ),
    ("DOB: 03/02/2015", "demographic.date_of_birth", "DOB: ***"),
    ("geboren am 2.3.2015", "demographic.date_of_birth", "geboren am ***"),
    (
        "lives at 12 Elm Street with us",
        "contact.address.postal",
        "lives at *** with us",
    ),
    (
        "send it to 221b Old Baker St, London NW1 6XE",
        "contact.address.postal",
        "send it to ***, London NW1 6XE",
    ),
    ("password: hunter2!", "account.password", "password: ***!"),
    (
        "my password is Blue-Whale9 thanks",
        "account.password",
        "my password is *** thanks",
    ),
];

#[test]
fn data_of_unknown_people_is_found_and_replaced_in_texts() {
    for (text, element, expected) in IN_TEXT {
        assert_eq!(elements("text/plain", text), [*element], "{text}");
        assert_eq!(masked("text/plain", text), *expected);
        let json = serde_json::json!({ "zz": [text] }).to_string();
        assert_eq!(elements("application/json", &json), [*element], "{json}");
    }
}

const IN_FIELDS: &[(&str, &str)] = &[
    (r#"{"birth_date":"2015-03-02"}"#, "demographic.date_of_birth"),
    (
        r#"{"student":{"dateOfBirth" : "03/02/2015"}}"#,
        "demographic.date_of_birth",
    ),
    (r#"{"dob":"20150302"}"#, "demographic.date_of_birth"),
    (r#"{"password":"correct horse"}"#, "account.password"),
    (r#"{"ip":"8.8.8.8","v":1}"#, "tech.ip_address"),
    (r#"{"ip_address":"2001:db8:0:0:1:2:3:4"}"#, "tech.ip_address"),
    (r#"{"address":"12 Elm Street, Springfield"}"#, "contact.address.postal"),
    (r#"{"address":"Elmgade 12, 2200 Nordby"}"#, "contact.address.postal"),
    (r#"{"card_number":4111111111111111}"#, "finance.payment_card"),
];

#[test]
fn the_name_of_a_field_says_what_is_in_it() {
    for (body, element) in IN_FIELDS {
        assert_eq!(elements("application/json", body), [*element], "{body}");
        assert!(masked("application/json", body).contains("\"***\""), "{body}");
    }
    let form = "email=&password=hunter2&dob=2015-03-02";
    assert_eq!(
        elements("application/x-www-form-urlencoded", form),
        ["account.password", "demographic.date_of_birth"]
    );
    let header: [(&str, &[u8]); 1] = [("x-forwarded-for", b"8.8.4.4, 10.0.0.1")];
    assert_eq!(looked_at(&header, b"").findings.len(), 1);
}

#[test]
fn look_alikes_are_left_alone() {
    for text in [
        "4111 1111 1111 1112 is no card",
        "order 1795000000000000 of 4111111111111111222",
        "DE89370400440532013001",
        "call 666-05-1120 or 078-05-11201",
        "Chrome/120.0.6099.109 Safari/537.36 v1.2.3.4 10.0.0.1 192.168.1.77",
        "12:30:45 and ::1 and a::b",
        "the release of 2015-03-02 and 2 March 2015",
        "born in 2015, a new version 2.3.4",
        "build 12 of main street view",
        "we drive 20 km that way",
        "reset your password: required",
        "password is required, the password must have 8 characters",
        "forgot password? secret token",
        r#"{"password":null,"password":"","password":"***","password":true}"#,
        r#"{"birth_date":"unknown","dob":"","ip":"127.0.0.1","address":"none"}"#,
        "from 203.0.113.177 at noon; allow 198.51.100.24/32; server ip 8.8.8.8; the IP is 203.0.113.9",
        r#"{"server":{"ip":"203.0.113.177"},"upstream":"198.51.100.24:443","dns":["8.8.8.8"]}"#,
        r#"{"id":4111111111111111,"code":"2341 2341 2346","order":"811228-9874"}"#,
        "the birthday party is on 2 March 2026, dateofbirth is a column since 2015-03-02",
        "password: please choose one, password: ${DB_PASSWORD}, password={{secret_1}}",
        r#"{"address":"a@b","street":"Main"}"#,
        r#"{"at":"2026-11-04T10:20:30.123Z","ip_count":12,"version":"10.15.7.22"}"#,
    ] {
        for kind in ["text/plain", "application/json"] {
            let body = if kind == "text/plain" {
                text.to_owned()
            } else {
                serde_json::json!({ "zz": text }).to_string()
            };
            assert_eq!(elements(kind, &body), Vec::<String>::new(), "{kind}: {body}");
        }
    }
}

#[test]
fn a_number_that_ends_a_sentence_is_no_house_number() {
    for (text, expected) in [
        (
            "the emergency contact is +1 206 555 2339.\n\nDraw a square",
            "contact.phone",
        ),
        ("lives at 12 Elm Street", "contact.address.postal"),
        ("lives at 12, Elm Street", "contact.address.postal"),
    ] {
        assert_eq!(elements("text/plain", text), [expected], "{text}");
    }
}
