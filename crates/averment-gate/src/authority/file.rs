//! The authority's files. A key is written before its certificate, so that a certificate on disk always has a key.

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::AuthorityError;

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
}

/// What they hold.
pub(super) struct Read {
    pub(super) key: String,
    pub(super) chain: Option<String>,
    pub(super) certificate: String,
}

/// What they are to hold.
pub(super) struct Written<'a> {
    pub(super) root_key: Option<&'a str>,
    pub(super) key: &'a str,
    pub(super) chain: &'a str,
    pub(super) certificate: &'a str,
}

impl Files {
    pub(super) fn in_folders(keys: &Path, data: &Path) -> Self {
        Self {
            root_key: keys.join("authority-root.key"),
            key: keys.join("authority.key"),
            chain: data.join("authority-chain.pem"),
            certificate: data.join("authority.pem"),
        }
    }

    /// What is there, or none when neither key nor certificate is.
    pub(super) fn read(&self) -> Result<Option<Read>, AuthorityError> {
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

    pub(super) fn write(&self, written: &Written<'_>) -> Result<(), AuthorityError> {
        if let Some(root_key) = written.root_key {
            write(&self.root_key, root_key, 0o600)?;
        }
        write(&self.key, written.key, 0o600)?;
        write(&self.chain, written.chain, 0o644)?;
        write(&self.certificate, written.certificate, 0o644)
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
fn write(path: &Path, text: &str, mode: u32) -> Result<(), AuthorityError> {
    let beside = path.with_extension("new");
    let done = write_beside(&beside, text, mode)
        .and_then(|()| std::fs::rename(&beside, path))
        .and_then(|()| sync_folder(path));
    done.map_err(|source| AuthorityError::Write {
        path: path.to_owned(),
        source,
    })
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
