//! More callers than the gate can serve: it answers as fast as it can or says that it cannot, and never lets anything out
//! that is not in the ledger.
//!
//! `AVERMENT_OVERLOAD_SECONDS` makes it longer. Memory is looked at from the first fifth of the time on; what an ordinary
//! run shows of that in its few seconds is only that nothing runs away.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::crash::{Record, STUDENT, assert_all_recorded};
use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::{Request, Trust};
use crate::world::{Place, from_environment};

/// How long callers send, unless the environment says otherwise.
const SECONDS: u64 = 4;
/// Far more than there are processors, and each sends the next request as soon as it has an answer.
const CALLERS: usize = 96;
/// How much memory may grow after the first fifth of the time, in per cent, and what a short run may show besides.
const GROWTH_MAX_PERCENT: u64 = 10;
const GROWTH_FREE_KIB: u64 = 16 << 10;

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    refused: AtomicU64,
    shed: AtomicU64,
    lost: AtomicU64,
}

#[test]
fn overload_sheds_and_never_passes() {
    let place = Place::new();
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&place, &example_register());
    let address = gate.gate();
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    let time = Duration::from_secs(from_environment("AVERMENT_OVERLOAD_SECONDS", SECONDS));
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
        let memory = watch_memory(gate.id(), time);
        ended.store(true, Ordering::Relaxed);
        memory
    });
    assert_eq!(gate.stop(), 0);
    place.run(&["ledger", "verify"]).expect(0);
    let (received, record) = (third_parties.received(), Record::of(&place));
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{} sent, {} refused, {} shed, {} without an answer; {} arrived; memory {} to {} KiB",
        count(&counts.sent),
        count(&counts.refused),
        count(&counts.shed),
        count(&counts.lost),
        received.len(),
        memory.0,
        memory.1
    );
    assert_all_recorded(&received, &place.keys(), &record);
    assert!(
        received.len() as u64 >= count(&counts.sent),
        "answered and never arrived"
    );
    assert!(
        record.refusals as u64 >= count(&counts.refused),
        "refused and not in the ledger"
    );
    assert!(count(&counts.sent) > 20 && count(&counts.refused) > 2);
    let growth_max = memory.0 * GROWTH_MAX_PERCENT / 100 + GROWTH_FREE_KIB;
    assert!(
        memory.1 <= memory.0 + growth_max,
        "memory grew from {} to {} KiB",
        memory.0,
        memory.1
    );
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
}

/// Resident memory after a fifth of `time`, and the most of it afterwards, in KiB.
fn watch_memory(process: u32, time: Duration) -> (u64, u64) {
    let begun = Instant::now();
    std::thread::sleep(time / 5);
    let first = resident_kib(process);
    let mut most = first;
    while begun.elapsed() < time {
        std::thread::sleep(Duration::from_millis(200));
        most = most.max(resident_kib(process));
    }
    (first, most)
}

/// `VmRSS` of proc(5).
fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the gate runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
    number.expect("a size")
}
