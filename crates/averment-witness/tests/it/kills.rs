//! Killed at any moment, a witness never signs two histories: what it answered is what it goes on from.
//!
//! The child is this test binary, told by a variable of the environment to run [`child`] only.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::log::*;

const FOLDER: &str = "AVERMENT_TEST_WITNESS_FOLDER";

/// Not a test of its own: without the variable it does nothing. With it, serves until it is killed.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    let (data, keys) = (PathBuf::from(&dir).join("data"), PathBuf::from(&dir).join("keys"));
    let key = averment_witness::open_key(&keys, &data, Some("witness.example")).unwrap();
    let logs = vec![log_key().verifier().clone()];
    let keeper = averment_witness::Keeper::open(&data, key, logs).unwrap();
    let (address, _stop) = start(keeper).await;
    println!("\naddress {address}");
    std::io::stdout().flush().unwrap();
    std::future::pending::<()>().await;
}

fn spawn(home: &Home) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::child", "--nocapture"])
        .env(FOLDER, home.dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address = lines.find_map(|line| line.strip_prefix("address ").map(str::to_owned));
    (child, address.unwrap().parse().unwrap())
}

#[test]
fn twenty_kills_lead_to_no_second_history() {
    let home = Home::new();
    // What was answered with a signature.
    let (mut signed, mut fork) = (leaves(0, 0), 1);
    for round in 0..20_u64 {
        let (mut child, address) = spawn(&home);
        // A witness that had forgotten the last signature would take this one, which parts from it at its last entry.
        if let Some(last) = signed.len().checked_sub(1) {
            let mut other = signed[..last].to_vec();
            other.extend(
                leaves(last + 3, 0)[last..]
                    .iter()
                    .map(|hash| averment_ledger::node_hash(hash, hash)),
            );
            for old in 0..=signed.len() {
                let (status, _) = submit(address, &request(old, &other)).unwrap();
                assert!(
                    status == 409 || status == 422,
                    "round {round}: {status} from {old} of {}",
                    signed.len()
                );
            }
        }
        // The moment moves through the microseconds of a request: read, check, write, sync, rename, answer.
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(2_000 + round * 1_919 % 9_001));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        fork += 1000;
        let mut next = signed.clone();
        loop {
            next.push(averment_ledger::leaf_hash(format!("{fork} {}", next.len()).as_bytes()));
            match submit(address, &request(signed.len(), &next)) {
                Some((200, _)) => signed.clone_from(&next),
                Some((status, body)) => panic!("round {round}: {status} {body}"),
                None => break,
            }
        }
        killer.join().unwrap();
        // What it kept without saying so is the same history, one entry further at most.
        let now = kept_size(&home);
        assert!(
            now == signed.len() || now == signed.len() + 1,
            "round {round}: {now}, {}",
            signed.len()
        );
        if now > signed.len() {
            assert_eq!(next.len(), now);
            signed = next;
        }
    }
    assert!(signed.len() > 20, "{} signed", signed.len());
}

fn kept_size(home: &Home) -> usize {
    let note = kept_note(home);
    note.map_or(0, |note| note.lines().nth(1).unwrap().parse().unwrap())
}

fn kept_note(home: &Home) -> Option<String> {
    let files = std::fs::read_dir(home.data().join("signed")).unwrap();
    let mut names = files.map(|file| file.unwrap().path());
    let note = names.find(|path| path.extension().is_none())?;
    Some(std::fs::read_to_string(note).unwrap())
}
