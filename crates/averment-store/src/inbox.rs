//! The inbox: where a command puts a deed while a gate runs, which alone holds the lock and the journal.
//!
//! Start at [`Inbox::put`] and [`Inbox::take`]. A folder in the data folder with one file for each deed, in the order of their
//! names. A file is there whole or not at all, and only its owner may read it.
//!
//! Killed between recording and removing, a deed is recorded again: readers count entries with the same `id` once. What is
//! not a deed is put aside into `aside/` and stops nobody.
//!
//! Lost: what was put in and not recorded yet, of which nobody was told that it is. Forged: whoever can write to the data
//! folder can have deeds recorded, as they can with the command line.

mod parcel;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use averment_detect::PersonNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::folder::{DataFolder, make_private_dir, sync_dir};
use crate::journal::{Journal, JournalError, random_id};
use crate::people::PeopleError;
use crate::persons::PersonId;
use crate::{People, PersonKey};

pub use parcel::Parcel;

/// More than any deed that fits into an entry takes before its people have references.
const PARCEL_BYTES_MAX: u64 = 1 << 18;
/// How long a receipt that nobody came for, or a file that nobody finished, is kept.
const KEPT: Duration = Duration::from_secs(3600);

/// Why the inbox cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// The file system failed.
    #[error("cannot use the inbox `{}`", path.display())]
    File {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The entry could not be made durable.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The directory cannot say who is meant.
    #[error(transparent)]
    People(#[from] PeopleError),
}

/// The inbox of one data folder.
#[derive(Debug, Clone)]
pub struct Inbox {
    path: PathBuf,
}

/// A deed that was put in, and where the answer will be.
#[derive(Debug)]
pub struct Ticket {
    receipt: PathBuf,
}

/// What became of a deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It is on disk in the ledger, as the entry with this number.
    Entry(u64),
    /// It is none, or does not fit into an entry: it lies in `aside/`.
    Aside(String),
}

/// Which charter the entries of deeds carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// The journal's: that by which a running gate decides.
    InForce,
    /// The one that each deed says it is about; the journal's where it says none.
    OfEach,
}

/// What one look into the inbox did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Deeds that were recorded.
    pub recorded: u64,
    /// Files that were put aside, and why.
    pub aside: Vec<(PathBuf, String)>,
}

impl Inbox {
    /// The inbox of `folder`. Nothing is made yet.
    pub fn new(folder: &DataFolder) -> Self {
        Self {
            path: folder.path().join("inbox"),
        }
    }

    /// Puts a deed in and returns when it is on disk.
    ///
    /// # Errors
    /// [`InboxError`]; nothing is then put in, unless the system failed to say that it is on disk.
    pub fn put(&self, parcel: &Parcel, now: Timestamp) -> Result<Ticket, InboxError> {
        let id = random_id()?;
        self.put_file(&parcel.write(), &format!("{:020}-{id}", now.as_microsecond()))
            .map_err(|source| self.error(source))
    }

    fn put_file(&self, bytes: &[u8], name: &str) -> std::io::Result<Ticket> {
        make_private_dir(&self.receipts())?;
        write_whole(&self.path, &format!("{name}.json"), bytes)?;
        Ok(Ticket {
            receipt: self.receipts().join(name),
        })
    }

    /// Records what is in the inbox, in order, and removes it; gives what was done. What cannot be recorded now stays.
    ///
    /// Waits for the disk: never on a thread that serves. `people`: the directory that says who is meant, `now`: for what
    /// nobody came for, `under`: what entries have as their charter.
    ///
    /// # Errors
    /// [`InboxError`] when something could not be recorded that may be later.
    pub fn take(
        &self,
        journal: &Journal,
        people: &mut dyn Naming,
        under: Under,
        now: Timestamp,
    ) -> Result<Taken, InboxError> {
        let mut taken = Taken::default();
        for file in self.waiting().map_err(|source| self.error(source))? {
            match self.take_one(&file, journal, people, under)? {
                Receipt::Entry(_) => taken.recorded += 1,
                Receipt::Aside(because) => taken.aside.push((file, because)),
            }
        }
        if taken != Taken::default() {
            self.tidy(now).map_err(|source| self.error(source))?;
        }
        Ok(taken)
    }

    /// Whether every deed that waits says which charter it is about.
    ///
    /// # Errors
    /// [`InboxError::File`].
    pub fn says_every_charter(&self) -> Result<bool, InboxError> {
        let files = self.waiting().map_err(|source| self.error(source))?;
        for file in files {
            let parcel = read_bounded(&file).map_err(|source| self.error(source))?;
            // What is no parcel is put aside, and no entry.
            if let Ok(parcel) = parcel.and_then(|bytes| Parcel::read(&bytes))
                && parcel.charter().is_none()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn take_one(
        &self,
        file: &Path,
        journal: &Journal,
        people: &mut dyn Naming,
        under: Under,
    ) -> Result<Receipt, InboxError> {
        let error = |source| InboxError::File {
            path: file.to_owned(),
            source,
        };
        let recorded = match read_bounded(file)
            .map_err(error)?
            .and_then(|bytes| Parcel::read(&bytes))
        {
            Ok(parcel) => record(&parcel, journal, people, under)?,
            Err(because) => Err(because),
        };
        // The receipt comes first: whoever waits must not find the file gone and nothing said.
        let receipt = recorded.map_or_else(Receipt::Aside, Receipt::Entry);
        self.leave_receipt(file, &receipt).map_err(error)?;
        match receipt {
            Receipt::Entry(_) => std::fs::remove_file(file).and_then(|()| sync_dir(&self.path)),
            Receipt::Aside(_) => self.put_aside(file),
        }
        .map_err(error)?;
        Ok(receipt)
    }

    fn leave_receipt(&self, file: &Path, receipt: &Receipt) -> std::io::Result<()> {
        let Some(name) = file.file_stem().and_then(|name| name.to_str()) else {
            return Ok(());
        };
        make_private_dir(&self.receipts())?;
        let text = serde_json::to_vec(receipt).expect("a receipt holds a number or a text");
        write_whole(&self.receipts(), name, &text)
    }

    fn put_aside(&self, file: &Path) -> std::io::Result<()> {
        let aside = self.path.join("aside");
        make_private_dir(&aside)?;
        let name = file.file_name().ok_or(ErrorKind::InvalidFilename)?;
        std::fs::rename(file, aside.join(name))?;
        sync_dir(&aside)?;
        sync_dir(&self.path)
    }

    /// Files that wait, in order. A name that begins with a dot is still being written.
    fn waiting(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in list(&self.path)? {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".json") && !name.starts_with('.') {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }

    /// Removes what nobody came for.
    fn tidy(&self, now: Timestamp) -> std::io::Result<()> {
        let before = SystemTime::from(now).checked_sub(KEPT);
        let unfinished = list(&self.path)?
            .into_iter()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
        for entry in unfinished.chain(list(&self.receipts())?) {
            if before.is_some_and(|before| is_older(&entry, before)) {
                remove_if_there(&entry.path())?;
            }
        }
        Ok(())
    }

    fn receipts(&self) -> PathBuf {
        self.path.join("receipts")
    }

    fn error(&self, source: std::io::Error) -> InboxError {
        InboxError::File {
            path: self.path.clone(),
            source,
        }
    }
}

impl Ticket {
    /// What became of the deed, once it is known; then this is told once.
    ///
    /// # Errors
    /// [`InboxError::File`].
    pub fn receipt(&self) -> Result<Option<Receipt>, InboxError> {
        let read = match std::fs::read(&self.receipt) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read,
        };
        let receipt = read.and_then(|text| Ok(serde_json::from_slice(&text)?));
        let removed = receipt.and_then(|receipt| remove_if_there(&self.receipt).map(|()| receipt));
        removed.map(Some).map_err(|source| InboxError::File {
            path: self.receipt.clone(),
            source,
        })
    }
}

/// Who a person of a parcel is.
pub trait Naming {
    /// Number and key; none for somebody who was forgotten.
    ///
    /// # Errors
    /// [`PeopleError`].
    fn name(&mut self, person: PersonId) -> Result<Option<(PersonNumber, PersonKey)>, PeopleError>;
}

impl Naming for People {
    fn name(&mut self, person: PersonId) -> Result<Option<(PersonNumber, PersonKey)>, PeopleError> {
        self.named(person)
    }
}

/// Records a deed and gives the number of its entry, or why there is none.
fn record(
    parcel: &Parcel,
    journal: &Journal,
    people: &mut dyn Naming,
    under: Under,
) -> Result<Result<u64, String>, InboxError> {
    let named: Vec<Option<(PersonNumber, PersonKey)>> = parcel
        .people()
        .map(|person| people.name(person))
        .collect::<Result<_, _>>()?;
    let known: Vec<(PersonNumber, &PersonKey)> = named.iter().flatten().map(|(number, key)| (*number, key)).collect();
    let charter = parcel.charter().filter(|_| under == Under::OfEach);
    let recorded = journal.record_and_wait(charter, &known, |references| {
        let mut references = references.iter();
        let of_each: Vec<_> = named
            .iter()
            .map(|one| one.as_ref().and_then(|_| references.next().copied()))
            .collect();
        parcel.named(&of_each)
    });
    match recorded {
        Ok(entry) => Ok(Ok(entry)),
        Err(error @ JournalError::TooLarge { .. }) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// The content of a file, or why it is none of ours.
fn read_bounded(file: &Path) -> std::io::Result<Result<Vec<u8>, String>> {
    if !std::fs::symlink_metadata(file)?.is_file() {
        return Ok(Err("expected a file".to_owned()));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file)?;
    opened.take(PARCEL_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > PARCEL_BYTES_MAX {
        return Ok(Err(format!("expected at most {PARCEL_BYTES_MAX} bytes")));
    }
    Ok(Ok(bytes))
}

/// Puts a file into a folder, whole or not at all, readable by its owner only, and returns when it is on disk.
pub(crate) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let new = folder.join(format!(".{name}.new"));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, folder.join(name))?;
    sync_dir(folder)
}

/// What is in a folder; nothing where there is none.
fn list(folder: &Path) -> std::io::Result<Vec<std::fs::DirEntry>> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.collect(),
    }
}

fn is_older(entry: &std::fs::DirEntry, before: SystemTime) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified < before)
}

fn remove_if_there(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
