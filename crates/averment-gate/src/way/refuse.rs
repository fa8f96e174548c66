//! Refusals: recorded first, then answered with why.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Instant;

use averment_detect::{Inspection, UnreadableBecause, Whose};
use averment_policy::{Action, Stop, Verdict};
use averment_store::JournalError;

use crate::case::{Case, Unjudged};
use crate::gate::Shared;
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};
use crate::refusal;

/// What keeps a message from being read; it is refused and recorded, in report mode too: nothing unseen goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    TooLarge,
    Trailers,
    Upgrade,
}

impl Obstacle {
    fn because(self) -> UnreadableBecause {
        match self {
            Self::TooLarge => UnreadableBecause::TooLarge,
            Self::Trailers | Self::Upgrade => UnreadableBecause::UnknownFormat,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::TooLarge => Kind::TooLarge,
            Self::Trailers => Kind::TrailersNotRead,
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
        let judged = match case.judge(Some(obstacle.because())).await {
            Ok(judged) => judged,
            Err(why) => return self.not_judged(&why).closing(),
        };
        let verdict = judged.decision.verdict();
        self.refuse_anyway(obstacle.kind(), &case, &judged.inspection, verdict)
            .await
            .closing()
    }

    /// Refuses what the policy would let out, because the gate cannot do what that takes.
    pub(super) async fn refuse_anyway(
        &self,
        kind: Kind,
        case: &Case,
        inspection: &Inspection,
        verdict: &Verdict,
    ) -> Problem {
        let unreadable_refused = !inspection.unreadable.is_empty();
        let verdict = Verdict {
            action: Action::Refuse,
            unreadable_refused,
            unreadable_forwarded: false,
            ..verdict.clone()
        };
        self.refuse(kind, case, inspection, &verdict).await
    }

    /// Refuses as the policy says.
    pub(super) async fn refuse(&self, kind: Kind, case: &Case, inspection: &Inspection, verdict: &Verdict) -> Problem {
        let record = case.record(&case.outgoing, inspection);
        let refusal = tokio::time::timeout(self.timeouts.ledger, self.journal.refusal(verdict, &record));
        let id = match refusal.await {
            Ok(Ok(id)) => id,
            Ok(Err(error)) => return not_recorded(&error),
            Err(_) => return recorded_too_late(),
        };
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

    /// The answer when nobody could say what is to be done with a message.
    pub(super) fn not_judged(&self, why: &Unjudged) -> Problem {
        match why {
            Unjudged::Panicked => {
                self.faults.note(&self.journal, "inspection_failed");
                Problem::from(Kind::InspectionFailed)
            }
            Unjudged::Consents(error) => {
                tracing::error!(%error, cause = error.source(), "nothing goes out that names anybody");
                self.faults.note(&self.journal, "consents_unavailable");
                Problem::from(Kind::ConsentsUnavailable)
            }
        }
    }
}

/// The answer when an entry could not be made durable. Nothing has gone out.
pub(super) fn not_recorded(error: &JournalError) -> Problem {
    tracing::error!(%error, cause = error.source(), "nothing goes out");
    match error {
        // After a failure the journal takes nothing more: nobody knows what is on disk until it is read again.
        JournalError::Write(_) | JournalError::Closed => Problem::from(Kind::LedgerStopped).detail(
            "nothing was sent; restart the gate: it then reads the whole ledger and says what is wrong with it",
        ),
        JournalError::TooLarge { .. } => Problem::from(Kind::NotRecordable),
        _ => Problem::from(Kind::LedgerUnavailable),
    }
}

/// The answer when the disk does not keep up. Nothing has gone out.
pub(super) fn recorded_too_late() -> Problem {
    tracing::error!("the ledger takes too long, so nothing goes out");
    Problem::from(Kind::LedgerUnavailable).detail("nothing was sent; the ledger takes too long")
}
