//! The data folder: where everything that one installation writes lives, and the lock that only one gate can hold.
//!
//! Start at [`DataFolder::open`]. `people.db` (directory), `consents.db`, `requests.db`, `policy-reports.db` and `ledger/`
//! (the record) are in it; keys are not: whoever copies the folder, a backup for instance, has nothing to test guesses with.
//!
//! Lost: the record of what left, and who the people are until they are loaded again. Forged: the directory (people can
//! be left out, so that they are not recognised); the ledger only with `ledger.key`.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use averment_ledger::LedgerFile;

use crate::keys::{KeyError, Keys};

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The file system failed.
    #[error("cannot use the data folder `{}`", path.display())]
    File {
        /// The folder or a file in it.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another gate has the lock.
    #[error("another averment is running on the data folder `{}`: stop it, or name another folder", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to read.
    #[error("no data folder at `{}`: `averment up` makes one", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is there and nothing in it is ours.
    #[error("the folder `{}` holds neither a ledger nor people: expected a data folder, `averment up` makes one", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// What an older version wrote.
    #[error(
        "the ledger in `{}` is one log, as an older averment kept it: expected a chain of logs (`ledger/0001`), so begin \
         with an empty data folder and a new key folder, and keep the old ones with the program that wrote them",
        path.display()
    )]
    OldLayout {
        /// The data folder.
        path: PathBuf,
    },
    /// The keys would be copied with the data.
    #[error("the key folder `{}` lies in the data folder: expected a place outside, so that no backup holds both", keys.display())]
    KeysInside {
        /// The key folder.
        keys: PathBuf,
    },
    /// The keys cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// One data folder.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Holds the lock as long as it is open.
    lock: Option<File>,
}

impl DataFolder {
    /// Makes the folder and the keys where they are missing, takes the lock and keeps it: for the one gate.
    ///
    /// # Errors
    /// [`FolderError::Locked`] when another program has the lock; [`KeyError::Missing`] when data is there without keys.
    pub fn open(data: &Path, keys: &Path) -> Result<(Self, Keys), FolderError> {
        let (mut folder, keys) = Self::open_unlocked(data, keys)?;
        folder.lock = Some(take_lock(data, &folder.lock_file())?);
        Ok((folder, keys))
    }

    /// Makes the folder and the keys where they are missing, without the lock: for loading people while a gate runs.
    ///
    /// # Errors
    /// As [`DataFolder::open`], without [`FolderError::Locked`].
    pub fn open_unlocked(data: &Path, keys: &Path) -> Result<(Self, Keys), FolderError> {
        if std::path::absolute(keys)
            .ok()
            .zip(std::path::absolute(data).ok())
            .is_some_and(|(k, d)| k.starts_with(d))
        {
            return Err(FolderError::KeysInside { keys: keys.to_owned() });
        }
        let folder = Self {
            path: data.to_owned(),
            lock: None,
        };
        let file_error = |source| FolderError::File {
            path: data.to_owned(),
            source,
        };
        folder.refuse_old_layout()?;
        // Keys come first: a folder with content and without keys is then always a fault, never a half-made start.
        let keys = Keys::read_or_make(keys, data, folder.has_content().map_err(file_error)?)?;
        make_private_dir(&folder.ledger()).map_err(file_error)?;
        Ok((folder, keys))
    }

    /// Opens an existing folder for reading: no keys, no lock, nothing made. Whether there is a record in it is for those
    /// to say who read the record.
    ///
    /// # Errors
    /// [`FolderError::Missing`], [`FolderError::Empty`].
    pub fn open_read(data: &Path) -> Result<Self, FolderError> {
        let folder = Self {
            path: data.to_owned(),
            lock: None,
        };
        let path = || data.to_owned();
        folder.refuse_old_layout()?;
        if !data.is_dir() {
            Err(FolderError::Missing { path: path() })
        } else if [folder.ledger(), folder.people(), folder.lock_file()]
            .iter()
            .any(|part| part.exists())
        {
            Ok(folder)
        } else {
            Err(FolderError::Empty { path: path() })
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another handle of the lock, if this value holds it: the lock lasts until both are closed.
    pub(crate) fn share_lock(&self) -> std::io::Result<Option<File>> {
        self.lock.as_ref().map(File::try_clone).transpose()
    }

    /// The folder of the record.
    pub fn ledger(&self) -> PathBuf {
        self.path.join("ledger")
    }

    /// The folder of one log of the record, from 1.
    pub fn log(&self, number: u32) -> PathBuf {
        self.ledger().join(log_name(number))
    }

    /// One file of one log.
    pub fn log_file(&self, number: u32, file: LedgerFile) -> PathBuf {
        self.log(number).join(file.name())
    }

    /// The numbers of the logs that are there, in order. Whatever else lies in the folder of the record is left out.
    ///
    /// # Errors
    /// When the folder cannot be read; that there is none is no error.
    pub fn logs(&self) -> std::io::Result<Vec<u32>> {
        let entries = match std::fs::read_dir(self.ledger()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.parse::<u32>().ok());
            // `1` and `0001` would be the same log twice.
            numbers.extend(number.filter(|number| *number > 0 && name.to_str() == Some(&log_name(*number))));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The same folder, without the lock.
    pub(crate) fn reading(&self) -> Self {
        Self {
            path: self.path.clone(),
            lock: None,
        }
    }

    fn refuse_old_layout(&self) -> Result<(), FolderError> {
        if self.ledger().join(LedgerFile::Log.name()).exists() {
            return Err(FolderError::OldLayout {
                path: self.path.clone(),
            });
        }
        Ok(())
    }

    /// The database of people.
    pub fn people(&self) -> PathBuf {
        self.path.join("people.db")
    }

    /// The database of consents.
    pub fn consents(&self) -> PathBuf {
        self.path.join("consents.db")
    }

    /// The database of requests.
    pub fn requests(&self) -> PathBuf {
        self.path.join("requests.db")
    }

    /// The database of what browsers reported about the content security policy.
    pub fn policy_reports(&self) -> PathBuf {
        self.path.join("policy-reports.db")
    }

    fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// Whether something was written that needs the keys.
    fn has_content(&self) -> std::io::Result<bool> {
        for path in [self.people(), self.consents(), self.requests()] {
            if path.try_exists()? {
                return Ok(true);
            }
        }
        Ok(!self.logs()?.is_empty())
    }
}

/// Four digits, or more where there are more logs.
fn log_name(number: u32) -> String {
    format!("{number:04}")
}

/// Makes `path` and what is above it; what is made only its owner may enter.
pub(crate) fn make_private_dir(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes entries of a folder durable: files made, renamed or removed in it.
pub(crate) fn sync_dir(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

fn take_lock(data: &Path, path: &Path) -> Result<File, FolderError> {
    let file_error = |source| FolderError::File {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(file_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FolderError::Locked { path: data.to_owned() }),
        Err(TryLockError::Error(source)) => Err(file_error(source)),
    }
}
