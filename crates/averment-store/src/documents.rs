//! Documents that entries point to: kept by their SHA-256 in `documents/` of the data folder.
//!
//! Start at [`Documents::keep`] and [`Documents::look`]. An entry holds digest, size and name; the file is named by its digest, so
//! that what is exchanged is seen.
//!
//! Lost: an entry still says that there was one, and its digest; nobody can show it any more. Forged: seen.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use averment_ledger::{Base64, Document};
use sha2::{Digest as _, Sha256};

use crate::folder::{DataFolder, make_private_dir};
use crate::inbox::write_whole;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 16;

/// The documents of one data folder.
#[derive(Debug)]
pub struct Documents {
    path: PathBuf,
}

/// What is found of a document that an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is there and has the digest and the size that the entry says.
    Whole,
    /// There is none.
    Missing,
    /// It is another one.
    Changed,
}

impl Kept {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Missing => "missing",
            Self::Changed => "changed",
        }
    }
}

impl Documents {
    /// The documents of `folder`. Nothing is made yet.
    pub fn new(folder: &DataFolder) -> Self {
        Self {
            path: folder.path().join("documents"),
        }
    }

    /// Where one is, whether it is there or not.
    pub fn file(&self, document: &Document) -> PathBuf {
        use std::fmt::Write as _;
        let hex = document.sha256.0.iter().fold(String::new(), |mut name, byte| {
            write!(name, "{byte:02x}").expect("a string takes any text");
            name
        });
        self.path.join(hex)
    }

    /// Keeps a document and says how an entry names it. `name`: file name without folders. One that is there whole is not
    /// written again; one that was changed is put right.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, bytes: &[u8], name: &str) -> std::io::Result<Document> {
        let document = Document {
            sha256: Base64(Sha256::digest(bytes).into()),
            bytes: bytes.len() as u64,
            name: name.to_owned(),
        };
        if self.look(&document)? != Kept::Whole {
            make_private_dir(&self.path)?;
            let file = self.file(&document);
            let name = file.file_name().and_then(|name| name.to_str());
            write_whole(&self.path, name.expect("hexadecimal digits"), bytes)?;
        }
        Ok(document)
    }

    /// Reads a document and says whether it is the one that the entry names.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn look(&self, document: &Document) -> std::io::Result<Kept> {
        match digest(&self.file(document)) {
            Ok(found) if found == (document.sha256, document.bytes) => Ok(Kept::Whole),
            Ok(_) => Ok(Kept::Changed),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Kept::Missing),
            Err(error) => Err(error),
        }
    }
}

fn digest(file: &Path) -> std::io::Result<(Base64<32>, u64)> {
    let mut reader = BufReader::new(File::open(file)?);
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match reader.read(&mut chunk)? {
            0 => return Ok((Base64(hash.finalize().into()), size)),
            read => {
                hash.update(&chunk[..read]);
                size += read as u64;
            }
        }
    }
}
