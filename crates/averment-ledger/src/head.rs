//! The newest checkpoint that a log must at least reach.

use crate::checkpoint::Checkpoint;
use crate::line::{Break, Deviation, LedgerFile};
use crate::note::{Note, NoteError, VerifierKey};
use crate::tree::empty_root;

/// The checkpoint in the file `checkpoint`, its signature checked: what the log must at least reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
}

impl Head {
    /// Reads and checks the content of the file `checkpoint`.
    ///
    /// # Errors
    /// A [`Break`] in that file.
    pub fn open(content: &[u8], key: &VerifierKey) -> Result<Self, Break> {
        let broken = |deviation| Break::at_start(LedgerFile::Checkpoint, deviation);
        let note = std::str::from_utf8(content).map_err(|_| broken(Deviation::Encoding))?;
        let checkpoint = open_own(note, key).map_err(broken)?;
        if checkpoint.size == 0 && (checkpoint.root != empty_root() || checkpoint.group != 0) {
            return Err(broken(Deviation::Root { expected: empty_root() }));
        }
        Ok(Self {
            note: note.to_owned(),
            checkpoint,
        })
    }

    /// The signed note.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Size and root.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// Opens a checkpoint that only this log's key has signed: another signature line would be another note.
pub(crate) fn open_own(note: &str, key: &VerifierKey) -> Result<Checkpoint, Deviation> {
    let checkpoint = Checkpoint::open(note, key)?;
    if Note::parse(note)?.signatures.len() == 1 {
        Ok(checkpoint)
    } else {
        Err(Deviation::Note(ONE_SIGNATURE))
    }
}

const ONE_SIGNATURE: NoteError = NoteError::Malformed {
    expected: "one signature",
};
