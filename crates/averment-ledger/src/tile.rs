//! Tiles: where the hashes and entries of a log lie when they are published as files.
//!
//! Start at [`TileId`]. A tile holds up to 256 consecutive hashes of one level: level 0 the leaf hashes, every level above
//! the roots of the full tiles below. Only tiles on the right edge of a tree are narrower; they are never hashed upwards.
//! An entry bundle holds the entries whose hashes are in the tile of level 0 with the same index.
//!
//! Source: C2SP tlog-tiles (<https://c2sp.org/tlog-tiles>).

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Levels of the tree between two levels of tiles.
pub(crate) const TILE_HEIGHT: u32 = 8;
/// The highest level that the format has a path for.
const LEVEL_MAX: u8 = 63;

/// What is in a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes; each stands for `256^level` leaves.
    Hashes {
        /// 0 for leaf hashes.
        level: u8,
    },
    /// Entries.
    Entries,
}

/// Name of one tile or entry bundle.
///
/// Text form as in the format's paths: `tile/0/x001/x234/067`, `tile/1/000.p/17`, `tile/entries/000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// Not the path of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the path of a tile, such as `tile/0/x001/234` or `tile/entries/000.p/12`")]
pub struct TilePathError;

impl TileId {
    /// The tile `index` of `kind` as it stands in a tree of `size` leaves; none when that tree has no hash for it yet.
    pub fn at(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            TileKind::Hashes { level } => u32::from(level),
            TileKind::Entries => 0,
        };
        let hashes = size.checked_shr(TILE_HEIGHT * level).unwrap_or(0);
        let here = hashes.saturating_sub(index.checked_mul(u64::from(TILE_WIDTH))?);
        let width = u16::try_from(here.min(u64::from(TILE_WIDTH))).expect("at most 256");
        (width > 0).then_some(Self { kind, index, width })
    }

    /// What is in it.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its number within its kind, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it will never change.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The same tile with all its hashes or entries, as it will be in a larger tree.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..self
        }
    }

    /// The same tile, as wide as given; none unless 1 to 256.
    pub fn of_width(self, width: u16) -> Option<Self> {
        (1..=TILE_WIDTH).contains(&width).then_some(Self { width, ..self })
    }

    /// The full hash tile of `level` that holds what stands for leaf `leaf`.
    pub(crate) fn with_leaf(level: u8, leaf: u64) -> Self {
        Self {
            kind: TileKind::Hashes { level },
            index: leaf.checked_shr(TILE_HEIGHT * (u32::from(level) + 1)).unwrap_or(0),
            width: TILE_WIDTH,
        }
    }
}

/// The tiles and the entry bundle on the right edge of a tree of `size` leaves that are not full, lowest level first.
pub fn partial_tiles(size: u64) -> impl Iterator<Item = TileId> {
    let levels = (0..=7_u8).map(|level| TileKind::Hashes { level });
    let kinds = std::iter::once(TileKind::Entries).chain(levels);
    kinds.filter_map(move |kind| {
        let level = match kind {
            TileKind::Hashes { level } => u32::from(level),
            TileKind::Entries => 0,
        };
        let last = (size >> (TILE_HEIGHT * level)) / u64::from(TILE_WIDTH);
        TileId::at(kind, last, size)
    })
}

impl std::fmt::Display for TileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("tile/")?;
        match self.kind {
            TileKind::Hashes { level } => write!(f, "{level}/")?,
            TileKind::Entries => f.write_str("entries/")?,
        }
        f.write_str(&index_path(self.index))?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

/// Three digits a folder, so that no folder holds more than a thousand of a kind.
fn index_path(index: u64) -> String {
    let (mut path, mut rest) = (format!("{:03}", index % 1000), index / 1000);
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}

impl std::str::FromStr for TileId {
    type Err = TilePathError;

    fn from_str(path: &str) -> Result<Self, TilePathError> {
        // What is read here may still be spelled in a second way; compared with the one spelling at the end.
        let (kind, rest) = path
            .strip_prefix("tile/")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(TilePathError)?;
        let kind = if kind == "entries" {
            TileKind::Entries
        } else {
            let level = kind.parse().ok().filter(|level| *level <= LEVEL_MAX);
            TileKind::Hashes {
                level: level.ok_or(TilePathError)?,
            }
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (
                index,
                width.parse().ok().filter(|width| (1..TILE_WIDTH).contains(width)),
            ),
            None => (rest, Some(TILE_WIDTH)),
        };
        let index = parse_index(index).ok_or(TilePathError)?;
        let width = width.ok_or(TilePathError)?;
        let tile = Self { kind, index, width };
        if tile.to_string() == path {
            Ok(tile)
        } else {
            Err(TilePathError)
        }
    }
}

fn parse_index(path: &str) -> Option<u64> {
    path.split('/').try_fold(0_u64, |index, part| {
        let digits: u64 = part.strip_prefix('x').unwrap_or(part).parse().ok()?;
        index.checked_mul(1000)?.checked_add(digits)
    })
}
