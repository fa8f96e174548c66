//! Rows of others that were not there yet when a run began: they are asked about in the transaction in which they would go.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use averment_duties::connect::open;
use averment_duties::erase::{Asking, EraseError, Eraser, Journal, Mandate, PEOPLE_AT_ONCE, Run, Tombstones};
use averment_register::Engine;

use super::super::{now, people};
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

/// Begins a run of one of them.
fn begun(small: &Small, number: &str) -> Run {
    let (plan, keys, mut stores) = (small.plan(&[number]), small.keys(), small.stores());
    assert_eq!(plan.rows_of_others(), 0);
    let journal = Journal::open(&small.path("data/erasures.db")).unwrap();
    let mut eraser = Eraser {
        stores: &mut stores,
        journal: &journal,
        keys: &keys,
        at_once: PEOPLE_AT_ONCE,
        progress: &mut |_| {},
    };
    let mandate = Mandate::of("operations");
    let run = eraser.begin(&people(&[number]), &plan, &mandate, now()).unwrap();
    journal.announced(&run.id, 1).unwrap();
    let mut tombstones = Tombstones::open(&small.path("tombstones"), &keys, None).unwrap();
    eraser.list(&run, &mut tombstones, now()).unwrap();
    run
}

fn gone_on(
    small: &Small,
    run: &Run,
    may: &mut dyn FnMut(Asking<'_>) -> Result<(), EraseError>,
) -> Result<u64, EraseError> {
    let (keys, mut stores) = (small.keys(), small.stores());
    let journal = Journal::open(&small.path("data/erasures.db")).unwrap();
    let mut eraser = Eraser {
        stores: &mut stores,
        journal: &journal,
        keys: &keys,
        at_once: PEOPLE_AT_ONCE,
        progress: &mut |_| {},
    };
    eraser.erase(run, may)?;
    let counts = eraser.counts(run)?;
    Ok(counts["app"].get("replies").map_or(0, |counts| counts.others_deleted))
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
    let run = begun(small, "1");
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

/// Somebody writes below a message at the moment at which it is asked whose rows go with it: either they are asked about, too, or what they
/// write is refused.
fn in_the_middle_of_it(engine: Engine, small: &Small) {
    let run = begun(small, "2");
    let address = small.address();
    let (told, written) = mpsc::channel();
    let (mut writer, mut whose, mut all) = (None, (BTreeSet::new(), 0), BTreeSet::new());
    gone_on(small, &run, &mut |asking| {
        if matches!(asking, Asking::Others(_)) && writer.is_none() {
            let (address, told) = (address.clone(), told.clone());
            writer = Some(std::thread::spawn(move || {
                let mut other = open(engine, &address, &[]).unwrap();
                let done = other.change("insert into replies values (1, 20, '3')", &[]);
                told.send(()).unwrap();
                done.is_ok()
            }));
            _ = written.recv_timeout(Duration::from_millis(500));
        }
        asked(asking, &mut whose)?;
        all.extend(whose.0.iter().cloned());
        Ok(())
    })
    .unwrap();
    let is_written = writer.expect("it is asked").join().unwrap();
    assert!(!is_written || all == people(&["3"]), "{engine:?}: {all:?}");
    assert_eq!(ids(small, "replies"), Vec::<String>::new(), "{engine:?}");
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
