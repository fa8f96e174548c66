//! People who come back: who joins again is not taken for somebody whom a backup brought back.

use super::{MAP, RUN, confirm, erasures, execute, place};
use crate::world::Place;

const REPLAY: [&str; 7] = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
const VERIFY: [&str; 3] = ["erase", "verify", "register"];
const LETTERS: &str = "\n[[tables]]\ntable = \"letters\"\nkey = \"address\"\n[tables.columns]\naddress = { element = \"contact.email\" }\n";

/// Somebody who was erased, with a list of letters by address besides; `map`: what the map says of people.
fn erased(map: &str) -> Place {
    let place = place();
    std::fs::write(place.path("register/data/app.toml"), format!("{map}{LETTERS}")).expect("a file");
    execute(
        &place,
        "alter table users add column made_at text;
         update users set made_at = '2024-09-01T08:00:00Z';
         create table letters (address text primary key);
         insert into letters values ('maya.lindqvist@birch.example')",
    );
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    place.run(&RUN).expect(1);
    confirm(&place, "desk");
    place.run(&["erase", "run", "register", "--resume"]).expect(0);
    place
}

fn with_times() -> String {
    MAP.replacen(
        "key = \"id\"\n",
        "key = \"id\"\ntimes = { collection = \"made_at\" }\n",
        1,
    )
    .replacen(
        "email = {",
        "made_at = { none = \"when the row was made\" }\nemail = {",
        1,
    )
}

fn without_times() -> String {
    with_times().replacen("times = { collection = \"made_at\" }\n", "", 1)
}

fn rows(place: &Place) -> (i64, i64) {
    let connection = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a file");
    let sql = "select (select count(*) from users), (select count(*) from letters)";
    let counted = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
    counted.expect("counts")
}

#[test]
fn whose_record_was_made_later_has_come_back() {
    let place = erased(&with_times());
    execute(
        &place,
        "insert into users values ('s-9', 'maya.lindqvist@birch.example', '2099-01-01T08:00:00Z');
         insert into letters values ('maya.lindqvist@birch.example')",
    );
    let looked = place.run(&VERIFY).expect(0).stdout;
    assert!(
        looked.contains("1 names are those of people who have come back since"),
        "{looked}"
    );
    place.run(&REPLAY).expect(0);
    assert_eq!(rows(&place), (2, 1), "who came back keeps everything");

    // The same number, as at a platform that lets people have it again.
    execute(
        &place,
        "insert into users values ('s-1', 'other@birch.example', '2099-01-01T08:00:00Z')",
    );
    place.run(&VERIFY).expect(0);
    execute(
        &place,
        "update users set made_at = '2024-09-01T08:00:00Z' where id = 's-1'",
    );
    place.run(&VERIFY).expect(1);
    place.run(&REPLAY).expect(0);
    assert_eq!(rows(&place), (2, 1), "whom a backup brought back is gone");

    // Both at once: a backup of before, beside the new record.
    execute(
        &place,
        "insert into users values ('s-1', 'maya.lindqvist@birch.example', '2024-09-01T08:00:00Z')",
    );
    let looked = place.run(&VERIFY).expect(1).stdout;
    assert!(
        looked.contains("in a record from before the erasure and in one from after"),
        "{looked}"
    );
    place.run(&REPLAY).expect(0);
    assert_eq!(rows(&place), (2, 1), "the restored record is gone, the new one stays");
    place.run(&VERIFY).expect(0);
}

#[test]
fn who_came_back_where_no_times_are_named_is_released_by_somebody() {
    let place = erased(&without_times());
    let back = "insert into users values ('s-9', 'maya.lindqvist@birch.example', '2099-01-01T08:00:00Z');
         insert into letters values ('maya.lindqvist@birch.example')";
    execute(&place, back);
    place.run(&VERIFY).expect(1);
    let release = |person: &str, because: &str| {
        place.run(&[
            "erase",
            "release",
            "register",
            "--person",
            person,
            "--by",
            "admissions",
            "--because",
            because,
        ])
    };
    release("s-1", "enrolled again").expect(2);
    release("s-9", "maya.lindqvist@birch.example enrolled again").expect(2);
    release("s-2", "enrolled again").expect(2);
    assert!(erasures(&place).iter().all(|one| one.released.is_none()));
    release("s-9", "enrolled again").expect(0);
    let entry = erasures(&place).pop().expect("an entry");
    let released = entry.released.expect("who and why");
    assert_eq!((entry.state.as_str(), entry.people), ("released", 1));
    assert_eq!(
        (released.by.as_str(), released.because.as_str()),
        ("admissions", "enrolled again")
    );
    place.run(&VERIFY).expect(0);
    place.run(&REPLAY).expect(0);
    assert_eq!(rows(&place), (2, 1));
    release("s-9", "enrolled again").expect(2);

    // Whoever is erased again is on the list again.
    let plan = ["erase", "plan", "register", "--person", "s-9", "--out", "again.json"];
    place.run(&plan).expect(0);
    let again = [
        "erase",
        "run",
        "register",
        "--person",
        "s-9",
        "--by",
        "operations",
        "--plan",
        "again.json",
    ];
    place.run(&again).expect(1);
    assert_eq!(rows(&place), (1, 0));
    execute(&place, back);
    place.run(&VERIFY).expect(1);
}
