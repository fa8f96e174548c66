//! The first three lines of any log's checkpoint: what a witness looks at.

use crate::note::NoteError;
use crate::tree::TreeHash;

/// Name, size and root of some log. Extension lines, which logs may add, are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// Name of the log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: TreeHash,
}

impl TreeHead {
    /// Reads the text of a checkpoint, extension lines or not.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let malformed = |expected| NoteError::Malformed { expected };
        let lines = text.strip_suffix('\n').ok_or(malformed("a newline at the end"))?;
        if lines.split('\n').any(str::is_empty) {
            return Err(malformed("no empty line in a checkpoint"));
        }
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("the three lines of a checkpoint"));
        };
        Ok(Self {
            origin: origin.to_owned(),
            size: decimal(size).ok_or(malformed("a number of entries"))?,
            root: root.parse().map_err(|_| malformed("a root of 32 bytes as base64"))?,
        })
    }
}

/// A number without sign and without zeros in front.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
