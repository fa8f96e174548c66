//! Entries that became durable together, as a reader gives them out.

use crate::entry::Entry;
use crate::line::{Break, Deviation, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, LedgerFile, entry_line_overhead};
use crate::tree::{Frontier, TreeHash};

/// Entries that became durable together.
#[derive(Debug, Clone, Default)]
pub struct Group {
    log: u32,
    first: u64,
    line: u64,
    offset: u64,
    bytes: Vec<u8>,
    /// Where each entry's JSON ends in `bytes`.
    ends: Vec<usize>,
    /// Its leaf hash.
    hashes: Vec<TreeHash>,
}

/// One entry of a group, as it stands in the log.
#[derive(Debug, Clone, Copy)]
pub struct EntryLine<'a> {
    /// Number of the log in the chain, from 1.
    pub log: u32,
    /// Number of the entry in its log, from 0.
    pub index: u64,
    /// Line in the file, from 1.
    pub line: u64,
    /// Offset of the line's first byte in the file.
    pub offset: u64,
    /// Its leaf hash.
    pub hash: TreeHash,
    /// The entry as JSON.
    pub json: &'a [u8],
}

impl EntryLine<'_> {
    /// Reads the entry.
    ///
    /// # Errors
    /// A [`Break`] that says where it is not an entry.
    pub fn entry(&self) -> Result<Entry, Break> {
        Entry::from_json(self.json).map_err(|error| self.broken(Deviation::Entry { column: error.column() }))
    }

    /// A break at this line.
    pub fn broken(&self, deviation: Deviation) -> Break {
        Break {
            log: self.log,
            file: LedgerFile::Log,
            line: self.line,
            offset: self.offset,
            deviation,
        }
    }
}

impl Group {
    /// Its entries, in order.
    pub fn lines(&self) -> impl Iterator<Item = EntryLine<'_>> {
        let (mut start, mut offset) = (0, self.offset);
        self.ends
            .iter()
            .zip(&self.hashes)
            .zip(self.first..)
            .zip(self.line..)
            .map(move |(((&end, &hash), index), line)| {
                let json = &self.bytes[start..end];
                let this = EntryLine {
                    log: self.log,
                    index,
                    line,
                    offset,
                    hash,
                    json,
                };
                offset += (entry_line_overhead(index) + json.len()) as u64;
                start = end;
                this
            })
    }

    /// The JSON of the last entry; empty where there is none.
    pub fn last(&self) -> &[u8] {
        let start = self.ends.len().checked_sub(2).map_or(0, |before| self.ends[before]);
        &self.bytes[start..]
    }

    pub(crate) fn begin(&mut self, log: u32, first: u64, line: u64, offset: u64) {
        (self.log, self.first, self.line, self.offset) = (log, first, line, offset);
        self.bytes.clear();
        self.ends.clear();
        self.hashes.clear();
    }

    pub(crate) fn push(&mut self, hash: TreeHash, json: &[u8]) -> Result<(), Deviation> {
        self.bytes.extend_from_slice(json);
        self.ends.push(self.bytes.len());
        self.hashes.push(hash);
        if self.ends.len() > GROUP_ENTRIES_MAX {
            return Err(Deviation::TooLarge {
                max: GROUP_ENTRIES_MAX,
                unit: "entries in a group",
            });
        }
        if self.bytes.len() > GROUP_BYTES_MAX {
            return Err(Deviation::TooLarge {
                max: GROUP_BYTES_MAX,
                unit: "bytes in a group",
            });
        }
        Ok(())
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> u64 {
        self.ends.len() as u64
    }

    /// `tree` with these entries behind it.
    pub(crate) fn behind(&self, tree: &Frontier) -> Frontier {
        let mut tree = tree.clone();
        self.hashes.iter().for_each(|hash| tree.push(*hash));
        tree
    }
}
