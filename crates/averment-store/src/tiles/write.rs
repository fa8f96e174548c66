//! Files that are there whole or not at all, and the folders that must be synced for them to stay.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::folder::sync_dir;

/// Writes files below one folder.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    /// Folders with entries that may not be durable yet.
    touched: BTreeSet<PathBuf>,
}

impl Files {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            touched: BTreeSet::new(),
        }
    }

    /// Puts `content` at `path`, in the place of what was there. Durable after [`Self::sync`].
    pub(super) fn put(&mut self, path: &Path, content: &[u8]) -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let new = folder.join(format!("{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(content)?;
        // Before it is renamed, so that no power failure leaves an empty one under the right name.
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        self.found(path);
        Ok(())
    }

    /// Whoever put `path` there before may have been killed before it was durable.
    pub(super) fn found(&mut self, path: &Path) {
        let above = path
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&self.root));
        for folder in above {
            if !self.touched.contains(folder) {
                self.touched.insert(folder.to_owned());
            }
        }
    }

    /// Makes everything durable that was put so far.
    pub(super) fn sync(&mut self) -> std::io::Result<()> {
        while let Some(folder) = self.touched.first() {
            sync_dir(folder)?;
            self.touched.pop_first();
        }
        Ok(())
    }
}
