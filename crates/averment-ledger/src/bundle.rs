//! Entry bundles: up to 256 entries one after another, each with its length before it.
//!
//! Reading is strict: as many entries as the bundle is wide, and nothing behind them.
//!
//! Source: C2SP tlog-tiles, "Log entries".

use crate::tile::TILE_WIDTH;
use crate::tree::{TreeHash, leaf_hash};

/// Most bytes of an entry in a bundle: its length is written as two bytes.
pub const BUNDLE_ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// Why a bundle cannot be written or believed. Never the content of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// No length of two bytes could say it.
    #[error("an entry of {found} bytes does not fit into a bundle, which holds entries of at most 65535")]
    TooLarge {
        /// Bytes of the entry.
        found: usize,
    },
    /// It ends within an entry, or has fewer.
    #[error("expected {expected} entries, the bundle ends within entry {ended}")]
    Short {
        /// Entries that it must hold.
        expected: u16,
        /// The entry that is cut off, from 0.
        ended: usize,
    },
    /// It goes on behind its last entry.
    #[error("expected nothing behind {expected} entries, found {found} bytes")]
    Long {
        /// Entries that it must hold.
        expected: u16,
        /// Bytes behind them.
        found: usize,
    },
    /// An entry is another than the one that was hashed.
    #[error("entry {entry} of the bundle does not have the hash that the tile says")]
    LeafHash {
        /// Number within the bundle, from 0.
        entry: usize,
    },
}

/// Appends `entry` to the bundle in `buffer`.
///
/// # Errors
/// [`BundleError::TooLarge`]; the buffer is then unchanged.
pub fn write_bundle_entry(buffer: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let found = entry.len();
    let length = u16::try_from(found).map_err(|_| BundleError::TooLarge { found })?;
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(entry);
    Ok(())
}

/// The `width` entries in `bundle`.
///
/// # Errors
/// [`BundleError::Short`], [`BundleError::Long`].
pub fn read_bundle(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let (mut entries, mut rest) = (Vec::with_capacity(usize::from(width.min(TILE_WIDTH))), bundle);
    for ended in 0..usize::from(width) {
        let short = BundleError::Short { expected: width, ended };
        let (length, behind) = rest.split_first_chunk::<2>().ok_or(short)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, behind) = behind.split_at_checked(length).ok_or(short)?;
        entries.push(entry);
        rest = behind;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        let (expected, found) = (width, rest.len());
        Err(BundleError::Long { expected, found })
    }
}

/// Checks that `bundle` holds the very entries that `hashes` are of, the tile of level 0 with the same index and width.
///
/// # Errors
/// [`BundleError`].
pub fn verify_bundle(bundle: &[u8], hashes: &[TreeHash]) -> Result<(), BundleError> {
    let width = u16::try_from(hashes.len()).unwrap_or(u16::MAX);
    let entries = read_bundle(bundle, width)?;
    let differs = entries
        .iter()
        .zip(hashes)
        .position(|(entry, hash)| leaf_hash(entry) != *hash);
    differs.map_or(Ok(()), |entry| Err(BundleError::LeafHash { entry }))
}
