//! Holds that stand in a file, and holds that are placed while a run goes on.

use super::{Clerk, MAP, PEOPLE, ROWS, RUN, TOKEN, at_clerk, confirm, erasures, execute, place};
use crate::world::Place;

pub(super) fn planned(place: &Place) {
    let plan = ["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"];
    place.run(&plan).expect(0);
}

pub(super) fn count(place: &Place, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a file");
    connection.query_row(sql, [], |row| row.get(0)).expect("a number")
}

pub(super) fn write(place: &Place, name: &str, text: &str) {
    std::fs::write(place.path(name), text).expect("a file");
}

/// What was printed, without where lines were broken.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does something while a run cannot write down who is to be asked, so that it is begun and breaks off before anything goes.
pub(super) fn broken_off(place: &Place, run: impl FnOnce()) {
    let journal = rusqlite::Connection::open(place.path("averment-data/erasures.db")).expect("a file");
    let trigger = "create trigger broken_off before insert on recipient begin select raise(abort, 'no'); end";
    journal.execute_batch(trigger).expect("a statement");
    run();
    journal.execute_batch("drop trigger broken_off").expect("a statement");
}

pub(super) const RESUME: [&str; 4] = ["erase", "run", "register", "--resume"];

#[test]
fn holds_of_a_file_are_read_again_when_a_run_goes_on() {
    let place = place();
    planned(&place);
    write(&place, "holds.csv", "s-2,somebody else\n");
    broken_off(&place, || {
        place.run(&[&RUN[..], &["--holds", "holds.csv"]].concat()).expect(2);
    });

    write(&place, "holds.csv", "s-1,a court wants them\n");
    let held = place.run(&RESUME).expect(2);
    assert!(
        held.stderr
            .contains("somebody of this run is held now: a court wants them"),
        "{}",
        held.stderr
    );
    std::fs::remove_file(place.path("holds.csv")).expect("a file");
    let unread = place.run(&RESUME).expect(2);
    assert!(unread.stderr.contains("cannot read the holds in"), "{}", unread.stderr);
    assert_eq!(count(&place, "select count(*) from users"), 2);
    assert_eq!(erasures(&place).len(), 0, "nothing was announced");

    write(&place, "other.csv", "");
    place.run(&[&RESUME[..], &["--holds", "other.csv"]].concat()).expect(1);
    assert_eq!(count(&place, "select count(*) from users"), 1);
    // The file that was named last is the one that is read from then on.
    confirm(&place, "desk");
    write(&place, "other.csv", "s-1,a court wants them\n");
    place.run(&RESUME).expect(2);
    write(&place, "other.csv", "");
    place.run(&RESUME).expect(0);
}

#[test]
fn a_later_look_and_a_replay_take_holds_of_a_file() {
    let (place, clerk) = (place(), Clerk::start(true));
    at_clerk(&place, None);
    planned(&place);
    place.run(&RUN).expect(1);
    let url = &clerk.url;
    let settings = format!(
        "[stores.app]\npath = \"app.sqlite3\"\n[vendors.clerk]\ntoken_env = \"CLERK_TOKEN\"\nbase_url = \"{url}\"\n"
    );
    write(&place, "averment-duties.toml", &settings);
    let verify = ["erase", "verify", "register", "--holds", "held.csv"];
    let looked = place.run_with(&verify, &TOKEN).expect(0).stdout;
    assert!(looked.contains("somebody is held now (a court wants them)"), "{looked}");
    assert_eq!(clerk.log(), Vec::<String>::new(), "nothing was sent");

    execute(&place, "delete from messages");
    execute(&place, ROWS);
    let replay = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
    let held = place.run(&[&replay[..], &["--holds", "held.csv"]].concat()).expect(1);
    assert!(held.stdout.contains("not all is replayed"), "{}", held.stdout);
    assert!(held.stdout.contains("a court wants them"), "{}", held.stdout);
    assert_eq!(count(&place, "select count(*) from users"), 2);
    place.run(&replay).expect(0);
    assert_eq!(count(&place, "select count(*) from users"), 1);
}

/// The look for the person's records there is answered, and before anything is deleted somebody needs it.
#[test]
fn a_hold_that_is_placed_while_a_third_party_is_asked_keeps_what_it_has() {
    let place = place();
    let mut hold = place.averment(&[
        "request",
        "hold",
        "--person",
        "s-1",
        "--because",
        "claim",
        "--how",
        "post",
        "--register",
        "register",
    ]);
    let mut is_placed = false;
    let clerk = Clerk::start_with(true, move |_| {
        if !std::mem::replace(&mut is_placed, true) {
            assert!(hold.output().is_ok_and(|output| output.status.success()), "it is held");
        }
    });
    at_clerk(&place, Some(&clerk));
    planned(&place);
    let ran = place.run_with(&RUN, &TOKEN).expect(2);
    assert!(
        ran.stderr.contains("somebody of this run is held now: legal"),
        "{}",
        ran.stderr
    );
    assert_eq!(clerk.log().len(), 1, "{:?}", clerk.log());
    assert_eq!(clerk.users().len(), 2);
    let looked = place
        .run_with(&["erase", "verify", "register"], &TOKEN)
        .expect(0)
        .stdout;
    assert!(looked.contains("somebody is held now (legal)"), "{looked}");
    assert_eq!(clerk.log().len(), 1, "{:?}", clerk.log());
}

/// An address that comes back by itself names somebody, and nobody can say whom.
#[test]
fn what_is_nobodys_number_does_not_go_while_anybody_is_held() {
    let place = place();
    let letters = "\n[[tables]]\ntable = \"letters\"\nkey = \"address\"\n[tables.columns]\naddress = { element = \"contact.email\" }\n";
    write(&place, "register/data/app.toml", &format!("{MAP}{letters}"));
    let letter = "insert into letters values ('maya.lindqvist@birch.example')";
    execute(
        &place,
        &format!("create table letters (address text primary key); {letter}"),
    );
    planned(&place);
    place.run(&RUN).expect(1);
    assert_eq!(count(&place, "select count(*) from letters"), 0);

    execute(&place, letter);
    let replay = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
    write(&place, "elsewhere.csv", "s-2,a court wants them\n");
    let held = place
        .run(&[&replay[..], &["--holds", "elsewhere.csv"]].concat())
        .expect(1);
    let said = words(&held.stdout);
    assert!(
        said.contains(
            "left out: nobody's number, 1 names: 1 of the names or of the rows of others are nobody's number"
        ),
        "{said}"
    );
    assert_eq!(count(&place, "select count(*) from letters"), 1);

    // Somebody who was not erased has the address now: theirs are not this run's, and a hold on them counts.
    execute(
        &place,
        "insert into users values ('s-9', 'maya.lindqvist@birch.example')",
    );
    let others = place.run(&replay).expect(2);
    let said = words(&others.stderr);
    assert!(
        said.contains("1 names that lead to rows are also those of people who were not erased"),
        "{said}"
    );
    let accepted = [&replay[..], &["--accept-others"]].concat();
    write(&place, "theirs.csv", "s-9,a court wants them\n");
    place
        .run(&[&accepted[..], &["--holds", "theirs.csv"]].concat())
        .expect(1);
    assert_eq!(count(&place, "select count(*) from letters"), 1);
    place.run(&accepted).expect(0);
    assert_eq!(count(&place, "select count(*) from letters"), 0);
    assert_eq!(count(&place, "select count(*) from users where id = 's-9'"), 1);
    let planned = erasures(&place).into_iter().rfind(|one| one.state == "planned");
    assert_eq!(planned.expect("an entry").stores, [("app".to_owned(), 1)]);
}

/// A school is held under any name that it has, and somebody of whom no school is known may be of it.
#[test]
fn a_hold_on_a_school_counts_under_every_name_and_for_whoever_has_none() {
    let place = place();
    std::fs::create_dir_all(place.path("register/controllers")).expect("a folder");
    let school = "controller = \"wf-7\"\nname = \"Westfield\"\n";
    write(&place, "register/controllers/wf-7.toml", school);
    let people = format!("{PEOPLE}s-3,student,Hill,ben@hill.example,Ben Hill,2015\n");
    write(&place, "people.csv", &people);
    place.run(&["people", "load", "people.csv"]).expect(0);
    planned(&place);
    let hold = |school: &str| {
        let hold = [
            "request",
            "hold",
            "--school",
            school,
            "--because",
            "claim",
            "--how",
            "post",
        ];
        place.run(&[&hold[..], &["--register", "register"]].concat()).expect(0);
    };
    hold("Hill");
    execute(&place, "insert into users values ('s-8', 'zoe@birch.example')");
    let plan = |person: &str, code| {
        let plan = ["erase", "plan", "register", "--person", person, "--out", "other.json"];
        place.run(&plan).expect(code).stdout
    };
    let unknown = plan("s-8", 1);
    assert!(
        unknown.contains("a school is held, and theirs is not known"),
        "{unknown}"
    );
    plan("s-1", 0);
    hold("wf-7");
    let held = plan("s-1", 1);
    assert!(held.contains("1 people: legal"), "{held}");
    place.run(&RUN).expect(2);
    assert_eq!(count(&place, "select count(*) from users"), 3);
}

/// A run that was cut off in the stores and then held keeps its own people, and nobody else whom a backup brought back.
#[test]
fn a_replay_goes_on_with_everybody_whom_no_hold_keeps() {
    let place = place();
    planned(&place);
    place.run(&RUN).expect(1);
    let plan = ["erase", "plan", "register", "--person", "s-2", "--out", "other.json"];
    place.run(&plan).expect(0);
    // Its people are on the list, and the rows stay.
    execute(
        &place,
        "create trigger broken_off before delete on users begin select raise(abort, 'no'); end",
    );
    let other = ["erase", "run", "register", "--person", "s-2", "--by", "operations"];
    write(&place, "holds.csv", "");
    let other = [&other[..], &["--plan", "other.json", "--holds", "holds.csv"]].concat();
    place.run(&other).expect(2);
    execute(&place, "drop trigger broken_off");
    write(&place, "holds.csv", "s-2,a court wants them\n");

    execute(
        &place,
        "insert into users values ('s-1', 'maya.lindqvist@birch.example')",
    );
    let replay = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
    let replayed = place.run(&replay).expect(1);
    let said = words(&replayed.stdout);
    assert!(said.contains("(announced), 1 names: a court wants them"), "{said}");
    assert!(said.contains("not all is replayed"), "{said}");
    for value in ["s-2", "s-1", "birch.example"] {
        assert!(!said.contains(value), "{said}");
    }
    assert_eq!(count(&place, "select count(*) from users where id = 's-1'"), 0);
    assert_eq!(count(&place, "select count(*) from users where id = 's-2'"), 1);
    // Nobody else is left to replay, and that is not all.
    let again = place.run(&replay).expect(1).stdout;
    assert!(again.contains("not all is replayed"), "{again}");

    // A file that is gone may hold anybody.
    execute(
        &place,
        "insert into users values ('s-1', 'maya.lindqvist@birch.example')",
    );
    std::fs::remove_file(place.path("holds.csv")).expect("a file");
    let unread = words(&place.run(&replay).expect(2).stderr);
    assert!(unread.contains("cannot read the holds in"), "{unread}");
    assert_eq!(count(&place, "select count(*) from users"), 2);

    write(&place, "holds.csv", "");
    place.run(&RESUME).expect(1);
    place.run(&replay).expect(0);
    assert_eq!(count(&place, "select count(*) from users"), 0);
}

/// Spreadsheets begin a file with a mark of the byte order; and whom the file of one run keeps no other run takes.
#[test]
fn a_hold_in_any_file_of_an_open_run_counts_for_every_run() {
    let place = place();
    write(&place, "holds.csv", "\u{feff}s-1,a court wants them\n");
    let plan = ["erase", "plan", "register", "--person", "s-1", "--holds", "holds.csv"];
    let held = place.run(&plan).expect(1).stdout;
    assert!(held.contains("1 people: a court wants them"), "{held}");

    write(&place, "holds.csv", "");
    planned(&place);
    place.run(&[&RUN[..], &["--holds", "holds.csv"]].concat()).expect(1);
    // That run waits for a recipient; its file is read for others as well.
    write(&place, "holds.csv", "s-2,a court wants them\n");
    let plan = ["erase", "plan", "register", "--person", "s-2", "--out", "other.json"];
    let held = place.run(&plan).expect(1).stdout;
    assert!(held.contains("1 people: a court wants them"), "{held}");
    let begun = erasures(&place).len();
    let other = ["erase", "run", "register", "--person", "s-2", "--by", "operations"];
    let other = [&other[..], &["--plan", "other.json"]].concat();
    place.run(&other).expect(2);
    assert_eq!(erasures(&place).len(), begun, "nothing was begun");
    assert_eq!(count(&place, "select count(*) from users where id = 's-2'"), 1);
    write(&place, "holds.csv", "");
    place.run(&other).expect(1);
    assert_eq!(count(&place, "select count(*) from users"), 0);
}
