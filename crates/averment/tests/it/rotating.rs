//! The ledger goes on in another log, under the same key or another, and says when no gate was watching.

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
    let gaps = place.run(&["ledger", "gaps", "--format", "json"]).expect(0).stdout;
    let gaps: serde_json::Value = serde_json::from_str(&gaps).expect("JSON");
    let found = gaps["gaps"].as_array().expect("a list");
    assert_eq!(found.len(), 1, "{gaps}");
    assert_eq!(
        (&found[0]["kind"], &found[0]["until"]),
        (&"stopped".into(), &serde_json::Value::Null)
    );
    std::fs::remove_dir_all(place.path("averment-data/ledger/0003")).expect("a log");
    let said = place.run(&["ledger", "verify"]).expect(1).stdout;
    assert!(said.contains("`0003/verifier`"), "{said}");
}
