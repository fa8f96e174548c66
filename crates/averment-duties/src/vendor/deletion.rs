//! Where one deletion stands: what is kept between two requests.
//!
//! It holds the third party's own keys of the person's records until it ends; keep it where the erasure keeps its
//! identifiers, and destroy it with them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Hidden, Trouble};

/// What confirmed a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A look found none of the records any more.
    Look,
    /// The third party's own job says so.
    Job,
    /// Nothing was found from the first look on.
    NothingFound,
}

/// Where a deletion stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// No deletion has been asked for.
    Planned,
    /// A deletion has been or is about to be asked for.
    Requested,
    /// All were taken; nothing confirms it yet.
    Accepted,
    /// Nothing is found any more.
    Confirmed {
        /// When it was seen.
        at: Timestamp,
        /// How.
        by: Evidence,
    },
    /// Records are found after the time that the third party says it takes.
    StillThere {
        /// When they were seen.
        at: Timestamp,
    },
    /// It did not work.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// Somebody has to do it.
    Manual {
        /// Until when.
        due: Timestamp,
    },
    /// There is nothing to ask; the reason says why.
    NoApi,
    /// Somebody vouches for it.
    Attested {
        /// When it was recorded.
        at: Timestamp,
        /// The entry that says so.
        entry: String,
    },
}

impl Status {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Requested => "requested",
            Self::Accepted => "accepted",
            Self::Confirmed { .. } => "confirmed",
            Self::StillThere { .. } => "still_there",
            Self::Failed { .. } => "failed",
            Self::Manual { .. } => "manual",
            Self::NoApi => "no_api",
            Self::Attested { .. } => "attested",
        }
    }
}

/// The next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    /// Which step.
    pub(super) step: usize,
    /// Which of its requests.
    pub(super) deed: usize,
}

/// One person's deletion at one recipient. Serialisable; every field is needed to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// Version of this form.
    pub(super) version: u8,
    /// The recipient of the register.
    pub recipient: String,
    /// Where it stands.
    pub status: Status,
    /// Digest of the row that ran.
    pub(super) row: String,
    pub(super) at: Position,
    /// The deletion at `at` may have been sent.
    pub(super) intended: bool,
    /// Failed tries of the request at `at`.
    pub(super) attempts: u32,
    /// How often all steps were gone through.
    pub(super) round: u32,
    /// Keys of records by their name in templates.
    pub(super) found: BTreeMap<String, Vec<Hidden>>,
    /// Those whose deletion was taken.
    pub(super) gone: BTreeMap<String, Vec<Hidden>>,
    /// Records found.
    pub records: u64,
    /// Requests for deletion that were taken.
    pub deletions: u64,
    /// Confirming looks at records that found nothing, since the last deletion.
    pub(super) looks: u64,
    /// Confirming looks at jobs that were done, since the last deletion.
    pub(super) jobs: u64,
    /// First looks that found nothing.
    pub(super) blanks: u64,
    /// Controls that held.
    pub controls: u64,
    /// When it was planned.
    pub started_at: Timestamp,
    /// When the first deletion was asked for.
    pub requested_at: Option<Timestamp>,
    /// When the last was taken.
    pub accepted_at: Option<Timestamp>,
    /// Not to be advanced before; none: not waiting.
    pub next_at: Option<Timestamp>,
    /// When nothing should be found any more.
    pub due: Option<Timestamp>,
    /// What keeps it from being done.
    pub trouble: Option<Trouble>,
}

impl Deletion {
    /// Whether `advance` has nothing to do any more: it is done, or waits for somebody.
    pub fn is_over(&self) -> bool {
        !matches!(self.status, Status::Planned | Status::Requested | Status::Accepted)
            || self.trouble == Some(Trouble::NothingConfirms)
    }

    /// Whether it is shown that the person is erased: confirmed or attested, nothing else.
    pub fn is_done(&self) -> bool {
        matches!(self.status, Status::Confirmed { .. } | Status::Attested { .. })
    }

    /// Somebody vouches for it; `entry` says where that is recorded. A confirmed one stays as it is.
    #[must_use]
    pub fn attested(mut self, entry: &str, now: Timestamp) -> Self {
        if !self.is_done() {
            let entry = entry.to_owned();
            self.status = Status::Attested { at: now, entry };
            self.forget();
        }
        self
    }

    /// From the start again, when it was not done: what was found is not forgotten, and deleted once more.
    #[must_use]
    pub fn again(mut self) -> Self {
        if self.is_done() {
            return self;
        }
        for (name, keys) in std::mem::take(&mut self.gone) {
            let found = self.found.entry(name).or_default();
            let new = keys.into_iter().filter(|key| !found.contains(key)).collect::<Vec<_>>();
            found.extend(new);
        }
        self.status = Status::Planned;
        self.restart();
        (self.trouble, self.next_at, self.round) = (None, None, 0);
        self
    }

    /// Back to the first step.
    pub(super) fn restart(&mut self) {
        (self.at, self.intended, self.attempts) = (Position::default(), false, 0);
        (self.looks, self.jobs, self.blanks, self.controls) = (0, 0, 0, 0);
    }

    /// Nothing that names anybody is kept once it is done.
    pub(super) fn forget(&mut self) {
        self.found.clear();
        self.gone.clear();
        (self.next_at, self.trouble) = (None, None);
    }
}
