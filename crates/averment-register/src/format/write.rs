//! Changed files to disk, each at once: what reads a register meanwhile sees the old file or the new one.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Formatted;
use crate::source::SourceError;

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

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let draft = draft_beside(&path);
    let written = write_draft(&draft, &path, text).and_then(|()| std::fs::rename(&draft, &path));
    if written.is_err() {
        // The draft is ours: if it cannot be removed the first error is still the one to tell.
        _ = std::fs::remove_file(&draft);
    }
    written
}

/// A hidden name beside `path`, which reading a register passes over.
fn draft_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.draft-{}", std::process::id()))
}

fn write_draft(draft: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    let permissions = std::fs::metadata(path)?.permissions();
    let mut file = std::fs::File::create_new(draft)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()
}
