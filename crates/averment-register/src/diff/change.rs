//! One change: what is compared, what both charters say, and what follows from that.
//!
//! Start at [`Change::between`]. Direction, sentence and duties are worked out from the two sides and from nothing else,
//! so that turning a change round is swapping its sides.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, SubjectId};
use serde_json::{Value as Json, json};

use super::duty::{self, Duty};
use super::facet::{Scalar, Set};
use super::sentence;
use super::term::{self, Terms};
use crate::charter::{Claim, ClaimId, Controller, ControllerId, Recipient, RecipientId, Store, StoreId, Words};
use crate::diff::promise;

/// Which way a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// More leaves, to more, for more, or to more places.
    Wider,
    /// Less does.
    Narrower,
    /// A claim or an agreement promises more.
    PromisesMore,
    /// It promises less.
    PromisesLess,
    /// Wider or less in one respect, narrower or more in another.
    Mixed,
    /// Neither: another wording, name, date.
    Other,
}

impl Direction {
    /// The word in the machine form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::PromisesMore => "promises_more",
            Self::PromisesLess => "promises_less",
            Self::Mixed => "mixed",
            Self::Other => "other",
        }
    }

    /// Whether something is let out or taken back that was not before.
    pub fn is_wider(self) -> bool {
        matches!(self, Self::Wider | Self::PromisesLess | Self::Mixed)
    }

    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Wider => Self::Narrower,
            Self::Narrower => Self::Wider,
            Self::PromisesMore => Self::PromisesLess,
            Self::PromisesLess => Self::PromisesMore,
            same => same,
        }
    }
}

/// Whom a change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Who makes the statements.
    Organisation,
    /// A published document.
    Document(String),
    /// A recipient.
    Recipient(RecipientId),
    /// A claim.
    Claim {
        /// Its identifiers: two where both charters number it differently.
        ids: BTreeSet<ClaimId>,
        /// The recipient that it is about.
        recipient: Option<RecipientId>,
    },
    /// A school.
    Controller(ControllerId),
    /// A store of the data map.
    Store(StoreId),
}

impl Subject {
    /// The recipient, where it is about one.
    pub fn recipient(&self) -> Option<&RecipientId> {
        match self {
            Self::Recipient(id) => Some(id),
            Self::Claim { recipient, .. } => recipient.as_ref(),
            _ => None,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Organisation => "organisation".to_owned(),
            Self::Document(id) => format!("documents/{id}"),
            Self::Recipient(id) => format!("recipients/{id}"),
            Self::Claim { ids, .. } => {
                let ids: Vec<&str> = ids.iter().map(ClaimId::as_str).collect();
                format!("claims/{}", ids.join("+"))
            }
            Self::Controller(id) => format!("controllers/{id}"),
            Self::Store(id) => format!("data/{id}"),
        }
    }
}

/// What about it is compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Aspect {
    /// Whether it is there at all.
    Whole,
    /// One value; the text tells several of a kind apart.
    Scalar(&'static Scalar, String),
    /// Members that one side has and the other has not.
    Set(&'static Set),
    /// What these elements of these kinds of people are let out under.
    Discloses(BTreeSet<ElementId>, BTreeSet<SubjectId>),
    /// What comes in.
    Receives(BTreeSet<ElementId>, BTreeSet<SubjectId>),
    /// What a school keeps from a recipient, or from all.
    Removes(Option<RecipientId>, BTreeSet<ElementId>, BTreeSet<SubjectId>),
    /// What a school keeps from viewers.
    Hides(BTreeSet<ElementId>, Words),
    /// What a claim says.
    Claim,
}

/// What one charter says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// That it is so.
    There,
    /// A text, and how it ranks among others of its kind.
    Scalar { text: String, rank: i64 },
    /// Words in files, with what people call them.
    Members(BTreeMap<String, String>),
    /// Under which terms elements leave.
    Terms(Terms),
    /// A recipient.
    Recipient(Box<Recipient>),
    /// A claim.
    Claim(Box<Claim>),
    /// A school.
    Controller(Box<Controller>),
    /// A store.
    Store(Box<Store>),
}

/// Of one charter: how the subject is called, and whose data it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) name: String,
    /// Whether data of students may be meant.
    pub(crate) students: bool,
    /// Whether data of children under 13 may be meant.
    pub(crate) children: bool,
}

/// One change between two charters.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Names the place in the register; the same whenever this place changes this way.
    pub id: String,
    /// Kind of change: `recipient`, `discloses`, `countries`, `claim` …
    pub what: &'static str,
    /// Whom it is about.
    pub subject: Subject,
    /// Which way it goes.
    pub direction: Direction,
    /// The change in a sentence for people.
    pub sentence: String,
    /// What it obliges to.
    pub duties: BTreeSet<Duty>,
    pub(crate) aspect: Aspect,
    pub(crate) sides: [Side; 2],
    pub(crate) old: Option<Value>,
    pub(crate) new: Option<Value>,
}

impl Change {
    pub(crate) fn between(subject: Subject, aspect: Aspect, sides: [Side; 2], values: [Option<Value>; 2]) -> Self {
        let [old, new] = values;
        let mut change = Self {
            id: String::new(),
            what: what(&subject, &aspect),
            subject,
            direction: Direction::Other,
            sentence: String::new(),
            duties: BTreeSet::new(),
            aspect,
            sides,
            old,
            new,
        };
        change.id = change.path();
        change.direction = change.found_direction();
        change.sentence = sentence::of(&change);
        change.duties = duty::of(&change);
        change
    }

    /// The same change seen from the other charter.
    pub fn inverse(&self) -> Self {
        let [old, new] = self.sides.clone();
        let values = [self.new.clone(), self.old.clone()];
        Self::between(self.subject.clone(), self.aspect.clone(), [new, old], values)
    }

    /// Whether schools and the public have to be told beforehand.
    pub fn needs_notice(&self) -> bool {
        let told = [Duty::SubprocessorNotice, Duty::PolicyChangeNotice];
        told.iter().any(|duty| self.duties.contains(duty))
    }

    /// How the subject is called: by the new charter, or by the old one that alone has it.
    pub fn name(&self) -> &str {
        let [old, new] = &self.sides;
        if new.name.is_empty() { &old.name } else { &new.name }
    }

    /// What both charters say.
    pub(crate) fn values(&self) -> (Option<&Value>, Option<&Value>) {
        (self.old.as_ref(), self.new.as_ref())
    }

    fn path(&self) -> String {
        let base = self.subject.path();
        let cells = |elements: &BTreeSet<ElementId>, subjects: &BTreeSet<SubjectId>| {
            let elements = crate::reach::short_elements(elements);
            let subjects = crate::reach::short_subjects(subjects);
            let elements: Vec<&str> = elements.iter().map(ElementId::as_str).collect();
            let subjects: Vec<String> = subjects
                .iter()
                .map(|name| name.replace(" (age not known)", ".any_age"))
                .collect();
            format!("{}/{}", elements.join("+"), subjects.join("+"))
        };
        let rest = match &self.aspect {
            Aspect::Whole => return base,
            Aspect::Claim => {
                return match (&self.old, &self.new) {
                    (None, _) => format!("{base}/gained"),
                    (_, None) => format!("{base}/lost"),
                    _ => base,
                };
            }
            Aspect::Scalar(_, part) if part.is_empty() => String::new(),
            Aspect::Scalar(_, part) => format!("/{part}"),
            Aspect::Set(_) => format!("/{}", if self.old.is_none() { "gained" } else { "lost" }),
            Aspect::Discloses(elements, subjects) | Aspect::Receives(elements, subjects) => {
                format!("/{}", cells(elements, subjects))
            }
            Aspect::Removes(recipient, elements, subjects) => {
                let recipient = recipient.as_ref().map_or("every recipient", RecipientId::as_str);
                format!("/{recipient}/{}", cells(elements, subjects))
            }
            Aspect::Hides(elements, viewers) => {
                let viewers: Vec<&str> = viewers.iter().map(|word| word.as_str()).collect();
                let elements = crate::reach::short_elements(elements);
                let elements: Vec<&str> = elements.iter().map(ElementId::as_str).collect();
                format!("/{}/{}", elements.join("+"), viewers.join("+"))
            }
        };
        format!("{base}/{}{rest}", self.what)
    }

    fn found_direction(&self) -> Direction {
        let gained = self.old.is_none();
        match (&self.aspect, self.values()) {
            (Aspect::Whole, values) => match (&self.subject, gained) {
                (Subject::Store(_), true) if holds_personal(values.1) => Direction::Wider,
                (Subject::Store(_), false) if holds_personal(values.0) => Direction::Narrower,
                (Subject::Recipient(_), true) => Direction::Wider,
                (Subject::Recipient(_), false) => Direction::Narrower,
                _ => Direction::Other,
            },
            (Aspect::Scalar(scalar, _), (old, new)) => scalar.direction(rank(old), rank(new)),
            (Aspect::Set(set), _) if gained => set.up,
            (Aspect::Set(set), _) => set.up.reversed(),
            (Aspect::Discloses(..) | Aspect::Receives(..), (old, new)) => term::direction(terms(old), terms(new)),
            (Aspect::Removes(..) | Aspect::Hides(..), _) if gained => Direction::Narrower,
            (Aspect::Removes(..) | Aspect::Hides(..), _) => Direction::Wider,
            (Aspect::Claim, (old, new)) => promise::direction(claim(old), claim(new)),
        }
    }

    /// As a row of the machine form.
    pub fn to_json(&self) -> Json {
        let mut row = json!({
            "id": self.id,
            "what": self.what,
            "name": self.name(),
            "recipient": self.subject.recipient(),
            "old": self.old.as_ref().map(Value::to_json),
            "new": self.new.as_ref().map(Value::to_json),
            "direction": self.direction.as_str(),
            "sentence": self.sentence,
            "needs_notice": self.needs_notice(),
            "duties": self.duties.iter().map(|duty| json!({ "id": duty.id(), "cite": duty.cite() })).collect::<Vec<_>>(),
        });
        match &self.aspect {
            Aspect::Discloses(elements, subjects) | Aspect::Receives(elements, subjects) => {
                row["elements"] = json!(elements);
                row["subjects"] = json!(subjects);
            }
            Aspect::Removes(_, elements, subjects) => {
                row["elements"] = json!(elements);
                row["subjects"] = json!(subjects);
            }
            Aspect::Hides(elements, viewers) => {
                row["elements"] = json!(elements);
                row["viewers"] = json!(viewers);
            }
            _ => {}
        }
        row
    }
}

impl Value {
    fn to_json(&self) -> Json {
        match self {
            Self::There => json!(true),
            Self::Scalar { text, .. } => json!(text),
            Self::Members(members) => json!(members.keys().collect::<Vec<_>>()),
            Self::Terms(terms) => json!(terms.iter().map(term::Term::to_json).collect::<Vec<_>>()),
            Self::Recipient(recipient) => json!(recipient),
            Self::Claim(claim) => json!(claim),
            Self::Controller(controller) => json!(controller),
            Self::Store(store) => json!(store),
        }
    }
}

fn what(subject: &Subject, aspect: &Aspect) -> &'static str {
    match (aspect, subject) {
        (Aspect::Whole, Subject::Recipient(_)) => "recipient",
        (Aspect::Whole, Subject::Controller(_)) => "controller",
        (Aspect::Whole, Subject::Store(_)) => "store",
        (Aspect::Whole, _) => "document",
        (Aspect::Scalar(scalar, _), _) => scalar.word,
        (Aspect::Set(set), _) => set.word,
        (Aspect::Discloses(..), _) => "discloses",
        (Aspect::Receives(..), _) => "receives",
        (Aspect::Removes(..), _) => "removes",
        (Aspect::Hides(..), _) => "hides",
        (Aspect::Claim, _) => "claim",
    }
}

fn holds_personal(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Store(store)) if store.is_personal())
}

fn rank(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Scalar { rank, .. }) => Some(*rank),
        _ => None,
    }
}

pub(crate) fn terms(value: Option<&Value>) -> &Terms {
    static NONE: Terms = BTreeSet::new();
    match value {
        Some(Value::Terms(terms)) => terms,
        _ => &NONE,
    }
}

pub(crate) fn claim(value: Option<&Value>) -> Option<&Claim> {
    match value {
        Some(Value::Claim(claim)) => Some(claim),
        _ => None,
    }
}
