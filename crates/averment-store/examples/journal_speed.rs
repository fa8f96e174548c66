//! How fast the journal is: durable intents per second with 1, 64 and 1,024 writers, beside a bare loop of write and sync
//! on the same disk, and how long a log of a million entries takes to open and to verify.
//!
//! `cargo run --release -p averment-store --example journal_speed -- FOLDER`; the folder is made and stays.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot run stops")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use averment_detect::{Directory, DirectoryKey, Finding, Inspection, KnownBy, Part, PersonNumber, Place, Whose};
use averment_policy::{Decision, Facts, Observation, decide};
use averment_register::{Charter, Source, compile};
use averment_store::{DataFolder, Journal, PersonKey, Persons, Record, Request, Snapshot, entries, verify};

const MILLION: u64 = 1_000_000;

fn charter() -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example\"\n");
    let desk = "recipient = \"desk\"\nthird_parties = []\npurpose = \"Help.\"\ninformation = \"Mail.\"\n\
        planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n\
        [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n";
    source.insert("recipients/desk.toml", desk);
    compile(&source).charter.unwrap()
}

struct Scene {
    charter: Charter,
    snapshot: Snapshot,
    inspection: Inspection,
}

impl Scene {
    fn new() -> Self {
        let finding = Finding {
            element: "contact.email".parse().unwrap(),
            whose: Whose::Person {
                number: PersonNumber(1),
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
        let snapshot = Snapshot {
            directory: Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []),
            person_keys: [(PersonNumber(1), PersonKey::new([1; 32]))].into(),
            persons: Persons::default(),
            loaded_at: None,
            version: 1,
        };
        let inspection = Inspection {
            findings: vec![finding],
            unreadable: Vec::new(),
            bytes_read: 1024,
        };
        Self {
            charter: charter(),
            snapshot,
            inspection,
        }
    }

    async fn intent(&self, journal: &Journal) {
        let observation = Observation {
            host: "desk.example",
            inspection: &self.inspection,
        };
        let Decision::Proceed(permit) = decide(&self.charter, &observation, &Facts::default()) else {
            return;
        };
        let request = Request {
            method: "POST",
            target: "/2/httpapi",
            body: &[b'x'; 1024],
        };
        let (inspection, snapshot) = (&self.inspection, &self.snapshot);
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

fn open(folder: &Path) -> (Journal, DataFolder, Duration) {
    let (folder, keys) = DataFolder::open(&folder.join("data"), &folder.join("keys")).unwrap();
    let clock = || "2026-03-01T12:00:00Z".parse().unwrap();
    let start = Instant::now();
    let (journal, _) = Journal::open(&folder, &keys, clock, charter().digest()).unwrap();
    (journal, folder, start.elapsed())
}

async fn write(folder: &Path, writers: u64, total: u64) {
    let (journal, _folder, _) = open(folder);
    let scene = std::sync::Arc::new(Scene::new());
    let start = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (journal, scene) = (journal.clone(), std::sync::Arc::clone(&scene));
            tokio::spawn(async move {
                for _ in 0..total / writers {
                    scene.intent(&journal).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (seconds, stats) = (start.elapsed().as_secs_f64(), journal.stats());
    journal.close().unwrap();
    let (per_second, group) = (
        stats.entries as f64 / seconds,
        stats.entries as f64 / stats.groups as f64,
    );
    println!("{writers:>5} writers: {per_second:>8.0} durable intents/s, {group:>6.1} per sync, {seconds:.1} s");
}

/// A loop that does nothing but write and sync `bytes`.
fn bare(folder: &Path, bytes: usize, rounds: u32) -> f64 {
    let path = folder.join("bare");
    let mut file = std::fs::File::create(&path).unwrap();
    let (content, start) = (vec![b'x'; bytes], Instant::now());
    for _ in 0..rounds {
        file.write_all(&content).unwrap();
        file.sync_data().unwrap();
    }
    f64::from(rounds) / start.elapsed().as_secs_f64()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "journal-speed".into()));
    std::fs::create_dir_all(&folder).unwrap();
    for (writers, total) in [(1, 10_000), (64, 300_000), (1024, MILLION)] {
        let group = bare(&folder, 900 * writers as usize, 2_000);
        println!(
            "bare loop, groups of {writers}: {group:.0} syncs/s, {:.0} entries/s",
            group * writers as f64
        );
        write(&folder, writers, total).await;
    }
    let (journal, data, opened) = open(&folder);
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
