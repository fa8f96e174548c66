//! What a witness keeps: for each log the checkpoint that it signed last, as the signed note itself.
//!
//! Start at [`Keeper::add_checkpoint`]. One file a log, `signed/<SHA-256 of the log's name>`, replaced whole. Lost: the
//! witness could sign a second history, so it does not start without its folder. Forged: only with its key.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use averment_ledger::{CosignerKey, CosigningKey, NoteError, Refusal, VerifierKey, Witness};
use sha2::{Digest as _, Sha256};

/// Folder of what was signed, in the data folder.
pub(crate) const SIGNED: &str = "signed";

/// Why a witness cannot run, or cannot sign now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeeperError {
    /// The file system failed.
    #[error("cannot use `{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another witness runs on this folder.
    #[error("another witness is running on `{}`: stop it, or name another folder", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// Whoever copies the data must not get the key.
    #[error("the key folder `{}` lies in the data folder: name one outside", keys.display())]
    KeysInside {
        /// The key folder.
        keys: PathBuf,
    },
    /// What was signed is there, the key is not.
    #[error("key file `{}` is missing, but checkpoints signed with it are there: put the key back", path.display())]
    NoKey {
        /// The key file.
        path: PathBuf,
    },
    /// The key is there, what was signed with it is not.
    #[error("`{}` is missing, but the key is there: without what it signed a witness could sign a second history. Put the folder back, or begin anew by removing `{}`", path.display(), key.display())]
    NoRecord {
        /// The folder of what was signed.
        path: PathBuf,
        /// The key file.
        key: PathBuf,
    },
    /// Others can read the key.
    #[error("key file `{}` has mode {mode:03o}, expected 600: run `chmod 600` on it and consider who could read it", path.display())]
    Mode {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a key.
    #[error("key file `{}` has {found} bytes, expected 32", path.display())]
    Length {
        /// The key file.
        path: PathBuf,
        /// Its length.
        found: u64,
    },
    /// No witness can have this name.
    #[error("the witness cannot have this name")]
    Name {
        /// Why.
        source: NoteError,
    },
    /// A kept checkpoint is not what was signed.
    #[error("`{}` is not a checkpoint that this witness signed of `{origin}`", path.display())]
    Kept {
        /// Which file.
        path: PathBuf,
        /// The log.
        origin: String,
        /// What is wrong.
        source: NoteError,
    },
}

impl KeeperError {
    pub(crate) fn of(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::File { path, source }
    }
}

/// Why a checkpoint was not signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSigned {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    NotKept(#[from] KeeperError),
}

/// A witness and its folder.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    key: CosigningKey,
    witness: Witness,
    _lock: File,
}

impl Keeper {
    /// Opens what `data` holds, made by [`crate::open_key`], for the logs with the keys `logs`.
    ///
    /// # Errors
    /// [`KeeperError::Locked`], [`KeeperError::Kept`], [`KeeperError::File`].
    pub fn open(data: &Path, key: CosigningKey, logs: Vec<VerifierKey>) -> Result<Self, KeeperError> {
        let folder = data.join(SIGNED);
        let _lock = lock(&folder)?;
        let mut witness = Witness::new(logs);
        let origins: Vec<String> = witness.origins().map(str::to_owned).collect();
        for origin in origins {
            restore(&mut witness, &folder, &origin, key.cosigner())?;
        }
        Ok(Self {
            folder,
            key,
            witness,
            _lock,
        })
    }

    /// The witness's public key.
    pub fn cosigner(&self) -> &CosignerKey {
        self.key.cosigner()
    }

    /// Names of the logs that it looks at, and whether it has signed one of their checkpoints.
    pub fn logs(&self) -> impl Iterator<Item = (&str, bool)> {
        let origins = self.witness.origins();
        origins.map(|origin| (origin, self.witness.latest(origin).is_some()))
    }

    /// Signs the checkpoint in `body`, the body of a request, if it continues what was signed before, and gives the
    /// answer's body when that is on disk. `now`: seconds since 1970 UTC.
    pub(crate) fn add_checkpoint(&mut self, body: &[u8], now: u64) -> Result<String, NotSigned> {
        let signed = self.witness.consider(body)?.sign(&self.key, now);
        let path = self.folder.join(file_name(signed.origin()));
        replace(&path, &signed.note).map_err(KeeperError::of(&path))?;
        self.witness.advance(&signed);
        Ok(signed.answer)
    }

    /// The newest signed checkpoint of the log whose name has this SHA-256, in hexadecimal digits.
    pub(crate) fn latest(&self, hash: &str) -> Option<&str> {
        let origin = self.witness.origins().find(|origin| file_name(origin) == hash)?;
        self.witness.latest(origin)
    }
}

fn restore(witness: &mut Witness, folder: &Path, origin: &str, own: &CosignerKey) -> Result<(), KeeperError> {
    let path = folder.join(file_name(origin));
    let note = match std::fs::read_to_string(&path) {
        Ok(note) => note,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(KeeperError::of(&path)(error)),
    };
    witness.restore(origin, &note, own).map_err(|source| KeeperError::Kept {
        path,
        origin: origin.to_owned(),
        source,
    })
}

/// SHA-256 of the log's name in hexadecimal digits, as in the address that monitors ask at.
fn file_name(origin: &str) -> String {
    Sha256::digest(origin)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Puts `note` in the place of `path`, whole or not at all, and returns when it is on disk.
fn replace(path: &Path, note: &str) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(note.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    // The rename too: after a power failure the older checkpoint would allow a second history.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn lock(folder: &Path) -> Result<File, KeeperError> {
    let file = File::open(folder).map_err(KeeperError::of(folder))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let path = folder.to_owned();
            Err(KeeperError::Locked { path })
        }
        Err(TryLockError::Error(error)) => Err(KeeperError::of(folder)(error)),
    }
}
