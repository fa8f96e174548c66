//! How fast questions to the ledger are answered: writes a ledger of so many entries over a year about 50,000 people, then
//! makes the index and asks.
//!
//! `cargo run --release -p averment-store --example index_speed -- FOLDER ENTRIES`; the folder is made and stays. A folder
//! with a ledger in it is not written to again.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot run stops")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Deed, FindingEntry, Message, Outcome, Reference};
use averment_register::{Source, compile};
use averment_store::{DataFolder, Index, Journal, Keys, People, PersonKey, Question, Snapshot};
use jiff::{SignedDuration, Timestamp};

const PEOPLE: u32 = 50_000;
const RECIPIENTS: u64 = 44;
const YEAR_S: i64 = 365 * 86_400;
/// Entries taken before one is waited for, so that memory stays small.
const AT_ONCE: u64 = 10_000;

fn begin() -> Timestamp {
    "2025-09-01T00:00:00Z".parse().unwrap()
}

/// A seeded source of chance: xorshift64*.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    fn person(&mut self) -> PersonNumber {
        PersonNumber(u32::try_from(self.below(u64::from(PEOPLE))).unwrap() + 1)
    }

    /// One in four goes to the first, the rest to all.
    fn recipient(&mut self) -> u64 {
        if self.below(4) == 0 { 0 } else { self.below(RECIPIENTS) }
    }
}

fn load_people(people: &mut People) {
    let mut csv = "id,role,school,username\n".to_owned();
    for number in 1..=PEOPLE {
        writeln!(csv, "p-{number},student,school-{},username{number:06}", number % 60).unwrap();
    }
    people.load_csv(csv.as_bytes(), "people.csv", begin()).unwrap();
}

fn finding(chance: &mut Chance, person: Reference) -> FindingEntry {
    let element = ["contact.email", "identity.name", "account.username"][usize::try_from(chance.below(3)).unwrap()];
    FindingEntry {
        element: element.to_owned(),
        subject: Some("student.under13".to_owned()),
        person: Some(person),
        known_by: "exact".to_owned(),
        part: "body".to_owned(),
        pointer: "events[].user_properties.*".to_owned(),
        count: 1,
        treated: "pass".to_owned(),
        treatment: "pass".to_owned(),
        reason: "declared".to_owned(),
        rule: Some("amplitude".to_owned()),
        ..FindingEntry::default()
    }
}

fn message(chance: &mut Chance, id: &str, references: &[Reference]) -> Message {
    let recipient = format!("recipient-{}", chance.recipient());
    Message {
        id: id.to_owned(),
        host: format!("api.{recipient}.example"),
        recipient: Some(recipient),
        plane: "gateway".to_owned(),
        mode: "enforce".to_owned(),
        action: "forward".to_owned(),
        judged: "forward".to_owned(),
        findings: references.iter().map(|person| finding(chance, *person)).collect(),
        body_bytes: 1024,
        request: Base64([7; 16]),
        ..Message::default()
    }
}

/// Writes intents, each with one or two people, and their outcomes.
async fn write(journal: &Journal, snapshot: &Snapshot, entries: u64) {
    let mut chance = Chance(0x5eed);
    for number in 0..entries / 2 {
        let first = chance.person();
        let second = Some(chance.person()).filter(|second| *second != first && second.0.is_multiple_of(2));
        let people: Vec<(PersonNumber, &PersonKey)> = [Some(first), second]
            .into_iter()
            .flatten()
            .map(|person| (person, snapshot.person_keys.get(person).unwrap()))
            .collect();
        let id = format!("{:016x}{number:016x}", chance.below(u64::MAX));
        let make = |references: &[Reference]| Deed::Intent(message(&mut chance, &id, references));
        if number.is_multiple_of(AT_ONCE) {
            journal.record(&people, make).await.unwrap();
        } else {
            journal.note_about(&people, make).unwrap();
        }
        let outcome = Outcome {
            id,
            result: "answered".to_owned(),
            status: Some(200),
            ..Outcome::default()
        };
        journal.note(Deed::Outcome(outcome)).unwrap();
    }
}

fn make_ledger(folder: &Path, entries: u64) {
    let (data, keys) = DataFolder::open(&folder.join("data"), &folder.join("keys")).unwrap();
    let mut people = People::open(&data, &keys).unwrap();
    load_people(&mut people);
    let snapshot = people.snapshot(begin()).unwrap();
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example\"\n");
    let charter = compile(&source).charter.unwrap();
    let step = SignedDuration::from_micros(YEAR_S * 1_000_000 / i64::try_from(entries).unwrap());
    let written = AtomicI64::new(0);
    let clock = move || begin() + step * i32::try_from(written.fetch_add(1, Ordering::Relaxed)).unwrap();
    let (journal, _) = Journal::open(&data, &keys, clock, charter.digest()).unwrap();
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(write(&journal, &snapshot, entries));
    journal.close().unwrap();
    println!("wrote {entries} entries: {:.1?}", start.elapsed());
}

fn bytes(path: &Path) -> u64 {
    let of = |path: PathBuf| match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => bytes(&path),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    let inside = std::fs::read_dir(path).map(|all| all.flatten().map(|one| of(one.path())).sum());
    inside.unwrap_or_else(|_| of(path.to_owned()))
}

fn ask(folder: &Path) {
    let (data, keys): (DataFolder, Keys) =
        DataFolder::open_unlocked(&folder.join("data"), &folder.join("keys")).unwrap();
    let people = People::open(&data, &keys).unwrap();
    println!("ledger: {} MB", bytes(&data.ledger()) >> 20);
    let mut index = Index::open(&data, || ()).unwrap();
    index.clear().unwrap();
    let start = Instant::now();
    let followed = index.follow(&data, &keys, &people, |_| ()).unwrap();
    let size = bytes(&data.path().join("index.db")) >> 20;
    println!(
        "index of {} entries: {:.1?}, {size} MB",
        followed.entries,
        start.elapsed()
    );
    drop(index);
    let start = Instant::now();
    let mut index = Index::open(&data, || ()).unwrap();
    index.follow(&data, &keys, &people, |_| ()).unwrap();
    println!("open and follow, nothing new: {:.3?}", start.elapsed());
    let mut longest = (std::time::Duration::ZERO, 0);
    for person in (1..=PEOPLE).step_by(2_503) {
        let start = Instant::now();
        let answer = index.person(&people, &format!("p-{person}")).unwrap();
        longest = longest.max((start.elapsed(), answer.len()));
    }
    println!(
        "slowest of 20 person answers: {:.3?} ({} messages)",
        longest.0, longest.1
    );
    for (name, from, days) in [("a month", 150, 30), ("the whole year", 0, 366)] {
        let from = begin() + SignedDuration::from_hours(24 * from);
        let question = Question {
            recipient: Some("recipient-0".to_owned()),
            from: Some(from),
            until: Some(from + SignedDuration::from_hours(24 * days)),
            ..Question::default()
        };
        let start = Instant::now();
        let reach = index.reach(&people, &question).unwrap();
        let messages: u64 = reach.messages.values().sum();
        let count = reach.all.people.affected();
        println!(
            "breach over {name}: {:.3?} ({messages} messages, {count} people)",
            start.elapsed()
        );
    }
    let start = Instant::now();
    let rows = index.disclosures(&data, &keys, &people, Question::default()).unwrap();
    println!(
        "export: {} rows, {:.1?}",
        rows.map(Result::unwrap).count(),
        start.elapsed()
    );
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "index-speed".into()));
    let entries = arguments
        .next()
        .and_then(|text| text.to_str()?.parse().ok())
        .unwrap_or(1_000_000);
    if !folder.join("data/ledger").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        make_ledger(&folder, entries);
    }
    ask(&folder);
}
