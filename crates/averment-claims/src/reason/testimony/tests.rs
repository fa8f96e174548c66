use averment_ledger::Measurement;

use super::*;

/// A clean look at three, which says these places.
fn look(places: &[String]) -> Look {
    Look {
        entry: 1,
        at: None,
        until: "2026-11-21T11:00:00Z".parse().ok(),
        by: "probe.erasure".to_owned(),
        plane: None,
        observed: 3,
        contrary: 0,
        unreadable: 0,
        unseen: 0,
        enforcing: false,
        places: places.to_vec(),
        claim_version: None,
    }
}

#[test]
fn what_somebody_vouches_for_was_not_seen_and_that_is_said() {
    let of = |unseen, places: &[&str]| {
        let places: Vec<String> = places
            .iter()
            .map(|name| format!("{name}: {}", Measurement::VOUCHED_FOR))
            .collect();
        let look = Look {
            unseen,
            ..look(&places)
        };
        (look.is_whole(), in_part(&look))
    };
    let said = "`probe.erasure` looked on 21 November 2026, 11:00 UTC and did not see";
    let vouched = "; for some of it somebody vouches, and nobody looked.";
    assert_eq!(
        of(2, &["desk"]),
        (false, format!("{said} 2 of what it should have looked at{vouched}"))
    );
    assert_eq!(
        of(2, &[]),
        (false, format!("{said} 2 of what it should have looked at."))
    );
    // A place that is vouched for keeps a look from being whole, whatever it counted.
    assert_eq!(
        of(0, &["desk"]),
        (false, format!("{said} all of what it should have looked at{vouched}"))
    );
    let columns = look(&["table accounts, column mail".to_owned()]);
    assert!(columns.is_clean());
    let clean = "`probe.erasure` looked on 21 November 2026, 11:00 UTC and found none of 3 against it.";
    assert_eq!(clean_look(&columns), clean);
}
