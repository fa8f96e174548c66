//! How long does a bomb hold a processor, and how much memory? `cargo bench -p averment-detect --bench bombs [-- <part of a name>]`.
//!
//! One line a bomb: CPU time of one look in milliseconds, the most resident memory that it added, what became of it. Then
//! those that are refused in as many threads, then all. Promised are two seconds each, and 64 MiB together for those that
//! are refused; what is read is no bomb, and how many messages there are at once is the gate's to say. Bodies that are not
//! compressed are nearly as large as the limit for bodies, what is compressed comes to more than the limit for what is
//! decoded.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table and stops at the first fault"
)]
#![expect(dead_code, reason = "the encoders are those of the tests")]

#[path = "../../tests/it/explosives.rs"]
mod explosives;
#[path = "../../tests/it/pack.rs"]
mod pack;
#[path = "../../tests/it/wrap.rs"]
mod wrap;

use averment_detect::{Directory, DirectoryKey, Inspection, Limits, Message, inspect};

use explosives::{Bomb, bombs};

const BODY_BYTES: usize = (8 << 20) - (64 << 10);
const DECODED_BYTES: usize = 80 << 20;

#[expect(clippy::disallowed_methods, reason = "a benchmark is a binary")]
fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let is_wanted = |bomb: &Bomb| wanted.is_empty() || wanted.iter().any(|word| bomb.name.contains(word.as_str()));
    let bombs: Vec<Bomb> = bombs(BODY_BYTES, DECODED_BYTES).into_iter().filter(is_wanted).collect();
    let directory = Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []);
    println!(
        "{:<42} {:>10} {:>8} {:>8}  outcome",
        "bomb", "bytes", "CPU ms", "MiB more"
    );
    let mut refused = Vec::new();
    for bomb in &bombs {
        let (before, start) = (forget_peak(), cpu_ns());
        let inspection = look(bomb, &directory);
        let (ns, more) = (cpu_ns() - start, resident_kib("VmHWM:").saturating_sub(before));
        println!(
            "{:<42} {:>10} {:>8} {:>8}  {}",
            bomb.name,
            bomb.body.len(),
            ns / 1_000_000,
            more >> 10,
            outcome(&inspection)
        );
        if !inspection.unreadable.is_empty() {
            refused.push(bomb);
        }
    }
    println!(
        "{} refused at once: {} MiB more",
        refused.len(),
        at_once(&refused, &directory)
    );
    let all: Vec<&Bomb> = bombs.iter().collect();
    println!("{} at once: {} MiB more", all.len(), at_once(&all, &directory));
}

/// MiB that one look at each adds, all in threads of their own.
fn at_once(bombs: &[&Bomb], directory: &Directory) -> u64 {
    let before = forget_peak();
    std::thread::scope(|scope| {
        for bomb in bombs {
            scope.spawn(|| look(bomb, directory));
        }
    });
    resident_kib("VmHWM:").saturating_sub(before) >> 10
}

fn look(bomb: &Bomb, directory: &Directory) -> Inspection {
    let headers: [(&str, &[u8]); 3] = [
        ("content-encoding", bomb.coding.as_bytes()),
        ("content-type", bomb.kind.as_bytes()),
        ("grpc-encoding", b"gzip"),
    ];
    let message = Message {
        authority: "sink.example",
        target: "/",
        headers: &headers,
        body: &bomb.body,
    };
    inspect(&message, directory, &Limits::default())
}

fn outcome(inspection: &Inspection) -> String {
    match inspection.unreadable.first() {
        Some(note) => format!("refused: {}", note.because.as_str()),
        None => format!("read, {} findings", inspection.findings.len()),
    }
}

/// Resident memory now, KiB, and the peak begins from here.
fn forget_peak() -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    resident_kib("VmRSS:")
}

fn resident_kib(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

fn cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}
