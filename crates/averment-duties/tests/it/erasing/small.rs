//! Small platforms on SQLite, each with one thing that is hard to get right.

mod since;

use std::path::PathBuf;

use averment_duties::connect::open;
use averment_duties::erase::{Eraser, Mandate, Opened, Plan, Run, Swept, Tombstones, open_store, people_erased, plan};
use averment_register::{Charter, Engine, Source, compile};
use averment_store::{DataFolder, Keys};

use super::{now, people};
use crate::servers::Server;

struct Small {
    dir: tempfile::TempDir,
    server: Option<Server>,
    charter: Charter,
}

impl Small {
    fn new(tables: &str, map: &str, prefix: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let connection = rusqlite::Connection::open(dir.path().join("app.sqlite3")).unwrap();
        connection.execute_batch(tables).unwrap();
        Self::of(dir, None, map, prefix)
    }

    fn on_mariadb(tables: &str, map: &str) -> Self {
        Self::on(Engine::Mariadb, tables, map)
    }

    fn on(engine: Engine, tables: &str, map: &str) -> Self {
        let server = match engine {
            Engine::Sqlite => return Self::new(tables, map, ""),
            Engine::Postgresql => Server::postgres(),
            _ => Server::mariadb(),
        };
        for statement in tables.split(';').filter(|statement| !statement.trim().is_empty()) {
            server.execute(statement);
        }
        let map = format!("engine = \"{}\"\n{map}", engine.as_str());
        Self::of(tempfile::tempdir().unwrap(), Some(server), &map, "")
    }

    fn execute(&self, sql: &str) {
        match &self.server {
            Some(server) => server.execute(sql),
            None => {
                let connection = rusqlite::Connection::open(self.path("app.sqlite3")).unwrap();
                connection.execute_batch(sql).unwrap();
            }
        }
    }

    fn of(dir: tempfile::TempDir, server: Option<Server>, map: &str, prefix: &str) -> Self {
        let engine = if server.is_some() { "" } else { "engine = \"sqlite\"\n" };
        let mut source = Source::default();
        source.insert("organisation.toml", "organisation = \"Birch\"\n");
        source.insert("data/app.toml", format!("store = \"app\"\n{engine}{map}"));
        if !prefix.is_empty() {
            let (key, column) = match prefix.contains("{name}") {
                true => ("name", "columns.name = { element = \"account.username\" }\n"),
                false => ("user", ""),
            };
            let files = format!(
                "[[tables]]\nprefix = \"{prefix}\"\nkey = \"{key}\"\n{column}elements = [\"content.project\"]\n"
            );
            source.insert(
                "data/files.toml",
                format!("store = \"files\"\nengine = \"files\"\n{files}"),
            );
            std::fs::create_dir_all(dir.path().join("files/up")).unwrap();
        }
        let compiled = compile(&source);
        let charter = compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        Self { dir, server, charter }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn stores(&self) -> Vec<Opened> {
        let of = |store: &averment_register::Store| {
            let address = match store.engine {
                Engine::Files => self.path("files").display().to_string(),
                _ => self.address(),
            };
            open_store(store, &address, &[]).unwrap()
        };
        self.charter.content().data.values().map(of).collect()
    }

    fn keys(&self) -> Keys {
        DataFolder::open_unlocked(&self.path("data"), &self.path("keys"))
            .unwrap()
            .1
    }

    fn plan(&self, numbers: &[&str]) -> Plan {
        plan(&mut self.stores(), &people(numbers), &self.keys(), now()).unwrap()
    }

    fn problems(&self, numbers: &[&str]) -> Vec<String> {
        let problems = self.plan(numbers).problems();
        problems.iter().map(ToString::to_string).collect()
    }

    fn erase(&self, numbers: &[&str]) -> Vec<Swept> {
        let run = self.begun(numbers);
        self.erasing(|eraser| {
            eraser.erase(&run, &mut |_| Ok(())).unwrap();
            eraser.clean(&run).unwrap();
            eraser.sweep(&run).unwrap()
        })
    }

    /// A run that is announced and listed, and has changed nothing yet.
    fn begun(&self, numbers: &[&str]) -> Run {
        let plan = self.plan(numbers);
        self.erasing(|eraser| {
            let mandate = Mandate::of("operations");
            let run = eraser.begin(&people(numbers), &plan, &mandate, now()).unwrap();
            eraser.journal.announced(&run.id, 1).unwrap();
            let mut tombstones = Tombstones::open(&self.path("tombstones"), eraser.keys, None).unwrap();
            eraser.list(&run, &mut tombstones, now()).unwrap();
            run
        })
    }

    fn erasing<T>(&self, work: impl FnOnce(&mut Eraser<'_>) -> T) -> T {
        super::erasing(self.stores(), &self.keys(), &self.path("data/erasures.db"), work)
    }

    fn engine(&self) -> Engine {
        let mut stores = self.charter.content().data.values();
        stores.find(|store| store.engine.has_tables()).unwrap().engine
    }

    fn address(&self) -> String {
        match &self.server {
            Some(server) => server.address(),
            None => self.path("app.sqlite3").display().to_string(),
        }
    }

    /// The first column of an answer.
    fn first(&self, sql: &str) -> Vec<String> {
        let mut database = open(self.engine(), &self.address(), &[]).unwrap();
        let rows = database.all(sql, &[]).unwrap();
        rows.into_iter().map(|row| row[0].clone().unwrap_or_default()).collect()
    }
}

const USERS: &str = "create table users (id integer primary key, email text);
insert into users values (1, 'one@birch.example'), (2, 'two@birch.example'), (3, 'three@birch.example');";
const USERS_MAP: &str = "[[tables]]\ntable = \"users\"\nkey = \"id\"\n[tables.columns]\nid = { element = \"account.id\" }\n\
email = { element = \"contact.email\" }\n";

const LETTERS: &str = "create table letters (id integer primary key, sender_id integer not null, recipient_id integer);
insert into letters values (1, 1, 2), (2, 2, 1), (3, 1, null), (4, 2, 3), (5, 1, 1);";
const LETTERS_MAP: &str = "[[tables]]\ntable = \"letters\"\nbelongs_to = { sender_id = \"users.id\", recipient_id = \"users.id\" }\n\
[tables.columns]\nid = { none = \"number\" }\nsender_id = { element = \"account.id\" }\nrecipient_id = { element = \"account.id\" }\n";

#[test]
fn rows_of_two_people_go_where_the_person_cannot_be_taken_out() {
    let small = Small::new(&format!("{USERS}{LETTERS}"), &format!("{USERS_MAP}{LETTERS_MAP}"), "");
    let plan = small.plan(&["1"]);
    let letters = plan.stores[0]
        .tables
        .iter()
        .find(|table| table.table == "letters")
        .unwrap();
    assert_eq!((letters.rows, letters.joint), (4, 1));
    let swept = small.erase(&["1"]);
    assert_eq!(
        small.first("select id || ':' || sender_id || ':' || coalesce(recipient_id, 'none') from letters order by id"),
        ["2:2:none", "4:2:3"]
    );
    assert!(swept[0].found.is_empty(), "{swept:?}");
}

#[test]
fn names_of_objects_are_placed_by_the_number_that_is_known() {
    let tables = "create table users (id text primary key, email text);
        insert into users values ('s-17', 'one@birch.example'), ('7', 'two@birch.example'), ('7-12', 'three@birch.example'), ('8', null);";
    let small = Small::new(tables, USERS_MAP, "up/{user}-");
    for name in ["s-17-x.png", "7-a-b.png", "7-12-x.png", "8-12-x.png"] {
        std::fs::write(small.path("files/up").join(name), "x").unwrap();
    }
    assert_eq!(
        small.problems(&["7"]),
        ["`files.up/{user}-`: 1 names of objects can be read as those of somebody else, too"]
    );
    assert_eq!(small.problems(&["7-12"]).len(), 1);
    assert_eq!(small.problems(&["7", "7-12"]), Vec::<String>::new());
    small.erase(&["s-17", "8"]);
    let left = std::fs::read_dir(small.path("files/up")).unwrap();
    let mut left: Vec<String> = left
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["7-12-x.png", "7-a-b.png"]);
}

/// The data map says whose an avatar is, and of a class photo nobody says who is on it.
#[test]
fn pictures_count_as_unseen_where_nothing_says_whose_they_are() {
    let small = Small::new(USERS, USERS_MAP, "up/{user}.");
    std::fs::create_dir_all(small.path("files/up/classes")).unwrap();
    // A PNG of one grey pixel.
    let chunk = |kind: &[u8], data: &[u8]| [&(data.len() as u32).to_be_bytes(), kind, data, &[0; 4]].concat();
    let pixel = [0x78, 0x9c, 0x63, 0x68, 0x02, 0x00, 0x00, 0x84, 0x00, 0x83];
    let head = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let chunks = [head, chunk(b"IDAT", &pixel), chunk(b"IEND", &[])].concat();
    let picture = [&b"\x89PNG\r\n\x1a\n"[..], &chunks].concat();
    for name in ["up/1.png", "up/2.png", "up/classes/4b.png"] {
        std::fs::write(small.path("files").join(name), &picture).unwrap();
    }
    let swept = small.erase(&["1"]);
    let files = swept.iter().find(|swept| swept.store == "files").unwrap();
    assert_eq!((files.pictures, files.pictures_of_anybody, files.unreadable), (2, 1, 0));
}

#[test]
fn a_name_of_an_object_that_may_be_that_of_somebody_else_keeps_it() {
    let tables = "create table users (id text primary key, login text);
        insert into users values ('1', 'ann'), ('2', 'Ann.Lee'), ('3', 'bo');";
    let map = "[[tables]]\ntable = \"users\"\nkey = \"id\"\n[tables.columns]\nid = { element = \"account.id\" }\n\
               login = { element = \"account.username\" }\n";
    let small = Small::new(tables, map, "up/{name}");
    for name in ["ann.png", "ann.lee.png", "bo.old.png"] {
        std::fs::write(small.path("files/up").join(name), "x").unwrap();
    }
    assert_eq!(
        small.problems(&["1"]),
        ["`files.up/{name}`: 1 names of objects can be read as those of somebody else, too"]
    );
    assert_eq!(small.problems(&["1", "2"]), Vec::<String>::new());
    small.erase(&["3"]);
    let left = |name: &str| small.path("files/up").join(name).exists();
    assert!(left("ann.png") && left("ann.lee.png") && !left("bo.old.png"));
}

#[test]
fn another_spelling_of_a_number_is_refused() {
    let small = Small::new(USERS, USERS_MAP, "");
    assert_eq!(small.problems(&["1"]), Vec::<String>::new());
    for number in ["01", " +1"] {
        let problems = small.problems(&["2", number]);
        assert_eq!(
            problems[0],
            "`app.users`: 1 values are taken for theirs and written otherwise: expected numbers as they stand"
        );
    }
    let nocase = "create table users (id text collate nocase primary key, email text);
        insert into users values ('aB3', 'one@birch.example');";
    let small = Small::new(nocase, USERS_MAP, "");
    assert_eq!(small.problems(&["aB3"]), Vec::<String>::new());
    assert!(small.problems(&["ab3"])[0].contains("written otherwise"));
}

#[test]
fn a_number_that_a_collation_takes_for_another_is_refused() {
    let tables = "create table users (id varchar(20) primary key, email varchar(80)) collate utf8mb4_general_ci;
        insert into users values ('aB3', 'one@birch.example');
        create table notes (id integer primary key, of varchar(20)) collate utf8mb4_general_ci;
        insert into notes values (1, 'aB3'), (2, 'ab3'), (3, 'Ab3 ');";
    let notes = "[[tables]]\ntable = \"notes\"\nbelongs_to = { of = \"users.id\" }\n[tables.columns]\n\
        id = { none = \"number\" }\nof = { element = \"account.id\" }\n";
    let small = Small::on_mariadb(tables, &format!("{USERS_MAP}{notes}"));
    let otherwise = "values are taken for theirs and written otherwise: expected numbers as they stand";
    assert_eq!(small.problems(&["aB3"]), [format!("`app.notes`: 2 {otherwise}")]);
    assert_eq!(
        small.problems(&["ab3"]),
        [
            format!("`app.notes`: 2 {otherwise}"),
            format!("`app.users`: 1 {otherwise}")
        ]
    );
}

#[test]
fn a_number_that_is_nowhere_is_refused() {
    let small = Small::new(&format!("{USERS}{LETTERS}"), &format!("{USERS_MAP}{LETTERS_MAP}"), "");
    assert_eq!(
        small.problems(&["1", "4712"]),
        ["`app.users`: 1 of the numbers are nowhere: expected numbers of people"]
    );
    small.erase(&["3"]);
    assert_eq!(small.problems(&["3"]).len(), 1, "who is erased is nowhere");
}

const PUPILS: &str = "create table pupils (id integer primary key, parent text);
insert into pupils values (1, 'p@birch.example'), (2, 'p@birch.example'), (3, 'q@birch.example');
create table notes (id integer primary key, parent text, body text);
insert into notes values (1, 'p@birch.example', 'of either'), (2, 'q@birch.example', 'of the third');";
const PUPILS_MAP: &str = "[[tables]]\ntable = \"pupils\"\nkey = \"id\"\n[tables.columns]\nid = { element = \"account.id\" }\n\
parent = { element = \"guardian.email\" }\n[[tables]]\ntable = \"notes\"\nkey = \"parent\"\n[tables.columns]\n\
id = { none = \"number\" }\nparent = { element = \"guardian.email\" }\nbody = { holds = \"free_text\" }\n";

#[test]
fn an_address_of_a_household_does_not_lead_to_one_of_its_people() {
    let small = Small::new(PUPILS, PUPILS_MAP, "");
    let plan = small.plan(&["1"]);
    let notes = plan.stores[0]
        .tables
        .iter()
        .find(|table| table.table == "notes")
        .unwrap();
    assert_eq!((notes.rows, notes.undecided), (0, 1));
    small.erase(&["1", "3"]);
    assert_eq!(small.first("select id from notes"), ["1"]);
    assert_eq!(small.first("select id from pupils"), ["2"]);
    // The last of a household.
    small.erase(&["2"]);
    assert_eq!(small.first("select id from notes"), Vec::<String>::new());
}

#[test]
fn an_address_leads_to_people_who_are_erased_together() {
    let small = Small::new(PUPILS, PUPILS_MAP, "");
    small.erase(&["1", "2"]);
    assert_eq!(small.first("select id from notes"), ["2"]);
}

/// A log that stays with the number of the account, and the list of accounts that ended: neither shows who was erased.
#[test]
fn a_number_that_is_to_stay_brings_nobody_back() {
    let map = "[[tables]]\ntable = \"users\"\nsubjects = [\"student\"]\nkey = \"id\"\n\
               columns.id = { element = \"account.id\" }\n\
               [[tables]]\ntable = \"log\"\nsubjects = [\"student\"]\nbelongs_to = { User_Id = \"users.id\" }\n\
               on_erase = \"keep\"\nkeep = \"for thirty days\"\n\
               columns.User_Id = { element = \"account.id\", on_erase = \"keep\", keep = \"for thirty days\" }\n\
               columns.action = { none = \"what was done\" }\n";
    let tables = "create table users (id integer primary key);
                  create table log (user_id integer, action text);
                  insert into users values (7), (8); insert into log values (7, 'in'), (8, 'in'), (7, 'out')";
    let small = Small::new(tables, map, "");
    small.erase(&["7"]);
    let keys = small.keys();
    let tombstones = Tombstones::open_read(&small.path("tombstones"), &keys, None).unwrap();
    let visible = |small: &Small| people_erased(&mut small.stores(), &tombstones, &keys).unwrap();
    assert!(visible(&small).is_nobody());
    let connection = rusqlite::Connection::open(small.path("app.sqlite3")).unwrap();
    connection.execute_batch("insert into users values (7)").unwrap();
    let back = visible(&small);
    let places: Vec<(&str, u64)> = back
        .places
        .iter()
        .map(|((_, table), count)| (table.as_str(), *count))
        .collect();
    assert_eq!(places, [("users", 1)]);
}

/// The record of somebody who joins again is made after the erasure; a backup brings back one from before.
fn who_came_back_is_told_from_whom_a_backup_brought_back(engine: Engine, kind: &str) {
    let map = USERS_MAP.replacen(
        "key = \"id\"\n",
        "key = \"id\"\ntimes = { collection = \"made_at\" }\n",
        1,
    ) + "made_at = { none = \"when the row was made\" }\n\
           [[tables]]\ntable = \"notes\"\nkey = \"address\"\n[tables.columns]\naddress = { element = \"contact.email\" }\n";
    let tables = format!(
        "create table users (id integer primary key, email varchar(80), made_at {kind});
         create table notes (address varchar(80) primary key);
         insert into users values (1, 'one@birch.example', '2024-09-01 08:00:00');
         insert into users values (2, 'two@birch.example', '2024-09-01 08:00:00');
         insert into notes values ('one@birch.example')"
    );
    let small = Small::on(engine, &tables, &map);
    small.erase(&["1"]);
    let keys = small.keys();
    let tombstones = Tombstones::open_read(&small.path("tombstones"), &keys, None).unwrap();
    let seen = || {
        let visible = people_erased(&mut small.stores(), &tombstones, &keys).unwrap();
        (visible.count(), visible.contested, visible.returned)
    };
    small.execute("insert into notes values ('one@birch.example')");
    assert_eq!(seen(), (1, 0, 0), "nothing says that anybody came back");
    small.execute("insert into users values (9, 'one@birch.example', '2026-11-23 12:00:00')");
    assert_eq!(seen(), (1, 0, 0), "a day after, in some zone, is not certainly after");
    small.execute("update users set made_at = '2026-11-25 12:00:00' where id = 9");
    assert_eq!(seen(), (0, 0, 1));
    small.execute("insert into users values (1, 'other@birch.example', '2024-09-01 08:00:00')");
    assert_eq!(seen(), (1, 0, 1), "the number is brought back, the address is not");
    small.execute("update users set email = 'one@birch.example' where id = 1");
    assert_eq!(seen(), (2, 1, 0), "nothing says whose the note is");
}

#[test]
fn who_came_back_is_told_from_whom_a_backup_brought_back_by_each_engine() {
    for (engine, kind) in [
        (Engine::Sqlite, "text"),
        (Engine::Postgresql, "timestamp with time zone"),
        (Engine::Mariadb, "datetime"),
    ] {
        who_came_back_is_told_from_whom_a_backup_brought_back(engine, kind);
    }
}
