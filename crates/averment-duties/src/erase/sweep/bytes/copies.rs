//! Copies of rows that are there, which the engine left between cells as it moved them: what reads as somebody only across two values of a
//! row does so in such a copy, too.
//!
//! Start at [`Copies::is_one`]. A copy is known by its record, from the beginning, which says how long each value is: the bytes of a longer
//! value that names somebody come after another beginning.

use std::collections::{BTreeSet, HashSet};

/// Bytes of records that are remembered; what is found across values of others stays found.
const REMEMBERED_BYTES: usize = 64 << 20;

/// Records of cells, each up to the end of what was found across two of its values.
#[derive(Default)]
pub(super) struct Copies {
    records: HashSet<Vec<u8>>,
    lengths: BTreeSet<usize>,
    bytes: usize,
}

impl Copies {
    pub(super) fn remember(&mut self, record: &[u8]) {
        if self.bytes + record.len() > REMEMBERED_BYTES || self.records.contains(record) {
            return;
        }
        self.bytes += record.len();
        self.lengths.insert(record.len());
        self.records.insert(record.to_vec());
    }

    /// Whether bytes that end with what was found end with a record of a cell.
    pub(super) fn is_one(&self, bytes: &[u8]) -> bool {
        let lengths = self.lengths.range(..=bytes.len());
        lengths
            .into_iter()
            .any(|length| self.records.contains(&bytes[bytes.len() - length..]))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}
