//! Files in folders.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::{ObjectError, Objects};

/// Folders inside each other that are looked into.
const DEPTH_MAX: usize = 64;

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

    fn collect(&self, folder: &Path, prefix: &str, depth: usize, found: &mut Vec<String>) -> std::io::Result<()> {
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
                found.push(name);
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
    fn list(&mut self, prefix: &str) -> Result<Vec<String>, ObjectError> {
        let mut found = Vec::new();
        self.collect(&self.top, prefix, 0, &mut found)
            .map_err(|error| self.failed(error))?;
        found.sort();
        Ok(found)
    }

    fn get(&mut self, name: &str) -> Result<Option<Vec<u8>>, ObjectError> {
        let path = self.path(name)?;
        if path.is_symlink() {
            return Err(ObjectError::Outside(self.top.display().to_string()));
        }
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
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
