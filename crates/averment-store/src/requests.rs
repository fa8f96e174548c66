//! Requests of data subjects and schools: what was asked, by whom, with which right, what became of it, and what is held.
//!
//! Start at [`Requests::ask`] and [`Requests::step`]; whoever destroys asks [`Holds`] first, and [`Requests::executable`]
//! before doing what was asked. One SQLite database, `requests.db`, written by the command line while a gate runs; steps
//! are added and never changed.
//!
//! Absent: clear identifiers. People are named by the keyed digest of the platform's identifier, as in consents.
//!
//! Lost: every open request and every hold. `requests.mark` in the key folder says how many steps there were, so that a file
//! that is gone or older is an error and not a file without holds. Forged: steps can be added by whoever can write the data
//! folder; the ledger tells of each.

mod database;
mod error;
mod hold;
mod mark;
mod request;
mod step;

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use averment_ledger::RequestKind;
use jiff::Timestamp;
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::consents::About;
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::people::{People, id_digest};
use crate::persons::PersonId;

use mark::Mark;

pub use error::RequestError;
pub use hold::{Ground, Hold, Holds, UnderHold};
pub use request::{Channel, Clocks, Concerned, NewRequest, Request, Requester, State, Step};
pub use step::{Event, Progress, Right};

/// Hex digits of a request's identifier.
const ID_DIGITS: usize = 10;

/// The requests of one data folder. Cheap to clone; clones share the connection.
#[derive(Clone)]
pub struct Requests {
    path: PathBuf,
    mark: Mark,
    id_key: Arc<Zeroizing<[u8; 32]>>,
    /// Device and number of the file that is open.
    file: (u64, u64),
    connection: Arc<Mutex<Connection>>,
    restricted: Arc<Mutex<Restricted>>,
}

/// Whose data may only be stored, as of a write of others; none when it must be read.
#[derive(Default)]
struct Restricted {
    data_version: Option<i64>,
    under: Arc<UnderHold>,
}

impl std::fmt::Debug for Requests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Requests(<database>)")
    }
}

impl Requests {
    /// Opens the requests in `folder`; an empty file is made where there never was one. No lock is needed: a gate may be
    /// running.
    ///
    /// # Errors
    /// [`RequestError`], among others because the file is gone or older than it was.
    pub fn open(folder: &DataFolder, keys: &Keys) -> Result<Self, RequestError> {
        let path = folder.requests();
        let mut options = OpenOptions::new();
        let made = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
        made.map_err(|source| RequestError::file(&path, source))?;
        let requests = Self {
            file: file_at(&path)?,
            mark: Mark::of(keys),
            id_key: Arc::new(Zeroizing::new(*keys.id_key())),
            connection: Arc::new(Mutex::new(database::open(&path, keys.id_key())?)),
            restricted: Arc::default(),
            path,
        };
        drop(requests.connection()?);
        Ok(requests)
    }

    /// Enters a request, or a legal hold, and gives it. `people`: whoever it is about must have been loaded once.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn ask(&self, people: &People, new: &NewRequest<'_>, at: Timestamp) -> Result<Request, RequestError> {
        let about = concerned(people, new, at)?;
        let mut connection = self.connection()?;
        let transaction = database::begin(&mut connection)?;
        let mut request = Request {
            number: 0,
            id: free_id(&transaction)?,
            kind: new.kind,
            about,
            by: new.by,
            acting_school: new.acting_school.map(averment_policy::normal_name),
            channel: new.channel,
            received_on: new.received_on,
            steps: Vec::new(),
        };
        database::add(&transaction, &mut request)?;
        if let Concerned::School(school) = &request.about {
            let others = new.school_names.iter().map(|name| averment_policy::normal_name(name));
            for name in others.chain([school.clone()]) {
                database::add_school_name(&transaction, request.number, &name)?;
            }
        }
        let received = Event::Received {
            how: new.how.map(|how| how.as_str().to_owned()),
        };
        database::take(&transaction, &mut request, a_step(received, new.clocks, at)?)?;
        transaction.commit()?;
        self.keep_mark(&mut connection)?;
        Ok(request)
    }

    /// Takes a request a step further and gives it.
    ///
    /// # Errors
    /// [`RequestError::Step`] when that cannot happen now, [`RequestError::Unverified`] when something would be done for
    /// somebody who was not checked, [`RequestError::Held`] when a deletion is done of somebody under hold; others of
    /// [`RequestError`]. Nothing is then entered.
    pub fn step(&self, id: &str, event: &Event, clocks: &Clocks, at: Timestamp) -> Result<Request, RequestError> {
        let mut connection = self.connection()?;
        let transaction = database::begin(&mut connection)?;
        let mut request = database::find(&transaction, id)?.ok_or_else(|| unknown(id))?;
        let progress = Progress::of(&request);
        if progress.after(request.kind, event).is_none() {
            return Err(not_now(&request, &progress, event));
        }
        if matches!(event, Event::Done { .. }) {
            not_held(&transaction, &request, &[])?;
        }
        database::take(&transaction, &mut request, a_step(event.clone(), clocks, at)?)?;
        transaction.commit()?;
        self.keep_mark(&mut connection)?;
        Ok(request)
    }

    /// The request with this identifier, when what it asks for may be done now: somebody checked identity and right, it is
    /// open, not on hold, and destroys nothing under hold. `schools`: as in [`Holds::of`].
    ///
    /// # Errors
    /// [`RequestError`]; nothing may then be done.
    pub fn executable(&self, id: &str, schools: &[&str]) -> Result<Request, RequestError> {
        let connection = self.connection()?;
        let request = database::find(&connection, id)?.ok_or_else(|| unknown(id))?;
        let progress = Progress::of(&request);
        let done = Event::Done { how: String::new() };
        if progress.after(request.kind, &done).is_none() {
            return Err(not_now(&request, &progress, &done));
        }
        not_held(&connection, &request, schools)?;
        Ok(request)
    }

    /// The request with this identifier.
    ///
    /// # Errors
    /// [`RequestError::Unknown`] and others of [`RequestError`].
    pub fn get(&self, id: &str) -> Result<Request, RequestError> {
        database::find(&*self.connection()?, id)?.ok_or_else(|| unknown(id))
    }

    /// Every request about one person or school, in their order.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn about(&self, about: &Concerned) -> Result<Vec<Request>, RequestError> {
        database::about_whom(&*self.connection()?, about)
    }

    /// Every request, in their order.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn all(&self) -> Result<Vec<Request>, RequestError> {
        database::all(&*self.connection()?)
    }

    /// The steps that the ledger was not told of yet, in order, each with its request.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn unrecorded(&self) -> Result<Vec<(Request, Step)>, RequestError> {
        let connection = self.connection()?;
        let mut untold = Vec::new();
        for (request, number) in database::steps_after(&connection, database::recorded(&connection)?)? {
            let request = database::numbered(&connection, request)?.ok_or(RequestError::Damaged { what: "a step" })?;
            let step = request.steps.iter().find(|step| step.number == number).cloned();
            untold.push((request, step.ok_or(RequestError::Damaged { what: "a step" })?));
        }
        Ok(untold)
    }

    /// Says that the ledger was told up to the step with this number.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn set_recorded(&self, number: u64) -> Result<(), RequestError> {
        database::set_recorded(&*self.connection()?, number)
    }

    /// How a person with this identifier at the platform is named in the directory and here.
    pub fn person_id(&self, id: &str) -> PersonId {
        PersonId(id_digest(&self.id_key, id))
    }

    /// Everybody whose data may only be stored, GDPR Art. 18(2), as of everything that was committed before this was called.
    /// Cheap while nothing is entered: for every decision.
    ///
    /// # Errors
    /// [`RequestError`]: nobody's data may be used then.
    pub(crate) fn restricted_now(&self) -> Result<Arc<UnderHold>, RequestError> {
        let connection = self.opened()?;
        let version = database::data_version(&connection)?;
        let mut cached = self.restricted.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.data_version != Some(version) {
            self.knows_enough(&connection)?;
            cached.under = Arc::new(database::under_hold(&connection, true)?);
            cached.data_version = Some(version);
        }
        Ok(Arc::clone(&cached.under))
    }

    /// The connection, once it is certain that the file is the one that was opened.
    fn opened(&self) -> Result<MutexGuard<'_, Connection>, RequestError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if file_at(&self.path)? == self.file {
            return Ok(connection);
        }
        let source = std::io::Error::new(ErrorKind::NotFound, "another file is in its place");
        Err(RequestError::file(&self.path, source))
    }

    /// Whether the file knows what it knew.
    fn knows_enough(&self, connection: &Connection) -> Result<(), RequestError> {
        let (found, expected) = (database::last_step(connection)?, self.mark.read()?);
        if found < expected {
            let mark = self.mark.path().to_owned();
            return Err(RequestError::PutBack { found, expected, mark });
        }
        Ok(())
    }

    /// The connection, once it is certain that the file is the one that was opened and knows what it knew.
    fn connection(&self) -> Result<MutexGuard<'_, Connection>, RequestError> {
        let connection = self.opened()?;
        self.knows_enough(&connection)?;
        Ok(connection)
    }

    /// Keeps how many steps there are. Nobody else writes in the meantime, so that the mark never falls behind a later one.
    fn keep_mark(&self, connection: &mut Connection) -> Result<(), RequestError> {
        let transaction = database::begin(connection)?;
        let last = database::last_step(&transaction)?;
        self.mark.keep(last)
    }
}

/// Whom a new request is about: what is asked for has to fit.
fn concerned(people: &People, new: &NewRequest<'_>, at: Timestamp) -> Result<Concerned, RequestError> {
    let of_a_school = new.kind.is_of_a_school();
    match new.about {
        About::Person(id) if !of_a_school => {
            let known = people.know(id, at)?.ok_or(RequestError::UnknownPerson)?;
            if known.is_forgotten {
                return Err(RequestError::Forgotten);
            }
            Ok(Concerned::Person(known.id))
        }
        About::School(name) if of_a_school || new.kind == RequestKind::LegalHold => Ok(Concerned::school(name)),
        _ => Err(RequestError::About {
            kind: new.kind,
            of_a_school,
        }),
    }
}

fn free_id(transaction: &rusqlite::Transaction<'_>) -> Result<String, RequestError> {
    loop {
        let mut id = crate::journal::random_id().map_err(|_| RequestError::Random)?;
        id.truncate(ID_DIGITS);
        if !database::has(transaction, &id)? {
            return Ok(id);
        }
    }
}

fn a_step(event: Event, clocks: &Clocks, at: Timestamp) -> Result<Step, RequestError> {
    Ok(Step {
        number: 0,
        id: crate::journal::random_id().map_err(|_| RequestError::Random)?,
        event,
        clocks: clocks.clone(),
        at,
    })
}

/// Whatever destroys is not done to what is held.
fn not_held(connection: &Connection, request: &Request, schools: &[&str]) -> Result<(), RequestError> {
    if !request.kind.destroys() {
        return Ok(());
    }
    let mut asked = std::collections::BTreeSet::from([request.about.clone()]);
    asked.extend(request.acting_school.iter().map(|name| Concerned::school(name)));
    asked.extend(schools.iter().map(|name| Concerned::school(name)));
    let mut holds = std::collections::BTreeSet::new();
    for about in &asked {
        let on = database::holds_on(connection, about)?;
        holds.extend(
            on.iter()
                .map(|(_, hold)| format!("{} ({})", hold.ground.as_str(), hold.request)),
        );
    }
    if holds.is_empty() {
        return Ok(());
    }
    Err(RequestError::Held {
        id: request.id.clone(),
        holds: holds.into_iter().collect(),
    })
}

fn not_now(request: &Request, progress: &Progress, event: &Event) -> RequestError {
    let id = request.id.clone();
    let state = progress.state();
    let undone = matches!(event, Event::Done { .. }) && state.is_open() && state != State::OnHold;
    if undone && progress.right().is_none() {
        return RequestError::Unverified { id };
    }
    let event = event.as_str();
    RequestError::Step { id, state, event }
}

fn unknown(id: &str) -> RequestError {
    RequestError::Unknown { id: id.to_owned() }
}

/// Device and number of the file at `path`.
fn file_at(path: &Path) -> Result<(u64, u64), RequestError> {
    let metadata = std::fs::metadata(path).map_err(|source| RequestError::file(path, source))?;
    Ok((metadata.dev(), metadata.ino()))
}
