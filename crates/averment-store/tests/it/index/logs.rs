//! The index over a chain of logs, what was recorded twice, and whom nothing may name any more.

use std::collections::BTreeMap;

use averment_detect::{PersonNumber, Whose};
use averment_ledger::{Authority, Correction, Deed, Fault, LogState, ManualDisclosure, NamedPerson, Outcome};
use averment_store::{Chain, DataFolder, Fate, Index, Journal, Keys, People, Question, Snapshot, entries, trusted};
use rusqlite::Connection;

use super::{dump, follow};
use crate::fixture::*;

const PEOPLE: &str = "id,role,username\ns-1,student,starfox77\ns-2,student,lundtheo\ns-3,student,novaklea\n";

/// By person: identifier and fate of each message, in order.
type Told = BTreeMap<u32, Vec<(String, Fate)>>;

struct Writer<'a> {
    journal: &'a Journal,
    snapshot: &'a Snapshot,
    told: &'a mut Told,
}

impl Writer<'_> {
    /// Records a message about these people; gives its identifier.
    async fn message(&mut self, about: &[u32]) -> String {
        let named = about.iter().enumerate().map(|(slot, person)| {
            let mut finding = finding("contact.email", 10 * slot);
            finding.whose = Whose::Person {
                number: PersonNumber(*person),
                subject: "student.under13".parse().unwrap(),
            };
            finding
        });
        let inspection = inspection(named.collect());
        let record = record(&inspection, self.snapshot);
        let cleared = self.journal.intent(permit(&inspection), &record).await.unwrap();
        for person in about {
            let told = self.told.entry(*person).or_default();
            told.push((cleared.id().to_owned(), Fate::MayHaveLeft));
        }
        cleared.id().to_owned()
    }

    fn answered(&mut self, id: &str) {
        let outcome = Outcome {
            id: id.to_owned(),
            result: "answered".into(),
            ..Outcome::default()
        };
        self.journal.note(Deed::Outcome(outcome)).unwrap();
        let told = self.told.values_mut().flatten().filter(|(told, _)| told == id);
        told.for_each(|(_, fate)| *fate = Fate::Left);
    }
}

fn loaded(folder: &DataFolder, keys: &Keys) -> People {
    let mut people = People::open(folder, keys).unwrap();
    people.load_csv(PEOPLE.as_bytes(), "people.csv", noon()).unwrap();
    people
}

fn answers(index: &Index, people: &People) -> Told {
    let mut answers = Told::new();
    for person in 1..=3 {
        let about = index.person(people, &format!("s-{person}")).unwrap();
        if !about.is_empty() {
            let about = about.into_iter().map(|entry| (entry.id, entry.fate)).collect();
            answers.insert(person, about);
        }
    }
    answers
}

/// Asks in the middle of logs, at their borders and after several of them, with a new key in between.
#[tokio::test]
async fn an_index_goes_on_over_the_borders_of_logs() {
    let home = Home::new();
    let mut told = Told::new();
    for round in 0..3 {
        let (journal, _, folder, keys) = home.journal();
        let mut people = loaded(&folder, &keys);
        let snapshot = people.snapshot(noon()).unwrap();
        let mut writer = Writer {
            journal: &journal,
            snapshot: &snapshot,
            told: &mut told,
        };
        let open = writer.message(&[1, 2]).await;
        assert_eq!(answers(&follow(&folder, &keys, &people), &people), *writer.told);
        journal.begin_log().await.unwrap();
        if round != 1 {
            writer.message(&[2]).await;
        }
        assert_eq!(answers(&follow(&folder, &keys, &people), &people), *writer.told);
        writer.message(&[1]).await;
        journal.begin_log().await.unwrap();
        writer.answered(&open);
        writer.message(&[2, 3]).await;
        journal.begin_log().await.unwrap();
        writer.message(&[1, 3]).await;
        journal.close().unwrap();
        assert_eq!(answers(&follow(&folder, &keys, &people), &people), told);
        if round == 0 {
            keys.make_next_ledger_key().unwrap();
        }
    }
    let (folder, keys) = home.open();
    assert!(folder.logs().unwrap().len() >= 10);
    let people = People::open(&folder, &keys).unwrap();
    let mut index = follow(&folder, &keys, &people);
    assert_numbers(&index, &folder, &keys, &people);
    assert_segments(&index, &folder, &keys, &people);
    let incremental = dump(&folder);
    index.clear().unwrap();
    let followed = index.follow(&folder, &keys, &people, |_| ()).unwrap();
    assert!(followed.anew && followed.unresolved == 0, "{followed:?}");
    assert_eq!(answers(&index, &people), told);
    drop(index);
    assert!(dump(&folder) == incremental, "made anew it is another index");
}

/// Each answer names its entry by the number in the whole ledger.
fn assert_numbers(index: &Index, folder: &DataFolder, keys: &Keys, people: &People) {
    let read = entries(folder, Some(keys.verifier())).unwrap().map(Result::unwrap);
    let numbers: BTreeMap<String, u64> = read
        .filter_map(|numbered| match numbered.entry.deed {
            Deed::Intent(message) => Some((message.id, numbered.index)),
            _ => None,
        })
        .collect();
    for entry in index.person(people, "s-1").unwrap() {
        assert_eq!(entry.index, numbers[&entry.id]);
    }
}

fn chain(folder: &DataFolder, keys: &Keys) -> Chain {
    Chain::read(folder, trusted(folder, keys).unwrap()).unwrap()
}

/// Rows of each log alone are the rows of the ledger.
fn assert_segments(index: &Index, folder: &DataFolder, keys: &Keys, people: &People) {
    let all = index.disclosures(folder, keys, people, Question::default()).unwrap();
    let all: Vec<_> = all.map(Result::unwrap).collect();
    let chain = chain(folder, keys);
    let of_log = |log| {
        let rows = index.disclosures_of(folder, keys, people, (log, log.number)).unwrap();
        let rows: Vec<_> = rows.map(Result::unwrap).collect();
        let range = log.first..log.first + log.checkpoint.size;
        assert!(rows.iter().all(|row| range.contains(&row.entry)));
        rows
    };
    let of_logs: Vec<_> = chain.logs().iter().flat_map(of_log).collect();
    assert!(!all.is_empty() && of_logs == all);
}

/// Whatever changes a row of a log that has ended changes the state of that log, and of no other.
#[tokio::test]
async fn the_state_of_a_log_tells_when_its_rows_have_changed() {
    let home = Home::new();
    let mut told = Told::new();
    let (journal, _, folder, keys) = home.journal();
    let mut people = loaded(&folder, &keys);
    let snapshot = people.snapshot(noon()).unwrap();
    let mut writer = Writer {
        journal: &journal,
        snapshot: &snapshot,
        told: &mut told,
    };
    let open = writer.message(&[1]).await;
    journal.begin_log().await.unwrap();
    writer.message(&[2]).await;
    let entered = enter(&journal, &snapshot).await;
    journal.begin_log().await.unwrap();
    let states = |people: &People| {
        let index = follow(&folder, &keys, people);
        let logs = chain(&folder, &keys);
        let range = |log: &LogState| log.first..log.first + log.checkpoint.size;
        index
            .states(people, &logs.logs()[..2].iter().map(range).collect::<Vec<_>>())
            .unwrap()
    };
    let at_first = states(&people);
    writer.message(&[3]).await;
    assert_eq!(states(&people), at_first, "more in an open log");
    writer.answered(&open);
    journal
        .record(&[], |_| Deed::Fault(Fault { fault: "x".into() }))
        .await
        .unwrap();
    let answered = states(&people);
    assert!(answered[0] != at_first[0] && answered[1] == at_first[1], "it has left");
    make_void(&journal, entered);
    journal
        .record(&[], |_| Deed::Fault(Fault { fault: "x".into() }))
        .await
        .unwrap();
    let void = states(&people);
    assert!(void[0] == answered[0] && void[1] != answered[1], "it counts no more");
    let moved =
        "id,role,school,username\ns-1,student,,starfox77\ns-2,student,Harbour,lundtheo\ns-3,student,,novaklea\n";
    people.load_csv(moved.as_bytes(), "people.csv", noon()).unwrap();
    let moved = states(&people);
    assert!(moved[0] == void[0] && moved[1] != void[1], "another school");
}

/// Records what somebody entered about person 1, under the same identifier each time; gives the number of its entry.
async fn enter(journal: &Journal, snapshot: &Snapshot) -> u64 {
    let key = snapshot.person_keys.get(PersonNumber(1)).unwrap();
    let make = |references: &[_]| {
        Deed::Manual(ManualDisclosure {
            id: "00000000000000000000000000000007".into(),
            recipient: Some("desk".into()),
            party: None,
            means: "telephone".into(),
            result: "disclosed".into(),
            happened_at: "2026-02-01T09:00:00Z".into(),
            elements: vec!["contact.email".into()],
            people: vec![NamedPerson {
                person: references[0],
                subject: "student.minor".into(),
            }],
            forgotten: 0,
            authority: Authority {
                basis: "ferpa.subpoena".into(),
                consent: None,
                instrument: None,
                record_required: true,
            },
            interest: None,
            document: None,
        })
    };
    journal.record(&[(PersonNumber(1), key)], make).await.unwrap()
}

fn make_void(journal: &Journal, entry: u64) {
    let correction = Correction {
        id: String::new(),
        entry,
        leaf: averment_ledger::leaf_hash(b"seen"),
        because: "entered twice".into(),
        void: true,
    };
    journal.note(Deed::Correction(correction)).unwrap();
}

/// Messages to the recipient, and rows about somebody.
fn counted(index: &Index, folder: &DataFolder, keys: &Keys, people: &People) -> (u64, usize) {
    let question = Question {
        recipient: Some("desk".to_owned()),
        ..Question::default()
    };
    let reach = index.reach(people, &question).unwrap();
    let rows = index.disclosures(folder, keys, people, question).unwrap();
    let about = rows.map(Result::unwrap).filter(|row| row.person.is_some()).count();
    (reach.messages.values().sum(), about)
}

#[tokio::test]
async fn a_disclosure_that_was_recorded_twice_counts_once() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    let mut people = loaded(&folder, &keys);
    let snapshot = people.snapshot(noon()).unwrap();
    let first = enter(&journal, &snapshot).await;
    enter(&journal, &snapshot).await;
    drop(follow(&folder, &keys, &people));
    let last = enter(&journal, &snapshot).await;
    // The next reference of the person counts all three.
    let mut told = Told::new();
    let mut writer = Writer {
        journal: &journal,
        snapshot: &snapshot,
        told: &mut told,
    };
    let message = writer.message(&[1]).await;
    make_void(&journal, last);
    journal.close().unwrap();
    drop(journal);
    let mut index = follow(&folder, &keys, &people);
    for _ in 0..2 {
        let about = index.person(&people, "s-1").unwrap();
        assert_eq!(about.len(), 2, "{about:?}");
        assert_eq!((about[0].index, about[0].void), (first, false));
        assert_eq!(about[1].id, message);
        assert_eq!(counted(&index, &folder, &keys, &people), (2, 2));
        index.clear().unwrap();
        let followed = index.follow(&folder, &keys, &people, |_| ()).unwrap();
        assert_eq!(followed.unresolved, 0);
    }
    drop((folder, keys));
    let (journal, _, folder, keys) = home.journal();
    make_void(&journal, first);
    journal.close().unwrap();
    drop(index);
    let index = follow(&folder, &keys, &people);
    assert!(index.person(&people, "s-1").unwrap()[0].void);
    assert_eq!(counted(&index, &folder, &keys, &people).0, 1);
}

/// The number that the person gets who is loaded first: four bytes that are nowhere by chance.
const NUMBER: u32 = 0x51a7_c3e5;

/// How often the number stands in the files of the index, as SQLite writes a number of four bytes.
fn traces(folder: &DataFolder) -> usize {
    let files = ["index.db", "index.db-wal"].map(|name| std::fs::read(folder.path().join(name)).unwrap_or_default());
    let bytes = NUMBER.to_be_bytes();
    let found = files
        .iter()
        .map(|file| file.windows(4).filter(|window| *window == bytes).count());
    found.sum()
}

#[tokio::test]
async fn of_somebody_who_was_forgotten_not_even_the_number_stays_in_the_index() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    drop(People::open(&folder, &keys).unwrap());
    let directory = Connection::open(folder.people()).unwrap();
    let sql = "insert into sqlite_sequence (name, seq) values ('person', ?1)";
    directory.execute(sql, [NUMBER - 1]).unwrap();
    drop(directory);
    let mut people = loaded(&folder, &keys);
    assert!(Index::open_existing(&folder, || ()).unwrap().is_none());
    let snapshot = people.snapshot(noon()).unwrap();
    let mut told = Told::new();
    let mut writer = Writer {
        journal: &journal,
        snapshot: &snapshot,
        told: &mut told,
    };
    for _ in 0..200 {
        writer.message(&[NUMBER, NUMBER + 1]).await;
    }
    journal.close().unwrap();
    drop(follow(&folder, &keys, &people));
    assert!(traces(&folder) > 200);
    assert_eq!(people.forget(&["s-1".to_owned()], noon()).unwrap().people, 1);
    let mut index = Index::open_existing(&folder, || ()).unwrap().unwrap();
    assert_eq!(index.forget(&people).unwrap(), 1);
    assert_eq!(traces(&folder), 0);
    assert_eq!(index.person(&people, "s-2").unwrap().len(), 200);
    drop(index);
    assert_eq!(traces(&folder), 0);
    assert!(dump(&folder).iter().all(|row| !row.contains(&NUMBER.to_string())));
}
