//! `kill -9` at random moments: whatever third parties saw is in the ledger, and the ledger holds.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use averment_gate::Received;
use averment_ledger::{Base64, Deed};
use averment_store::{Keys, request_digest};

use crate::dice::Dice;
use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::{Request, Trust};
use crate::world::{Place, Served, from_environment};

/// How often the gate is killed, unless `AVERMENT_KILLS` says otherwise.
const ROUNDS: u64 = 100;
/// How soon a restarted gate has to serve.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// Callers in clear and over TLS.
const CALLERS: [Way; 4] = [Way::Clear, Way::Clear, Way::Clear, Way::Tunnel];
/// In the body of requests that are refused, and so must never arrive.
pub(crate) const STUDENT: &str = "maya.lindqvist@birch.example";

#[derive(Clone, Copy)]
enum Way {
    Clear,
    Tunnel,
}

#[test]
fn whatever_third_parties_saw_is_in_the_ledger_after_many_kills() {
    let place = Place::new();
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let first = start(&third_parties, &place);
    let load = Load::new(&place);
    let slowest = std::thread::scope(|threads| {
        for (caller, way) in CALLERS.iter().enumerate() {
            let load = &load;
            threads.spawn(move || load.send_until_the_end(caller, *way));
        }
        let _end = EndOfLoad(&load);
        kill_again_and_again(&place, &third_parties, &load, first)
    });

    assert!(slowest < READY_WITHIN, "a gate took {slowest:?} to serve");
    place.run(&["ledger", "verify"]).expect(0);
    let received = third_parties.received();
    let record = Record::of(&place);
    println!(
        "{} answered, {} cut off, {} arrived; {} intents of which {} without an outcome, {} refusals; slowest start {slowest:?}",
        load.answered.load(Ordering::Relaxed),
        load.cut_off.load(Ordering::Relaxed),
        received.len(),
        record.intents.len(),
        record.open,
        record.refusals
    );
    assert_all_recorded(&received, &place.keys(), &record);
    assert!(
        received.len() > 500,
        "only {} requests arrived: there was no load",
        received.len()
    );
    assert!(record.open > 0, "no request was on its way at any of the kills");
    assert!(record.refusals > 0, "nothing was refused");
}

/// Kills the running gate, starts the next on the same folders, and so on; the last one is stopped in order. Gives the
/// longest time that a start took.
fn kill_again_and_again(place: &Place, third_parties: &ThirdParties, load: &Load, first: Served) -> Duration {
    let mut dice = Dice::new(0x5eed_0002);
    let (mut gate, mut slowest) = (first, Duration::ZERO);
    for round in 1..=from_environment("AVERMENT_KILLS", ROUNDS) {
        load.aim_at(Some(address_of(&gate)));
        // The random moment itself; there is nothing to wait for.
        std::thread::sleep(Duration::from_millis(dice.between(20, 300)));
        gate.kill();
        load.aim_at(None);
        let begun = Instant::now();
        gate = start(third_parties, place);
        slowest = slowest.max(begun.elapsed());
        if round % 10 == 0 {
            place.run(&["ledger", "verify"]).expect(0);
        }
    }
    assert_eq!(gate.stop(), 0);
    slowest
}

fn start(third_parties: &ThirdParties, place: &Place) -> Served {
    third_parties.behind_gate(place, &example_register())
}

fn address_of(gate: &Served) -> SocketAddr {
    gate.gate()
}

/// Callers that send one event after another to whatever gate is there.
struct Load {
    trust: Trust,
    aim: Mutex<Aim>,
    changed: Condvar,
    answered: AtomicU64,
    cut_off: AtomicU64,
}

#[derive(Clone, Copy)]
enum Aim {
    At(SocketAddr),
    Nowhere,
    End,
}

/// Ends the load also when the test fails, so that the callers' threads can be joined.
struct EndOfLoad<'a>(&'a Load);

impl Drop for EndOfLoad<'_> {
    fn drop(&mut self) {
        self.0.set(Aim::End);
    }
}

impl Load {
    fn new(place: &Place) -> Self {
        let trust = Trust::only(&place.path("averment-data/authority.pem"));
        Self {
            trust,
            aim: Mutex::new(Aim::Nowhere),
            changed: Condvar::new(),
            answered: AtomicU64::new(0),
            cut_off: AtomicU64::new(0),
        }
    }

    fn aim_at(&self, gate: Option<SocketAddr>) {
        self.set(gate.map_or(Aim::Nowhere, Aim::At));
    }

    fn set(&self, aim: Aim) {
        *self.aim.lock().unwrap_or_else(PoisonError::into_inner) = aim;
        self.changed.notify_all();
    }

    /// The gate to send to, as soon as there is another than the one that is `gone`; none at the end.
    fn gate(&self, gone: Option<SocketAddr>) -> Option<SocketAddr> {
        let aim = self.aim.lock().unwrap_or_else(PoisonError::into_inner);
        let aim = self.changed.wait_while(aim, |aim| match aim {
            Aim::At(gate) => gone == Some(*gate),
            Aim::Nowhere => true,
            Aim::End => false,
        });
        match *aim.unwrap_or_else(PoisonError::into_inner) {
            Aim::At(gate) => Some(gate),
            Aim::Nowhere | Aim::End => None,
        }
    }

    fn send_until_the_end(&self, caller: usize, way: Way) {
        let (mut number, mut gone) = (0, None);
        while let Some(gate) = self.gate(gone) {
            number += 1;
            let body = event(caller, number);
            // Being cut off in the middle is what this is about.
            let cut_off = self.send(gate, way, body.as_bytes()).is_err();
            gone = cut_off.then_some(gate);
            let count = if cut_off { &self.cut_off } else { &self.answered };
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn send(&self, gate: SocketAddr, way: Way, body: &[u8]) -> std::io::Result<()> {
        let headers = [("Content-Type", "application/json")];
        let (host, target) = ("api2.amplitude.com", "/2/httpapi");
        let request = Request {
            method: "POST",
            host,
            target,
            headers: &headers,
            body,
        };
        match way {
            Way::Clear => request.through(gate),
            Way::Tunnel => request.through_tunnel(gate, &self.trust),
        }
        .map(|_| ())
    }
}

/// An event like no other; every eighth names a student.
fn event(caller: usize, number: u64) -> String {
    let who = if number.is_multiple_of(8) { STUDENT } else { "nobody" };
    format!(r#"{{"events":[{{"event_type":"level_done","insert_id":"{caller}-{number}","user_id":"{who}"}}]}}"#)
}

/// What the ledger says afterwards.
pub(crate) struct Record {
    pub(crate) intents: HashSet<Base64<16>>,
    /// Intents without an outcome: the messages may have left.
    open: usize,
    pub(crate) refusals: usize,
}

impl Record {
    pub(crate) fn of(place: &Place) -> Self {
        let (mut intents, mut open, mut refusals) = (HashSet::new(), HashSet::new(), 0);
        for deed in place.deeds() {
            match deed {
                Deed::Intent(message) => {
                    intents.insert(message.request);
                    open.insert(message.id);
                }
                Deed::Outcome(outcome) => {
                    open.remove(&outcome.id);
                }
                Deed::Refusal(_) => refusals += 1,
                _ => {}
            }
        }
        Self {
            intents,
            open: open.len(),
            refusals,
        }
    }
}

pub(crate) fn assert_all_recorded(received: &[Received], keys: &Keys, record: &Record) {
    let mut bodies = HashSet::new();
    for request in received {
        let body = String::from_utf8_lossy(&request.body);
        assert!(bodies.insert(&request.body), "arrived twice: {body}");
        let digest = request_digest(keys, &request.method, &request.target, &request.body);
        assert!(
            record.intents.contains(&digest),
            "arrived and is not in the ledger: {body}"
        );
        assert!(!body.contains(STUDENT), "arrived although it is to be refused: {body}");
    }
}
