//! How fast are `inspect` and `rewrite`, how far from the floor, and what does an identifier cost?
//! `cargo bench -p averment-detect --bench inspect [-- <part of a body's name or number of identifiers> …]`.
//!
//! Per directory and kind of body one line: megabytes per second of CPU time of this thread, user and system together, as
//! `/proc/thread-self/schedstat` counts it; and the same for the floor, which is what any exact matcher must do: cut the
//! body into runs of letters and digits, hash each under a key (SipHash-1-3), probe one hash set of as many entries. Each
//! kind is 64 MB in bodies of 64 KB, made up from a seed. Rounds of all deeds alternate and the medians are printed, so
//! that ratios hold on a busy machine; the absolute figures do not. `rewrite` is with nothing to replace, and `beyond` what
//! it costs more than looking alone. The last lines say what is left of the speed when the directory grows.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

mod bodies;
mod clock;
mod floor;
mod people;
mod random;

use std::hint::black_box;

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, inspect, rewrite};

use bodies::{Bodies, Kind};
use clock::medians;
use floor::floor;
use people::{People, people};

const IDENTIFIERS: [usize; 3] = [100_000, 1_000_000, 10_000_000];

#[expect(clippy::disallowed_methods, reason = "a benchmark is a binary")]
fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let (counts, names): (Vec<&String>, Vec<&String>) = wanted.iter().partition(|word| word.parse::<usize>().is_ok());
    let is_wanted = |name: &str| names.is_empty() || names.iter().any(|word| name.contains(word.as_str()));
    let is_counted = |count: &usize| counts.is_empty() || counts.contains(&&count.to_string());
    println!(
        "{:<12} {:>11} {:>9} {:>9} {:>7} {:>9} {:>9} {:>9}",
        "body", "identifiers", "inspect", "floor", "ratio", "rewrite", "beyond", "findings"
    );
    let mut speeds = Vec::new();
    for count in IDENTIFIERS.into_iter().filter(is_counted) {
        let people = people(count);
        for kind in Kind::ALL.into_iter().filter(|kind| is_wanted(kind.name())) {
            speeds.push((kind, count, measure(&Bodies::new(kind, &people.known), &people)));
        }
        println!(
            "{:<12} {count:>11} {:.2} bytes per identifier beside {} people's roles",
            "resident",
            people.directory.index_bytes() as f64 / count as f64,
            people.directory.people()
        );
    }
    for (kind, least, before) in speeds.iter().filter(|(_, count, _)| *count == IDENTIFIERS[0]) {
        for (_, count, speed) in speeds.iter().filter(|(of, count, _)| of == kind && count > least) {
            println!("{:<12} {count} : {least} {:.2}", kind.name(), speed / before);
        }
    }
}

/// Megabytes per CPU-second of looking.
fn measure(bodies: &Bodies, people: &People) -> f64 {
    let looked = || bodies.all.iter().map(|body| look(bodies.kind, body, people)).sum();
    let [look, rewritten, least] = medians([
        &looked,
        &|| bodies.all.iter().map(|body| rewritten(bodies.kind, body, people)).sum(),
        &|| bodies.all.iter().map(|body| floor(body, &people.hashes)).sum(),
    ]);
    let speed = |ns: f64| bodies.bytes() as f64 * 1e3 / ns;
    println!(
        "{:<12} {:>11} {:>9.0} {:>9.0} {:>7.2} {:>9.0} {:>9} {:>9}",
        bodies.kind.name(),
        people.directory.identifiers(),
        speed(look),
        speed(least),
        least / look,
        speed(rewritten),
        beyond(speed(rewritten - look)),
        looked()
    );
    speed(look)
}

/// What is less than the noise of the clock has no speed.
fn beyond(speed: f64) -> String {
    if speed > 0.0 && speed < 20_000.0 {
        format!("{speed:.0}")
    } else {
        "> 20000".to_owned()
    }
}

fn look(kind: Kind, body: &[u8], people: &People) -> u64 {
    with_message(kind, body, |message| {
        inspect(message, &people.directory, &Limits::default()).findings.len() as u64
    })
}

fn rewritten(kind: Kind, body: &[u8], people: &People) -> u64 {
    let key = ReplacementKey {
        key: &[3; 32],
        recipient: "analytics",
    };
    with_message(kind, body, |message| {
        let out = rewrite(message, &people.directory, &Limits::default(), &key, &|_| {
            Treatment::Pass
        });
        black_box(out.map_or(0, |out| out.body.len() as u64))
    })
}

fn with_message(kind: Kind, body: &[u8], deed: impl Fn(&Message<'_>) -> u64) -> u64 {
    let headers: [(&str, &[u8]); 1] = [("content-type", kind.content_type().as_bytes())];
    deed(&Message {
        authority: "analytics.example",
        target: "/2/httpapi",
        headers: &headers,
        body,
    })
}
