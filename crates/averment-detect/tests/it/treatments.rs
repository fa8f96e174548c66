//! Every treatment at every place: what was to go is gone, and the bytes around it are what they were.

use std::cell::RefCell;

use averment_catalog::Treatment;
use averment_detect::{
    Finding, KnownBy, Limits, Message, PersonNumber, Pseudonymised, ReplacementKey, RewriteError, Rewritten, inspect,
    pseudonyms, rewrite, rewrite_and_reveal,
};
use proptest::prelude::*;

use crate::pack::{field, number_field};
use crate::people::{directory, found_people, looked_at};

const TREATMENTS: [Treatment; 5] = [
    Treatment::Mask,
    Treatment::Drop,
    Treatment::Hash,
    Treatment::Pseudonym,
    Treatment::Generalise,
];
const WHAT: [&str; 4] = ["ada@school.example", "ada_l", "Ada Lovelace", "+12065550100"];
const KEY: ReplacementKey<'static> = ReplacementKey {
    key: &[9; 32],
    recipient: "sink",
};

/// A request: target, headers, body.
type Parts = (String, Vec<(&'static str, String)>, String);

/// A place: what stands before and behind it, and how a text is written there.
struct Place {
    name: &'static str,
    make: fn(&str) -> Parts,
}

const PLACES: [Place; 8] = [
    Place {
        name: "json",
        make: |text| {
            body(
                "application/json",
                format!("{{\"k\" : [1.50, \"see {text} ok\"], \"z\":null}}"),
            )
        },
    },
    Place {
        name: "form",
        make: |text| {
            body(
                "application/x-www-form-urlencoded",
                format!("a=%41&zz={}&b=1", form(text)),
            )
        },
    },
    Place {
        name: "multipart",
        make: |text| {
            body(
                "multipart/form-data; boundary=b",
                format!("--b\r\nContent-Disposition: form-data; name=\"zz\"\r\n\r\n{text}\r\n--b--\r\n"),
            )
        },
    },
    Place {
        name: "xml",
        make: |text| body("application/xml", format!("<r  a=\"1\"><zz>{text}</zz><!-- x --></r>")),
    },
    Place {
        name: "query",
        make: |text| (format!("/v1/x?a=%41&zz={}&b=1", form(text)), Vec::new(), String::new()),
    },
    Place {
        name: "path",
        make: |text| {
            (
                format!("/v1/{}/x", form(text).replace('+', "%20")),
                Vec::new(),
                String::new(),
            )
        },
    },
    Place {
        name: "header",
        make: |text| {
            (
                "/v1".to_owned(),
                vec![("x-context", format!("a;  {text} ,b"))],
                String::new(),
            )
        },
    },
    Place {
        name: "cookie",
        make: |text| {
            (
                "/v1".to_owned(),
                vec![("cookie", format!("a=1; zz={}; b=2", form(text).replace('+', "%20")))],
                String::new(),
            )
        },
    },
];

fn body(kind: &str, body: String) -> Parts {
    ("/v1".to_owned(), vec![("content-type", kind.to_owned())], body)
}

fn form(text: &str) -> String {
    text.replace('%', "%25")
        .replace('+', "%2B")
        .replace('@', "%40")
        .replace(' ', "+")
}

fn treated(parts: &Parts, treatment: Treatment) -> Result<Rewritten, RewriteError> {
    let headers: Vec<(&str, &[u8])> = parts.1.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let message = message(&parts.0, &headers, parts.2.as_bytes());
    rewrite(&message, &directory(), &Limits::default(), &KEY, &|_| treatment)
}

fn message<'m>(target: &'m str, headers: &'m [(&'m str, &'m [u8])], body: &'m [u8]) -> Message<'m> {
    Message {
        authority: "sink.example",
        target,
        headers,
        body,
    }
}

fn all(out: &Rewritten) -> Vec<u8> {
    [
        out.target.as_bytes(),
        b"|",
        &out.headers.join(&b"|"[..]),
        b"|",
        &out.body,
    ]
    .concat()
}

fn whole(parts: &Parts) -> Vec<u8> {
    let headers: Vec<Vec<u8>> = parts.1.iter().map(|(_, value)| value.clone().into_bytes()).collect();
    [
        parts.0.as_bytes(),
        b"|",
        &headers.join(&b"|"[..]),
        b"|",
        parts.2.as_bytes(),
    ]
    .concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_was_to_go_is_gone_and_the_rest_is_as_it_was(
        place in 0..PLACES.len(),
        what in proptest::sample::select(WHAT.to_vec()),
        treatment in proptest::sample::select(TREATMENTS.to_vec()),
    ) {
        let place = &PLACES[place];
        let parts = (place.make)(what);
        let out = treated(&parts, treatment);
        prop_assert!(out.is_ok(), "{} {:?}", place.name, out.err());
        let out = out.unwrap();
        let headers: Vec<(&str, &[u8])> = parts.1.iter().zip(&out.headers).map(|((name, _), value)| (*name, &value[..])).collect();
        let after = inspect(&message(&out.target, &headers, &out.body), &directory(), &Limits::default());
        prop_assert!(after.findings.is_empty(), "{} {:?}", place.name, after.findings);
        // What stands before and behind is what stands around another word there.
        let around = whole(&(place.make)("\u{1}"));
        let at = around.iter().position(|b| *b == 1).unwrap();
        let (before, behind) = (&around[..at], &around[at + 1..]);
        let out = all(&out);
        prop_assert!(out.starts_with(before), "{} {}", place.name, String::from_utf8_lossy(&out));
        prop_assert!(out.ends_with(behind), "{} {}", place.name, String::from_utf8_lossy(&out));
    }
}

#[test]
fn a_block_refuses_and_a_pass_changes_nothing() {
    for place in &PLACES {
        let parts = (place.make)("ada_l");
        assert!(treated(&parts, Treatment::Block).is_err(), "{}", place.name);
        assert_eq!(
            all(&treated(&parts, Treatment::Pass).unwrap()),
            whole(&parts),
            "{}",
            place.name
        );
    }
}

#[test]
fn pseudonyms_in_a_rewritten_message_can_be_turned_back() {
    for place in &PLACES {
        let out = all(&treated(&(place.make)("ada@school.example"), Treatment::Pseudonym).unwrap());
        let found: Vec<PersonNumber> = pseudonyms(&KEY, &out).map(|(_, person)| person).collect();
        assert_eq!(found, [PersonNumber(1)], "{}", place.name);
        let other = ReplacementKey {
            recipient: "other",
            ..KEY
        };
        assert_eq!(pseudonyms(&other, &out).count(), 0);
    }
}

#[test]
fn what_a_pseudonym_stands_for_is_told_as_it_was_written() {
    let text =
        r#"{"userEmail":"Ada@School.example","note":"\u0041da_L","who":{"firstName":"Ada","lastName":"Lovelace"}}"#;
    let headers: [(&str, &[u8]); 1] = [("content-type", b"application/json")];
    let treat = |_: &Finding| Treatment::Pseudonym;
    let told = RefCell::new(Vec::new());
    let reveal = |found: &Pseudonymised<'_>| {
        told.borrow_mut()
            .push((found.pseudonym.to_owned(), found.value.to_owned()));
    };
    let message = message("/", &headers, text.as_bytes());
    let out = rewrite_and_reveal(&message, &directory(), &Limits::default(), &KEY, &treat, &reveal).unwrap();
    let untold = rewrite(&message, &directory(), &Limits::default(), &KEY, &treat).unwrap();
    assert!(out == untold, "telling changes nothing");
    let told = told.into_inner();
    for value in ["Ada@School.example", "Ada_L", "Ada", "Lovelace"] {
        assert!(told.iter().any(|(_, told)| told == value), "{value}");
    }
    let body = String::from_utf8(out.body).unwrap();
    assert!(told.iter().all(|(pseudonym, _)| body.contains(pseudonym)), "{body}");
}

#[test]
fn a_number_in_protocol_buffers_becomes_a_zero() {
    let kind = "application/x-protobuf";
    let message = |number: u64| field(1, &[field(2, b"event"), number_field(3, number)].concat());
    let treat = |body: &[u8], treatment: Treatment| {
        let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
        let treat = |found: &Finding| {
            if found.known_by == KnownBy::Exact {
                treatment
            } else {
                Treatment::Pass
            }
        };
        rewrite(
            &self::message("/", &headers, body),
            &directory(),
            &Limits::default(),
            &KEY,
            &treat,
        )
    };
    let out = treat(&message(8_841_207), Treatment::Mask).unwrap();
    assert_eq!(out.body, message(0));
    assert!(found_people(&looked_at(&[("content-type", kind.as_bytes())], &out.body)).is_empty());
    assert!(treat(&message(8_841_207), Treatment::Pseudonym).is_err());
}
