//! What a rule may depend on besides who asks: facts of the person concerned, of the school and of the request.
//!
//! Every fact is put so that it opens: more facts never show less. What is not known does not hold, and what cannot be known
//! at all ([`Fact::of_condition`] gives none) never holds.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::WordId;
use averment_register::Condition;

/// A fact that opens something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// The person chose to open it to this sort of viewer: switched a link on, made a profile public.
    SubjectChose,
    /// A support request of the person is open.
    SupportRequest,
    /// A consent of this kind is in force.
    Consent(String),
    /// The person, or whoever asks, did this: `gives-reason` for a reason given with the request.
    Act(String),
    /// Whoever may switch it off (a giver of the catalog) is known not to have done so for this sort of viewer.
    LeftOn(WordId),
    /// The student, or the parents, did not refuse directory information, 34 CFR 99.37(a)(2).
    NoOptOut,
    /// Both attend the same class, where a refusal does not hide name, identifier and school address, 34 CFR 99.37(c)(1).
    SameClass,
    /// An exception of the catalog holds: `emergency`, `consent`.
    Exception(WordId),
}

impl Fact {
    /// The fact that a condition asks for: `Ok(None)` for one that always holds, an error for one that nobody can know when
    /// somebody asks (`incidental`: it may happen, and nobody promised it; `subject_enters`: elsewhere).
    pub(crate) fn of_condition(condition: &Condition) -> Result<Option<Self>, Unknowable> {
        match condition {
            Condition::Always => Ok(None),
            Condition::SubjectChooses => Ok(Some(Self::SubjectChose)),
            Condition::OnSupportRequest => Ok(Some(Self::SupportRequest)),
            Condition::Consent(kind) => Ok(Some(Self::Consent(kind.clone()))),
            Condition::Act(what) => Ok(Some(Self::Act(what.clone()))),
            Condition::SubjectEnters | Condition::Incidental => Err(Unknowable),
        }
    }

    /// In words, as it reads after "when".
    pub fn words(&self) -> String {
        match self {
            Self::SubjectChose => "the person chose so".to_owned(),
            Self::SupportRequest => "a support request is open".to_owned(),
            Self::Consent(kind) => format!("a consent to `{kind}` is in force"),
            Self::Act(what) => format!("`{what}` was done"),
            Self::LeftOn(giver) => format!("{} did not switch it off", giver_label(giver)),
            Self::NoOptOut => "nobody refused directory information".to_owned(),
            Self::SameClass => "both attend the same class".to_owned(),
            Self::Exception(word) => format!("the exception `{word}` holds"),
        }
    }
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SubjectChose => f.write_str("subject_chooses"),
            Self::SupportRequest => f.write_str("on_support_request"),
            Self::Consent(kind) => write!(f, "consent:{kind}"),
            Self::Act(what) => write!(f, "act:{what}"),
            Self::LeftOn(giver) => write!(f, "left_on:{giver}"),
            Self::NoOptOut => f.write_str("directory_information"),
            Self::SameClass => f.write_str("same_class"),
            Self::Exception(word) => write!(f, "unless:{word}"),
        }
    }
}

/// A condition that nobody can know when somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unknowable;

fn giver_label(giver: &WordId) -> &str {
    let word = averment_catalog::catalog().word(averment_catalog::Vocabulary::Giver, giver.as_str());
    word.map_or(giver.as_str(), |word| word.label.as_str())
}

/// A set of facts, as bits of the [`FactIndex`] of one rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct FactSet(pub(crate) u64);

impl FactSet {
    /// No fact.
    pub const NONE: Self = Self(0);

    /// Whether all of `other` are among them.
    pub fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether they have one in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// How many.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::BitOr for FactSet {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Most facts that the rules of one register may depend on.
pub const FACTS_MAX: usize = 64;

/// The facts that a rule set depends on, each with its bit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactIndex(Vec<Fact>, BTreeMap<Fact, u32>);

impl FactIndex {
    /// Sorted, so that the same rules give the same bits; none when there are more than [`FACTS_MAX`].
    pub(crate) fn new(facts: BTreeSet<Fact>) -> Option<Self> {
        if facts.len() > FACTS_MAX {
            return None;
        }
        let bits = (0_u32..).zip(&facts).map(|(bit, fact)| (fact.clone(), bit)).collect();
        Some(Self(facts.into_iter().collect(), bits))
    }

    /// All facts, in the order of their bits.
    pub fn facts(&self) -> &[Fact] {
        &self.0
    }

    /// The set of those facts of `facts` that the rules depend on.
    pub fn set<'a>(&self, facts: impl IntoIterator<Item = &'a Fact>) -> FactSet {
        let bits = facts.into_iter().filter_map(|fact| self.1.get(fact));
        FactSet(bits.fold(0, |set, bit| set | 1 << bit))
    }

    /// The set of the facts for which `holds`.
    pub fn holding(&self, holds: impl Fn(&Fact) -> bool) -> FactSet {
        self.set(self.0.iter().filter(|fact| holds(fact)))
    }

    /// The facts of a set.
    pub fn of(&self, set: FactSet) -> Vec<&Fact> {
        let with = |(bit, _): &(usize, &Fact)| set.0 >> bit & 1 == 1;
        self.0.iter().enumerate().filter(with).map(|(_, fact)| fact).collect()
    }
}
