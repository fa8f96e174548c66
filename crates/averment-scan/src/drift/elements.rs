//! What is passed to recipients, held against their rows and against what published sentences rule out.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, Plane, SubjectId};
use averment_register::{Charter, Claim, ClaimKind, Recipient, RecipientId, Severity};

use super::case::{Case, roles};
use super::{Drift, Rule};
use crate::observation::{Confidence, Party, Passed, Spot};

/// What one thing that is passed is, wherever it is listed.
type Piece<'a> = (&'a ElementId, Option<&'a SubjectId>, &'a Spot);

/// Element and whose.
pub(crate) type What<'a> = (&'a ElementId, Option<&'a SubjectId>);

/// One element of somebody's that is passed where it may not be.
pub(crate) struct Found<'a, 'b> {
    pub(crate) case: &'b Case<'a>,
    pub(crate) rule: Rule,
    pub(crate) what: What<'a>,
    pub(crate) passed: Vec<&'a Passed>,
    /// No row of the recipients declares it, whatever else speaks against it.
    pub(crate) undeclared: bool,
}

/// Everything that is passed where it may not be, in the order of cases.
pub(crate) fn found<'a, 'b>(charter: &Charter, cases: &'b [Case<'a>]) -> Vec<Found<'a, 'b>> {
    let shared = Shared::of(cases);
    let flows = cases.iter().filter(|case| case.observation.tier().is_flow());
    flows.flat_map(|case| of_case(charter, case, &shared)).collect()
}

/// Who else may account for a thing that is passed: what two third parties claim alike is listed with both.
struct Shared<'a, 'b> {
    /// By place, where that is one line and column.
    places: BTreeMap<Piece<'a>, Vec<&'b Case<'a>>>,
    /// By third party and plane.
    parties: BTreeMap<(&'a Party, Plane), &'b Case<'a>>,
}

impl<'a, 'b> Shared<'a, 'b> {
    fn of(cases: &'b [Case<'a>]) -> Self {
        let mut places: BTreeMap<Piece<'a>, Vec<&'b Case<'a>>> = BTreeMap::new();
        for case in cases {
            let placed = case.observation.passed.iter().filter(|one| one.spot.line.is_some());
            for passed in placed {
                places.entry(piece(passed)).or_default().push(case);
            }
        }
        let party = |case: &'b Case<'a>| ((&case.observation.party, case.observation.plane), case);
        let parties = cases.iter().map(party).collect();
        Self { places, parties }
    }

    /// Recipients to whom one thing that `case` lists may go. In traffic a place is a whole page, so that only what one and the
    /// same message carries is shared: what somebody else on the page may get excuses nobody.
    fn declaring(&self, case: &Case<'a>, passed: &'a Passed) -> Vec<&'a Recipient> {
        let placed = self.places.get(&piece(passed)).into_iter().flatten();
        let plane = case.observation.plane;
        let alike = passed
            .alike
            .iter()
            .filter_map(|party| self.parties.get(&(party, plane)));
        let others = placed.chain(alike).flat_map(|other| &other.recipients);
        let all = case.recipients.iter().chain(others).map(|one| (&one.id, *one));
        all.collect::<BTreeMap<&RecipientId, &Recipient>>()
            .into_values()
            .collect()
    }
}

fn piece(passed: &Passed) -> Piece<'_> {
    (&passed.element, passed.subject.as_ref(), &passed.spot)
}

fn of_case<'a, 'b>(charter: &Charter, case: &'b Case<'a>, shared: &Shared<'a, 'b>) -> Vec<Found<'a, 'b>> {
    let mut by_what: BTreeMap<(Rule, What<'a>), (bool, Vec<&'a Passed>)> = BTreeMap::new();
    for passed in &case.observation.passed {
        let recipients = shared.declaring(case, passed);
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
            let row = by_what.entry((rule, what)).or_default();
            row.0 |= undeclared.is_some();
            row.1.push(passed);
        }
    }
    let found = by_what.into_iter();
    found
        .map(|((rule, what), (undeclared, passed))| Found {
            case,
            rule,
            what,
            passed,
            undeclared,
        })
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

impl Found<'_, '_> {
    /// As drift.
    pub(crate) fn told(&self, charter: &Charter) -> Drift {
        let (case, rule, (element, subject)) = (self.case, self.rule, self.what);
        let sure = self.passed.iter().any(|one| one.confidence > Confidence::Possible);
        let certain = sure && (rule != Rule::NeverShared || subject.is_some());
        let severity = if certain { Severity::Error } else { Severity::Warning };
        let besides = subject.map_or_else(|| element.to_string(), |subject| format!("{element} {subject}"));
        let mut places = self.passed.clone();
        places.sort_by(|a, b| b.confidence.cmp(&a.confidence).then_with(|| a.spot.cmp(&b.spot)));
        let drift = case
            .drift(rule, severity, self.message(charter), &besides)
            .hinting(hint(rule));
        drift.at(places.iter().map(|one| &one.spot))
    }

    fn message(&self, charter: &Charter) -> String {
        let (element, subject) = self.what;
        let whose = subject.map_or_else(String::new, |subject| format!(" of `{subject}`"));
        let roles = roles(self.passed.iter().map(|one| one.role.as_ref()));
        let names = match self.case.recipients.is_empty() {
            true => format!("`{}`", self.case.observation.party),
            false => self.case.names(),
        };
        let claim = ruling_out(charter, &self.case.recipients, self.what).next();
        let said = claim.map_or("a claim", |claim| claim.id.as_str());
        let rest = match self.rule {
            Rule::UndeclaredElement => "which none of its rows declares".to_owned(),
            Rule::UndeclaredSubject => "whom none of its rows declares for it".to_owned(),
            _ if subject.is_none() => format!("which `{said}` rules out for some people; whose it is was not seen"),
            _ => format!("which `{said}` rules out"),
        };
        format!("{names} is passed `{element}`{whose}{roles}, {rest}")
    }
}

fn hint(rule: Rule) -> &'static str {
    match rule {
        Rule::NeverShared => "stop sending it, or take the sentence back",
        Rule::UndeclaredSubject => "add them to the row, or stop passing their data",
        _ => "declare it in a `[[discloses]]` row, or stop passing it",
    }
}
