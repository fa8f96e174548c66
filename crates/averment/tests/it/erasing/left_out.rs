//! Whom a hold keeps when a backup brought them back: the ledger says how many and by which hold, and no grade is better by it.

use averment_ledger::Erasure;
use serde_json::Value;

use super::held::{count, planned, words, write};
use super::{RUN, broken, erasures, execute, place};
use crate::world::Place;

const REPLAY: [&str; 5] = ["erase", "replay", "register", "--by", "operations"];
const BACK: &str = "insert into users values ('s-1', 'maya.lindqvist@birch.example')";

/// Holds somebody by a request; its identifier.
fn held(place: &Place, person: &str) -> String {
    let hold = [
        "request",
        "hold",
        "--person",
        person,
        "--because",
        "claim",
        "--how",
        "post",
    ];
    place.run(&hold).expect(0);
    let list = place.run(&["request", "list", "--open", "--format", "json"]).stdout;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    list["requests"][0]["request"]
        .as_str()
        .expect("an identifier")
        .to_owned()
}

/// Nobody is named by what is on record, nor what a file says of them.
fn names_nobody(erasure: &Erasure) {
    let json = serde_json::to_string(erasure).expect("JSON");
    for value in ["s-1", "s-2", "birch.example", "Maya", "court"] {
        assert!(!json.contains(value), "{json}");
    }
}

#[test]
fn a_replay_that_leaves_everybody_out_is_on_record_with_the_hold() {
    let place = place();
    planned(&place);
    place.run(&RUN).expect(1);
    let request = held(&place, "s-1");
    execute(&place, BACK);
    let replayed = words(&place.run(&REPLAY).expect(1).stdout);
    assert!(replayed.contains("not all is replayed"), "{replayed}");
    assert!(
        replayed.contains(&format!("1 people with 1 names (legal, request {request})")),
        "{replayed}"
    );
    let entry = erasures(&place).pop().expect("an entry");
    assert_eq!((entry.state.as_str(), entry.people), ("left_out", 0));
    assert_eq!(entry.left_out.len(), 1);
    assert_eq!(entry.left_out[0].holds, [format!("legal, request {request}")]);
    assert_eq!((entry.left_out[0].people, entry.left_out[0].names), (1, 1));
    names_nobody(&entry);
    let number = replayed.split("left out entry ").nth(1).expect("the entry is told");
    let number = number.split(' ').next().expect("a number");
    let shown = words(&place.run(&["ledger", "show", number]).expect(0).stdout);
    assert!(
        shown.contains("brought back by a backup and kept by holds: 1 people"),
        "{shown}"
    );
    assert!(!shown.contains("0 people"), "{shown}");
    assert_eq!(count(&place, "select count(*) from users"), 2);

    // That they are there lawfully does not make the sentence true.
    let looked = words(&place.run(&["erase", "verify", "register"]).expect(1).stdout);
    assert!(
        looked.contains("1 of the people who are visible are kept by a hold: legal"),
        "{looked}"
    );
    assert_eq!(broken(&place), ["list/addresses"]);
    place.run(&REPLAY).expect(1);
    assert_eq!(broken(&place), ["list/addresses"]);
    place
        .run(&["request", "lift", &request, "--because", "settled", "--how", "post"])
        .expect(0);
    place.run(&REPLAY).expect(0);
    assert_eq!(broken(&place), Vec::<String>::new());
    assert_eq!(erasures(&place).pop().expect("an entry").left_out, []);
}

#[test]
fn a_replay_of_the_others_says_in_entries_and_certificate_who_was_left_out() {
    let place = place();
    for (person, file) in [("s-1", "plan.json"), ("s-2", "other.json")] {
        let plan = ["erase", "plan", "register", "--person", person, "--out", file];
        place.run(&plan).expect(0);
        let run = [
            "erase",
            "run",
            "register",
            "--person",
            person,
            "--by",
            "operations",
            "--plan",
            file,
        ];
        place.run(&run).expect(1);
    }
    execute(&place, BACK);
    execute(&place, "insert into users values ('s-2', 'lev.aronov@birch.example')");
    place.run(&["erase", "verify", "register"]).expect(1);
    write(&place, "held.csv", "\ns-2,Lev's mother wants a court to see them\n");
    let before = erasures(&place).len();
    place.run(&[&REPLAY[..], &["--holds", "held.csv"]].concat()).expect(1);
    assert_eq!(count(&place, "select count(*) from users where id = 's-2'"), 1);
    assert_eq!(count(&place, "select count(*) from users"), 1);
    let entries = erasures(&place).split_off(before);
    let said = entries.iter().filter(|entry| entry.state != "forgotten");
    for entry in said.clone() {
        assert_eq!(entry.left_out.len(), 1, "{}", entry.state);
        assert_eq!(entry.left_out[0].holds, ["line 2 of a file of holds"]);
        assert_eq!((entry.left_out[0].people, entry.people), (1, 1));
        names_nobody(entry);
    }
    assert_eq!(said.count(), 2, "planned, and how it ended");
    let certificate = words(&place.run(&["erase", "certificate"]).stdout);
    assert!(
        certificate.contains("kept by holds: 1 people with 1 names (line 2 of a file of holds)"),
        "{certificate}"
    );
    assert!(certificate.contains("extent: partial"), "{certificate}");
    assert_eq!(broken(&place), ["list/addresses"]);
    let status = place.run(&["erase", "status"]).stdout;
    assert!(status.contains("left out, kept by holds"), "{status}");
}
