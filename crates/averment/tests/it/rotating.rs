//! The ledger goes on in another log, under the same key or another, and says when no gate was watching.

use std::path::Path;

use averment_ledger::Deed;
use averment_store::{DataFolder, Journal, entries};

use crate::tamper::place_with_a_ledger;

#[test]
fn a_ledger_goes_on_in_new_logs_and_holds() {
    let place = place_with_a_ledger();
    let begun = place.run(&["ledger", "rotate"]).expect(0).stdout;
    assert!(begun.starts_with("log       0002, from entry "), "{begun}");
    let begun = place.run(&["ledger", "rotate", "--new-key"]).expect(0).stdout;
    assert!(begun.starts_with("log       0003, from entry "), "{begun}");
    assert!(place.path("averment-keys/ledger-until-0002.key").exists());
    assert!(!place.path("averment-keys/ledger-next.key").exists());
    let said = place.run(&["ledger", "verify"]).expect(0).stdout;
    assert!(said.starts_with("logs         3\n"), "{said}");
    let old_key = place.path("averment-data/ledger/0001/verifier").display().to_string();
    place.run(&["ledger", "verify", "--verifier", &old_key]).expect(0);
    assert_eq!(ended_by_known_programs(&place.path("averment-data")), [true, true]);
    let gaps = place.run(&["ledger", "gaps", "--format", "json"]).expect(0).stdout;
    let gaps: serde_json::Value = serde_json::from_str(&gaps).expect("JSON");
    let found = gaps["gaps"].as_array().expect("a list");
    assert_eq!(found.len(), 1, "{gaps}");
    assert_eq!(found[0]["kind"], "stopped");
    assert!(found[0]["until"].is_null(), "{gaps}");
    std::fs::remove_dir_all(place.path("averment-data/ledger/0003")).expect("a log");
    let said = place.run(&["ledger", "verify"]).expect(1).stdout;
    assert!(said.contains("`0003/verifier`"), "{said}");
}

/// Of each log that ended, whether it says first which program ended it.
fn ended_by_known_programs(data: &Path) -> Vec<bool> {
    let folder = DataFolder::open_read(data).expect("a folder");
    let entries: Vec<_> = entries(&folder, None)
        .expect("entries")
        .map(|numbered| numbered.expect("an entry").entry.deed)
        .collect();
    let ends = entries.windows(2).filter(|pair| matches!(pair[1], Deed::Ended(_)));
    ends.map(|pair| matches!(pair[0], Deed::Run(_))).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the program under test reads the clock")]
fn a_clock_that_ran_ahead_is_gone_on_with_when_somebody_vouches_for_it() {
    let place = place_with_a_ledger();
    let accept = [
        "ledger",
        "accept-clock",
        "--by",
        "operator on duty",
        "--because",
        "it ran ahead for an hour",
    ];
    let ran = place.run(&accept).expect(2);
    assert!(ran.stderr.contains("there is nothing to accept"), "{}", ran.stderr);
    let (data, keys) = (place.path("averment-data"), place.path("averment-keys"));
    let in_an_hour = || jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let charter = format!("sha256:{}", "0".repeat(64)).parse().expect("a digest");
    let (folder, keys) = DataFolder::open(&data, &keys).expect("folders");
    let (journal, _) = Journal::open(&folder, &keys, in_an_hour, charter).expect("a journal");
    journal.note(Deed::Unknown).expect("noted");
    journal.close().expect("closed");
    drop((journal, folder));
    let said = place.run(&accept).expect(0).stdout;
    assert!(said.contains("is right"), "{said}");
    let number = said.split([' ', ':']).find_map(|word| word.parse::<u64>().ok());
    let number = number.expect("a number").to_string();
    let shown = place.run(&["ledger", "show", &number]).expect(0).stdout;
    assert!(shown.contains("the operator on duty says that times up to"), "{shown}");
    place.run(&["ledger", "verify"]).expect(0);
    let ran = place.run(&accept).expect(2);
    assert!(ran.stderr.contains("there is nothing to accept"), "{}", ran.stderr);
}
