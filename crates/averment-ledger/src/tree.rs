//! The Merkle tree over entries: hashes, and an append-only accumulator that gives the root at its size.
//!
//! Start at [`Frontier`]. It keeps only the roots of the full subtrees on the right edge: at most 64 hashes for any size.
//!
//! Source: RFC 9162 section 2.1.1 (the same hashes as RFC 6962 section 2.1).

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::base64_bytes::Base64;

/// A SHA-256 hash of the tree; text form base64.
pub type TreeHash = Base64<32>;

/// Hash of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> TreeHash {
    Base64(Sha256::digest(b"").into())
}

/// Hash of one entry's bytes: SHA-256(0x00 ‖ `entry`).
pub fn leaf_hash(entry: &[u8]) -> TreeHash {
    Base64(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// Hash of two subtrees: SHA-256(0x01 ‖ `left` ‖ `right`).
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    Base64(
        Sha256::new()
            .chain_update([1])
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}

/// The right edge of a growing tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Frontier {
    size: u64,
    /// Roots of full subtrees, largest first; one per set bit of `size`.
    peaks: Vec<TreeHash>,
}

impl Frontier {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of one leaf ([`leaf_hash`]).
    pub fn push(&mut self, leaf: TreeHash) {
        let mut node = leaf;
        // Every trailing one bit of the size is a full subtree as large as the one just completed.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("one peak per set bit of the size");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root at this size.
    pub fn root(&self) -> TreeHash {
        let from_right = self.peaks.iter().rev().copied();
        from_right
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }
}

/// The root over `leaves` (hashes of entries), computed by the definition. For proofs and for checking [`Frontier`].
pub(crate) fn root_of(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The largest power of two smaller than `size`, which is at least 2.
pub(crate) fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}
