//! Files that are there whole or not at all, and the folders that must be synced for them to stay.
//!
//! Files of one round are written first and brought to disk together: a sync of its own for each costs as many journal
//! commits of the file system as there are files. Only what is on disk gets its name, so that no power failure leaves an
//! empty file under a right one.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::folder::sync_dir;

/// From so many files or folders on the whole file system is synced once: for fewer that would bring more of other programs
/// to disk than it spares.
const TOGETHER_FROM: usize = 10;

/// Writes files below one folder.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    /// Written, and neither durable nor under their names.
    unnamed: Vec<Unnamed>,
    /// The file system, opened before anything was written to it: what then fails to reach the disk is told to whoever
    /// syncs by this.
    system: Option<File>,
    /// Folders with entries that may not be durable yet.
    touched: BTreeSet<PathBuf>,
}

#[derive(Debug)]
struct Unnamed {
    file: File,
    /// Where it is.
    new: PathBuf,
    /// Where it belongs.
    path: PathBuf,
}

impl Files {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            unnamed: Vec::new(),
            system: None,
            touched: BTreeSet::new(),
        }
    }

    /// Writes `content`, to be at `path` after [`Self::name`], in the place of what was there.
    pub(super) fn put(&mut self, path: &Path, content: &[u8]) -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder)?;
        if self.system.is_none() {
            self.system = Some(File::open(&self.root)?);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let new = folder.join(format!("{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(content)?;
        let path = path.to_owned();
        self.unnamed.push(Unnamed { file, new, path });
        Ok(())
    }

    /// Makes everything durable that was put, then gives it its name; the names are durable after [`Self::sync`]. What is
    /// not done when this fails is forgotten, and must be put again: nobody knows what of it is on disk.
    pub(super) fn name(&mut self) -> Result<(), (PathBuf, std::io::Error)> {
        let (unnamed, system) = (std::mem::take(&mut self.unnamed), self.system.take());
        let root = || self.root.clone();
        let is_synced = match system.filter(|_| unnamed.len() >= TOGETHER_FROM) {
            Some(system) => sync_system(&system).map_err(|source| (root(), source))?,
            None => false,
        };
        for Unnamed { file, new, path } in unnamed {
            let durable = if is_synced { Ok(()) } else { file.sync_all() };
            durable
                .and_then(|()| std::fs::rename(&new, &path))
                .map_err(|source| (path.clone(), source))?;
            self.found(&path);
        }
        Ok(())
    }

    /// Forgets what was put and has no name.
    pub(super) fn forget(&mut self) {
        self.unnamed.clear();
        self.system = None;
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

    /// Makes all names durable that were given so far.
    pub(super) fn sync(&mut self) -> std::io::Result<()> {
        if self.touched.len() >= TOGETHER_FROM && sync_system(&File::open(&self.root)?)? {
            self.touched.clear();
        }
        while let Some(folder) = self.touched.first() {
            sync_dir(folder)?;
            self.touched.pop_first();
        }
        Ok(())
    }
}

/// Brings everything on the file system of `file` to disk; whether there is such a call, and it tells what failed.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn sync_system(file: &File) -> std::io::Result<bool> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    if tells_of_errors(&release) {
        answered(rustix::fs::syncfs(file))
    } else {
        Ok(false)
    }
}

/// Whether `syncfs` of a kernel with this release, `6.1.0-13-amd64`, tells what did not come to disk.
///
/// Source: syncfs(2), since Linux 5.8.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn tells_of_errors(release: &str) -> bool {
    let mut numbers = release
        .split(|digit: char| !digit.is_ascii_digit())
        .map(str::parse::<u32>);
    let (major, minor) = (numbers.next(), numbers.next());
    matches!((major, minor), (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= (5, 8))
}

/// A sandbox may not know the call, or not allow it.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn answered(answer: rustix::io::Result<()>) -> std::io::Result<bool> {
    match answer {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn sync_system(_: &File) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn the_file_system_is_synced_at_once_only_where_that_is_allowed_and_tells_of_errors() {
        use rustix::io::Errno;
        assert_eq!(answered(Ok(())).ok(), Some(true));
        for none in [Errno::NOSYS, Errno::PERM] {
            assert_eq!(answered(Err(none)).ok(), Some(false), "{none}");
        }
        for failed in [Errno::IO, Errno::NOSPC] {
            let error = answered(Err(failed)).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(failed.raw_os_error()));
        }
        for (release, expected) in [
            ("6.1.0-13-amd64\n", true),
            ("5.8.0", true),
            ("5.10-rc1", true),
            ("5.7.19", false),
            ("4.19.0-26-amd64", false),
            ("6", false),
            ("", false),
            ("unknown", false),
        ] {
            assert_eq!(tells_of_errors(release), expected, "{release}");
        }
    }

    #[test]
    fn nothing_has_its_name_before_it_is_durable_and_what_failed_is_put_again() {
        for count in [1, TOGETHER_FROM - 1, TOGETHER_FROM, 3 * TOGETHER_FROM] {
            let dir = tempfile::tempdir().unwrap();
            let path = |number: usize| dir.path().join(format!("{}/{number}", number % 3));
            let mut files = Files::new(dir.path());
            let put = |files: &mut Files, content: &str| {
                (0..count).try_for_each(|number| files.put(&path(number), content.as_bytes()))
            };
            put(&mut files, "first").unwrap();
            assert!(!(0..count).any(|number| path(number).exists()), "{count}");
            files.forget();
            files.name().unwrap();
            assert!(!(0..count).any(|number| path(number).exists()), "{count}");
            put(&mut files, "second").unwrap();
            files.name().unwrap();
            files.sync().unwrap();
            for number in 0..count {
                assert_eq!(std::fs::read(path(number)).unwrap(), b"second");
                assert!(!path(number).with_extension("new").exists());
            }
        }
    }
}
