//! One flipped bit anywhere in the ledger folder, and `averment ledger verify` says where.

use std::path::{Path, PathBuf};

use crate::dice::Dice;
use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::Request;
use crate::world::Place;

/// Bytes tried per file, besides the first and the last.
const POSITIONS: u64 = 60;

#[test]
fn verify_names_the_file_and_the_line_of_any_flipped_bit() {
    let place = place_with_a_ledger();
    let mut dice = Dice::new(0x5eed_0003);
    let files = ledger_files(&place);
    let names: Vec<_> = files.iter().map(|file| name_of(file)).collect();
    assert_eq!(names, ["checkpoint", "log", "verifier"]);
    for file in &files {
        let kept = std::fs::read(file).expect("a ledger file");
        for position in positions(kept.len(), &mut dice) {
            let mask = 1 << dice.between(0, 8);
            let mut flipped = kept.clone();
            flipped[position] ^= mask;
            std::fs::write(file, &flipped).expect("the file can be written");
            assert_found(&place, file, &kept, position);
        }
        std::fs::write(file, &kept).expect("the file can be written");
    }
    place.run(&["ledger", "verify"]).expect(0);
}

/// A ledger of requests that passed, were refused and were unreadable, closed in order.
pub(crate) fn place_with_a_ledger() -> Place {
    let place = Place::new();
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&place, &example_register());
    let address = gate.gate();
    let bodies = [
        r#"{"events":[{}]}"#,
        r#"{"user_id":"maya.lindqvist@birch.example"}"#,
        "{not JSON",
    ];
    for body in bodies.iter().cycle().take(12) {
        let request = Request {
            method: "POST",
            host: "api2.amplitude.com",
            target: "/2/httpapi",
            headers: &[("Content-Type", "application/json")],
            body: body.as_bytes(),
        };
        request.through(address).expect("the gate answers");
    }
    assert_eq!(gate.stop(), 0);
    place.run(&["ledger", "verify"]).expect(0);
    place
}

fn ledger_files(place: &Place) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.path("averment-data/ledger/0001")).expect("a ledger");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder entry").path()).collect();
    // The tiles are made from the log, and held against it by whoever writes more of them.
    files.retain(|file| file.is_file());
    files.sort();
    files
}

fn positions(bytes: usize, dice: &mut Dice) -> Vec<usize> {
    let last = bytes - 1;
    let random = (0..POSITIONS).map(|_| dice.between(0, bytes as u64) as usize);
    [0, last].into_iter().chain(random).collect()
}

/// The file is named, and in the log the line that holds the byte.
fn assert_found(place: &Place, file: &Path, kept: &[u8], position: usize) {
    let said = place.run(&["ledger", "verify"]).expect(1).stdout;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name_of(file);
    let expected = if name == "log" {
        place_in(&name, kept, position)
    } else {
        format!("`0001/{name}` line ")
    };
    assert!(
        said.contains(&expected),
        "byte {position} of `{name}`: expected {expected} in: {said}"
    );
}

/// As `verify` names the line that holds a byte.
fn place_in(name: &str, kept: &[u8], position: usize) -> String {
    let before = &kept[..position];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    format!("`0001/{name}` line {line}, byte {start}:")
}

fn name_of(file: &Path) -> String {
    file.file_name().expect("a file").to_string_lossy().into_owned()
}
