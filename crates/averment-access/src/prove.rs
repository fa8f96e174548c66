//! Every sentence about who sees what, held against the rules for all viewers, kinds of people, schools and facts.
//!
//! Start at [`prove`]. What hides always wins over what shows the same viewer, so a `hidden_from` sentence fails only where
//! somebody in that relation always has another one that shows it: a peer is anybody, too. A `visible_to` sentence fails where
//! something hides what it shows. Both end with a counter-example in words.
//!
//! Schools may hide more, which is no contradiction: `visible_to` is held against the rules of the register alone.

use averment_catalog::ElementId;
use averment_register::ControllerId;

use crate::access::Access;
use crate::element_set::ElementSet;
use crate::fact::{Fact, FactSet};
use crate::kind::Kind;
use crate::rules::{Effect, Rule};
use crate::table::Table;
use crate::viewer::Viewer;

/// How a sentence was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Case by case: every relation, kind of person, school and set of facts.
    Enumerated,
    /// For all requests at once, by a solver over the policies.
    Symbolic,
}

impl Method {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enumerated => "enumerated",
            Self::Symbolic => "symbolic",
        }
    }
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds in every case.
    Holds,
    /// It does not: the first cases against it, at most [`COUNTER_MAX`], and how many there are.
    Fails(Vec<CounterExample>, u64),
    /// It could not be decided, and why.
    Undecided(String),
}

/// What was proved of one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The claim.
    pub claim: String,
    /// `hidden_from` or `visible_to`.
    pub kind: &'static str,
    /// How.
    pub method: Method,
    /// How many cases were looked at, each a relation, a kind of person, a school and a set of facts; of a symbolic proof how many
    /// questions were answered, each an element and a capacity.
    pub cases: u64,
    /// What came out.
    pub verdict: Verdict,
}

/// Most counter-examples that are kept of one claim.
pub const COUNTER_MAX: usize = 5;
/// Sets of facts are tried one by one up to this many facts.
const FACTS_TRIED_MAX: u32 = 16;

/// A case that goes against a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterExample {
    /// The viewer of whom the claim speaks.
    pub viewer: Viewer,
    /// The relation by which they see it, or would have to.
    pub as_viewer: Viewer,
    /// Whose data.
    pub of: Kind,
    /// At which school with a variant.
    pub school: Option<ControllerId>,
    /// What.
    pub element: ElementId,
    /// What holds.
    pub facts: Vec<Fact>,
    /// Whether it is seen.
    pub is_seen: bool,
    /// What shows or hides it.
    pub rules: Vec<String>,
}

impl CounterExample {
    /// One sentence.
    pub fn words(&self) -> String {
        let seen = if self.is_seen { "see" } else { "do not see" };
        let viewer = self.viewer.label();
        let mut text = format!(
            "{viewer} {seen} `{}` of somebody of kind `{}`",
            self.element,
            self.of.as_str()
        );
        if let Some(school) = &self.school {
            text.push_str(&format!(" at `{school}`"));
        }
        if !self.facts.is_empty() {
            let facts: Vec<String> = self.facts.iter().map(Fact::words).collect();
            text.push_str(&format!(", when {}", facts.join(" and ")));
        }
        let other = self.as_viewer.label();
        if !self.viewer.implied().contains(&self.as_viewer) {
            text.push_str(&format!(", posing as {other}, which they are not"));
        } else if self.as_viewer != self.viewer {
            text.push_str(&format!(", since they are {other} as well"));
        }
        if !self.rules.is_empty() {
            let does = if self.is_seen { "shown" } else { "hidden" };
            text.push_str(&format!(" ({does} by `{}`)", self.rules.join("`, `")));
        }
        text
    }
}

impl Proof {
    /// What is known when a solver has answered about the same claim: what goes against it by either way fails.
    #[must_use]
    pub fn with(self, symbolic: Self) -> Self {
        match (&self.verdict, &symbolic.verdict) {
            (Verdict::Fails(..), Verdict::Holds | Verdict::Undecided(_)) => self,
            _ => symbolic,
        }
    }
}

/// Proves every claim about who sees what, by enumeration, in the order of the claims.
pub fn prove(access: &Access) -> Vec<Proof> {
    let rules = access.rules().rules.iter();
    rules.filter_map(|rule| prove_rule(access, rule)).collect()
}

fn prove_rule(access: &Access, rule: &Rule) -> Option<Proof> {
    let claim = rule.claim.as_ref()?.to_string();
    let mut search = Search {
        access,
        rule,
        cases: 0,
        found: Vec::new(),
        against: 0,
        too_many: None,
    };
    let kind = match &rule.effect {
        Effect::Hides(_) => {
            search.hidden();
            "hidden_from"
        }
        Effect::Shows(_) => {
            search.shown();
            "visible_to"
        }
        Effect::MayShow => return None,
    };
    Some(Proof {
        claim,
        kind,
        method: Method::Enumerated,
        cases: search.cases,
        verdict: search.verdict(),
    })
}

struct Search<'a> {
    access: &'a Access,
    rule: &'a Rule,
    cases: u64,
    found: Vec<CounterExample>,
    against: u64,
    too_many: Option<u32>,
}

/// Where a case is looked at.
#[derive(Clone, Copy)]
struct Spot<'a> {
    school: Option<&'a ControllerId>,
    table: &'a Table,
    viewer: Viewer,
    kind: Kind,
}

impl Search<'_> {
    fn verdict(self) -> Verdict {
        match self.too_many {
            _ if self.against > 0 => Verdict::Fails(self.found, self.against),
            Some(facts) => Verdict::Undecided(format!(
                "it depends on {facts} conditions at once: at most {FACTS_TRIED_MAX} are tried"
            )),
            None => Verdict::Holds,
        }
    }

    fn spots(&self) -> Vec<Spot<'_>> {
        let kinds: Vec<Kind> = Kind::all().filter(|kind| self.rule.is_about(*kind)).collect();
        let mut spots = Vec::new();
        for (school, table) in self.access.tables() {
            for viewer in &self.rule.viewers {
                spots.extend(kinds.iter().map(|kind| Spot {
                    school,
                    table,
                    viewer: *viewer,
                    kind: *kind,
                }));
            }
        }
        spots
    }

    fn hidden(&mut self) {
        let (mut cases, mut against, mut too_many) = (0, 0, None);
        let mut found = Vec::new();
        for spot in self.spots() {
            for (lifting, promised) in self.promised(spot) {
                for relation in spot.viewer.implied() {
                    let relevant = spot.table.depends_on(*relation, spot.kind) | lifting;
                    let Some(sets) = subsets(relevant) else {
                        too_many = Some(relevant.len());
                        continue;
                    };
                    for facts in sets.filter(|facts| !facts.meets(lifting)) {
                        cases += 1;
                        let seen = spot.table.visible(*relation, spot.kind, facts) & promised;
                        if let Some(element) = seen.iter().next() {
                            against += 1;
                            self.note(&mut found, spot, (*relation, facts), element, true);
                        }
                    }
                }
            }
        }
        (self.cases, self.against, self.too_many, self.found) = (cases, against, too_many, found);
    }

    /// What a `hidden_from` claim promises, in parts, each with the facts that lift it.
    fn promised(&self, spot: Spot<'_>) -> Vec<(FactSet, ElementSet)> {
        if !self.rule.names.is_empty() {
            let parts = self
                .rule
                .lifted(self.access.rules().designated_by(spot.school))
                .into_iter();
            let index = &self.access.rules().facts;
            return parts.map(|(facts, elements)| (index.set(&facts), elements)).collect();
        }
        let Effect::Hides(unless) = &self.rule.effect else {
            return Vec::new();
        };
        let lifting = unless.iter().cloned().map(Fact::Exception).collect::<Vec<_>>();
        let unsaid = unsaid(self.access.rules().of_school(spot.school), spot.viewer, spot.kind);
        vec![(self.access.rules().facts.set(&lifting), unsaid)]
    }

    fn shown(&mut self) {
        let Effect::Shows(needs) = &self.rule.effect else {
            return;
        };
        let needs = self.access.rules().facts.set(needs);
        let (mut cases, mut against, mut too_many) = (0, 0, None);
        let mut found = Vec::new();
        for spot in self.spots().into_iter().filter(|spot| spot.school.is_none()) {
            let relevant = spot.table.depends_on(spot.viewer, spot.kind) | needs;
            let Some(sets) = subsets(relevant) else {
                too_many = Some(relevant.len());
                continue;
            };
            for facts in sets.filter(|facts| facts.contains(needs)) {
                cases += 1;
                let missing = self.rule.elements - seen_by(spot, facts);
                if let Some(element) = missing.iter().next() {
                    against += 1;
                    self.note(&mut found, spot, (spot.viewer, facts), element, false);
                }
            }
        }
        (self.cases, self.against, self.too_many, self.found) = (cases, against, too_many, found);
    }

    fn note(
        &self,
        found: &mut Vec<CounterExample>,
        spot: Spot<'_>,
        (as_viewer, facts): (Viewer, FactSet),
        element: &ElementId,
        is_seen: bool,
    ) {
        if found.len() >= COUNTER_MAX {
            return;
        }
        let asked = ElementSet::covered_by(element);
        let rules = self.access.rules().of_school(spot.school).filter(|rule| {
            matches!(rule.effect, Effect::Shows(_)) == is_seen
                && rule.effect != Effect::MayShow
                && rule.viewers.contains(&as_viewer)
                && rule.is_about(spot.kind)
                && rule.elements.contains(&asked)
        });
        found.push(CounterExample {
            viewer: spot.viewer,
            as_viewer,
            of: spot.kind,
            school: spot.school.cloned(),
            element: element.clone(),
            facts: self.access.rules().facts.of(facts).into_iter().cloned().collect(),
            is_seen,
            rules: rules.map(Rule::name).collect(),
        });
    }
}

/// The elements of such a person that no rule shows, or may show, this viewer.
pub(crate) fn unsaid<'a>(rules: impl Iterator<Item = &'a Rule>, viewer: Viewer, kind: Kind) -> ElementSet {
    let shows = |rule: &&Rule| {
        matches!(rule.effect, Effect::Shows(_) | Effect::MayShow)
            && rule.viewers.contains(&viewer)
            && rule.is_about(kind)
    };
    let shown = rules
        .filter(shows)
        .fold(ElementSet::EMPTY, |all, rule| all | rule.elements);
    ElementSet::all() - shown
}

/// What somebody sees in this relation and in those that always come with it.
fn seen_by(spot: Spot<'_>, facts: FactSet) -> ElementSet {
    let relations = spot.viewer.implied().iter();
    relations.fold(ElementSet::EMPTY, |all, relation| {
        all | spot.table.visible(*relation, spot.kind, facts)
    })
}

/// Every subset; none when there are too many facts to try them all.
pub(crate) fn subsets(facts: FactSet) -> Option<impl Iterator<Item = FactSet>> {
    if facts.len() > FACTS_TRIED_MAX {
        return None;
    }
    let mut next = Some(facts.0);
    Some(std::iter::from_fn(move || {
        let current = next?;
        next = (current != 0).then(|| (current - 1) & facts.0);
        Some(FactSet(current))
    }))
}
