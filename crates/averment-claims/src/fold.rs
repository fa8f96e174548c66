//! Ledger entries in, evidence per claim out. Incremental: a live page pushes only what is new.
//!
//! Entries are taken in the order of the ledger. An intent counts as a message that left from the moment it is pushed;
//! only an outcome that says that no byte went out takes that back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use averment_catalog::Plane;
use averment_ledger::{Deed, Entry, Message, Outcome};
use averment_register::{Charter, ClaimId};
use jiff::{SignedDuration, Timestamp};

use crate::claim_version::{Versions, versions};
use crate::evidence::{Evidence, EvidenceByClaim, Watched};
use crate::judge::{Case, Reading, Test};
use crate::repeated::Repeated;
use crate::testimony::Testimony;
use crate::timeline::{Seen, Timeline};
use crate::watch::WatchLog;

/// The window that evidence is taken from unless another is asked for.
pub const WINDOW_DAYS: i64 = 30;

/// Hosts whose recipients are remembered. A caller can make up host names without end.
const HOSTS_REMEMBERED: usize = 4096;

/// One claim and what was seen about it, per plane.
#[derive(Debug, Clone)]
struct Slot {
    claim: ClaimId,
    test: Test,
    planes: BTreeMap<Plane, Timeline>,
}

impl Slot {
    fn add(&mut self, plane: Plane, seen: Seen, charter: &Charter, case: Case<'_>) -> Reading {
        let reading = self.test.read(charter, case);
        self.planes.entry(plane).or_default().add(seen, &reading);
        reading
    }
}

/// An intent that speaks against a claim and has no outcome yet.
#[derive(Debug, Clone)]
struct Open {
    slot: usize,
    plane: Plane,
    seen: Seen,
    reading: Reading,
}

/// Evidence in the making.
#[derive(Debug, Clone)]
pub struct Fold {
    charter: Arc<Charter>,
    window: SignedDuration,
    slots: Vec<Slot>,
    slots_of_recipient: HashMap<String, Vec<usize>>,
    slots_of_list: Vec<usize>,
    slots_of_host: HashMap<String, Vec<String>>,
    digests: Vec<String>,
    last_charter: Option<String>,
    open: HashMap<String, Vec<Open>>,
    watch: WatchLog,
    testimony: Testimony,
    versions: Versions,
    repeated: Repeated,
    skipped: u64,
}

impl Fold {
    /// A fold over nothing yet, for the claims of `charter`, with a window of [`WINDOW_DAYS`].
    pub fn new(charter: Arc<Charter>) -> Self {
        Self::with_window(charter, SignedDuration::from_hours(24 * WINDOW_DAYS))
    }

    /// A fold with a window of another length.
    pub fn with_window(charter: Arc<Charter>, window: SignedDuration) -> Self {
        let mut fold = Self {
            charter: Arc::clone(&charter),
            window,
            slots: Vec::new(),
            slots_of_recipient: HashMap::new(),
            slots_of_list: Vec::new(),
            slots_of_host: HashMap::new(),
            digests: Vec::new(),
            last_charter: None,
            open: HashMap::new(),
            watch: WatchLog::default(),
            testimony: Testimony::default(),
            versions: versions(&charter),
            repeated: Repeated::default(),
            skipped: 0,
        };
        for claim in charter.content().claims.values() {
            let Some(test) = Test::of(claim) else { continue };
            let number = fold.slots.len();
            match &claim.recipient {
                Some(id) => fold.slots_of_recipient.entry(id.to_string()).or_default().push(number),
                None => fold.slots_of_list.push(number),
            }
            fold.slots.push(Slot {
                claim: claim.id.clone(),
                test,
                planes: BTreeMap::new(),
            });
        }
        fold
    }

    /// The length of the window.
    pub fn window(&self) -> SignedDuration {
        self.window
    }

    /// Entries that a newer version wrote, so that this one does not know what they say.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Digest of the charter that came into force last, as the ledger has it (`sha256:…`). When it is not that of the
    /// charter whose claims are graded, the gate decides by another register than the one that is shown.
    pub fn last_charter(&self) -> Option<&str> {
        self.last_charter.as_deref()
    }

    /// Takes the next entry of the ledger; `index` is its number, from 0.
    pub fn push(&mut self, entry: &Entry, index: u64) {
        let at = entry.at.parse::<Timestamp>().ok();
        match &entry.deed {
            Deed::Intent(message) => self.message(
                message,
                entry,
                Sighting {
                    index,
                    at,
                    refused: false,
                },
            ),
            Deed::Refusal(message) => self.message(
                message,
                entry,
                Sighting {
                    index,
                    at,
                    refused: true,
                },
            ),
            Deed::Outcome(outcome) => self.outcome(outcome),
            Deed::Measurement(measurement) => self.testimony.measured(measurement, index, at),
            Deed::Attestation(attestation) => self.testimony.attested(attestation, index, at),
            Deed::Correction(correction) => self.testimony.corrected(correction, at),
            Deed::Heartbeat(_) => self.heartbeat(at),
            Deed::Watch(watch) => self.watch_entry(&watch.watch, at),
            Deed::Charter(_) => self.last_charter = Some(entry.charter.clone()),
            // Whoever reads the log hands messages in whole; findings alone say nothing yet.
            Deed::Unknown | Deed::Findings(_) => self.skipped += 1,
            _ => {}
        }
        if let Some(at) = at.filter(|_| is_of_a_gate(&entry.deed)) {
            self.watch.alive(at);
        }
    }

    fn heartbeat(&mut self, at: Option<Timestamp>) {
        match at {
            Some(at) => self.watch.beat(at),
            None => self.skipped += 1,
        }
    }

    fn watch_entry(&mut self, watch: &str, at: Option<Timestamp>) {
        match (watch, at) {
            ("begun", Some(at)) => self.watch.begin(at),
            ("ended", Some(at)) => self.watch.end(at),
            _ => self.skipped += 1,
        }
    }

    fn message(&mut self, message: &Message, entry: &Entry, sighting: Sighting) {
        let Some(plane) = Plane::ALL.into_iter().find(|plane| plane.as_str() == message.plane) else {
            self.skipped += 1;
            return;
        };
        if self.repeated.is_known(message, sighting.refused, sighting.at) {
            return;
        }
        let charter = self.number_of_digest(&entry.charter);
        let seen = Seen {
            index: sighting.index,
            at: sighting.at,
            charter,
            refused: sighting.refused,
            own_mailbox: message.own_mailboxes > 0,
        };
        let (slots, host_undeclared) = self.slots_for(message);
        let case = Case {
            message,
            at: sighting.at,
            refused: sighting.refused,
            host_undeclared,
        };
        let mut opened = Vec::new();
        for number in slots {
            let reading = self.slots[number].add(plane, seen, &self.charter, case);
            if !seen.refused && reading.may_be_taken_back() {
                opened.push(Open {
                    slot: number,
                    plane,
                    seen,
                    reading,
                });
            }
        }
        if !sighting.refused {
            // What became of it is said of the newest message of an identifier.
            self.open.remove(&message.id);
        }
        if !opened.is_empty() {
            self.open.insert(message.id.clone(), opened);
        }
    }

    /// The claims that a message says something about, and whether today's charter does not know its host.
    fn slots_for(&mut self, message: &Message) -> (Vec<usize>, bool) {
        let named = message
            .recipient
            .as_deref()
            .and_then(|id| self.slots_of_recipient.get(id));
        if let Some(slots) = named {
            return (slots.iter().chain(&self.slots_of_list).copied().collect(), false);
        }
        let recipients = self.recipients_of_host(&message.host);
        let slots = recipients
            .iter()
            .filter_map(|id| self.slots_of_recipient.get(id))
            .flatten();
        (
            slots.chain(&self.slots_of_list).copied().collect(),
            recipients.is_empty(),
        )
    }

    fn recipients_of_host(&mut self, host: &str) -> Vec<String> {
        if let Some(known) = self.slots_of_host.get(host) {
            return known.clone();
        }
        if self.slots_of_host.len() == HOSTS_REMEMBERED {
            self.slots_of_host.clear();
        }
        let recipients = self.charter.recipients_of_host(host);
        let recipients: Vec<String> = recipients
            .into_iter()
            .map(|recipient| recipient.id.to_string())
            .collect();
        self.slots_of_host.insert(host.to_owned(), recipients.clone());
        recipients
    }

    fn number_of_digest(&mut self, digest: &str) -> usize {
        self.digests
            .iter()
            .position(|known| known == digest)
            .unwrap_or_else(|| {
                self.digests.push(digest.to_owned());
                self.digests.len() - 1
            })
    }

    fn outcome(&mut self, outcome: &Outcome) {
        // Only these settle the matter. Anything else still means that it may have left.
        let left = matches!(outcome.result.as_str(), "answered" | "sent");
        if !left && outcome.result != "not_sent" {
            return;
        }
        for Open {
            slot,
            plane,
            seen,
            reading,
        } in self.open.remove(&outcome.id).unwrap_or_default()
        {
            let timeline = self.slots[slot].planes.entry(plane).or_default();
            if left {
                timeline.confirm(seen.index);
            } else {
                timeline.take_back(seen.index, seen.at, &reading);
            }
        }
    }

    /// How much of the window up to `now` a gate watched.
    pub fn watched(&self, now: Timestamp) -> Watched {
        self.watch.watched(now, self.window)
    }

    /// The evidence as of `now`: messages within the window up to it, and whatever was measured and vouched for.
    pub fn evidence(&self, now: Timestamp) -> EvidenceByClaim {
        let watched = self.watched(now);
        let of_slot = |slot: &Slot| {
            let planes = slot.planes.iter().map(|(&plane, timeline)| {
                let mut evidence = Evidence::none(plane, watched);
                timeline.sum(now, self.window, &self.digests, &mut evidence);
                evidence
            });
            (slot.claim.clone(), planes.collect())
        };
        EvidenceByClaim {
            messages: self.slots.iter().map(of_slot).collect(),
            testimony: self.testimony.about(now, &self.versions),
            watched,
            in_force: self.last_charter.clone(),
        }
    }

    /// Forgets what lies more than two windows before `now`. For processes that run for months; the second window is
    /// there so that a clock that jumps ahead and back does not lose evidence that is still wanted.
    pub fn forget(&mut self, now: Timestamp) {
        let Ok(before) = now.checked_sub(self.window * 2) else {
            return;
        };
        for timeline in self.slots.iter_mut().flat_map(|slot| slot.planes.values_mut()) {
            timeline.forget(before);
        }
        self.watch.forget(before);
        let is_wanted = |open: &Open| open.seen.at.is_none_or(|at| at >= before);
        self.open.retain(|_, open| open.iter().any(is_wanted));
    }
}

/// What a gate alone records. Everything else may be recorded while none watches: what people enter and programs measure, grades
/// of a page that is published, a charter that a bundle is made of, another log that is begun.
fn is_of_a_gate(deed: &Deed) -> bool {
    matches!(
        deed,
        Deed::Intent(_)
            | Deed::Refusal(_)
            | Deed::Outcome(_)
            | Deed::Fault(_)
            | Deed::Directory(_)
            | Deed::Consent(_)
            | Deed::Watch(_)
            | Deed::Heartbeat(_)
            | Deed::CutOff(_)
    )
}

/// Where and when a message was recorded.
#[derive(Debug, Clone, Copy)]
struct Sighting {
    index: u64,
    at: Option<Timestamp>,
    refused: bool,
}
