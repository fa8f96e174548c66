//! Killed at any moment: whatever was acknowledged is in the log, the log holds, and the journal opens again.
//!
//! The child is this test binary, told by a variable of the environment to run [`child`] only.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use averment_ledger::Deed;
use averment_store::{DataFolder, Journal, JournalError, entries, verify};

use crate::fixture::*;

const FOLDER: &str = "AVERMENT_TEST_CRASH_FOLDER";
/// How many times the child is killed, instead of [`KILLS`].
const POINTS: &str = "AVERMENT_CRASH_POINTS";
const KILLS: u64 = 30;
/// Entries between two logs: kills come while logs begin, too.
const ENTRIES_PER_LOG: u64 = 40;

/// Not a test of its own: without the variable it does nothing. With it, appends under load until it is killed or the
/// disk fails, and prints each identifier once it was acknowledged.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    let dir = Path::new(&dir);
    let (folder, keys) = DataFolder::open(&dir.join("averment-data"), &dir.join("averment-keys")).unwrap();
    let (journal, _) = Journal::open(&folder, &keys, noon, charter().digest()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| runtime.spawn(append_until_the_disk_fails(journal.clone())))
        .collect();
    runtime.spawn(begin_logs(journal));
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
}

async fn begin_logs(journal: Journal) {
    let mut next = ENTRIES_PER_LOG / 8;
    loop {
        tokio::task::yield_now().await;
        if journal.stats().entries > next {
            next += ENTRIES_PER_LOG;
            if journal.begin_log().await.is_err() {
                return;
            }
        }
    }
}

async fn append_until_the_disk_fails(journal: Journal) {
    let (inspection, snapshot) = (inspection(vec![finding("contact.email", 3)]), snapshot());
    loop {
        match journal
            .intent(permit(&inspection), &record(&inspection, &snapshot))
            .await
        {
            Ok(cleared) => println!("\n{}", cleared.id()),
            Err(JournalError::Write(_)) => return println!("\nrefused"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn is_id(line: &str) -> bool {
    line.len() == 32 && line.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The identifiers of the intents in the log, after opening it again.
fn reopened(home: &Home) -> BTreeSet<String> {
    let (journal, recovery, folder, keys) = home.journal();
    journal.close().unwrap();
    let audit = verify(&folder, Some(keys.verifier())).unwrap();
    assert!(audit.holds() && audit.tail.is_none(), "{audit:?}");
    assert_eq!(audit.entries(), recovery.entries);
    let read = entries(&folder, Some(keys.verifier()))
        .unwrap()
        .map(|entry| entry.unwrap().entry.deed);
    read.filter_map(|deed| {
        if let Deed::Intent(message) = deed {
            Some(message.id)
        } else {
            None
        }
    })
    .collect()
}

#[test]
fn kills_lose_nothing_that_was_acknowledged() {
    let (mut home, mut acknowledged, mut total) = (Home::new(), BTreeSet::new(), 0);
    let points = std::env::var_os(POINTS).map(|points| points.into_string().unwrap().parse().unwrap());
    let points = points.unwrap_or(KILLS);
    let mut logs = 0;
    for round in 0..points {
        if round % KILLS == 0 {
            // A ledger is read whole after every kill: one that only grows would take all the time.
            total += acknowledged.len();
            (home, acknowledged) = (Home::new(), BTreeSet::new());
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--nocapture"])
            .env(FOLDER, home.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        acknowledged.extend(lines.by_ref().find(|line| is_id(line)));
        // The moment moves through the microseconds of a group: sign, write, sync, rename, answer.
        std::thread::sleep(Duration::from_micros(round * 7_919 % 20_011));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.filter(|line| is_id(line)));
        let logged = reopened(&home);
        assert!(
            acknowledged.is_subset(&logged),
            "round {round}: {:?}",
            acknowledged.difference(&logged)
        );
        let (folder, _) = home.open();
        logs = logs.max(folder.logs().unwrap().len());
        if round % 100 == 99 {
            let total = total + acknowledged.len();
            println!(
                "{} kills: {total} acknowledged, up to {logs} logs, 0 missing",
                round + 1
            );
        }
    }
    assert!(logs > 1, "no log was begun");
    total += acknowledged.len();
    assert!(total > 100, "{total} acknowledged: too few to show anything");
}

#[test]
fn a_full_disk_refuses_and_keeps_what_was_acknowledged() {
    let home = Home::new();
    // 64 blocks of 512 bytes is what a file may have; a write beyond them fails instead of ending the child.
    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact crash::child --nocapture";
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, home.dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let acknowledged: BTreeSet<String> = text.lines().filter(|line| is_id(line)).map(str::to_owned).collect();
    assert_eq!(
        text.lines().filter(|line| *line == "refused").count(),
        8,
        "every writer is told: {text}"
    );
    assert!(!acknowledged.is_empty());
    let logged = reopened(&home);
    assert!(acknowledged.is_subset(&logged));
}
