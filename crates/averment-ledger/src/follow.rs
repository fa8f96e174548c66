//! Following a log that a gate is writing: only what is new is read, and checked like everything else.

use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::head::open_own;
use crate::line::{Break, Deviation, LedgerFile, read_checkpoint_line, read_entry_line, write_checkpoint_line};
use crate::note::{Note, VerifierKey};
use crate::tree::{Frontier, TreeHash};

/// How far a log was followed: everything up to here was sealed, and its hashes, roots and signatures fit.
#[derive(Debug, Clone)]
pub struct Follow {
    number: u32,
    key: VerifierKey,
    tree: Frontier,
    groups: u64,
    line: u64,
    offset: u64,
    checkpoint: Option<Checkpoint>,
    note: Option<String>,
}

/// Where a [`Follow`] stands, to be kept and gone on from later. What it says is believed: whoever can forge it can forge
/// whatever was made of the entries before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowPlace {
    tree: Frontier,
    groups: u64,
    line: u64,
    offset: u64,
    note: Option<String>,
}

impl FollowPlace {
    /// Where in the log the last line that was read begins, and the line: a log that holds another one there is another log.
    pub fn last_line(&self) -> (u64, Vec<u8>) {
        let mut line = Vec::new();
        if let Some(note) = &self.note {
            write_checkpoint_line(&mut line, note);
        }
        (self.offset.saturating_sub(line.len() as u64), line)
    }
}

impl Follow {
    /// Begins at the first byte of a log of `key`.
    pub fn new(key: VerifierKey) -> Self {
        Self {
            number: 1,
            key,
            tree: Frontier::new(),
            groups: 0,
            line: 0,
            offset: 0,
            checkpoint: None,
            note: None,
        }
    }

    /// Says in every break that this is log `number` of the chain.
    #[must_use]
    pub fn in_log(self, number: u32) -> Self {
        Self { number, ..self }
    }

    /// The key of the log.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Goes on where [`Self::place`] was. That the log still holds [`FollowPlace::last_line`] is for the caller to check.
    pub fn resume(key: VerifierKey, place: FollowPlace) -> Self {
        let FollowPlace {
            tree,
            groups,
            line,
            offset,
            note,
        } = place;
        let checkpoint = note.as_deref().and_then(|note| open_own(note, &key).ok());
        Self {
            tree,
            groups,
            line,
            offset,
            checkpoint,
            note,
            ..Self::new(key)
        }
    }

    /// Where reading stands.
    pub fn place(&self) -> FollowPlace {
        FollowPlace {
            tree: self.tree.clone(),
            groups: self.groups,
            line: self.line,
            offset: self.offset,
            note: self.note.clone(),
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

    /// Its note, as it stands in the log; none before the first.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Takes the whole groups that `bytes` holds and gives each entry with its number to `each`. `bytes`: the log from
    /// [`Self::offset`] on, as far as it was read; a group cut off at the end is left for the next call.
    ///
    /// The signature of the last checkpoint is checked: its root covers every entry before it.
    ///
    /// # Errors
    /// A [`Break`]; the position is then what it was, and no entry was given.
    pub fn take(&mut self, bytes: &[u8], mut each: impl FnMut(u64, Entry)) -> Result<(), Break> {
        let sealed = self.take_sealed(bytes, parsed)?;
        sealed.into_iter().for_each(|(index, entry)| each(index, entry));
        Ok(())
    }

    /// As [`Self::take`], with the leaf hash and the bytes of each entry.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn take_leaves<'a>(&mut self, bytes: &'a [u8]) -> Result<Vec<(TreeHash, &'a [u8])>, Break> {
        self.take_sealed(bytes, |_, hash, json| Ok((hash, json)))
    }

    /// What `read` makes of each entry, from its number, leaf hash and bytes.
    fn take_sealed<'a, T>(
        &mut self,
        bytes: &'a [u8],
        read: impl Fn(u64, TreeHash, &'a [u8]) -> Result<T, Deviation>,
    ) -> Result<Vec<T>, Break> {
        let mut at = Position {
            number: self.number,
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
                open.push(at.entry(content, &read).map_err(|deviation| at.broken(deviation))?);
                at.offset += line.len() as u64;
            } else {
                let note = at.checkpoint(content).map_err(|deviation| at.broken(deviation))?;
                at.offset += line.len() as u64;
                sealed.append(&mut open);
                last = Some((note, at.clone()));
            }
        }
        let Some((note, at)) = last else { return Ok(Vec::new()) };
        let checkpoint = open_own(&note, &self.key).map_err(|deviation| at.broken(deviation))?;
        (self.tree, self.groups, self.line, self.offset) = (at.tree, at.groups, at.line, at.offset);
        (self.checkpoint, self.note) = (Some(checkpoint), Some(note));
        Ok(sealed)
    }
}

fn parsed(index: u64, _: TreeHash, json: &[u8]) -> Result<(u64, Entry), Deviation> {
    let entry = Entry::from_json(json).map_err(|error| Deviation::Entry { column: error.column() })?;
    Ok((index, entry))
}

/// Where reading stands, ahead of what is sealed.
#[derive(Clone)]
struct Position {
    number: u32,
    tree: Frontier,
    groups: u64,
    line: u64,
    offset: u64,
}

impl Position {
    fn entry<'a, T>(
        &mut self,
        line: &'a [u8],
        read: impl Fn(u64, TreeHash, &'a [u8]) -> Result<T, Deviation>,
    ) -> Result<T, Deviation> {
        let index = self.tree.size();
        let (hash, json) = read_entry_line(line, index)?;
        let entry = read(index, hash, json)?;
        self.tree.push(hash);
        Ok(entry)
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
            log: self.number,
            file: LedgerFile::Log,
            line: self.line,
            offset: self.offset,
            deviation,
        }
    }
}
