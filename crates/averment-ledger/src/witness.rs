//! A witness: signs a log's checkpoint only when it continues the one that it signed before.
//!
//! Start at [`Witness::consider`]. Everything is a function over bytes: whoever runs a witness keeps what
//! [`Considered::sign`] gives on disk before anybody else sees it, then calls [`Witness::advance`], then answers.
//!
//! Invariant: of two checkpoints of one log that are signed, the tree of one is the beginning of the other's.
//!
//! Source: C2SP tlog-witness (<https://c2sp.org/tlog-witness>), `add-checkpoint`.

use std::collections::BTreeMap;

use crate::cosignature::{CosignerKey, CosigningKey};
use crate::note::{Note, NoteError, VerifierKey};
use crate::proof::verify_consistency;
use crate::submission::AddCheckpoint;
use crate::tree::empty_root;
use crate::tree_head::TreeHead;

/// What a witness knows: the logs that it looks at, and how far it came with each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    logs: BTreeMap<String, Log>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Log {
    keys: Vec<VerifierKey>,
    /// What was signed last, with every signature that was checked; none before the first.
    latest: Option<(TreeHead, String)>,
}

/// Why a checkpoint is not signed. Texts go to whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a request, not a checkpoint, or smaller than what it is said to continue.
    #[error("bad request: {expected}")]
    Malformed {
        /// What was expected.
        expected: String,
    },
    /// Not a log that this witness looks at.
    #[error("unknown log")]
    UnknownLog,
    /// Not signed by the log, or not with a signature that fits.
    #[error("no signature by a key of this log")]
    NotSigned,
    /// It is said to continue another checkpoint than the one that was signed last.
    #[error("the last checkpoint signed has size {size}")]
    Conflict {
        /// Size of that one.
        size: u64,
    },
    /// It does not continue the one that was signed last.
    #[error("the checkpoint does not continue the one signed before")]
    Inconsistent,
}

impl Refusal {
    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. } => 400,
            Self::NotSigned => 403,
            Self::UnknownLog => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent => 422,
        }
    }

    /// The body of the answer.
    pub fn body(&self) -> String {
        match self {
            Self::Conflict { size } => format!("{size}\n"),
            other => format!("{other}\n"),
        }
    }
}

/// A checkpoint that may be signed. Nothing is signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    head: TreeHead,
    text: String,
    /// The log's own signatures.
    lines: String,
}

/// A checkpoint that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    head: TreeHead,
    /// The whole note: what is kept, and served to whoever monitors.
    pub note: String,
    /// The body of the answer: the witness's signature line.
    pub answer: String,
}

impl Signed {
    /// Name of the log.
    pub fn origin(&self) -> &str {
        &self.head.origin
    }
}

impl Witness {
    /// A witness of the logs with these keys, which has signed nothing yet. A log's name is that of its key.
    pub fn new(keys: impl IntoIterator<Item = VerifierKey>) -> Self {
        let mut logs: BTreeMap<String, Log> = BTreeMap::new();
        for key in keys {
            let (keys, latest) = (Vec::new(), None);
            let log = logs.entry(key.name().to_owned()).or_insert(Log { keys, latest });
            log.keys.push(key);
        }
        Self { logs }
    }

    /// Names of the logs.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// The checkpoint of `origin` that was signed last, a note.
    pub fn latest(&self, origin: &str) -> Option<&str> {
        let (_, note) = self.logs.get(origin)?.latest.as_ref()?;
        Some(note)
    }

    /// Puts back what was kept: a note that this witness signed last.
    ///
    /// # Errors
    /// When it is no checkpoint of `origin`, a log of this witness, or its signature does not fit.
    pub fn restore(&mut self, origin: &str, note: &str, own: &CosignerKey) -> Result<(), NoteError> {
        own.verify(note)?;
        let head = TreeHead::parse(Note::parse(note)?.text)?;
        let log = self.logs.get_mut(origin).filter(|_| head.origin == origin);
        let log = log.ok_or(NoteError::Malformed {
            expected: "a checkpoint of a log of this witness",
        })?;
        log.latest = Some((head, note.to_owned()));
        Ok(())
    }

    /// Whether the checkpoint in `body`, the body of a request, may be signed.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn consider(&self, body: &[u8]) -> Result<Considered, Refusal> {
        let malformed = |expected: String| Refusal::Malformed { expected };
        let request = AddCheckpoint::parse(body).map_err(|error| malformed(error.to_string()))?;
        let note = Note::parse(&request.note).map_err(|error| malformed(error.to_string()))?;
        let head = TreeHead::parse(note.text).map_err(|error| malformed(error.to_string()))?;
        let log = self.logs.get(&head.origin).ok_or(Refusal::UnknownLog)?;
        let lines = log.signatures(&request.note)?;
        if request.old_size > head.size {
            return Err(malformed("expected an old size not above the checkpoint's".to_owned()));
        }
        log.continues(&request, &head)?;
        let text = note.text.to_owned();
        Ok(Considered { head, text, lines })
    }

    /// Takes note of what was signed and kept.
    pub fn advance(&mut self, signed: &Signed) {
        if let Some(log) = self.logs.get_mut(&signed.head.origin) {
            log.latest = Some((signed.head.clone(), signed.note.clone()));
        }
    }
}

impl Log {
    /// The lines of `note` with signatures by this log's keys.
    fn signatures(&self, note: &str) -> Result<String, Refusal> {
        let mut lines = String::new();
        for key in &self.keys {
            match key.signature_line(note) {
                Ok(line) => lines.push_str(&line),
                Err(NoteError::NotSigned { .. }) => {}
                Err(_) => return Err(Refusal::NotSigned),
            }
        }
        if lines.is_empty() {
            Err(Refusal::NotSigned)
        } else {
            Ok(lines)
        }
    }

    fn continues(&self, request: &AddCheckpoint, head: &TreeHead) -> Result<(), Refusal> {
        let (size, root) = match &self.latest {
            Some((latest, _)) => (latest.size, latest.root),
            None => (0, empty_root()),
        };
        if request.old_size != size {
            return Err(Refusal::Conflict { size });
        }
        if head.size == 0 && head.root != empty_root() {
            return Err(Refusal::Inconsistent);
        }
        verify_consistency((size, &root), (head.size, &head.root), &request.proof).map_err(|_| Refusal::Inconsistent)
    }
}

impl Considered {
    /// Signs it. `now`: seconds since 1970 UTC.
    pub fn sign(self, key: &CosigningKey, now: u64) -> Signed {
        let answer = key.cosign(&self.text, now);
        let note = format!("{}\n{}{answer}", self.text, self.lines);
        let head = self.head;
        Signed { head, note, answer }
    }
}
