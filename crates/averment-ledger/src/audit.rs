//! The whole check of a ledger folder's three files: what `averment ledger verify` says.
//!
//! Start at [`audit`]. It reads every entry, checks every signature and reports each file's first break.

use std::io::BufRead;

use crate::checkpoint::Checkpoint;
use crate::group::Group;
use crate::head::Head;
use crate::line::{Break, Deviation, LedgerFile};
use crate::note::VerifierKey;
use crate::reader::{LogError, LogReader, Sealed, Signatures, Tail};

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Name of the log; none when its key cannot be read.
    pub origin: Option<String>,
    /// How far the log was read and believed; none when it was not read for want of a key or checkpoint.
    pub sealed: Option<Sealed>,
    /// Time of the last sealed entry that could be read, RFC 3339 UTC.
    pub last_at: Option<String>,
    /// What follows the last sealed group. Not a break.
    pub tail: Option<Tail>,
    /// Where the record is not what it must be; empty when all holds.
    pub breaks: Vec<Break>,
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
}

/// What whoever checks knows from elsewhere than the folder. Nothing of it: the check shows only that the files agree with
/// each other.
#[derive(Debug, Clone, Default)]
pub struct Trusted<'a> {
    /// The key that the log must be of.
    pub key: Option<&'a VerifierKey>,
    /// A checkpoint that it must hold: the log had come this far at least.
    pub mark: Option<Checkpoint>,
}

impl<'a> From<Option<&'a VerifierKey>> for Trusted<'a> {
    fn from(key: Option<&'a VerifierKey>) -> Self {
        Self { key, mark: None }
    }
}

/// Checks the three files. `verifier` and `checkpoint` are their contents, none when there is no such file; `log` is read
/// to its end. With a trusted key the key in `verifier` must be that one, and with a mark the log must hold it.
///
/// # Errors
/// When `log` cannot be read; a break is not an error.
pub fn audit<'a>(
    verifier: Option<&[u8]>,
    checkpoint: Option<&[u8]>,
    log: impl BufRead,
    trusted: impl Into<Trusted<'a>>,
) -> std::io::Result<Audit> {
    let Trusted { key: trusted, mark } = trusted.into();
    let mut audit = Audit {
        origin: None,
        sealed: None,
        last_at: None,
        tail: None,
        breaks: Vec::new(),
    };
    let key = read_verifier(verifier, trusted)
        .map_err(|found| audit.breaks.push(found))
        .ok();
    let Some(key) = key.as_ref().or(trusted).cloned() else {
        return Ok(audit);
    };
    audit.origin = Some(key.name().to_owned());
    let missing = || Break {
        file: LedgerFile::Checkpoint,
        line: 1,
        offset: 0,
        deviation: Deviation::Missing,
    };
    match checkpoint
        .ok_or_else(missing)
        .and_then(|content| Head::open(content, &key))
    {
        Ok(head) => audit.read_log(LogReader::new(log, key, head, Signatures::Every).reaching(mark))?,
        Err(found) => audit.breaks.push(found),
    }
    Ok(audit)
}

/// Reads the content of the file `verifier`: one key, one newline.
///
/// # Errors
/// A [`Break`] in that file.
pub fn read_verifier(content: Option<&[u8]>, trusted: Option<&VerifierKey>) -> Result<VerifierKey, Break> {
    let broken = |deviation| Break {
        file: LedgerFile::Verifier,
        line: 1,
        offset: 0,
        deviation,
    };
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

impl Audit {
    fn read_log<R: BufRead>(&mut self, mut reader: LogReader<R>) -> std::io::Result<()> {
        let result = loop {
            match reader.next_group() {
                Ok(Some(group)) => self.read_group(group),
                Ok(None) => break Ok(()),
                Err(LogError::Break(found)) => break Err(found),
                Err(LogError::Read(error)) => return Err(error),
            }
        };
        self.breaks.extend(result.err());
        self.tail = reader.tail();
        self.sealed = Some(reader.sealed().clone());
        Ok(())
    }

    /// Every entry must be readable, too; only the first that is not is reported.
    fn read_group(&mut self, group: &Group) {
        for line in group.lines() {
            match line.entry() {
                Ok(entry) => self.last_at = Some(entry.at),
                Err(found) if self.breaks.is_empty() => self.breaks.push(found),
                Err(_) => {}
            }
        }
    }
}
