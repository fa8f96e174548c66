//! What is remembered of a claim's past.

use averment_claims::History;
use averment_ledger::{Deed, ENTRY_VERSION, Entry, GradeChange};
use jiff::SignedDuration;

use crate::scenario::now;

/// A claim that was broken and then changed more often than changes are kept still says so.
#[test]
fn that_a_claim_was_broken_is_not_forgotten_for_later_changes() {
    let mut history = History::keeping(3);
    let grades = ["broken", "unverified", "monitored", "enforced", "monitored", "enforced"];
    for (number, to) in (0..).zip(grades) {
        let change = GradeChange {
            claim: "list/it".to_owned(),
            from: None,
            to: to.to_owned(),
            reason: "It was looked at.".to_owned(),
            entries: Vec::new(),
        };
        let entry = Entry {
            v: ENTRY_VERSION,
            at: (now() - SignedDuration::from_hours(20 - i64::try_from(number).unwrap())).to_string(),
            charter: "sha256:00".to_owned(),
            deed: Deed::Grade(change),
        };
        history.push(&entry, number);
    }
    let past = history.of("list/it").unwrap();
    assert_eq!(past.changes.len(), 3);
    for (hours, expected) in [(24, Some(0)), (19, Some(0)), (18, None)] {
        let mended = past.mended(now(), SignedDuration::from_hours(hours));
        assert_eq!(mended.map(|change| change.entry), expected, "{hours}");
    }
}
