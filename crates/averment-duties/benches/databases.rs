//! How fast data go and come, on a PostgreSQL that this starts: retention beside a loop of the same batches written by hand, what
//! a small workload beside it notices, and the export of one person from twenty tables.
//!
//! `cargo bench -p averment-duties --bench databases -- ROWS DUE ROWS_OF_EACH_TABLE`; 10000000 1000000 1000000 when absent;
//! 0 rows leave a part out.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot run stops")]
#![expect(clippy::disallowed_methods, reason = "a program reads its arguments and the clock")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use averment_duties::connect::{Database, open};
use averment_duties::export::{self, Masked};
use averment_duties::retain::{Holds, Recorded, Retention, Stores, Task};
use averment_register::{Charter, Engine, Source, Store, compile};
use jiff::Timestamp;
use postgres::{Client, NoTls};

#[expect(dead_code, reason = "tests need more of it")]
#[path = "../../averment-scan/tests/it/servers.rs"]
mod servers;

use servers::Server;

const TABLES: u64 = 20;
const BATCH: u32 = 5_000;
/// As in the settings when they do not say.
const PAUSE_MS: u32 = 200;
const ROUNDS: u32 = 3;

struct One<'a>(&'a str);

impl Stores for One<'_> {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        open(Engine::Postgresql, self.0, &[]).map_err(|error| error.to_string())
    }
}

struct Nobody;

impl Holds for Nobody {
    fn version(&self) -> Result<u64, String> {
        Ok(0)
    }

    fn are_any(&self) -> Result<bool, String> {
        Ok(false)
    }

    fn is_held(&self, _: &str) -> Result<bool, String> {
        Ok(false)
    }
}

fn main() {
    let given: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let number = |place: usize, otherwise: u64| given.get(place).copied().unwrap_or(otherwise);
    let (rows, due) = (number(0, 10_000_000), number(1, 1_000_000));
    let server = Server::postgres();
    if rows > 0 {
        retention(&server.address(), rows, due);
    }
    match number(2, 1_000_000) {
        0 => {}
        each => one_person(&server.address(), each),
    }
}

const DUE_AT: &str = "now() - interval '91 days' - interval '1 day' * random()";

fn log_of(client: &mut Client, rows: u64, due: u64) {
    let sql = format!(
        "drop table if exists log; drop table if exists users;
         create table users (id bigint primary key);
         insert into users select generate_series(1, 1000);
         create table log (id bigserial primary key, user_id bigint not null, ip text, agent text, at timestamptz not null);
         insert into log (user_id, ip, agent, at)
           select 1 + g % 1000, '192.0.2.' || g % 250, 'Mozilla/5.0 (a browser like any other)',
                  case when g <= {due} then {DUE_AT}
                       else now() - interval '1 day' - interval '88 days' * random() end
           from generate_series(1, {rows}) g;
         create index log_at on log (at); create index log_user on log (user_id); analyze log"
    );
    client.batch_execute(&sql).unwrap();
    client.batch_execute("checkpoint").unwrap();
}

/// Rows that are due, in place of those that went.
fn due_again(client: &mut Client, due: u64) {
    client.batch_execute("vacuum log").unwrap();
    let sql = format!(
        "insert into log (user_id, ip, agent, at)
           select 1 + g % 1000, '192.0.2.' || g % 250, 'Mozilla/5.0 (a browser like any other)', {DUE_AT}
           from generate_series(1, {due}) g"
    );
    client.batch_execute(&sql).unwrap();
    client.batch_execute("vacuum analyze log").unwrap();
    client.batch_execute("checkpoint").unwrap();
}

fn charter(data: String) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", data);
    source.insert(
        "claims/list.toml",
        "[[claims]]\nid = \"logs\"\nkind = \"retained_for\"\nelements = [\"tech.server_log\"]\nduration = \"P90D\"\n\
         after = \"collection\"\nsentence = \"Logs are kept for 90 days.\"\n",
    );
    compile(&source).charter.unwrap()
}

/// A run and a loop by hand in turn, each beside a small workload: what the machine does besides meets both.
fn retention(address: &str, rows: u64, due: u64) {
    let mut client = Client::connect(address, NoTls).unwrap();
    log_of(&mut client, rows, due);
    let alone = p99_beside(address, || std::thread::sleep(Duration::from_secs(5)));
    println!("p99 of a small workload alone: {alone:.2?}");
    for round in 1..=ROUNDS {
        let (mut hand, mut took) = (Duration::ZERO, Duration::ZERO);
        let beside_hand = p99_beside(address, || hand = by_hand(&mut client));
        due_again(&mut client, due);
        let beside = p99_beside(address, || took = run(address, PAUSE_MS));
        due_again(&mut client, due);
        let ratio = hand.as_secs_f64() / took.as_secs_f64();
        println!(
            "round {round}: rows/s against by hand {ratio:.2}; p99 beside by hand {beside_hand:.2?}, beside a run {beside:.2?}"
        );
    }
    let took = run(address, PAUSE_MS);
    due_again(&mut client, due);
    let hand = by_hand(&mut client);
    let ratio = hand.as_secs_f64() / took.as_secs_f64();
    println!("nothing beside either: {ratio:.2}");
}

/// The same batches in a loop.
fn by_hand(client: &mut Client) -> Duration {
    let began = Instant::now();
    let mut gone = 0;
    loop {
        let sql = format!(
            "delete from log where id in (select id from log where at < date_trunc('day', now()) - interval '90 days' order by at limit {BATCH})"
        );
        match client.execute(&sql, &[]).unwrap() {
            0 => break,
            some => gone += some,
        }
    }
    let took = began.elapsed();
    println!(
        "by hand: {gone} rows in {took:.2?}, {:.0} rows/s",
        per_second(gone, took)
    );
    took
}

/// How long the batches of a run take: all of it but the looks before and after.
fn run(address: &str, pause_ms: u32) -> Duration {
    let charter = charter(
        "store = \"app\"\nengine = \"postgresql\"\n\n[[tables]]\ntable = \"users\"\nkey = \"id\"\ncolumns.id = { element = \"account.id\" }\n\n\
         [[tables]]\ntable = \"log\"\nbelongs_to = { user_id = \"users.id\" }\ntimes = { collection = \"at\" }\n\
         columns.id = { none = \"number\" }\ncolumns.user_id = { element = \"tech.server_log\" }\ncolumns.ip = { element = \"tech.server_log\" }\n\
         columns.agent = { element = \"tech.server_log\" }\ncolumns.at = { none = \"when\" }\n"
            .to_owned(),
    );
    let settings = Retention {
        batch_rows: BATCH,
        pause_ms,
        ..Retention::default()
    };
    let begun = std::cell::Cell::new(None);
    let last = std::cell::Cell::new(None);
    let task = Task {
        charter: &charter,
        settings: &settings,
        stores: &One(address),
        holds: &Nobody,
        now: &|| {
            last.set(Some(Instant::now()));
            Timestamp::now()
        },
        pause: &|rest| std::thread::sleep(rest),
        ledger: Recorded::default(),
        clock_checked: false,
        doubt: None,
        announce: &|_| {
            begun.set(Some(Instant::now()));
            Ok(())
        },
    };
    let whole = Instant::now();
    let plan = task.plan().unwrap();
    let look = whole.elapsed();
    let report = task.run().unwrap();
    assert_eq!((report.refused.as_deref(), report.overdue()), (None, 0));
    // After the announcement come the batches and one look like that of the plan.
    let took = begun.get().unwrap().elapsed().saturating_sub(look);
    let (gone, rows) = (report.ended(), plan.rules[0].before.rows);
    println!(
        "run: {gone} of {rows} rows in {took:.2?}, {:.0} rows/s; a look takes {look:.2?}",
        per_second(gone, took)
    );
    took
}

/// The 99th percentile of one insert and one read by key and by person, while something is done.
fn p99_beside(address: &str, done: impl FnOnce()) -> Duration {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let mut client = Client::connect(address, NoTls).unwrap();
            let insert = client
                .prepare("insert into log (user_id, ip, agent, at) values ($1, 'x', 'y', now())")
                .unwrap();
            let read = client
                .prepare("select count(*) from (select 1 from log where user_id = $1 order by id desc limit 20) x")
                .unwrap();
            let mut times = Vec::new();
            let mut user = 0_i64;
            while !stop.load(Ordering::Relaxed) {
                user = user % 1000 + 1;
                let began = Instant::now();
                client.execute(&insert, &[&user]).unwrap();
                client.query(&read, &[&user]).unwrap();
                times.push(began.elapsed());
                std::thread::sleep(Duration::from_millis(2));
            }
            times
        });
        done();
        stop.store(true, Ordering::Relaxed);
        let mut times = beside.join().unwrap();
        times.sort();
        times[times.len() * 99 / 100]
    })
}

fn one_person(address: &str, rows: u64) {
    let mut client = Client::connect(address, NoTls).unwrap();
    client.batch_execute("drop table if exists log; drop table if exists users; create table users (id bigint primary key); insert into users select generate_series(1, 20000)").unwrap();
    let mut map = "store = \"app\"\nengine = \"postgresql\"\n\n[[tables]]\ntable = \"users\"\nkey = \"id\"\ncolumns.id = { element = \"account.id\" }\n".to_owned();
    for table in 1..=TABLES {
        client
            .batch_execute(&format!(
                "create table t{table} (id bigint primary key, user_id bigint, body text, at timestamptz);
                 insert into t{table} select g, 1 + g % 20000, 'a text of somebody ' || g, now() from generate_series(1, {rows}) g;
                 create index on t{table} (user_id); analyze t{table}"
            ))
            .unwrap();
        map.push_str(&format!(
            "\n[[tables]]\ntable = \"t{table}\"\nbelongs_to = {{ user_id = \"users.id\" }}\ncolumns.id = {{ none = \"number\" }}\n\
             columns.user_id = {{ element = \"account.id\" }}\ncolumns.body = {{ element = \"content.forum_post\", holds = \"free_text\" }}\ncolumns.at = {{ none = \"when\" }}\n"
        ));
    }
    let charter = charter(map);
    let dir = tempfile::tempdir().unwrap();
    for person in ["7", "12345", "19999"] {
        let task = export::Task {
            charter: &charter,
            stores: &One(address),
            number: person,
            is_known: false,
            mask: &|text| Masked {
                text: Some(text.to_owned()),
                others: 0,
            },
            recipients: &[],
            announce: &|_, _| Ok(()),
            now: Timestamp::now(),
        };
        let began = Instant::now();
        let summary = task.write(&dir.path().join(Path::new(person)), false).unwrap();
        println!(
            "one person from {TABLES} tables of {rows} rows: {} rows in {:.2?}",
            summary.own_rows,
            began.elapsed()
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn per_second(rows: u64, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64()
}
