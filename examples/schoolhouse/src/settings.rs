//! What the platform is started with, and the parts that everything shares.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::guesses::Guesses;
use crate::loaded::Loaded;
use crate::mistakes::Mistakes;
use crate::store::{Place, Store};
use crate::vendors::Vendors;

/// The platform: its rows, its folder, its vendors.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) folder: Folder,
    pub(crate) mistakes: Mistakes,
    pub(crate) vendors: Vendors,
    /// What pages load from others.
    pub(crate) loaded: Loaded,
    /// Where browsers reach it, without a slash at the end.
    pub(crate) url: String,
    /// The issuer of the OIDC server, where there is one.
    pub(crate) issuer: Option<String>,
    /// What digests of e-mail addresses are keyed with.
    pub(crate) lookup_key: Vec<u8>,
    /// Wrong passwords of the last minutes.
    pub(crate) guesses: Guesses,
    /// The time that it pretends it is.
    pub(crate) pretended: Option<Timestamp>,
}

impl App {
    /// The time, to the second: what SQLite keeps.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.pretended.unwrap_or_else(clock);
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}

/// The clock of the machine.
#[expect(
    clippy::disallowed_methods,
    reason = "the platform reads the clock here and nowhere else"
)]
pub(crate) fn clock() -> Timestamp {
    Timestamp::now()
}

/// The folder of everything that is not in a PostgreSQL database.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder with its parts; made where they are not there.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        for part in ["uploads", "exports", "outbox", "backups"] {
            std::fs::create_dir_all(path.join(part))?;
        }
        Ok(Self(path.to_owned()))
    }

    /// The database where none of PostgreSQL is named.
    pub(crate) fn sqlite(&self) -> Place {
        Place::Sqlite(self.0.join("schoolhouse.sqlite"))
    }

    /// Uploaded files: `uploads/{user}/…`.
    pub(crate) fn uploads(&self, user: i64) -> PathBuf {
        self.0.join("uploads").join(user.to_string())
    }

    /// Copies that people asked for: `exports/{user}/…`.
    pub(crate) fn exports(&self, user: i64) -> PathBuf {
        self.0.join("exports").join(user.to_string())
    }

    /// A folder in it that has parts for people.
    pub(crate) fn part(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Mail that waits to be sent: `outbox/{user}/…`.
    pub(crate) fn outbox(&self, user: i64) -> PathBuf {
        self.0.join("outbox").join(user.to_string())
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.0.join("backups")
    }

    /// The numbers of deleted people: outside of the database, so that no restored backup brings them back.
    pub(crate) fn deletions(&self) -> PathBuf {
        self.0.join("deletions.txt")
    }

    /// What digests of e-mail addresses are keyed with: made once.
    pub(crate) fn lookup_key(&self) -> std::io::Result<Vec<u8>> {
        let file = self.0.join("lookup.key");
        if !file.exists() {
            std::fs::write(&file, crate::secrets::random())?;
        }
        std::fs::read(file)
    }
}
