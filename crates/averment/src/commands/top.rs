//! `averment top`: who gets how much, how fast, and what is decided, as a table in the terminal.
//!
//! Start at [`run`]. The numbers come from the admin address of a running gate, or are counted from its ledger.

mod counts;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use averment_store::{DataFolder, entries};

use crate::cli::TopArgs;
use crate::outcome::{Failure, Outcome};
use counts::{Counts, Row};

/// The gate answers at once, or not at all.
const PATIENCE: Duration = Duration::from_secs(5);
/// Moves to the upper left and clears; what terminals have understood since the VT100.
const CLEAR: &str = "\x1b[H\x1b[2J";

pub(crate) fn run(arguments: &TopArgs) -> Result<Outcome, Failure> {
    let mut before: Option<(Instant, Counts)> = None;
    loop {
        let now = (Instant::now(), counts(arguments)?);
        if !arguments.once {
            anstream::print!("{CLEAR}");
        }
        print(&now.1, before.as_ref().map(|(at, counts)| (now.0 - *at, counts)));
        if arguments.once {
            return Ok(Outcome::Holds);
        }
        before = Some(now);
        std::thread::sleep(Duration::from_secs(arguments.every));
    }
}

fn counts(arguments: &TopArgs) -> Result<Counts, Failure> {
    match &arguments.data {
        Some(data) => from_ledger(data),
        None => from_gate(arguments.admin),
    }
}

fn from_gate(address: SocketAddr) -> Result<Counts, Failure> {
    let answer = get(address, "/metrics").map_err(|error| {
        Failure::new(format!("no gate answers at the admin address `{address}`"))
            .because(error)
            .hint("set `listen` under `[admin]` in the gate's settings, and name it with `--admin ADDRESS`")
    })?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    if head.split(' ').nth(1) != Some("200") {
        return Err(Failure::new(format!("`{address}` is not the admin address of a gate")));
    }
    Ok(Counts::from_metrics(body))
}

fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Signatures are checked against the ledger's own key only; `averment ledger verify` is the command that proves.
fn from_ledger(data: &Path) -> Result<Counts, Failure> {
    let folder = DataFolder::open_read(data)?;
    let mut counts = Counts::default();
    for numbered in entries(&folder, None)? {
        counts.take(&numbered?.entry.deed);
    }
    Ok(counts)
}

fn print(now: &Counts, before: Option<(Duration, &Counts)>) {
    let (state, people) = (&now.state, now.people);
    if let Some(state) = state {
        anstream::println!(
            "gate {state}, {people} people, {} tunnels ({} failed), {} problems",
            now.tunnels,
            now.failed,
            now.problems
        );
    }
    let heads = ["per s", "messages", "left", "changed", "refused", "would", "unread"];
    anstream::print!("{:<18}", "recipient");
    for head in heads {
        anstream::print!("{head:>8}");
    }
    anstream::println!("");
    for (name, row) in &now.rows {
        let rate = before.map(|(time, before)| row.rate(before.rows.get(name), time));
        anstream::println!("{}", line(name, row, rate));
    }
    anstream::println!("");
    if now.rows.values().any(|row| row.count() > 0) {
        anstream::println!("{:<18}{:>10}{:>10}", "time to answer", "p50 ms", "p99 ms");
    }
    for (name, row) in now.rows.iter().filter(|(_, row)| row.count() > 0) {
        anstream::println!("{:<18}{:>10}{:>10}", short(name), row.quantile(0.5), row.quantile(0.99));
    }
}

fn line(name: &str, row: &Row, rate: Option<f64>) -> String {
    let rate = rate.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"));
    let numbers = [
        row.messages,
        row.left,
        row.changed,
        row.refused,
        row.would_refuse,
        row.unreadable,
    ];
    numbers
        .iter()
        .fold(format!("{:<18}{rate:>8}", short(name)), |line, number| {
            format!("{line}{number:>8}")
        })
}

/// At most 17 characters.
fn short(name: &str) -> String {
    match name.char_indices().nth(17) {
        Some(_) => name.chars().take(16).chain(['…']).collect(),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
