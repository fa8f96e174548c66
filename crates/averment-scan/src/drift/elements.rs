//! What is passed to recipients, held against their rows and against what published sentences rule out.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, SubjectId};
use averment_register::{Charter, Claim, ClaimKind, Recipient, RecipientId, Severity};

use super::case::{Case, roles};
use super::{Drift, Rule};
use crate::observation::{Confidence, Passed, Spot};

/// What one thing that is passed is, wherever it is listed.
type Piece<'a> = (&'a ElementId, Option<&'a SubjectId>, &'a Spot);

/// Element and whose.
type What<'a> = (&'a ElementId, Option<&'a SubjectId>);

/// Drift of elements, of every case.
pub(super) fn of(charter: &Charter, cases: &[Case<'_>]) -> Vec<Drift> {
    let declaring = declaring(cases);
    let flows = cases.iter().filter(|case| case.observation.tier().is_flow());
    flows.flat_map(|case| of_case(charter, case, &declaring)).collect()
}

/// Recipients to whom each thing may go: what two third parties claim alike is listed with both.
fn declaring<'a>(cases: &[Case<'a>]) -> BTreeMap<Piece<'a>, BTreeMap<&'a RecipientId, &'a Recipient>> {
    let mut found: BTreeMap<Piece<'a>, BTreeMap<_, _>> = BTreeMap::new();
    for case in cases {
        for passed in &case.observation.passed {
            let recipients = found.entry(piece(passed)).or_default();
            recipients.extend(case.recipients.iter().map(|one| (&one.id, *one)));
        }
    }
    found
}

fn piece(passed: &Passed) -> Piece<'_> {
    (&passed.element, passed.subject.as_ref(), &passed.spot)
}

fn of_case<'a>(
    charter: &Charter,
    case: &Case<'a>,
    declaring: &BTreeMap<Piece<'a>, BTreeMap<&'a RecipientId, &'a Recipient>>,
) -> Vec<Drift> {
    let mut by_what: BTreeMap<(Rule, What<'a>), Vec<&'a Passed>> = BTreeMap::new();
    for passed in &case.observation.passed {
        let recipients: Vec<&Recipient> = declaring[&piece(passed)].values().copied().collect();
        let what = (&passed.element, passed.subject.as_ref());
        let ruled_out = ruling_out(charter, &recipients, what).next().is_some();
        let undeclared = (!case.recipients.is_empty())
            .then(|| undeclared(&recipients, what))
            .flatten();
        let rule = if ruled_out && passed.subject.is_some() {
            Some(Rule::NeverShared)
        } else {
            undeclared.or(ruled_out.then_some(Rule::NeverShared))
        };
        if let Some(rule) = rule {
            by_what.entry((rule, what)).or_default().push(passed);
        }
    }
    let drift = by_what.into_iter();
    drift
        .map(|((rule, what), passed)| told(charter, case, rule, what, &passed))
        .collect()
}

/// Which rule speaks against passing `what` to these recipients; what any of them declares is declared.
fn undeclared(recipients: &[&Recipient], (element, subject): What<'_>) -> Option<Rule> {
    let mut rows = recipients.iter().flat_map(|one| &one.discloses);
    let has_element = rows.clone().any(|row| row.covers_element(element));
    let has_subject = subject.is_none_or(|subject| rows.any(|row| row.covers(element, subject)));
    match (has_element, has_subject) {
        (false, _) => Some(Rule::UndeclaredElement),
        (true, false) => Some(Rule::UndeclaredSubject),
        (true, true) => None,
    }
}

/// Claims about one of these recipients, or about everybody, that rule out passing `what`, or may when nobody saw whose it is.
pub(crate) fn ruling_out<'c>(
    charter: &'c Charter,
    recipients: &[&Recipient],
    what: What<'_>,
) -> impl Iterator<Item = &'c Claim> {
    let ids: BTreeSet<&RecipientId> = recipients.iter().map(|one| &one.id).collect();
    let about = move |claim: &&Claim| claim.recipient.as_ref().is_none_or(|id| ids.contains(id));
    charter
        .content()
        .claims
        .values()
        .filter(about)
        .filter(move |claim| rules_out(claim, what))
}

/// Whether a `never_shares` claim speaks of this element of these people; of anybody's when nobody saw whose it is.
pub(crate) fn rules_out(claim: &Claim, (element, subject): What<'_>) -> bool {
    let ClaimKind::NeverShares { elements, subjects } = &claim.kind else {
        return false;
    };
    let of_element = elements.is_empty() || elements.iter().any(|one| one.covers(element));
    let of_subject = subject.is_none_or(|who| subjects.is_empty() || subjects.iter().any(|one| one.covers(who)));
    of_element && of_subject
}

fn told(charter: &Charter, case: &Case<'_>, rule: Rule, what: What<'_>, passed: &[&Passed]) -> Drift {
    let (element, subject) = what;
    let whose = subject.map_or_else(String::new, |subject| format!(" of `{subject}`"));
    let roles = roles(passed.iter().map(|one| one.role.as_ref()));
    let names = match case.recipients.is_empty() {
        true => format!("`{}`", case.observation.party),
        false => case.names(),
    };
    let claim = ruling_out(charter, &case.recipients, what).next();
    let said = claim.map_or("a claim", |claim| claim.id.as_str());
    let rest = match rule {
        Rule::UndeclaredElement => "which none of its rows declares".to_owned(),
        Rule::UndeclaredSubject => "whom none of its rows declares for it".to_owned(),
        _ if subject.is_none() => format!("which `{said}` rules out for some people; whose it is was not seen"),
        _ => format!("which `{said}` rules out"),
    };
    let sure = passed.iter().any(|one| one.confidence > Confidence::Possible);
    let certain = sure && (rule != Rule::NeverShared || subject.is_some());
    let severity = if certain { Severity::Error } else { Severity::Warning };
    let besides = subject.map_or_else(|| element.to_string(), |subject| format!("{element} {subject}"));
    let message = format!("{names} is passed `{element}`{whose}{roles}, {rest}");
    let mut places: Vec<&Passed> = passed.to_vec();
    places.sort_by(|a, b| b.confidence.cmp(&a.confidence).then_with(|| a.spot.cmp(&b.spot)));
    let drift = case.drift(rule, severity, message, &besides).hinting(hint(rule));
    drift.at(places.iter().map(|one| &one.spot))
}

fn hint(rule: Rule) -> &'static str {
    match rule {
        Rule::NeverShared => "stop sending it, or take the sentence back",
        Rule::UndeclaredSubject => "add them to the row, or stop passing their data",
        _ => "declare it in a `[[discloses]]` row, or stop passing it",
    }
}
