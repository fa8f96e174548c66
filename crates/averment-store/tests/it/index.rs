//! The index against a naive model: whatever left about somebody is in their answer, and nothing else is.

mod logs;
mod traffic;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use averment_ledger::Deed;
use averment_store::{DataFolder, Fate, Headcount, Index, Journal, Keys, People, PersonError, Question, entries};
use jiff::Timestamp;
use rusqlite::Connection;

use crate::fixture::*;
use traffic::{Chance, PEOPLE, Sender, Told};

const REQUESTS: u32 = 100_000;
const ROUNDS: u32 = 6;
const SENDERS: u32 = 24;
const FOLDER: &str = "AVERMENT_TEST_INDEX_FOLDER";

/// A person that nobody of the traffic is, and who is loaded later.
const LATE: u32 = PEOPLE + 1;

/// What was written, and what a naive reader says of it.
struct World {
    home: Home,
    told: Vec<Told>,
}

/// The schools that people have moved on by, in the last rounds.
const MOVED: u32 = 1;

fn load_people(people: &mut People, count: u32, shift: u32) {
    let mut csv = "id,role,school,username\n".to_owned();
    for number in 1..=count {
        writeln!(
            csv,
            "p-{number},student,school-{},username{number:04}",
            (number + shift) % 5
        )
        .unwrap();
    }
    people.load_csv(csv.as_bytes(), "people.csv", noon()).unwrap();
}

/// Each round has a day of its own, in which time passes by milliseconds: senders ask for it side by side, and a journal
/// believes no clock that runs far behind what others have seen.
fn ticking(round: u32) -> impl Fn() -> Timestamp + Send + Sync + 'static {
    let passed = AtomicU64::new(86_400_000 * u64::from(round));
    move || noon() + Duration::from_millis(passed.fetch_add(1, Ordering::Relaxed))
}

fn written() -> World {
    let home = Home::new();
    let mut told = Vec::new();
    let charter = Arc::new(traffic::charter());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    for round in 0..ROUNDS {
        let (folder, keys) = home.open();
        let mut people = People::open(&folder, &keys).unwrap();
        let shift = if round < 3 { 0 } else { MOVED };
        load_people(&mut people, if round < 3 { PEOPLE } else { LATE }, shift);
        let snapshot = Arc::new(people.snapshot(noon()).unwrap());
        let (journal, _) = Journal::open(&folder, &keys, ticking(round), charter.digest()).unwrap();
        let tasks: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let sender = Sender {
                    journal: journal.clone(),
                    charter: Arc::clone(&charter),
                    snapshot: Arc::clone(&snapshot),
                    chance: Chance(0x5eed + u64::from(round * SENDERS + sender)),
                    shift,
                    told: Vec::new(),
                };
                runtime.spawn(sender.send(REQUESTS / ROUNDS / SENDERS + 1))
            })
            .collect();
        for task in tasks {
            told.extend(runtime.block_on(task).unwrap());
        }
        if round % 3 == 2 {
            correct_some(&folder, &keys, &journal, &mut told);
        }
        journal.close().unwrap();
        // Part of the way, so that the index is not made at once.
        if round == 1 || round == 4 {
            follow(&folder, &keys, &people);
        }
    }
    World { home, told }
}

/// Makes an entered disclosure void, and tries the same with a message.
fn correct_some(folder: &DataFolder, keys: &Keys, journal: &Journal, told: &mut [Told]) {
    let numbered = entries(folder, Some(keys.verifier())).unwrap().map(Result::unwrap);
    let mut chance = Chance(7);
    for numbered in numbered.collect::<Vec<_>>() {
        match &numbered.entry.deed {
            Deed::Manual(manual) if chance.below(3) == 0 => {
                traffic::correct(journal, numbered.index, true);
                told.iter_mut().find(|told| told.id == manual.id).unwrap().void = true;
            }
            Deed::Intent(_) if chance.below(5_000) == 0 => traffic::correct(journal, numbered.index, true),
            _ => {}
        }
    }
}

fn follow(folder: &DataFolder, keys: &Keys, people: &People) -> Index {
    let mut index = Index::open(folder, || ()).unwrap();
    index.follow(folder, keys, people, |_| ()).unwrap();
    index
}

/// What the model says about one person: identifier, recipient, fate, whole, void, elements.
type Answer = Vec<(
    String,
    Option<String>,
    Fate,
    Option<String>,
    bool,
    BTreeMap<String, u32>,
)>;

fn expected(told: &[Told]) -> BTreeMap<u32, Answer> {
    let mut all: BTreeMap<u32, Answer> = BTreeMap::new();
    for told in told {
        for (person, elements) in &told.people {
            let (recipient, whole) = (told.recipient.clone(), told.part_of.clone());
            let answer = (
                told.id.clone(),
                recipient,
                told.fate,
                whole,
                told.void,
                elements.clone(),
            );
            all.entry(*person).or_default().push(answer);
        }
    }
    all.values_mut().for_each(|about| about.sort());
    all
}

fn answered(index: &Index, people: &People, person: u32) -> Result<Answer, PersonError> {
    let mut last = None;
    let answer = index.person(people, &format!("p-{person}"))?.into_iter().map(|entry| {
        assert!(last.replace(entry.index).is_none_or(|before| before < entry.index));
        let mut elements: BTreeMap<String, u32> = BTreeMap::new();
        for finding in entry.findings {
            *elements.entry(finding.element).or_default() += finding.count;
        }
        (
            entry.id,
            entry.recipient,
            entry.fate,
            entry.part_of,
            entry.void,
            elements,
        )
    });
    let mut answer: Answer = answer.collect();
    answer.sort();
    Ok(answer)
}

fn is_forgotten(person: u32) -> bool {
    person % 10 == 3
}

fn assert_exact(world: &World, index: &Index, people: &People, forgotten: bool) {
    let mut found = 0;
    let mut expected = expected(&world.told);
    for person in 1..=LATE {
        match answered(index, people, person) {
            Err(PersonError::Forgotten) => assert!(forgotten && is_forgotten(person), "{person}"),
            answer => {
                let answer = answer.unwrap();
                assert!(!(forgotten && is_forgotten(person)));
                assert_eq!(answer, expected.remove(&person).unwrap_or_default(), "person {person}");
                found += answer.len();
            }
        }
    }
    assert!(found > 100_000, "{found}");
}

/// All rows of the tables that say something about the ledger.
fn dump(folder: &DataFolder) -> Vec<String> {
    let connection = Connection::open(folder.path().join("index.db")).unwrap();
    let mut rows = Vec::new();
    let named = |table: &str| {
        match table {
        // Whose school is met first gives it its number.
        "finding" => "select f.entry, f.slot, f.person, s.text, f.shape, f.count from finding f left join school s on s.id = f.school".to_owned(),
        "school_at" => "select a.entry, s.text, a.at, a.clear from school_at a join school s on s.id = a.school".to_owned(),
        "element_at" => "select entry, element, at from element_at".to_owned(),
        table => format!("select * from {table}"),
    }
    };
    for table in [
        "word",
        "shape",
        "message",
        "finding",
        "element_at",
        "school_at",
        "pending",
        "named",
        "correction",
    ] {
        let mut select = connection.prepare(&format!("{} order by 1, 2", named(table))).unwrap();
        let columns = select.column_count();
        let mut read = select.query([]).unwrap();
        while let Some(row) = read.next().unwrap() {
            let values = (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap()));
            rows.push(format!("{table} {}", values.collect::<Vec<_>>().join(" ")));
        }
    }
    rows
}

/// Not a test of its own: without the variable it does nothing. With it, brings the index up to date until it is killed.
#[test]
fn indexing_child() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    let dir = Path::new(&dir);
    let (folder, keys) = DataFolder::open_unlocked(&dir.join("averment-data"), &dir.join("averment-keys")).unwrap();
    let people = People::open(&folder, &keys).unwrap();
    let mut index = Index::open(&folder, || ()).unwrap();
    let mut before = index.entries().unwrap();
    let told = |progress: averment_store::Progress| {
        if std::mem::replace(&mut before, progress.entries) < progress.entries {
            println!("\nchunk");
        }
    };
    index.follow(&folder, &keys, &people, told).unwrap();
}

/// Kills whoever makes the index, a moment after each part of the way, until it is made.
fn index_between_kills(world: &World) -> u32 {
    let mut kills = 0;
    loop {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "index::indexing_child", "--nocapture"])
            .env(FOLDER, world.home.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        if !lines.any(|line| line == "chunk") {
            assert!(child.wait().unwrap().success());
            return kills;
        }
        std::thread::sleep(Duration::from_millis(u64::from(kills) * 37 % 200));
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
}

/// Destroys the keys of one in ten.
fn forget(folder: &DataFolder) -> Vec<[u8; 8]> {
    let connection = Connection::open(folder.people()).unwrap();
    let seals = "select substr(wrapped_key, 1, 8) from person where number % 10 = 3";
    let seals = connection
        .prepare(seals)
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>();
    connection
        .execute("update person set wrapped_key = null where number % 10 = 3", [])
        .unwrap();
    seals.unwrap()
}

fn holds_none(folder: &DataFolder, needles: &[[u8; 8]]) {
    for name in ["index.db", "index.db-wal", "index.db-shm"] {
        let Ok(bytes) = std::fs::read(folder.path().join(name)) else {
            continue;
        };
        assert!(
            needles
                .iter()
                .all(|needle| !bytes.windows(8).any(|window| window == needle)),
            "{name}"
        );
    }
}

#[test]
fn a_hundred_thousand_requests_over_four_hundred_people_are_answered_exactly() {
    let world = written();
    let (folder, keys) = world.home.open();
    let people = People::open(&folder, &keys).unwrap();
    let index = follow(&folder, &keys, &people);
    assert_exact(&world, &index, &people, false);
    assert_reach(&world, &index, &people, &folder, &keys);
    assert_elements_and_schools(&world, &index, &people, (&folder, &keys));
    assert_rows(&world, &index, &people, &folder, &keys);
    drop(index);
    let incremental = dump(&folder);
    std::fs::remove_file(folder.path().join("index.db")).unwrap();
    let kills = index_between_kills(&world);
    assert!(kills > 3, "{kills} kills: too few to show anything");
    assert!(
        dump(&folder) == incremental,
        "made between {kills} kills it is another index"
    );
    let seals = forget(&folder);
    let index = follow(&folder, &keys, &people);
    assert_exact(&world, &index, &people, true);
    holds_none(&folder, &seals);
    drop(index);
    let forgotten = dump(&folder);
    let mut index = Index::open(&folder, || ()).unwrap();
    index.clear().unwrap();
    let followed = index.follow(&folder, &keys, &people, |_| ()).unwrap();
    assert!(followed.anew && followed.unresolved > 1_000, "{followed:?}");
    assert_exact(&world, &index, &people, true);
    drop(index);
    assert!(dump(&folder) == forgotten, "made anew it is another index");
}

/// When each message was recorded, or happened.
fn times(folder: &DataFolder, keys: &Keys) -> BTreeMap<String, Timestamp> {
    let numbered = entries(folder, Some(keys.verifier())).unwrap().map(Result::unwrap);
    let times = numbered.filter_map(|numbered| match numbered.entry.deed {
        Deed::Intent(message) | Deed::Refusal(message) => Some((message.id, numbered.entry.at.parse().unwrap())),
        Deed::Manual(manual) => Some((manual.id, manual.happened_at.parse().unwrap())),
        _ => None,
    });
    times.collect()
}

/// Counts of people by the surest that became of something about them.
fn headcount<'a>(told: impl Iterator<Item = &'a Told>, counts: impl Fn(&Told, u32) -> bool) -> Headcount {
    let mut surest: BTreeMap<u32, Fate> = BTreeMap::new();
    for told in told {
        for person in told.people.keys().filter(|person| counts(told, **person)) {
            let known = surest.entry(*person).or_insert(told.fate);
            *known = told.fate.min(*known);
        }
    }
    let count = |fates: &[Fate]| surest.values().filter(|fate| fates.contains(fate)).count() as u64;
    Headcount {
        left: count(&[Fate::Left]),
        may_have_left: count(&[Fate::MayHaveLeft]),
        kept: count(&[Fate::NotSent, Fate::Refused]),
    }
}

fn assert_reach(world: &World, index: &Index, people: &People, folder: &DataFolder, keys: &Keys) {
    let times = times(folder, keys);
    let day = |days: u64| noon() + Duration::from_secs(days * 86_400);
    for (recipient, from, until) in [
        ("desk", None, None),
        ("stats", Some(day(1)), Some(day(2))),
        ("desk", Some(day(3)), Some(day(3) + Duration::from_secs(10))),
        ("stats", None, Some(noon())),
    ] {
        let question = Question {
            recipient: Some(recipient.to_owned()),
            from,
            until,
            ..Question::default()
        };
        let asked = |told: &&Told| {
            let at = times[&told.id];
            told.recipient.as_deref() == Some(recipient)
                && !told.void
                && from.is_none_or(|from| from <= at)
                && until.is_none_or(|until| at < until)
        };
        let reach = index.reach(people, &question).unwrap();
        assert_eq!(
            reach.all.people,
            headcount(world.told.iter().filter(asked), |_, _| true),
            "{question:?}"
        );
        let messages = world.told.iter().filter(asked).count() as u64;
        assert_eq!(messages > 100, until != Some(noon()), "{question:?}: {messages}");
        assert_eq!(reach.messages.values().sum::<u64>(), messages, "{question:?}");
        let school = Question {
            school: Some("school-2".to_owned()),
            ..question
        };
        let reach = index.reach(people, &school).unwrap();
        let of_school = headcount(world.told.iter().filter(asked), |told, person| is_of(told, person, 2));
        assert_eq!(reach.all.people, of_school, "{school:?}");
    }
}

/// Whether the person was of the school when the message was decided.
fn is_of(told: &Told, person: u32, school: u32) -> bool {
    (person + told.shift.unwrap_or(MOVED)) % 5 == school
}

fn assert_elements_and_schools(world: &World, index: &Index, people: &People, (folder, keys): (&DataFolder, &Keys)) {
    let times = times(folder, keys);
    let day = |days: u64| noon() + Duration::from_secs(days * 86_400);
    for (element, school, from, until) in [
        (Some("contact.email"), None, None, None),
        (Some("contact"), None, Some(day(2)), Some(day(4))),
        (Some("identity"), Some(3), None, Some(day(3))),
        (None, Some(4), Some(day(1)), None),
        (None, Some(0), None, None),
        (None, None, Some(day(4)), Some(day(5))),
    ] {
        let question = Question {
            element: element.map(|element| element.parse().unwrap()),
            school: school.map(|school| format!("school-{school}")),
            from,
            until,
            ..Question::default()
        };
        let asked = |told: &&Told| {
            let at = times[&told.id];
            !told.void && from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until)
        };
        let of_element = |name: &String| element.is_none_or(|element| name.starts_with(element));
        let counts = |told: &Told, person: u32| {
            told.people[&person].keys().any(of_element) && school.is_none_or(|school| is_of(told, person, school))
        };
        let reach = index.reach(people, &question).unwrap();
        let told = || world.told.iter().filter(asked);
        assert_eq!(reach.all.people, headcount(told(), counts), "{question:?}");
        assert!(reach.all.people.left > 10, "{question:?}");
        for recipient in [Some("desk"), Some("stats"), None] {
            let to = told().filter(|told| told.recipient.as_deref() == recipient);
            let found = &reach.recipients[&recipient.map(str::to_owned)];
            assert_eq!(found.people, headcount(to, counts), "{question:?} {recipient:?}");
        }
    }
}

fn assert_rows(world: &World, index: &Index, people: &People, folder: &DataFolder, keys: &Keys) {
    let mut counted: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in index.disclosures(folder, keys, people, Question::default()).unwrap() {
        let row = row.unwrap();
        if row.person.is_some() {
            *counted.entry((row.request, row.fate)).or_default() += row.count;
        }
    }
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    for told in world.told.iter().filter(|told| !told.people.is_empty()) {
        let count: u32 = told.people.values().flat_map(BTreeMap::values).sum();
        expected.insert((told.id.clone(), told.fate.word().to_owned()), u64::from(count));
    }
    assert!(counted == expected);
}
