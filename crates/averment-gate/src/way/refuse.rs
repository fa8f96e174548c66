//! Refusals: recorded first, then answered with why.

use std::error::Error as _;
use std::sync::Arc;

use averment_detect::{Inspection, UnreadableBecause};
use averment_policy::{Action, Verdict};
use averment_store::JournalError;

use crate::case::Case;
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
        let Some(judged) = case.judge(Some(obstacle.because())).await else {
            return self.inspection_failed().closing();
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
        let host = case.outgoing.host_unless_found(&inspection.findings);
        let members = refusal::members(&case.terms.charter, host, inspection, verdict, kind == Kind::Refused);
        let problem = Problem::from(kind).request(id).with(members);
        match kind {
            Kind::Refused => problem.detail(refusal::detail(host, inspection, verdict)),
            _ => problem,
        }
    }

    /// The answer when looking at a message panicked.
    pub(super) fn inspection_failed(&self) -> Problem {
        self.faults.note(&self.journal, "inspection_failed");
        Problem::from(Kind::InspectionFailed)
    }

    /// The answer when looking at a message and deciding took too long.
    pub(super) fn judged_too_late(&self) -> Problem {
        self.faults.note(&self.journal, "inspection_too_slow");
        Problem::from(Kind::InspectionFailed).detail("nothing was sent; looking at the message took too long")
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
