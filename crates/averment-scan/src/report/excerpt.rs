//! What stands at a place: the evidence of the look there, never a line of what was read.

use std::collections::BTreeMap;

use crate::drift::Drift;
use crate::observation::{Evidence, How, Party, Spot};
use crate::seen::Seen;

/// Evidence by party and place.
pub(super) struct Excerpts<'a> {
    by_place: BTreeMap<(&'a Party, &'a Spot), &'a Evidence>,
}

impl<'a> Excerpts<'a> {
    pub(super) fn of(seen: &'a Seen) -> Self {
        let mut by_place: BTreeMap<(&Party, &Spot), &Evidence> = BTreeMap::new();
        for observation in &seen.observations {
            for evidence in &observation.evidence {
                let place = by_place.entry((&observation.party, &evidence.spot)).or_insert(evidence);
                if (evidence.tier, evidence.confidence) > (place.tier, place.confidence) {
                    *place = evidence;
                }
            }
        }
        Self { by_place }
    }

    /// The strongest evidence of the drift's party at `spot`.
    pub(super) fn at(&self, drift: &Drift, spot: &Spot) -> Option<&'a Evidence> {
        let party = drift.party.as_ref()?;
        self.by_place.get(&(party, spot)).copied()
    }
}

/// What shows it, in a word.
pub(super) fn word(how: How) -> &'static str {
    match how {
        How::Manifest => "manifest",
        How::LockFile => "lock file",
        How::Import => "import",
        How::Call => "call",
        How::Host => "host",
        How::Script => "script",
        How::Frame => "frame",
        How::Image => "image",
        How::Resource => "resource",
        How::Form => "form",
        How::Link => "link",
        How::Policy => "policy",
        How::Environment => "environment key",
        How::Infrastructure => "infrastructure",
        How::Workflow => "workflow",
        How::Request => "request",
        How::Cookie => "cookie",
        How::PolicyReport => "policy report",
        How::Record => "record",
    }
}
