//! A piece of a message, such as a look at a long body or a message of a conversation: judged by itself, recorded as a part of the
//! whole.

use std::sync::Arc;

use averment_detect::{Inspection, UnreadableBecause};
use averment_policy::{Action, Decision, Permit};

use super::refuse;
use crate::case::{Case, Judged};
use crate::gate::Shared;
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};

/// A piece that may go out.
pub(crate) struct Piece {
    pub(crate) case: Arc<Case>,
    /// As it goes out.
    pub(crate) outgoing: Outgoing,
    pub(crate) inspection: Arc<Inspection>,
    pub(crate) permit: Permit,
}

/// Whether anything in a piece can still be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Possible,
    /// Its beginning is gone.
    TooLate,
}

impl Shared {
    /// Judges `piece`. `unread`: why it cannot be read. `whole`: the intent of what it is a piece of, if any of that is out.
    ///
    /// # Errors
    /// The answer of the gate where it may not go out, which is recorded already.
    pub(crate) async fn judge_piece(
        &self,
        piece: Outgoing,
        (unread, change): (Option<UnreadableBecause>, Change),
        whole: Option<&str>,
    ) -> Result<Piece, Problem> {
        let case = Arc::new(Case::new(piece, self.people_or_fault()?, self.limits));
        let Judged { inspection, decision } = self.judge(&case, unread).await?;
        let inspection = Arc::new(inspection);
        let permit = match decision {
            Decision::Proceed(permit) => permit,
            Decision::Refuse(verdict) => {
                let refused = self.refuse_piece(Kind::Refused, &case, &inspection, &verdict, whole);
                return Err(refused.await);
            }
        };
        let outgoing = match permit.verdict().action {
            Action::Forward => Some(case.outgoing.clone()),
            Action::Rewrite if change == Change::Possible => self.rewrite(&case, &inspection, permit.verdict()).await?,
            Action::Rewrite | Action::Refuse => None,
        };
        match outgoing {
            Some(outgoing) => Ok(Piece {
                case,
                outgoing,
                inspection,
                permit,
            }),
            None => {
                let verdict = refuse::refusing(permit.verdict(), &inspection);
                let refused = self.refuse_piece(Kind::RewriteImpossible, &case, &inspection, &verdict, whole);
                Err(refused.await)
            }
        }
    }

    /// Refuses `piece`, which stands for what is larger than any bound. `whole` as above.
    pub(crate) async fn refuse_too_large(&self, piece: Outgoing, whole: Option<&str>) -> Problem {
        let terms = match self.people_or_fault() {
            Ok(terms) => terms,
            Err(problem) => return problem,
        };
        let case = Arc::new(Case::new(piece, terms, self.limits));
        let judged = match self.judge(&case, Some(UnreadableBecause::TooLarge)).await {
            Ok(judged) => judged,
            Err(problem) => return problem,
        };
        let verdict = refuse::refusing(judged.decision.verdict(), &judged.inspection);
        self.refuse_piece(Kind::TooLarge, &case, &judged.inspection, &verdict, whole)
            .await
    }
}
