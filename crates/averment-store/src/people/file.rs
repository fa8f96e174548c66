//! The database as a file: made for its owner only, and told apart from another one at the same path.

use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::PeopleError;

/// Which file lies at a path and when it was last written to. The time of change is the kernel's, unlike the other times.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileState {
    file: (u64, u64),
    bytes: u64,
    changed: (i64, i64),
}

/// The file at `path`.
pub(super) fn state(path: &Path) -> Result<FileState, PeopleError> {
    let metadata = std::fs::metadata(path).map_err(|source| file_error(path, source))?;
    Ok(FileState {
        file: (metadata.dev(), metadata.ino()),
        bytes: metadata.len(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// Makes the file where there is none, so that it is the owner's alone from the first byte; SQLite gives its side files
/// the same mode.
pub(super) fn make(path: &Path) -> Result<(), PeopleError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map(drop).map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> PeopleError {
    PeopleError::File {
        path: path.to_owned(),
        source,
    }
}
