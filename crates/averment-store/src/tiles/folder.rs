//! Reading tiles from a folder. What is read is not believed: proofs are verified against a signed checkpoint.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use averment_ledger::{BUNDLE_ENTRY_BYTES_MAX, Nodes, TILE_WIDTH, TileId, TreeHash, tile_hashes};
use flate2::read::GzDecoder;

/// Most bytes of a hash tile.
const TILE_BYTES_MAX: u64 = 32 * TILE_WIDTH as u64;
/// Most bytes of an entry bundle, unpacked.
const BUNDLE_BYTES_MAX: u64 = (BUNDLE_ENTRY_BYTES_MAX as u64 + 2) * TILE_WIDTH as u64;
/// Most bytes of a checkpoint with cosignatures.
const CHECKPOINT_BYTES_MAX: u64 = 64 << 10;

/// Why a file of a tile folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileReadError {
    /// The file system failed, or there is no such file.
    #[error("cannot read `{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not what is written there.
    #[error("`{}` is not {expected}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
    },
}

/// A folder of tiles, by C2SP tlog-tiles.
#[derive(Debug, Clone)]
pub struct TileFolder {
    path: PathBuf,
}

impl TileFolder {
    /// The tiles in `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the published checkpoint.
    pub fn checkpoint_file(&self) -> PathBuf {
        self.path.join("checkpoint")
    }

    /// The file of one tile or bundle.
    pub fn file(&self, tile: TileId) -> PathBuf {
        self.path.join(tile.to_string())
    }

    /// The published checkpoint, a note, with whatever cosignatures it has; none when nothing is published.
    ///
    /// # Errors
    /// [`TileReadError`].
    pub fn checkpoint(&self) -> Result<Option<String>, TileReadError> {
        let path = self.checkpoint_file();
        let expected = "a checkpoint of at most 64 KiB";
        match read(&path, CHECKPOINT_BYTES_MAX, expected) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes);
                text.map(Some).map_err(|_| TileReadError::Malformed { path, expected })
            }
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The content of the file of `tile`, a hash tile.
    ///
    /// # Errors
    /// [`TileReadError`].
    pub fn hash_tile(&self, tile: TileId) -> Result<Vec<u8>, TileReadError> {
        read(&self.file(tile), TILE_BYTES_MAX, "a tile of hashes")
    }

    /// The entry bundle `tile`, unpacked.
    ///
    /// # Errors
    /// [`TileReadError`].
    pub fn bundle(&self, tile: TileId) -> Result<Vec<u8>, TileReadError> {
        let path = self.file(tile);
        let file = File::open(&path).map_err(|source| TileReadError::File {
            path: path.clone(),
            source,
        })?;
        unpack(file).ok_or(TileReadError::Malformed {
            path,
            expected: "an entry bundle in gzip",
        })
    }

    /// The narrowest stored tile at the place of `tile` that holds what it holds.
    fn wider(&self, tile: TileId) -> Option<TileId> {
        let full = tile.full();
        if self.file(full).exists() {
            return Some(full);
        }
        let partial = self.path.join(format!("{full}.p"));
        let names = std::fs::read_dir(partial)
            .ok()?
            .filter_map(|file| file.ok()?.file_name().into_string().ok());
        let widths = names.filter_map(|name| name.parse().ok());
        widths
            .filter(|width| *width > tile.width())
            .min()
            .and_then(|width| tile.of_width(width))
    }
}

impl Nodes for TileFolder {
    type Error = TileReadError;

    fn tile(&self, tile: TileId) -> Result<Vec<TreeHash>, TileReadError> {
        let (stored, bytes) = match self.hash_tile(tile) {
            // A narrower tile is removed when the full one is there.
            Err(error) if error.is_missing() => {
                let wider = self.wider(tile).ok_or(error)?;
                (wider, self.hash_tile(wider)?)
            }
            other => (tile, other?),
        };
        let hashes = tile_hashes(&bytes).filter(|hashes| hashes.len() == usize::from(stored.width()));
        let mut hashes = hashes.ok_or_else(|| TileReadError::Malformed {
            path: self.file(stored),
            expected: "as many hashes of 32 bytes as its name says",
        })?;
        hashes.truncate(usize::from(tile.width()));
        Ok(hashes)
    }
}

impl TileReadError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

/// What is packed in `file`, if that is gzip and no larger than a bundle.
pub(super) fn unpack(file: impl std::io::Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = GzDecoder::new(file)
        .take(BUNDLE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    (read as u64 <= BUNDLE_BYTES_MAX).then_some(bytes)
}

fn read(path: &Path, max: u64, expected: &'static str) -> Result<Vec<u8>, TileReadError> {
    let file_error = |source| TileReadError::File {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(file_error)?;
    file.take(max + 1).read_to_end(&mut bytes).map_err(file_error)?;
    if bytes.len() as u64 <= max {
        Ok(bytes)
    } else {
        let path = path.to_owned();
        Err(TileReadError::Malformed { path, expected })
    }
}
