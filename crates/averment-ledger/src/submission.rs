//! What a log sends to a witness and what it makes of the answer.
//!
//! Start at [`AddCheckpoint`] and [`read_answer`]. Parsing is strict: a request has one spelling.
//!
//! Source: C2SP tlog-witness (<https://c2sp.org/tlog-witness>), `add-checkpoint`.

use crate::cosignature::{Cosignature, CosignerKey};
use crate::note::{NoteError, SIGNATURE_START};
use crate::tree::TreeHash;
use crate::tree_head::decimal;

/// Most hashes of a consistency proof in a request.
const PROOF_MAX: usize = 63;
/// Most bytes of a request that a witness reads: proof, and some twenty signatures of the largest kinds.
pub const ADD_CHECKPOINT_BYTES_MAX: usize = 128 << 10;
/// Most bytes of an answer that a log reads.
pub const WITNESS_ANSWER_BYTES_MAX: usize = 64 << 10;
/// Media type of the answer that says how far the witness is.
pub const TREE_SIZE_TYPE: &str = "text/x.tlog.size";

/// The body of `POST <prefix>/add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the checkpoint that the witness signed last.
    pub old_size: u64,
    /// The proof that its tree is the beginning of the new one; none for size 0.
    pub proof: Vec<TreeHash>,
    /// The new checkpoint, a signed note.
    pub note: String,
}

/// The body of a request is not what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct SubmissionError {
    /// What was expected.
    pub expected: &'static str,
}

impl AddCheckpoint {
    /// The bytes that are sent.
    pub fn body(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| format!("{hash}\n")).collect();
        format!("old {}\n{proof}\n{}", self.old_size, self.note)
    }

    /// Reads the body of a request; the note in it is not looked at.
    ///
    /// # Errors
    /// [`SubmissionError`].
    pub fn parse(body: &[u8]) -> Result<Self, SubmissionError> {
        let malformed = |expected| SubmissionError { expected };
        let text = std::str::from_utf8(body).map_err(|_| malformed("UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(malformed("an empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal)
            .ok_or(malformed("`old` and a tree size in the first line"))?;
        let proof: Vec<TreeHash> = lines
            .take(PROOF_MAX + 1)
            .map(|line| {
                line.parse()
                    .map_err(|_| malformed("a hash of 32 bytes as base64 in each line of the proof"))
            })
            .collect::<Result<_, _>>()?;
        if proof.len() > PROOF_MAX {
            return Err(malformed("a proof of at most 63 hashes"));
        }
        let note = note.to_owned();
        Ok(Self { old_size, proof, note })
    }
}

/// What a witness said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// It signed.
    Cosigned(Cosignature),
    /// It signed a checkpoint of this size last; another proof is wanted.
    Behind(u64),
}

/// Why a witness's answer is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It does not sign.
    #[error("the witness answered with status {status}{}", meaning(*status))]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// No signature lines, or no size.
    #[error("expected {expected} from the witness")]
    Malformed {
        /// What was expected.
        expected: &'static str,
    },
    /// Not signed by this witness.
    #[error(transparent)]
    Note(#[from] NoteError),
}

fn meaning(status: u16) -> &'static str {
    match status {
        404 => ": it does not know this log",
        403 => ": it has another key for this log",
        422 => ": what it signed before is not the beginning of this log",
        _ => "",
    }
}

/// Reads the answer to a request with `note`, which must be signed with `key`; signatures of others are left alone.
///
/// # Errors
/// [`AnswerError`].
pub fn read_answer(status: u16, body: &[u8], note: &str, key: &CosignerKey) -> Result<WitnessAnswer, AnswerError> {
    let text = std::str::from_utf8(body).ok().and_then(|body| body.strip_suffix('\n'));
    let malformed = |expected| AnswerError::Malformed { expected };
    match status {
        200 => {
            let expected = "signature lines";
            let lines = text.ok_or(malformed(expected))?;
            // An empty line would end the text that is signed at another place.
            if lines.split('\n').all(|line| line.starts_with(SIGNATURE_START)) {
                Ok(WitnessAnswer::Cosigned(key.verify(&format!("{note}{lines}\n"))?))
            } else {
                Err(malformed(expected))
            }
        }
        409 => {
            let size = text.and_then(decimal);
            size.map(WitnessAnswer::Behind).ok_or(malformed("a tree size"))
        }
        status => Err(AnswerError::Refused { status }),
    }
}
