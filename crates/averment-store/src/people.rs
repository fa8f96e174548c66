//! The people of the platform: loaded from a file, kept as keyed digests, given to the gate as a frozen [`Snapshot`].
//!
//! Start at [`People::load_file`] and [`People::snapshot`]. One SQLite database, `people.db`.
//!
//! Absent: clear identifiers. On disk are a number, role, year of birth or age band, school, digests under
//! `directory.key`, and each person's own key wrapped under the same. Digests are still personal data: whoever has the
//! key can test guesses.
//!
//! Lost: nobody is recognised until people are loaded again, and entries written before cannot be linked to a person.
//! Forged: people can be left out, so that they are not recognised; a wrapped key cannot be exchanged unseen.

mod ambiguous;
mod changes;
mod columns;
mod database;
mod file;
mod forget;
mod json;
mod known;
mod limited;
mod load;
mod oneroster;
mod packed;
mod parts;
mod picture;
mod put;
mod read;
mod report;
mod row;
mod status;
mod subject;
mod sync;
mod table;

use std::path::PathBuf;

use averment_detect::{Directory, DirectoryKey, PersonNumber};
use jiff::Timestamp;
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::{PersonKey, PersonKeys, Persons, Snapshot};
use file::FileState;
pub(crate) use known::KeySeal;
use picture::Picture;
pub(crate) use read::id_digest;

pub use ambiguous::Ambiguous;
pub use forget::Forgotten;
pub use known::KnownPerson;
pub use load::{Currency, PeopleFormat, Scope, Shrink};
pub use picture::Refreshed;
pub use report::{Fault, LoadError, LoadReport, Unsure, UnsureReason};
pub use status::{PeopleStatus, RoleStatus};
pub(crate) use sync::is_this_machine;
pub use sync::{Extent, Source, SourceError, connect_postgres};

/// Why the directory cannot be used. The gate must then let nothing out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeopleError {
    /// The database failed.
    #[error("cannot use the directory of people")]
    Database(#[from] rusqlite::Error),
    /// The database's file cannot be made.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database was made with another key: nobody would be recognised.
    #[error(
        "the directory of people belongs to another `directory.key`: put that key back, or begin with an empty data folder"
    )]
    OtherKey,
    /// Written by another version of this program.
    #[error(
        "the directory of people has format {found}, expected {expected}: use the averment that wrote it, or load people into an empty data folder"
    )]
    Format {
        /// Format of the file.
        found: i64,
        /// Format of this program.
        expected: i64,
    },
    /// Written by an older version of this program, whose digests are not those that traffic is held against now.
    #[error(
        "the directory of people is of an older averment and would recognise almost nobody: load the people file again with `averment people load`"
    )]
    Outdated,
    /// Another file took its place while it was read.
    #[error("the directory of people was exchanged while it was read")]
    Exchanged,
    /// A row is not what was written.
    #[error("the directory of people is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// The operating system gave no random bytes.
    #[error("cannot get random bytes for a person's key")]
    Random(#[source] getrandom::Error),
}

/// The directory of people.
pub struct People {
    path: PathBuf,
    connection: Connection,
    /// The file that `connection` has open, as it was then; none when that is not known or could not be opened.
    opened: Option<FileState>,
    /// From when on the file, which was opened anew, is to be checked; none when it was.
    check_from: Option<Timestamp>,
    /// From when on it may be checked after a load.
    next_check: Option<Timestamp>,
    /// What loads from here on declare.
    ambiguous: Option<Ambiguous>,
    /// Everybody, as last read for the gate.
    picture: Option<Picture>,
    directory_key: DirectoryKeyBytes,
    id_key: Zeroizing<[u8; 32]>,
    wrapping_key: Zeroizing<[u8; 32]>,
}

/// A [`DirectoryKey`] goes into every snapshot and cannot be copied, so its bytes are kept.
type DirectoryKeyBytes = Zeroizing<[u8; 32]>;

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("People(<directory>)")
    }
}

impl People {
    /// Opens the directory in `folder`; an empty one is made where there is none. No lock is needed: a gate may be running.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn open(folder: &DataFolder, keys: &Keys) -> Result<Self, PeopleError> {
        let path = folder.people();
        file::make(&path)?;
        let opened = file::state(&path)?;
        let connection = database::open(&path, keys.id_key())?;
        Ok(Self {
            path,
            connection,
            opened: Some(opened),
            check_from: None,
            next_check: None,
            ambiguous: None,
            picture: None,
            directory_key: Zeroizing::new(*keys.directory_bytes()),
            id_key: Zeroizing::new(*keys.id_key()),
            wrapping_key: Zeroizing::new(*keys.person_wrapping_key()),
        })
    }

    /// Declares what settles values that several people have, with the next load; none for what was declared before.
    pub fn declare_ambiguous(&mut self, rule: Option<Ambiguous>) {
        self.ambiguous = rule;
    }

    /// A directory with nobody in it, for when the real one cannot be read: the gate then lets nothing out.
    pub fn nobody(&self) -> Snapshot {
        Snapshot {
            directory: Directory::new(DirectoryKey::new(*self.directory_key), Vec::new(), []),
            person_keys: PersonKeys::default(),
            persons: Persons::default(),
            loaded_at: None,
            version: 0,
        }
    }

    /// Grows with every load; 0 before the first.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn version(&self) -> Result<u64, PeopleError> {
        database::version(&self.connection)
    }

    /// Whether the file at the path is another one than was opened, or was written to since; it is then opened anew.
    /// Without this an unlinked file would be read for ever, and one that was overwritten from memory: SQLite asks its
    /// write-ahead log for changes, not the file.
    ///
    /// # Errors
    /// [`PeopleError`] when there is no file or it does not pass the check; the next call tries again, and nothing can be
    /// read until one succeeds.
    pub fn reopen_if_changed(&mut self) -> Result<bool, PeopleError> {
        if !self.reopen_unchecked()? {
            return Ok(false);
        }
        let checked = database::check(&self.connection);
        if checked.is_err() {
            self.opened = None;
        }
        checked.map(|()| true)
    }

    fn reopen_unchecked(&mut self) -> Result<bool, PeopleError> {
        let found = file::state(&self.path);
        if found.as_ref().is_ok_and(|found| self.opened.as_ref() == Some(found)) {
            return Ok(false);
        }
        // Closed before it is opened again: two connections of one process to two files of one name would give up each
        // other's locks on the side files. Closing may bring the file up to date, so its state is taken after.
        self.opened = None;
        self.connection = Connection::open_in_memory()?;
        let opened = file::state(&self.path)?;
        self.connection = database::open(&self.path, &self.id_key)?;
        self.opened = Some(opened);
        Ok(true)
    }

    /// The number of the person with the platform's `id`, also of somebody who is no longer in the file.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn find(&self, id: &str) -> Result<Option<PersonNumber>, PeopleError> {
        database::find(&self.connection, &id_digest(&self.id_key, id))
    }

    /// A person's key, to find the entries about them; none when it was destroyed.
    pub(crate) fn person_key(&self, person: PersonNumber) -> Result<Option<PersonKey>, PeopleError> {
        database::person_key(&self.connection, &self.wrapping_key, person)
    }
}
