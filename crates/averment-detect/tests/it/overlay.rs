//! A directory with changes answers as one that was built anew.

use std::collections::{BTreeMap, HashSet};

use averment_catalog::SubjectId;
use averment_detect::normalise::IdentifierKind;
use averment_detect::{Directory, DirectoryKey, DirectoryRow, Form, PersonNumber};
use proptest::prelude::*;

const WORDS: [&str; 6] = ["starfox77", "lundtheo", "pferrara", "quietowl9", "ashb", "oakley7"];
const SUBJECTS: [&str; 4] = ["student.under13", "student.minor", "teacher", "guardian"];

/// Of each person the kind and the words.
type People = BTreeMap<u32, (usize, Vec<usize>)>;

fn key() -> DirectoryKey {
    DirectoryKey::new([7; 32])
}

fn rows(people: &People) -> Vec<DirectoryRow> {
    let key = key();
    let row = |person, word: &usize| DirectoryRow {
        digest: key.digest(Form::Word, WORDS[*word]),
        element: IdentifierKind::Username.element(),
        person: PersonNumber(person),
    };
    let rows = people
        .iter()
        .flat_map(|(person, (_, words))| words.iter().map(move |word| row(*person, word)));
    rows.collect()
}

fn subjects(people: &People) -> Vec<(PersonNumber, SubjectId)> {
    let subject = |kind: usize| SubjectId::new(SUBJECTS[kind]).unwrap();
    let subjects = people
        .iter()
        .map(|(person, (kind, _))| (PersonNumber(*person), subject(*kind)));
    subjects.collect()
}

fn answers(directory: &Directory) -> Vec<Option<(u32, String)>> {
    let answer = |word: &&str| {
        let found = directory.look_up(Form::Word, word)?;
        Some((found.person.0, found.subject.to_string()))
    };
    WORDS.iter().map(answer).collect()
}

fn people() -> impl Strategy<Value = People> {
    let words = proptest::collection::btree_set(0..WORDS.len(), 0..3);
    let person = (0..SUBJECTS.len(), words.prop_map(|words| words.into_iter().collect()));
    proptest::collection::btree_map(1..9_u32, person, 0..6)
}

proptest! {
    #[test]
    fn changes_give_what_building_anew_gives(before in people(), between in people(), after in people()) {
        let old = Directory::new(key(), rows(&before), subjects(&before));
        let new = Directory::new(key(), rows(&after), subjects(&after));
        // What changed in between is given up when other changes come.
        let first = old.with_changes((1..9).map(PersonNumber).collect(), rows(&between), subjects(&between));
        let changed: HashSet<u32> = before.keys().chain(after.keys()).copied().collect();
        let changed: HashSet<u32> = changed.into_iter().filter(|person| before.get(person) != after.get(person)).collect();
        let mut kept = after;
        kept.retain(|person, _| changed.contains(person));
        let changed = changed.into_iter().map(PersonNumber).collect();
        let next = first.with_changes(changed, rows(&kept), subjects(&kept));
        prop_assert_eq!(answers(&next), answers(&new));
        prop_assert_eq!((next.people(), next.identifiers()), (new.people(), new.identifiers()));
        prop_assert_eq!(answers(&first), answers(&Directory::new(key(), rows(&between), subjects(&between))));
    }
}
