//! Checkpoints: what the log says about itself, signed.
//!
//! Four lines: origin (the name of the log), size in entries, root in base64, and as an extension `group` with the number
//! of the checkpoint. Without that number a checkpoint in the middle of a log could be removed unseen: the entries around
//! it would be the same tree. Tools that know only the first three lines read and witness it all the same.
//!
//! Source: C2SP tlog-checkpoint (<https://c2sp.org/tlog-checkpoint>), which allows extension lines.

use crate::note::{NoteError, SigningKey, VerifierKey};
use crate::tree::{Frontier, TreeHash};

/// Size and root of a log at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log; also the name of its key.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: TreeHash,
    /// How many groups of entries became durable together so far: the number of this checkpoint, 0 for the empty log.
    pub group: u64,
}

impl Checkpoint {
    /// Checkpoint number `group`, of `tree`.
    pub fn of(origin: &str, tree: &Frontier, group: u64) -> Self {
        Self {
            origin: origin.to_owned(),
            size: tree.size(),
            root: tree.root(),
            group,
        }
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\ngroup {}\n", self.origin, self.size, self.root, self.group)
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        key.sign(&self.text())
    }

    /// Checks the signature on `note` and reads the checkpoint in it, whose origin must be the key's name.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, NoteError> {
        let checkpoint = Self::parse(key.open(note)?)?;
        if checkpoint.origin == key.name() {
            Ok(checkpoint)
        } else {
            Err(malformed("the key's name as origin"))
        }
    }

    /// Reads the text of a checkpoint. More extension lines, which this log does not write, are refused: two texts for one
    /// tree would be two checkpoints.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let lines: Vec<&str> = text
            .strip_suffix('\n')
            .ok_or(malformed("a newline at the end"))?
            .split('\n')
            .collect();
        let [origin, size, root, group] = lines[..] else {
            return Err(malformed("the four lines of a checkpoint"));
        };
        let size = size.parse().map_err(|_| malformed("a number of entries"))?;
        let root = root.parse().map_err(|_| malformed("a root of 32 bytes as base64"))?;
        let group = group.strip_prefix("group ").and_then(|number| number.parse().ok());
        let group = group.ok_or(malformed("`group` and a number"))?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size,
            root,
            group,
        };
        // `+7` and `007` are numbers too.
        if checkpoint.text() == text && !origin.is_empty() {
            Ok(checkpoint)
        } else {
            Err(malformed("one spelling"))
        }
    }
}

fn malformed(expected: &'static str) -> NoteError {
    NoteError::Malformed { expected }
}
