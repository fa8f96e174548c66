//! The authority's files. What they are to hold is written whole into one beside them, and its renaming decides: before it the old
//! files hold, after it the new ones, which whoever reads next puts in their places.
//!
//! Invariant: an end at any moment leaves an authority that works, the one of before or the new one.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AuthorityError, malformed};

/// How often, and after what pause, somebody who found the files locked looks again: whoever writes them needs a moment, and one who is
/// held still in the middle of it must not keep a gate from starting without a word.
const ALONE_TRIES: u32 = 100;
const ALONE_PAUSE: Duration = Duration::from_millis(50);

/// Where they are.
pub(super) struct Files {
    /// Of what callers trust; only to renew it.
    root_key: PathBuf,
    /// What signs leaves.
    pub(super) key: PathBuf,
    /// Its certificate; without one it is the key of what callers trust, as it was before.
    pub(super) chain: PathBuf,
    /// What callers trust.
    pub(super) certificate: PathBuf,
    /// What all of them are to hold, until they do.
    next: PathBuf,
    /// Locked by whoever reads or writes them.
    folder: PathBuf,
}

/// What they hold.
pub(super) struct Read {
    pub(super) key: String,
    pub(super) chain: Option<String>,
    pub(super) certificate: String,
}

/// What they are to hold.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// None: it is kept elsewhere.
    pub(super) root_key: Option<String>,
    pub(super) key: String,
    pub(super) chain: String,
    pub(super) certificate: String,
}

/// One change on disk, which is made whole or not at all.
pub(super) enum Step<'a> {
    Put { path: &'a Path, text: &'a str, mode: u32 },
    Remove(&'a Path),
}

impl Files {
    pub(super) fn in_folders(keys: &Path, data: &Path) -> Self {
        Self {
            root_key: keys.join("authority-root.key"),
            key: keys.join("authority.key"),
            chain: data.join("authority-chain.pem"),
            certificate: data.join("authority.pem"),
            next: keys.join("authority.next"),
            folder: keys.to_owned(),
        }
    }

    /// What is there, or none when neither key nor certificate is.
    pub(super) fn read(&self) -> Result<Option<Read>, AuthorityError> {
        let _alone = self.alone()?;
        self.finish()?;
        let half = |found: &PathBuf, missing: &PathBuf| AuthorityError::Half {
            found: found.clone(),
            missing: missing.clone(),
        };
        match (self.key.exists(), self.certificate.exists()) {
            (false, false) => return Ok(None),
            (true, false) => return Err(half(&self.key, &self.certificate)),
            (false, true) => return Err(half(&self.certificate, &self.key)),
            (true, true) => {}
        }
        refuse_exposed(&self.key)?;
        if self.root_key.exists() {
            refuse_exposed(&self.root_key)?;
        }
        let chain = self.chain.exists().then(|| read(&self.chain)).transpose()?;
        Ok(Some(Read {
            key: read(&self.key)?,
            chain,
            certificate: read(&self.certificate)?,
        }))
    }

    /// The key of what callers trust, and where it was; `elsewhere` instead of in its place.
    pub(super) fn read_root_key(&self, elsewhere: Option<&Path>) -> Result<(PathBuf, String), AuthorityError> {
        let _alone = self.alone()?;
        self.finish()?;
        let path = match elsewhere {
            Some(path) => path.to_owned(),
            None if self.root_key.exists() => self.root_key.clone(),
            // What programs trust of an authority of before allows nothing between it and leaves, so its key is no root key.
            None => {
                return Err(AuthorityError::NoRootKey {
                    path: self.root_key.clone(),
                });
            }
        };
        refuse_exposed(&path)?;
        let text = read(&path)?;
        Ok((path, text))
    }

    /// Decides that the files hold `written`, and puts it in place.
    pub(super) fn write(&self, written: &Written) -> Result<(), AuthorityError> {
        let _alone = self.alone()?;
        self.decision(&in_one(written)).make()?;
        self.finish()
    }

    /// The change that decides. `text`: from [`in_one`].
    pub(super) fn decision<'a>(&'a self, text: &'a str) -> Step<'a> {
        Step::put(&self.next, text, 0o600)
    }

    /// Puts in place what was decided, if somebody was cut off over it.
    fn finish(&self) -> Result<(), AuthorityError> {
        if !self.next.exists() {
            // Of a decision that was never made; it may hold the root key, and nobody would look for it there.
            _ = std::fs::remove_file(beside(&self.next));
            return Ok(());
        }
        refuse_exposed(&self.next)?;
        let text = read(&self.next)?;
        let written: Written =
            serde_json::from_str(&text).map_err(|_| malformed(&self.next, "keys and certificates of an authority"))?;
        self.steps(&written).iter().try_for_each(Step::make)
    }

    /// The changes that put `written` in place; the last says that it is.
    pub(super) fn steps<'a>(&'a self, written: &'a Written) -> Vec<Step<'a>> {
        let root_key = written.root_key.as_deref();
        let root_key = root_key.map(|text| Step::put(&self.root_key, text, 0o600));
        let others = [
            Step::put(&self.key, &written.key, 0o600),
            Step::put(&self.chain, &written.chain, 0o644),
            Step::put(&self.certificate, &written.certificate, 0o644),
            Step::Remove(&self.next),
        ];
        root_key.into_iter().chain(others).collect()
    }

    /// Keeps others from reading and writing until the result is dropped; nothing where there is no folder yet.
    fn alone(&self) -> Result<Option<File>, AuthorityError> {
        let unreadable = |source| AuthorityError::Read {
            path: self.folder.clone(),
            source,
        };
        let folder = match File::open(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(unreadable)?,
        };
        for _ in 0..ALONE_TRIES {
            match folder.try_lock() {
                Err(TryLockError::WouldBlock) => std::thread::sleep(ALONE_PAUSE),
                // Some network file systems lock no folders.
                Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
                    return Err(unreadable(error));
                }
                _ => return Ok(Some(folder)),
            }
        }
        Err(AuthorityError::Busy {
            path: self.folder.clone(),
        })
    }
}

/// `written` as one text.
pub(super) fn in_one(written: &Written) -> String {
    serde_json::to_string(written).expect("text under names is JSON")
}

impl<'a> Step<'a> {
    fn put(path: &'a Path, text: &'a str, mode: u32) -> Self {
        Self::Put { path, text, mode }
    }

    /// Makes it, and returns when it is on disk.
    pub(super) fn make(&self) -> Result<(), AuthorityError> {
        let (path, made) = match *self {
            Self::Put { path, text, mode } => (path, put(path, text, mode)),
            Self::Remove(path) => (path, std::fs::remove_file(path)),
        };
        let made = made.and_then(|()| sync_folder(path));
        made.map_err(|source| AuthorityError::Write {
            path: path.to_owned(),
            source,
        })
    }
}

fn refuse_exposed(path: &Path) -> Result<(), AuthorityError> {
    let metadata = path.metadata().map_err(|source| AuthorityError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(AuthorityError::Exposed {
            path: path.to_owned(),
            mode,
        })
    }
}

pub(super) fn read(path: &Path) -> Result<String, AuthorityError> {
    std::fs::read_to_string(path).map_err(|source| AuthorityError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Writes beside and renames, so that a cut write leaves no half file.
fn put(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let beside = beside(path);
    write_beside(&beside, text, mode)?;
    std::fs::rename(&beside, path)
}

/// Where a file is written before it takes its place.
pub(super) fn beside(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn write_beside(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)?;
    // A file left over from a cut write keeps its old mode otherwise.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests;
