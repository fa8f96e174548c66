//! The whole tree in memory, for making many proofs: 64 bytes a leaf, and no proof hashes more than its own path.

use averment_ledger::{TreeHash, empty_root, node_hash};

/// Roots of all full subtrees.
#[derive(Debug, Clone)]
pub(crate) struct Levels {
    /// Leaves, pairs, fours, …; only what is full.
    levels: Vec<Vec<TreeHash>>,
}

impl Levels {
    pub(crate) fn new(leaves: Vec<TreeHash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            levels.push(pairs.iter().map(|[left, right]| node_hash(left, right)).collect());
        }
        Self { levels }
    }

    pub(crate) fn size(&self) -> usize {
        self.levels[0].len()
    }

    /// Roots of the full subtrees that the first `size` leaves fall into, largest first.
    pub(crate) fn edge(&self, size: usize) -> Vec<TreeHash> {
        self.peaks(0, size)
    }

    /// RFC 9162 section 2.1.3.1, lowest sibling first.
    pub(crate) fn inclusion(&self, index: usize) -> Vec<TreeHash> {
        let (mut start, mut end, mut path) = (0, self.size(), Vec::new());
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.root(middle, end));
                end = middle;
            } else {
                path.push(self.root(start, middle));
                start = middle;
            }
        }
        path.reverse();
        path
    }

    /// RFC 9162 section 2.1.4.1; `older` is above 0 and not above the size.
    pub(crate) fn consistency(&self, older: usize) -> Vec<TreeHash> {
        let (mut start, mut end, mut path) = (0, self.size(), Vec::new());
        while older < end {
            let middle = start + split(end - start);
            if older <= middle {
                path.push(self.root(middle, end));
                end = middle;
            } else {
                path.push(self.root(start, middle));
                start = middle;
            }
        }
        // The older root itself is known to whoever checks; a part of it is not.
        if start > 0 {
            path.push(self.root(start, end));
        }
        path.reverse();
        path
    }

    fn root(&self, start: usize, end: usize) -> TreeHash {
        let from_right = self.peaks(start, end).into_iter().rev();
        let root = from_right.reduce(|right, left| node_hash(&left, &right));
        root.unwrap_or_else(empty_root)
    }

    fn peaks(&self, start: usize, end: usize) -> Vec<TreeHash> {
        let (mut at, mut peaks) = (start, Vec::new());
        while at < end {
            let height = (end - at).ilog2().min(at.trailing_zeros());
            peaks.push(self.levels[height as usize][at >> height]);
            at += 1 << height;
        }
        peaks
    }
}

/// The largest power of two smaller than `size`, which is at least 2.
fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use averment_ledger::{consistency_proof, inclusion_proof, leaf_hash};

    use super::*;

    #[test]
    fn proofs_are_those_of_the_definition() {
        for size in 1..40_usize {
            let leaves: Vec<TreeHash> = (0..size)
                .map(|number| leaf_hash(number.to_string().as_bytes()))
                .collect();
            let levels = Levels::new(leaves.clone());
            for number in 0..size {
                let expected = inclusion_proof(&leaves, number).expect("a leaf of the tree");
                assert_eq!(levels.inclusion(number), expected);
                let expected = consistency_proof(&leaves, number + 1).expect("a size of the tree");
                assert_eq!(levels.consistency(number + 1), expected);
            }
        }
    }
}
