//! Proofs about the tree: that an entry is in it, and that an older tree is the beginning of a newer one.
//!
//! Start at [`verify_inclusion`] and [`verify_consistency`]; they need nothing but hashes. Making a proof here takes all
//! leaf hashes, which is right for a log of one file; tiles will bring a source of stored nodes.
//!
//! Source: RFC 9162 sections 2.1.3 and 2.1.4.

use crate::tree::{TreeHash, node_hash, root_of, split};

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Sizes and indexes that no proof can be about.
    #[error("expected an index below the size, or an older size not above the newer one")]
    Range,
    /// Too few or too many hashes for the size.
    #[error("the proof has {found} hashes, which does not fit the size of the tree")]
    Length {
        /// How many it has.
        found: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to another root than the checkpoint's")]
    Root,
}

/// The proof that leaf `index` is in the tree over `leaves`; lowest sibling first.
///
/// # Errors
/// [`ProofError::Range`] when `index` is not below the number of leaves.
pub fn inclusion_proof(leaves: &[TreeHash], index: usize) -> Result<Vec<TreeHash>, ProofError> {
    if index >= leaves.len() {
        return Err(ProofError::Range);
    }
    let mut path = Vec::new();
    let (mut subtree, mut index) = (leaves, index);
    while subtree.len() > 1 {
        let (left, right) = subtree.split_at(split(subtree.len()));
        let (inside, beside) = if index < left.len() {
            (left, right)
        } else {
            (right, left)
        };
        index -= if index < left.len() { 0 } else { left.len() };
        path.push(root_of(beside));
        subtree = inside;
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree over the first `older` of `leaves` is the beginning of the tree over all of them.
///
/// # Errors
/// [`ProofError::Range`] when `older` is 0 or above the number of leaves.
pub fn consistency_proof(leaves: &[TreeHash], older: usize) -> Result<Vec<TreeHash>, ProofError> {
    if older == 0 || older > leaves.len() {
        return Err(ProofError::Range);
    }
    let mut path = Vec::new();
    let (mut subtree, mut older, mut whole) = (leaves, older, true);
    while older < subtree.len() {
        let (left, right) = subtree.split_at(split(subtree.len()));
        if older <= left.len() {
            path.push(root_of(right));
            subtree = left;
        } else {
            path.push(root_of(left));
            (subtree, older, whole) = (right, older - left.len(), false);
        }
    }
    // The older root itself is known to whoever checks; a part of it is not.
    if !whole {
        path.push(root_of(subtree));
    }
    path.reverse();
    Ok(path)
}

/// Checks that the entry with hash `leaf` is number `index` of the tree of `size` leaves with this `root`.
///
/// # Errors
/// [`ProofError`].
///
/// # Source
/// RFC 9162 section 2.1.3.2.
pub fn verify_inclusion(
    leaf: &TreeHash,
    index: u64,
    size: u64,
    proof: &[TreeHash],
    root: &TreeHash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length { found: proof.len() });
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            skip_missing_siblings(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    finish(last, proof, &[(&hash, root)])
}

/// Checks that the tree of `older` leaves with `older_root` is the beginning of the tree of `newer` leaves with
/// `newer_root`. Every tree begins with the empty one.
///
/// # Errors
/// [`ProofError`].
///
/// # Source
/// RFC 9162 section 2.1.4.2.
pub fn verify_consistency(
    (older, older_root): (u64, &TreeHash),
    (newer, newer_root): (u64, &TreeHash),
    proof: &[TreeHash],
) -> Result<(), ProofError> {
    if older > newer {
        return Err(ProofError::Range);
    }
    if older == newer || older == 0 {
        let empty = crate::tree::empty_root();
        let expected = if older == newer { newer_root } else { &empty };
        return finish(0, proof, &[(older_root, expected)]).and(no_hashes(proof));
    }
    let (first, rest) = if older.is_power_of_two() {
        (older_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::Length { found: 0 })?
    };
    let shift = (older - 1).trailing_ones();
    let (mut node, mut last) = ((older - 1) >> shift, (newer - 1) >> shift);
    let (mut older_hash, mut newer_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length { found: proof.len() });
        }
        if node & 1 == 1 || node == last {
            older_hash = node_hash(sibling, &older_hash);
            newer_hash = node_hash(sibling, &newer_hash);
            skip_missing_siblings(&mut node, &mut last);
        } else {
            newer_hash = node_hash(&newer_hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    finish(last, proof, &[(&older_hash, older_root), (&newer_hash, newer_root)])
}

/// On the right edge of a tree that is not full a node has no sibling for some levels.
fn skip_missing_siblings(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        (*node, *last) = (*node >> 1, *last >> 1);
    }
}

fn no_hashes(proof: &[TreeHash]) -> Result<(), ProofError> {
    if proof.is_empty() {
        Ok(())
    } else {
        Err(ProofError::Length { found: proof.len() })
    }
}

fn finish(left_over: u64, proof: &[TreeHash], roots: &[(&TreeHash, &TreeHash)]) -> Result<(), ProofError> {
    if left_over != 0 {
        return Err(ProofError::Length { found: proof.len() });
    }
    if roots.iter().all(|(found, expected)| found == expected) {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}
