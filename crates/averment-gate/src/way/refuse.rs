//! Refusals: recorded first, then answered with why.

use std::borrow::Cow;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Instant;

use averment_detect::{Inspection, UnreadableBecause, Whose};
use averment_policy::{Action, Decision, Stop, Verdict};
use averment_store::JournalError;

use crate::case::{Case, Judged, Unjudged};
use crate::credentials::Unusable;
use crate::gate::Shared;
use crate::load;
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};
use crate::refusal;

/// What keeps a message from being read; it is refused and recorded, in report mode too: nothing unseen goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    TooLarge,
    Upgrade,
}

impl Obstacle {
    fn because(self) -> UnreadableBecause {
        match self {
            Self::TooLarge => UnreadableBecause::TooLarge,
            Self::Upgrade => UnreadableBecause::UnknownFormat,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::TooLarge => Kind::TooLarge,
            Self::Upgrade => Kind::UpgradeNotRead,
        }
    }
}

impl Shared {
    /// Refuses a message whose body nobody has read.
    pub(super) async fn refuse_unread(&self, outgoing: Outgoing, obstacle: Obstacle) -> Problem {
        let terms = match self.people_or_fault() {
            Ok(terms) => terms,
            Err(problem) => return problem,
        };
        let case = Arc::new(Case::new(outgoing, terms, self.limits));
        let judged = match self.judge(&case, Some(obstacle.because())).await {
            Ok(judged) => judged,
            Err(problem) => return problem.closing(),
        };
        let verdict = judged.decision.verdict();
        self.refuse_anyway(obstacle.kind(), &case, &judged.inspection, verdict)
            .await
            .closing()
    }

    /// Refuses a tunnel that the gate could not answer in: what it is for is judged as far as it is known, and recorded.
    pub(crate) async fn refuse_tunnel(&self, tunnel: Outgoing) -> Problem {
        let terms = match self.people_or_fault() {
            Ok(terms) => terms,
            Err(problem) => return problem,
        };
        let case = Arc::new(Case::new(tunnel, terms, self.limits));
        match self.judge(&case, None).await {
            Ok(Judged {
                inspection,
                decision: Decision::Refuse(verdict),
            }) => self.refuse(Kind::Refused, &case, &inspection, &verdict).await,
            Ok(judged) => {
                let verdict = judged.decision.verdict();
                self.refuse_anyway(Kind::AuthorityOutside, &case, &judged.inspection, verdict)
                    .await
            }
            Err(problem) => problem.closing(),
        }
    }

    /// Refuses what the policy would let out, because the gate cannot do what that takes.
    pub(crate) async fn refuse_anyway(
        &self,
        kind: Kind,
        case: &Case,
        inspection: &Inspection,
        verdict: &Verdict,
    ) -> Problem {
        self.refuse(kind, case, inspection, &refusing(verdict, inspection))
            .await
    }

    /// Refuses as the policy says.
    pub(crate) async fn refuse(&self, kind: Kind, case: &Case, inspection: &Inspection, verdict: &Verdict) -> Problem {
        Box::pin(self.refuse_piece(kind, case, inspection, verdict, None)).await
    }

    /// As [`Self::refuse`]. `whole`: the intent of the message that this is a piece of, if any of it is out.
    pub(crate) async fn refuse_piece(
        &self,
        kind: Kind,
        case: &Case,
        inspection: &Inspection,
        verdict: &Verdict,
        whole: Option<&str>,
    ) -> Problem {
        let record = case.record(&case.outgoing, inspection);
        let recorded = stopped_by(kind, verdict);
        let refusal = async {
            match whole {
                None => self.journal.refusal(&recorded, &record).await,
                Some(whole) => self.journal.refusal_of_piece(&recorded, &record, whole).await,
            }
        };
        let id = match tokio::time::timeout(self.timeouts.ledger, refusal).await {
            Ok(Ok(id)) => id,
            Ok(Err(error)) => return not_recorded(&error),
            Err(_) => return recorded_too_late(),
        };
        let body_bytes = case.outgoing.body.len();
        match whole {
            None => self.metrics.judged(&id, verdict, inspection, body_bytes),
            Some(_) => {
                self.metrics.passed_on(verdict, body_bytes as u64);
                self.metrics.judged_piece(verdict, inspection);
            }
        }
        if verdict.stopped == Some(Stop::Canary) {
            let recipient = verdict.recipient.as_ref().map(|recipient| recipient.as_str());
            tracing::error!(
                request = id,
                recipient,
                "a message named a canary: somebody sends what is nobody's"
            );
        }
        self.say(kind, case, inspection, verdict).request(id)
    }

    /// What the caller is told, which is less after many refusals about people, and of a canary nothing.
    fn say(&self, kind: Kind, case: &Case, inspection: &Inspection, verdict: &Verdict) -> Problem {
        let kind = match verdict.stopped {
            Some(stop) if kind == Kind::Refused => refusal::kind(stop),
            _ => kind,
        };
        let host = case.outgoing.host_unless_found(&inspection.findings);
        let problem = Problem::from(kind);
        let most = case.terms.settings.limits.telling_refusals_per_minute;
        let reveals = inspection
            .findings
            .iter()
            .any(|finding| finding.whose != Whose::Unknown);
        let caller = verdict.sender.service.as_deref().unwrap_or_default();
        let tells = verdict.stopped.is_none() && self.telling.may_tell(caller, reveals, most, Instant::now());
        if !tells {
            return problem.with(refusal::few_members(host, verdict));
        }
        let members = refusal::members(&case.terms.charter, host, inspection, verdict, kind == Kind::Refused);
        match kind {
            Kind::Refused => problem.with(members).detail(refusal::detail(host, inspection, verdict)),
            _ => problem.with(members),
        }
    }

    /// A message with what the gate holds for its recipient; refused where that cannot be used.
    pub(crate) async fn or_unusable(
        &self,
        with: Result<Outgoing, Unusable>,
        case: &Case,
        inspection: &Inspection,
        verdict: &Verdict,
    ) -> Result<Outgoing, Problem> {
        match with {
            Ok(outgoing) => Ok(outgoing),
            Err(unusable) => {
                let problem = self.refuse_anyway(Kind::CredentialUnusable, case, inspection, verdict);
                Err(problem.await.detail(unusable.detail()))
            }
        }
    }

    /// The answer when nobody could say what is to be done with a message.
    pub(crate) fn not_judged(&self, why: &Unjudged) -> Problem {
        match why {
            Unjudged::Panicked => {
                self.faults.note(&self.journal, "inspection_failed");
                Problem::from(Kind::InspectionFailed)
            }
            Unjudged::NoRoom => load::overloaded().closing(),
            Unjudged::Consents(error) => {
                tracing::error!(%error, cause = error.source(), "nothing goes out that names anybody");
                self.faults.note(&self.journal, "consents_unavailable");
                Problem::from(Kind::ConsentsUnavailable)
            }
        }
    }

    /// The answer when looking at a message and deciding took too long.
    pub(super) fn judged_too_late(&self) -> Problem {
        self.faults.note(&self.journal, "inspection_too_slow");
        Problem::from(Kind::InspectionFailed).detail("nothing was sent; looking at the message took too long")
    }
}

/// `verdict` as a refusal: for what the gate cannot do, whatever the register says.
pub(crate) fn refusing(verdict: &Verdict, inspection: &Inspection) -> Verdict {
    Verdict {
        action: Action::Refuse,
        unreadable_refused: !inspection.unreadable.is_empty(),
        unreadable_forwarded: false,
        ..verdict.clone()
    }
}

/// `verdict` as it is recorded: with what the gate could not do, where nothing else stood against the message.
fn stopped_by(kind: Kind, verdict: &Verdict) -> Cow<'_, Verdict> {
    let unable = match kind {
        Kind::AuthorityOutside => Stop::AuthorityOutside,
        Kind::CredentialUnusable => Stop::CredentialUnusable,
        Kind::RewriteImpossible => Stop::RewriteImpossible,
        _ => return Cow::Borrowed(verdict),
    };
    let mut verdict = verdict.clone();
    verdict.stopped.get_or_insert(unable);
    Cow::Owned(verdict)
}

/// The answer when an entry could not be made durable. Nothing has gone out.
pub(crate) fn not_recorded(error: &JournalError) -> Problem {
    tracing::error!(%error, cause = error.source(), "nothing goes out");
    match error {
        // After a failure the journal takes nothing more: nobody knows what is on disk until it is read again.
        JournalError::Write(_) | JournalError::Closed => Problem::from(Kind::LedgerStopped).detail(
            "nothing was sent; restart the gate: it then reads the ledger again and says what is wrong with it",
        ),
        JournalError::ClockSetBack { .. } => Problem::from(Kind::ClockSetBack),
        JournalError::TooLarge { .. } => Problem::from(Kind::NotRecordable),
        _ => Problem::from(Kind::LedgerUnavailable),
    }
}

/// The answer when the disk does not keep up. Nothing has gone out.
pub(crate) fn recorded_too_late() -> Problem {
    tracing::error!("the ledger takes too long, so nothing goes out");
    Problem::from(Kind::LedgerUnavailable).detail("nothing was sent; the ledger takes too long")
}
