//! Somebody is erased by the command line: planned, run, confirmed, certified, and found again in a restored backup.

use averment_ledger::{Deed, Erasure, Measurement};
use serde_json::Value;

use crate::world::Place;

const MAP: &str = r#"
store = "app"
engine = "sqlite"

[[tables]]
table = "users"
key = "id"
[tables.columns]
id = { element = "account.id" }
email = { element = "contact.email" }

[[tables]]
table = "messages"
belongs_to = { sender_id = "users.id" }
others = { recipient_id = "users.id" }
[tables.columns]
id = { none = "number of the row" }
sender_id = { element = "account.id" }
recipient_id = { element = "account.id" }
body = { element = "comms.message_peer", holds = "free_text" }
"#;
const CLAIMS: &str = r#"
[[claims]]
id = "addresses"
kind = "erased_on"
elements = ["contact.email"]
after = "account_deleted"
sentence = "We delete addresses with the account."

[[claims]]
id = "messages"
kind = "erased_on"
elements = ["comms.message_peer"]
after = "account_deleted"
sentence = "We delete messages with the account."
"#;
const DESK: &str = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                    planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n\
                    [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\nbasis = [\"ferpa.school_official\"]\n";
const PEOPLE: &str = "id,role,school,email,full_name,birth_year\n\
                      s-1,student,Westfield,maya.lindqvist@birch.example,Maya Lindqvist,2015\n\
                      s-2,student,Westfield,lev.aronov@birch.example,Lev Aronov,2015\n";
const ROWS: &str = "insert into users values ('s-1', 'maya.lindqvist@birch.example');
    insert into messages values (1, 's-1', 's-2', 'from Maya'), (2, 's-2', 's-1', 'an answer');";

fn place() -> Place {
    let place = Place::new();
    for folder in ["register/recipients", "register/claims", "register/data"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    for (name, text) in [
        ("people.csv", PEOPLE),
        (
            "register/organisation.toml",
            "organisation = \"Example Platform (fictional)\"\n",
        ),
        ("register/recipients/desk.toml", DESK),
        ("register/claims/list.toml", CLAIMS),
        ("register/data/app.toml", MAP),
        ("averment-duties.toml", "[stores.app]\npath = \"app.sqlite3\"\n"),
        ("held.csv", "s-1,a court wants them\n"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    execute(
        &place,
        "create table users (id text not null primary key, email text);
         create table messages (id integer primary key, sender_id text not null, recipient_id text, body text,
           foreign key (sender_id) references users (id), foreign key (recipient_id) references users (id));
         insert into users values ('s-2', 'lev.aronov@birch.example');",
    );
    execute(&place, ROWS);
    place.run(&["people", "load", "people.csv"]).expect(0);
    let recorded = "ledger record --to desk --register register --means file --element contact.email --person s-1 --basis \
                    ferpa.school_official --at 2026-03-01";
    place
        .run(&recorded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>())
        .expect(0);
    place
}

fn execute(place: &Place, sql: &str) {
    let connection = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a file");
    connection.execute_batch(sql).expect("statements");
}

fn erasures(place: &Place) -> Vec<Erasure> {
    let deeds = place.deeds().into_iter();
    deeds
        .filter_map(|deed| match deed {
            Deed::Erasure(erasure) => Some(erasure),
            _ => None,
        })
        .collect()
}

fn measurements(place: &Place) -> Vec<Measurement> {
    let deeds = place.deeds().into_iter();
    deeds
        .filter_map(|deed| match deed {
            Deed::Measurement(measurement) => Some(measurement),
            _ => None,
        })
        .collect()
}

/// The claims that are broken.
fn broken(place: &Place) -> Vec<String> {
    let claims = place.run(&["claims", "register", "--format", "json"]).stdout;
    let claims: Value = serde_json::from_str(&claims).expect("JSON");
    let claims = claims["claims"].as_array().expect("claims").iter();
    claims
        .filter(|claim| claim["grade"] == "broken")
        .map(|claim| claim["id"].as_str().expect("an id").to_owned())
        .collect()
}

const RUN: [&str; 9] = [
    "erase",
    "run",
    "register",
    "--person",
    "s-1",
    "--by",
    "operations",
    "--plan",
    "plan.json",
];

#[test]
fn somebody_is_erased_confirmed_and_certified() {
    let place = place();
    let planned = place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    assert!(
        planned.stdout.contains("desk: got something of 1 people"),
        "{}",
        planned.stdout
    );
    assert!(!planned.stdout.to_lowercase().contains("maya"));

    let held = [&RUN[..], &["--holds", "held.csv"]].concat();
    place.run(&held).expect(2);
    let other = [
        "erase",
        "run",
        "register",
        "--person",
        "s-2",
        "--by",
        "operations",
        "--plan",
        "plan.json",
    ];
    place.run(&other).expect(2);
    assert_eq!(erasures(&place).len(), 0, "nothing was begun");

    place.run(&RUN).expect(1);
    let states: Vec<String> = erasures(&place).into_iter().map(|erasure| erasure.state).collect();
    assert_eq!(states, ["planned", "incomplete"]);
    let incomplete = erasures(&place).pop().expect("it was recorded");
    assert_eq!(incomplete.unconfirmed, ["desk: not asked"]);
    assert_eq!(incomplete.stores, [("app".to_owned(), 2)]);
    let measured = measurements(&place);
    assert_eq!(measured.len(), 2);
    assert!(
        measured
            .iter()
            .all(|one| one.contrary == 0 && one.unseen == 1 && one.observed == 1)
    );
    place.run(&["erase", "status"]).expect(1);

    let run = incomplete_run(&place);
    let confirm = [
        "erase",
        "confirm",
        &run,
        "--recipient",
        "desk",
        "--by",
        "operations",
        "--says",
        "they wrote that it is gone",
    ];
    place.run(&confirm).expect(0);
    place.run(&["erase", "run", "register", "--resume"]).expect(0);
    let states: Vec<String> = erasures(&place).into_iter().map(|erasure| erasure.state).collect();
    assert_eq!(states, ["planned", "incomplete", "done", "forgotten"]);
    assert!(erasures(&place)[2].document.is_some());
    place.run(&["erase", "status"]).expect(0);
    place.run(&["ledger", "person", "s-1"]).expect(2);
    assert_eq!(broken(&place), Vec::<String>::new());
    certified(&place);
}

fn incomplete_run(place: &Place) -> String {
    let status = place.run(&["erase", "status", "--format", "json"]).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    status["runs"][0]["run"].as_str().expect("a run").to_owned()
}

fn certified(place: &Place) {
    let note = place.run(&["erase", "certificate", "--format", "note"]).expect(0);
    assert!(
        !note.stdout.contains("maya") && !note.stdout.contains("s-1\""),
        "{}",
        note.stdout
    );
    std::fs::write(place.path("certificate.txt"), &note.stdout).expect("a file");
    place
        .run(&["erase", "certificate", "--verify", "certificate.txt"])
        .expect(0);
    let key = place.keys().verifier().to_string();
    let verify = [
        "erase",
        "certificate",
        "--verify",
        "certificate.txt",
        "--verifier",
        &key,
    ];
    place.run(&verify).expect(0);
    std::fs::write(
        place.path("certificate.txt"),
        note.stdout.replace("operations", "somebody"),
    )
    .expect("a file");
    place.run(&verify).expect(1);
    let first = place.run(&["erase", "certificate"]).stdout;
    let (confirmed, stores) = (first.find("Not confirmed:"), first.find("app (sqlite)"));
    assert!(confirmed.expect("first") < stores.expect("then"));
}

#[test]
fn a_restored_backup_breaks_the_claims_until_it_is_replayed() {
    let place = place();
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    place.run(&RUN).expect(1);
    place.run(&["erase", "verify", "register"]).expect(0);
    execute(
        &place,
        "insert into messages values (7, 's-1', null, 'came back')"
            .replace("'s-1'", "'s-2'")
            .as_str(),
    );
    place.run(&["erase", "verify", "register"]).expect(0);
    let run = incomplete_run(&place);
    let confirm = [
        "erase",
        "confirm",
        &run,
        "--recipient",
        "desk",
        "--by",
        "operations",
        "--says",
        "gone",
    ];
    place.run(&confirm).expect(0);
    place.run(&["erase", "run", "register", "--resume"]).expect(0);

    execute(&place, "delete from messages");
    execute(&place, ROWS);
    place.run(&["erase", "verify", "register"]).expect(1);
    assert_eq!(broken(&place), ["list/addresses", "list/messages"]);
    place
        .run(&["erase", "replay", "register", "--store", "app", "--by", "operations"])
        .expect(0);
    place.run(&["erase", "verify", "register"]).expect(0);
    assert_eq!(broken(&place), Vec::<String>::new());
    std::fs::remove_dir_all(place.path("averment-tombstones")).expect("the list");
    place
        .run(&["erase", "replay", "register", "--store", "app", "--by", "operations"])
        .expect(2);
}
