//! The record as it stands: every entry's very bytes and hash, for whoever proves that an entry is there.
//!
//! Start at [`leaves`]. [`crate::entries`] gives the same entries as what they say.

use averment_ledger::{TreeHash, Trusted, VerifierKey};

use crate::chain::Chain;
use crate::folder::DataFolder;
use crate::read::{ReadError, raw_entries};

/// One sealed entry as it stands in its log.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    /// Number of the log, from 1.
    pub log: u32,
    /// Number of the entry in its log, from 0.
    pub leaf: u64,
    /// Its hash in the tree.
    pub hash: TreeHash,
    /// Its bytes, JSON.
    pub json: &'a [u8],
}

/// A log as far as it was read.
#[derive(Debug, Clone)]
pub struct LogEnd {
    /// Its number, from 1.
    pub log: u32,
    /// Number of its first entry in the whole ledger.
    pub first: u64,
    /// Its key.
    pub key: VerifierKey,
    /// Its newest checkpoint, a signed note.
    pub note: String,
}

/// Gives every sealed entry of every log to `each`, hashes and roots checked on the way, and how far each log came.
///
/// # Errors
/// [`ReadError`], which voids what was given before it.
pub fn leaves<'a>(
    folder: &DataFolder,
    trusted: impl Into<Trusted<'a>>,
    mut each: impl FnMut(Leaf<'_>),
) -> Result<Vec<LogEnd>, ReadError> {
    let trusted = trusted.into();
    let chain = Chain::read(folder, trusted.clone())?;
    for raw in raw_entries(folder, trusted)? {
        let raw = raw?;
        // A gate may have gone on since the chain was read: what lies behind its checkpoint is not proved by it.
        if chain.locate(raw.index) == Some((raw.log, raw.leaf)) {
            let json = raw.json.as_slice();
            each(Leaf {
                log: raw.log,
                leaf: raw.leaf,
                hash: raw.hash,
                json,
            });
        }
    }
    let ends = chain.logs().iter().map(|log| LogEnd {
        log: log.number,
        first: log.first,
        key: log.key.clone(),
        note: log.note.clone(),
    });
    Ok(ends.collect())
}
