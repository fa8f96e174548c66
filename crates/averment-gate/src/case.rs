//! One message together with the charter and directory that it is judged by.
//!
//! Looking and rewriting are work for a processor: what is small, also when it is decoded, is done where it is, and everything
//! else on threads of its own, with a place in the [`Room`] for what it may decode to. A panic in there is caught and ends closed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use averment_catalog::{ElementId, Treatment};
use averment_detect::{
    Finding, Inspection, Limits, Look, Part, Place, Pseudonymised, ReplacementKey, Unreadable, UnreadableBecause, Whose,
};
use averment_policy::{Decision, Facts, Observation, Verdict, decide};
use averment_register::RecipientId;
use averment_store::{ConsentError, Record, Standing};
use jiff::Timestamp;

use crate::credentials::Unusable;
use crate::facts::{Sources, gather};
use crate::outgoing::Outgoing;
use crate::room::Room;
use crate::terms::Terms;
use crate::turn_back::Exchanged;

/// Larger bodies leave the thread that serves connections.
const INLINE_MAX_BYTES: usize = 64 << 10;
/// So do those that decode to more.
const INLINE_DECODED_MAX_BYTES: usize = 256 << 10;
/// What a body is first thought to decode to: this many times its size, and no less than the bytes below. Ordinary text and JSON is
/// packed less well.
const EXPECTED_RATIO: usize = 16;
const EXPECTED_MIN_BYTES: usize = 1 << 20;

/// A message and what it is judged by.
pub(crate) struct Case {
    pub(crate) outgoing: Outgoing,
    pub(crate) terms: Arc<Terms>,
    limits: Limits,
    /// How it was looked at to its end.
    looked: OnceLock<Stage>,
}

/// One try at looking at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stage {
    decoded_max_bytes: usize,
    /// On the thread that serves its connection.
    is_here: bool,
}

/// What looking and deciding gave.
pub(crate) struct Judged {
    pub(crate) inspection: Inspection,
    pub(crate) decision: Decision,
}

/// Why nobody could say what is to be done with a message.
#[derive(Debug)]
pub(crate) enum Unjudged {
    /// Looking at it or deciding panicked.
    Panicked,
    /// Too much else is being looked at.
    NoRoom,
    /// It names somebody, and who has consented or objected is not known.
    Consents(ConsentError),
}

impl Case {
    pub(crate) fn new(outgoing: Outgoing, terms: Arc<Terms>, limits: Limits) -> Self {
        Self {
            outgoing,
            terms,
            limits,
            looked: OnceLock::new(),
        }
    }

    /// Looks and decides. `unread`: why the body could not be read at all.
    pub(crate) async fn judge(
        self: &Arc<Self>,
        unread: Option<UnreadableBecause>,
        room: &Room,
    ) -> Result<Judged, Unjudged> {
        for stage in self.stages() {
            let case = Arc::clone(self);
            let work = move || case.judge_here(unread, stage);
            let judged = if stage.is_here {
                caught(work)
            } else {
                // Few come to this; what it takes would be moved with every request.
                Box::pin(stage.elsewhere(room, work)).await?
            };
            if let Some(judged) = judged.unwrap_or(Err(Unjudged::Panicked))? {
                _ = self.looked.set(stage);
                return Ok(judged);
            }
        }
        Err(Unjudged::Panicked)
    }

    /// The tries, each with more to decode than the one before; the last is bound by the limits alone.
    fn stages(&self) -> impl Iterator<Item = Stage> + use<> {
        let (size, most) = (self.outgoing.body.len(), self.limits.decoded_max_bytes);
        let expected = size.saturating_mul(EXPECTED_RATIO).max(EXPECTED_MIN_BYTES);
        let here = (size <= INLINE_MAX_BYTES).then_some(INLINE_DECODED_MAX_BYTES);
        let tries = [here, Some(expected)]
            .into_iter()
            .flatten()
            .filter(move |bytes| *bytes < most);
        let tries = tries.chain([most]);
        tries.map(move |decoded_max_bytes| Stage {
            decoded_max_bytes,
            is_here: here.is_some() && decoded_max_bytes <= INLINE_DECODED_MAX_BYTES,
        })
    }

    /// None: there is more to decode.
    fn judge_here(&self, unread: Option<UnreadableBecause>, stage: Stage) -> Result<Option<Judged>, Unjudged> {
        let limits = stage.within(self.limits);
        let look = self.look(&limits);
        let is_last = stage.decoded_max_bytes == self.limits.decoded_max_bytes;
        let inspection = self.outgoing.show(|message| match is_last {
            true => Some(look.inspect(message)),
            false => look.inspect_within_limits(message),
        });
        let Some(mut inspection) = inspection else {
            return Ok(None);
        };
        if let Some(because) = unread {
            inspection.unreadable.push(Unreadable {
                place: Place {
                    part: Part::Body,
                    pointer: String::new(),
                },
                because,
            });
        }
        let observation = Observation {
            host: self.outgoing.destination.host.as_str(),
            inspection: &inspection,
        };
        let facts = self.facts(&inspection).map_err(Unjudged::Consents)?;
        let decision = decide(&self.terms.charter, &observation, &facts);
        Ok(Some(Judged { inspection, decision }))
    }

    /// What is known at this moment. Consents are asked for only where somebody is named: for anything else they say
    /// nothing.
    pub(crate) fn facts(&self, inspection: &Inspection) -> Result<Facts, ConsentError> {
        let terms = &self.terms;
        let names_somebody = inspection
            .findings
            .iter()
            .any(|finding| finding.whose != Whose::Unknown);
        let consents = if names_somebody {
            terms.consents.now()?
        } else {
            Arc::new(Standing::default())
        };
        let sources = Sources {
            variants: &terms.variants,
            snapshot: &terms.snapshot,
            consents: &consents,
            settings: &terms.settings,
            canaries: &terms.canaries,
        };
        let facts = gather(&sources, &self.outgoing.sender, inspection);
        Ok(Facts {
            reach: terms.reach(&self.outgoing.destination),
            ..facts
        })
    }

    /// `outgoing` with what the gate holds for its recipient, after inspection and treatment.
    pub(crate) fn with_credentials(
        &self,
        outgoing: Outgoing,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<Outgoing, Unusable> {
        self.terms.credentials.apply(verdict.recipient.as_ref(), outgoing, now)
    }

    /// As [`Self::with_credentials`], for a head whose body follows while it is read.
    pub(crate) fn with_head_credentials(
        &self,
        outgoing: Outgoing,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<Outgoing, Unusable> {
        let credentials = &self.terms.credentials;
        if verdict.recipient.as_ref().is_some_and(|id| credentials.sign_for(id)) {
            return Err(Unusable::Unending);
        }
        credentials.apply(verdict.recipient.as_ref(), outgoing, now)
    }

    /// The message with every finding treated as `verdict` says; none when that cannot be done.
    pub(crate) async fn rewrite(
        self: &Arc<Self>,
        inspection: &Arc<Inspection>,
        verdict: &Verdict,
        (key, room): (&[u8; 32], &Room),
    ) -> Result<Option<Outgoing>, Unjudged> {
        let (case, inspection, verdict, key) = (Arc::clone(self), Arc::clone(inspection), verdict.clone(), *key);
        let looked = self.looked.get().copied().unwrap_or(Stage {
            decoded_max_bytes: self.limits.decoded_max_bytes,
            is_here: false,
        });
        // What is rewritten is looked at once more.
        let stage = Stage {
            decoded_max_bytes: looked.decoded_max_bytes.saturating_mul(2),
            ..looked
        };
        let work = move || case.rewrite_here(&inspection, &verdict, &key);
        let rewritten = if stage.is_here {
            caught(work)
        } else {
            stage.elsewhere(room, work).await?
        };
        Ok(rewritten.flatten())
    }

    fn rewrite_here(&self, inspection: &Inspection, verdict: &Verdict, key: &[u8; 32]) -> Option<Outgoing> {
        let recipient = verdict.recipient.as_ref()?;
        let signed_again = self.terms.credentials.sign_for(recipient);
        let is_turned_back = self.is_turned_back(recipient);
        let recipient = recipient.as_str();
        if self.outgoing.is_signed(signed_again) {
            tracing::info!(recipient, "a signed message cannot be rewritten");
            return None;
        }
        let treat = treatments(&inspection.findings, verdict);
        let key = ReplacementKey { key, recipient };
        let exchanged = RefCell::new(Exchanged::default());
        let reveal = |told: &Pseudonymised<'_>| exchanged.borrow_mut().take(told);
        let reveal = is_turned_back.then_some(&reveal as &dyn Fn(&Pseudonymised<'_>));
        let look = self.look(&self.limits);
        let rewritten = (self.outgoing).show(|message| look.rewrite(message, &key, &treat, reveal));
        match rewritten {
            Ok(rewritten) => Some(self.outgoing.rewritten(rewritten)?.exchanging(exchanged.into_inner())),
            Err(error) => {
                tracing::info!(%error, recipient, "a message cannot be rewritten");
                None
            }
        }
    }

    /// What the message is looked at with; which mailboxes are the platform's own says the charter that it is decided by.
    fn look<'a>(&'a self, limits: &'a Limits) -> Look<'a> {
        Look {
            directory: &self.terms.snapshot.directory,
            limits,
            own: &self.terms.charter.content().about.own_mailboxes,
        }
    }

    /// Whether the pseudonyms of `recipient` are turned back in what it answers.
    pub(crate) fn is_turned_back(&self, recipient: &RecipientId) -> bool {
        let declared = self.terms.charter.recipient(recipient);
        declared.is_some_and(|declared| !declared.pseudonyms_in_answers.are_kept())
    }

    /// What the journal is told. `outgoing`: the message as it goes out.
    pub(crate) fn record<'a>(&'a self, outgoing: &'a Outgoing, inspection: &'a Inspection) -> Record<'a> {
        Record {
            host: self.outgoing.host_unless_found(&inspection.findings),
            inspection,
            body_bytes: self.outgoing.body.len() as u64,
            request: averment_store::Request {
                method: outgoing.method.as_str(),
                target: &outgoing.target,
                body: &outgoing.body,
            },
            snapshot: &self.terms.snapshot,
        }
    }
}

impl Stage {
    fn within(self, limits: Limits) -> Limits {
        Limits {
            decoded_max_bytes: self.decoded_max_bytes,
            ..limits
        }
    }

    /// What `work` gives on a thread of its own, once there is a place for it; none when it panicked.
    async fn elsewhere<R: Send + 'static>(
        self,
        room: &Room,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<Option<R>, Unjudged> {
        let place = room.take(self.decoded_max_bytes).await.ok_or(Unjudged::NoRoom)?;
        let work = move || {
            // Also when nobody waits for it any more.
            let _place = place;
            caught(work)
        };
        Ok(tokio::task::spawn_blocking(work).await.ok().flatten())
    }
}

/// What `work` gives; none when it panicked.
fn caught<R>(work: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// What is to be done to a finding: what was ruled for that element of that person. Places shift while a message is
/// rewritten, so they are not compared. What was never ruled on is removed.
fn treatments(findings: &[Finding], verdict: &Verdict) -> impl Fn(&Finding) -> Treatment {
    let mut ruled: BTreeMap<(ElementId, Whose), Treatment> = BTreeMap::new();
    for (finding, ruling) in findings.iter().zip(&verdict.rulings) {
        let treatment = ruled
            .entry((finding.element.clone(), finding.whose.clone()))
            .or_insert(ruling.treatment);
        *treatment = ruling.treatment.max(*treatment);
    }
    move |finding| {
        let key = (finding.element.clone(), finding.whose.clone());
        ruled.get(&key).copied().unwrap_or(Treatment::Drop)
    }
}
