//! Following a log that a gate is writing: only what is new is read, and checked like everything else.

use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::line::{Break, Deviation, LedgerFile, read_checkpoint_line, read_entry_line};
use crate::note::{Note, VerifierKey};
use crate::tree::Frontier;

/// How far a log was followed: everything up to here was sealed, and its hashes, roots and signatures fit.
#[derive(Debug)]
pub struct Follow {
    key: VerifierKey,
    tree: Frontier,
    groups: u64,
    line: u64,
    offset: u64,
    checkpoint: Option<Checkpoint>,
    /// The last line that was read: the note of `checkpoint`, as it stands in the log.
    last_line: String,
}

/// Where a [`Follow`] stands, to be kept and gone on from later. What it says is believed: whoever can forge it can forge
/// whatever was made of the entries before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowPlace {
    tree: Frontier,
    groups: u64,
    line: u64,
    offset: u64,
    last_line: String,
}

impl FollowPlace {
    /// Where in the log the last line that was read stands, and the line: a log that holds another one there is another log.
    pub fn last_line(&self) -> (u64, &str) {
        let bytes = self.last_line.len() as u64;
        (self.offset.saturating_sub(bytes), &self.last_line)
    }
}

impl Follow {
    /// Begins at the first byte of a log of `key`.
    pub fn new(key: VerifierKey) -> Self {
        Self {
            key,
            tree: Frontier::new(),
            groups: 0,
            line: 0,
            offset: 0,
            checkpoint: None,
            last_line: String::new(),
        }
    }

    /// Goes on where [`Self::place`] was. That the log still holds [`FollowPlace::last_line`] is for the caller to check.
    pub fn resume(key: VerifierKey, place: FollowPlace) -> Self {
        let FollowPlace {
            tree,
            groups,
            line,
            offset,
            last_line,
        } = place;
        let checkpoint = read_checkpoint_line(last_line.trim_end().as_bytes()).ok();
        let checkpoint = checkpoint.and_then(|note| Checkpoint::open(&note, &key).ok());
        Self {
            key,
            tree,
            groups,
            line,
            offset,
            checkpoint,
            last_line,
        }
    }

    /// Where reading stands.
    pub fn place(&self) -> FollowPlace {
        FollowPlace {
            tree: self.tree.clone(),
            groups: self.groups,
            line: self.line,
            offset: self.offset,
            last_line: self.last_line.clone(),
        }
    }

    /// Offset in the log from which [`Self::take`] wants bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The newest checkpoint; none before the first.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// Takes the whole groups that `bytes` holds and gives each entry with its number to `each`. `bytes`: the log from
    /// [`Self::offset`] on, as far as it was read; a group cut off at the end is left for the next call.
    ///
    /// The signature of the last checkpoint is checked: its root covers every entry before it.
    ///
    /// # Errors
    /// A [`Break`]; the position is then what it was, and no entry was given.
    pub fn take(&mut self, bytes: &[u8], mut each: impl FnMut(u64, Entry)) -> Result<(), Break> {
        let mut at = Position {
            tree: self.tree.clone(),
            groups: self.groups,
            line: self.line,
            offset: self.offset,
        };
        let (mut open, mut sealed) = (Vec::new(), Vec::new());
        let mut last = None;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(content) = line.strip_suffix(b"\n") else { break };
            at.line += 1;
            if content.first() == Some(&b'E') {
                open.push(at.entry(content).map_err(|deviation| at.broken(deviation))?);
                at.offset += line.len() as u64;
            } else {
                let note = at.checkpoint(content).map_err(|deviation| at.broken(deviation))?;
                at.offset += line.len() as u64;
                sealed.append(&mut open);
                last = Some((note, line, at.clone()));
            }
        }
        let Some((note, line, at)) = last else { return Ok(()) };
        let checkpoint = Checkpoint::open(&note, &self.key).map_err(|error| at.broken(error.into()))?;
        (self.tree, self.groups, self.line, self.offset) = (at.tree, at.groups, at.line, at.offset);
        self.checkpoint = Some(checkpoint);
        self.last_line = String::from_utf8_lossy(line).into_owned();
        sealed.into_iter().for_each(|(index, entry)| each(index, entry));
        Ok(())
    }
}

/// Where reading stands, ahead of what is sealed.
#[derive(Clone)]
struct Position {
    tree: Frontier,
    groups: u64,
    line: u64,
    offset: u64,
}

impl Position {
    fn entry(&mut self, line: &[u8]) -> Result<(u64, Entry), Deviation> {
        let index = self.tree.size();
        let (hash, json) = read_entry_line(line, index)?;
        let entry = serde_json::from_slice(json).map_err(|error| Deviation::Entry { column: error.column() })?;
        self.tree.push(hash);
        Ok((index, entry))
    }

    /// The note in `line`, whose number, size and root must be the next and those of the tree; its signature is not looked at.
    fn checkpoint(&mut self, line: &[u8]) -> Result<String, Deviation> {
        let note = read_checkpoint_line(line)?;
        let checkpoint = Checkpoint::parse(Note::parse(&note)?.text)?;
        let (expected, root) = (self.tree.size(), self.tree.root());
        if checkpoint.size != expected {
            let found = checkpoint.size;
            return Err(Deviation::Size { expected, found });
        }
        if checkpoint.root != root {
            return Err(Deviation::Root { expected: root });
        }
        self.groups += 1;
        if checkpoint.group != self.groups {
            let (expected, found) = (self.groups, checkpoint.group);
            return Err(Deviation::Group { expected, found });
        }
        Ok(note)
    }

    fn broken(&self, deviation: Deviation) -> Break {
        Break {
            file: LedgerFile::Log,
            line: self.line,
            offset: self.offset,
            deviation,
        }
    }
}
