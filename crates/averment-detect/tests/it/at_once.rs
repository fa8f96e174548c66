//! Thirty-two bombs at once, in a process of their own, so that its peak of resident memory is theirs.

use std::process::Command;

use averment_detect::{Limits, Message, UnreadableBecause, inspect};

use crate::files::zip;
use crate::people::directory;
use crate::wrap::{Wrap, wrapped};

const BOMBS: usize = 32;
/// Says to the child process that it is one.
const INSIDE: &str = "AVERMENT_BOMBS_INSIDE";

/// Resident memory, KiB: now (`VmRSS:`), or the most that there was since the process began (`VmHWM:`).
fn resident_kib(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Content encoding, content type, body.
fn bombs() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let blanks = vec![b' '; 24 << 20];
    let gzip = wrapped(&[Wrap::Gzip], &blanks);
    vec![
        ("gzip", "application/json", gzip.clone()),
        ("deflate", "text/plain", wrapped(&[Wrap::Deflate], &blanks)),
        ("br", "application/json", wrapped(&[Wrap::Brotli], &blanks)),
        ("zstd", "text/csv", wrapped(&[Wrap::Zstd], &blanks)),
        ("gzip, gzip", "text/plain", wrapped(&[Wrap::Gzip], &gzip)),
        ("", "application/zip", zip(&[("a", &blanks), ("b", &blanks)])),
        (
            "",
            "application/json",
            wrapped(&[Wrap::Gzip, Wrap::Base64, Wrap::Json], &blanks),
        ),
        ("", "application/json", b"[".repeat(1 << 20)),
    ]
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the child process is told by a variable that it is one"
)]
fn inside_the_child_process() {
    if std::env::var(INSIDE).is_err() {
        return;
    }
    let (bombs, directory) = (bombs(), directory());
    let before = resident_kib("VmRSS:");
    std::thread::scope(|scope| {
        for number in 0..BOMBS {
            let (coding, kind, body) = &bombs[number % bombs.len()];
            let directory = &directory;
            scope.spawn(move || {
                let headers: [(&str, &[u8]); 2] = [
                    ("content-encoding", coding.as_bytes()),
                    ("content-type", kind.as_bytes()),
                ];
                let message = Message {
                    authority: "sink.example",
                    target: "/",
                    headers: &headers,
                    body,
                };
                let reasons = inspect(&message, directory, &Limits::default()).unreadable;
                let refused = |because| matches!(because, UnreadableBecause::TooLarge | UnreadableBecause::TooDeep);
                assert!(reasons.iter().any(|note| refused(note.because)), "{coding} {kind}");
            });
        }
    });
    // The parent reads this line.
    std::fs::write(
        std::env::var(INSIDE).unwrap(),
        (resident_kib("VmHWM:") - before).to_string(),
    )
    .unwrap();
}

#[test]
fn thirty_two_bombs_at_once_take_less_than_64_mib_more() {
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
