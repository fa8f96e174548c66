//! What is passed although a published sentence says that it goes there only with a consent, and nobody gave it.
//!
//! As in messages that passed a gate: a claim about a recipient and certain elements speaks of all of them, any other one of
//! those that the rows let out with that consent alone. Whose consents nobody was asked for goes against nothing.

use std::collections::BTreeMap;

use averment_catalog::{ElementId, SubjectId};
use averment_register::{Charter, Claim, ClaimKind, Condition, Recipient, Severity};

use super::case::{Case, roles};
use super::{Drift, Rule};
use crate::observation::{Confidence, Passed};

/// Whether a consent stands for what is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is in force.
    Given,
    /// It is not.
    Missing,
    /// Nobody saw whose it is, or could be asked; or their school consented, and what that covers only the policy says.
    Unknown,
}

/// What the claim asks of one thing that is passed to these recipients; none where it does not speak of it.
pub(crate) fn standing(claim: &Claim, recipients: &[&Recipient], passed: &Passed) -> Option<Standing> {
    let ClaimKind::NeedsConsent {
        consent,
        elements,
        subjects,
        ..
    } = &claim.kind
    else {
        return None;
    };
    let of_element = elements.is_empty() || elements.iter().any(|one| speaks_of(one, &passed.element));
    let subject = passed.subject.as_ref();
    let of_subject = subject.is_none_or(|who| subjects.is_empty() || subjects.iter().any(|one| one.covers(who)));
    let of_all = claim.recipient.is_some() && !elements.is_empty();
    if !of_element || !of_subject || !(of_all || rows_ask_for(consent, recipients, &passed.element, subject)) {
        return None;
    }
    let consented = passed.consented.as_ref().filter(|_| subject.is_some());
    Some(match consented {
        Some(consented) if consented.own.contains(consent) => Standing::Given,
        Some(consented) if !consented.of_school.contains(consent) => Standing::Missing,
        _ => Standing::Unknown,
    })
}

/// The address and its digest name the same person.
fn speaks_of(named: &ElementId, passed: &ElementId) -> bool {
    named.covers(passed) || (named.as_str() == "contact.email" && passed.as_str() == "contact.email_hash")
}

/// Whether rows let it out with this consent, and none without.
fn rows_ask_for(consent: &str, recipients: &[&Recipient], element: &ElementId, subject: Option<&SubjectId>) -> bool {
    let rows = recipients.iter().flat_map(|one| &one.discloses);
    let mut rows = rows
        .filter(|row| match subject {
            Some(subject) => row.covers(element, subject),
            None => row.covers_element(element),
        })
        .peekable();
    rows.peek().is_some() && rows.all(|row| matches!(&row.when, Condition::Consent(kind) if kind == consent))
}

/// Claims that ask for a consent, with what is passed to `case` without it, by element and whose.
pub(crate) fn without<'a>(charter: &'a Charter, case: &'a Case<'a>) -> impl Iterator<Item = Without<'a>> {
    let claims = charter.content().claims.values();
    let about = |claim: &&Claim| match &claim.recipient {
        Some(id) => case.recipients.iter().any(|one| one.id == *id),
        None => true,
    };
    let flows = case.observation.tier().is_flow();
    claims
        .filter(about)
        .filter(move |_| flows)
        .flat_map(move |claim| of_claim(claim, case))
}

/// One element of people of one kind that is passed without the consent that a claim asks for.
pub(crate) struct Without<'a> {
    pub(crate) claim: &'a Claim,
    case: &'a Case<'a>,
    what: (&'a ElementId, Option<&'a SubjectId>),
    passed: Vec<&'a Passed>,
}

fn of_claim<'a>(claim: &'a Claim, case: &'a Case<'a>) -> Vec<Without<'a>> {
    let mut by_what: BTreeMap<_, Vec<&Passed>> = BTreeMap::new();
    for passed in &case.observation.passed {
        if standing(claim, &case.recipients, passed) == Some(Standing::Missing) {
            let what = (&passed.element, passed.subject.as_ref());
            by_what.entry(what).or_default().push(passed);
        }
    }
    let all = by_what.into_iter();
    all.map(|(what, passed)| Without {
        claim,
        case,
        what,
        passed,
    })
    .collect()
}

impl Without<'_> {
    /// As drift.
    pub(crate) fn told(&self) -> Drift {
        let (case, (element, subject)) = (self.case, self.what);
        let sure = self.passed.iter().any(|one| one.confidence > Confidence::Possible);
        let severity = if sure { Severity::Error } else { Severity::Warning };
        let whose = subject.map_or_else(String::new, |subject| format!(" of `{subject}`"));
        let roles = roles(self.passed.iter().map(|one| one.role.as_ref()));
        let names = match case.recipients.is_empty() {
            true => format!("`{}`", case.observation.party),
            false => case.names(),
        };
        let kind = match &self.claim.kind {
            ClaimKind::NeedsConsent { consent, .. } => consent.as_str(),
            _ => "",
        };
        let claim = &self.claim.id;
        let message = format!(
            "{names} is passed `{element}`{whose}{roles}, without the consent `{kind}` that `{claim}` asks for"
        );
        let besides = subject.map_or_else(
            || format!("{element} {claim}"),
            |subject| format!("{element} {subject} {claim}"),
        );
        let drift = case.drift(Rule::WithoutConsent, severity, message, &besides);
        drift
            .hinting("stop sending it, or ask first and enter the consent")
            .at(self.passed.iter().map(|one| &one.spot))
    }
}
