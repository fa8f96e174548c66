//! The lines of a log file, and what can be wrong with them.
//!
//! `E <index> <base64 leaf hash> <entry as JSON>` per entry; `C <base64 of a signed checkpoint>` closes every group of
//! entries that became durable together. A group without its `C` is not sealed: nobody was told that it is recorded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::entry::Entry;
use crate::note::NoteError;
use crate::tree::{TreeHash, leaf_hash};

/// Most entries of one group.
pub const GROUP_ENTRIES_MAX: usize = 4096;
/// Most bytes of one entry's JSON, as in an entry bundle of C2SP tlog-tiles. A message with more findings than fit is
/// recorded in several entries.
pub const ENTRY_BYTES_MAX: usize = 65_535;
/// Most bytes of all lines of a group: bounds the memory of a reader.
pub const GROUP_BYTES_MAX: usize = 8 << 20;
/// Room in a line besides the entry: letters, index, hash, white space.
const LINE_BYTES_MAX: usize = ENTRY_BYTES_MAX + 80;
/// Base64 of 32 bytes.
const HASH_CHARS: usize = 44;
/// Room in which most lines fit.
const USUAL_LINE_BYTES: usize = 1280;

/// A file of the ledger folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerFile {
    /// The entries.
    Log,
    /// The newest signed checkpoint.
    Checkpoint,
    /// The public key.
    Verifier,
}

impl LedgerFile {
    /// Its name in the folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Checkpoint => "checkpoint",
            Self::Verifier => "verifier",
        }
    }
}

impl std::fmt::Display for LedgerFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A place where the record is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{log:04}/{file}` line {line}, byte {offset}: {deviation}")]
pub struct Break {
    /// In which log of the chain, from 1.
    pub log: u32,
    /// In which file.
    pub file: LedgerFile,
    /// Line, from 1.
    pub line: u64,
    /// Offset of the line's first byte in the file.
    pub offset: u64,
    /// What was expected and what was found.
    pub deviation: Deviation,
}

impl Break {
    /// In the first log, at the beginning of `file`.
    pub fn at_start(file: LedgerFile, deviation: Deviation) -> Self {
        Self {
            log: 1,
            file,
            line: 1,
            offset: 0,
            deviation,
        }
    }

    /// The same in log `number`.
    #[must_use]
    pub fn in_log(self, number: u32) -> Self {
        Self { log: number, ..self }
    }
}

/// What was expected and what was found. Never the content of an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Deviation {
    /// Neither an entry nor a checkpoint.
    #[error("expected a line that begins with `E` or `C`")]
    Kind,
    /// An entry is missing, out of order or spelled differently.
    #[error("expected entry {expected}")]
    Index {
        /// The next index.
        expected: u64,
    },
    /// No hash, or nothing behind it.
    #[error("expected a leaf hash of 44 characters and an entry")]
    Form,
    /// The entry was changed, or its hash was.
    #[error("expected the leaf hash {expected} of the entry in this line, found another")]
    LeafHash {
        /// Hash of the entry as it stands.
        expected: TreeHash,
    },
    /// Hash and signature fit, but no entry can be read.
    #[error("expected an entry as JSON, column {column} of it is something else")]
    Entry {
        /// Column in the JSON, from 1.
        column: usize,
    },
    /// A line or a group larger than any that is written.
    #[error("expected at most {max} {unit}")]
    TooLarge {
        /// The bound.
        max: usize,
        /// Of what.
        unit: &'static str,
    },
    /// Not base64, or not UTF-8 behind it.
    #[error("expected a signed checkpoint as base64")]
    Encoding,
    /// Not a checkpoint of this log.
    #[error("{0}")]
    Note(#[from] NoteError),
    /// The checkpoint counts other entries than there are.
    #[error("expected a checkpoint of {expected} entries, found one of {found}")]
    Size {
        /// Entries up to here.
        expected: u64,
        /// Size in the checkpoint.
        found: u64,
    },
    /// The checkpoint is about other entries.
    #[error("expected the root {expected} over the entries up to here, found another")]
    Root {
        /// Root over the entries as they stand.
        expected: TreeHash,
    },
    /// A checkpoint before this one is missing, or this one is out of order.
    #[error("expected checkpoint {expected}, found {found}")]
    Group {
        /// The next number.
        expected: u64,
        /// Its number.
        found: u64,
    },
    /// A checkpoint right after another one.
    #[error("expected at least one entry before a checkpoint")]
    EmptyGroup,
    /// The log does not hold the checkpoint that the file `checkpoint` says is the newest.
    #[error("expected the checkpoint of {size} entries that the file `checkpoint` holds")]
    NotTheHead {
        /// Its size.
        size: u64,
    },
    /// Entries at the end are gone.
    #[error("the log ends after {found} sealed entries, the file `checkpoint` says {expected}")]
    Shorter {
        /// Size in `checkpoint`.
        expected: u64,
        /// Sealed entries in the log.
        found: u64,
    },
    /// Another history than the one that the high-water mark is of.
    #[error("expected here the checkpoint of {size} entries that `ledger.mark` in the key folder holds, found another")]
    NotTheMark {
        /// Entries of the mark.
        size: u64,
    },
    /// Entries at the end are gone, and the file `checkpoint` was put back to fit.
    #[error("the log ends after {found} sealed entries, `ledger.mark` in the key folder says that it had {expected}")]
    BehindMark {
        /// Entries of the mark.
        expected: u64,
        /// Sealed entries in the log.
        found: u64,
    },
    /// An older copy of the file `checkpoint`.
    #[error("expected the newest checkpoint, found one that {groups} later ones in `log` follow")]
    Older {
        /// Later checkpoints in the log.
        groups: u64,
    },
    /// The file is not there.
    #[error("expected this file, found none")]
    Missing,
    /// A log after the first does not say, or says wrongly, which one it goes on from.
    #[error("expected as first entry that this log goes on from the end of log {previous}, found another")]
    NotBegun {
        /// Number of the log before.
        previous: u32,
    },
    /// An entry that begins a log, where none begins.
    #[error("expected no entry that begins a log")]
    BegunAgain,
    /// Another log follows, and this one does not say so.
    #[error("expected as last entry which log comes next, found none")]
    NotEnded,
    /// The log names another than the one after it.
    #[error("expected log {expected} to be named as the next")]
    NotTheNext {
        /// Number of the next log.
        expected: u32,
    },
    /// A log that ended goes on.
    #[error("expected nothing after the entry that ended this log")]
    AfterEnd,
    /// A log is named, by the one before it or by the high-water mark, and is not there.
    #[error("expected this log, found none")]
    LogMissing,
    /// The public key is not the one that is trusted.
    #[error("expected the key `{expected}`, found another")]
    OtherKey {
        /// Name of the trusted key.
        expected: String,
    },
}

/// An entry with everything that its line needs except its number, which only the writer of the log knows.
pub struct ReadyEntry {
    hash: TreeHash,
    /// Text of the hash, a space, the JSON and the newline.
    rest: Vec<u8>,
}

impl ReadyEntry {
    /// Serialises and hashes `entry`.
    pub fn new(entry: &Entry) -> Self {
        let mut rest = Vec::with_capacity(USUAL_LINE_BYTES);
        rest.resize(HASH_CHARS, b' ');
        rest.push(b' ');
        entry.write_json(&mut rest);
        let hash = leaf_hash(&rest[HASH_CHARS + 1..]);
        rest[..HASH_CHARS].copy_from_slice(&hash_text(&hash));
        rest.push(b'\n');
        Self { hash, rest }
    }

    /// Hash of its leaf.
    pub fn hash(&self) -> TreeHash {
        self.hash
    }

    /// Length of its JSON.
    pub fn json_bytes(&self) -> usize {
        self.rest.len() - HASH_CHARS - 2
    }

    /// Writes its line as that of entry `index`.
    pub fn write_line(&self, buffer: &mut Vec<u8>, index: u64) {
        write_entry_start(buffer, index);
        buffer.extend_from_slice(&self.rest);
    }
}

impl std::fmt::Debug for ReadyEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadyEntry(<{} byte entry>)", self.json_bytes())
    }
}

/// Writes the line of one entry. `json` holds no newline ([`crate::Entry::to_json`]).
pub fn write_entry_line(buffer: &mut Vec<u8>, index: u64, hash: &TreeHash, json: &str) {
    write_entry_start(buffer, index);
    buffer.extend_from_slice(&hash_text(hash));
    buffer.push(b' ');
    buffer.extend_from_slice(json.as_bytes());
    buffer.push(b'\n');
}

/// Writes the line that seals a group with a signed checkpoint.
pub fn write_checkpoint_line(buffer: &mut Vec<u8>, note: &str) {
    buffer.extend_from_slice(b"C ");
    buffer.extend_from_slice(STANDARD.encode(note).as_bytes());
    buffer.push(b'\n');
}

/// Reads the line of entry `index` (without its newline) and gives its hash and JSON. The hash is computed anew.
pub(crate) fn read_entry_line(line: &[u8], index: u64) -> Result<(TreeHash, &[u8]), Deviation> {
    let rest = line
        .strip_prefix(entry_start(index).as_bytes())
        .ok_or(Deviation::Index { expected: index })?;
    let (found, rest) = rest.split_at_checked(HASH_CHARS).ok_or(Deviation::Form)?;
    let json = rest
        .strip_prefix(b" ")
        .filter(|json| !json.is_empty())
        .ok_or(Deviation::Form)?;
    let expected = leaf_hash(json);
    // Compared as text: there is one spelling of a hash.
    if found == hash_text(&expected) {
        Ok((expected, json))
    } else {
        Err(Deviation::LeafHash { expected })
    }
}

/// Reads the line of a checkpoint (without its newline) and gives the signed note, unverified.
pub(crate) fn read_checkpoint_line(line: &[u8]) -> Result<String, Deviation> {
    let encoded = line.strip_prefix(b"C ").ok_or(Deviation::Kind)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| Deviation::Encoding)?;
    String::from_utf8(bytes).map_err(|_| Deviation::Encoding)
}

/// Reads one line into `line`, newline included. Nothing is read at the end of the input.
pub(crate) fn read_line(
    input: &mut impl std::io::BufRead,
    line: &mut Vec<u8>,
) -> std::io::Result<Result<(), Deviation>> {
    use std::io::{BufRead as _, Read as _};
    line.clear();
    input.take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    let too_long = line.len() > LINE_BYTES_MAX;
    Ok(if too_long {
        Err(Deviation::TooLarge {
            max: LINE_BYTES_MAX,
            unit: "bytes in a line",
        })
    } else {
        Ok(())
    })
}

/// Bytes of an entry's line besides its JSON, newline included.
pub(crate) fn entry_line_overhead(index: u64) -> usize {
    entry_start(index).len() + HASH_CHARS + 2
}

fn entry_start(index: u64) -> String {
    format!("E {index} ")
}

/// Appends [`entry_start`], without a text of its own.
fn write_entry_start(buffer: &mut Vec<u8>, index: u64) {
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), index);
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).expect("one digit");
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    buffer.extend_from_slice(b"E ");
    buffer.extend_from_slice(&digits[at..]);
    buffer.push(b' ');
}

fn hash_text(hash: &TreeHash) -> [u8; HASH_CHARS] {
    let mut text = [0; HASH_CHARS];
    let written = STANDARD
        .encode_slice(hash.0, &mut text)
        .expect("44 characters hold 32 bytes");
    debug_assert_eq!(written, HASH_CHARS);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Deed, Fault};

    #[test]
    fn a_line_begins_alike_whoever_writes_it() {
        for index in [0, 7, 10, 4_096, 1_000_000_007, u64::MAX] {
            let mut line = Vec::new();
            write_entry_start(&mut line, index);
            assert_eq!(line, entry_start(index).as_bytes());
        }
    }

    #[test]
    fn a_ready_entry_gives_the_line_of_the_entry() {
        let fault = "directory_empty".to_owned();
        let entry = Entry {
            v: 2,
            at: "2026-03-01T12:00:00.000000Z".to_owned(),
            charter: "sha256:00".to_owned(),
            deed: Deed::Fault(Fault { fault }),
        };
        let (json, ready) = (entry.to_json(), ReadyEntry::new(&entry));
        let hash = leaf_hash(json.as_bytes());
        let (mut expected, mut line) = (Vec::new(), Vec::new());
        write_entry_line(&mut expected, 41, &hash, &json);
        ready.write_line(&mut line, 41);
        assert_eq!((line, ready.hash(), ready.json_bytes()), (expected, hash, json.len()));
    }
}
