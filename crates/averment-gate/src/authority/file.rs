//! The authority's two files. A key is written before its certificate, so that a certificate on disk always has a key.

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::AuthorityError;

/// Where they are.
pub(super) struct Pair {
    pub(super) key: PathBuf,
    pub(super) certificate: PathBuf,
}

impl Pair {
    pub(super) fn in_folders(keys: &Path, data: &Path) -> Self {
        Self {
            key: keys.join("authority.key"),
            certificate: certificate_in(data),
        }
    }

    /// Key and certificate, or none when neither is there.
    pub(super) fn read(&self) -> Result<Option<(String, String)>, AuthorityError> {
        let half = |found: &PathBuf, missing: &PathBuf| AuthorityError::Half {
            found: found.clone(),
            missing: missing.clone(),
        };
        match (self.key.exists(), self.certificate.exists()) {
            (false, false) => Ok(None),
            (true, false) => Err(half(&self.key, &self.certificate)),
            (false, true) => Err(half(&self.certificate, &self.key)),
            (true, true) => {
                refuse_exposed(&self.key)?;
                Ok(Some((read(&self.key)?, read(&self.certificate)?)))
            }
        }
    }

    pub(super) fn write(&self, key: &str, certificate: &str) -> Result<(), AuthorityError> {
        write(&self.key, key, 0o600)?;
        write(&self.certificate, certificate, 0o644)
    }
}

/// Another certificate for the key that is there.
pub(super) fn write_certificate(data: &Path, certificate: &str) -> Result<(), AuthorityError> {
    write(&certificate_in(data), certificate, 0o644)
}

fn certificate_in(data: &Path) -> PathBuf {
    data.join("authority.pem")
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

fn read(path: &Path) -> Result<String, AuthorityError> {
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
