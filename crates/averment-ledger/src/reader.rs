//! Reads a log group by group and believes nothing: indexes, hashes, roots and signatures are computed anew.
//!
//! Start at [`LogReader::next_group`]. Memory is bounded by one group, whatever the size of the log. What follows the
//! last sealed group is the [`Tail`]: nobody was told that it is recorded, so it is told apart and not an error.
//!
//! An error may come after groups that were given out: whoever cannot live with that collects first.

use std::io::BufRead;

use crate::checkpoint::Checkpoint;
use crate::group::Group;
use crate::head::{Head, open_own};
use crate::line::{Break, Deviation, LedgerFile, read_checkpoint_line, read_entry_line, read_line};
use crate::note::{Note, VerifierKey};
use crate::tree::{Frontier, TreeHash, empty_root};

/// Why a log cannot be read or believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The file system failed.
    #[error("cannot read the ledger")]
    Read(#[from] std::io::Error),
    /// The record is not what it must be.
    #[error(transparent)]
    Break(#[from] Break),
}

/// Which checkpoints in the log have their signatures checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signatures {
    /// Each of them: for verification.
    Every,
    /// Those newer than the head. The head's root covers every entry before it, so nothing about entries is lost; a
    /// million checkpoints would cost half a minute.
    AfterHead,
}

/// What follows the last sealed group: a crash cut it short, or it is being written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Offset of its first byte.
    pub offset: u64,
    /// Its length.
    pub bytes: u64,
    /// Whole entries at its beginning; their hashes fit.
    pub entries: u64,
}

/// How far the sealed part of the log reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Number of entries.
    pub entries: u64,
    /// Number of checkpoints in the log.
    pub checkpoints: u64,
    /// Root over the entries.
    pub root: TreeHash,
    /// Bytes of the log up to here.
    pub bytes: u64,
    /// Checkpoints in the log that are newer than the head.
    pub after_head: u64,
    /// The newest checkpoint in the log; the head's note when there is none.
    pub note: String,
}

/// Reads one log. See the module's page.
#[derive(Debug)]
pub struct LogReader<R> {
    number: u32,
    input: R,
    key: VerifierKey,
    head: Head,
    signatures: Signatures,
    tree: Frontier,
    group: Group,
    text: Vec<u8>,
    line: u64,
    offset: u64,
    sealed: Sealed,
    head_seen: bool,
    mark: Option<Checkpoint>,
    tail: Option<Tail>,
}

impl<R: BufRead> LogReader<R> {
    /// Begins to read `input`, the content of the file `log`.
    pub fn new(input: R, key: VerifierKey, head: Head, signatures: Signatures) -> Self {
        let head_seen = head.checkpoint.size == 0;
        let note = head.note.clone();
        let sealed = Sealed {
            entries: 0,
            checkpoints: 0,
            root: empty_root(),
            bytes: 0,
            after_head: 0,
            note,
        };
        Self {
            number: 1,
            input,
            key,
            head,
            signatures,
            tree: Frontier::new(),
            group: Group::default(),
            text: Vec::new(),
            line: 0,
            offset: 0,
            sealed,
            head_seen,
            mark: None,
            tail: None,
        }
    }

    /// Says in every break that this is log `number` of the chain.
    #[must_use]
    pub fn in_log(self, number: u32) -> Self {
        Self { number, ..self }
    }

    /// Also wants the log to hold this checkpoint, which whoever reads knows from elsewhere.
    #[must_use]
    pub fn reaching(self, mark: Option<Checkpoint>) -> Self {
        Self { mark, ..self }
    }

    /// The next sealed group, checked; none at the end.
    ///
    /// # Errors
    /// [`LogError`]; nothing more can then be read.
    pub fn next_group(&mut self) -> Result<Option<&Group>, LogError> {
        self.group
            .begin(self.number, self.tree.size(), self.line + 1, self.offset);
        loop {
            let read = read_line(&mut self.input, &mut self.text)?;
            self.line += 1;
            let step = read.and_then(|()| self.take_line());
            match step {
                Ok(Step::Entry) => {}
                Ok(Step::Sealed) => return Ok(Some(&self.group)),
                Ok(Step::End) => {
                    self.end_with_tail(self.text.len() as u64)?;
                    return Ok(None);
                }
                Err(deviation) => {
                    let found = self.broken(deviation);
                    let rest = if self.head_seen { self.torn_rest()? } else { None };
                    self.end_with_tail(rest.ok_or(found)?)?;
                    return Ok(None);
                }
            }
        }
    }

    /// Reads to the end and gives what was found there.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn read_to_end(&mut self) -> Result<&Sealed, LogError> {
        while self.next_group()?.is_some() {}
        Ok(&self.sealed)
    }

    /// How far the sealed part reaches, as far as read.
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// What follows the last sealed group; known at the end.
    pub fn tail(&self) -> Option<Tail> {
        self.tail
    }

    /// The tree over the sealed entries read so far.
    pub fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// A break of the log at the line read last.
    fn broken(&self, deviation: Deviation) -> Break {
        Break {
            log: self.number,
            file: LedgerFile::Log,
            line: self.line,
            offset: self.offset,
            deviation,
        }
    }

    fn take_line(&mut self) -> Result<Step, Deviation> {
        let Some(line) = self.text.strip_suffix(b"\n") else {
            return Ok(Step::End);
        };
        match line.first() {
            Some(b'E') => {
                let (hash, json) = read_entry_line(line, self.tree.size() + self.group.len())?;
                self.group.push(hash, json)?;
                self.offset += self.text.len() as u64;
                Ok(Step::Entry)
            }
            Some(b'C') => {
                let note = read_checkpoint_line(line)?;
                self.take_checkpoint(note)?;
                Ok(Step::Sealed)
            }
            _ => Err(Deviation::Kind),
        }
    }

    fn take_checkpoint(&mut self, note: String) -> Result<(), Deviation> {
        if self.group.len() == 0 {
            return Err(Deviation::EmptyGroup);
        }
        let tree = self.group.behind(&self.tree);
        self.check_checkpoint(&note, &tree)?;
        self.tree = tree;
        self.offset += self.text.len() as u64;
        self.sealed.entries = self.tree.size();
        self.sealed.checkpoints += 1;
        self.sealed.root = self.tree.root();
        self.sealed.bytes = self.offset;
        self.sealed.note = note;
        Ok(())
    }

    fn check_checkpoint(&mut self, note: &str, tree: &Frontier) -> Result<(), Deviation> {
        let (size, root, head) = (tree.size(), tree.root(), self.head.checkpoint.size);
        let checkpoint = if self.signatures == Signatures::Every || size > head {
            open_own(note, &self.key)?
        } else {
            Checkpoint::parse(Note::parse(note)?.text)?
        };
        if checkpoint.size != size {
            return Err(Deviation::Size {
                expected: size,
                found: checkpoint.size,
            });
        }
        if checkpoint.root != root {
            return Err(Deviation::Root { expected: root });
        }
        let expected = self.sealed.checkpoints + 1;
        if checkpoint.group != expected {
            return Err(Deviation::Group {
                expected,
                found: checkpoint.group,
            });
        }
        if (size == head && note != self.head.note) || (size > head && !self.head_seen) {
            return Err(Deviation::NotTheHead { size: head });
        }
        if let Some(mark) = &self.mark
            && mark.group == checkpoint.group
            && *mark != checkpoint
        {
            return Err(Deviation::NotTheMark { size: mark.size });
        }
        self.head_seen |= size == head;
        self.sealed.after_head += u64::from(size > head);
        Ok(())
    }

    /// After a line that does not fit, and with the head behind: how many bytes remain, if no later line holds a
    /// checkpoint of this key. A power failure may leave any bytes where a group was being written, and nobody was told
    /// about that group; a checkpoint that follows was made when the lines before it were whole.
    fn torn_rest(&mut self) -> std::io::Result<Option<u64>> {
        let mut rest = 0;
        while !self.text.is_empty() {
            rest += self.text.len() as u64;
            let line = self.text.strip_suffix(b"\n").unwrap_or_default();
            let sealing = read_checkpoint_line(line).is_ok_and(|note| open_own(&note, &self.key).is_ok());
            if sealing {
                return Ok(None);
            }
            // A line that is too long is no checkpoint; its remainder is read as the next.
            let _ = read_line(&mut self.input, &mut self.text)?;
        }
        Ok(Some(rest))
    }

    /// Ends the log. `rest`: bytes behind the whole entries of the group that was begun.
    fn end_with_tail(&mut self, rest: u64) -> Result<(), Break> {
        let (entries, bytes) = (self.group.len(), self.offset - self.sealed.bytes + rest);
        if bytes > 0 {
            self.tail = Some(Tail {
                offset: self.sealed.bytes,
                bytes,
                entries,
            });
        }
        let found = self.sealed.entries;
        let short = match &self.mark {
            _ if !self.head_seen => Deviation::Shorter {
                expected: self.head.checkpoint.size,
                found,
            },
            Some(mark) if mark.group > self.sealed.checkpoints => Deviation::BehindMark {
                expected: mark.size,
                found,
            },
            _ => return Ok(()),
        };
        Err(self.broken(short))
    }
}

/// What a line was.
enum Step {
    Entry,
    Sealed,
    End,
}
