//! First and last name in two fields of one object, form, query or row.

use averment_detect::{Limits, Message, inspect};

use crate::formats::masked;
use crate::people::{directory, found_people, looked_at};

const FORM: &str = "application/x-www-form-urlencoded";

fn people(kind: &str, body: &str) -> Vec<u32> {
    found_people(&looked_at(&[("content-type", kind.as_bytes())], body.as_bytes()))
}

#[test]
fn both_halves_in_one_object_are_somebodys() {
    for (kind, body, wanted) in [
        (
            "application/json",
            r#"{"user":{"last_name":"Lovelace","n":[1,{"x":2}],"first_name":"Ada"}}"#,
            r#"{"user":{"last_name":"***","n":[1,{"x":2}],"first_name":"***"}}"#,
        ),
        (
            "application/json",
            r#"[{"givenName":"\u0041da","familyName":"Love\u006cace"},{"a":1}]"#,
            r#"[{"givenName":"***","familyName":"***"},{"a":1}]"#,
        ),
        (
            "application/json",
            r#"{"name":{"first":"Ada Maria","last":"Lovelace"}}"#,
            r#"{"name":{"first":"***","last":"***"}}"#,
        ),
        (
            "application/json",
            r#"{"student_first_name":"Ada","student_last_name":"Lovelace"}"#,
            r#"{"student_first_name":"***","student_last_name":"***"}"#,
        ),
        (
            FORM,
            "a=1&user%5Bfirst_name%5D=Ad%61&b=2&user%5Blast_name%5D=Lovelace",
            "a=1&user%5Bfirst_name%5D=***&b=2&user%5Blast_name%5D=***",
        ),
        (
            "application/xml",
            "<p><first>Ada</first><x/><last>Lovelace</last></p>",
            "<p><first>***</first><x/><last>***</last></p>",
        ),
        (
            "text/html",
            "<u fname=Ada age=9 lname=Lovelace>",
            "<u fname=*** age=9 lname=***>",
        ),
    ] {
        assert_eq!(people(kind, body), [1], "{body}");
        let out = masked(kind, body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }
}

#[test]
fn both_halves_in_a_query_or_in_parts_are_somebodys() {
    let message = Message {
        authority: "sink.example",
        target: "/v1?firstname=Ada&x=1&lastname=Lovelace",
        headers: &[],
        body: b"",
    };
    assert_eq!(found_people(&inspect(&message, &directory(), &Limits::default())), [1]);
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = [
        part("first_name", "Ada"),
        part("age", "9"),
        part("last_name", "Lovelace"),
        "--b--".to_owned(),
    ]
    .concat();
    assert_eq!(people("multipart/form-data; boundary=b", &body), [1]);
}

#[test]
fn halves_of_two_people_or_objects_are_nobodys() {
    for body in [
        r#"{"a":{"first_name":"Ada"},"b":{"last_name":"Lovelace"}}"#,
        r#"[{"first_name":"Ada"},{"last_name":"Lovelace"}]"#,
        r#"{"first_name":"Ada","parent":{"last_name":"Lovelace"}}"#,
        r#"{"student_first_name":"Ada","teacher_last_name":"Lovelace"}"#,
        r#"{"first_name":["Ada"],"last_name":{"x":"Lovelace"}}"#,
        r#"{"first_name":"Ada","last_name":"Byron"}"#,
        r#"{"first_name":"","last_name":"Lovelace"}"#,
    ] {
        assert!(people("application/json", body).is_empty(), "{body}");
    }
}

#[test]
fn a_name_beside_the_address_that_it_begins_is_found_with_it() {
    for text in [
        "Ada Lovelace (ada@school.example) wrote",
        "from: Lovelace, Ada <ada@school.example>",
    ] {
        let out = masked("text/plain", text.as_bytes()).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains("Lovelace") && !out.contains("ada@"), "{out}");
        let inspection = looked_at(&[("content-type", b"text/plain")], text.as_bytes());
        let elements: Vec<&str> = inspection
            .findings
            .iter()
            .map(|finding| finding.element.as_str())
            .collect();
        assert!(
            elements.contains(&"contact.email") && elements.contains(&"identity.name.full"),
            "{elements:?}"
        );
    }
}
