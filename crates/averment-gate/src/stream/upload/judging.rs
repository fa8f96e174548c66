//! One look at a body: judged, recorded where it says something new, or refused.

use std::sync::Arc;

use averment_detect::{Inspection, UnreadableBecause};
use averment_policy::{Action, Decision, Permit};
use averment_store::Cleared;
use bytes::Bytes;

use super::Upload;
use crate::case::{Case, Judged};
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};
use crate::stream::window::Look;
use crate::way::refuse;

/// A look that may go out.
pub(super) struct Judgement {
    pub(super) case: Arc<Case>,
    /// As it goes out.
    pub(super) outgoing: Outgoing,
    pub(super) inspection: Arc<Inspection>,
    pub(super) permit: Permit,
    pub(super) releases: usize,
    /// Whether it has an intent of its own.
    pub(super) is_new: bool,
    pub(super) is_rewritten: bool,
}

impl Upload {
    pub(super) async fn judge(&mut self, look: Look) -> Result<Judgement, Problem> {
        let piece = self.head.piece(look.media, Bytes::from(look.body));
        let is_message = self.intake.is_messages();
        self.judge_piece(piece, look.unread, look.releases, is_message).await
    }

    /// Judges `piece`; the answer of the gate when it may not go out is recorded already.
    pub(super) async fn judge_piece(
        &mut self,
        piece: Outgoing,
        unread: Option<UnreadableBecause>,
        releases: usize,
        is_message: bool,
    ) -> Result<Judgement, Problem> {
        let shared = Arc::clone(&self.shared);
        let case = Arc::new(Case::new(piece, shared.people_or_fault()?, shared.limits));
        let Judged { inspection, decision } = shared.judge(&case, unread).await?;
        let inspection = Arc::new(inspection);
        let whole = self.whole.as_deref();
        let permit = match decision {
            Decision::Proceed(permit) => permit,
            Decision::Refuse(verdict) => {
                return Err(shared
                    .refuse_piece(Kind::Refused, &case, &inspection, &verdict, whole)
                    .await);
            }
        };
        let outgoing = match permit.verdict().action {
            Action::Forward => Some(case.outgoing.clone()),
            Action::Rewrite if is_message => shared.rewrite(&case, &inspection, permit.verdict()).await?,
            Action::Rewrite | Action::Refuse => None,
        };
        let Some(outgoing) = outgoing else {
            let verdict = refuse::refusing(permit.verdict(), &inspection);
            return Err(shared
                .refuse_piece(Kind::RewriteImpossible, &case, &inspection, &verdict, whole)
                .await);
        };
        let is_new = self.told.is_new(&case.terms, &inspection) || is_message;
        Ok(Judgement {
            is_rewritten: permit.verdict().action == Action::Rewrite,
            case,
            outgoing,
            inspection,
            permit,
            releases,
            is_new,
        })
    }

    /// The intent of a look with something new in it.
    pub(super) async fn clear(&self, judgement: Judgement, whole: &Cleared) -> Result<Option<Cleared>, Problem> {
        if !judgement.is_new {
            return Ok(None);
        }
        let Judgement {
            case,
            outgoing,
            inspection,
            permit,
            ..
        } = judgement;
        self.shared
            .record_piece(&case, &outgoing, &inspection, permit, whole)
            .await
            .map(Some)
    }

    /// Refuses the rest of what is larger than any bound.
    pub(super) async fn too_large(&mut self) -> Problem {
        let shared = Arc::clone(&self.shared);
        let terms = match shared.people_or_fault() {
            Ok(terms) => terms,
            Err(problem) => return problem,
        };
        let piece = self.head.piece(None, Bytes::new());
        let case = Arc::new(Case::new(piece, terms, shared.limits));
        let judged = match shared.judge(&case, Some(UnreadableBecause::TooLarge)).await {
            Ok(judged) => judged,
            Err(problem) => return problem,
        };
        let verdict = refuse::refusing(judged.decision.verdict(), &judged.inspection);
        let whole = self.whole.as_deref();
        shared
            .refuse_piece(Kind::TooLarge, &case, &judged.inspection, &verdict, whole)
            .await
    }
}
