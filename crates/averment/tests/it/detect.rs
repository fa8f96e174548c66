//! `averment detect`: what it finds in files of several kinds, how it ends, and that it shows values only when asked to.

use std::io::Write as _;
use std::process::Stdio;

use crate::world::{Place, Ran};

const PEOPLE: &str = "id,role,birth_year,email,full_name\n\
                      s-1001,student,2016,mira.oakley@school.example,Mira Oakley\n";

fn with_people() -> Place {
    let place = Place::new();
    std::fs::write(place.path("people.csv"), PEOPLE).expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    place
}

fn detect(place: &Place, name: &str, content: &[u8], more: &[&str]) -> Ran {
    std::fs::write(place.path(name), content).expect("a file");
    place.run(&[&["detect", name, "--people", "averment-data"], more].concat())
}

#[test]
fn people_are_told_with_place_and_encodings_and_without_their_values() {
    let place = with_people();
    let body =
        br#"{"events":[{"user":{"email":"mira.oakley@school.example"}},{"note":"TWlyYSBPYWtsZXkgd2FzIGhlcmU="}]}"#;
    let ran = detect(&place, "events.json", body, &[]).expect(1);
    let expected = "contact.email \u{d7}1 of student.under13, person 1\n    \
                    in body events[].user.email; the same as in the directory\n    through json\n\
                    identity.name.full \u{d7}1 of student.under13, person 1\n    \
                    in body events[].note; the same as in the directory\n    through json, base64\n\
                    2 found, 0 places not readable\n";
    assert_eq!(ran.stdout, expected);
    assert!(!ran.stdout.to_lowercase().contains("oakley"));

    let json = detect(&place, "events.json", body, &["--format", "json"]).expect(1);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(document["schema"], "averment.detect/1");
    assert_eq!(document["findings"][1]["layers"], serde_json::json!(["json", "base64"]));
    assert!(!json.stdout.to_lowercase().contains("oakley"));
}

#[test]
fn values_are_shown_to_who_asks_and_has_the_keys() {
    let place = with_people();
    let body = b"n,mail\n1,Mira.Oakley@school.example\n";
    let ran = detect(&place, "list.csv", body, &["--reveal"]).expect(1);
    assert!(
        ran.stdout.contains("    value mira.oakley@school.example\n"),
        "{}",
        ran.stdout
    );

    std::fs::rename(place.path("averment-keys"), place.path("elsewhere")).expect("a folder");
    let ran = detect(&place, "list.csv", body, &["--reveal"]).expect(2);
    assert!(!ran.stdout.contains("mira") && !ran.stderr.contains("mira"));
    place.run(&["detect", "list.csv", "--reveal"]).expect(2);
}

#[test]
fn without_people_only_what_has_the_look_of_an_identifier_is_found() {
    let place = Place::new();
    std::fs::write(place.path("a.txt"), "Mira Oakley <mira.oakley@school.example>").expect("a file");
    let ran = place.run(&["detect", "a.txt"]).expect(1);
    assert!(
        ran.stdout
            .contains("somebody outside the directory\n    in body; by its look\n1 found"),
        "{}",
        ran.stdout
    );
}

#[test]
fn nothing_found_and_not_readable_are_told_apart() {
    let place = with_people();
    let ran = detect(&place, "a.json", b"{\"level\":7}", &[]).expect(0);
    assert_eq!(ran.stdout, "0 found, 0 places not readable\n");
    let ran = detect(&place, "a.json", b"{\"level\":", &[]).expect(2);
    assert!(
        ran.stdout
            .contains("not readable: body, not what its type or encoding says"),
        "{}",
        ran.stdout
    );
    // The type as told outweighs the ending.
    detect(&place, "a.json", b"{\"level\":", &["--type", "text/plain"]).expect(0);
}

#[test]
fn standard_input_is_looked_at_too() {
    let place = with_people();
    let mut command = place.averment(&[
        "detect",
        "-",
        "--type",
        "application/x-www-form-urlencoded",
        "--people",
        "averment-data",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("averment starts");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(b"a=1&email=mira.oakley%40school.example")
        .expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("in body email; the same as in the directory"));
}
