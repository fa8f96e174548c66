//! How fast the journal is: durable intents, and appends of an entry that is ready, per second with 1, 64 and 1,024 callers
//! at once, beside a bare loop that appends to the tree, writes and syncs groups of that size, beside single rows in SQLite
//! (write-ahead log, every commit synced), and beside what one sync costs; then how long a log of a million entries takes to
//! open, to read and to verify.
//!
//! `cargo bench -p averment-store --bench journal -- FOLDER`; the folder is made and stays. `-- FOLDER short` for a look,
//! `-- FOLDER 64` for the rows of 64 callers alone, `-- FOLDER 64 intents` for that one, to look at with a profiler.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot run stops")]
#![expect(clippy::disallowed_methods, reason = "a program reads its arguments")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use averment_detect::{Directory, DirectoryKey, Finding, Inspection, KnownBy, Part, PersonNumber, Place, Whose};
use averment_ledger::{Deed, Frontier, Watch, leaf_hash, write_entry_line};
use averment_policy::{Decision, Facts, Observation, decide};
use averment_register::{Charter, Source, compile};
use averment_store::{
    DataFolder, Journal, PersonKey, Persons, Record, Request, Snapshot, entries, raw_entries, verify,
};

/// As in the program: every entry makes and drops some dozen small things.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long each measurement lasts, about.
const LASTS: Duration = Duration::from_secs(4);

fn charter() -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example\"\n");
    let desk = "recipient = \"desk\"\nthird_parties = []\npurpose = \"Help.\"\ninformation = \"Mail.\"\n\
        planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n\
        [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n";
    source.insert("recipients/desk.toml", desk);
    compile(&source).charter.unwrap()
}

/// How many people are in the directory; each caller names another, until there are no more.
const PEOPLE: usize = 1_000;

struct Scene {
    charter: Charter,
    snapshot: Snapshot,
}

impl Scene {
    fn new() -> Self {
        let keys: [_; PEOPLE] = std::array::from_fn(|person| (PersonNumber(person as u32), PersonKey::new([1; 32])));
        let snapshot = Snapshot {
            directory: Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []),
            person_keys: keys.into(),
            persons: Persons::default(),
            loaded_at: None,
            version: 1,
        };
        Self {
            charter: charter(),
            snapshot,
        }
    }

    async fn intent(&self, journal: &Journal, inspection: &Inspection) {
        let observation = Observation {
            host: "desk.example",
            inspection,
        };
        let Decision::Proceed(permit) = decide(&self.charter, &observation, &Facts::default()) else {
            return;
        };
        let request = Request {
            method: "POST",
            target: "/2/httpapi",
            body: &[b'x'; 1024],
        };
        let snapshot = &self.snapshot;
        let record = Record {
            host: "desk.example",
            inspection,
            body_bytes: 1024,
            request,
            snapshot,
        };
        journal.intent(permit, &record).await.unwrap();
    }
}

/// One address of `person` in a body.
fn inspection(person: PersonNumber) -> Inspection {
    let finding = Finding {
        element: "contact.email".parse().unwrap(),
        whose: Whose::Person {
            number: person,
            subject: "student.under13".parse().unwrap(),
        },
        known_by: KnownBy::Exact,
        place: Place {
            part: Part::Body,
            pointer: "events[].user_properties.email".into(),
        },
        layers: Vec::new(),
        span: 10..30,
    };
    Inspection {
        findings: vec![finding],
        unreadable: Vec::new(),
        bytes_read: 1024,
        own_mailboxes: 0,
    }
}

/// A deed of about the length of an intent.
fn ready() -> Deed {
    Deed::Watch(Watch {
        watch: "begun".to_owned(),
        version: "0".repeat(480),
        ..Watch::default()
    })
}

fn open(folder: &Path) -> (Journal, DataFolder, Duration) {
    let (folder, keys) = DataFolder::open(&folder.join("data"), &folder.join("keys")).unwrap();
    let noon: jiff::Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let clock = move || noon;
    let start = Instant::now();
    let (journal, _) = Journal::open(&folder, &keys, clock, charter().digest()).unwrap();
    (journal, folder, start.elapsed())
}

/// What each caller does again and again.
#[derive(Clone, Copy)]
enum Work {
    /// The whole way of a request: a verdict, a digest of its body, a reference to a person, and the entry.
    Intents,
    /// An entry that is ready is appended.
    Appends,
}

/// Durable entries per second, and entries per sync.
async fn journal(
    folder: &Path,
    writers: usize,
    work: Work,
    until: impl Fn(Instant, u64) -> bool + Send + Sync + 'static,
) -> (f64, f64) {
    let (journal, _folder, _) = open(folder);
    let (scene, until) = (Arc::new(Scene::new()), Arc::new(until));
    let start = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (journal, scene, until) = (journal.clone(), Arc::clone(&scene), Arc::clone(&until));
            let inspection = inspection(PersonNumber((writer % PEOPLE) as u32));
            tokio::spawn(async move {
                while !until(start, journal.stats().entries) {
                    match work {
                        Work::Intents => scene.intent(&journal, &inspection).await,
                        Work::Appends => _ = journal.record(&[], |_| ready()).await.unwrap(),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (seconds, stats) = (start.elapsed().as_secs_f64(), journal.stats());
    journal.close().unwrap();
    let entries = stats.entries as f64;
    (entries / seconds, entries / stats.groups as f64)
}

/// Entries per second of a loop that does nothing but hash, append to the tree, write and sync groups of `group` entries.
fn bare(folder: &Path, group: usize, json: &str) -> f64 {
    let mut file = std::fs::File::create(folder.join("bare")).unwrap();
    let (mut tree, mut lines, start) = (Frontier::new(), Vec::new(), Instant::now());
    while start.elapsed() < LASTS {
        lines.clear();
        for _ in 0..group {
            let hash = leaf_hash(json.as_bytes());
            write_entry_line(&mut lines, tree.size(), &hash, json);
            tree.push(hash);
        }
        file.write_all(&lines).unwrap();
        file.sync_data().unwrap();
    }
    tree.size() as f64 / start.elapsed().as_secs_f64()
}

/// Rows per second, each committed alone with the write-ahead log synced.
fn sqlite(folder: &Path, json: &str) -> f64 {
    let database = rusqlite::Connection::open(folder.join("rows.db")).unwrap();
    let begin = "pragma journal_mode = wal; pragma synchronous = full; create table if not exists entry (json text);";
    database.execute_batch(begin).unwrap();
    let mut insert = database.prepare("insert into entry values (?1)").unwrap();
    let (mut rows, start) = (0, Instant::now());
    while start.elapsed() < LASTS {
        insert.execute([json]).unwrap();
        rows += 1;
    }
    f64::from(rows) / start.elapsed().as_secs_f64()
}

/// Syncs per second of a file that grows by one block each.
fn syncs(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("syncs")).unwrap();
    let (mut count, start) = (0, Instant::now());
    while start.elapsed() < LASTS {
        file.write_all(&[b'x'; 900]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

fn an_entry(folder: &Path) -> String {
    let data = DataFolder::open_read(&folder.join("data")).unwrap();
    let one = raw_entries(&data, None).unwrap().nth(1).unwrap().unwrap();
    String::from_utf8(one.json).unwrap()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "journal-speed".into()));
    let (which, row) = (arguments.next(), arguments.next());
    let only: Option<usize> = which.as_ref().and_then(|which| which.parse().ok());
    let million = if which.is_some() { 50_000 } else { 1_000_000 };
    std::fs::create_dir_all(&folder).unwrap();
    journal(&folder.join("one"), 1, Work::Intents, |_, entries| entries > 2).await;
    let json = an_entry(&folder.join("one"));
    let (per_sync, rows) = (syncs(&folder), sqlite(&folder, &json));
    println!(
        "one entry: {} bytes; one sync: {:.3} ms; SQLite: {rows:.0} rows/s",
        json.len(),
        1000.0 / per_sync
    );
    for writers in [1, 64, 1024]
        .into_iter()
        .filter(|writers| only.is_none_or(|only| only == *writers))
    {
        let alone = bare(&folder, writers, &json);
        let lasts = |start: Instant, _| start.elapsed() >= LASTS;
        for (name, work) in [("intents", Work::Intents), ("appends", Work::Appends)] {
            if row.as_ref().is_some_and(|row| row != name) {
                continue;
            }
            let (rate, group) = journal(&folder.join(name), writers, work, lasts).await;
            println!(
                "{writers:>5} callers: {rate:>8.0} {name}/s ({group:>6.1} per sync); bare loop {alone:>8.0}: {:.2} of it; {:.2} \
                 of 1/sync; {:.1} × SQLite",
                rate / alone,
                rate / per_sync,
                rate / rows
            );
        }
    }
    if only.is_none() {
        large(&folder.join("large"), million).await;
    }
}

async fn large(folder: &Path, entries_wanted: u64) {
    journal(folder, 1024, Work::Intents, move |_, entries| entries >= entries_wanted).await;
    let (journal, data, opened) = open(folder);
    journal.close().unwrap();
    let bytes = std::fs::metadata(data.log_file(1, averment_ledger::LedgerFile::Log))
        .unwrap()
        .len();
    let start = Instant::now();
    let count = entries(&data, None).unwrap().map(Result::unwrap).count();
    let (read, start) = (start.elapsed(), Instant::now());
    let holds = verify(&data, None).unwrap().holds();
    println!(
        "{count} entries, {} MB: open {opened:.1?}, read {read:.1?}, verify {:.1?} ({holds})",
        bytes >> 20,
        start.elapsed()
    );
}
