//! Replacing a small file for every group, so that no moment and no power failure leaves half of it.
//!
//! Start at [`Replacing::replace`]. The new content goes into a spare, then both change places. A file that is new, or of
//! another length than what was synced of it, may be empty or cut after a power failure, whatever was renamed (no file
//! system promises more for an exchange): such a spare is synced before it takes its place. One that is written over at
//! the same length holds the one content or the other: it is smaller than the 512 bytes that a disk writes at once.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Most bytes that a disk writes whole or not at all.
const WHOLE_BYTES_MAX: usize = 512;

/// What replacing takes of a file system: the seam at which the simulation forgets what was not synced.
pub(super) trait Pair {
    /// Writes `content`, and nothing else, into the spare, which is made where there is none.
    fn write_spare(&mut self, content: &[u8]) -> std::io::Result<()>;
    /// Returns when the spare is on disk.
    fn sync_spare(&mut self) -> std::io::Result<()>;
    /// Puts the spare in the place of the file.
    fn put_in_place(&mut self) -> std::io::Result<Swap>;
}

/// What became of the file that was in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swap {
    /// It is the spare now.
    Exchanged,
    /// It is gone.
    Replaced,
}

/// The lengths at which the two files were synced last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Replacing {
    spare: Option<usize>,
    in_place: Option<usize>,
}

impl Replacing {
    /// Puts `content` in the place of the file, whole or not at all. The replacing itself may be undone by a power failure.
    pub(super) fn replace(&mut self, files: &mut impl Pair, content: &[u8]) -> std::io::Result<()> {
        files.write_spare(content)?;
        let length = Some(content.len());
        if self.spare != length || content.len() > WHOLE_BYTES_MAX {
            files.sync_spare()?;
            self.spare = length;
        }
        self.spare = match files.put_in_place()? {
            Swap::Exchanged => self.in_place,
            Swap::Replaced => None,
        };
        self.in_place = length;
        Ok(())
    }
}

/// A file and its spare beside it, with `.new` behind the name.
pub(super) struct Beside {
    path: PathBuf,
}

impl Beside {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The spare is no part of the record.
    pub(super) fn remove_spare(&self) {
        _ = std::fs::remove_file(self.spare());
    }

    fn spare(&self) -> PathBuf {
        self.path.with_extension("new")
    }
}

impl Pair for Beside {
    fn write_spare(&mut self, content: &[u8]) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(self.spare())?;
        file.write_all_at(content, 0)?;
        if file.metadata()?.len() != content.len() as u64 {
            file.set_len(content.len() as u64)?;
        }
        Ok(())
    }

    fn sync_spare(&mut self) -> std::io::Result<()> {
        File::open(self.spare())?.sync_all()
    }

    /// Where the system can, both change places and both stay: making one file and removing one for every group would cost
    /// as much as the sync of the log.
    fn put_in_place(&mut self) -> std::io::Result<Swap> {
        let spare = self.spare();
        match exchange(&spare, &self.path) {
            Ok(()) => Ok(Swap::Exchanged),
            Err(_) => std::fs::rename(&spare, &self.path).map(|()| Swap::Replaced),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).map_err(std::io::Error::from)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says what was asked of it.
    struct Asked(Vec<&'static str>, Swap);

    impl Pair for Asked {
        fn write_spare(&mut self, _: &[u8]) -> std::io::Result<()> {
            self.0.push("write");
            Ok(())
        }

        fn sync_spare(&mut self) -> std::io::Result<()> {
            self.0.push("sync");
            Ok(())
        }

        fn put_in_place(&mut self) -> std::io::Result<Swap> {
            self.0.push("swap");
            Ok(self.1)
        }
    }

    #[test]
    fn a_spare_is_synced_when_it_is_new_or_of_another_length() {
        // Length of each content, and whether its spare is synced.
        let exchanged = [
            (3, true),
            (3, true),
            (3, false),
            (3, false),
            (4, true),
            (3, false),
            (4, false),
            (4, true),
        ];
        let large = [(600, true), (600, true), (600, true)];
        let replaced = [(3, true), (3, true), (3, true)];
        for (swap, rows) in [
            (Swap::Exchanged, &exchanged[..]),
            (Swap::Exchanged, &large[..]),
            (Swap::Replaced, &replaced[..]),
        ] {
            let mut replacing = Replacing::default();
            for (length, syncs) in rows {
                let mut asked = Asked(Vec::new(), swap);
                replacing.replace(&mut asked, &vec![b'x'; *length]).unwrap();
                let expected: &[_] = if *syncs {
                    &["write", "sync", "swap"]
                } else {
                    &["write", "swap"]
                };
                assert_eq!(asked.0, expected, "{swap:?} {rows:?}");
            }
        }
    }

    #[test]
    fn the_file_holds_the_last_content_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("checkpoint");
        let (mut beside, mut replacing) = (Beside::new(path.clone()), Replacing::default());
        std::fs::write(&path, "the first, and longer than all others").unwrap();
        for content in ["one", "two", "three", "4", "five!"] {
            replacing.replace(&mut beside, content.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
        beside.remove_spare();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
