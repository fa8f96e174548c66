//! Proofs that entries are in the tree of a checkpoint, for whoever has the checkpoint and not the log.
//!
//! Takes every hash of the tree into memory, 64 bytes an entry.
//!
//! Source: RFC 9162 section 2.1.3.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use averment_ledger::{Break, Deed, Deviation, Entry, LedgerFile, TreeHash, node_hash};
use serde::Serialize;

use crate::leaves::{Leaf, leaves};
use crate::read::{ReadError, trusted};
use crate::{DataFolder, Keys};

/// Why nothing can be proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The record cannot be read or believed.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Proofs against one checkpoint of each log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofs {
    /// The signed notes, by number of the log.
    pub checkpoints: BTreeMap<u32, String>,
    /// By the number of the entry that was asked for.
    proven: BTreeMap<u64, Vec<Proven>>,
}

/// One entry that is in the tree of its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// Its number in the whole ledger.
    pub entry: u64,
    /// Number of its log, from 1.
    pub log: u32,
    /// Its number in that log: which leaf of the tree.
    pub index: u64,
    /// Its bytes as they stand in the log.
    pub json: String,
    /// Its leaf hash.
    pub leaf: TreeHash,
    /// The hashes beside the way to the root, lowest first.
    pub proof: Vec<TreeHash>,
}

impl Proofs {
    /// The proofs of an entry: of a message in several entries all of them, the message last. None of an entry that came
    /// after the checkpoint.
    pub fn of(&self, entry: u64) -> &[Proven] {
        self.proven.get(&entry).map_or(&[], Vec::as_slice)
    }
}

/// Proves that the entries with these numbers are in the ledger in `folder`, against the newest checkpoint of each log.
///
/// # Errors
/// [`ProofError`].
pub fn proofs(folder: &DataFolder, keys: &Keys, wanted: &BTreeSet<u64>) -> Result<Proofs, ProofError> {
    let mut gathered = Gathered {
        wanted,
        next: 0,
        leaves: BTreeMap::new(),
        pieces: HashMap::new(),
        found: BTreeMap::new(),
    };
    let mut unreadable = None;
    let ends = leaves(folder, trusted(folder, keys)?, |leaf| {
        if unreadable.is_none() {
            unreadable = gathered.take(&leaf).err();
        }
    })?;
    if let Some(unreadable) = unreadable {
        return Err(unreadable.into());
    }
    Ok(Proofs {
        checkpoints: ends.into_iter().map(|end| (end.log, end.note)).collect(),
        proven: gathered.prove(),
    })
}

/// An entry as it stands in its log.
struct Found {
    entry: u64,
    log: u32,
    index: u64,
    json: String,
}

/// What one reading of the ledger gives.
struct Gathered<'a> {
    wanted: &'a BTreeSet<u64>,
    /// Number of the next entry in the whole ledger.
    next: u64,
    leaves: BTreeMap<u32, Vec<TreeHash>>,
    /// Findings whose message has not come, by message.
    pieces: HashMap<String, Vec<Found>>,
    found: BTreeMap<u64, Vec<Found>>,
}

impl Gathered<'_> {
    fn take(&mut self, leaf: &Leaf<'_>) -> Result<(), ReadError> {
        self.leaves.entry(leaf.log).or_default().push(leaf.hash);
        let entry = self.next;
        self.next += 1;
        let is_wanted = self.wanted.contains(&entry);
        if !is_wanted && !is_piece(leaf.json) {
            return Ok(());
        }
        let found = Found {
            entry,
            log: leaf.log,
            index: leaf.leaf,
            json: String::from_utf8_lossy(leaf.json).into_owned(),
        };
        match deed_of(leaf)? {
            Deed::Findings(piece) => self.pieces.entry(piece.id).or_default().push(found),
            Deed::Intent(message) | Deed::Refusal(message) if is_wanted => {
                let mut all = self.pieces.remove(&message.id).unwrap_or_default();
                all.push(found);
                self.found.insert(entry, all);
            }
            _ if is_wanted => _ = self.found.insert(entry, vec![found]),
            _ => {}
        }
        Ok(())
    }

    fn prove(self) -> BTreeMap<u64, Vec<Proven>> {
        let trees: BTreeMap<u32, Tree> = self
            .leaves
            .into_iter()
            .map(|(log, leaves)| (log, Tree::over(leaves)))
            .collect();
        let proven = |found: Found| {
            let tree = trees.get(&found.log)?;
            let place = usize::try_from(found.index).ok()?;
            Some(Proven {
                leaf: *tree.levels.first()?.get(place)?,
                proof: tree.proof(place),
                entry: found.entry,
                log: found.log,
                index: found.index,
                json: found.json,
            })
        };
        let found = self.found.into_iter();
        found
            .map(|(entry, all)| (entry, all.into_iter().filter_map(proven).collect()))
            .collect()
    }
}

fn deed_of(leaf: &Leaf<'_>) -> Result<Deed, ReadError> {
    let entry: Entry = serde_json::from_slice(leaf.json).map_err(|error| {
        let deviation = Deviation::Entry { column: error.column() };
        Break::at_start(LedgerFile::Log, deviation).in_log(leaf.log)
    })?;
    Ok(entry.deed)
}

/// Every full subtree: level 0 holds the leaves, each level above one hash for two of the level below.
struct Tree {
    levels: Vec<Vec<TreeHash>>,
}

impl Tree {
    fn over(leaves: Vec<TreeHash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// The hash over `size` leaves from `start` on, which begin a subtree of the tree.
    fn root(&self, start: usize, size: usize) -> TreeHash {
        if size.is_power_of_two() {
            let level = size.ilog2();
            return self.levels[level as usize][start >> level];
        }
        let left = split(size);
        node_hash(&self.root(start, left), &self.root(start + left, size - left))
    }

    /// The hashes beside the way from leaf `place` to the root, lowest first.
    fn proof(&self, place: usize) -> Vec<TreeHash> {
        let (mut start, mut size) = (0, self.levels[0].len());
        let mut path = Vec::new();
        while size > 1 {
            let left = split(size);
            if place < start + left {
                path.push(self.root(start + left, size - left));
                size = left;
            } else {
                path.push(self.root(start, left));
                (start, size) = (start + left, size - left);
            }
        }
        path.reverse();
        path
    }
}

/// The largest power of two smaller than `size`, which is at least 2.
fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

/// Whether it may hold findings of a message that follows, without reading it all.
fn is_piece(json: &[u8]) -> bool {
    let beginning = &json[..json.len().min(256)];
    beginning.windows(10).any(|window| window == b"\"findings\"")
}

#[cfg(test)]
mod tests {
    use averment_ledger::{inclusion_proof, leaf_hash};

    use super::*;

    #[test]
    fn proofs_are_those_of_the_definition() {
        for size in 1..70_usize {
            let leaves: Vec<_> = (0..size).map(|place| leaf_hash(&place.to_be_bytes())).collect();
            let tree = Tree::over(leaves.clone());
            for place in 0..size {
                assert_eq!(
                    tree.proof(place),
                    inclusion_proof(&leaves, place).unwrap(),
                    "{place} of {size}"
                );
            }
        }
    }
}
