//! How many steps there were, kept in the key folder: a database that knows fewer is an older one, or none, and what is held
//! would be missing from it.
//!
//! Lost: an older database passes for the newest. Forged: the same, or nothing can be entered until it is removed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::RequestError;
use crate::inbox::write_whole;
use crate::keys::Keys;

/// Name of the file in the key folder.
const NAME: &str = "requests.mark";

/// The file.
#[derive(Clone)]
pub(super) struct Mark(PathBuf);

impl Mark {
    /// The one beside the keys.
    pub(super) fn of(keys: &Keys) -> Self {
        Self(keys.mark_path().with_file_name(NAME))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// How many steps there were at least.
    pub(super) fn read(&self) -> Result<u64, RequestError> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => text
                .trim()
                .parse()
                .map_err(|_| RequestError::Mark { path: self.0.clone() }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(source) => Err(RequestError::file(&self.0, source)),
        }
    }

    /// Keeps how many there are.
    pub(super) fn keep(&self, steps: u64) -> Result<(), RequestError> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        write_whole(folder, NAME, format!("{steps}\n").as_bytes()).map_err(|source| RequestError::file(&self.0, source))
    }
}
