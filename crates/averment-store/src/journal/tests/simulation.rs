//! Random load, callers who give up, a clock that goes as it likes, logs that end and begin, one failing step, a machine
//! that stops: then the ledger is opened again and compared with what callers were told.
//!
//! Nothing runs beside anything else: orders are given, then the thread's work is done for one turn. A seed tells all.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use averment_detect::PersonNumber;
use averment_ledger::{Base64, ConsentChange, Deed, Reference};
use averment_register::Digest;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::memory::{Content, Stop, When};
use super::message::{Letter, target};
use super::{noon, start};
use crate::journal::frame::CORRECTION_MAX_SECONDS;
use crate::journal::writer::{Intake, Order, Writer};
use crate::journal::{Journal, JournalError, NewLog};
use crate::{DataFolder, Keys, PersonKey, Recovery, entries, request_digest, trusted, verify};

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

/// A clock that tests set.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn at_noon() -> Self {
        Self(Arc::new(AtomicI64::new(noon().as_second())))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }

    /// Mostly it goes on; at times it jumps, over the end of a month too, or back.
    fn turn(&self, dice: &mut Dice) {
        let within = |dice: &mut Dice, most: u64| i64::try_from(dice.roll(most)).unwrap();
        let seconds = match dice.roll(8) {
            0 => -within(dice, 10_000),
            1 => -within(dice, 10),
            2 => 40 * 86_400,
            3 => within(dice, 86_400),
            _ => within(dice, 60),
        };
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// Writers, and what they were told.
struct Load {
    dice: Dice,
    hand: Hand,
    next: u64,
    waiting: Vec<Waiting>,
    acknowledged: BTreeSet<u64>,
    /// Messages about to be sent, and those whose callers gave up.
    intents: BTreeSet<u64>,
    given_up: BTreeSet<u64>,
}

impl Load {
    fn new(seed: u64) -> Self {
        Self {
            dice: Dice(seed),
            hand: Hand::at_noon(),
            next: 0,
            waiting: Vec::new(),
            acknowledged: BTreeSet::new(),
            intents: BTreeSet::new(),
            given_up: BTreeSet::new(),
        }
    }

    fn order(&mut self, journal: &Journal) {
        let (journal, number) = (journal.clone(), self.next);
        self.next += 1;
        let person = self.dice.roll(PEOPLE);
        match self.dice.roll(14) {
            10..14 => {
                let whose = (person, key_of(person));
                let named = self.dice.roll(2) == 0;
                let named = named.then(|| (PersonNumber(u32::try_from(whose.0).unwrap()), whose.1));
                let letter = Letter::new(number, named);
                self.intents.insert(number);
                self.waiting.push((
                    number,
                    Box::pin(async move { journal.intent(letter.permit(), &letter.record()).await.map(drop) }),
                ));
            }
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

    /// Somebody who is about to send does not wait any longer.
    fn give_up(&mut self) {
        let waiting = self.waiting.iter().map(|(number, _)| *number);
        let intents: Vec<u64> = waiting.filter(|number| self.intents.contains(number)).collect();
        if let Some(number) = intents.first().filter(|_| self.dice.roll(2) == 0) {
            self.waiting.retain(|(waiting, _)| waiting != number);
            self.given_up.insert(*number);
        }
    }

    /// Turn after turn until the load is over or the journal has ended. `tidy`: it is closed in the end.
    fn run(&mut self, journal: &Journal, writer: &mut Writer, tidy: bool) {
        for _ in 0..TURNS {
            self.hand.turn(&mut self.dice);
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
            self.give_up();
            let intake = writer.turn();
            // Between the answer and whoever looks for it.
            self.give_up();
            self.hear();
            if intake == Intake::Closed {
                break;
            }
        }
        if tidy {
            _ = journal.shared.sender.send(Order::Close);
            while writer.turn() == Intake::Open {}
            self.hear();
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
    /// Messages that are said not to have been sent.
    not_sent: BTreeSet<u64>,
    /// The latest time of the entries that were there before it was opened again.
    latest: Option<Timestamp>,
}

/// Reads the ledger, of which `before` entries were there when it was opened, and messages were numbered below `next`.
fn held(folder: &DataFolder, keys: &Keys, (before, next): (u64, u64)) -> Held {
    let mut held = Held::default();
    let mut run = None;
    let digest = |number| request_digest(keys, "POST", &target(number), b"");
    let by_digest: BTreeMap<_, u64> = (0..next).map(|number| (digest(number).0, number)).collect();
    let (mut by_id, mut asked_for) = (BTreeMap::new(), None);
    for numbered in entries(folder, trusted(folder, keys).unwrap()).unwrap() {
        let numbered = numbered.unwrap();
        let at: Timestamp = numbered.entry.at.parse().unwrap();
        // What was asked for before the end of a month may be written after what begins the new log.
        let is_of_the_log = matches!(numbered.entry.deed, Deed::Begun(_) | Deed::Ended(_));
        let behind = asked_for.map_or(0, |latest: Timestamp| latest.as_second() - at.as_second());
        asked_for = asked_for.max((!is_of_the_log).then_some(at));
        match numbered.entry.deed {
            Deed::Intent(message) => {
                assert!(behind <= CORRECTION_MAX_SECONDS, "cleared {behind} seconds behind");
                let number = by_digest[&message.request.0];
                held.numbers.push(number);
                by_id.insert(message.id, number);
                for named in message.findings.iter().filter_map(|found| found.person) {
                    held.references.entry(run.unwrap()).or_default().push(named);
                }
            }
            Deed::Outcome(outcome) => {
                assert_eq!(outcome.result, "not_sent");
                assert!(held.not_sent.insert(by_id[&outcome.id]), "two outcomes");
            }
            Deed::Begun(begun) => {
                let carried: Timestamp = begun.latest.unwrap().parse().unwrap();
                assert!(
                    held.latest.is_none_or(|latest| latest <= carried),
                    "a time is not carried on"
                );
            }
            Deed::Run(begun) => run = Some(begun.run),
            Deed::Consent(change) => {
                held.numbers.push(change.version);
                if let Some(reference) = change.person {
                    held.references.entry(run.unwrap()).or_default().push(reference);
                }
            }
            _ => {}
        }
        if numbered.index < before {
            held.latest = held.latest.max(Some(at));
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

impl Held {
    /// The clock is held against the latest time, whatever came after it.
    fn assert_times(&self, hand: &Hand, recovery: &Recovery, said: &str) {
        let latest = self.latest.map_or(i64::MIN, Timestamp::as_second);
        let behind = latest.saturating_sub(hand.now().as_second());
        if behind > CORRECTION_MAX_SECONDS {
            assert!(recovery.clock_behind_seconds >= behind, "{said}: {behind} {recovery:?}");
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
    let mut load = Load::new(seed);
    let (hand, tidy) = (load.hand.clone(), fail_at == usize::MAX);
    let clock = Box::new(move || hand.now());
    let (journal, mut writer) = Journal::prepare(start(&keys, &content, clock)).unwrap();
    journal.set_new_log(NewLog::Monthly, TimeZone::UTC);
    load.run(&journal, &mut writer, tidy);
    drop((journal, writer));
    let content = content.lock().unwrap();
    content.lay_down(&data, &keys_dir, stop);
    let hand = load.hand.clone();
    let (journal, recovery) = Journal::open(&folder, &keys, move || hand.now(), Digest::of(b""))
        .unwrap_or_else(|error| panic!("{said}: {error}"));
    assert!(!recovery.checkpoint_mended, "{said}: half a checkpoint");
    journal.note(deed(u64::MAX, None)).unwrap();
    journal.close().unwrap();
    let audit = verify(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert!(audit.holds() && audit.tail.is_none(), "{said}: {audit:?}");
    assert!(audit.entries() > recovery.entries, "{said}");
    let held = held(&folder, &keys, (recovery.entries, load.next));
    let there: BTreeSet<u64> = held.numbers.iter().copied().collect();
    assert_eq!(there.len(), held.numbers.len(), "{said}: an entry twice");
    assert!(there.contains(&u64::MAX), "{said}: it does not go on");
    let missing: Vec<_> = load.acknowledged.difference(&there).collect();
    assert!(missing.is_empty(), "{said}: acknowledged and not there: {missing:?}");
    held.assert_order(&said);
    held.assert_times(&load.hand, &recovery, &said);
    let told: Vec<_> = load.acknowledged.intersection(&held.not_sent).collect();
    assert!(told.is_empty(), "{said}: cleared and said not to be sent: {told:?}");
    let open = |number: &&u64| there.contains(number) && !held.not_sent.contains(number);
    let open: Vec<_> = load.given_up.iter().filter(|_| tidy).filter(open).collect();
    assert!(open.is_empty(), "{said}: given up and may have left: {open:?}");
    content.steps
}

const WHEN: [When; 3] = [When::Before, When::Half, When::After];

/// Every step of two loads fails in every way, and the process is killed or the power fails.
#[test]
fn whatever_step_fails_nothing_that_was_acknowledged_is_missing() {
    let mut points = 0;
    for seed in 1..=2 {
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
