//! One look at a body: judged, recorded where it says something new, or refused.

use averment_detect::UnreadableBecause;
use averment_policy::Action;
use averment_store::Cleared;
use bytes::Bytes;

use super::Upload;
use crate::outgoing::Outgoing;
use crate::problem::Problem;
use crate::stream::window::Look;
use crate::way::{Change, Piece};

/// A look that may go out.
pub(super) struct Judgement {
    pub(super) piece: Piece,
    pub(super) releases: usize,
    /// Whether it has an intent of its own.
    pub(super) is_new: bool,
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
        let change = if is_message { Change::Possible } else { Change::TooLate };
        let whole = self.whole.as_deref();
        let piece = self.shared.judge_piece(piece, (unread, change), whole).await?;
        let is_new = self.told.is_new(&piece.case.terms, &piece.inspection) || is_message;
        Ok(Judgement {
            piece,
            releases,
            is_new,
        })
    }

    /// The intent of a look with something new in it.
    pub(super) async fn clear(&self, judgement: Judgement, whole: &Cleared) -> Result<Option<Cleared>, Problem> {
        if !judgement.is_new {
            return Ok(None);
        }
        let Piece {
            case,
            outgoing,
            inspection,
            permit,
        } = judgement.piece;
        self.shared
            .record_piece(&case, &outgoing, &inspection, permit, whole)
            .await
            .map(Some)
    }

    /// Refuses the rest of what is larger than any bound.
    pub(super) async fn too_large(&mut self) -> Problem {
        let piece = self.head.piece(None, Bytes::new());
        self.shared.refuse_too_large(piece, self.whole.as_deref()).await
    }
}

impl Judgement {
    pub(super) fn is_rewritten(&self) -> bool {
        self.piece.permit.verdict().action == Action::Rewrite
    }
}
