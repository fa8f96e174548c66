//! The right edge of a growing tree of tiles: takes leaf hashes, gives full tiles out.
//!
//! Start at [`TileEdge::push`]. It keeps only what no full tile holds yet: at most 255 hashes a level.

use crate::tile::{TILE_WIDTH, TileId};
use crate::tree::{TreeHash, empty_root, node_hash, root_of};

/// One tile and the hashes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Which tile.
    pub id: TileId,
    /// As many hashes as it is wide.
    pub hashes: Vec<TreeHash>,
}

impl Tile {
    /// Its bytes: the hashes one after another.
    pub fn bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }
}

/// The hashes in `bytes`, the content of a tile; none when they do not come out even.
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<TreeHash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty()
        .then(|| hashes.iter().map(|hash| crate::Base64(*hash)).collect())
}

/// The right edge of a tree of tiles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TileEdge {
    size: u64,
    /// Hashes that are in no full tile yet, by level.
    levels: Vec<Vec<TreeHash>>,
}

impl TileEdge {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf hash and gives the tiles that it filled, lowest level first; mostly none.
    pub fn push(&mut self, leaf: TreeHash) -> Vec<Tile> {
        self.size += 1;
        let mut filled = Vec::new();
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == usize::from(level) {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(hash);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            let hashes = std::mem::take(hashes);
            hash = root_of(&hashes);
            let id = TileId::with_leaf(level, self.size - 1);
            filled.push(Tile { id, hashes });
        }
        filled
    }

    /// The tiles that are not full, lowest level first.
    pub fn partial(&self) -> impl Iterator<Item = Tile> {
        let levels = (0_u8..).zip(&self.levels).filter(|(_, hashes)| !hashes.is_empty());
        levels.map(|(level, hashes)| {
            let width = u16::try_from(hashes.len()).expect("at most 255");
            let id = TileId::with_leaf(level, self.size).of_width(width);
            let hashes = hashes.clone();
            Tile {
                id: id.expect("at least one"),
                hashes,
            }
        })
    }

    /// The root at this size.
    pub fn root(&self) -> TreeHash {
        let mut behind: Option<TreeHash> = None;
        for hashes in &self.levels {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                // The rightmost full subtree is as large as the lowest set bit.
                let (before, last) = rest.split_at(rest.len() - (1 << rest.len().trailing_zeros()));
                let last = root_of(last);
                behind = Some(behind.map_or(last, |right| node_hash(&last, &right)));
                rest = before;
            }
        }
        behind.unwrap_or_else(empty_root)
    }
}
