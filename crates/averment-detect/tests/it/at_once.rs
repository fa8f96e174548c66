//! All bombs at once, in a process of their own, so that its peak of resident memory is theirs.

use std::process::Command;

use averment_detect::{Limits, Message, inspect};

use crate::explosives::bombs;
use crate::people::directory;

const BODY_BYTES: usize = 64 << 10;
const DECODED_BYTES: usize = 66 << 20;
/// Says to the child process that it is one.
const INSIDE: &str = "AVERMENT_BOMBS_INSIDE";
/// Resident memory, KiB: now (`VmRSS:`), or the most that there was since the process began (`VmHWM:`).
fn resident_kib(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the child process is told by a variable that it is one"
)]
fn inside_the_child_process() {
    let Ok(report) = std::env::var(INSIDE) else {
        return;
    };
    let (bombs, directory) = (bombs(BODY_BYTES, DECODED_BYTES), directory());
    assert!(bombs.iter().filter(|bomb| !is_only_much(bomb.name)).count() >= 32);
    let before = resident_kib("VmRSS:");
    // What was made on the way to the bombs is gone; only what comes now counts.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    std::thread::scope(|scope| {
        for bomb in &bombs {
            let directory = &directory;
            scope.spawn(move || {
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
                let unreadable = inspect(&message, directory, &Limits::default()).unreadable;
                assert_eq!(unreadable.is_empty(), is_only_much(bomb.name), "{}", bomb.name);
            });
        }
    });
    // The parent reads this line.
    std::fs::write(report, (resident_kib("VmHWM:") - before).to_string()).unwrap();
}

/// What is within every limit at this size: work, and no bomb.
fn is_only_much(name: &str) -> bool {
    [
        "JSON in strings of JSON",
        "accents on one letter",
        "addresses",
        "attributes of one element",
        "backslashes",
        "base64 of base64 letters",
        "cells",
        "digits in twos",
        "elements of XML",
        "empty gRPC messages",
        "encoded words",
        "gzip of 200,000 empty members",
        "hexadecimal digits",
        "letters of UTF-16",
        "lines of JSON",
        "lines of an event stream",
        "names",
        "one address",
        "one number of JSON",
        "open angle brackets",
        "parts",
        "percent encoding of percent signs",
        "quotes in a cell",
        "short values of JSON",
        "signs for at",
        "words in base64",
    ]
    .contains(&name)
}

#[test]
fn more_than_thirty_two_bombs_at_once_take_less_than_64_mib_more() {
    let report = std::env::temp_dir().join(format!("averment-bombs-{}", std::process::id()));
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "at_once::inside_the_child_process"])
        .env(INSIDE, &report)
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let more: u64 = std::fs::read_to_string(&report).unwrap().parse().unwrap();
    std::fs::remove_file(&report).unwrap();
    assert!(more < 64 << 10, "{more} KiB more");
}
