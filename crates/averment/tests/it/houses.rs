//! Several gates of one house: one question, answered from the ledgers of all of them, and said where one is missing.

use serde_json::Value;

use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::Request;
use crate::world::Place;

const MAYA: &str = "s-10421";

/// A gate's folders, after it passed on one message about each.
fn gate_with(people: &[&str]) -> Place {
    let place = Place::new();
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&place, &example_register());
    for person in people {
        let body = format!(r#"{{"user_id":"{person}"}}"#);
        let request = Request {
            method: "POST",
            host: "api2.amplitude.com",
            target: "/2/httpapi",
            headers: &[("Content-Type", "application/json")],
            body: body.as_bytes(),
        };
        request.through(gate.gate()).expect("the gate answers");
    }
    assert_eq!(gate.stop(), 0);
    place
}

/// The folders of both, as arguments.
fn folders(places: &[&Place]) -> Vec<String> {
    let of = |place: &&Place| {
        [("--data", "averment-data"), ("--keys", "averment-keys")]
            .map(|(option, name)| [option.to_owned(), place.path(name).display().to_string()])
    };
    places.iter().flat_map(of).flatten().collect()
}

fn asked(place: &Place, question: &[&str], folders: &[String], code: i32) -> Value {
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let ran = place
        .run(&[&["ledger"], question, &folders, &["--format", "json"]].concat())
        .expect(code);
    serde_json::from_str(&ran.stdout).expect("an answer")
}

#[test]
fn one_question_is_answered_from_the_ledgers_of_all_gates() {
    let one = gate_with(&["maya.lindqvist@birch.example", "amina.delacroix@juniper.example"]);
    let other = gate_with(&["maya.lindqvist@birch.example"]);
    let both = folders(&[&one, &other]);

    let person = asked(&one, &["person", MAYA], &both, 0);
    let messages = person["messages"].as_array().expect("a list");
    let ledgers: Vec<&Value> = messages.iter().map(|message| &message["ledger"]).collect();
    assert_eq!(person["ledgers"].as_array().map(Vec::len), Some(2));
    assert!(ledgers.len() == 2 && ledgers[0] != ledgers[1], "{person:#}");
    assert!(messages[0]["at"].as_str() <= messages[1]["at"].as_str());

    let recipient = asked(&one, &["recipient", "amplitude"], &both, 0);
    let alone = asked(&one, &["recipient", "amplitude"], &folders(&[&one]), 0);
    let people = |answer: &Value| {
        answer["all"]["people"]
            .as_object()
            .expect("counts")
            .values()
            .filter_map(Value::as_u64)
            .sum::<u64>()
    };
    assert_eq!(
        (people(&alone), people(&recipient)),
        (2, 3),
        "each ledger counts its own"
    );

    let breach = [
        "breach",
        "--recipient",
        "amplitude",
        "--discovered",
        "2026-10-02",
        "--register",
    ];
    let breach = asked(&one, &[&breach[..], &[&example_register()]].concat(), &both, 0);
    assert!(
        breach["notes"][0]
            .as_str()
            .is_some_and(|note| note.contains("From 2 of 2 ledgers")),
        "{breach:#}"
    );
    let school = asked(&one, &["school", "Birch Elementary"], &both, 0);
    assert_eq!(people(&school), 2);
    assert_eq!(school["people_by_school_of_today"], 0, "entries say the school");
    let element = asked(&one, &["element", "contact"], &both, 0);
    assert_eq!(element["recipients"][0]["recipient"], "amplitude");

    let out = one.path("rows.csv").display().to_string();
    let export: Vec<&str> = both.iter().map(String::as_str).collect();
    one.run(&[&["ledger", "export", "--format", "csv", "--out", &out][..], &export].concat())
        .expect(0);
    let rows = std::fs::read_to_string(&out).expect("rows");
    let times: Vec<&str> = rows.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert!(
        rows.lines().next().is_some_and(|heading| heading.ends_with(",ledger")),
        "{rows}"
    );
    assert!(times.len() == 3 && times.is_sorted(), "{times:?}");
}

#[test]
fn a_ledger_that_cannot_be_asked_is_told_and_the_answer_does_not_end_well() {
    let one = gate_with(&["maya.lindqvist@birch.example"]);
    let nowhere = Place::new();
    let both = folders(&[&one, &nowhere]);
    let arguments: Vec<&str> = both.iter().map(String::as_str).collect();
    let ran = one
        .run(&[&["ledger", "recipient", "amplitude"][..], &arguments].concat())
        .expect(2);
    assert!(ran.stderr.contains("is in this answer"), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("messages") && ran.stdout.contains("From 1 of 2 ledgers"),
        "{}",
        ran.stdout
    );
    let uneven = ["ledger", "recipient", "amplitude", "--data", "a", "--data", "b"];
    let uneven = one.run(&uneven).expect(2).stderr;
    assert!(uneven.contains("2 folders of data"), "{uneven}");
}
