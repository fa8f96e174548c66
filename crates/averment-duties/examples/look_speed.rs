//! How long the looks take with which every run ends, over three tables of a million rows: for the people of the run, and for everybody
//! who was ever erased. On SQLite and on PostgreSQL.
//!
//! `cargo run --release -p averment-duties --example look_speed -- ROWS ERASED`
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement fails by panicking, and prints"
)]

use std::collections::BTreeSet;
use std::time::Instant;

use averment_duties::erase::{
    Eraser, Journal, Mandate, Opened, PEOPLE_AT_ONCE, Tombstones, open_store, people_erased, plan,
};
use averment_register::{Engine, Source, compile};
use averment_store::DataFolder;
use servers::Server;

#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../../averment-scan/tests/it/servers.rs"]
mod servers;

const TABLES: &str = "create table users (id integer not null primary key, email text, full_name text);
create table projects (id integer not null primary key, owner_id integer not null, title text);
create table activity (id integer not null primary key, user_id integer not null, note text)";
const INDEXES: &str = "create index by_owner on projects (owner_id);
create index by_user on activity (user_id);
create index by_email on users (email)";

fn main() {
    let given: Vec<u64> = std::env::args_os()
        .skip(1)
        .map(|text| text.to_str().unwrap().parse().unwrap())
        .collect();
    let (rows, erased) = (
        given.first().copied().unwrap_or(1_000_000),
        given.get(1).copied().unwrap_or(100),
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let numbers = format!("with recursive n (n) as (select 1 union all select n + 1 from n where n < {rows})");
    for statement in filled(&numbers, "n", rows) {
        connection.execute_batch(&statement).unwrap();
    }
    connection.execute_batch(INDEXES).unwrap();
    drop(connection);
    look(Engine::Sqlite, &file.display().to_string(), rows, erased);

    let server = Server::postgres();
    for statement in TABLES.split(';') {
        server.execute(statement);
    }
    for statement in filled("", &format!("generate_series(1, {rows}) as n (n)"), rows) {
        server.execute(&statement);
    }
    for statement in INDEXES.split(';') {
        server.execute(statement);
    }
    server.execute("analyze");
    look(Engine::Postgresql, &server.address(), rows, erased);
}

/// Statements that fill the tables. `from`: something with a column `n` that counts from 1.
fn filled(with: &str, from: &str, rows: u64) -> [String; 3] {
    let words = "'Bridges over the river near the school, with ' || n || ' pieces of wood and a rope'";
    [
        format!(
            "insert into users {with} select n, 'person' || n || '@birch.example', 'Person Number' || n || ' Birch' from {from}"
        ),
        format!("insert into projects {with} select n, n * 7 % {rows} + 1, {words} from {from}"),
        format!("insert into activity {with} select n, n * 11 % {rows} + 1, {words} from {from}"),
    ]
}

fn map(engine: Engine) -> String {
    let mut map = format!(
        "store = \"app\"\nengine = \"{}\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n\
         columns.id = {{ element = \"account.id\" }}\ncolumns.email = {{ element = \"contact.email\" }}\n\
         columns.full_name = {{ element = \"identity.name.full\" }}\n",
        engine.as_str()
    );
    for (table, column, text) in [("projects", "owner_id", "title"), ("activity", "user_id", "note")] {
        map += &format!(
            "[[tables]]\ntable = \"{table}\"\nbelongs_to = {{ {column} = \"users.id\" }}\n\
             columns.id = {{ none = \"number of the row\" }}\ncolumns.{column} = {{ element = \"account.id\" }}\n\
             columns.{text} = {{ element = \"content.project\", holds = \"free_text\" }}\n"
        );
    }
    map
}

/// Erases some people, and times each part.
fn look(engine: Engine, address: &str, rows: u64, erased: u64) {
    let dir = tempfile::tempdir().unwrap();
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", map(engine));
    let compiled = compile(&source);
    let charter = compiled.charter.unwrap();
    let store = charter.content().data.values().next().unwrap();
    let mut stores: Vec<Opened> = vec![open_store(store, address, &[]).unwrap()];
    let (_folder, keys) = DataFolder::open_unlocked(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let journal = Journal::open(&dir.path().join("data/erasures.db")).unwrap();
    let mut tombstones = Tombstones::open(&dir.path().join("tombstones"), &keys, None).unwrap();
    let numbers: BTreeSet<String> = (1..=erased).map(|number| number.to_string()).collect();
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let seconds = |began: Instant| began.elapsed().as_secs_f64();

    let began = Instant::now();
    let plan = plan(&mut stores, &numbers, &keys, now).unwrap();
    let planned = seconds(began);
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
    let gone = seconds(began);
    let began = Instant::now();
    eraser.clean(&run).unwrap();
    let cleaned = seconds(began);
    let began = Instant::now();
    let swept = eraser.sweep(&run).unwrap();
    let swept_in = seconds(began);
    assert!(swept.iter().all(|swept| swept.found.is_empty()), "{swept:?}");
    let began = Instant::now();
    let visible = people_erased(&mut stores, &tombstones, &keys).unwrap();
    let everybody = seconds(began);
    assert!(visible.is_nobody());
    println!(
        "{}: {rows} rows in each of 3 tables, {erased} people: planned {planned:.2} s, gone {gone:.2} s, cleaned up \
         {cleaned:.2} s, looked for them {swept_in:.2} s, looked for everybody {everybody:.2} s",
        engine.as_str()
    );
}
