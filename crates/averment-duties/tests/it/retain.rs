//! What is due goes, and nothing else: each engine against a reader that knows nothing of SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use averment_duties::connect::{Database, open};
use averment_duties::retain::{Happened, Holds, Recorded, Report, Retention, Stores, Task, measure};
use averment_register::{Charter, Engine, Period, Source, Store, compile};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::servers::Server;

const NOW: &str = "2026-11-22T12:00:00Z";
const ZONE: &str = "Europe/Helsinki";

const MAP: &str = r#"
store = "app"
engine = "ENGINE"

[[tables]]
table = "users"
subjects = ["student", "teacher"]
key = "id"
role = "role"
roles = { pupil = "student", teacher = "teacher" }
columns.id = { element = "account.id" }
columns.role = { element = "account.role" }
columns.school = { element = "edu.school" }

[[tables]]
table = "account_deletions"
belongs_to = { user_id = "users.id" }
times = { account_deleted = "deleted_at" }
on_erase = "keep"
keep = "so that it is known when the log goes"
columns.user_id = { element = "account.id", on_erase = "keep", keep = "the same" }
columns.deleted_at = { none = "when" }

[[tables]]
table = "log"
belongs_to = { user_id = "users.id" }
times = { collection = "at" }
on_erase = "keep"
keep = "goes after its own time"
columns.id = { none = "number of the row" }
columns.user_id = { element = "tech.server_log", on_erase = "keep", keep = "the same" }
columns.ip = { element = "tech.server_log", on_erase = "keep", keep = "the same" }
columns.at = { none = "when" }

[[tables]]
table = "posts"
belongs_to = { user_id = "users.id" }
times = { collection = "at" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "account.id" }
columns.body = { element = "content.forum_post", holds = "free_text" }
columns.at = { none = "when" }

[[tables]]
table = "events"
belongs_to = { user_id = "users.id" }
times = { last_use = "at" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "account.id" }
columns.seen = { element = "usage.video_view" }
columns.mark = { element = "edu.course_grade" }
columns.at = { none = "when" }

[[tables]]
table = "days"
subjects = ["student", "teacher"]
belongs_to = { user_id = "users.id" }
times = { collection = "day" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "account.id" }
columns.note = { element = "edu.dates_of_attendance" }
columns.day = { none = "when" }
"#;

const CLAIMS: &str = r#"
[[claims]]
id = "logs"
kind = "retained_for"
elements = ["tech.server_log"]
duration = "P90D"
after = "collection"
sentence = "Logs are kept for 90 days."

[[claims]]
id = "logs-after-deletion"
kind = "retained_for"
elements = ["tech.server_log"]
duration = "P30D"
after = "account_deleted"
sentence = "Logs are kept for 30 days after the account is deleted."

[[claims]]
id = "posts"
kind = "retained_for"
elements = ["content.forum_post"]
duration = "P1M"
after = "collection"
sentence = "Messages are kept for a month."

[[claims]]
id = "views"
kind = "retained_for"
elements = ["usage.video_view"]
duration = "P1Y"
after = "last_use"
sentence = "Page views are kept for a year after the last use."

[[claims]]
id = "attendance"
kind = "retained_for"
elements = ["edu.dates_of_attendance"]
subjects = ["student"]
duration = "P10D"
after = "collection"
sentence = "Attendance of students is kept for ten days."

[[claims]]
id = "deletion"
kind = "erased_on"
except = ["tech.server_log", "edu"]
duration = "P0D"
after = "account_deleted"
sentence = "Whoever deletes their account has their messages deleted at once."

[[claims]]
id = "contract"
kind = "retained_for"
elements = ["content.forum_post"]
duration = "P60D"
after = "contract_end"
sentence = "Messages are kept for 60 days after the contract."
"#;

fn charter(engine: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", MAP.replace("ENGINE", engine));
    source.insert("claims/list.toml", CLAIMS);
    source.insert(
        "controllers/westfield.toml",
        "controller = \"westfield\"\nname = \"Westfield\"\n\n[[shortens]]\nclaim = \"list/logs\"\nduration = \"P30D\"\n",
    );
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Row, person, time as text for SQL, what it means; none when it cannot be read.
type Row = (u64, u64, String, Option<Happened>);

struct World {
    now: Timestamp,
    users: BTreeMap<u64, (&'static str, &'static str)>,
    deletions: BTreeMap<u64, Timestamp>,
    rows: BTreeMap<&'static str, Vec<Row>>,
}

fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap()
}

impl World {
    fn new(seed: u64, now: Timestamp) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut world = Self {
            now,
            users: BTreeMap::new(),
            deletions: BTreeMap::new(),
            rows: BTreeMap::new(),
        };
        for id in 1..40 {
            let role = if dice.throw(3) == 0 { "teacher" } else { "pupil" };
            let school = if dice.throw(4) == 0 { "Westfield" } else { "north" };
            world.users.insert(id, (role, school));
            if dice.throw(4) == 0 {
                world.deletions.insert(id, ago(now, &mut dice, 60));
            }
        }
        for (table, days) in [("log", 200), ("posts", 70), ("events", 800), ("days", 25)] {
            let rows = (1..300).map(|id| {
                let person = 1 + dice.throw(39);
                let (text, meant) = written(table, ago(now, &mut dice, days), &mut dice);
                (id, person, text, meant)
            });
            let rows = rows.collect();
            world.rows.insert(table, rows);
        }
        world
    }

    fn sql(&self, engine: Engine) -> String {
        let (instant, day) = match engine {
            Engine::Postgresql => ("timestamptz", "date"),
            Engine::Sqlite => ("text", "date"),
            _ => ("datetime(6)", "date"),
        };
        let mut sql = format!(
            "create table users (id bigint primary key, role varchar(20), school varchar(40));
             create table account_deletions (user_id bigint primary key, deleted_at {instant});
             create table log (id bigint primary key, user_id bigint, ip varchar(40), at {instant});
             create index log_at on log (at);
             create table posts (id bigint primary key, user_id bigint, body text, at varchar(60));
             create table events (id bigint primary key, user_id bigint, seen varchar(20), mark varchar(20), at bigint);
             create table days (id bigint primary key, user_id bigint, note varchar(20) not null, day {day});\n"
        );
        for (id, (role, school)) in &self.users {
            sql.push_str(&format!("insert into users values ({id}, '{role}', '{school}');\n"));
        }
        for (id, at) in &self.deletions {
            sql.push_str(&format!(
                "insert into account_deletions values ({id}, {});\n",
                as_instant(*at, engine)
            ));
        }
        for (table, rows) in &self.rows {
            for (id, person, text, meant) in rows {
                let time = match (*table, meant) {
                    ("log", Some(Happened::At(at))) => as_instant(*at, engine),
                    _ => text.clone(),
                };
                let values = match *table {
                    "events" => format!("{id}, {person}, 'page', 'B', {time}"),
                    _ => format!("{id}, {person}, 'x', {time}"),
                };
                sql.push_str(&format!("insert into {table} values ({values});\n"));
            }
        }
        sql
    }

    /// Rows of a table that are past a period.
    fn past(&self, table: &str, length: &str, whose: impl Fn(u64) -> bool) -> BTreeSet<u64> {
        let length: Period = length.parse().unwrap();
        let due =
            |happened: Happened| averment_duties::retain::due_after(length, happened, &zone()).unwrap() <= self.now;
        self.rows[table]
            .iter()
            .filter(|(_, person, _, meant)| whose(*person) && meant.is_some_and(due))
            .map(|(id, ..)| *id)
            .collect()
    }

    /// Rows of people who deleted their account so long ago.
    fn of_deleted(&self, table: &str, length: &str) -> BTreeSet<u64> {
        let length: Period = length.parse().unwrap();
        let gone = |person: &u64| {
            self.deletions.get(person).is_some_and(|at| {
                averment_duties::retain::due_after(length, Happened::At(*at), &zone()).unwrap() <= self.now
            })
        };
        self.rows[table]
            .iter()
            .filter(|(_, person, ..)| gone(person))
            .map(|(id, ..)| *id)
            .collect()
    }

    fn unread(&self, table: &str) -> u64 {
        self.rows[table].iter().filter(|(.., meant)| meant.is_none()).count() as u64
    }
}

fn ago(now: Timestamp, dice: &mut Dice, days: u64) -> Timestamp {
    let seconds = 1 + dice.throw(days * 86_400);
    now - SignedDuration::from_secs(i64::try_from(seconds).unwrap())
}

fn plain(at: Timestamp) -> DateTime {
    at.to_zoned(TimeZone::UTC).datetime()
}

/// A moment as the columns of the engine keep it: MariaDB without a zone, so in the zone of the settings.
fn as_instant(at: Timestamp, engine: Engine) -> String {
    match engine {
        Engine::Postgresql => format!("'{at:.0}'"),
        Engine::Sqlite => format!("'{}Z'", plain(at).strftime("%Y-%m-%dT%H:%M:%S")),
        _ => format!("'{}'", at.to_zoned(zone()).datetime().strftime("%Y-%m-%d %H:%M:%S")),
    }
}

/// A time as this table writes it, and what it means.
fn written(table: &str, at: Timestamp, dice: &mut Dice) -> (String, Option<Happened>) {
    let local = at.to_zoned(zone()).datetime();
    let second = at.as_second();
    let at = Timestamp::from_second(second).unwrap();
    match (table, dice.throw(12)) {
        (_, 0) => ("null".to_owned(), None),
        ("log", _) => (String::new(), Some(Happened::At(at))),
        ("days", _) => (format!("'{}'", local.date()), Some(Happened::On(local.date()))),
        ("events", 1) => ("17".to_owned(), None),
        ("events", 2..=5) => (format!("{}", second * 1_000), Some(Happened::At(at))),
        ("events", 6) => (format!("{}", second * 1_000_000), Some(Happened::At(at))),
        ("events", _) => (second.to_string(), Some(Happened::At(at))),
        (_, 1) => ("'last spring'".to_owned(), None),
        (_, 2) => ("'2026-02-31 10:00:00'".to_owned(), None),
        (_, 3) => (format!("'{}'", local.date()), Some(Happened::On(local.date()))),
        (_, 4..=6) => (
            format!("'{}Z'", plain(at).strftime("%Y-%m-%dT%H:%M:%S")),
            Some(Happened::At(at)),
        ),
        _ => {
            let local = local.with().subsec_nanosecond(0).build().unwrap();
            (
                format!("'{}'", local.strftime("%Y-%m-%d %H:%M:%S")),
                Some(Happened::Local(local)),
            )
        }
    }
}

struct One<'a>(&'a dyn Fn() -> Box<dyn Database>);

impl Stores for One<'_> {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        Ok((self.0)())
    }
}

struct Held(BTreeSet<String>);

impl Holds for Held {
    fn version(&self) -> Result<u64, String> {
        Ok(0)
    }

    fn are_any(&self) -> Result<bool, String> {
        Ok(!self.0.is_empty())
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        Ok(self.0.contains(number))
    }
}

/// How a task is run in a test.
struct Setting<'a> {
    charter: &'a Charter,
    stores: &'a One<'a>,
    held: Held,
    now: Timestamp,
    ledger: Option<Timestamp>,
    batch_rows: u32,
}

impl Setting<'_> {
    fn go(&self, run: bool) -> Report {
        let settings = Retention {
            zone: ZONE.to_owned(),
            batch_rows: self.batch_rows,
            pause_ms: 0,
            schools: BTreeMap::new(),
            ..Retention::default()
        };
        let clock = || self.now;
        let task = Task {
            charter: self.charter,
            settings: &settings,
            stores: self.stores,
            holds: &self.held,
            now: &clock,
            pause: &|_: Duration| {},
            ledger: Recorded::of(self.ledger),
            clock_checked: false,
            doubt: None,
            announce: &|_| Ok(()),
        };
        if run { task.run() } else { task.plan() }.unwrap()
    }
}

fn ids(database: &mut dyn Database, table: &str, which: &str) -> BTreeSet<u64> {
    let id = database
        .schema()
        .unwrap()
        .table(table)
        .unwrap()
        .column("id")
        .unwrap()
        .clone();
    let id = database.dialect().as_text("id", &id);
    let rows = database
        .all(&format!("select {id} from {table} where {which}"), &[])
        .unwrap();
    rows.iter()
        .map(|row| row[0].as_deref().unwrap().parse().unwrap())
        .collect()
}

fn all(world: &World, table: &str) -> BTreeSet<u64> {
    world.rows[table].iter().map(|(id, ..)| *id).collect()
}

fn rule<'a>(report: &'a Report, claim: &str, table: &str) -> &'a averment_duties::retain::RuleReport {
    let mut found = report
        .rules
        .iter()
        .filter(|rule| rule.claim.as_str() == format!("list/{claim}") && rule.table == table);
    found
        .next()
        .unwrap_or_else(|| panic!("no rule {claim} {table}: {:?}", report.unmeasured))
}

/// The clock of a server cannot be set: the world is built around its day, and days are counted from there.
fn holds_in(engine: Engine, world: &World, connect: &dyn Fn() -> Box<dyn Database>) {
    let charter = charter(engine.as_str());
    let one = One(connect);
    let mut setting = Setting {
        charter: &charter,
        stores: &one,
        held: Held(BTreeSet::new()),
        now: world.now,
        ledger: Some(world.now),
        batch_rows: 50,
    };
    let plan = setting.go(false);
    let westfield = |person| world.users[&person].1 == "Westfield";
    let student = |person| world.users[&person].0 == "pupil";
    let everybody = |_| true;
    let logs = world.past("log", "P90D", everybody);
    let logs: BTreeSet<u64> = logs.union(&world.past("log", "P30D", westfield)).copied().collect();
    let logs: BTreeSet<u64> = logs.union(&world.of_deleted("log", "P30D")).copied().collect();
    let posts = world.past("posts", "P1M", everybody);
    let posts: BTreeSet<u64> = posts.union(&world.of_deleted("posts", "P0D")).copied().collect();
    let views = world.past("events", "P1Y", everybody);
    let days = world.past("days", "P10D", student);

    let due = |claim: &str, table: &str| rule(&plan, claim, table).before.due;
    assert_eq!(
        rule(&plan, "logs", "log").school.as_ref().map(|school| school.as_str()),
        Some("westfield")
    );
    assert_eq!(
        due("logs-after-deletion", "log"),
        world.of_deleted("log", "P30D").len() as u64
    );
    assert_eq!(
        due("posts", "posts"),
        world.past("posts", "P1M", everybody).len() as u64
    );
    assert_eq!(due("views", "events"), views.len() as u64);
    assert_eq!(due("attendance", "days"), days.len() as u64);
    for (claim, table) in [("posts", "posts"), ("views", "events")] {
        assert_eq!(rule(&plan, claim, table).before.unread, world.unread(table), "{table}");
    }
    assert_eq!(rule(&plan, "views", "events").columns, ["seen"], "the mark stays");
    let unmeasured: Vec<&str> = plan.unmeasured.iter().map(|one| one.claim.as_str()).collect();
    assert_eq!(unmeasured, ["list/contract"], "{:?}", plan.unmeasured);
    let mut database = connect();
    assert_eq!(
        ids(&mut *database, "log", "1 = 1"),
        all(world, "log"),
        "a plan changes nothing"
    );

    // Somebody under hold, of whom a log is due, keeps everything.
    let held: u64 = world.rows["log"].iter().find(|(id, ..)| logs.contains(id)).unwrap().1;
    setting.held = Held(BTreeSet::from([held.to_string()]));
    let run = setting.go(true);
    assert_eq!(run.refused, None);
    let stopped: Vec<_> = run.rules.iter().filter_map(|rule| rule.stopped.as_ref()).collect();
    assert!(stopped.is_empty(), "{stopped:?}");
    let of_held = |table: &str| -> BTreeSet<u64> {
        world.rows[table]
            .iter()
            .filter(|(_, person, ..)| *person == held)
            .map(|(id, ..)| *id)
            .collect()
    };
    let left = |table: &str, gone: &BTreeSet<u64>| -> BTreeSet<u64> {
        let stays = |id: &u64| !gone.contains(id) || of_held(table).contains(id);
        all(world, table).into_iter().filter(stays).collect()
    };
    assert_eq!(ids(&mut *database, "log", "1 = 1"), left("log", &logs));
    assert_eq!(ids(&mut *database, "posts", "1 = 1"), left("posts", &posts));
    assert_eq!(ids(&mut *database, "days", "1 = 1"), left("days", &days));
    let with_views = ids(&mut *database, "events", "seen is not null");
    assert_eq!(run.overdue(), 0, "{:#?}", run.rules);
    let gone = world.of_deleted("events", "P0D");
    let views: BTreeSet<u64> = views.union(&gone).copied().collect();
    assert_eq!(with_views, left("events", &views));
    assert_eq!(ids(&mut *database, "events", "mark is not null"), all(world, "events"));

    let again = setting.go(true);
    assert_eq!(again.ended(), 0, "a second run has nothing to do");
    assert_eq!(again.refused, None);
    assert_eq!(again.unmeasured.len(), 1, "{:?}", again.unmeasured);
    let measured = measure(&again, true);
    let posts = measured.iter().find(|one| one.claim == "list/posts").unwrap();
    assert_eq!((posts.contrary, posts.unseen), (0, 0));
    assert!(posts.enforcing && posts.unreadable > 0 && posts.observed > 0);
    let contract = measured.iter().find(|one| one.claim == "list/contract").unwrap();
    assert_eq!((contract.observed, contract.unseen), (0, 1));
}

fn sqlite(world: &World) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let sql = format!("begin; {} commit;", world.sql(Engine::Sqlite));
    connection.execute_batch(&sql).unwrap();
    (dir, file)
}

#[test]
fn what_is_due_goes_from_sqlite_and_nothing_else() {
    for seed in 1..12 {
        let world = World::new(seed, NOW.parse().unwrap());
        let (_dir, file) = sqlite(&world);
        holds_in(Engine::Sqlite, &world, &|| {
            open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap()
        });
    }
}

/// The clock of a server cannot be set, and is asked.
pub(crate) fn now_of(database: &mut dyn Database, sql: &str) -> Timestamp {
    database.one(sql, &[]).unwrap().unwrap().parse().unwrap()
}

#[test]
fn what_is_due_goes_from_postgresql_and_nothing_else() {
    let server = Server::postgres();
    let connect = || open(Engine::Postgresql, &server.address(), &[]).unwrap();
    let now = now_of(
        &mut *connect(),
        "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    );
    for seed in 1..4 {
        let world = World::new(seed, now);
        server.execute("drop schema public cascade; create schema public");
        server.execute(&world.sql(Engine::Postgresql));
        holds_in(Engine::Postgresql, &world, &connect);
    }
}

#[test]
fn what_is_due_goes_from_mariadb_and_nothing_else() {
    let server = Server::mariadb();
    let connect = || open(Engine::Mariadb, &server.address(), &[]).unwrap();
    let now = now_of(
        &mut *connect(),
        "select date_format(utc_timestamp(), '%Y-%m-%dT%H:%i:%sZ')",
    );
    for seed in 1..4 {
        let world = World::new(seed, now);
        server.execute("drop database school; create database school; use school");
        server.execute(&world.sql(Engine::Mariadb));
        holds_in(Engine::Mariadb, &world, &connect);
    }
}

#[test]
fn a_wrong_clock_deletes_nothing() {
    let world = World::new(7, NOW.parse().unwrap());
    let (_dir, file) = sqlite(&world);
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let charter = charter("sqlite");
    let one = One(&connect);
    let before = ids(&mut *connect(), "log", "1 = 1");
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    for off in [days(-730), days(3_650), SignedDuration::from_mins(-6)] {
        let setting = Setting {
            charter: &charter,
            stores: &one,
            held: Held(BTreeSet::new()),
            now: world.now + off,
            ledger: Some(world.now),
            batch_rows: 50,
        };
        let report = setting.go(true);
        assert!(report.refused.is_some(), "{off}");
        assert_eq!(report.ended(), 0);
        let measured = measure(&report, true);
        assert!(
            measured
                .iter()
                .all(|one| one.observed == 0 && one.unseen > 0 && one.contrary == 0)
        );
    }
    assert_eq!(ids(&mut *connect(), "log", "1 = 1"), before);
}

#[test]
fn a_clock_that_is_not_the_servers_deletes_nothing() {
    let server = Server::postgres();
    let connect = || open(Engine::Postgresql, &server.address(), &[]).unwrap();
    let now = now_of(
        &mut *connect(),
        "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    );
    let world = World::new(3, now);
    server.execute(&world.sql(Engine::Postgresql));
    let charter = charter("postgresql");
    let one = One(&connect);
    for hours in [-1, 1, 24 * 3_650] {
        let setting = Setting {
            charter: &charter,
            stores: &one,
            held: Held(BTreeSet::new()),
            now: now + SignedDuration::from_hours(hours),
            // A ledger that was written by the same clock.
            ledger: Some(now + SignedDuration::from_hours(hours)),
            batch_rows: 50,
        };
        let report = setting.go(true);
        assert!(
            report.refused.is_some_and(|because| because.contains("database")),
            "{hours}"
        );
    }
    assert_eq!(ids(&mut *connect(), "log", "1 = 1"), all(&world, "log"));
}

struct Unknown;

impl Holds for Unknown {
    fn version(&self) -> Result<u64, String> {
        Err("the file is damaged".to_owned())
    }

    fn are_any(&self) -> Result<bool, String> {
        Err("the file is damaged".to_owned())
    }

    fn is_held(&self, _: &str) -> Result<bool, String> {
        Err("the file is damaged".to_owned())
    }
}

#[test]
fn nothing_goes_that_cannot_be_put_on_record_or_while_holds_are_unknown() {
    let world = World::new(5, NOW.parse().unwrap());
    let (_dir, file) = sqlite(&world);
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let (charter, one, clock) = (charter("sqlite"), One(&connect), || world.now);
    let settings = Retention::default();
    let task = Task {
        charter: &charter,
        settings: &settings,
        stores: &one,
        holds: &Unknown,
        now: &clock,
        pause: &|_: Duration| {},
        ledger: Recorded::of([world.now]),
        clock_checked: false,
        doubt: None,
        announce: &|_| Ok(()),
    };
    assert!(
        task.run()
            .unwrap()
            .refused
            .is_some_and(|because| because.contains("hold"))
    );
    let nobody = Held(BTreeSet::new());
    let task = Task {
        holds: &nobody,
        announce: &|_| Err("the disk is full".to_owned()),
        ..task
    };
    assert!(
        task.run()
            .unwrap()
            .refused
            .is_some_and(|because| because.contains("disk"))
    );
    assert_eq!(ids(&mut *connect(), "log", "1 = 1"), all(&world, "log"));
}

#[test]
fn rows_that_others_refer_to_stay_and_are_overdue() {
    let world = World::new(9, NOW.parse().unwrap());
    let (_dir, file) = sqlite(&world);
    let plain = rusqlite::Connection::open(&file).unwrap();
    let due = world.past("log", "P90D", |_| true);
    let one_due = due.iter().next().unwrap();
    // A table without personal data that refers to a row of the log.
    plain
        .execute_batch(&format!(
            "create table alarms (log_id integer references log (id)); insert into alarms values ({one_due});"
        ))
        .unwrap();
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert(
        "data/app.toml",
        format!(
            "{}\n[[tables]]\ntable = \"alarms\"\nnone = \"about machines\"\n",
            MAP.replace("ENGINE", "sqlite")
        ),
    );
    source.insert("claims/list.toml", CLAIMS);
    let charter = compile(&source).charter.unwrap();
    let stores = One(&connect);
    let setting = Setting {
        charter: &charter,
        stores: &stores,
        held: Held(BTreeSet::new()),
        now: world.now,
        ledger: Some(world.now),
        batch_rows: 50,
    };
    let report = setting.go(true);
    let logs = rule(&report, "logs", "log");
    assert_eq!(logs.stopped, None);
    assert_eq!((logs.overdue(), logs.now().blocked), (1, 1));
    let measured = measure(&report, true);
    let logs = measured.iter().find(|one| one.claim == "list/logs").unwrap();
    assert!(logs.contrary == 1 && !logs.enforcing);
}

const SMALL: &str = r#"
store = "app"
engine = "sqlite"

[[tables]]
table = "users"
key = "id"
times = { account_deleted = "deleted_at" }
columns.id = { element = "account.id" }
columns.email = { element = "contact.email" }
columns.deleted_at = { none = "when" }

[[tables]]
table = "audit"
key = "user_id"
on_erase = "keep"
keep = "so that it is known who was here"
columns.user_id = { element = "account.id", on_erase = "keep", keep = "the same" }

[[tables]]
table = "letters"
key = "email"
times = { collection = "at" }
columns.id = { none = "number of the row" }
columns.email = { element = "contact.email" }
columns.body = { element = "content.forum_post", holds = "free_text" }
columns.at = { none = "when" }
"#;

const UPLOADS: &str = r#"
store = "uploads"
engine = "files"

[[tables]]
prefix = "up/{user}/"
key = "user"
elements = ["identity.avatar"]
"#;

const OF_LETTERS: &str = r#"
[[claims]]
id = "letters"
kind = "retained_for"
elements = ["content.forum_post"]
duration = "P90D"
after = "collection"
sentence = "Letters are kept for 90 days."

[[claims]]
id = "end"
kind = "erased_on"
elements = ["identity.avatar", "account.id"]
duration = "P0D"
after = "account_deleted"
sentence = "Pictures go with the account."
"#;

fn small() -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", SMALL);
    source.insert("data/uploads.toml", UPLOADS);
    source.insert("claims/list.toml", OF_LETTERS);
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// A file with the tables of [`SMALL`] and these rows; `key`: the type of the number of a letter.
fn letters(key: &str, rows: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let plain = rusqlite::Connection::open(&file).unwrap();
    plain
        .execute_batch(&format!(
            "create table users (id text primary key, email text, deleted_at text);
             create table audit (user_id text primary key);
             create table letters (id {key} primary key, email text, body text, at text);
             {rows};"
        ))
        .unwrap();
    (dir, file)
}

struct WithFiles<'a>(&'a std::path::Path, &'a std::path::Path);

impl Stores for WithFiles<'_> {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        open(Engine::Sqlite, self.0.to_str().unwrap(), &[]).map_err(|error| error.to_string())
    }

    fn objects(&self, _: &Store) -> Result<Box<dyn averment_duties::objects::Objects>, String> {
        let files = averment_duties::objects::Files::open(self.1);
        Ok(Box::new(files.map_err(|error| error.to_string())?))
    }
}

fn run_small(stores: &dyn Stores, held: Held) -> Report {
    let charter = small();
    let now: Timestamp = NOW.parse().unwrap();
    let settings = Retention::default();
    let task = Task {
        charter: &charter,
        settings: &settings,
        stores,
        holds: &held,
        now: &|| now,
        pause: &|_: Duration| {},
        ledger: Recorded::of([now]),
        clock_checked: false,
        doubt: None,
        announce: &|_| Ok(()),
    };
    task.run().unwrap()
}

fn left(file: &std::path::Path) -> i64 {
    let plain = rusqlite::Connection::open(file).unwrap();
    plain
        .query_row("select count(*) from letters", [], |row| row.get(0))
        .unwrap()
}

const TEN_THOUSAND: &str = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 10000)";

#[test]
fn rows_whose_key_is_bytes_go_and_the_run_ends() {
    for key in ["blob", "text", ""] {
        let rows = format!(
            "insert into letters values (x'ff', 'b@birch.example', 'new', '2026-11-20');
             {TEN_THOUSAND} insert into letters select randomblob(16), 'a@birch.example', 'old', '2026-01-01' from n"
        );
        let (_dir, file) = letters(key, &rows);
        let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
        let report = run_small(&One(&connect), Held(BTreeSet::new()));
        assert_eq!((report.refused.as_deref(), left(&file)), (None, 1), "{key}");
    }
}

#[test]
fn objects_of_whoever_has_no_account_any_more_may_be_late() {
    let unseen = |rows: &str, names: &[&str]| {
        let rows = format!("{rows}; insert into letters values (1, 'x', 'new', '2026-11-20')");
        let (dir, file) = letters("integer", &rows);
        let objects = dir.path().join("objects");
        std::fs::create_dir_all(&objects).unwrap();
        for name in names {
            let path = objects.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "a picture").unwrap();
        }
        let report = run_small(&WithFiles(&file, &objects), Held(BTreeSet::new()));
        assert_eq!(report.refused, None);
        let of_files = report
            .unmeasured
            .iter()
            .filter(|one| one.store.as_ref().is_some_and(|store| store.as_str() == "uploads"));
        of_files.count()
    };
    let is_there = "insert into users values ('s-1', 'a@birch.example', null)";
    assert_eq!(unseen(is_there, &["up/s-1/a.png"]), 0);
    assert_eq!(unseen(is_there, &["up/s-1/a.png", "up/s-2/a.png"]), 1);
    let ended =
        "insert into users values ('s-1', 'a@birch.example', '2026-11-21T10:00:00Z'); insert into audit values ('s-1')";
    assert_eq!(unseen(ended, &["up/s-1/a.png"]), 1, "an account that ended");
    let kept = "insert into audit values ('s-1')";
    assert_eq!(unseen(kept, &["up/s-1/a.png"]), 1, "a row that was kept");
    assert_eq!(unseen(is_there, &["upload/s-2/a.png"]), 1, "a prefix that is wrong");
}

#[test]
fn what_is_keyed_by_the_address_of_somebody_under_hold_stays() {
    let rows = "insert into users values ('s-1', 'a@birch.example', null), ('s-2', 'b@birch.example', null);
                insert into letters values (1, 'a@birch.example', 'old', '2026-01-01'), (2, 'b@birch.example', 'old', '2026-01-01'),
                                           (3, 'b@birch.example', 'new', '2026-11-20')";
    let (_dir, file) = letters("integer", rows);
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let report = run_small(&One(&connect), Held(BTreeSet::from(["s-1".to_owned()])));
    assert_eq!(report.refused, None);
    let plain = rusqlite::Connection::open(&file).unwrap();
    let ids: String = plain
        .query_row(
            "select group_concat(id, ' ') from (select id from letters order by id)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(ids, "1 3");
}

/// SQLite keeps what is put into a column without a type as it comes: numbers, bytes and texts beside each other.
#[test]
fn what_is_of_somebody_under_hold_stays_in_columns_without_a_type() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let plain = rusqlite::Connection::open(&file).unwrap();
    plain
        .execute_batch(
            "create table users (id primary key, email, deleted_at); create table audit (user_id primary key);
             create table letters (id primary key, email, body, at);
             insert into users values (7, 12345, null), ('s-8', x'ab01', null), (x'0c', 'c@birch.example', null), (9, 'd', null);
             insert into letters values (1, 12345, 'old', '2026-01-01'), (2, x'ab01', 'old', '2026-01-01'),
               (3, 'c@birch.example', 'old', '2026-01-01'), (4, 'd', 'old', '2026-01-01'), (5, '12346', 'old', '2026-01-01'),
               (6, 'e', 'new', '2026-11-20')",
        )
        .unwrap();
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let held = ["7", "s-8", "0c"].map(str::to_owned);
    let report = run_small(&One(&connect), Held(BTreeSet::from(held)));
    assert_eq!((report.refused.as_deref(), report.ended()), (None, 2));
    let ids: String = plain
        .query_row(
            "select group_concat(id, ' ') from (select id from letters order by id)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(ids, "1 2 3 6");
}

/// A contract ends where the platform keeps it: in the row that the row of the person refers to.
#[test]
fn what_counts_from_the_end_of_a_contract_goes_with_its_school() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let plain = rusqlite::Connection::open(&file).unwrap();
    plain
        .execute_batch(
            "create table schools (id integer primary key, contract_end text);
             create table users (id integer primary key, school_id integer references schools (id));
             create table posts (id integer primary key, user_id integer references users (id), body text);
             insert into schools values (1, '2026-01-31'), (2, '2026-10-31'), (3, null);
             insert into users values (1, 1), (2, 2), (3, 3), (4, null);
             insert into posts values (1, 1, 'x'), (2, 2, 'x'), (3, 3, 'x'), (4, 4, 'x'), (5, 1, 'x')",
        )
        .unwrap();
    let charter = posts();
    let now: Timestamp = NOW.parse().unwrap();
    let settings = Retention::default();
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let task = Task {
        charter: &charter,
        settings: &settings,
        stores: &One(&connect),
        holds: &Held(BTreeSet::new()),
        now: &|| now,
        pause: &|_: Duration| {},
        ledger: Recorded::of([now]),
        clock_checked: false,
        doubt: None,
        announce: &|_| Ok(()),
    };
    let report = task.run().unwrap();
    assert_eq!(report.unmeasured, []);
    assert_eq!(
        (report.refused.as_deref(), report.ended(), report.overdue()),
        (None, 2, 0)
    );
    let mut database = connect();
    assert_eq!(ids(&mut *database, "posts", "1 = 1"), BTreeSet::from([2, 3, 4]));
}

/// Posts go with the contract of the school of whoever wrote them.
fn posts() -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert(
        "data/app.toml",
        "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"schools\"\nnone = \"no people\"\n\
         [[tables]]\ntable = \"users\"\nkey = \"id\"\ncolumns.id = { element = \"account.id\" }\n\
         columns.school_id = { none = \"number of the school\" }\n[[tables]]\ntable = \"posts\"\n\
         belongs_to = { user_id = \"users.id\" }\ntimes = { contract_end = \"schools.contract_end\" }\n\
         columns.id = { none = \"number\" }\ncolumns.user_id = { element = \"account.id\" }\n\
         columns.body = { element = \"content.forum_post\", holds = \"free_text\" }\n",
    );
    source.insert(
        "claims/list.toml",
        "[[claims]]\nid = \"contract\"\nkind = \"retained_for\"\nelements = [\"content.forum_post\"]\nduration = \"P60D\"\n\
         after = \"contract_end\"\nsentence = \"Posts are kept for 60 days after the contract.\"\n",
    );
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// What refers to a row that is gone has no time that anybody could read: of the school itself, and of the person on the way there.
#[test]
fn what_refers_to_a_school_or_a_person_that_is_gone_was_not_read() {
    let unread = |rows: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("app.sqlite3");
        let plain = rusqlite::Connection::open(&file).unwrap();
        plain
            .execute_batch(&format!(
                "pragma foreign_keys = off;
                 create table schools (id integer primary key, contract_end text);
                 create table users (id integer primary key, school_id integer references schools (id));
                 create table posts (id integer primary key, user_id integer references users (id), body text);
                 insert into schools values (1, '2026-01-31'), (2, '2030-10-31');
                 insert into users values (2, 2), (3, null); {rows}"
            ))
            .unwrap();
        let report = planned(&posts(), &file);
        let rule = rule(&report, "contract", "posts");
        let measured = measure(&report, true).remove(0);
        assert_eq!(measured.unreadable, rule.before.unread);
        (rule.before.rows, rule.before.due, rule.before.unread)
    };
    assert_eq!(unread("insert into posts values (1, 2, 'x'), (2, 3, 'x')"), (2, 0, 0));
    assert_eq!(
        unread("insert into users values (4, 9); insert into posts values (1, 4, 'x'), (2, 2, 'x')"),
        (2, 0, 1)
    );
    assert_eq!(
        unread("insert into posts values (1, 5, 'x'), (2, 2, 'x'), (3, null, 'x')"),
        (3, 0, 1)
    );
    assert_eq!(
        unread("insert into users values (4, 1); insert into posts values (1, 4, 'x')"),
        (1, 1, 0)
    );
}

/// A claim about students: of a row that refers to a person who is gone nobody can say whose it is.
#[test]
fn what_refers_to_a_person_that_is_gone_is_seen_by_a_claim_about_some_and_never_due() {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert(
        "data/app.toml",
        "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\nrole = \"role\"\n\
         roles = { pupil = \"student\", staff = \"teacher\" }\ncolumns.id = { element = \"account.id\" }\n\
         columns.role = { none = \"kind\" }\n[[tables]]\ntable = \"posts\"\nbelongs_to = { user_id = \"users.id\" }\n\
         times = { collection = \"made_at\" }\ncolumns.id = { none = \"number\" }\ncolumns.user_id = { element = \"account.id\" }\n\
         columns.made_at = { none = \"when\" }\ncolumns.body = { element = \"content.forum_post\", holds = \"free_text\" }\n",
    );
    source.insert(
        "claims/list.toml",
        "[[claims]]\nid = \"pupils\"\nkind = \"retained_for\"\nelements = [\"content.forum_post\"]\nsubjects = [\"student\"]\n\
         duration = \"P60D\"\nafter = \"collection\"\nsentence = \"Posts of pupils are kept for 60 days.\"\n",
    );
    let compiled = compile(&source);
    let charter = compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let look = |rows: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("app.sqlite3");
        let plain = rusqlite::Connection::open(&file).unwrap();
        plain
            .execute_batch(&format!(
                "pragma foreign_keys = off;
                 create table users (id integer primary key, role text);
                 create table posts (id integer primary key, user_id integer references users (id), made_at text, body text);
                 insert into users values (1, 'pupil'), (2, 'staff'); {rows}"
            ))
            .unwrap();
        let report = planned(&charter, &file);
        let before = &rule(&report, "pupils", "posts").before;
        // Where nearly all is due the run is refused, and nothing counts as seen.
        assert!(report.refused.is_some() || measure(&report, true)[0].unreadable == before.unread);
        (before.rows, before.due, before.unread)
    };
    let old = "2020-01-31T00:00:00Z";
    assert_eq!(
        look(&format!(
            "insert into posts values (1, 1, '{old}', 'x'), (2, 2, '{old}', 'x')"
        )),
        (1, 1, 0)
    );
    assert_eq!(
        look(&format!(
            "insert into posts values (1, 1, '{old}', 'x'), (2, 9, '{old}', 'x')"
        )),
        (2, 1, 1)
    );
    assert_eq!(
        look(&format!(
            "insert into posts values (1, 9, '{old}', 'x'), (2, null, '{old}', 'x')"
        )),
        (1, 0, 1)
    );
}

fn planned(charter: &Charter, file: &std::path::Path) -> Report {
    let now: Timestamp = NOW.parse().unwrap();
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let task = Task {
        charter,
        settings: &Retention::default(),
        stores: &One(&connect),
        holds: &Held(BTreeSet::new()),
        now: &|| now,
        pause: &|_: Duration| {},
        ledger: Recorded::of([now]),
        clock_checked: false,
        doubt: None,
        announce: &|_| Ok(()),
    };
    task.plan().unwrap()
}

/// Objects have no contract; whoever they are of has.
#[test]
fn objects_of_a_school_whose_contract_has_ended_may_be_late() {
    let unseen_of = |school: &str, people: &str, name: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("app.sqlite3");
        let plain = rusqlite::Connection::open(&file).unwrap();
        plain
            .execute_batch(&format!(
                "create table schools (id integer primary key, contract_end text);
                 create table users (id integer primary key, school_id integer references schools (id), name text);
                 pragma foreign_keys = off;
                 insert into schools values (1, '2026-01-31'), (2, '2030-10-31'), (3, null), (4, 'soon');
                 {people}"
            ))
            .unwrap();
        let objects = dir.path().join("objects");
        let path = objects.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "a picture").unwrap();
        let charter = contracts(school);
        let now: Timestamp = NOW.parse().unwrap();
        let settings = Retention::default();
        let task = Task {
            charter: &charter,
            settings: &settings,
            stores: &WithFiles(&file, &objects),
            holds: &Held(BTreeSet::new()),
            now: &|| now,
            pause: &|_: Duration| {},
            ledger: Recorded::of([now]),
            clock_checked: false,
            doubt: None,
            announce: &|_| Ok(()),
        };
        let report = task.plan().unwrap();
        assert_eq!(report.refused, None);
        let unmeasured = report.unmeasured.iter();
        let of_files = unmeasured.filter(|one| one.store.as_ref().is_some_and(|store| store.as_str() == "uploads"));
        of_files.count()
    };
    let unseen = |people: &str, name: &str| unseen_of("", people, name);
    let of = |school: &str| format!("insert into users values (7, {school}, 'ann')");
    for lasting in ["2", "3", "null"] {
        assert_eq!(unseen(&of(lasting), "up/7/a.png"), 0, "{lasting}");
    }
    assert_eq!(unseen(&of("1"), "up/7/a.png"), 1, "the contract has ended");
    assert_eq!(unseen(&of("4"), "up/7/a.png"), 1, "when it ended cannot be read");
    assert_eq!(unseen(&of("2"), "up/8/a.png"), 1, "nobody is there any more");
    assert_eq!(unseen(&of("9"), "up/7/a.png"), 1, "the row of the school is gone");
    assert_eq!(unseen(&of("2"), "else/7/a.png"), 1, "another prefix");
    let shorter = "controller = \"elm\"\nname = \"Elm\"\n[[shortens]]\nclaim = \"list/contract\"\nduration = \"P0D\"\n";
    let longer = |school: &str| unseen_of(school, &of("2"), "up/7/a.png");
    assert_eq!((longer(""), longer(shorter) > 0), (0, true), "a school has less time");
}

/// Accounts end with the contract, for `school` (a file of a controller) maybe earlier.
fn contracts(school: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert(
        "data/app.toml",
        "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"schools\"\nnone = \"no people\"\n\
         [[tables]]\ntable = \"users\"\nkey = \"id\"\ntimes = { contract_end = \"schools.contract_end\" }\n\
         columns.id = { element = \"account.id\" }\ncolumns.school_id = { none = \"number of the school\" }\n\
         columns.name = { element = \"identity.name.full\" }\n",
    );
    source.insert(
        "data/uploads.toml",
        "store = \"uploads\"\nengine = \"files\"\n[[tables]]\nprefix = \"up/{id}\"\nkey = \"id\"\nelements = [\"content\"]\n",
    );
    source.insert(
        "claims/list.toml",
        "[[claims]]\nid = \"contract\"\nkind = \"retained_for\"\nduration = \"DURATION\"\nafter = \"contract_end\"\n\
         sentence = \"Accounts end with the contract.\"\n"
            .replace("DURATION", if school.is_empty() { "P0D" } else { "P30D" }),
    );
    if !school.is_empty() {
        source.insert("controllers/elm.toml", school);
    }
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// Six columns that name people: with many under hold, more values than a statement has parameters.
const MANY: &str = r#"
store = "app"
engine = "ENGINE"

[[tables]]
table = "users"
key = "id"
columns.id = { element = "account.id" }

[[tables]]
table = "log"
belongs_to = { user_id = "users.id" }
others = { a = "users.id", b = "users.id", c = "users.id", d = "users.id", e = "users.id", f = "users.id" }
times = { collection = "at" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "account.id" }
columns.a = { element = "account.id" }
columns.b = { element = "account.id" }
columns.c = { element = "account.id" }
columns.d = { element = "account.id" }
columns.e = { element = "account.id" }
columns.f = { element = "account.id" }
columns.what = { element = "tech.server_log" }
columns.at = { none = "when" }
"#;

fn many_are_held_in(engine: Engine, execute: &dyn Fn(&str), connect: &dyn Fn() -> Box<dyn Database>, now: Timestamp) {
    execute(
        "create table users (id bigint primary key);
         create table log (id bigint primary key, user_id bigint, a bigint, b bigint, c bigint, d bigint, e bigint, f bigint,
                           what varchar(20), at date);",
    );
    let users: Vec<String> = (0..=30_000).map(|id| format!("({id})")).collect();
    execute(&format!("insert into users values {};", users.join(", ")));
    let day = |days: i64| {
        (now - SignedDuration::from_hours(24 * days))
            .to_zoned(TimeZone::UTC)
            .date()
    };
    for (id, person, other, days) in [(1, 1, 0, 200), (2, 0, 0, 200), (3, 0, 7, 200), (4, 0, 0, 2)] {
        let day = day(days);
        execute(&format!(
            "insert into log values ({id}, {person}, 0, 0, 0, 0, 0, {other}, 'x', '{day}');"
        ));
    }
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", MANY.replace("ENGINE", engine.as_str()));
    let claim = CLAIMS.split("[[claims]]").nth(1).unwrap();
    source.insert("claims/list.toml", format!("[[claims]]{claim}"));
    let charter = compile(&source).charter.unwrap();
    let setting = Setting {
        charter: &charter,
        stores: &One(connect),
        held: Held((1..=30_000).map(|number: u32| number.to_string()).collect()),
        now,
        ledger: Some(now),
        batch_rows: 50,
    };
    let report = setting.go(true);
    assert_eq!((report.refused.as_deref(), &report.unmeasured[..]), (None, &[][..]));
    let stopped: Vec<_> = report.rules.iter().filter_map(|rule| rule.stopped.as_ref()).collect();
    assert!(stopped.is_empty(), "{stopped:?}");
    let what = ids(&mut *connect(), "log", "what is not null");
    assert_eq!(what, BTreeSet::from([1, 3, 4]), "{engine:?}");
}

#[test]
fn however_many_are_under_hold_what_is_due_of_others_goes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let plain = |sql: &str| rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    many_are_held_in(Engine::Sqlite, &plain, &connect, NOW.parse().unwrap());
    for (engine, server, sql) in [
        (
            Engine::Postgresql,
            Server::postgres(),
            "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
        ),
        (
            Engine::Mariadb,
            Server::mariadb(),
            "select date_format(utc_timestamp(), '%Y-%m-%dT%H:%i:%sZ')",
        ),
    ] {
        let connect = || open(engine, &server.address(), &[]).unwrap();
        let now = now_of(&mut *connect(), sql);
        many_are_held_in(engine, &|sql| server.execute(sql), &connect, now);
    }
}
