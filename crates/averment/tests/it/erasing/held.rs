//! Holds that stand in a file, and holds that are placed while a run goes on.

use super::{Clerk, MAP, ROWS, RUN, TOKEN, at_clerk, confirm, erasures, execute, place};
use crate::world::Place;

fn planned(place: &Place) {
    let plan = ["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"];
    place.run(&plan).expect(0);
}

fn count(place: &Place, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a file");
    connection.query_row(sql, [], |row| row.get(0)).expect("a number")
}

fn write(place: &Place, name: &str, text: &str) {
    std::fs::write(place.path(name), text).expect("a file");
}

const RESUME: [&str; 4] = ["erase", "run", "register", "--resume"];

#[test]
fn holds_of_a_file_are_read_again_when_a_run_goes_on() {
    let place = place();
    planned(&place);
    write(&place, "holds.csv", "s-7,somebody else\n");
    let journal = rusqlite::Connection::open(place.path("averment-data/erasures.db")).expect("a file");
    let broken_off = "create trigger broken_off before insert on recipient begin select raise(abort, 'no'); end";
    journal.execute_batch(broken_off).expect("a statement");
    place.run(&[&RUN[..], &["--holds", "holds.csv"]].concat()).expect(2);
    journal.execute_batch("drop trigger broken_off").expect("a statement");
    drop(journal);

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
    let held = place.run(&[&replay[..], &["--holds", "held.csv"]].concat()).expect(2);
    assert!(held.stderr.contains("a court wants them"), "{}", held.stderr);
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
        .expect(2);
    let said = held.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("1 of the names are nobody's number, and somebody is held"),
        "{said}"
    );

    // Somebody who was not erased has the address now: theirs are not this run's, and a hold on them counts.
    execute(
        &place,
        "insert into users values ('s-9', 'maya.lindqvist@birch.example')",
    );
    let others = place.run(&replay).expect(2);
    let said = others.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("1 names that lead to rows are also those of people who were not erased"),
        "{said}"
    );
    let accepted = [&replay[..], &["--accept-others"]].concat();
    write(&place, "theirs.csv", "s-9,a court wants them\n");
    place
        .run(&[&accepted[..], &["--holds", "theirs.csv"]].concat())
        .expect(2);
    assert_eq!(count(&place, "select count(*) from letters"), 1);
    place.run(&accepted).expect(0);
    assert_eq!(count(&place, "select count(*) from letters"), 0);
    assert_eq!(count(&place, "select count(*) from users where id = 's-9'"), 1);
    let planned = erasures(&place).into_iter().rfind(|one| one.state == "planned");
    assert_eq!(planned.expect("an entry").stores, [("app".to_owned(), 1)]);
}
