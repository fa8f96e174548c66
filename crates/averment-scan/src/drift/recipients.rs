//! Third parties that were seen, held against the recipients that the charter declares.

use std::collections::BTreeSet;

use averment_register::{Charter, ClaimKind, Recipient, Severity};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::case::{Case, roles, severity, strength};
use super::{Drift, Rule};
use crate::observation::Tier;
use crate::seen::Seen;

/// Third parties, and hosts of them, that no recipient declares.
pub(crate) fn undeclared(case: &Case<'_>) -> Option<Drift> {
    let (tier, confidence) = strength(&case.open);
    if tier <= Tier::Linked {
        return None;
    }
    let strongest: Vec<_> = case.open.iter().filter(|one| one.tier == tier).collect();
    let who = &case.observation.party;
    let named = if case.recipients.is_empty() {
        format!("`{who}`")
    } else {
        let hosts = strongest.iter().filter_map(|one| super::case::host_of(one));
        let hosts: BTreeSet<String> = hosts.map(|host| format!("`{host}`")).collect();
        hosts.into_iter().collect::<Vec<_>>().join(", ")
    };
    let is_blocked = strongest.iter().all(|one| one.what.ends_with(" (blocked)"));
    let how = if is_blocked {
        "in a page and was blocked"
    } else {
        tier.words()
    };
    let (roles, passed) = (roles(strongest.iter().map(|one| one.role.as_ref())), passed(case));
    let message = format!("{named} is {how}{roles}, and no recipient declares it{passed}");
    let drift = case.drift(Rule::UndeclaredRecipient, severity((tier, confidence)), message, "");
    let drift = drift.hinting("declare it, or take it out; `averment propose` drafts the row");
    Some(drift.at(strongest.iter().map(|one| &one.spot)))
}

/// Most elements that are named.
const ELEMENTS_MAX: usize = 8;

/// What goes to somebody whom nobody declares: `; it is passed `contact.email` of `student.minor``; empty where nothing was seen.
fn passed(case: &Case<'_>) -> String {
    let is_open = case.recipients.is_empty() && case.observation.tier().is_flow();
    let passed = case.observation.passed.iter().filter(|_| is_open);
    let all: BTreeSet<String> = passed
        .map(|one| match &one.subject {
            Some(subject) => format!("`{}` of `{subject}`", one.element),
            None => format!("`{}`", one.element),
        })
        .collect();
    let mut named: Vec<String> = all.iter().take(ELEMENTS_MAX).cloned().collect();
    match all.len().saturating_sub(ELEMENTS_MAX) {
        0 => {}
        more => named.push(format!("and {more} more")),
    }
    if named.is_empty() {
        return String::new();
    }
    format!("; it is passed {}", named.join(", "))
}

/// Recipients that are said to be gone.
pub(crate) fn retired(charter: &Charter, seen: &Seen, case: &Case<'_>) -> Option<Drift> {
    // What somebody who is still used declares too may be theirs.
    let gone: Option<Vec<Date>> = case.recipients.iter().map(|one| gone_since(charter, one)).collect();
    let since = gone?.into_iter().max()?;
    let [from, until] = [seen.from, seen.until].map(|at| at.to_zoned(TimeZone::UTC).date());
    let evidence = case.evidence(Tier::Configured);
    let tier = evidence.first()?.tier;
    if until < since {
        return None;
    }
    // A window that begins before that day may show what was there until then.
    let worst = if from < since {
        Severity::Warning
    } else {
        severity(strength(&evidence))
    };
    let (names, how) = (case.names(), tier.words());
    let message = format!("{names} is retired since {since} and still {how}");
    let drift = case.drift(Rule::RetiredSeen, worst, message, "");
    let drift = drift.hinting("take it out, or take back that it is retired");
    Some(drift.at(evidence.iter().map(|one| &one.spot)))
}

/// The first day without the recipient, by its file or by a claim.
pub(crate) fn gone_since(charter: &Charter, recipient: &Recipient) -> Option<Date> {
    let claims = charter.content().claims.values();
    let claimed = claims
        .filter(|claim| claim.recipient.as_ref() == Some(&recipient.id))
        .filter_map(|claim| match claim.kind {
            ClaimKind::RetiredSince { date } => Some(date),
            _ => None,
        });
    claimed.chain(recipient.retired).min()
}

/// A flow on a plane that none of the recipients names.
pub(crate) fn other_plane(case: &Case<'_>) -> Option<Drift> {
    let plane = case.observation.plane;
    let evidence = case.evidence(Tier::Embedded);
    let named = case.recipients.iter().any(|one| one.planes.contains(&plane));
    if evidence.is_empty() || case.recipients.is_empty() || named {
        return None;
    }
    let (names, plane) = (case.names(), plane.as_str());
    let message = format!("{names} is seen on the plane `{plane}`, which its file does not name");
    let drift = case.drift(Rule::OtherPlane, Severity::Note, message, "");
    let drift = drift.hinting("add the plane to `planes`: its claims are not graded there until then");
    Some(drift.at(evidence.iter().map(|one| &one.spot)))
}

/// Contacted without encryption, declared or not.
pub(crate) fn plain_http(case: &Case<'_>) -> Option<Drift> {
    let all = case.evidence(Tier::Configured);
    let plain: Vec<_> = all.into_iter().filter(|one| one.plain_http).collect();
    let tier = plain.first()?.tier;
    let (who, how) = (&case.observation.party, tier.words());
    let message = format!("`{who}` is {how} without encryption");
    let drift = case.drift(Rule::PlainHttp, severity(strength(&plain)), message, "");
    Some(drift.hinting("use `https`").at(plain.iter().map(|one| &one.spot)))
}
