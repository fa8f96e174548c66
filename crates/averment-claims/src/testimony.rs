//! What programs measured and what people vouch for, kept per claim.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::Plane;
use averment_ledger::{Attestation, Correction, Measurement};
use averment_register::ClaimId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::claim_version::Versions;
use crate::kind::{PROVED_BY_CASES, PROVED_BY_SOLVER};

/// Measurements that are remembered per claim, program and plane.
const REMEMBERED: usize = 128;

/// One look of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Number of its entry in the ledger.
    pub entry: u64,
    /// When it was recorded; none when that cannot be read.
    pub at: Option<Timestamp>,
    /// The end of the time that it is about; none when that cannot be read.
    pub until: Option<Timestamp>,
    /// Which program.
    pub by: String,
    /// Where it looked; none when it does not say, or names a plane that nobody knows.
    pub plane: Option<Plane>,
    /// How many were looked at.
    pub observed: u64,
    /// How many of them go against the claim.
    pub contrary: u64,
    /// How many could not be read.
    pub unreadable: u64,
    /// How many should have been looked at and were not.
    pub unseen: u64,
    /// Whether what goes against the claim is kept from happening.
    pub enforcing: bool,
    /// What goes against it, in a few words.
    pub places: Vec<String>,
    /// What the claim said then ([`crate::claim_version`]); none in entries of before that was recorded.
    #[serde(skip)]
    pub claim_version: Option<String>,
}

impl Look {
    fn of(measurement: &Measurement, entry: u64, at: Option<Timestamp>) -> Self {
        let named = measurement.plane.as_deref();
        Self {
            entry,
            at,
            until: measurement.until.parse().ok(),
            by: measurement.by.clone(),
            plane: Plane::ALL.into_iter().find(|plane| Some(plane.as_str()) == named),
            observed: measurement.observed,
            contrary: measurement.contrary,
            unreadable: measurement.unreadable,
            unseen: measurement.unseen,
            enforcing: measurement.enforcing,
            places: measurement.places.clone(),
            claim_version: measurement.claim_version.clone(),
        }
    }

    /// Whether everything was looked at and nothing goes against the claim.
    pub fn is_clean(&self) -> bool {
        self.is_whole() && self.contrary == 0
    }

    /// Whether nothing looked somewhere, and somebody vouches for it. In how many places is not known: a look names some only.
    pub fn is_vouched_for_in_part(&self) -> bool {
        let mut places = self.places.iter();
        places.any(|place| place.ends_with(Measurement::VOUCHED_FOR))
    }

    /// Whether something was looked at, and nothing of it was left out.
    pub fn is_whole(&self) -> bool {
        self.observed > 0 && self.unreadable == 0 && self.unseen == 0 && !self.is_vouched_for_in_part()
    }

    /// What is recorded later, or is about later, counts only against a claim.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| at <= now) && self.until.is_some_and(|until| until <= now)
    }

    /// What it is about, then when it was entered. An unreadable time is later than any other.
    pub(crate) fn order(&self) -> (Timestamp, u64) {
        (self.until.unwrap_or(Timestamp::MAX), self.entry)
    }
}

/// What a program that proves rules said last of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// What its report is called, see [`crate::proofs_name`].
    pub report: String,
    /// What it said.
    pub look: Look,
}

/// One attestation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vouched {
    /// Number of its entry in the ledger.
    pub entry: u64,
    /// When it was recorded; none when that cannot be read.
    pub at: Option<Timestamp>,
    /// Who, as a role.
    pub by: String,
    /// What they say.
    pub says: String,
    /// What it is about, where they say so: the systems and places that a certificate names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whether they find that the claim holds.
    pub holds: bool,
    /// The day on which what is vouched for was done or seen; none when that cannot be read.
    pub performed_on: Option<Date>,
    /// The last day on which it counts: absent when it does not say; an unreadable day is the first there is.
    pub valid_until: Option<Date>,
    /// SHA-256 of the document that shows it, base64.
    pub document: Option<String>,
    /// What the claim said then ([`crate::claim_version`]); none in entries of before that was recorded.
    #[serde(skip)]
    pub claim_version: Option<String>,
}

impl Vouched {
    pub(crate) fn of(attestation: &Attestation, entry: u64, at: Option<Timestamp>) -> Self {
        let last_day = |text: &String| text.parse().unwrap_or(Date::MIN);
        Self {
            entry,
            at,
            by: attestation.by.clone(),
            says: attestation.says.clone(),
            scope: attestation.scope.clone(),
            // A word that is not known is no pass.
            holds: attestation.finds == "holds",
            performed_on: attestation.performed_on.parse().ok(),
            valid_until: attestation.valid_until.as_ref().map(last_day),
            document: attestation
                .document
                .as_ref()
                .map(|document| document.sha256.to_string()),
            claim_version: attestation.claim_version.clone(),
        }
    }

    /// The day, then when it was entered. An unreadable day is later than any other.
    pub(crate) fn order(&self) -> (Date, u64) {
        (self.performed_on.unwrap_or(Date::MAX), self.entry)
    }
}

/// Measurements and attestations about one claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// By program and plane, each in the order of what they are about.
    pub looks: BTreeMap<(String, Option<Plane>), Vec<Look>>,
    /// By program, of those that prove rules.
    pub proved: BTreeMap<String, Proved>,
    /// In the order of the days that they are about; those that were made void are not among them.
    pub vouched: Vec<Vouched>,
}

/// Measurements and attestations, by claim.
#[derive(Debug, Clone, Default)]
pub(crate) struct Testimony {
    by_claim: BTreeMap<String, About>,
    /// Attestations that were made void, by number of their entries, with the time of the correction.
    void: BTreeMap<u64, Option<Timestamp>>,
    seen: BTreeSet<(String, String)>,
}

impl Testimony {
    pub(crate) fn measured(&mut self, measurement: &Measurement, index: u64, at: Option<Timestamp>) {
        let look = Look::of(measurement, index, at);
        let is_new = self.is_new(&measurement.claim, &measurement.id);
        if look.contrary == 0 && !is_new {
            return;
        }
        let about = self.by_claim.entry(measurement.claim.clone()).or_default();
        if [PROVED_BY_SOLVER, PROVED_BY_CASES].contains(&look.by.as_str()) {
            let report = measurement.document.as_ref().map(|report| report.name.clone());
            let proved = Proved {
                report: report.unwrap_or_default(),
                look: look.clone(),
            };
            about.proved.insert(look.by.clone(), proved);
        }
        let looks = about.looks.entry((look.by.clone(), look.plane)).or_default();
        let place = looks.partition_point(|known| known.order() < look.order());
        looks.insert(place, look);
        if looks.len() > REMEMBERED {
            // What goes against the claim is the last to be forgotten.
            let oldest = looks.iter().position(|look| look.contrary == 0).unwrap_or(0);
            looks.remove(oldest);
        }
    }

    pub(crate) fn attested(&mut self, attestation: &Attestation, index: u64, at: Option<Timestamp>) {
        let vouched = Vouched::of(attestation, index, at);
        let is_new = self.is_new(&attestation.claim, &attestation.id);
        if vouched.holds && !is_new {
            return;
        }
        let about = self.by_claim.entry(attestation.claim.clone()).or_default();
        let place = about.vouched.partition_point(|known| known.order() < vouched.order());
        about.vouched.insert(place, vouched);
    }

    /// What programs measured stands; only what people entered can be made void.
    pub(crate) fn corrected(&mut self, correction: &Correction, at: Option<Timestamp>) {
        if correction.void {
            self.void.entry(correction.entry).or_insert(at);
        }
    }

    /// Whether this identifier was not yet seen with the claim. What goes against a claim is never taken for a repetition.
    fn is_new(&mut self, claim: &str, id: &str) -> bool {
        self.seen.insert((claim.to_owned(), id.to_owned()))
    }

    /// What is there about each claim, as of `now` and as the claims are.
    pub(crate) fn about(&self, now: Timestamp, versions: &Versions) -> BTreeMap<ClaimId, About> {
        let known = self.by_claim.iter();
        let about = |(claim, about): (&String, &About)| {
            let claim = ClaimId::new(claim).ok()?;
            let in_force = self.in_force(about, now, versions.get(&claim));
            Some((claim, in_force))
        };
        known.filter_map(about).collect()
    }

    /// What speaks for a claim that said something else then does not count; what speaks against it does. Likewise a correction
    /// that lies in the future takes back only what speaks for a claim.
    fn in_force(&self, about: &About, now: Timestamp, version: Option<&String>) -> About {
        let is_of_it = |said: &Option<String>| said.is_none() || said.as_ref() == version;
        let stands = |vouched: &&Vouched| match self.void.get(&vouched.entry) {
            None => !vouched.holds || is_of_it(&vouched.claim_version),
            Some(at) => !vouched.holds && at.is_none_or(|at| at > now),
        };
        let mut looks = about.looks.clone();
        for looks in looks.values_mut() {
            looks.retain(|look| look.contrary > 0 || is_of_it(&look.claim_version));
        }
        About {
            looks,
            proved: about.proved.clone(),
            vouched: about.vouched.iter().filter(stands).cloned().collect(),
        }
    }
}
