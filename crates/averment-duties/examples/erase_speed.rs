//! How many people a second are erased and looked for on PostgreSQL, against plain deletes of the same rows.
//!
//! `cargo run --release -p averment-duties --example erase_speed -- PEOPLE ROWS_EACH`
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement fails by panicking"
)]

use std::collections::BTreeSet;
use std::time::Instant;

use averment_duties::connect::{Database, open};
use averment_duties::erase::{Eraser, Journal, Mandate, PEOPLE_AT_ONCE, Tombstones, open_store, plan};
use averment_register::{Engine, Source, compile};
use averment_store::DataFolder;
use servers::Server;

#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../../averment-scan/tests/it/servers.rs"]
mod servers;

const CHILDREN: [&str; 10] = [
    "projects", "comments", "messages", "activity", "marks", "answers", "sessions", "files", "badges", "notes",
];

fn main() {
    let mut arguments = std::env::args_os()
        .skip(1)
        .map(|text| text.to_str().unwrap().parse::<u64>().unwrap());
    let people = arguments.next().unwrap_or(2_000);
    let rows = arguments.next().unwrap_or(5);
    let server = Server::postgres();
    let mut database = open(Engine::Postgresql, &server.address(), &[]).unwrap();
    let dir = tempfile::tempdir().unwrap();

    fill(&server, people, rows);
    let began = Instant::now();
    plain(database.as_mut(), people);
    let plain = began.elapsed().as_secs_f64();

    server.execute("drop schema public cascade; create schema public");
    fill(&server, people, rows);
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", map());
    let charter = compile(&source).charter.unwrap();
    let store = charter.content().data.values().next().unwrap();
    let mut stores = vec![open_store(store, &server.address(), &[]).unwrap()];
    let (_folder, keys) = DataFolder::open_unlocked(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let journal = Journal::open(&dir.path().join("data/erasures.db")).unwrap();
    let mut tombstones = Tombstones::open(&dir.path().join("tombstones"), &keys, None).unwrap();
    let numbers: BTreeSet<String> = (1..=people).map(|number| number.to_string()).collect();
    let now = "2026-11-22T12:00:00Z".parse().unwrap();

    let began = Instant::now();
    let plan = plan(&mut stores, &numbers, &keys, now).unwrap();
    let planned = began.elapsed().as_secs_f64();
    let mut eraser = Eraser {
        stores: &mut stores,
        journal: &journal,
        keys: &keys,
        at_once: PEOPLE_AT_ONCE,
        progress: &mut |_| {},
    };
    let began = Instant::now();
    let run = eraser.begin(&numbers, &plan, &Mandate::of("operations"), now).unwrap();
    eraser.list(&run, &mut tombstones, now).unwrap();
    eraser.erase(&run, &mut |_| Ok(())).unwrap();
    let erased = began.elapsed().as_secs_f64();
    eraser.clean(&run).unwrap();
    let swept = eraser.sweep(&run).unwrap();
    let verified = began.elapsed().as_secs_f64();
    assert!(swept.iter().all(|swept| swept.found.is_empty()), "{swept:?}");
    let per_second = |seconds: f64| people as f64 / seconds;
    println!(
        "{people} people, {rows} rows each in {} tables, as many people stay",
        CHILDREN.len() + 1
    );
    println!("plain deletes        {:>8.0} people/s", per_second(plain));
    println!("planned              {:>8.0} people/s", per_second(planned));
    println!("erased               {:>8.0} people/s", per_second(erased));
    println!("erased and verified  {:>8.0} people/s", per_second(verified));
}

fn fill(server: &Server, people: u64, rows: u64) {
    let all = people * 2;
    server.execute(&format!(
        "create table users (id bigint primary key, email text unique, full_name text);
         insert into users select i, 'member' || i || '@birch.example', 'Member Number' || i from generate_series(1, {all}) i;"
    ));
    for child in CHILDREN {
        server.execute(&format!(
            "create table {child} (id bigint primary key generated always as identity, user_id bigint not null references users (id),
               body text);
             insert into {child} (user_id, body) select i, 'some words about nothing in particular' from generate_series(1, {all}) i,
               generate_series(1, {rows});
             create index on {child} (user_id);"
        ));
    }
    server.execute("analyze");
}

/// The floor: the same rows by one statement for each table and a hundred people.
fn plain(database: &mut dyn Database, people: u64) {
    let mut first = 1;
    while first <= people {
        let last = (first + 99).min(people);
        database.begin().unwrap();
        for child in CHILDREN {
            let sql = format!("delete from {child} where user_id between {first} and {last}");
            database.change(&sql, &[]).unwrap();
        }
        let sql = format!("delete from users where id between {first} and {last}");
        database.change(&sql, &[]).unwrap();
        database.commit().unwrap();
        first = last + 1;
    }
}

fn map() -> String {
    let mut map =
        "store = \"app\"\nengine = \"postgresql\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n[tables.columns]\n\
                   id = { element = \"account.id\" }\nemail = { element = \"contact.email\" }\n\
                   full_name = { element = \"identity.name.full\" }\n"
            .to_owned();
    for child in CHILDREN {
        map.push_str(&format!(
            "[[tables]]\ntable = \"{child}\"\nbelongs_to = {{ user_id = \"users.id\" }}\n[tables.columns]\n\
             id = {{ none = \"number of the row\" }}\nuser_id = {{ element = \"account.id\" }}\nbody = {{ holds = \"free_text\" }}\n"
        ));
    }
    map
}
