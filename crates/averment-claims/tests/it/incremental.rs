//! The fold keeps up with a live ledger, and does not care where the pushes are cut.

use std::sync::Arc;

use averment_claims::{Fold, Grade, grade};
use averment_ledger::{Deed, Entry};
use averment_register::Source;
use jiff::SignedDuration;

use crate::scenario::{charter, now};

fn source() -> Source {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example Platform\"\n");
    source.insert(
        "recipients/amplitude.toml",
        "recipient = \"amplitude\"\npurpose = \"p\"\ninformation = \"i\"\nplanes = [\"gateway\"]\nrole = \"processor\"\n\
         student_records = \"none\"\n[[claims]]\nkind = \"never_shares\"\nid = \"no-student-records\"\nsentence = \"No Student Records.\"\n",
    );
    source
}

/// A ledger line as the journal writes it.
fn entry(second: i64, id: u64, finding: bool) -> Entry {
    let at = now() - SignedDuration::from_secs(second);
    let findings = r#","findings":[{"element":"contact.email","subject":"student","known_by":"exact","part":"body","count":1,"treated":"pass","treatment":"block","reason":"barred"}]"#;
    let findings = if finding { findings } else { "" };
    let line = format!(
        r#"{{"v":1,"at":"{at}","charter":"sha256:00","kind":"intent","id":"{id:032x}","recipient":"amplitude","host":"api2.amplitude.com","plane":"gateway","mode":"report","action":"forward","judged":"forward","body_bytes":1,"request":"AAAAAAAAAAAAAAAAAAAAAA=="{findings}}}"#
    );
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_leak_turns_the_claim_broken_at_once_and_the_window_mends_it() {
    let charter = charter(&source());
    let mut fold = Fold::new(Arc::clone(&charter));
    let overall = |fold: &Fold, now| grade(&charter, &fold.evidence(now), now)[0].overall;
    assert_eq!(overall(&fold, now()), Grade::Unverified);
    fold.push(&entry(60, 1, false), 0);
    assert_eq!(overall(&fold, now()), Grade::Monitored);
    fold.push(&entry(30, 2, true), 1);
    assert_eq!(overall(&fold, now()), Grade::Broken);
    let later = now() + SignedDuration::from_hours(24 * 31);
    assert_eq!(overall(&fold, later), Grade::Unverified);
}

#[test]
fn the_charter_that_came_into_force_last_is_known() {
    let mut fold = Fold::new(charter(&source()));
    assert_eq!(fold.last_charter(), None);
    for (index, digest) in ["sha256:01", "sha256:02"].into_iter().enumerate() {
        let line = format!(
            r#"{{"v":1,"at":"{}","charter":"{digest}","kind":"charter","recipients":1,"claims":1}}"#,
            now()
        );
        fold.push(&serde_json::from_str(&line).unwrap(), index as u64);
    }
    fold.push(&entry(60, 1, false), 2);
    assert_eq!(fold.last_charter(), Some("sha256:02"));
    let evidence = fold.evidence(now());
    let shares = &evidence[&averment_register::ClaimId::new("amplitude/shares").unwrap()][0];
    assert_eq!(
        (
            shares.decided_by_others("sha256:00"),
            shares.decided_by_others("sha256:02")
        ),
        (0, 1)
    );
}

#[test]
fn forgetting_changes_nothing_within_the_window() {
    let charter = charter(&source());
    let mut fold = Fold::new(Arc::clone(&charter));
    for index in 0..2_000_u64 {
        fold.push(&entry(3600 * (2_000 - index as i64), index, index % 100 == 0), index);
    }
    let before = fold.evidence(now());
    fold.forget(now());
    assert_eq!(before, fold.evidence(now()));
}

/// One million entries, half of them leaks. Whoever makes the fold quadratic will wait for this test.
#[test]
fn a_million_entries_are_folded_while_one_waits() {
    let charter = charter(&source());
    let mut fold = Fold::new(Arc::clone(&charter));
    let (mut clean, mut leak) = (entry(60, 1, false), entry(60, 2, true));
    for index in 0..1_000_000_u64 {
        let next = if index % 2 == 0 { &mut clean } else { &mut leak };
        if let Deed::Intent(message) = &mut next.deed {
            message.id = index.to_string();
        }
        fold.push(next, index);
    }
    let evidence = fold.evidence(now());
    let shares = &evidence[&averment_register::ClaimId::new("amplitude/shares").unwrap()][0];
    assert_eq!((shares.observed, shares.contrary), (1_000_000, 500_000));
}
