//! A running gate takes who changed, and knows as much as one that reads everybody.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use averment_detect::Form;
use averment_store::{DataFolder, Keys, People, PeopleFormat, Refreshed, Scope, Shrink, Snapshot};
use proptest::prelude::*;

use crate::fixture::*;
use crate::loaders::{CHANGES, WHOLE};

/// A gate, and commands, on one folder.
struct Two {
    home: Home,
    folder: DataFolder,
    keys: Keys,
    gate: People,
    known: u64,
}

impl Two {
    fn new() -> Self {
        let home = Home::new();
        let (folder, keys) = home.open();
        let mut gate = People::open(&folder, &keys).unwrap();
        let known = gate.snapshot(noon()).unwrap().version;
        Self {
            home,
            folder,
            keys,
            gate,
            known,
        }
    }

    fn command(&self) -> People {
        People::open(&self.folder, &self.keys).unwrap()
    }

    fn load(&mut self, rows: &str, scope: Scope) {
        let file = self.home.dir.path().join("people.csv");
        std::fs::write(&file, format!("id,role,email\n{rows}")).unwrap();
        self.command()
            .load_file(&file, PeopleFormat::Csv, scope, noon())
            .unwrap();
    }

    fn remove(&mut self, ids: &str) {
        let file = self.home.dir.path().join("gone.csv");
        std::fs::write(&file, format!("id\n{ids}")).unwrap();
        self.command().remove(&file, PeopleFormat::Csv, noon()).unwrap();
    }

    fn refresh(&mut self) -> Refreshed {
        self.gate.refresh(self.known, noon()).unwrap()
    }

    /// What changed, which is a little.
    fn changed(&mut self) -> Snapshot {
        let refreshed = self.refresh();
        let Refreshed::Changed(snapshot) = refreshed else {
            panic!("expected changes: {refreshed:?}")
        };
        self.known = snapshot.version;
        snapshot
    }
}

/// Of each address whose it is, as what, and a reference made with the person's key.
fn known(snapshot: &Snapshot, count: u32) -> BTreeMap<u32, (u32, String, String)> {
    let run = averment_ledger::Base64([5; 16]);
    let whose = |number: u32| {
        let found = snapshot
            .directory
            .look_up(Form::Email, &format!("x{number}@school.example"))?;
        let key = snapshot.person_keys.get(found.person).unwrap();
        let reference = key.reference(&run, 0).to_string();
        Some((number, (found.person.0, found.subject.to_string(), reference)))
    };
    (0..count).filter_map(whose).collect()
}

fn row(number: u32, role: &str) -> String {
    format!("s-{number},{role},x{number}@school.example\n")
}

#[test]
fn who_is_added_or_removed_is_known_without_reading_everybody() {
    let mut two = Two::new();
    assert!(matches!(two.refresh(), Refreshed::Same));
    two.load(&(0..50).map(|number| row(number, "student")).collect::<String>(), WHOLE);
    assert_eq!(known(&two.changed(), 60).len(), 50);
    assert!(matches!(two.refresh(), Refreshed::Same));
    // From here on everybody is in the picture, and what changes lies over it.
    two.known = two.gate.snapshot(noon()).unwrap().version;
    two.load(&row(55, "teacher"), CHANGES);
    let snapshot = two.changed();
    assert_eq!(known(&snapshot, 60)[&55].1, "teacher");
    assert_eq!((snapshot.directory.people(), snapshot.person_keys.len()), (51, 51));
    two.remove("s-3\ns-55\n");
    let snapshot = two.changed();
    assert!(!known(&snapshot, 60).contains_key(&3) && !known(&snapshot, 60).contains_key(&55));
    assert_eq!((snapshot.directory.people(), snapshot.person_keys.len()), (49, 49));
    // The same file again: another version, and nobody changed.
    two.load(&row(7, "student"), CHANGES);
    assert_eq!(known(&two.changed(), 60).len(), 49);
}

#[test]
fn many_changes_are_laid_over_until_everybody_is_read_beside_them() {
    let mut two = Two::new();
    let many: String = (0..6000).map(|number| row(number, "student")).collect();
    two.load(&many, WHOLE);
    let Refreshed::ChangedMuch(snapshot) = two.refresh() else {
        panic!("6000 are many")
    };
    assert_eq!(snapshot.directory.people(), 6000);
    let gate = Mutex::new(two.gate);
    let rebuilt = People::rebuild(&gate, noon()).unwrap();
    assert_eq!(known(&rebuilt, 6000), known(&snapshot, 6000));
    two.gate = gate.into_inner().unwrap();
    two.known = rebuilt.version;
    two.load(&row(6001, "student"), CHANGES);
    assert_eq!(two.changed().directory.people(), 6001);
}

#[test]
fn another_history_is_not_laid_over() {
    let mut two = Two::new();
    two.load(&row(1, "student"), WHOLE);
    _ = two.changed();
    // An older copy, changed in another way: as many loads, other people.
    let copy = two.home.dir.path().join("copy");
    two.load(&row(2, "student"), CHANGES);
    _ = two.changed();
    two.gate.snapshot(noon()).unwrap();
    let other = DataFolder::open_unlocked(&copy, &two.home.keys()).unwrap().0;
    let mut people = People::open(&other, &two.keys).unwrap();
    for number in [8, 9] {
        let file = two.home.dir.path().join("other.csv");
        std::fs::write(&file, format!("id,role,email\n{}", row(number, "teacher"))).unwrap();
        people.load_file(&file, PeopleFormat::Csv, CHANGES, noon()).unwrap();
    }
    drop(people);
    std::fs::rename(other.people(), two.folder.people()).unwrap();
    assert!(matches!(two.refresh(), Refreshed::Other));
    let gate = Mutex::new(two.gate);
    let rebuilt = People::rebuild(&gate, noon()).unwrap();
    assert_eq!(known(&rebuilt, 10).into_keys().collect::<Vec<_>>(), [8, 9]);
}

#[test]
fn a_damaged_file_stays_closed_until_it_is_whole() {
    let mut two = Two::new();
    two.load(&row(1, "student"), WHOLE);
    _ = two.changed();
    let file = two.folder.people();
    let good = std::fs::read(&file).unwrap();
    write_over(&file, &[&good[..4096], &vec![0xa5; good.len() - 4096][..]].concat());
    // With somebody known the file is checked; with nobody known nothing is shown before it is.
    for known in [two.known, 0, 0] {
        assert!(two.gate.refresh(known, noon()).is_err(), "{known}");
    }
    write_over(&file, &good);
    assert!(matches!(two.gate.refresh(0, noon()), Ok(Refreshed::Changed(_))));
}

fn write_over(file: &Path, content: &[u8]) {
    std::fs::write(file, content).unwrap();
}

/// One thing done to the directory: ids, and whether they are added, removed, or all there is.
fn deed() -> impl Strategy<Value = (u8, Vec<u32>, bool)> {
    let ids = proptest::collection::btree_set(0..12_u32, 1..6).prop_map(|ids| ids.into_iter().collect());
    (0..3_u8, ids, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn what_a_gate_knows_is_what_is_there(deeds in proptest::collection::vec(deed(), 1..8)) {
        let mut two = Two::new();
        for (deed, ids, teachers) in deeds {
            let role = if teachers { "teacher" } else { "student" };
            let rows: String = ids.iter().map(|id| row(*id, role)).collect();
            match deed {
                0 => two.load(&rows, Scope::Whole(Shrink::Any)),
                1 => two.load(&rows, CHANGES),
                _ => two.remove(&ids.iter().map(|id| format!("s-{id}\n")).collect::<String>()),
            }
            let laid_over = two.changed();
            let read = People::open(&two.folder, &two.keys).unwrap().snapshot(noon()).unwrap();
            prop_assert_eq!(known(&laid_over, 12), known(&read, 12));
            let counts = |snapshot: &Snapshot| (snapshot.directory.people(), snapshot.directory.identifiers(), snapshot.person_keys.len());
            prop_assert_eq!(counts(&laid_over), counts(&read));
            prop_assert_eq!(laid_over.loaded_at, read.loaded_at);
            if teachers {
                two.gate.snapshot(noon()).unwrap();
            }
        }
    }
}
