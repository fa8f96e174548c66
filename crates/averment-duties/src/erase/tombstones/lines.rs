//! The lines of the list: each ends with a check of itself and of the one before, so that none can be left out, put elsewhere or put in.
//!
//! The older form, `averment.tombstones/1`, had a check of each line by itself: it can be told that a line was changed, not that one
//! was left out.

use std::collections::HashMap;
use std::path::Path;

use averment_store::{Keys, ListMark};
use jiff::Timestamp;

use super::TombstoneError;
use crate::erase::plan::hex;

const FIRST_LINE: &str = "averment.tombstones/2\n";
const OLDER_FIRST_LINE: &str = "averment.tombstones/1\n";
/// Bytes of the check of a line in a chain, and of one by itself.
const CHECK_BYTES: usize = 16;
const OLDER_CHECK_BYTES: usize = 8;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing is there.
    None,
    /// Lines that stand each for itself.
    Older,
    /// A chain.
    Chain,
}

/// What the list says of a digest.
#[derive(Clone)]
pub(in crate::erase) struct Told {
    /// The run that erased it last, or the release.
    pub(super) run: String,
    /// When it was erased last, also of one that was released.
    pub(in crate::erase) at: Timestamp,
    /// Whether the person has come back.
    pub(in crate::erase) released: bool,
}

/// Stands behind the time in the line of a release.
const RELEASED: &str = "released";

/// A list that was read.
pub(super) struct Lines {
    pub(super) form: Form,
    /// How long what was read is, up to the end of the last whole line.
    pub(super) bytes: usize,
    pub(super) told: HashMap<String, Told>,
    /// As a chain, of the older form too.
    pub(super) end: ListMark,
    /// The same as a chain, where it is none yet.
    chain: String,
}

impl Lines {
    /// Reads a list and holds it against what it was at least: each of `known` was once how long it is and how it ends.
    pub(super) fn read(path: &Path, text: &str, keys: &Keys, known: &[&ListMark]) -> Result<Self, TombstoneError> {
        let bytes = text.rfind('\n').map_or(0, |end| end + 1);
        let whole = &text[..bytes];
        let (form, rest) = match (whole.strip_prefix(FIRST_LINE), whole.strip_prefix(OLDER_FIRST_LINE)) {
            (Some(rest), _) => (Form::Chain, rest),
            (None, Some(rest)) => (Form::Older, rest),
            (None, None) if whole.is_empty() => (Form::None, ""),
            (None, None) => return Err(damaged(path, 1)),
        };
        let mut lines = Self {
            form,
            bytes,
            told: HashMap::new(),
            end: ListMark::default(),
            chain: String::new(),
        };
        let mut missing: Vec<&ListMark> = known.iter().copied().filter(|known| known.lines > 0).collect();
        for (index, line) in rest.lines().enumerate() {
            lines.take(line, keys).ok_or_else(|| damaged(path, index + 2))?;
            // An older list was taken over once anybody tells of one: what is of the older form now is an older copy.
            missing.retain(|known| **known != lines.end || form != Form::Chain);
        }
        let (path, found) = (path.to_owned(), lines.end.lines);
        match missing.iter().map(|known| known.lines).max() {
            None => Ok(lines),
            Some(expected) if found < expected => Err(TombstoneError::Shorter { path, found, expected }),
            Some(_) => Err(TombstoneError::Other { path }),
        }
    }

    /// Takes a line in; none when it is not what was written there.
    fn take(&mut self, line: &str, keys: &Keys) -> Option<()> {
        let (content, check) = line.rsplit_once(' ')?;
        let (digest, told) = Told::read(content)?;
        let expected = match self.form {
            Form::Chain => chained(&self.end.head, content, keys),
            Form::Older | Form::None => {
                let sum = keys.tombstone(&[b"line", content.as_bytes()]);
                hex(&sum[..OLDER_CHECK_BYTES])
            }
        };
        if check != expected {
            return None;
        }
        match self.form {
            Form::Chain => step(&mut self.end, expected),
            Form::Older | Form::None => append(&mut self.chain, &mut self.end, content, keys),
        }
        // A release says from when on it counts no more; what is compared with records is when somebody was erased.
        let at = self.told.get(&digest).map_or(told.at, |before| before.at);
        let at = if told.released { at } else { told.at };
        self.told.insert(digest, Told { at, ..told });
        Some(())
    }

    /// The list as a chain, where it is none yet.
    pub(super) fn written(&self) -> String {
        format!("{FIRST_LINE}{}", self.chain)
    }
}

impl Told {
    fn read(content: &str) -> Option<(String, Self)> {
        let mut parts = content.split(' ');
        let (digest, run, at) = (parts.next()?, parts.next()?, parts.next()?);
        let last = parts.next();
        let told = Self {
            run: run.to_owned(),
            at: at.parse().ok()?,
            released: last == Some(RELEASED),
        };
        let is_whole = last.is_none() || told.released && parts.next().is_none();
        is_whole.then(|| (digest.to_owned(), told))
    }

    /// As it stands in a line, without the check.
    pub(super) fn line(&self, digest: &str) -> String {
        let released = if self.released {
            format!(" {RELEASED}")
        } else {
            String::new()
        };
        format!("{digest} {} {:.0}{released}", self.run, self.at)
    }
}

/// Adds a line to `text`, behind a list that ended so.
pub(super) fn append(text: &mut String, end: &mut ListMark, content: &str, keys: &Keys) {
    let check = chained(&end.head, content, keys);
    text.push_str(&format!("{content} {check}\n"));
    step(end, check);
}

fn step(end: &mut ListMark, check: String) {
    end.lines += 1;
    end.head = check;
}

/// The check of a line that follows one with the check `before`.
fn chained(before: &str, content: &str, keys: &Keys) -> String {
    let sum = keys.tombstone(&[b"chain", before.as_bytes(), content.as_bytes()]);
    hex(&sum[..CHECK_BYTES])
}

fn damaged(path: &Path, line: usize) -> TombstoneError {
    TombstoneError::Damaged {
        path: path.to_owned(),
        line,
    }
}
