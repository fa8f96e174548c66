//! What a probe found out about one claim on one plane.

use averment_catalog::Plane;
use averment_ledger::Measurement;
use averment_register::{Claim, ClaimId};
use jiff::Timestamp;
use serde::Serialize;

/// Most places and notes that are told.
const TOLD_MAX: usize = 100;

/// What a probe found out about one claim on one plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Probed {
    /// The claim.
    pub claim: ClaimId,
    /// Which probe: `probe.stored_as`.
    pub by: &'static str,
    /// Where it looked.
    pub plane: Plane,
    /// How many it looked at.
    pub observed: u64,
    /// How many of them go against the claim.
    pub contrary: u64,
    /// How many could not be read.
    pub unreadable: u64,
    /// How many should have been looked at and were not.
    pub unseen: u64,
    /// What goes against it, in a few words without values.
    pub places: Vec<String>,
    /// What was looked at, and why something was not.
    pub notes: Vec<String>,
    /// What a look sees on one day shows no more than this: nothing measures it here, and somebody has to vouch for it.
    pub attest: bool,
}

impl Probed {
    pub(crate) fn new(claim: &Claim, by: &'static str, plane: Plane) -> Self {
        Self {
            claim: claim.id.clone(),
            by,
            plane,
            observed: 0,
            contrary: 0,
            unreadable: 0,
            unseen: 0,
            places: Vec::new(),
            notes: Vec::new(),
            attest: false,
        }
    }

    /// So many were looked at.
    pub(crate) fn saw(&mut self, count: u64) {
        self.observed += count;
    }

    /// So many of those looked at go against the claim.
    pub(crate) fn against(&mut self, count: u64, place: impl Into<String>) {
        if count > 0 {
            self.contrary += count;
            push(&mut self.places, place.into());
        }
    }

    /// The same, where several things are to be told about them.
    pub(crate) fn against_all(&mut self, count: u64, places: impl IntoIterator<Item = String>) {
        if count > 0 {
            self.contrary += count;
            places.into_iter().for_each(|place| push(&mut self.places, place));
        }
    }

    /// So many could not be read.
    pub(crate) fn unread(&mut self, count: u64, because: impl Into<String>) {
        if count > 0 {
            self.unreadable += count;
            self.note(because);
        }
    }

    /// So many should have been looked at and were not.
    pub(crate) fn missed(&mut self, count: u64, because: impl Into<String>) {
        if count > 0 {
            self.unseen += count;
            self.note(because);
        }
    }

    /// Something to know about the look.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        push(&mut self.notes, text.into());
    }

    /// Nothing here can measure it.
    pub(crate) fn vouch_for_it(&mut self, because: impl Into<String>) {
        self.attest = true;
        self.note(because);
    }

    /// Whether something was looked at, all of it, and nothing goes against the claim.
    pub fn holds(&self) -> bool {
        self.observed > 0 && self.contrary == 0 && self.unreadable == 0 && self.unseen == 0
    }

    /// Whether there is anything to record. What nothing can measure is not: a look that saw nothing would stand in the way
    /// of whoever vouches for it.
    pub fn is_recorded(&self) -> bool {
        self.observed > 0 || self.unseen > 0 || self.unreadable > 0
    }

    /// As it goes into the ledger, without an identifier.
    pub fn measurement(&self, from: Timestamp, until: Timestamp) -> Measurement {
        Measurement {
            id: String::new(),
            claim: self.claim.to_string(),
            claim_version: None,
            by: self.by.to_owned(),
            plane: Some(self.plane.as_str().to_owned()),
            from: from.to_string(),
            until: until.to_string(),
            observed: self.observed,
            contrary: self.contrary,
            unreadable: self.unreadable,
            unseen: self.unseen,
            enforcing: false,
            places: self.places.clone(),
            document: None,
        }
    }
}

/// Adds a text once, up to the most that are told.
fn push(texts: &mut Vec<String>, text: String) {
    if texts.len() < TOLD_MAX && !texts.contains(&text) {
        texts.push(text);
    }
}
