//! More callers than the gate can serve: it answers as fast as it can or says that it cannot, and never lets anything out
//! that is not in the ledger.
//!
//! `AVERMENT_OVERLOAD_SECONDS` makes it longer. Memory is looked at once callers have been served a few times, and not
//! before a fifth of that time: until then connections, threads and buffers are made that stay. What an ordinary run shows
//! of it in its few seconds is only that nothing runs away.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use averment_gate::Received;

use crate::crash::{Record, STUDENT, assert_all_recorded};
use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::{Request, Trust};
use crate::world::{Place, Served, from_environment};

/// How long callers send after the gate is warm, unless the environment says otherwise.
const SECONDS: u64 = 4;
/// Far more than there are processors, and each sends the next request as soon as it has an answer.
const CALLERS: usize = 96;
/// Answers for each caller until the gate is warm.
const WARM_ANSWERS: u64 = 8;
/// How much memory may grow once the gate is warm, in per cent, and what a short run may show besides.
const GROWTH_MAX_PERCENT: u64 = 10;
const GROWTH_FREE_KIB: u64 = 16 << 10;
/// Far fewer requests at once than there are callers.
const FEW_AT_ONCE: &str = "[limits]\nrequests_max = 6\nrecipient_requests_max = 6\n";

/// How callers were answered.
#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    refused: AtomicU64,
    shed: AtomicU64,
    lost: AtomicU64,
    /// The bodies that were turned away.
    shed_bodies: Mutex<HashSet<String>>,
}

/// What a run left behind.
struct Left {
    counts: Counts,
    received: Vec<Received>,
    record: Record,
    /// Resident memory in KiB: the most of it at the beginning, the least at the end.
    memory: (u64, u64),
}

#[test]
fn more_callers_than_it_can_serve_are_answered_and_recorded_and_memory_stays() {
    let left = overloaded("");
    println!("{}", left.told());
    let Left { counts, memory, .. } = &left;
    assert!(counts.of(&counts.sent) > 20 && counts.of(&counts.refused) > 2);
    let growth_max = memory.0 * GROWTH_MAX_PERCENT / 100 + GROWTH_FREE_KIB;
    assert!(
        memory.1 <= memory.0 + growth_max,
        "memory grew from {} to {} KiB",
        memory.0,
        memory.1
    );
}

#[test]
fn what_is_too_much_is_turned_away_and_never_arrives() {
    let left = overloaded(FEW_AT_ONCE);
    println!("{}", left.told());
    let Left { counts, received, .. } = left;
    assert!(counts.of(&counts.shed) > 20, "nothing was shed");
    assert!(counts.of(&counts.sent) > 20 && counts.of(&counts.refused) > 2);
    let shed = counts.shed_bodies.into_inner().unwrap_or_else(PoisonError::into_inner);
    let arrived = received.iter().map(|request| String::from_utf8_lossy(&request.body));
    let both: Vec<_> = arrived.filter(|body| shed.contains(&**body)).collect();
    assert!(both.is_empty(), "turned away and yet arrived: {both:?}");
}

/// Sends from all callers to a gate with these settings; asserts that what arrived is in the ledger and nobody else's.
fn overloaded(settings: &str) -> Left {
    let place = Place::new();
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = start(&place, &third_parties, settings);
    let (address, process) = (gate.gate(), gate.id());
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    let (counts, ended) = (Counts::default(), AtomicBool::new(false));
    let memory = std::thread::scope(|threads| {
        for caller in 0..CALLERS {
            let (trust, counts, ended) = (&trust, &counts, &ended);
            threads.spawn(move || {
                let mut number = 0;
                while !ended.load(Ordering::Relaxed) {
                    number += 1;
                    send(address, trust, counts, caller, number);
                }
            });
        }
        let _end = End(&ended);
        watch_memory(process, &counts)
    });
    assert_eq!(gate.stop(), 0);
    place.run(&["ledger", "verify"]).expect(0);
    let (received, record) = (third_parties.received(), Record::of(&place));
    let left = Left {
        counts,
        received,
        record,
        memory,
    };
    left.assert_all_recorded(&place);
    left
}

fn start(place: &Place, third_parties: &ThirdParties, settings: &str) -> Served {
    let file = place.path("settings.toml");
    std::fs::write(&file, settings).expect("a file for the settings");
    let file = file.display().to_string();
    let arguments = third_parties.upstream_of(place, &["gate", &example_register(), "--settings", &file]);
    place.serve(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Ends the load also when the test fails, so that the callers' threads can be joined.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Counts {
    fn of(&self, count: &AtomicU64) -> u64 {
        count.load(Ordering::Relaxed)
    }

    fn answers(&self) -> u64 {
        [&self.sent, &self.refused, &self.shed]
            .map(|count| self.of(count))
            .iter()
            .sum()
    }
}

impl Left {
    fn told(&self) -> String {
        let (counts, memory) = (&self.counts, self.memory);
        format!(
            "{} sent, {} refused, {} shed, {} without an answer; {} arrived; memory {} to {} KiB",
            counts.of(&counts.sent),
            counts.of(&counts.refused),
            counts.of(&counts.shed),
            counts.of(&counts.lost),
            self.received.len(),
            memory.0,
            memory.1
        )
    }

    fn assert_all_recorded(&self, place: &Place) {
        let counts = &self.counts;
        assert_all_recorded(&self.received, &place.keys(), &self.record);
        let (arrived, refusals) = (self.received.len() as u64, self.record.refusals as u64);
        assert!(arrived >= counts.of(&counts.sent), "answered and never arrived");
        assert!(refusals >= counts.of(&counts.refused), "refused and not in the ledger");
    }
}

fn send(gate: std::net::SocketAddr, trust: &Trust, counts: &Counts, caller: usize, number: u64) {
    let who = if number.is_multiple_of(8) { STUDENT } else { "nobody" };
    let body =
        format!(r#"{{"events":[{{"event_type":"level_done","insert_id":"{caller}-{number}","user_id":"{who}"}}]}}"#);
    let request = Request {
        method: "POST",
        host: "api2.amplitude.com",
        target: "/2/httpapi",
        headers: &[("Content-Type", "application/json")],
        body: body.as_bytes(),
    };
    let answer = if caller.is_multiple_of(4) {
        request.through_tunnel(gate, trust)
    } else {
        request.through(gate)
    };
    let status = answer.map_or(0, |answer| answer.status());
    assert!(who == "nobody" || status != 200, "a student's address was let out");
    let count = match status {
        200 => &counts.sent,
        403 => &counts.refused,
        503 => &counts.shed,
        _ => &counts.lost,
    };
    count.fetch_add(1, Ordering::Relaxed);
    if status == 503 {
        let mut shed = counts.shed_bodies.lock().unwrap_or_else(PoisonError::into_inner);
        shed.insert(body);
    }
}

/// Resident memory in KiB once the gate is warm: the most of it in the first third of the time and the least in the last.
/// From one moment to the next it swings by a tenth and more, because the allocator gives back late and in large pieces.
fn watch_memory(process: u32, counts: &Counts) -> (u64, u64) {
    let next = || {
        std::thread::sleep(Duration::from_millis(100));
        resident_kib(process)
    };
    let time = Duration::from_secs(from_environment("AVERMENT_OVERLOAD_SECONDS", SECONDS));
    let begun = Instant::now();
    while counts.answers() < CALLERS as u64 * WARM_ANSWERS || begun.elapsed() < time / 5 {
        next();
    }
    let (begun, mut seen) = (Instant::now(), vec![next()]);
    while begun.elapsed() < time {
        seen.push(next());
    }
    let third = seen.len().div_ceil(3);
    let first = seen[..third].iter().max().copied().unwrap_or_default();
    let last = seen[seen.len() - third..].iter().min().copied().unwrap_or_default();
    (first, last)
}

/// `VmRSS` of proc(5).
fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the gate runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
    number.expect("a size")
}
