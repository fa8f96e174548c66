//! Random load, logs that end and begin, one failing step, a machine that stops: then the ledger is opened again and
//! compared with what callers were told.
//!
//! Nothing runs beside anything else: orders are given, then the thread's work is done for one turn. A seed tells all.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use averment_detect::PersonNumber;
use averment_ledger::{Base64, ConsentChange, Deed, Reference};
use averment_register::Digest;

use super::memory::{Content, Stop, When};
use super::{noon, start};
use crate::journal::writer::{Intake, Writer};
use crate::journal::{Journal, JournalError};
use crate::{DataFolder, Keys, PersonKey, entries, trusted, verify};

const PEOPLE: u64 = 5;
const TURNS: u64 = 9;

/// The next of a sequence that a seed tells (SplitMix64, Steele et al. 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}

fn key_of(person: u64) -> PersonKey {
    PersonKey::new([u8::try_from(person).unwrap(); 32])
}

/// A deed that is told from all others by its number, and names a person.
fn deed(number: u64, person: Option<Reference>) -> Deed {
    Deed::Consent(ConsentChange {
        consent: "directory_information".into(),
        state: "given".into(),
        version: number,
        by: "parent".into(),
        person,
        school: None,
    })
}

type Waiting = (u64, Pin<Box<dyn Future<Output = Result<(), JournalError>>>>);

/// Writers, and what they were told.
struct Load {
    dice: Dice,
    next: u64,
    waiting: Vec<Waiting>,
    acknowledged: BTreeSet<u64>,
}

impl Load {
    fn new(seed: u64) -> Self {
        Self {
            dice: Dice(seed),
            next: 0,
            waiting: Vec::new(),
            acknowledged: BTreeSet::new(),
        }
    }

    fn order(&mut self, journal: &Journal) {
        let (journal, number) = (journal.clone(), self.next);
        self.next += 1;
        let person = self.dice.roll(PEOPLE);
        match self.dice.roll(10) {
            0 => self
                .waiting
                .push((u64::MAX, Box::pin(async move { journal.begin_log().await }))),
            // Nobody waits for these.
            1 | 2 => _ = journal.note(deed(number, None)),
            3 => self.waiting.push((
                number,
                Box::pin(async move { journal.record(&[], |_| deed(number, None)).await.map(drop) }),
            )),
            _ => self.waiting.push((
                number,
                Box::pin(async move {
                    let people = [(PersonNumber(u32::try_from(person).unwrap()), &key_of(person))];
                    journal
                        .record(&people, |named| deed(number, Some(named[0])))
                        .await
                        .map(drop)
                }),
            )),
        }
        self.hear();
    }

    /// Looks who was answered.
    fn hear(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let acknowledged = &mut self.acknowledged;
        self.waiting
            .retain_mut(|(number, future)| match future.as_mut().poll(&mut context) {
                Poll::Pending => true,
                Poll::Ready(Ok(())) => {
                    acknowledged.insert(*number);
                    false
                }
                Poll::Ready(Err(_)) => false,
            });
    }

    /// Turn after turn until the load is over or the journal has ended.
    fn run(&mut self, journal: &Journal, writer: &mut Writer) {
        for _ in 0..TURNS {
            for _ in 0..=self.dice.roll(6) {
                self.order(journal);
            }
            // Without somebody who waits, the thread would wait for company.
            let number = self.next;
            self.next += 1;
            let waiter = journal.clone();
            self.waiting.push((
                number,
                Box::pin(async move { waiter.record(&[], |_| deed(number, None)).await.map(drop) }),
            ));
            self.hear();
            let intake = writer.turn();
            self.hear();
            if intake == Intake::Closed {
                break;
            }
        }
        // The machine stops: whoever waits hears nothing more.
        self.waiting.clear();
        self.acknowledged.remove(&u64::MAX);
    }
}

/// What the ledger holds: the numbers of the deeds, and the references by run.
#[derive(Default)]
struct Held {
    numbers: Vec<u64>,
    references: BTreeMap<Base64<16>, Vec<Reference>>,
}

fn held(folder: &DataFolder, keys: &Keys) -> Held {
    let mut held = Held::default();
    let mut run = None;
    for numbered in entries(folder, trusted(folder, keys).unwrap()).unwrap() {
        match numbered.unwrap().entry.deed {
            Deed::Run(begun) => run = Some(begun.run),
            Deed::Consent(change) => {
                held.numbers.push(change.version);
                if let Some(reference) = change.person {
                    held.references.entry(run.unwrap()).or_default().push(reference);
                }
            }
            _ => {}
        }
    }
    held
}

impl Held {
    /// Every reference is the next one of somebody.
    fn assert_order(&self, said: &str) {
        for (run, references) in &self.references {
            let mut next: Vec<(u64, u64)> = (0..PEOPLE).map(|person| (person, 0)).collect();
            for reference in references {
                let whose = next
                    .iter_mut()
                    .find(|(person, count)| key_of(*person).reference(run, *count) == *reference);
                whose.unwrap_or_else(|| panic!("{said}: a reference out of order")).1 += 1;
            }
        }
    }
}

/// A place in memory where the system has one: a thousand ledgers are opened, and each open syncs.
fn place() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// Gives how many steps were taken.
fn simulate(seed: u64, fail_at: usize, when: When, stop: Stop) -> usize {
    let said = format!("seed {seed}, step {fail_at} {when:?}, {stop:?}");
    let dir = place();
    let (data, keys_dir) = (dir.path().join("data"), dir.path().join("keys"));
    let (folder, keys) = DataFolder::open(&data, &keys_dir).unwrap();
    let content = Arc::new(Mutex::new(Content::failing(fail_at, when)));
    let (journal, mut writer) = Journal::prepare(start(&keys, &content, Box::new(noon))).unwrap();
    let mut load = Load::new(seed);
    load.run(&journal, &mut writer);
    drop((journal, writer));
    let content = content.lock().unwrap();
    content.lay_down(&data, &keys_dir, stop);
    let (journal, recovery) =
        Journal::open(&folder, &keys, noon, Digest::of(b"")).unwrap_or_else(|error| panic!("{said}: {error}"));
    assert!(!recovery.checkpoint_mended, "{said}: half a checkpoint");
    journal.note(deed(u64::MAX, None)).unwrap();
    journal.close().unwrap();
    let audit = verify(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert!(audit.holds() && audit.tail.is_none(), "{said}: {audit:?}");
    assert!(audit.entries() > recovery.entries, "{said}");
    let held = held(&folder, &keys);
    let there: BTreeSet<u64> = held.numbers.iter().copied().collect();
    assert_eq!(there.len(), held.numbers.len(), "{said}: an entry twice");
    assert!(there.contains(&u64::MAX), "{said}: it does not go on");
    let missing: Vec<_> = load.acknowledged.difference(&there).collect();
    assert!(missing.is_empty(), "{said}: acknowledged and not there: {missing:?}");
    held.assert_order(&said);
    content.steps
}

const WHEN: [When; 3] = [When::Before, When::Half, When::After];

/// Every step of three loads fails in every way, and the process is killed or the power fails.
#[test]
fn whatever_step_fails_nothing_that_was_acknowledged_is_missing() {
    let mut points = 0;
    for seed in 1..=3 {
        let steps = simulate(seed, usize::MAX, When::After, Stop::Killed);
        assert!(steps > 40, "{steps}");
        for fail_at in 1..=steps {
            for when in WHEN {
                for stop in [Stop::Killed, Stop::Power(fail_at * 37)] {
                    simulate(seed, fail_at, when, stop);
                    points += 1;
                }
            }
        }
    }
    assert!(points > 700, "{points}");
}

/// Other loads, each failing somewhere.
#[test]
fn whatever_is_written_when_the_machine_stops_the_ledger_opens_again() {
    for seed in 100..600 {
        let mut dice = Dice(!seed);
        let when = WHEN[usize::try_from(dice.roll(3)).unwrap()];
        let fail_at = usize::try_from(dice.roll(70)).unwrap() + 1;
        let stop = match dice.roll(2) {
            0 => Stop::Killed,
            _ => Stop::Power(usize::try_from(dice.roll(3000)).unwrap()),
        };
        simulate(seed, fail_at, when, stop);
    }
}
