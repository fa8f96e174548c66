//! Recipients that are declared for a plane that the look could see, and of which nothing was there.

use std::collections::BTreeSet;

use averment_catalog::Plane;
use averment_register::{Charter, Recipient, RecipientId, Severity};
use jiff::tz::TimeZone;

use super::case::Case;
use super::recipients::gone_since;
use super::{Drift, Rule};
use crate::observation::{Party, Tier};
use crate::seen::{Look, Seen};

/// Declared, and never seen. Nothing for a look that saw nothing, or that sees only what goes wrong.
pub(crate) fn never_seen(charter: &Charter, seen: &Seen, cases: &[Case<'_>]) -> Vec<Drift> {
    let shows_absence = matches!(seen.look, Look::Code | Look::Har | Look::Site);
    if !shows_absence || !seen.coverage.saw_something() {
        return Vec::new();
    }
    let there = cases.iter().filter(|case| case.observation.tier() >= Tier::Configured);
    let there: BTreeSet<&RecipientId> = there.flat_map(|case| &case.recipients).map(|one| &one.id).collect();
    let until = seen.until.to_zoned(TimeZone::UTC).date();
    let in_use = |one: &&Recipient| {
        gone_since(charter, one).is_none_or(|date| date > until) && one.effective.is_none_or(|date| date <= until)
    };
    let absent = charter.content().recipients.values().filter(in_use);
    absent
        .filter(|one| !there.contains(&one.id))
        .filter_map(|one| told(seen, one))
        .collect()
}

fn told(seen: &Seen, recipient: &Recipient) -> Option<Drift> {
    let planes: Vec<&str> = recipient
        .planes
        .intersection(&seen.planes)
        .map(|plane: &Plane| plane.as_str())
        .collect();
    if planes.is_empty() {
        return None;
    }
    // All of a program's code shows what is not there; a recording shows what somebody did in that time.
    let whole = seen.look == Look::Code && seen.coverage.unread.is_empty();
    let severity = if whole { Severity::Warning } else { Severity::Note };
    let id = &recipient.id;
    let (named, window) = (planes.join("`, `"), window(seen));
    Some(Drift {
        rule: Rule::NeverSeen,
        severity,
        party: party(recipient),
        message: format!("`{id}` is declared for `{named}` and was never seen there {window}"),
        hint: Some("retire it if it is no longer used".to_owned()),
        subject: format!("{id} {}", planes.join(",")),
        places: Vec::new(),
        accepted: None,
    })
}

fn party(recipient: &Recipient) -> Option<Party> {
    recipient.third_parties.first().cloned().map(Party::Known)
}

fn window(seen: &Seen) -> String {
    let [from, until] = [seen.from, seen.until].map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    if from == until {
        format!("at {until}")
    } else {
        format!("from {from} to {until}")
    }
}
