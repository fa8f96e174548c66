//! Rows of others that were not there yet when a run began: they are asked about in the transaction in which they would go.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use averment_duties::connect::open;
use averment_duties::erase::{Asking, EraseError, Run};
use averment_register::Engine;

use super::super::people;
use super::Small;

const TABLES: &str = "create table users (id varchar(9) not null primary key);
create table messages (id integer not null primary key, sender_id varchar(9) not null, foreign key (sender_id) references users (id));
create table replies (id integer not null primary key, message_id integer not null, author_id varchar(9),
  foreign key (message_id) references messages (id) on delete cascade);
insert into users values ('1'), ('2'), ('3');
insert into messages values (10, '1'), (20, '2')";
const MAP: &str = r#"
[[tables]]
table = "users"
key = "id"
columns.id = { element = "account.id" }

[[tables]]
table = "messages"
belongs_to = { sender_id = "users.id" }
columns.id = { none = "number of the row" }
columns.sender_id = { element = "account.id" }

[[tables]]
table = "replies"
belongs_to = { author_id = "users.id" }
columns.id = { none = "number of the row" }
columns.message_id = { none = "number of a message" }
columns.author_id = { element = "account.id" }
"#;

/// Goes on with a run; how many rows of others went among the replies.
fn gone_on(
    small: &Small,
    run: &Run,
    may: &mut dyn FnMut(Asking<'_>) -> Result<(), EraseError>,
) -> Result<u64, EraseError> {
    small.erasing(|eraser| {
        eraser.erase(run, may)?;
        let counts = eraser.counts(run)?;
        Ok(counts["app"].get("replies").map_or(0, |counts| counts.others_deleted))
    })
}

/// The numbers of the rows that are there.
fn ids(small: &Small, table: &str) -> Vec<String> {
    let ids = small.first(&format!("select cast(id as char(9)) from {table} order by 1"));
    ids.iter().map(|id| id.trim().to_owned()).collect()
}

/// Whose rows would go besides, and how many rows of nobody's number.
fn asked(asking: Asking<'_>, whose: &mut (BTreeSet<String>, u64)) -> Result<u64, EraseError> {
    match asking {
        Asking::Again => Ok(0),
        Asking::RowsOfOthers(rows) => Ok(rows),
        Asking::Others(read) => {
            let found = read()?;
            *whose = (found.numbers, found.untied);
            Ok(0)
        }
    }
}

fn rows_that_came_since_are_asked_about(engine: Engine) {
    let small = Small::on(engine, TABLES, MAP);
    before_the_transaction(engine, &small);
    small.execute("delete from replies");
    in_the_middle_of_it(engine, &small);
}

fn before_the_transaction(engine: Engine, small: &Small) {
    let run = small.begun(&["1"]);
    small.execute("insert into replies values (1, 10, '2'), (2, 10, null), (3, 20, '3'), (4, 10, '1')");

    let mut whose = (BTreeSet::new(), 0);
    let held = gone_on(small, &run, &mut |asking| {
        let is_about_others = matches!(asking, Asking::Others(_));
        asked(asking, &mut whose)?;
        match is_about_others {
            true => Err(EraseError::Held(vec!["a court wants them".to_owned()])),
            false => Ok(()),
        }
    });
    assert!(matches!(held, Err(EraseError::Held(_))), "{engine:?}: {held:?}");
    assert_eq!(whose, (people(&["2"]), 1), "{engine:?}");
    let refused = gone_on(small, &run, &mut |asking| match asked(asking, &mut whose)? {
        0 => Ok(()),
        rows => Err(EraseError::RowsOfOthers(rows)),
    });
    assert!(
        matches!(refused, Err(EraseError::RowsOfOthers(2))),
        "{engine:?}: {refused:?}"
    );
    assert_eq!(ids(small, "replies"), ["1", "2", "3", "4"]);
    assert_eq!(ids(small, "messages"), ["10", "20"]);

    let others = gone_on(small, &run, &mut |asking| asked(asking, &mut whose).map(drop)).unwrap();
    assert_eq!(others, 2, "{engine:?}");
    assert_eq!(ids(small, "replies"), ["3"]);
    assert_eq!(ids(small, "users"), ["2", "3"]);
}

/// When somebody writes: before it is read whose rows go, or after.
#[derive(Clone, Copy, PartialEq)]
enum Writes {
    BeforeTheLook,
    AfterTheLook,
}

/// Goes on with a run, and lets somebody else write at the moment at which it is asked whose rows go; whether they wrote anything, and
/// about whom it was asked.
fn written_meanwhile(small: &Small, run: &Run, statement: &'static str, when: Writes) -> (bool, BTreeSet<String>) {
    let (engine, address) = (small.engine(), small.address());
    let (mut writer, mut whose, mut all) = (None, (BTreeSet::new(), 0), BTreeSet::new());
    gone_on(small, run, &mut |asking| {
        let is_asked = matches!(asking, Asking::Others(_));
        let mut write = |at| {
            if is_asked && at == when && writer.is_none() {
                writer = Some(written(engine, address.clone(), statement));
            }
        };
        write(Writes::BeforeTheLook);
        asked(asking, &mut whose)?;
        write(Writes::AfterTheLook);
        all.extend(whose.0.iter().cloned());
        Ok(())
    })
    .unwrap();
    (writer.expect("it is asked").join().unwrap(), all)
}

/// Somebody else writes, and is waited for half a second: they may have to wait for the transaction.
fn written(engine: Engine, address: String, statement: &'static str) -> std::thread::JoinHandle<bool> {
    let (told, done) = mpsc::channel();
    let writer = std::thread::spawn(move || {
        let mut other = open(engine, &address, &[]).unwrap();
        let changed = other.change(statement, &[]);
        _ = told.send(());
        changed.is_ok_and(|rows| rows > 0)
    });
    _ = done.recv_timeout(Duration::from_millis(500));
    writer
}

/// Somebody writes below a message at the moment at which it is asked whose rows go with it: either they are asked about, too, or what they
/// write is refused.
fn in_the_middle_of_it(engine: Engine, small: &Small) {
    let run = small.begun(&["2"]);
    let insert = "insert into replies values (1, 20, '3')";
    let (is_written, all) = written_meanwhile(small, &run, insert, Writes::BeforeTheLook);
    assert!(!is_written || all == people(&["3"]), "{engine:?}: {all:?}");
    assert_eq!(ids(small, "replies"), Vec::<String>::new(), "{engine:?}");
}

const PAIRS: &str = "create table users (id varchar(9) not null primary key);
create table pairs (id integer not null primary key, one_id varchar(9) not null, other_id varchar(9) not null);
insert into users values ('1'), ('2'), ('3');
insert into pairs values (10, '1', '2')";
const PAIRS_MAP: &str = r#"
[[tables]]
table = "users"
key = "id"
columns.id = { element = "account.id" }

[[tables]]
table = "pairs"
belongs_to = { one_id = "users.id", other_id = "users.id" }
columns.id = { none = "number of the row" }
columns.one_id = { element = "account.id" }
columns.other_id = { element = "account.id" }
"#;

/// A row of two goes with one of them. Once it was read who the second is, it becomes nobody else's unasked.
fn rows_of_two_become_nobody_elses_unasked(engine: Engine) {
    let small = Small::on(engine, PAIRS, PAIRS_MAP);
    let run = small.begun(&["1"]);
    let update = "update pairs set other_id = '3' where id = 10";
    let (is_written, all) = written_meanwhile(&small, &run, update, Writes::AfterTheLook);
    assert!(all.contains("2"), "{engine:?}: {all:?}");
    assert!(!is_written || all.contains("3"), "{engine:?}: {all:?}");
    assert_eq!(ids(&small, "pairs"), Vec::<String>::new(), "{engine:?}");
}

#[test]
fn rows_of_two_become_nobody_elses_unasked_on_sqlite() {
    rows_of_two_become_nobody_elses_unasked(Engine::Sqlite);
}

#[test]
fn rows_of_two_become_nobody_elses_unasked_on_postgresql() {
    rows_of_two_become_nobody_elses_unasked(Engine::Postgresql);
}

#[test]
fn rows_of_two_become_nobody_elses_unasked_on_mariadb() {
    rows_of_two_become_nobody_elses_unasked(Engine::Mariadb);
}

#[test]
fn rows_of_others_that_came_since_are_asked_about_on_sqlite() {
    rows_that_came_since_are_asked_about(Engine::Sqlite);
}

#[test]
fn rows_of_others_that_came_since_are_asked_about_on_postgresql() {
    rows_that_came_since_are_asked_about(Engine::Postgresql);
}

#[test]
fn rows_of_others_that_came_since_are_asked_about_on_mariadb() {
    rows_that_came_since_are_asked_about(Engine::Mariadb);
}
