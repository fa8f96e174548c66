//! An older dump of PostgreSQL is restored, and the list of who was erased is applied before it serves.

use std::process::{Command, Stdio};

use super::{CLAIMS, DESK, MAP, PEOPLE, ROWS, RUN, broken, confirm};
use crate::servers::{Server, postgres_binaries};
use crate::world::Place;

const TABLES: &str = "create table users (id text not null primary key, email text);
    create table messages (id integer primary key, sender_id text not null, recipient_id text, body text,
      foreign key (sender_id) references users (id), foreign key (recipient_id) references users (id));
    insert into users values ('s-2', 'lev.aronov@birch.example');";

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
        ("register/data/app.toml", &MAP.replace("sqlite", "postgresql")),
        ("averment-duties.toml", "[stores.app]\nurl_env = \"APP\"\n"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    place.run(&["people", "load", "people.csv"]).expect(0);
    place
}

/// One of PostgreSQL's own programs on a database; its output.
fn program(name: &str, arguments: &[&str], address: &str) -> Vec<u8> {
    let mut command = Command::new(postgres_binaries().join(name));
    command
        .args(arguments)
        .arg("--dbname")
        .arg(address)
        .stdin(Stdio::null());
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn an_older_dump_shows_nobody_once_it_was_replayed() {
    let (place, server) = (place(), Server::postgres());
    server.execute(TABLES);
    server.execute(ROWS);
    let address = server.address();
    let dump = place.path("older.dump");
    let file = dump.to_str().expect("a path of text").to_owned();
    program("pg_dump", &["--format=custom", "--file", &file], &address);
    let at = |address: &str, arguments: &[&str], code: i32| place.run_with(arguments, &[("APP", address)]).expect(code);
    let plan = ["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"];
    at(&address, &plan, 0);
    at(&address, &RUN, 1);
    confirm(&place, "desk");
    at(&address, &["erase", "run", "register", "--resume"], 0);
    at(&address, &["erase", "verify", "register"], 0);

    server.execute("create database restored");
    let restored = address.replace("dbname=postgres", "dbname=restored");
    program("pg_restore", &[&file], &restored);
    let visible = || {
        let dumped = String::from_utf8(program("pg_dump", &[], &restored)).expect("text");
        ["maya.lindqvist", "s-1", "from Maya"]
            .iter()
            .filter(|word| dumped.contains(**word))
            .count()
    };
    assert_eq!(visible(), 3);
    at(&restored, &["erase", "verify", "register"], 1);
    assert_eq!(broken(&place), ["list/addresses", "list/messages"]);
    let said = at(
        &restored,
        &["erase", "replay", "register", "--store", "app", "--by", "operations"],
        0,
    )
    .stdout;
    assert!(
        said.contains("Nobody who was erased is visible in store `app` any more."),
        "{said}"
    );
    assert_eq!(visible(), 0);
    at(&restored, &["erase", "verify", "register"], 0);
    assert_eq!(broken(&place), Vec::<String>::new());
}
