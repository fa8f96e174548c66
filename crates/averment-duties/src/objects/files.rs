//! Files in folders.

use std::io::{ErrorKind, Read as _, Write};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use super::{Copied, Listed, ObjectError, Objects};

/// Folders inside each other that are looked into.
const DEPTH_MAX: usize = 64;
/// How much of a file is held at a time while it is copied.
const CHUNK_BYTES: usize = 1 << 16;

/// A folder.
#[derive(Debug)]
pub struct Files {
    top: PathBuf,
}

impl Files {
    /// Opens a folder.
    ///
    /// # Errors
    /// [`ObjectError::Store`] when it is none.
    pub fn open(top: &Path) -> Result<Self, ObjectError> {
        let files = Self { top: top.to_owned() };
        if top.is_dir() {
            return Ok(files);
        }
        Err(files.failed(std::io::Error::from(ErrorKind::NotADirectory)))
    }

    fn failed(&self, source: std::io::Error) -> ObjectError {
        let place = self.top.display().to_string();
        ObjectError::Store { place, source }
    }

    /// A file that cannot be read; the whole folder where that is gone.
    fn unreadable(&self, source: std::io::Error) -> ObjectError {
        match std::fs::read_dir(&self.top) {
            Ok(_) => ObjectError::Object {
                place: self.place(),
                source,
            },
            Err(error) => self.failed(error),
        }
    }

    /// Where the file of this name is. No part of the way is a link, so that it stays in the folder.
    fn path(&self, name: &str) -> Result<PathBuf, ObjectError> {
        let outside = || ObjectError::Outside(self.top.display().to_string());
        let mut path = self.top.clone();
        let mut parts = Path::new(name).components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(part) = part else {
                return Err(outside());
            };
            path.push(part);
            if parts.peek().is_some() && path.is_symlink() {
                return Err(outside());
            }
        }
        Ok(path)
    }

    fn collect(&self, folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Listed>) -> std::io::Result<()> {
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let name = path
                .strip_prefix(&self.top)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            // A link is an object of its own and is not followed.
            if entry.file_type()?.is_dir() && depth < DEPTH_MAX {
                let inside = format!("{name}/");
                if inside.starts_with(prefix) || prefix.starts_with(&inside) {
                    self.collect(&path, prefix, depth + 1, found)?;
                }
            } else if name.starts_with(prefix) {
                found.extend(listed(name, &entry)?);
            }
        }
        Ok(())
    }

    /// Removes folders above a file that became empty.
    fn tidy(&self, file: &Path) {
        let mut above = file.parent();
        while let Some(folder) = above.filter(|folder| *folder != self.top) {
            if std::fs::remove_dir(folder).is_err() {
                return;
            }
            above = folder.parent();
        }
    }
}

impl Objects for Files {
    fn details(&mut self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        let mut found = Vec::new();
        self.collect(&self.top, prefix, 0, &mut found)
            .map_err(|error| self.failed(error))?;
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    fn copy(&mut self, name: &str, bytes_max: u64, out: &mut dyn Write) -> Result<Copied, ObjectError> {
        let path = self.path(name)?;
        if path.is_symlink() {
            return Err(ObjectError::Outside(self.place()));
        }
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Copied::Gone),
            Err(error) => return Err(self.unreadable(error)),
        };
        let mut file = file.take(bytes_max.saturating_add(1));
        let (mut chunk, mut copied) = (vec![0; CHUNK_BYTES], 0_u64);
        loop {
            match file.read(&mut chunk) {
                Ok(0) if copied > bytes_max => return Ok(Copied::TooLarge),
                Ok(0) => return Ok(Copied::Whole(copied)),
                Ok(read) => {
                    copied += read as u64;
                    out.write_all(&chunk[..read]).map_err(|error| self.failed(error))?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(error)),
            }
        }
    }

    fn stat(&mut self, listed: &Listed) -> Result<Option<Timestamp>, ObjectError> {
        let found = std::fs::symlink_metadata(self.path(&listed.name)?).and_then(|found| found.modified());
        match found {
            Ok(time) => Ok(Timestamp::try_from(time).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn place(&self) -> String {
        self.top.display().to_string()
    }

    fn delete(&mut self, name: &str) -> Result<bool, ObjectError> {
        let path = self.path(name)?;
        match std::fs::remove_file(&path) {
            Ok(()) => {
                let durable = path.parent().map(|folder| std::fs::File::open(folder)?.sync_all());
                durable.transpose().map_err(|error| self.failed(error))?;
                self.tidy(&path);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.failed(error)),
        }
    }
}

/// An entry of a folder; none where it went since the folder was read.
fn listed(name: String, entry: &std::fs::DirEntry) -> std::io::Result<Option<Listed>> {
    let found = match entry.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let modified = found.modified().ok();
    Ok(Some(Listed {
        name,
        bytes: found.len(),
        modified: modified.and_then(|time| Timestamp::try_from(time).ok()),
        is_link: !found.is_file(),
        version: None,
        is_removal: false,
    }))
}
