//! One recipient: who it is, how it is reached, what it may get, and what was agreed with it.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, Plane, PurposeId, SubjectId, ThirdPartyId, Treatment, typed_id};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::claim::{Elements, Subjects, Words};
use super::{Condition, Mode, Period, PseudonymsInAnswers, RecipientRole, Said, StudentRecords, Unreadable};
use averment_catalog::WordId;

typed_id!(
    /// A recipient of the register, e.g. `zendesk`.
    RecipientId
);
typed_id!(
    /// A rule that lets an element leave: one `[[discloses]]` row, e.g. `twilio/discloses-1`.
    RuleId
);

/// One declared disclosure: these elements of these subjects, under this condition, after this treatment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// The rule's name in verdicts, entries and refusals.
    pub rule: RuleId,
    /// Elements or categories of elements.
    pub elements: Elements,
    /// Whose.
    pub subjects: Subjects,
    /// When.
    pub when: Condition,
    /// What is done to the elements first.
    pub treatment: Treatment,
    /// Only of people in these countries; everywhere when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub territories: BTreeSet<String>,
    /// What it rests on, e.g. `ferpa.school_official`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub basis: Words,
}

impl Disclosure {
    /// Whether this row declares `element` of a subject of kind `subject`.
    pub fn covers(&self, element: &ElementId, subject: &SubjectId) -> bool {
        self.covers_element(element) && self.subjects.iter().any(|declared| declared.covers(subject))
    }

    /// Whether this row declares `element` of anybody.
    pub fn covers_element(&self, element: &ElementId) -> bool {
        self.elements.iter().any(|declared| declared.covers(element))
    }
}

/// What comes in from this party (a sign-on, a roster).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which.
    pub elements: Elements,
    /// Whose.
    pub subjects: Subjects,
    /// When.
    pub when: Condition,
}

/// A transfer to a third country, GDPR Art. 44-49.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Transfer {
    /// The country, ISO 3166-1 alpha-2.
    pub to: String,
    /// What it rests on.
    pub safeguard: WordId,
    /// The instrument by name: a decision, a set of clauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// A party that gets data from this recipient and stands in no file of its own, 34 CFR 99.33(b); GDPR Art. 28(4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Onward {
    /// Its name.
    pub name: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub elements: Elements,
    /// Where, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What the contract with a recipient fixes, GDPR Art. 28(3); 16 CFR 312.8(c).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Where it can be read, or its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Its first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Date>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What it says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub terms: Words,
    /// Time to delete at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Period>,
    /// Time to tell of a breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach_notice: Option<Period>,
}

/// One recipient, compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Identifier in the register.
    pub id: RecipientId,
    /// Name as published: the brand.
    pub name: String,
    /// The legal entity that runs it, where it is another name than the brand's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Third parties of the catalog that it stands for (a brand may have several).
    pub third_parties: BTreeSet<ThirdPartyId>,
    /// The published sentence on why.
    pub purpose: String,
    /// Purposes in the catalog's words.
    pub purposes: BTreeSet<PurposeId>,
    /// The published sentence on what.
    pub information: String,
    /// Where its flows can be seen.
    pub planes: BTreeSet<Plane>,
    /// The part it plays.
    pub role: RecipientRole,
    /// What the document says about student records.
    pub student_records: StudentRecords,
    /// Report or enforce.
    pub mode: Mode,
    /// What happens to bodies that cannot be read.
    pub unreadable: Unreadable,
    /// What becomes of its pseudonyms in its answers.
    #[serde(default, skip_serializing_if = "PseudonymsInAnswers::are_kept")]
    pub pseudonyms_in_answers: PseudonymsInAnswers,
    /// Host patterns: the catalog's and the register's own.
    pub hosts: BTreeSet<String>,
    /// What it may get.
    pub discloses: Vec<Disclosure>,
    /// What comes in from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receives: Vec<Receipt>,
    /// Recipients of this register that pass data on to it (a tag manager, a donor tool).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub through: BTreeSet<RecipientId>,
    /// Systems that it runs on: recipients of this register that hold what it stores.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub runs_on: BTreeSet<RecipientId>,
    /// Parties that get data from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub onward: Vec<Onward>,
    /// Where it processes, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub countries: BTreeSet<String>,
    /// Transfers to third countries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transfers: Vec<Transfer>,
    /// What it does with data for itself.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub own_use: Words,
    /// What was agreed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
    /// Business address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Its page on privacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// When schools were told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Date>,
    /// First day of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<Date>,
    /// First day without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Date>,
    /// Where it was said.
    pub said: Option<Said>,
}
