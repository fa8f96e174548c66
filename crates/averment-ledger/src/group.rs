//! Entries that became durable together, as a reader gives them out.

use crate::entry::Entry;
use crate::line::{Break, Deviation, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, LedgerFile, entry_line_overhead};
use crate::tree::{Frontier, TreeHash};

/// Entries that became durable together.
#[derive(Debug, Clone, Default)]
pub struct Group {
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
    /// Number of the entry, from 0.
    pub index: u64,
    /// Line in the file, from 1.
    pub line: u64,
    /// Offset of the line's first byte in the file.
    pub offset: u64,
    /// Its leaf hash.
    pub leaf: TreeHash,
    /// The entry as JSON.
    pub json: &'a [u8],
}

impl EntryLine<'_> {
    /// Reads the entry.
    ///
    /// # Errors
    /// A [`Break`] that says where it is not an entry.
    pub fn entry(&self) -> Result<Entry, Break> {
        serde_json::from_slice(self.json).map_err(|error| Break {
            file: LedgerFile::Log,
            line: self.line,
            offset: self.offset,
            deviation: Deviation::Entry { column: error.column() },
        })
    }
}

impl Group {
    /// Its entries, in order.
    pub fn lines(&self) -> impl Iterator<Item = EntryLine<'_>> {
        let (mut start, mut offset) = (0, self.offset);
        self.ends
            .iter()
            .zip(self.first..)
            .zip(self.line..)
            .zip(&self.hashes)
            .map(move |(((&end, index), line), &leaf)| {
                let json = &self.bytes[start..end];
                let this = EntryLine {
                    index,
                    line,
                    offset,
                    leaf,
                    json,
                };
                offset += (entry_line_overhead(index) + json.len()) as u64;
                start = end;
                this
            })
    }

    pub(crate) fn begin(&mut self, first: u64, line: u64, offset: u64) {
        (self.first, self.line, self.offset) = (first, line, offset);
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
