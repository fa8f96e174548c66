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

/// Left alone unless somebody asks, kept aside then, and on record.
#[test]
fn a_tile_that_was_changed_is_repaired_when_asked_and_never_unseen() {
    let place = Place::new();
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&place, &example_register());
    let tiles = place.path("averment-data/ledger/0001/tiles");
    while !tiles.join("checkpoint").exists() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let held = place.run(&["ledger", "verify", "--repair"]).expect(2);
    assert!(held.stderr.contains("stop the gate for a moment"), "{}", held.stderr);
    assert_eq!(gate.stop(), 0);

    let partial = std::fs::read_dir(tiles.join("tile/0/000.p")).expect("partial tiles");
    let names: Vec<String> = partial
        .map(|file| format!("000.p/{}", file.expect("a file").file_name().to_string_lossy()))
        .collect();
    // Whichever the published checkpoint needs is among them.
    let whole: Vec<Vec<u8>> = names
        .iter()
        .map(|name| std::fs::read(tiles.join("tile/0").join(name)).expect("a tile"))
        .collect();
    for name in &names {
        std::fs::write(tiles.join("tile/0").join(name), b"anything").expect("a tile");
    }
    place.run(&["ledger", "verify"]).expect(0);
    assert!(repairs(&place).is_empty());
    let said = place.run(&["ledger", "verify", "--repair"]).expect(0).stdout;
    assert!(
        said.contains("made anew") && said.contains("recorded as entry"),
        "{said}"
    );
    let repairs = repairs(&place);
    let [repair] = &repairs[..] else { panic!("{repairs:?}") };
    assert_eq!((repair.what.as_str(), repair.log), ("tiles", 1));
    for (name, sha256) in &repair.put_aside {
        let aside = std::fs::read(place.path("averment-data/ledger/0001/aside").join(name)).expect("what stood there");
        assert_eq!(averment_register::Digest::of(&aside).bytes(), sha256.0);
        let at = names
            .iter()
            .position(|own| name.ends_with(own.as_str()))
            .expect("one of them");
        assert_eq!(std::fs::read(tiles.join(name)).expect("a tile"), whole[at]);
    }
    let again = place.run(&["ledger", "verify", "--repair"]).expect(0).stdout;
    assert!(again.contains("nothing to repair"), "{again}");
    let entry = said.split("recorded as entry ").nth(1).expect("a number");
    let shown = place
        .run(&["ledger", "show", entry.trim().trim_end_matches('.')])
        .expect(0)
        .stdout;
    assert!(shown.contains("were not what the log says"), "{shown}");

    // Where the ledger itself does not hold nobody knows what its tiles should be.
    let log = place.path("averment-data/ledger/0001/log");
    let text = std::fs::read_to_string(&log).expect("a log");
    std::fs::write(&log, text.replacen("\"kind\":\"watch\"", "\"kind\":\"match\"", 1)).expect("a log");
    let broken = place.run(&["ledger", "verify", "--repair"]).expect(1).stdout;
    assert!(broken.contains("left as they are"), "{broken}");
}

fn repairs(place: &Place) -> Vec<averment_ledger::Repair> {
    let deeds = place.deeds().into_iter();
    deeds
        .filter_map(|deed| match deed {
            averment_ledger::Deed::Repair(repair) => Some(repair),
            _ => None,
        })
        .collect()
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
