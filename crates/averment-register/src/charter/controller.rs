//! A school's own variant of the register: it may only narrow.
//!
//! Start at [`Controller`]; [`super::Charter::for_controller`] gives the charter that holds for that school.

use std::collections::BTreeSet;

use averment_catalog::typed_id;
use averment_catalog::{ElementId, WordId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::claim::{ClaimId, Elements, Subjects, Words};
use super::{Period, RecipientId};

typed_id!(
    /// A school or district, e.g. `westfield`.
    ControllerId
);

/// A school or district with what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// Identifier.
    pub id: ControllerId,
    /// Its name.
    pub name: String,
    /// How to reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The time zone that its days are of, such as `America/Chicago`; whether there is one of that name
    /// is for whoever knows zones to say ([`crate::check_with_zones`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Recipients that are switched off for it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<RecipientId>,
    /// What does not leave for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removes: Vec<Removal>,
    /// Periods that are shorter for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortens: Vec<Shortening>,
    /// What fewer viewers see of its people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hides: Vec<Hiding>,
    /// What it has designated as directory information, 34 CFR 99.37(a).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub directory_information: BTreeSet<ElementId>,
    /// The agreement with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
}

/// These elements of these subjects do not leave to these recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Which.
    pub elements: Elements,
    /// Whose; everybody's when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subjects: Subjects,
    /// Not to these; not to anybody when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub recipients: BTreeSet<RecipientId>,
}

/// A `retained_for` or `erased_on` claim with a shorter time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortening {
    /// Which claim.
    pub claim: ClaimId,
    /// The time that holds for this school.
    pub duration: Period,
}

/// These viewers do not see these elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hiding {
    /// Which.
    pub elements: Elements,
    /// From whom.
    pub viewers: Words,
}

/// What the agreement with a school fixes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its form, e.g. `ndpa`.
    pub form: WordId,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Its first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Date>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Time to tell the school of a breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach_notice: Option<Period>,
    /// Time to delete at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Period>,
    /// Time between the notice of a new recipient and its first use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Period>,
}
