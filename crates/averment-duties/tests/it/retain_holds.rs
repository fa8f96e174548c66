//! Holds come while rows go: a run sees them before its next batch. And there may be any number of people under hold.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use averment_duties::connect::{Database, DatabaseError, Dialect, EachRow, Schema, open};
use averment_duties::retain::{Holds, Recorded, Report, Retention, Stores, Task};
use averment_register::{Charter, Engine, Source, Store, compile};
use jiff::Timestamp;

use crate::retain::now_of;
use crate::servers::Server;

const NOW: &str = "2026-11-22T12:00:00Z";

/// Notes hang on entries of the log, and are theirs whose the entry is.
const MAP: &str = r#"
store = "app"
engine = "ENGINE"

[[tables]]
table = "users"
key = "id"
columns.id = { element = "account.id" }

[[tables]]
table = "log"
belongs_to = { user_id = "users.id" }
times = { collection = "at" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "account.id" }
columns.at = { none = "when" }

[[tables]]
table = "notes"
belongs_to = { log_id = "log.id" }
times = { collection = "at" }
columns.id = { none = "number of the row" }
columns.log_id = { none = "number of the entry" }
columns.text = { element = "content.forum_post", holds = "free_text" }
columns.at = { none = "when" }
"#;

const CLAIM: &str = r#"
[[claims]]
id = "all"
kind = "retained_for"
duration = "P90D"
after = "collection"
sentence = "Everything goes after 90 days."
"#;

fn charter(engine: Engine) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", MAP.replace("ENGINE", engine.as_str()));
    source.insert("claims/list.toml", CLAIM);
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// 600 old notes of three people in turn, and as many old entries of the log.
const ROWS: &str = "
create table users (id integer primary key);
create table log (id integer primary key, user_id integer, at date);
create table notes (id integer primary key, log_id integer references log (id), text varchar(9), at date);
insert into users values (1), (2), (3);
with recursive n (i) as (select 1 union all select i + 1 from n where i < 600)
  insert into log select i, 1 + i % 3, '2026-01-01' from n;
insert into notes select id, id, 'x', '2026-01-01' from log;
insert into log values (601, 1, '2026-11-20');
";

/// A file with these rows; `index`: one more statement.
fn made(index: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let plain = rusqlite::Connection::open(&file).unwrap();
    plain.execute_batch(&format!("{ROWS} {index}")).unwrap();
    (dir, file)
}

struct File<'a>(&'a Path);

impl Stores for File<'_> {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        open(Engine::Sqlite, self.0.to_str().unwrap(), &[]).map_err(|error| error.to_string())
    }
}

/// Holds that are placed and lifted while a run goes on; none: they cannot be read any more.
#[derive(Default)]
struct Changing {
    held: RefCell<Option<BTreeSet<String>>>,
    version: Cell<u64>,
    /// How often it was asked about somebody.
    asked: Cell<u64>,
}

impl Changing {
    fn of(numbers: &[&str]) -> Self {
        let changing = Self::default();
        changing.set(Some(numbers));
        changing
    }

    fn set(&self, numbers: Option<&[&str]>) {
        *self.held.borrow_mut() = numbers.map(|numbers| numbers.iter().map(|one| (*one).to_owned()).collect());
        self.version.set(self.version.get() + 1);
    }

    fn read<T>(&self, what: impl FnOnce(&BTreeSet<String>) -> T) -> Result<T, String> {
        let held = self.held.borrow();
        held.as_ref().map(what).ok_or_else(|| "the file is gone".to_owned())
    }
}

impl Holds for Changing {
    fn version(&self) -> Result<u64, String> {
        self.read(|_| self.version.get())
    }

    fn are_any(&self) -> Result<bool, String> {
        self.read(|held| !held.is_empty())
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        self.asked.set(self.asked.get() + 1);
        self.read(|held| held.contains(number))
    }
}

/// A run in batches of 50 rows; `meanwhile` is done in each rest.
fn run(file: &Path, holds: &dyn Holds, meanwhile: &dyn Fn()) -> Report {
    let stores = (Engine::Sqlite, &File(file) as &dyn Stores);
    run_on(stores, NOW.parse().unwrap(), holds, meanwhile)
}

fn run_on(stores: (Engine, &dyn Stores), now: Timestamp, holds: &dyn Holds, meanwhile: &dyn Fn()) -> Report {
    done_on(stores, now, holds, meanwhile, &|task| task.run())
}

/// What is done, such as a run.
type Doing<'a> = &'a dyn Fn(&Task<'_>) -> Result<Report, String>;

fn done_on(
    (engine, stores): (Engine, &dyn Stores),
    now: Timestamp,
    holds: &dyn Holds,
    meanwhile: &dyn Fn(),
    doing: Doing<'_>,
) -> Report {
    let charter = charter(engine);
    let settings = Retention {
        batch_rows: 50,
        ..Retention::default()
    };
    let task = Task {
        charter: &charter,
        settings: &settings,
        stores,
        holds,
        now: &|| now,
        pause: &|_: Duration| meanwhile(),
        ledger: Recorded::of([now]),
        clock_checked: false,
        doubt: None,
        announce: &|_| Ok(()),
    };
    doing(&task).unwrap()
}

/// Old entries of the log and notes that are left, of one person or of the others.
fn left(file: &Path, of: &str) -> (u64, u64) {
    let plain = rusqlite::Connection::open(file).unwrap();
    let count = |sql: &str| plain.query_row(sql, [], |row| row.get(0)).unwrap();
    let entries = format!("select count(*) from log where at < '2026-02-01' and user_id {of}");
    let notes = format!("select count(*) from notes where log_id in (select id from log where user_id {of})");
    (count(&entries), count(&notes))
}

#[test]
fn somebody_who_comes_under_hold_while_rows_go_keeps_the_rest() {
    // By the primary key, and by an index the oldest first.
    for index in [
        "",
        "create index log_at on log (at); create index notes_at on notes (at);",
    ] {
        let (_dir, file) = made(index);
        let (holds, rests) = (Changing::of(&[]), Cell::new(0));
        let report = run(&file, &holds, &|| {
            rests.set(rests.get() + 1);
            if rests.get() == 2 {
                holds.set(Some(&["2"]));
            }
        });
        assert_eq!(report.refused, None);
        let stopped: Vec<_> = report.rules.iter().filter_map(|rule| rule.stopped.as_ref()).collect();
        assert!(stopped.is_empty(), "{stopped:?}");
        // Two batches of 50 notes went before, of which every third is theirs.
        let (entries, notes) = left(&file, "= 2");
        assert_eq!((entries, notes), (200, 200 - 34), "{index}");
        assert_eq!((left(&file, "<> 2"), report.overdue()), ((0, 0), 0), "{index}");
        assert!(report.rules.iter().any(|rule| rule.now().held > 0), "{index}");
    }
}

#[test]
fn a_hold_that_ends_while_rows_go_is_not_held_any_more() {
    let (_dir, file) = made("");
    let (holds, rests) = (Changing::of(&["1", "2"]), Cell::new(0));
    let report = run(&file, &holds, &|| {
        rests.set(rests.get() + 1);
        if rests.get() == 1 {
            holds.set(Some(&["1"]));
        }
    });
    assert_eq!((report.refused.as_deref(), report.overdue()), (None, 0));
    assert_eq!(left(&file, "= 1").0, 200);
    assert_eq!(left(&file, "= 2").0, 0);
}

#[test]
fn holds_that_cannot_be_read_any_more_stop_a_run() {
    let (_dir, file) = made("");
    let (holds, rests) = (Changing::of(&[]), Cell::new(0));
    let report = run(&file, &holds, &|| {
        rests.set(rests.get() + 1);
        if rests.get() == 2 {
            holds.set(None);
        }
    });
    assert_eq!(report.ended(), 100, "nothing more went");
    let stopped: Vec<_> = report.rules.iter().filter_map(|rule| rule.stopped.as_deref()).collect();
    assert_eq!(stopped.len(), 2, "{stopped:?}");
    assert!(
        stopped.iter().all(|because| because.contains("the file is gone")),
        "{stopped:?}"
    );
    assert!(report.overdue() > 0);
}

#[test]
fn while_nothing_changes_people_are_asked_about_once() {
    let (_dir, file) = made("");
    let holds = Changing::of(&["2"]);
    let report = run(&file, &holds, &|| {});
    assert!(report.ended() > 0);
    // Three people in two columns that hold their numbers.
    assert_eq!(holds.asked.get(), 6);
}

/// Everybody from 1,000,000 on.
struct MostAreHeld;

impl Holds for MostAreHeld {
    fn version(&self) -> Result<u64, String> {
        Ok(0)
    }

    fn are_any(&self) -> Result<bool, String> {
        Ok(true)
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        number
            .parse::<u64>()
            .map(|number| number >= 1_000_000)
            .map_err(|error| error.to_string())
    }
}

#[test]
fn many_under_hold_are_looked_up_and_what_is_due_of_others_goes() {
    let (_dir, file) = made("");
    let plain = rusqlite::Connection::open(&file).unwrap();
    plain
        .execute_batch(
            "with recursive n (i) as (select 1000000 union all select i + 1 from n where i < 1099999)
               insert into users select i from n;
             insert into log values (701, 1000001, '2026-01-01'), (702, 1099999, '2026-01-01'), (703, 3, '2026-01-01');
             insert into notes values (701, 702, 'x', '2026-01-01'), (702, 703, 'x', '2026-01-01');",
        )
        .unwrap();
    let report = run(&file, &MostAreHeld, &|| {});
    assert_eq!((report.refused.as_deref(), report.overdue()), (None, 0));
    assert_eq!(left(&file, ">= 1000000"), (2, 1));
    assert_eq!(left(&file, "< 1000000"), (0, 0));
    let tables: u64 = plain
        .query_row(
            "select count(*) from sqlite_schema where name like 'averment%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(tables, 0, "nothing of it stays in the file");
}

struct AtServer<'a>(&'a str);

impl Stores for AtServer<'_> {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        open(Engine::Postgresql, self.0, &[]).map_err(|error| error.to_string())
    }
}

/// The temporary tables are made anew while statements that read them are prepared.
#[test]
fn many_under_hold_may_change_while_rows_go_from_postgresql() {
    let server = Server::postgres();
    server.execute(ROWS);
    server.execute("insert into users select generate_series(1000, 5999)");
    let address = server.address();
    let mut plain = open(Engine::Postgresql, &address, &[]).unwrap();
    let now = now_of(
        &mut *plain,
        "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    );
    let many: Vec<String> = (1000..6000).map(|number: u32| number.to_string()).collect();
    let mut held: Vec<&str> = many.iter().map(String::as_str).collect();
    let (holds, rests) = (Changing::of(&held), Cell::new(0));
    held.push("2");
    let stores = (Engine::Postgresql, &AtServer(&address) as &dyn Stores);
    let report = run_on(stores, now, &holds, &|| {
        rests.set(rests.get() + 1);
        if rests.get() == 2 {
            holds.set(Some(&held));
        }
    });
    assert_eq!((report.refused.as_deref(), report.overdue()), (None, 0));
    let stopped: Vec<_> = report.rules.iter().filter_map(|rule| rule.stopped.as_ref()).collect();
    assert!(stopped.is_empty(), "{stopped:?}");
    let mut count = |of: &str| {
        let sql = format!("select count(*)::text from log where at < '2026-02-01' and user_id {of}");
        plain.one(&sql, &[]).unwrap()
    };
    assert_eq!(count("= 2").as_deref(), Some("200"));
    assert_eq!(count("<> 2").as_deref(), Some("0"));
}

/// One connection that a pool gives to whoever asks for one.
#[derive(Clone)]
struct Pooled(Arc<Mutex<Box<dyn Database>>>);

impl Pooled {
    fn of(engine: Engine, address: &str) -> Self {
        Self(Arc::new(Mutex::new(open(engine, address, &[]).unwrap())))
    }
}

impl Database for Pooled {
    fn dialect(&self) -> Dialect {
        self.0.lock().unwrap().dialect()
    }

    fn rows(&mut self, sql: &str, parameters: &[&str], each: EachRow<'_>) -> Result<(), DatabaseError> {
        self.0.lock().unwrap().rows(sql, parameters, each)
    }

    fn change(&mut self, sql: &str, parameters: &[&str]) -> Result<u64, DatabaseError> {
        self.0.lock().unwrap().change(sql, parameters)
    }

    fn begin(&mut self) -> Result<(), DatabaseError> {
        self.0.lock().unwrap().begin()
    }

    fn commit(&mut self) -> Result<(), DatabaseError> {
        self.0.lock().unwrap().commit()
    }

    fn undo(&mut self) {
        self.0.lock().unwrap().undo();
    }

    fn schema(&mut self) -> Result<Schema, DatabaseError> {
        self.0.lock().unwrap().schema()
    }
}

impl Stores for Pooled {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        Ok(Box::new(self.clone()))
    }
}

/// Many people under hold of one run, and many others of another that looks while the first rests.
fn two_runs_on_one_connection(engine: Engine, address: &str, now: Timestamp, lists: &str) {
    let pooled = Pooled::of(engine, address);
    let many: Vec<String> = (1000..2500).map(|number: u32| number.to_string()).collect();
    let held = |besides| many.iter().map(String::as_str).chain([besides]).collect::<Vec<_>>();
    let (holds, others) = (Changing::of(&held("2")), Changing::of(&held("3")));
    let stores = (engine, &pooled as &dyn Stores);
    let rested = Cell::new(false);
    let report = done_on(
        stores,
        now,
        &holds,
        &|| {
            if !rested.replace(true) {
                let meanwhile = done_on(stores, now, &others, &|| {}, &|task| task.plan());
                assert_eq!(meanwhile.refused, None, "{engine:?}");
                assert!(meanwhile.overdue() > 0, "{engine:?}");
            }
        },
        &|task| task.run(),
    );
    assert!(rested.get(), "{engine:?}: it rests");
    assert_eq!((report.refused.as_deref(), report.overdue()), (None, 0), "{engine:?}");
    let stopped: Vec<_> = report.rules.iter().filter_map(|rule| rule.stopped.as_ref()).collect();
    assert!(stopped.is_empty(), "{engine:?}: {stopped:?}");
    let mut database = pooled;
    let mut count = |sql: &str| database.one(sql, &[]).unwrap().unwrap().trim().to_owned();
    let log = "select cast(count(*) as char(20)) from log where at < '2026-02-01' and user_id";
    assert_eq!(count(&format!("{log} = 2")), "200", "{engine:?}");
    assert_eq!(count(&format!("{log} <> 2")), "0", "{engine:?}");
    assert_eq!(count(lists), "0", "{engine:?}: lists are taken away");
}

#[test]
fn two_runs_on_one_connection_do_not_see_each_others_holds_in_sqlite() {
    let (_dir, file) = made("");
    let plain = rusqlite::Connection::open(&file).unwrap();
    let more = "with recursive n (i) as (select 1000 union all select i + 1 from n where i < 2999) insert into users select i from n;";
    plain.execute_batch(more).unwrap();
    let lists = "select count(*) from sqlite_temp_schema where name like 'averment%'";
    two_runs_on_one_connection(Engine::Sqlite, file.to_str().unwrap(), NOW.parse().unwrap(), lists);
}

#[test]
fn two_runs_on_one_connection_do_not_see_each_others_holds_in_postgresql() {
    let server = Server::postgres();
    server.execute(ROWS);
    server.execute("insert into users select generate_series(1000, 2999)");
    let address = server.address();
    let mut plain = open(Engine::Postgresql, &address, &[]).unwrap();
    let sql = "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let now = now_of(&mut *plain, sql);
    let lists = "select count(*)::text from pg_class where relname like 'averment\\_held%'";
    two_runs_on_one_connection(Engine::Postgresql, &address, now, lists);
}
