//! Consents, opt-outs and objections: an append-only history, and what is in force at this moment.
//!
//! Start at [`Consents::now`], which every decision asks, and [`Consents::change`]. One SQLite database, `consents.db`,
//! written by the command line while a gate runs; a commit there is seen by the next question here.
//!
//! Absent: clear identifiers. People are named by a keyed digest of the platform's identifier, so that a directory that is
//! loaded anew, or made anew with the same key, keeps their consents. Restrictions in effect come from the requests.
//!
//! Lost: nobody has consented, and every opt-out is forgotten; the gate therefore lets nothing out when a file that it had
//! open is gone. Forged: consents can be added by whoever can write the data folder; the ledger tells of each.

mod change;
mod database;
mod error;
mod standing;

use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use averment_catalog::SubjectId;
use jiff::Timestamp;
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::people::{People, id_digest};
use crate::persons::PersonId;
use crate::requests::Requests;

pub use change::{About, Change, ConsentKind, ConsentState, GivenBy, NewChange, Proof};
pub use error::ConsentError;
pub use standing::{Said, Standing};

/// How long whoever enters something waits for others. A decision does not wait so long ([`database::open`]).
const ENTERING_WAITS: Duration = Duration::from_secs(5);

/// Whom a change is about, as kept.
enum WhoseChange {
    Person(PersonId),
    School(String),
}

/// The consents of one data folder. Cheap to clone; clones share the connection.
#[derive(Clone)]
pub struct Consents {
    path: PathBuf,
    id_key: Arc<Zeroizing<[u8; 32]>>,
    held: Arc<Mutex<Held>>,
    requests: Requests,
}

/// The open database and what was read of it.
struct Held {
    connection: Connection,
    /// Device and number of the file that is open.
    file: (u64, u64),
    /// As of which write of others `standing` is; none when it must be read.
    data_version: Option<i64>,
    last: u64,
    standing: Arc<Standing>,
}

impl std::fmt::Debug for Consents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Consents(<database>)")
    }
}

impl Consents {
    /// Opens the consents in `folder`; an empty file is made where there is none. No lock is needed: a gate may be running.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub fn open(folder: &DataFolder, keys: &Keys) -> Result<Self, ConsentError> {
        let path = folder.consents();
        let mut options = OpenOptions::new();
        let made = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
        made.map_err(|source| ConsentError::file(&path, source))?;
        let held = Held::open(&path, keys.id_key())?;
        Ok(Self {
            path,
            id_key: Arc::new(Zeroizing::new(*keys.id_key())),
            held: Arc::new(Mutex::new(held)),
            requests: Requests::open(folder, keys)?,
        })
    }

    /// What is in force now: everything that was committed before this was called, and whose data may only be stored.
    ///
    /// # Errors
    /// [`ConsentError`] when that cannot be known, among others because the file is gone. The next call tries again.
    pub fn now(&self) -> Result<Arc<Standing>, ConsentError> {
        let mut held = self.held();
        held.catch_up(&self.path, &self.id_key)?;
        let restricted = self.requests.restricted_now()?;
        if !Arc::ptr_eq(&restricted, held.standing.restricted()) {
            Arc::make_mut(&mut held.standing).restrict(restricted);
        }
        Ok(Arc::clone(&held.standing))
    }

    /// Enters a change and gives it with its version. `people`: whoever it is about must have been loaded once.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub fn change(&self, people: &People, new: &NewChange<'_>, at: Timestamp) -> Result<Change, ConsentError> {
        let (person, school) = match new.about {
            About::Person(id) => {
                let person = self.may_say(people, id, new, at)?;
                (Some(person), None)
            }
            About::School(_) if *new.kind == ConsentKind::DirectoryInformation => {
                return Err(ConsentError::NotForSchools { kind: new.kind.clone() });
            }
            About::School(_) if new.by != GivenBy::School => {
                return Err(ConsentError::NotBySchool { by: new.by.as_str() });
            }
            About::School(name) => (None, Some(averment_policy::normal_name(name))),
        };
        let change = Change {
            number: 0,
            person,
            school,
            kind: new.kind.clone(),
            version: 0,
            state: new.state,
            by: new.by,
            how: new.how.as_str().to_owned(),
            at,
        };
        let mut held = self.held();
        held.connection.busy_timeout(ENTERING_WAITS)?;
        let added = database::add(&mut held.connection, change)?;
        // What this connection writes itself does not change its data version.
        held.data_version = None;
        Ok(added)
    }

    /// Every change about one person or school, in their order.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub fn history(&self, about: About<'_>) -> Result<Vec<Change>, ConsentError> {
        let whose = match about {
            About::Person(id) => WhoseChange::Person(self.person_id(id)),
            About::School(name) => WhoseChange::School(averment_policy::normal_name(name)),
        };
        database::about(&self.held().connection, &whose)
    }

    /// Every change, in their order.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub fn changes(&self) -> Result<Vec<Change>, ConsentError> {
        database::after(&self.held().connection, 0)
    }

    /// The changes that the ledger was not told of yet.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub fn unrecorded(&self) -> Result<Vec<Change>, ConsentError> {
        let held = self.held();
        database::after(&held.connection, database::recorded(&held.connection)?)
    }

    /// Says that the ledger was told up to the change with this number.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub fn set_recorded(&self, number: u64) -> Result<(), ConsentError> {
        database::set_recorded(&self.held().connection, number)
    }

    /// How a person with this identifier at the platform is named in the directory and here.
    pub fn person_id(&self, id: &str) -> PersonId {
        PersonId(id_digest(&self.id_key, id))
    }

    /// Who this is about, once it is known that whoever speaks can say this of them.
    fn may_say(&self, people: &People, id: &str, new: &NewChange<'_>, at: Timestamp) -> Result<PersonId, ConsentError> {
        let known = people.know(id, at)?.ok_or(ConsentError::UnknownPerson)?;
        if known.is_forgotten {
            return Err(ConsentError::Forgotten);
        }
        let because = not_theirs(new, known.subject.as_ref());
        let by_school = new.by == GivenBy::School && new.state == ConsentState::Given;
        let because = because.or((by_school && self.was_refused(known.id, new.kind)?).then_some(refused(new.kind)));
        match because {
            Some(because) => Err(ConsentError::NotTheirs { because }),
            None => Ok(known.id),
        }
    }

    /// Whether the person, or a parent for them, said no last.
    fn was_refused(&self, person: PersonId, kind: &ConsentKind) -> Result<bool, ConsentError> {
        let history = database::about(&self.held().connection, &WhoseChange::Person(person))?;
        let own = history
            .iter()
            .rfind(|change| change.kind == *kind && change.by != GivenBy::School);
        Ok(own.is_some_and(|change| change.state == ConsentState::Withdrawn))
    }

    /// A panic while the lock is held leaves at worst a standing that is read again.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(|poisoned: PoisonError<_>| {
            let mut held = poisoned.into_inner();
            held.data_version = None;
            held
        })
    }
}

impl Held {
    fn open(path: &Path, id_key: &[u8; 32]) -> Result<Self, ConsentError> {
        let file = file_at(path)?;
        Ok(Self {
            connection: database::open(path, id_key)?,
            file,
            data_version: None,
            last: 0,
            standing: Arc::default(),
        })
    }

    /// Reads what was written since. A file that was exchanged is opened anew; one that is gone is an error, because what
    /// it said is not known any more.
    fn catch_up(&mut self, path: &Path, id_key: &[u8; 32]) -> Result<(), ConsentError> {
        if file_at(path)? != self.file {
            let mut other = Self::open(path, id_key)?;
            other.read_new()?;
            if other.last < self.last {
                return Err(ConsentError::PutBack);
            }
            *self = other;
        }
        self.read_new()
    }

    fn read_new(&mut self) -> Result<(), ConsentError> {
        let version = database::data_version(&self.connection)?;
        if self.data_version == Some(version) {
            return Ok(());
        }
        let changes = database::after(&self.connection, self.last)?;
        let standing = Arc::make_mut(&mut self.standing);
        for change in &changes {
            standing.take(change);
            self.last = change.number;
        }
        self.data_version = Some(version);
        Ok(())
    }
}

/// Device and number of the file at `path`.
fn file_at(path: &Path) -> Result<(u64, u64), ConsentError> {
    let metadata = std::fs::metadata(path).map_err(|source| ConsentError::file(path, source))?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Why a school cannot say yes where a parent, or the student, said no.
fn refused(kind: &ConsentKind) -> &'static str {
    match kind {
        ConsentKind::Consent(_) => {
            "a parent or the student has withdrawn this: the school does not give it again in their place"
        }
        ConsentKind::DirectoryInformation | ConsentKind::Recipient(_) => {
            "a parent or the student has said no to this: the school does not take that back in their place"
        }
    }
}

/// Why somebody cannot give what the directory says is not theirs to give. An opt-out is everybody's.
fn not_theirs(new: &NewChange<'_>, subject: Option<&SubjectId>) -> Option<&'static str> {
    if new.state == ConsentState::Withdrawn || !matches!(new.kind, ConsentKind::Consent(_)) {
        return None;
    }
    match (new.by, subject.map(SubjectId::as_str)) {
        (GivenBy::Person, Some("student.under13" | "child.public")) => Some(
            "a child under 13, or a student of unknown age, does not consent for themselves: expected a parent, or the \
             school, 16 CFR 312.5(a)",
        ),
        (GivenBy::Parent | GivenBy::School, Some("student.eligible")) => {
            Some("the rights have passed to the student, 34 CFR 99.5: expected `eligible_student`")
        }
        _ => None,
    }
}
