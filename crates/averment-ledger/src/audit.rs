//! The whole check of a ledger: what `averment ledger verify` says.
//!
//! Start at [`ChainAudit`], or at [`audit`] for a ledger of one log. Every entry is read, every signature checked and each
//! file's first break reported.

use std::io::BufRead;

use crate::chain::{Links, LogState};
use crate::checkpoint::Checkpoint;
use crate::group::Group;
use crate::head::Head;
use crate::line::{Break, Deviation, LedgerFile};
use crate::note::VerifierKey;
use crate::reader::{LogError, LogReader, Sealed, Signatures, Tail};

/// What an audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Name of the newest log; none when its key cannot be read.
    pub origin: Option<String>,
    /// How far the newest log was read and believed; none when it was not read for want of a key or checkpoint.
    pub sealed: Option<Sealed>,
    /// Every log that was read, in the order of the chain.
    pub logs: Vec<AuditedLog>,
    /// Time of the last sealed entry that could be read, RFC 3339 UTC.
    pub last_at: Option<String>,
    /// Time of the first sealed entry of the newest log that the file `checkpoint` does not cover; none when it covers all.
    pub behind_since: Option<String>,
    /// What follows the last sealed group of the newest log. Not a break.
    pub tail: Option<Tail>,
    /// Where the record is not what it must be; empty when all holds.
    pub breaks: Vec<Break>,
}

/// One log of the chain, as far as it was read and believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedLog {
    /// Its number, from 1.
    pub number: u32,
    /// Its origin.
    pub origin: String,
    /// How far.
    pub sealed: Sealed,
}

impl Audit {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.breaks.is_empty()
    }

    /// The same with one more break.
    #[must_use]
    pub fn with(mut self, found: Break) -> Self {
        self.breaks.push(found);
        self
    }

    /// Sealed entries of all logs.
    pub fn entries(&self) -> u64 {
        self.logs.iter().map(|log| log.sealed.entries).sum()
    }
}

/// What whoever checks knows from elsewhere than the folder. Nothing of it: the check shows only that the files agree with
/// each other.
#[derive(Debug, Clone, Default)]
pub struct Trusted<'a> {
    /// A key that one log of the chain must be of, under whatever name: all others follow from it.
    pub key: Option<&'a VerifierKey>,
    /// A checkpoint that the log of its origin must hold: the ledger had come this far at least.
    pub mark: Option<Checkpoint>,
}

impl<'a> From<Option<&'a VerifierKey>> for Trusted<'a> {
    fn from(key: Option<&'a VerifierKey>) -> Self {
        Self { key, mark: None }
    }
}

/// The content of the files of one log; none where there is no such file.
#[derive(Debug)]
pub struct LogContent<R> {
    /// `verifier`.
    pub verifier: Option<Vec<u8>>,
    /// `checkpoint`.
    pub checkpoint: Option<Vec<u8>>,
    /// `log`, read to its end.
    pub log: Option<R>,
}

/// Checks the three files of a ledger of one log.
///
/// # Errors
/// When `log` cannot be read; a break is not an error.
pub fn audit<'a>(
    verifier: Option<&[u8]>,
    checkpoint: Option<&[u8]>,
    log: impl BufRead,
    trusted: impl Into<Trusted<'a>>,
) -> std::io::Result<Audit> {
    let mut chain = ChainAudit::new(trusted);
    chain.take(LogContent {
        verifier: verifier.map(<[u8]>::to_vec),
        checkpoint: checkpoint.map(<[u8]>::to_vec),
        log: Some(log),
    })?;
    Ok(chain.finish())
}

/// The check of a chain, log by log.
#[derive(Debug, Clone)]
pub struct ChainAudit<'a> {
    trusted: Trusted<'a>,
    found: Audit,
    number: u32,
    links: Links,
    /// The log read last, when it holds.
    last: Option<LogState>,
    is_key_seen: bool,
    is_mark_seen: bool,
}

impl<'a> ChainAudit<'a> {
    /// Begins before the first log.
    pub fn new(trusted: impl Into<Trusted<'a>>) -> Self {
        Self {
            trusted: trusted.into(),
            found: Audit::default(),
            number: 0,
            links: Links::first(),
            last: None,
            is_key_seen: false,
            is_mark_seen: false,
        }
    }

    /// Whether the log taken last says that another one follows.
    pub fn names_a_next(&self) -> bool {
        self.links.ended().is_some()
    }

    /// Checks the next log.
    ///
    /// # Errors
    /// When the log cannot be read; a break is not an error.
    pub fn take<R: BufRead>(&mut self, content: LogContent<R>) -> std::io::Result<()> {
        self.end_the_one_before();
        self.number += 1;
        let breaks_before = self.found.breaks.len();
        let key = self.key_of(content.verifier.as_deref());
        self.links = match (self.number, &self.last) {
            (1, _) => Links::first(),
            (_, Some(last)) => Links::after(last),
            (number, None) => Links::after_a_break(number),
        };
        let first = self.last.as_ref().map_or(0, |last| last.first + last.checkpoint.size);
        (self.last, self.found.origin, self.found.sealed, self.found.tail) = (None, None, None, None);
        self.found.behind_since = None;
        let Some(key) = key else { return Ok(()) };
        self.found.origin = Some(key.name().to_owned());
        let Some(head) = self.head_of(content.checkpoint.as_deref(), &key) else {
            return Ok(());
        };
        match content.log {
            Some(log) => self.read(log, &key, head)?,
            None => self.broken(LedgerFile::Log, Deviation::Missing),
        }
        if self.found.breaks.len() == breaks_before {
            self.last = self.state(key, first);
        }
        Ok(())
    }

    /// What was found.
    pub fn finish(mut self) -> Audit {
        let mark = self.trusted.mark.as_ref().filter(|mark| mark.group > 0);
        // Whoever has a mark knows that no entry of another log was relied upon before the mark was of that log.
        let is_next_missing = match mark {
            Some(mark) => self.found.origin.as_ref() != Some(&mark.origin),
            None => true,
        };
        if let (true, Some(ended)) = (is_next_missing, self.links.ended()) {
            let missing = Break::at_start(LedgerFile::Verifier, Deviation::LogMissing);
            self.found.breaks.push(missing.in_log(ended.next));
        } else if mark.is_some() && !self.is_mark_seen && self.found.holds() {
            let missing = Break::at_start(LedgerFile::Verifier, Deviation::LogMissing);
            self.found.breaks.push(missing.in_log(self.number + 1));
        }
        if let Some(trusted) = self.trusted.key.filter(|_| !self.is_key_seen) {
            let expected = trusted.name().to_owned();
            let found = Break::at_start(LedgerFile::Verifier, Deviation::OtherKey { expected });
            // First: whatever else is found follows from it.
            self.found.breaks.insert(0, found.in_log(self.number));
        }
        self.found
    }

    /// A log that is not the newest has ended, and its newest checkpoint is its last.
    fn end_the_one_before(&mut self) {
        let Some(sealed) = self.found.sealed.as_ref().filter(|_| self.number > 0) else {
            return;
        };
        let (groups, line) = (sealed.after_head, sealed.entries + sealed.checkpoints + 1);
        if self.links.ended().is_none() && self.last.is_some() {
            self.broken(LedgerFile::Log, Deviation::NotEnded);
        }
        if groups > 0 {
            self.broken(LedgerFile::Checkpoint, Deviation::Older { groups });
        }
        if let Some(tail) = self.found.tail {
            self.found.breaks.push(Break {
                log: self.number,
                file: LedgerFile::Log,
                line,
                offset: tail.offset,
                deviation: Deviation::AfterEnd,
            });
        }
    }

    /// The key in the file, which must be the one that the log before names; that one where the file is no good.
    fn key_of(&mut self, content: Option<&[u8]>) -> Option<VerifierKey> {
        let named = self.links.ended().and_then(|ended| ended.verifier.parse().ok());
        let read = read_verifier(content, None);
        let checked = read.and_then(|key| match (self.number > 1, self.links.ended()) {
            (true, Some(_)) => match self.links.lead_to(&key) {
                Ok(()) => Ok(key),
                Err(deviation) => Err(Break::at_start(LedgerFile::Verifier, deviation)),
            },
            _ => Ok(key),
        });
        let key = match checked {
            Ok(key) => Some(key),
            Err(found) => {
                self.found.breaks.push(found.in_log(self.number));
                named.or_else(|| self.trusted.key.cloned())
            }
        };
        let is_trusted = |trusted: &VerifierKey| key.as_ref().is_some_and(|key| key.is_same_key(trusted));
        self.is_key_seen |= self.trusted.key.is_some_and(is_trusted);
        key
    }

    fn head_of(&mut self, content: Option<&[u8]>, key: &VerifierKey) -> Option<Head> {
        let missing = || Break::at_start(LedgerFile::Checkpoint, Deviation::Missing);
        let head = content.ok_or_else(missing).and_then(|content| Head::open(content, key));
        head.map_err(|found| self.found.breaks.push(found.in_log(self.number)))
            .ok()
    }

    fn read<R: BufRead>(&mut self, log: R, key: &VerifierKey, head: Head) -> std::io::Result<()> {
        let mark = self.trusted.mark.clone().filter(|mark| mark.origin == key.name());
        self.is_mark_seen |= mark.is_some();
        let covered = head.checkpoint.size;
        let mut reader = LogReader::new(log, key.clone(), head, Signatures::Every)
            .in_log(self.number)
            .reaching(mark);
        let result = loop {
            match reader.next_group() {
                Ok(Some(group)) => self.read_group(group, covered),
                Ok(None) => break Ok(()),
                Err(LogError::Break(found)) => break Err(found),
                Err(LogError::Read(error)) => return Err(error),
            }
        };
        self.found.breaks.extend(result.err());
        self.found.tail = reader.tail();
        self.found.sealed = Some(reader.sealed().clone());
        self.found.logs.push(AuditedLog {
            number: self.number,
            origin: key.name().to_owned(),
            sealed: reader.sealed().clone(),
        });
        Ok(())
    }

    /// Every entry must be readable, too, and fit its place in the chain; only the first that is not is reported. `covered`:
    /// entries under the file `checkpoint`.
    fn read_group(&mut self, group: &Group, covered: u64) {
        for line in group.lines() {
            let taken = line.entry().and_then(|entry| {
                let linked = self.links.take(line.index, &entry.deed);
                linked.map(|()| entry.at).map_err(|deviation| line.broken(deviation))
            });
            match taken {
                Ok(at) => {
                    if line.index >= covered && self.found.behind_since.is_none() {
                        self.found.behind_since = Some(at.clone());
                    }
                    self.found.last_at = Some(at);
                }
                Err(found) if self.found.breaks.is_empty() => self.found.breaks.push(found),
                Err(_) => {}
            }
        }
    }

    fn state(&self, key: VerifierKey, first: u64) -> Option<LogState> {
        let sealed = self.found.sealed.as_ref()?;
        Some(LogState {
            number: self.number,
            first,
            checkpoint: Checkpoint {
                origin: key.name().to_owned(),
                size: sealed.entries,
                root: sealed.root,
                group: sealed.checkpoints,
            },
            key,
            note: sealed.note.clone(),
        })
    }

    fn broken(&mut self, file: LedgerFile, deviation: Deviation) {
        let found = Break::at_start(file, deviation);
        self.found.breaks.push(found.in_log(self.number));
    }
}

/// Reads the content of the file `verifier`: one key, one newline.
///
/// # Errors
/// A [`Break`] in that file.
pub fn read_verifier(content: Option<&[u8]>, trusted: Option<&VerifierKey>) -> Result<VerifierKey, Break> {
    let broken = |deviation| Break::at_start(LedgerFile::Verifier, deviation);
    let content = content.ok_or(broken(Deviation::Missing))?;
    let line = std::str::from_utf8(content)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    let key: VerifierKey = line
        .ok_or(broken(Deviation::Encoding))?
        .parse()
        .map_err(|e| broken(Deviation::Note(e)))?;
    match trusted {
        Some(trusted) if *trusted != key => Err(broken(Deviation::OtherKey {
            expected: trusted.name().to_owned(),
        })),
        _ => Ok(key),
    }
}
