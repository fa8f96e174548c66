//! What the ledger shows about one claim on one plane, within a window of time.

use std::collections::BTreeMap;

use averment_catalog::{ElementId, Plane};
use averment_register::ClaimId;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::testimony::About;

/// The evidence about every claim, as of a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceByClaim {
    /// What messages show, by claim and plane, for every kind that they say something about.
    pub messages: BTreeMap<ClaimId, Vec<Evidence>>,
    /// What programs measured and people vouch for.
    pub testimony: BTreeMap<ClaimId, About>,
    /// How much of the window a gate watched.
    pub watched: Watched,
    /// Digest of the charter that came into force last (`sha256:…`); none when the ledger does not say.
    pub in_force: Option<String>,
}

impl std::ops::Index<&ClaimId> for EvidenceByClaim {
    type Output = [Evidence];

    /// What messages show about a claim; nothing for a claim that they say nothing about.
    fn index(&self, claim: &ClaimId) -> &[Evidence] {
        self.messages.get(claim).map_or(&[], Vec::as_slice)
    }
}

/// What the ledger shows about one claim on one plane.
///
/// Counts are messages within the window. Those decided later than `now` count only where they speak against the claim
/// (`contrary`, `unreadable`, `unattributed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where the messages were seen.
    pub plane: Plane,
    /// Messages that were looked at, refused ones included.
    pub observed: u64,
    /// Of those, messages that were refused.
    pub refused: u64,
    /// Of those, messages that would count as contrary, unreadable or unattributed, but no byte of them went out because
    /// the recipient could not be reached.
    pub not_sent: u64,
    /// Messages that went out, or may have, against the claim.
    pub contrary: u64,
    /// Messages that would have been against the claim and were refused.
    pub prevented: u64,
    /// Messages that went out, or may have, with a place that could not be read.
    pub unreadable: u64,
    /// Messages that went out with what the claim speaks of, but of nobody in the directory; for claims about the list,
    /// messages to recipients that the current list no longer names.
    pub unattributed: u64,
    /// Messages decided in report mode.
    pub reported: u64,
    /// Messages decided in enforce mode.
    pub enforced: u64,
    /// Of those decided in report mode, the ones whose mode matters to the claim; for claims about the list, only
    /// messages to hosts that are not on it.
    pub not_enforced: u64,
    /// Messages that were not refused and held a mailbox of the platform's own, which is no finding.
    pub own_mailboxes: u64,
    /// First message within the window.
    pub first_at: Option<Timestamp>,
    /// Last message, within the window or before it.
    pub last_at: Option<Timestamp>,
    /// Number of the entry of the last message within the window.
    pub last_entry: Option<u64>,
    /// The last message against the claim that is still known; the ledger has them all.
    pub last_contrary: Option<Contrary>,
    /// Messages by digest of the charter that they were decided by (`sha256:…`); together those observed.
    pub charters: BTreeMap<String, u64>,
    /// How much of the window a gate watched.
    pub watched: Watched,
}

impl Evidence {
    /// Messages that went out, or may have.
    pub fn let_out(&self) -> u64 {
        self.observed.saturating_sub(self.refused + self.not_sent)
    }

    /// Messages that were decided by another charter than the one with this digest.
    pub fn decided_by_others(&self, charter: &str) -> u64 {
        let others = self.charters.iter().filter(|(digest, _)| *digest != charter);
        others.map(|(_, count)| count).sum()
    }

    pub(crate) fn none(plane: Plane, watched: Watched) -> Self {
        Self {
            plane,
            observed: 0,
            refused: 0,
            not_sent: 0,
            contrary: 0,
            prevented: 0,
            unreadable: 0,
            unattributed: 0,
            reported: 0,
            enforced: 0,
            not_enforced: 0,
            own_mailboxes: 0,
            first_at: None,
            last_at: None,
            last_entry: None,
            last_contrary: None,
            charters: BTreeMap::new(),
            watched,
        }
    }
}

/// One message against a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrary {
    /// Number of its entry in the ledger, from 0.
    pub index: u64,
    /// When; absent when the entry's time cannot be read.
    pub at: Option<Timestamp>,
    /// The first element against the claim; none when it is the host that speaks against it.
    pub element: Option<ElementId>,
    /// Whether it is known to have left.
    pub left: Left,
}

/// Whether a message is known to have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The recipient answered it.
    Surely,
    /// Its outcome is not recorded.
    Perhaps,
}

/// How much of the window a gate watched, as far as its entries show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// Length of the window.
    pub window: SignedDuration,
    /// Time within it between a gate's beginning and its end, or its last entry when it did not say goodbye. Of a gate
    /// that says from time to time that it watches, long silences are left out.
    pub watched: SignedDuration,
    /// Time within it since a gate began to watch for the first time; what is not watched of it is gaps.
    pub since_begun: SignedDuration,
}

impl Watched {
    /// Time that no gate watched since the first one began.
    pub fn gaps(&self) -> SignedDuration {
        (self.since_begun - self.watched).max(SignedDuration::ZERO)
    }

    /// Whether more than an hour and more than one part in `parts` of the time is gaps.
    pub fn has_gaps(&self, parts: i32) -> bool {
        self.gaps() > SignedDuration::from_hours(1) && self.gaps() * parts > self.since_begun
    }
}
