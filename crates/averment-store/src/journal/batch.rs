//! A group of entries on its way to disk.
//!
//! Hashes of what was written are in the tree already. What is written and not signed yet is no record: whoever reads the
//! log stops before it.

use averment_ledger::{GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, ReadyEntry, TreeHash, leaf_hash};

use super::answer::Reply;

/// Once a group has this many bytes nothing is added: one more entry always fits below [`GROUP_BYTES_MAX`].
const BYTES_ENOUGH: usize = GROUP_BYTES_MAX / 2;
/// Room that stays for the lines of the next group.
const ROOM_KEPT_BYTES: usize = 1 << 20;

/// One group.
#[derive(Default)]
pub(super) struct Batch {
    /// Its lines.
    lines: Vec<u8>,
    /// Leaf hash of each of them, and where its JSON ends in `lines`, with its length.
    hashes: Vec<(TreeHash, usize, usize)>,
    /// Entries and bytes that are written.
    written: (usize, usize),
    /// Who waits, and for which entry of the ledger.
    pub(super) waiting: Vec<(Reply, u64)>,
    /// Who waits for a new log.
    pub(super) new_log: Vec<Reply>,
}

impl Batch {
    /// Entries in it, written or not.
    pub(super) fn entries(&self) -> usize {
        self.hashes.len()
    }

    /// Entries that are not written yet.
    pub(super) fn unwritten(&self) -> u64 {
        (self.hashes.len() - self.written.0) as u64
    }

    /// Their lines.
    pub(super) fn unwritten_lines(&self) -> &[u8] {
        &self.lines[self.written.1..]
    }

    /// Lines that are written.
    pub(super) fn written_lines(&self) -> &[u8] {
        &self.lines[..self.written.1]
    }

    /// Leaf hashes of entries that are not written yet.
    pub(super) fn hashes(&self) -> impl Iterator<Item = TreeHash> {
        self.hashes[self.written.0..].iter().map(|(hash, ..)| *hash)
    }

    /// Whether nothing is in it.
    pub(super) fn is_nothing(&self) -> bool {
        self.entries() == 0 && self.new_log.is_empty()
    }

    /// Whether nothing more is added.
    pub(super) fn is_full(&self) -> bool {
        self.entries_left() == 0 || self.bytes_left() == 0 || !self.new_log.is_empty()
    }

    /// How many entries may be added.
    pub(super) fn entries_left(&self) -> usize {
        GROUP_ENTRIES_MAX.saturating_sub(self.entries())
    }

    /// How many bytes may be added.
    pub(super) fn bytes_left(&self) -> usize {
        BYTES_ENOUGH.saturating_sub(self.lines.len())
    }

    /// Adds an entry as number `index` of its log.
    pub(super) fn push(&mut self, index: u64, entry: &ReadyEntry) {
        entry.write_line(&mut self.lines, index);
        let end = self.lines.len() - 1;
        self.hashes.push((entry.hash(), end, entry.json_bytes()));
    }

    /// Whether `read` is what was written last, and every entry in it has its hash.
    pub(super) fn fits(&self, read: &[u8]) -> bool {
        let (entries, bytes) = self.written;
        let has_hash = |(hash, end, length): &(TreeHash, usize, usize)| {
            let end = end - bytes;
            leaf_hash(&read[end - length..end]) == *hash
        };
        *read == *self.unwritten_lines() && self.hashes[entries..].iter().all(has_hash)
    }

    /// The lines are written.
    pub(super) fn set_written(&mut self) {
        self.written = (self.hashes.len(), self.lines.len());
    }

    /// Forgets what it holds and keeps some room: growing anew from nothing would copy every entry several times.
    pub(super) fn empty(&mut self) {
        self.lines.clear();
        self.lines.shrink_to(ROOM_KEPT_BYTES);
        self.hashes.clear();
        self.written = (0, 0);
        self.waiting.clear();
        self.new_log.clear();
    }
}
