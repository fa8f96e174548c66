//! People are forgotten: the ledger holds as before, and nothing on disk leads to what it says about them.

use std::collections::HashSet;
use std::path::Path;

use averment_detect::PersonNumber;
use averment_ledger::{Base64, ConsentChange, Deed, Reference, reference};
use averment_register::Digest;

use super::noon;
use crate::journal::Journal;
use crate::wrap::unwrap_person_key;
use crate::{DataFolder, Keys, People, entries, trusted, verify};

const PEOPLE: u32 = 20;
const FORGOTTEN: u32 = PEOPLE / 10;
/// Nonce, key and tag.
const WRAPPED_BYTES: usize = 12 + 32 + 16;

fn about(person: Reference) -> Deed {
    Deed::Consent(ConsentChange {
        consent: "directory_information".into(),
        state: "given".into(),
        version: 1,
        by: "parent".into(),
        person: Some(person),
        school: None,
    })
}

/// What the ledger holds: its runs, and every reference.
fn read(folder: &DataFolder, keys: &Keys) -> (Vec<Base64<16>>, HashSet<Reference>) {
    let (mut runs, mut references) = (Vec::new(), HashSet::new());
    for numbered in entries(folder, trusted(folder, keys).unwrap()).unwrap() {
        match numbered.unwrap().entry.deed {
            Deed::Run(run) => runs.push(run.run),
            Deed::Consent(change) => references.extend(change.person),
            _ => {}
        }
    }
    (runs, references)
}

fn files(dir: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(std::fs::read(path).unwrap());
        }
    }
    found
}

/// Destroys the keys of every tenth person, and what the database would keep of them.
fn forget(folder: &DataFolder) {
    let database = rusqlite::Connection::open(folder.people()).unwrap();
    let sql = "pragma secure_delete = on; update person set wrapped_key = null where number % 10 = 0;
               pragma wal_checkpoint(truncate); vacuum; pragma wal_checkpoint(truncate);";
    database.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn nothing_on_disk_leads_to_somebody_who_was_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let (data, keys_dir) = (dir.path().join("data"), dir.path().join("keys"));
    let (folder, keys) = DataFolder::open(&data, &keys_dir).unwrap();
    let mut people = People::open(&folder, &keys).unwrap();
    let rows = (0..PEOPLE).map(|person| format!("s-{person},student,pupil{person}\n"));
    let csv = format!("id,role,username\n{}", rows.collect::<String>());
    people.load_csv(csv.as_bytes(), "people.csv", noon()).unwrap();
    let snapshot = people.snapshot(noon()).unwrap();
    let (journal, _) = Journal::open(&folder, &keys, noon, Digest::of(b"")).unwrap();
    for round in 0..3 {
        for person in (1..=PEOPLE)
            .map(PersonNumber)
            .filter(|person| (person.0 * 7 + round) % 3 != 0)
        {
            let key = snapshot.person_keys.get(person).unwrap();
            journal.note_about(&[(person, key)], |named| about(named[0])).unwrap();
        }
        journal.begin_log().await.unwrap();
    }
    journal.close().unwrap();
    let (runs, references) = read(&folder, &keys);
    let [run] = runs[..] else { panic!("{runs:?}") };
    let leads_to_somebody = |key: &[u8; 32]| references.contains(&reference(key, &run, 0));
    let of_all: Vec<[u8; 32]> = (1..=PEOPLE)
        .map(|person| snapshot.person_keys.get(PersonNumber(person)).unwrap().0)
        .collect();
    assert!(
        of_all.iter().all(leads_to_somebody),
        "the test knows how references are made"
    );
    drop(people);
    forget(&folder);
    let people = People::open(&folder, &keys).unwrap();
    let kept = |person: u32| people.person_key(PersonNumber(person)).unwrap().is_some();
    assert_eq!((1..=PEOPLE).filter(|person| !kept(*person)).count() as u32, FORGOTTEN);
    // The record is what it was.
    let audit = verify(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert!(audit.holds(), "{audit:?}");
    assert_eq!(read(&folder, &keys).1, references);
    // Nobody's key lies anywhere in clear, and no wrapped one of those who were forgotten.
    let on_disk: Vec<Vec<u8>> = files(&data).into_iter().chain(files(&keys_dir)).collect();
    let windows = on_disk.iter().flat_map(|file| file.windows(32));
    let in_clear = windows.filter(|window| leads_to_somebody((*window).try_into().unwrap()));
    assert_eq!(in_clear.count(), 0);
    let (forgotten, others) = unwrapped(&folder, &keys, &on_disk);
    assert_eq!(forgotten, 0);
    assert_eq!(others, 1, "the test knows how keys are wrapped");
}

/// How many keys can be unwrapped from any place on disk: of those who were forgotten, and of one who was not.
fn unwrapped(folder: &DataFolder, keys: &Keys, on_disk: &[Vec<u8>]) -> (usize, usize) {
    let database = rusqlite::Connection::open(folder.people()).unwrap();
    let ids = |sql: &str| -> Vec<Vec<u8>> {
        let mut query = database.prepare(sql).unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let found = |id: &Vec<u8>| {
        let windows = on_disk.iter().flat_map(|file| file.windows(WRAPPED_BYTES));
        let opened = windows.filter(|window| unwrap_person_key(keys.person_wrapping_key(), id, window).is_some());
        opened.count()
    };
    let forgotten = ids("select id from person where wrapped_key is null");
    assert_eq!(forgotten.len() as u32, FORGOTTEN);
    let other = ids("select id from person where wrapped_key is not null limit 1");
    (forgotten.iter().map(found).sum(), other.iter().map(found).sum())
}
