//! Proofs that entries are in the tree of a checkpoint, for whoever has the checkpoint and not the log.
//!
//! Takes every hash of the tree into memory, 64 bytes an entry.
//!
//! Source: RFC 9162 section 2.1.3.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::BufReader;

use averment_ledger::{
    Deed, EntryLine, Head, LedgerFile, LogError, LogReader, Signatures, TreeHash, leaf_hash, node_hash,
};
use serde::Serialize;

use crate::read::{ReadError, content, trusted};
use crate::{DataFolder, Keys};

/// Why nothing can be proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The record cannot be read or believed.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Proofs against one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofs {
    /// The signed note.
    pub checkpoint: String,
    /// By the number of the entry that was asked for.
    proven: BTreeMap<u64, Vec<Proven>>,
}

/// One entry that is in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// Its number.
    pub entry: u64,
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

/// Proves that the entries with these numbers are in the ledger in `folder`, against its newest checkpoint.
///
/// # Errors
/// [`ProofError`].
pub fn proofs(folder: &DataFolder, keys: &Keys, wanted: &BTreeSet<u64>) -> Result<Proofs, ProofError> {
    let known = trusted(folder, keys)?;
    let note = content(folder, LedgerFile::Checkpoint)?.unwrap_or_default();
    let head = Head::open(&note, keys.verifier()).map_err(ReadError::from)?;
    let size = head.checkpoint().size;
    let path = folder.ledger_file(LedgerFile::Log);
    let file_error = |source| ReadError::File {
        path: path.clone(),
        source,
    };
    let log = BufReader::with_capacity(1 << 20, File::open(&path).map_err(file_error)?);
    let reader = LogReader::new(log, keys.verifier().clone(), head, Signatures::AfterHead);
    let mut gathered = Gathered {
        wanted,
        leaves: Vec::new(),
        pieces: HashMap::new(),
        found: BTreeMap::new(),
    };
    gathered
        .read(reader.reaching(known.mark), size)
        .map_err(|error| match error {
            LogError::Break(found) => ReadError::from(found),
            LogError::Read(source) => file_error(source),
            other => file_error(std::io::Error::other(other)),
        })?;
    Ok(Proofs {
        checkpoint: String::from_utf8_lossy(&note).into_owned(),
        proven: gathered.prove(),
    })
}

/// What one reading of the log gives.
struct Gathered<'a> {
    wanted: &'a BTreeSet<u64>,
    leaves: Vec<TreeHash>,
    /// Findings whose message has not come: number and bytes, by message.
    pieces: HashMap<String, Vec<(u64, String)>>,
    found: BTreeMap<u64, Vec<(u64, String)>>,
}

impl Gathered<'_> {
    fn read(&mut self, mut reader: LogReader<BufReader<File>>, size: u64) -> Result<(), LogError> {
        while let Some(group) = reader.next_group()? {
            for line in group.lines().filter(|line| line.index < size) {
                self.leaves.push(leaf_hash(line.json));
                self.take(&line)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, line: &EntryLine<'_>) -> Result<(), LogError> {
        let json = || String::from_utf8_lossy(line.json).into_owned();
        let is_wanted = self.wanted.contains(&line.index);
        if !is_wanted && !is_piece(line.json) {
            return Ok(());
        }
        match line.entry()?.deed {
            Deed::Findings(piece) => self.pieces.entry(piece.id).or_default().push((line.index, json())),
            Deed::Intent(message) | Deed::Refusal(message) if is_wanted => {
                let mut all = self.pieces.remove(&message.id).unwrap_or_default();
                all.push((line.index, json()));
                self.found.insert(line.index, all);
            }
            _ if is_wanted => _ = self.found.insert(line.index, vec![(line.index, json())]),
            _ => {}
        }
        Ok(())
    }

    fn prove(self) -> BTreeMap<u64, Vec<Proven>> {
        let tree = Tree::over(self.leaves);
        let proven = |(entry, json): (u64, String)| {
            let place = usize::try_from(entry).ok()?;
            let leaf = *tree.levels.first()?.get(place)?;
            let proof = tree.proof(place);
            Some(Proven {
                entry,
                json,
                leaf,
                proof,
            })
        };
        let found = self.found.into_iter();
        found
            .map(|(entry, all)| (entry, all.into_iter().filter_map(proven).collect()))
            .collect()
    }
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
    use averment_ledger::inclusion_proof;

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
