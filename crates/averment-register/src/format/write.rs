//! Changed files to disk, each at once: what reads a register meanwhile sees the old file or the new one.

use std::path::Path;

use super::Formatted;
use crate::source::{SourceError, replace};

/// Replaces the changed files of the register in `folder`; other files are not touched.
///
/// Each file is written and synced beside its place and then takes it, with the permissions of the one before. A link is
/// followed. A failure leaves the file as it was and ends the writing.
///
/// # Errors
/// [`SourceError::Write`] with the path.
pub fn write(formatted: &Formatted, folder: &Path) -> Result<(), SourceError> {
    for (name, text) in &formatted.changed {
        let path = folder.join(name);
        replace(&path, text).map_err(|source| SourceError::Write { path, source })?;
    }
    Ok(())
}
