//! Good bundles hold, every kind of lie is found for its own reason, and a second implementation says the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod auditor;
mod changes;
mod lies;
mod page;
mod raw;
mod second;
mod story;

use averment_verify::{Check, Outcome, Reason, State, verify};

use crate::lies::lies;
use crate::story::{Case, Story};

#[test]
fn good_bundles_hold() {
    for case in good() {
        let answer = verify(&case.bundle, &case.question());
        let expected = match case.key {
            Some(_) => Outcome::Holds,
            None => Outcome::Unidentified,
        };
        assert_eq!(answer.outcome, expected, "{}: {}", case.name, answer.json());
        assert_eq!(answer.checks.len(), Check::ALL.len());
    }
}

/// A forger makes a key and signs whatever pleases: the bundle agrees with itself, and only the key tells.
#[test]
fn a_bundle_of_a_fresh_key_is_nobodys_until_a_key_is_named() {
    let forged = Story {
        seed: 77,
        ..Story::default()
    };
    let unasked = Case {
        key: None,
        ..forged.case("forged")
    };
    let answer = verify(&unasked.bundle, &unasked.question());
    assert_eq!(answer.outcome, Outcome::Unidentified);
    assert!(answer.failure().is_none() && answer.headline.contains("nothing shows whose it is"));
    let shows: String = answer.shows.concat();
    assert!(
        shows.contains("Do not rely on it") && !shows.contains("cannot be changed"),
        "{shows}"
    );
    let asked = Case {
        key: Story::default().case("true").key,
        ..unasked
    };
    let answer = verify(&asked.bundle, &asked.question());
    assert_eq!(answer.state(Check::Key), Some(State::Fails(Reason::OtherKey)));
}

#[test]
fn every_lie_is_found_for_its_own_reason() {
    let lies = lies();
    let names: std::collections::BTreeSet<_> = lies.iter().map(|lie| lie.case.name).collect();
    assert_eq!(names.len(), lies.len(), "each kind has a name of its own");
    assert!(lies.len() >= 30, "{} kinds of lies", lies.len());
    let mut wrong = Vec::new();
    for lie in &lies {
        let answer = verify(&lie.case.bundle, &lie.case.question());
        let found = answer.failure().map(|step| (step.check, step.state));
        if found != Some((lie.check, State::Fails(lie.reason))) {
            wrong.push(format!("{}: expected {:?}, found {found:?}", lie.case.name, lie.reason));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A reason that no lie leads to is one that nothing shows to be reachable.
#[test]
fn every_reason_to_fail_has_a_lie() {
    let without = [
        Reason::Stopped,
        Reason::NoKey,
        Reason::NoOlder,
        Reason::NoWitness,
        Reason::NoHistory,
    ];
    let more = [
        Reason::StatementOnly,
        Reason::DocumentNotEnclosed,
        Reason::EntriesWithheld,
        Reason::WindowNotCovered,
    ];
    let lied: Vec<Reason> = lies().iter().map(|lie| lie.reason).collect();
    let missing: Vec<_> = Reason::ALL
        .iter()
        .filter(|reason| !without.contains(reason) && !more.contains(reason) && !lied.contains(reason))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_is_not_checked_says_why() {
    let state = |case: &Case, check| verify(&case.bundle, &case.question()).state(check);
    let statement = Story::default().case("statement");
    let not = |reason| Some(State::NotChecked(reason));
    assert_eq!(state(&statement, Check::Range), not(Reason::StatementOnly));
    assert_eq!(state(&statement, Check::Grades), not(Reason::StatementOnly));
    assert_eq!(state(&statement, Check::Witnesses), not(Reason::NoWitness));
    assert_eq!(state(&statement, Check::Since), not(Reason::NoOlder));
    assert_eq!(state(&Case { key: None, ..statement }, Check::Key), not(Reason::NoKey));
    let school = Story {
        school: Some("birch"),
        whole: Some(0),
        ..Story::default()
    }
    .case("school");
    assert_eq!(state(&school, Check::Grades), not(Reason::EntriesWithheld));
    let late = Story {
        whole: Some(3),
        ..Story::default()
    }
    .case("late");
    assert_eq!(state(&late, Check::Grades), not(Reason::WindowNotCovered));
    let bare = Story {
        enclose: false,
        ..Story::default()
    }
    .case("bare");
    assert_eq!(state(&bare, Check::Documents), not(Reason::DocumentNotEnclosed));
}

#[test]
fn a_whole_bundle_for_everybody_earns_the_grades_anew() {
    for name in ["whole", "whole, two logs"] {
        let case = good().into_iter().find(|case| case.name == name).unwrap();
        assert_eq!(
            verify(&case.bundle, &case.question()).state(Check::Grades),
            Some(State::Holds),
            "{name}"
        );
    }
}

#[test]
fn the_same_content_is_the_same_bytes() {
    assert_eq!(Story::default().bundle(), Story::default().bundle());
}

/// Bundles in which nothing is wrong.
pub(crate) fn good() -> Vec<Case> {
    let whole = || Story {
        whole: Some(0),
        attested: false,
        ..Story::default()
    };
    vec![
        Story::default().case("statement"),
        whole().case("whole"),
        Story {
            two_logs: true,
            ..whole()
        }
        .case("whole, two logs"),
        Story {
            two_logs: true,
            ..Story::default()
        }
        .case("statement, two logs"),
        Story {
            school: Some("birch"),
            ..Story::default()
        }
        .case("for a school"),
        Story {
            school: Some("birch"),
            whole: Some(0),
            ..Story::default()
        }
        .case("whole, for a school"),
        Story {
            whole: Some(5),
            ..Story::default()
        }
        .case("from the middle on"),
        Story::default().case_since("continued", Some(6)),
        Story {
            witnessed: true,
            ..Story::default()
        }
        .case("witnessed"),
        Story {
            enclose: false,
            ..Story::default()
        }
        .case("without documents"),
        Case {
            key: None,
            ..Story::default().case("without a key")
        },
        Case {
            key: Some(story::key_named("averment.example/1/2")),
            ..Story::default().case("the key by the name that a later log gives it")
        },
    ]
}
