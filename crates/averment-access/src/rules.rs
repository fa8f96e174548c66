//! The charter's sentences about who sees what, as rules.
//!
//! Start at [`Rules::of`]. A `visible_to` claim shows, a `hidden_from` claim and a school's `[[hides]]` hide; where both speak,
//! what hides wins, but for its exceptions. What no rule shows is hidden. A `hidden_from` claim that names no element hides
//! what nothing shows, so that it adds no rule and only a promise to prove.
//!
//! Source: 34 CFR 99.31(a)(11) and 99.37 for directory information.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, LegalTest, WordId, catalog};
use averment_register::{Charter, Claim, ClaimId, ClaimKind, ControllerId, Elements, Subjects};

use crate::element_set::ElementSet;
use crate::fact::{FACTS_MAX, Fact, FactIndex};
use crate::kind::Kind;
use crate::viewer::{RECIPIENT, Viewer};

/// The exception whose content each school designates.
pub(crate) const DIRECTORY: &str = "directory_information";

/// What a refusal of directory information does not hide inside a class: name, identifier, school address. 34 CFR 99.37(c)(1).
const IN_CLASS: [&str; 4] = ["identity.name", "account.username", "account.id", "contact.email"];

/// Why a charter has no rules.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RulesError {
    /// More facts than a decision can look at.
    #[error("who may see what depends on {found} conditions and exceptions: expected at most {FACTS_MAX}")]
    TooManyFacts {
        /// How many.
        found: usize,
    },
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It shows, given all of these facts.
    Shows(BTreeSet<Fact>),
    /// It may happen, and nobody can know when: it shows nothing.
    MayShow,
    /// It hides, unless one of these exceptions of the catalog holds.
    Hides(BTreeSet<WordId>),
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The claim it comes from; none for what a school hides.
    pub claim: Option<ClaimId>,
    /// The school it is of; none when it holds for all.
    pub school: Option<ControllerId>,
    /// What it does.
    pub effect: Effect,
    /// To whom, or from whom.
    pub viewers: Vec<Viewer>,
    /// Whose; everybody's when empty.
    pub subjects: Subjects,
    /// Which, as they were named; all that nothing shows when empty, which only what hides may be.
    pub names: Elements,
    /// Which.
    pub elements: ElementSet,
}

/// All rules of a charter.
#[derive(Debug, Clone)]
pub struct Rules {
    /// In the order of their claims, those of schools last.
    pub rules: Vec<Rule>,
    /// What each school with a variant has designated as directory information, and may have.
    pub designated: BTreeMap<ControllerId, ElementSet>,
    /// Claims that show something to recipients, or speak of what is seen at one: the gate's business.
    pub of_the_gate: BTreeSet<ClaimId>,
    /// The facts that they depend on.
    pub facts: FactIndex,
}

impl Rules {
    /// The rules of a charter.
    ///
    /// # Errors
    /// [`RulesError::TooManyFacts`].
    pub fn of(charter: &Charter) -> Result<Self, RulesError> {
        let content = charter.content();
        let (about_us, elsewhere): (Vec<&Claim>, Vec<&Claim>) = content
            .claims
            .values()
            .filter(|claim| says_who_sees(&claim.kind).is_some())
            .partition(|claim| claim.recipient.is_none());
        let to_recipients = about_us.iter().filter(|claim| names_recipients(&claim.kind));
        let of_the_gate = elsewhere
            .iter()
            .chain(to_recipients)
            .map(|claim| claim.id.clone())
            .collect();
        let said = about_us.iter().filter_map(|claim| rule(claim));
        let hidden = content.controllers.values().flat_map(|school| {
            school.hides.iter().map(|row| Rule {
                claim: None,
                school: Some(school.id.clone()),
                effect: Effect::Hides(BTreeSet::new()),
                viewers: Viewer::of_words(&row.viewers),
                subjects: Subjects::new(),
                names: row.elements.clone(),
                elements: ElementSet::of(&row.elements),
            })
        });
        let rules: Vec<Rule> = said.chain(hidden).filter(|rule| !rule.viewers.is_empty()).collect();
        let designated = content.controllers.values();
        let designated = designated.map(|school| (school.id.clone(), designation(&school.directory_information)));
        let facts = facts(&rules);
        let found = facts.len();
        Ok(Self {
            designated: designated.collect(),
            of_the_gate,
            facts: FactIndex::new(facts).ok_or(RulesError::TooManyFacts { found })?,
            rules,
        })
    }

    /// The rules that hold for people of a school; of no school with a variant when none.
    pub fn of_school<'a>(&'a self, school: Option<&'a ControllerId>) -> impl Iterator<Item = &'a Rule> {
        let rules = self.rules.iter();
        rules.filter(move |rule| rule.school.is_none() || rule.school.as_ref() == school)
    }

    /// What a school has designated; nothing where it has no file.
    pub fn designated_by(&self, school: Option<&ControllerId>) -> ElementSet {
        let own = school.and_then(|school| self.designated.get(school));
        own.copied().unwrap_or_default()
    }
}

impl Rule {
    /// What it is called: its claim, or the school whose file says it.
    pub fn name(&self) -> String {
        match (&self.claim, &self.school) {
            (Some(claim), _) => claim.to_string(),
            (None, Some(school)) => format!("hides of {school}"),
            (None, None) => String::new(),
        }
    }

    /// Whether it speaks of data of this kind of person. In doubt about a person's age what hides does, what shows does not.
    pub fn is_about(&self, kind: Kind) -> bool {
        match self.effect {
            Effect::Hides(_) => kind.may_be_among(self.subjects.iter()),
            Effect::Shows(_) | Effect::MayShow => kind.is_among(self.subjects.iter()),
        }
    }

    /// Of what hides: its elements in parts, each with the facts of which one lifts it for people of a school that has
    /// designated `designated`.
    pub(crate) fn lifted(&self, designated: ElementSet) -> Vec<(BTreeSet<Fact>, ElementSet)> {
        let Effect::Hides(unless) = &self.effect else {
            return Vec::new();
        };
        let others = unless.iter().filter(|word| word.as_str() != DIRECTORY);
        let always: BTreeSet<Fact> = others.cloned().map(Fact::Exception).collect();
        let directory = match unless.iter().any(|word| word.as_str() == DIRECTORY) {
            true => self.elements & designated,
            false => ElementSet::EMPTY,
        };
        let with = |more: &[Fact]| always.iter().chain(more).cloned().collect();
        let parts = [
            (always.clone(), self.elements - directory),
            (with(&[Fact::NoOptOut]), directory - in_class()),
            (with(&[Fact::NoOptOut, Fact::SameClass]), directory & in_class()),
        ];
        parts.into_iter().filter(|(_, elements)| !elements.is_empty()).collect()
    }
}

/// What a refusal of directory information does not hide inside a class.
pub(crate) fn in_class() -> ElementSet {
    let names: Vec<ElementId> = IN_CLASS.iter().filter_map(|name| ElementId::new(name).ok()).collect();
    ElementSet::of(&names)
}

/// What of a school's designation may be one, 34 CFR 99.3: what the law's examples hold, and by its own name also what depends
/// on the circumstances, which the school knows. A social security number is none, whoever designates it.
fn designation(named: &BTreeSet<ElementId>) -> ElementSet {
    let may = catalog().elements().filter(|row| match row.ferpa_directory {
        LegalTest::Yes => named.iter().any(|name| name.covers(&row.id)),
        LegalTest::Conditional => named.contains(&row.id),
        LegalTest::No => false,
    });
    ElementSet::of(may.map(|row| &row.id))
}

fn says_who_sees(kind: &ClaimKind) -> Option<&BTreeSet<WordId>> {
    match kind {
        ClaimKind::VisibleTo { viewers, .. } | ClaimKind::HiddenFrom { viewers, .. } => Some(viewers),
        _ => None,
    }
}

fn names_recipients(kind: &ClaimKind) -> bool {
    says_who_sees(kind).is_some_and(|viewers| viewers.iter().any(|word| word.as_str() == RECIPIENT))
}

fn rule(claim: &Claim) -> Option<Rule> {
    let (elements, subjects, viewers, effect) = match &claim.kind {
        ClaimKind::VisibleTo {
            elements,
            subjects,
            viewers,
            when,
            off_by,
        } => {
            let off = off_by.iter().cloned().map(Fact::LeftOn);
            let effect = Fact::of_condition(when).map_or(Effect::MayShow, |needed| {
                Effect::Shows(needed.into_iter().chain(off).collect())
            });
            (elements, subjects, viewers, effect)
        }
        ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            unless,
        } => (elements, subjects, viewers, Effect::Hides(unless.clone())),
        _ => return None,
    };
    Some(Rule {
        claim: Some(claim.id.clone()),
        school: None,
        effect,
        viewers: Viewer::of_words(viewers),
        subjects: subjects.clone(),
        names: elements.clone(),
        elements: ElementSet::of(elements),
    })
}

fn facts(rules: &[Rule]) -> BTreeSet<Fact> {
    let of_rule = |rule: &Rule| -> BTreeSet<Fact> {
        match &rule.effect {
            Effect::Shows(needs) => needs.clone(),
            Effect::MayShow => BTreeSet::new(),
            Effect::Hides(unless) => unless.iter().flat_map(facts_of_exception).collect(),
        }
    };
    rules.iter().flat_map(of_rule).collect()
}

fn facts_of_exception(word: &WordId) -> Vec<Fact> {
    match word.as_str() {
        DIRECTORY => vec![Fact::NoOptOut, Fact::SameClass],
        _ => vec![Fact::Exception(word.clone())],
    }
}
