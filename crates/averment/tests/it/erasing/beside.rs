//! Runs beside each other: whoever waits for a third party, or is kept by a hold, keeps nobody else.

use serde_json::Value;

use super::{ROWS, erasures, execute, place};
use crate::world::{Place, Ran};

/// Plans, and runs what was planned.
fn erase(place: &Place, person: &str) -> Ran {
    let file = format!("{person}.json");
    place.run(&["erase", "plan", "register", "--person", person, "--out", &file]);
    run(place, person)
}

fn run(place: &Place, person: &str) -> Ran {
    let file = format!("{person}.json");
    place.run(&[
        "erase",
        "run",
        "register",
        "--person",
        person,
        "--by",
        "operations",
        "--plan",
        &file,
    ])
}

/// Identifiers and stages of runs, the oldest first.
fn runs(place: &Place) -> Vec<(String, String)> {
    let status = place.run(&["erase", "status", "--format", "json"]).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let runs = status["runs"].as_array().expect("runs").iter();
    runs.map(|run| (text(&run["run"]), text(&run["stage"]))).collect()
}

fn stages(place: &Place) -> Vec<String> {
    runs(place).into_iter().map(|(_, stage)| stage).collect()
}

fn confirm(place: &Place, run: &str) {
    let confirm = [
        "erase",
        "confirm",
        run,
        "--recipient",
        "desk",
        "--by",
        "operations",
        "--says",
        "gone",
    ];
    place.run(&confirm).expect(0);
}

fn hold(place: &Place, person: &str) {
    let hold = format!("request hold --person {person} --because claim --how post --register register");
    place.run(&hold.split(' ').collect::<Vec<_>>()).expect(0);
}

#[test]
fn a_run_that_waits_for_a_third_party_keeps_nobody_else() {
    let place = place();
    erase(&place, "s-1").expect(1);
    erase(&place, "s-2").expect(1);
    assert_eq!(stages(&place), ["incomplete", "incomplete"]);
    let again = run(&place, "s-1").expect(2);
    let said = again.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("and 1 of these people are its"), "{said}");
    for (run, _) in runs(&place) {
        confirm(&place, &run);
    }
    place.run(&["erase", "run", "register", "--resume"]).expect(0);
    assert_eq!(stages(&place), ["done", "done"]);
    let done = erasures(&place).into_iter().filter(|one| one.state == "done");
    assert_eq!(done.count(), 2);
}

#[test]
fn whom_a_hold_keeps_keeps_nobody_else() {
    let place = place();
    erase(&place, "s-1").expect(1);
    hold(&place, "s-1");
    erase(&place, "s-2").expect(1);
    for (run, _) in runs(&place) {
        confirm(&place, &run);
    }
    let resumed = place.run(&["erase", "run", "register", "--resume"]).expect(2);
    let first = &runs(&place)[0].0;
    assert!(
        resumed.stderr.contains(&format!(
            "run `{first}` does not go on: somebody of this run is held now"
        )),
        "{}",
        resumed.stderr
    );
    assert_eq!(stages(&place), ["incomplete", "done"]);
}

#[test]
fn a_run_in_the_middle_of_the_stores_keeps_others_until_a_hold_keeps_it() {
    let place = place();
    for person in ["s-1", "s-2"] {
        let file = format!("{person}.json");
        place
            .run(&["erase", "plan", "register", "--person", person, "--out", &file])
            .expect(0);
    }
    // Cut off right after it was written down. The journal is made by whoever opens it first.
    place.run(&["erase", "status"]).expect(0);
    let journal = rusqlite::Connection::open(place.path("averment-data/erasures.db")).expect("a file");
    let broken_off = "create trigger broken_off before insert on recipient begin select raise(abort, 'no'); end";
    journal.execute_batch(broken_off).expect("a statement");
    run(&place, "s-1").expect(2);
    journal.execute_batch("drop trigger broken_off").expect("a statement");
    drop(journal);
    let refused = run(&place, "s-2").expect(2);
    assert!(refused.stderr.contains("is begun"), "{}", refused.stderr);
    hold(&place, "s-1");
    run(&place, "s-2").expect(1);
    assert_eq!(stages(&place), ["begun", "incomplete"]);
}

#[test]
fn a_restored_backup_is_replayed_while_a_run_is_open_and_the_ledger_can_still_be_asked() {
    let place = place();
    erase(&place, "s-1").expect(1);
    execute(&place, "delete from messages");
    execute(&place, ROWS);
    let replay = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
    let replayed = place.run(&replay).expect(0);
    assert!(
        replayed
            .stdout
            .contains("Nobody who was erased is visible in store `app` any more."),
        "{}",
        replayed.stdout
    );
    assert_eq!(stages(&place), ["incomplete", "done"]);
    place.run(&["ledger", "person", "s-1"]).expect(0);
    confirm(&place, &runs(&place)[0].0);
    place.run(&["erase", "run", "register", "--resume"]).expect(0);
    place.run(&["ledger", "person", "s-1"]).expect(2);
}

#[test]
fn a_recipient_that_keeps_nothing_is_owed_nothing() {
    let place = place();
    let file = place.path("register/recipients/desk.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(
        &file,
        text.replace("third_parties = []", "third_parties = [\"pusher\"]"),
    )
    .expect("a file");
    erase(&place, "s-1").expect(0);
    let status = place.run(&["erase", "status"]).expect(0).stdout;
    assert!(
        status.contains("desk: is said to keep nothing about a person"),
        "{status}"
    );
}
