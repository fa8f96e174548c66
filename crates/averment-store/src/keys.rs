//! The three secrets of an installation, each in its own file outside the data folder.
//!
//! | file | 32 bytes for | lost: | forged with it: |
//! |---|---|---|---|
//! | `directory.key` | digests of identifiers, wrapping of person keys | nobody is recognised, no entry can be linked to a person | guesses of who is in the directory can be confirmed |
//! | `ledger.key` | signing checkpoints, request digests | the ledger cannot be continued; it can still be verified | another history can be signed |
//! | `replacement.key` | hashes and pseudonyms that replace values | pseudonyms change | pseudonyms can be tested by guessing |
//!
//! Beside them lies `ledger.mark`: a checkpoint that the ledger had reached at least. It is no secret; it is here because
//! whoever can cut the ledger back can put back every file beside the ledger too. Lost: the ledger can be cut back
//! unseen until the gate is opened again. Forged: only with `ledger.key`.
//!
//! Invariant: a key is made only when nothing yet depends on it. Only `ledger.key` is ever replaced, by one that a new log
//! begins with; the old one stays beside it.

mod erasure;
mod ledger;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use averment_detect::DirectoryKey;
use averment_ledger::{Checkpoint, Head, VerifierKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::folder::make_private_dir;
pub use erasure::{ListMark, TombstoneDigests};
pub(crate) use ledger::LedgerKey;
use ledger::{CURRENT, LedgerKeys};

/// Bytes of a key file.
const KEY_BYTES: usize = 32;
/// Name of the high-water mark.
const MARK: &str = "ledger.mark";
const FILES: [&str; 3] = ["directory.key", CURRENT, "replacement.key"];

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file system failed.
    #[error("cannot use the key file `{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others can read the key.
    #[error("key file `{}` has mode {mode:03o}, expected 600: run `chmod 600` on it and consider who could read it", path.display())]
    Mode {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a key.
    #[error("key file `{}` has {found} bytes, expected {KEY_BYTES}", path.display())]
    Length {
        /// Which file.
        path: PathBuf,
        /// Its length.
        found: u64,
    },
    /// The high-water mark is not what was written.
    #[error("`{}` is not a checkpoint signed with a key of the ledger in this folder: put the file back that belongs to it", path.display())]
    Mark {
        /// The mark.
        path: PathBuf,
    },
    /// The mark of the list of who was erased is not what was written.
    #[error("`{}` does not say how long the list of who was erased was: put the file back that belongs to it", path.display())]
    ListMark {
        /// The mark.
        path: PathBuf,
    },
    /// There is data that depends on a key that is not there. A new key would make the data useless, so none is made.
    #[error("key file `{}` is missing, but `{}` holds data that needs it: put the key back", path.display(), data.display())]
    Missing {
        /// Which file.
        path: PathBuf,
        /// The data folder.
        data: PathBuf,
    },
    /// The operating system gave no random bytes.
    #[error("cannot get random bytes for a key")]
    Random(#[source] getrandom::Error),
}

/// The secrets, in memory. Wiped when dropped.
pub struct Keys {
    directory: [u8; KEY_BYTES],
    replacement: [u8; KEY_BYTES],
    person: [u8; KEY_BYTES],
    id: [u8; KEY_BYTES],
    ledger: LedgerKeys,
    mark: PathBuf,
}

impl Keys {
    /// Reads the key files in `dir`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(dir: &Path) -> Result<Self, KeyError> {
        let [directory, ledger, replacement] = FILES.map(|name| read_key(&dir.join(name)));
        let (directory, _, replacement) = (directory?, ledger?, replacement?);
        Ok(Self {
            directory: derive(&directory, "averment.directory-digest/1"),
            person: derive(&directory, "averment.person-key/1"),
            id: derive(&directory, "averment.person-id/1"),
            replacement: *replacement,
            ledger: LedgerKeys::read(dir)?,
            mark: dir.join(MARK),
        })
    }

    /// Reads the key files in `dir` and makes those that are missing, unless `data` already holds something.
    pub(crate) fn read_or_make(dir: &Path, data: &Path, data_has_content: bool) -> Result<Self, KeyError> {
        for path in FILES.map(|name| dir.join(name)) {
            match path.try_exists() {
                Ok(true) => {}
                Ok(false) if data_has_content => {
                    return Err(KeyError::Missing {
                        path,
                        data: data.to_owned(),
                    });
                }
                Ok(false) => make_key(dir, &path)?,
                Err(source) => return Err(KeyError::File { path, source }),
            }
        }
        Self::read(dir)
    }

    /// The key of the directory's digests.
    pub fn directory_key(&self) -> DirectoryKey {
        DirectoryKey::new(self.directory)
    }

    pub(crate) fn directory_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.directory
    }

    /// The key of hashes and pseudonyms that replace values.
    pub fn replacement_key(&self) -> &[u8; KEY_BYTES] {
        &self.replacement
    }

    /// The public key of the ledger, under the name that a first log has; a log that follows another carries its number in
    /// the name besides. Of a ledger whose key was changed, that of the newest logs.
    pub fn verifier(&self) -> &VerifierKey {
        self.ledger.current().verifier()
    }

    /// The checkpoint that the ledger must at least reach; none where no gate has kept one yet.
    ///
    /// # Errors
    /// [`KeyError::File`] and [`KeyError::Mark`].
    pub fn mark(&self) -> Result<Option<Checkpoint>, KeyError> {
        let path = || self.mark.clone();
        match std::fs::read(&self.mark) {
            Ok(content) => match self.open_mark(&content) {
                Some(mark) => Ok(Some(mark)),
                None => Err(KeyError::Mark { path: path() }),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeyError::File { path: path(), source }),
        }
    }

    /// What stands in the mark: a signed note, to be checked by whoever goes by it.
    pub(crate) fn mark_note(&self) -> Option<Vec<u8>> {
        std::fs::read(&self.mark).ok()
    }

    fn open_mark(&self, content: &[u8]) -> Option<Checkpoint> {
        let origin = std::str::from_utf8(content).ok()?.lines().next()?;
        let (key, number) = self.ledger.of_origin(origin)?;
        let head = Head::open(content, key.of_log(number).verifier()).ok()?;
        Some(head.checkpoint().clone())
    }

    /// Where the mark lies.
    pub(crate) fn mark_path(&self) -> &Path {
        &self.mark
    }

    /// Makes the key that the next log begins with, unless there is one already: a gate that is started from then on
    /// knows it. The key in use is kept as long as somebody may ask which request an old entry is about.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn make_next_ledger_key(&self) -> Result<(), KeyError> {
        self.ledger.make_next()
    }

    /// The key that signs the log of `verifier`, if it is one of ours.
    pub(crate) fn of_log(&self, verifier: &VerifierKey) -> Option<(&LedgerKey, u32)> {
        let (key, number) = self.ledger.of_origin(verifier.name())?;
        (key.of_log(number).verifier() == verifier).then_some((key, number))
    }

    /// The key that the next log begins with.
    pub(crate) fn for_next_log(&self) -> &LedgerKey {
        self.ledger.for_next()
    }

    /// Brings the names of key files up to date once a log with a new key has begun. `newest`: the key of the newest log;
    /// `until`: the number of the log before it.
    pub(crate) fn settle_ledger_key(&self, newest: &VerifierKey, until: u32) -> Result<(), KeyError> {
        self.ledger.settle(newest, until)
    }

    /// The keys of digests of requests, newest first.
    pub(crate) fn request_keys(&self) -> impl Iterator<Item = &[u8; KEY_BYTES]> {
        self.ledger.all().map(LedgerKey::request)
    }

    /// The key that person keys are wrapped with.
    pub(crate) fn person_wrapping_key(&self) -> &[u8; KEY_BYTES] {
        &self.person
    }

    /// The key that digests of the platform's person ids are made with.
    pub(crate) fn id_key(&self) -> &[u8; KEY_BYTES] {
        &self.id
    }

    /// The key of digests of requests in the newest log.
    pub(crate) fn request_key(&self) -> &[u8; KEY_BYTES] {
        self.ledger.current().request()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        for key in [
            &mut self.directory,
            &mut self.replacement,
            &mut self.person,
            &mut self.id,
        ] {
            key.zeroize();
        }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.verifier().name())
    }
}

/// HMAC-SHA-256 of `parts`, each with its length before it, under `key`.
pub(crate) fn keyed_digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    digest_with(keyed(key), parts)
}

/// A key that has been taken in.
type Keyed = Hmac<Sha256>;

fn keyed(key: &[u8]) -> Keyed {
    Keyed::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn digest_with(mut mac: Keyed, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Keys for different uses are never equal and never lead back to each other.
fn derive(key: &[u8; KEY_BYTES], purpose: &str) -> [u8; KEY_BYTES] {
    keyed_digest(key, &[purpose.as_bytes()])
}

fn read_key(path: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyError> {
    let file_error = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(file_error)?;
    let metadata = file.metadata().map_err(file_error)?;
    if metadata.mode() & 0o077 != 0 {
        return Err(KeyError::Mode {
            path: path.to_owned(),
            mode: metadata.mode() & 0o777,
        });
    }
    if metadata.len() != KEY_BYTES as u64 {
        return Err(KeyError::Length {
            path: path.to_owned(),
            found: metadata.len(),
        });
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    file.read_exact(&mut *key).map_err(file_error)?;
    Ok(key)
}

/// Makes a key so that it is there whole or not at all; when another program was first, that program's key stays.
fn make_key(dir: &Path, path: &Path) -> Result<(), KeyError> {
    let file_error = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    make_private_dir(dir).map_err(file_error)?;
    let mut random = Zeroizing::new([0; KEY_BYTES + 8]);
    getrandom::fill(&mut *random).map_err(KeyError::Random)?;
    let (key, suffix) = random.split_at(KEY_BYTES);
    let suffix: String = suffix.iter().map(|byte| format!("{byte:02x}")).collect();
    let new = path.with_extension(format!("new-{suffix}"));
    let written = write_key(&new, key).and_then(|()| match std::fs::hard_link(&new, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = std::fs::remove_file(&new);
    written
        .and(removed)
        .and_then(|()| File::open(dir)?.sync_all())
        .map_err(file_error)
}

fn write_key(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key)?;
    file.sync_all()
}
