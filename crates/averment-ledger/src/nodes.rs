//! Roots and proofs made from stored tiles: two tiles a level at most are read, however large the log.
//!
//! Start at [`inclusion_from_tiles`], [`consistency_from_tiles`] and [`verify_tiles`]. The proofs are those of
//! [`crate::inclusion_proof`] and [`crate::consistency_proof`]. What is read is not believed: whoever makes a proof
//! verifies it against a signed root before handing it on.
//!
//! Source: C2SP tlog-tiles; RFC 9162 sections 2.1.3 and 2.1.4.

use std::collections::BTreeMap;

use crate::edge::{Tile, TileEdge};
use crate::proof::ProofError;
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, TileId, TileKind};
use crate::tree::{TreeHash, empty_root, node_hash, root_of};

/// A source of stored hash tiles.
pub trait Nodes {
    /// Why a tile cannot be read.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The hashes of `tile`, a hash tile: as many as it is wide. Where only a wider one of the same place is stored, its
    /// first ones.
    ///
    /// # Errors
    /// When there is no such tile or it cannot be read.
    fn tile(&self, tile: TileId) -> Result<Vec<TreeHash>, Self::Error>;
}

/// Why tiles give no proof, or are not what they must be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileError<E: std::error::Error + 'static> {
    /// The question has no answer.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A tile cannot be read.
    #[error("cannot read `{tile}`")]
    Read {
        /// Which tile.
        tile: TileId,
        /// Why.
        source: E,
    },
    /// A tile holds more or fewer hashes than it is wide.
    #[error("expected {} hashes in `{tile}`, found {found}", tile.width())]
    Width {
        /// Which tile.
        tile: TileId,
        /// How many it holds.
        found: usize,
    },
    /// A tile is not made of the tiles below it.
    #[error("expected in `{tile}` the roots of the tiles below it, found others")]
    Differs {
        /// Which tile.
        tile: TileId,
    },
    /// The tiles are about other entries than the checkpoint.
    #[error("the tiles lead to another root than the checkpoint's")]
    Root,
}

/// The root of the tree of the first `size` leaves.
///
/// # Errors
/// [`TileError::Read`], [`TileError::Width`].
pub fn root_from_tiles<N: Nodes>(nodes: &N, size: u64) -> Result<TreeHash, TileError<N::Error>> {
    Reader::new(nodes, size).range(0, size)
}

/// The proof that leaf `index` is in the tree of the first `size` leaves; lowest sibling first.
///
/// # Errors
/// [`ProofError::Range`] when `index` is not below `size`; [`TileError::Read`], [`TileError::Width`].
pub fn inclusion_from_tiles<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<TreeHash>, TileError<N::Error>> {
    if index >= size {
        return Err(ProofError::Range.into());
    }
    let mut reader = Reader::new(nodes, size);
    let (mut path, mut start, mut end) = (Vec::new(), 0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(reader.range(middle, end)?);
            end = middle;
        } else {
            path.push(reader.range(start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of the first `older` leaves is the beginning of the tree of the first `newer`.
///
/// # Errors
/// [`ProofError::Range`] when `older` is 0 or above `newer`; [`TileError::Read`], [`TileError::Width`].
pub fn consistency_from_tiles<N: Nodes>(
    nodes: &N,
    older: u64,
    newer: u64,
) -> Result<Vec<TreeHash>, TileError<N::Error>> {
    if older == 0 || older > newer {
        return Err(ProofError::Range.into());
    }
    let mut reader = Reader::new(nodes, newer);
    let (mut path, mut start, mut end) = (Vec::new(), 0, newer);
    while older < end {
        let middle = start + split(end - start);
        if older <= middle {
            path.push(reader.range(middle, end)?);
            end = middle;
        } else {
            path.push(reader.range(start, middle)?);
            start = middle;
        }
    }
    // The older root itself is known to whoever checks; a part of it is not.
    if start > 0 {
        path.push(reader.range(start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks every hash tile of the tree of `size` leaves: those above level 0 are made of those below, and all of them lead
/// to `root`. Memory is bounded.
///
/// # Errors
/// [`TileError`] with the first tile that is not what it must be.
pub fn verify_tiles<N: Nodes>(nodes: &N, size: u64, root: &TreeHash) -> Result<(), TileError<N::Error>> {
    let mut edge = TileEdge::new();
    let leaves = TileKind::Hashes { level: 0 };
    for id in (0..).map_while(|index| TileId::at(leaves, index, size)) {
        for hash in read(nodes, id)? {
            for tile in edge.push(hash) {
                expect(nodes, &tile)?;
            }
        }
    }
    for tile in edge.partial() {
        expect(nodes, &tile)?;
    }
    if edge.root() == *root {
        Ok(())
    } else {
        Err(TileError::Root)
    }
}

/// Checks that a tile above level 0 is stored as it must be; those of level 0 were just read.
fn expect<N: Nodes>(nodes: &N, tile: &Tile) -> Result<(), TileError<N::Error>> {
    if tile.id.kind() == (TileKind::Hashes { level: 0 }) || read(nodes, tile.id)? == tile.hashes {
        Ok(())
    } else {
        Err(TileError::Differs { tile: tile.id })
    }
}

fn read<N: Nodes>(nodes: &N, tile: TileId) -> Result<Vec<TreeHash>, TileError<N::Error>> {
    let hashes = nodes.tile(tile).map_err(|source| TileError::Read { tile, source })?;
    let found = hashes.len();
    if found == usize::from(tile.width()) {
        Ok(hashes)
    } else {
        Err(TileError::Width { tile, found })
    }
}

/// Reads each tile of one tree once.
struct Reader<'a, N: Nodes> {
    nodes: &'a N,
    size: u64,
    seen: BTreeMap<TileId, Vec<TreeHash>>,
}

impl<'a, N: Nodes> Reader<'a, N> {
    fn new(nodes: &'a N, size: u64) -> Self {
        let seen = BTreeMap::new();
        Self { nodes, size, seen }
    }

    /// The root over the leaves from `start` up to `end`, where `start` is a multiple of a power of two that is not
    /// smaller than their number.
    fn range(&mut self, start: u64, end: u64) -> Result<TreeHash, TileError<N::Error>> {
        let (mut at, mut peaks) = (start, Vec::new());
        while at < end {
            let height = (end - at).ilog2().min(at.trailing_zeros());
            peaks.push(self.node(height, at >> height)?);
            at += 1 << height;
        }
        let from_right = peaks.into_iter().rev();
        let root = from_right.reduce(|right, left| node_hash(&left, &right));
        Ok(root.unwrap_or_else(empty_root))
    }

    /// The root of the full subtree number `index` of those with `2^height` leaves.
    fn node(&mut self, height: u32, index: u64) -> Result<TreeHash, TileError<N::Error>> {
        let (level, above) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
        let first = index << above;
        let (tile, within) = (first / u64::from(TILE_WIDTH), first % u64::from(TILE_WIDTH));
        let within = usize::try_from(within).expect("below 256");
        let level = u8::try_from(level).expect("at most 7");
        let hashes = self.tile(level, tile)?;
        Ok(root_of(&hashes[within..within + (1 << above)]))
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<&[TreeHash], TileError<N::Error>> {
        let kind = TileKind::Hashes { level };
        let id = TileId::at(kind, index, self.size).ok_or(ProofError::Range)?;
        if !self.seen.contains_key(&id) {
            self.seen.insert(id, read(self.nodes, id)?);
        }
        Ok(&self.seen[&id])
    }
}

/// The largest power of two smaller than `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Tiles in memory: 32 bytes a leaf.
#[derive(Debug, Clone, Default)]
pub struct MemoryTiles {
    edge: TileEdge,
    full: BTreeMap<TileId, Vec<TreeHash>>,
}

/// The tree in memory has no such tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree is smaller")]
pub struct NoSuchTile;

impl MemoryTiles {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one leaf hash.
    pub fn push(&mut self, leaf: TreeHash) {
        let filled = self.edge.push(leaf);
        self.full.extend(filled.into_iter().map(|tile| (tile.id, tile.hashes)));
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }
}

impl Nodes for MemoryTiles {
    type Error = NoSuchTile;

    fn tile(&self, tile: TileId) -> Result<Vec<TreeHash>, NoSuchTile> {
        let width = usize::from(tile.width());
        let first = |hashes: &[TreeHash]| hashes.get(..width).map(<[_]>::to_vec);
        let full = self.full.get(&tile.full()).and_then(|hashes| first(hashes));
        let same_place = |partial: &Tile| partial.id.full() == tile.full();
        full.or_else(|| first(&self.edge.partial().find(same_place)?.hashes))
            .ok_or(NoSuchTile)
    }
}
