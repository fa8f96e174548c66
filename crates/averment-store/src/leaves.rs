//! The record as it stands: every entry's very bytes and hash, for whoever proves that an entry is there.
//!
//! Start at [`leaves`]. [`crate::entries`] gives the same entries as what they say.

use std::fs::File;
use std::io::BufReader;

use averment_ledger::{
    Break, Deviation, Head, LedgerFile, LogError, LogReader, Signatures, TreeHash, Trusted, VerifierKey, leaf_hash,
    read_verifier,
};

use crate::folder::DataFolder;
use crate::read::{ReadError, content};

/// One sealed entry as it stands in its log.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    /// Number of the log, from 1.
    pub log: u32,
    /// Number of the entry in its log, from 0.
    pub leaf: u64,
    /// Its hash in the tree.
    pub hash: TreeHash,
    /// Its bytes.
    pub json: &'a str,
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
    let Trusted { key: trusted, mark } = trusted.into();
    let key = read_verifier(content(folder, LedgerFile::Verifier)?.as_deref(), trusted)?;
    // Read before the log, which then reaches at least as far.
    let checkpoint = content(folder, LedgerFile::Checkpoint)?.ok_or_else(|| broken(Deviation::Missing))?;
    let head = Head::open(&checkpoint, &key)?;
    let path = folder.ledger_file(LedgerFile::Log);
    let failed = |source| ReadError::File {
        path: path.clone(),
        source,
    };
    let log = BufReader::new(File::open(&path).map_err(failed)?);
    let mut reader = LogReader::new(log, key.clone(), head, Signatures::AfterHead).reaching(mark);
    loop {
        match reader.next_group() {
            Ok(Some(group)) => {
                for line in group.lines() {
                    let json = std::str::from_utf8(line.json).map_err(|_| broken(Deviation::Encoding))?;
                    let hash = leaf_hash(line.json);
                    let (log, leaf) = (1, line.index);
                    each(Leaf { log, leaf, hash, json });
                }
            }
            Ok(None) => break,
            Err(LogError::Break(found)) => return Err(found.into()),
            Err(LogError::Read(source)) => return Err(failed(source)),
            Err(other) => return Err(failed(std::io::Error::other(other))),
        }
    }
    let note = reader.sealed().note.clone();
    Ok(vec![LogEnd {
        log: 1,
        first: 0,
        key,
        note,
    }])
}

fn broken(deviation: Deviation) -> Break {
    Break {
        file: LedgerFile::Checkpoint,
        line: 1,
        offset: 0,
        deviation,
    }
}
