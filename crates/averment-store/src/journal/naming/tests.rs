//! References to one person are recorded in the order of their counts, however many record at once.

use std::sync::mpsc;

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Deed, Reference, reference};

use super::{Naming, PARTS, RunReferences};
use crate::PersonKey;

const RUN: Base64<16> = Base64([9; 16]);
const CALLERS: u32 = 8;
const ENTRIES_OF_EACH: u32 = 400;

fn key(person: u32) -> PersonKey {
    PersonKey::new([u8::try_from(person % 251).unwrap(); 32])
}

/// Some people, in no order, some twice, some of one part.
fn people(caller: u32, entry: u32) -> Vec<u32> {
    let part = u32::try_from(PARTS).unwrap();
    let one = (caller * 7 + entry * 5) % 11;
    let all = [one + part, one, (one + entry) % 11, one];
    all[..(entry as usize % all.len()) + 1].to_vec()
}

fn record(run: &RunReferences, log: &mpsc::Sender<(u32, Reference)>, caller: u32, entry: u32) {
    let people = people(caller, entry);
    let keys: Vec<_> = people.iter().map(|person| (*person, key(*person))).collect();
    let named = keys.iter().map(|(person, key)| (PersonNumber(*person), key)).collect();
    let naming = Naming::new(run, named);
    // Every seventh is not recorded after all.
    if entry % 7 == 3 {
        return;
    }
    let mut sorted = people;
    sorted.sort_unstable();
    sorted.dedup();
    for person in sorted {
        log.send((person, naming.of(PersonNumber(person)).unwrap())).unwrap();
    }
    naming.recorded();
}

#[test]
fn whoever_records_at_once_leaves_no_count_out_and_none_twice() {
    let run = RunReferences::new(RUN);
    let (log, recorded) = mpsc::channel();
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (run, log) = (&run, log.clone());
            scope.spawn(move || (0..ENTRIES_OF_EACH).for_each(|entry| record(run, &log, caller, entry)));
        }
    });
    drop(log);
    let mut counts = std::collections::BTreeMap::new();
    for (person, found) in recorded {
        let count = counts.entry(person).or_insert(0);
        assert_eq!(
            found,
            reference(&[key(person).0[0]; 32], &RUN, *count),
            "person {person}"
        );
        *count += 1;
    }
    assert_eq!(counts.len(), 22);
}

#[test]
fn the_run_is_announced_once_and_before_anybody_goes_on() {
    let run = RunReferences::new(RUN);
    let (log, announced) = mpsc::channel();
    let key = key(1);
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (run, log, key) = (&run, log.clone(), &key);
            scope.spawn(move || {
                let naming = Naming::new(run, vec![(PersonNumber(caller), key)]);
                naming
                    .announce(|deed| {
                        std::thread::yield_now();
                        log.send(matches!(deed, Deed::Run(_))).unwrap();
                        Ok(())
                    })
                    .unwrap();
                log.send(false).unwrap();
                naming.recorded();
            });
        }
    });
    drop(log);
    let said: Vec<bool> = announced.into_iter().collect();
    assert_eq!(said.iter().filter(|announced| **announced).count(), 1);
    assert!(said[0]);
}

#[test]
fn a_run_that_could_not_be_announced_is_announced_by_the_next() {
    let run = RunReferences::new(RUN);
    let key = key(1);
    let naming = Naming::new(&run, vec![(PersonNumber(1), &key)]);
    assert!(naming.announce(|_| Err(super::JournalError::Closed)).is_err());
    drop(naming);
    let naming = Naming::new(&run, vec![(PersonNumber(1), &key)]);
    let mut announced = None;
    naming
        .announce(|deed| {
            announced = Some(deed);
            Ok(())
        })
        .unwrap();
    assert!(matches!(announced, Some(Deed::Run(_))));
    assert_eq!(naming.of(PersonNumber(1)), Some(reference(&key.0, &RUN, 0)));
    assert_eq!(naming.of(PersonNumber(2)), None);
}
