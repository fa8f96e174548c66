//! A bundle made. Start at [`Contents::pack`]; what goes in was chosen by whoever calls it.

use std::collections::BTreeMap;

use averment_ledger::TreeHash;
use averment_register::Charter;

use crate::container::{Zipped, write_container};
use crate::files::{CHARTER, CLAIMS, DOCUMENTS, REGISTER, sha256_hex};
use crate::levels::Levels;
use crate::manifest::{FileRow, Level, LogRow, MANIFEST, Manifest, RangeRow, SCHEMA, SinceRow};
use crate::proved::EntryRow;

/// Why no bundle can be made of what was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentsError {
    /// A number that no leaf has.
    #[error("log `{log}` has {size} entries, expected more than {leaf}")]
    NoSuchEntry {
        /// Which log.
        log: String,
        /// The leaf.
        leaf: u64,
        /// Its size.
        size: u64,
    },
    /// An older checkpoint of something else.
    #[error(
        "the older checkpoint is of `{origin}`, expected one of the ledger that the bundle is of, not larger than it"
    )]
    Since {
        /// Its origin.
        origin: String,
    },
}

/// What a bundle is made of.
#[derive(Debug, Clone)]
pub struct Contents<'a> {
    /// When, RFC 3339 UTC.
    pub made_at: String,
    /// Program and version.
    pub made_by: String,
    /// The school that it is for; none: for everybody.
    pub school: Option<String>,
    /// The charter in force.
    pub charter: &'a Charter,
    /// The document with the grades, as recorded.
    pub claims: String,
    /// The logs of the ledger, oldest first.
    pub logs: Vec<LogContents>,
    /// Documents that entries name.
    pub documents: Vec<Vec<u8>>,
    /// Log and size of an older checkpoint.
    pub since: Option<(String, u64)>,
    /// Entries that are missing because they name people of several schools.
    pub left_out: u64,
}

/// What a bundle shows of one log.
#[derive(Debug, Clone)]
pub struct LogContents {
    /// Four digits.
    pub name: String,
    /// Number of its first entry in the whole ledger.
    pub first: u64,
    /// Its key and a newline.
    pub verifier: String,
    /// Its newest checkpoint, a signed note.
    pub checkpoint: String,
    /// Hash of every leaf up to the checkpoint.
    pub leaves: Vec<TreeHash>,
    /// Entries to be shown, by leaf.
    pub shown: BTreeMap<u64, String>,
    /// Leaf from which on everything is shown, or its hash.
    pub range: Option<u64>,
}

impl Contents<'_> {
    /// The files of the bundle, packed.
    ///
    /// # Errors
    /// [`ContentsError`].
    pub fn pack(&self) -> Result<Vec<u8>, ContentsError> {
        let mut files = Zipped::new();
        files.insert(CHARTER.to_owned(), self.charter.canonical().into_bytes());
        files.insert(CLAIMS.to_owned(), self.claims.clone().into_bytes());
        for (name, text) in self.charter.to_source().files() {
            files.insert(format!("{REGISTER}{name}"), text.as_bytes().to_vec());
        }
        for document in &self.documents {
            files.insert(format!("{DOCUMENTS}{}", sha256_hex(document)), document.clone());
        }
        let (mut rows, mut since) = (Vec::new(), None);
        for log in &self.logs {
            let levels = Levels::new(log.leaves.clone());
            rows.push(log.write(&levels, &mut files)?);
            if let Some((_, size)) = self.since.as_ref().filter(|(name, _)| *name == log.name) {
                since = Some(log.since(&levels, *size)?);
            }
        }
        let whole = rows.iter().any(|row| row.range.is_some());
        let manifest = Manifest {
            schema: SCHEMA.to_owned(),
            made_at: self.made_at.clone(),
            made_by: self.made_by.clone(),
            level: if whole { Level::Whole } else { Level::Statement },
            school: self.school.clone(),
            charter: self.charter.digest().to_string(),
            logs: rows,
            since,
            left_out: self.left_out,
            files: Vec::new(),
        };
        Ok(seal(manifest, files))
    }
}

/// Lists `files` in `manifest` and packs both.
pub fn seal(mut manifest: Manifest, mut files: Zipped) -> Vec<u8> {
    files.remove(MANIFEST);
    let row = |(name, content): (&String, &Vec<u8>)| FileRow {
        name: name.clone(),
        bytes: content.len() as u64,
        sha256: sha256_hex(content),
    };
    manifest.files = files.iter().map(row).collect();
    let text =
        serde_json::to_string_pretty(&manifest).expect("a list of contents holds only strings, numbers and lists");
    files.insert(MANIFEST.to_owned(), format!("{text}\n").into_bytes());
    write_container(&files)
}

impl LogContents {
    fn write(&self, levels: &Levels, files: &mut Zipped) -> Result<LogRow, ContentsError> {
        let file = |name| Manifest::log_file(&self.name, name);
        let size = levels.size() as u64;
        if let Some((&leaf, _)) = self.shown.iter().next_back().filter(|(leaf, _)| **leaf >= size) {
            let log = self.name.clone();
            return Err(ContentsError::NoSuchEntry { log, leaf, size });
        }
        files.insert(file("verifier"), self.verifier.clone().into_bytes());
        files.insert(file("checkpoint"), self.checkpoint.clone().into_bytes());
        let from = self.range.map(|from| from.min(size));
        let single = self.single(levels, from.unwrap_or(size));
        if !single.is_empty() {
            files.insert(file("entries.jsonl"), single.into_bytes());
        }
        if let Some(from) = from {
            files.insert(file("range.jsonl"), self.consecutive(from).into_bytes());
        }
        let range = from.map(|from| RangeRow {
            from,
            edge: levels.edge(index(from)),
        });
        Ok(LogRow {
            name: self.name.clone(),
            first: self.first,
            range,
        })
    }

    /// Entries before `end`, each with its proof.
    fn single(&self, levels: &Levels, end: u64) -> String {
        let row = |(&leaf, entry): (&u64, &String)| {
            let row = EntryRow {
                leaf,
                entry: entry.clone(),
                proof: levels.inclusion(index(leaf)),
            };
            serde_json::to_string(&row).expect("a row holds only strings and numbers") + "\n"
        };
        self.shown.range(..end).map(row).collect()
    }

    /// Every entry from `from` on, or its hash.
    fn consecutive(&self, from: u64) -> String {
        let line = |(leaf, hash): (u64, &TreeHash)| match self.shown.get(&leaf) {
            Some(entry) => format!("{entry}\n"),
            None => format!("{hash}\n"),
        };
        let leaves = self.leaves.iter().skip(index(from));
        (from..).zip(leaves).map(line).collect()
    }

    fn since(&self, levels: &Levels, size: u64) -> Result<SinceRow, ContentsError> {
        let whole = levels.size() as u64;
        if size > whole {
            let origin = self.checkpoint.lines().next().unwrap_or_default().to_owned();
            return Err(ContentsError::Since { origin });
        }
        let proof = match size {
            0 => Vec::new(),
            size => levels.consistency(index(size)),
        };
        Ok(SinceRow {
            log: self.name.clone(),
            size,
            proof,
        })
    }
}

/// A leaf that is in memory fits.
fn index(leaf: u64) -> usize {
    usize::try_from(leaf).unwrap_or(usize::MAX)
}
