//! Deeds of people and programs into the ledger: through the running gate, which alone writes it, or directly where none
//! runs.
//!
//! Start at [`record`], which every command that records calls, and [`take_again_and_again`], which a gate runs beside.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use averment_detect::PersonNumber;
use averment_ledger::Document;
use averment_register::Digest;
use averment_store::{
    DataFolder, Documents, FolderError, Inbox, InboxError, Journal, Keys, Naming, Parcel, People, PeopleError,
    PersonId, PersonKey, ReadError, Receipt, Taken, Ticket, Under, entries, trusted,
};
use tokio_util::sync::CancellationToken;

use crate::cli::Folders;
use crate::clock;
use crate::outcome::Failure;

/// How often a gate looks into the inbox.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a command asks whether its deed is recorded.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// How often it tries whether the lock is free, when the gate may have stopped.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How long it waits in all.
const PATIENCE: Duration = Duration::from_secs(15);
/// Largest document.
const DOCUMENT_BYTES_MAX: u64 = 1 << 28;

/// Records deeds, in order, and gives the numbers of their entries when they are on disk.
///
/// `charter`: the one that they are about, which their entries carry where no gate runs; of none, that of the newest entry is
/// taken.
pub(crate) fn record(
    folders: &Folders,
    parcels: &[Parcel],
    charter: impl Into<Option<Digest>>,
) -> Result<Vec<u64>, Failure> {
    let charter = charter.into();
    let (folder, _) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let inbox = Inbox::new(&folder);
    let tickets: Vec<Ticket> = parcels
        .iter()
        .map(|parcel| match charter {
            Some(charter) => inbox.put(&parcel.clone().under(charter), clock::now()),
            None => inbox.put(parcel, clock::now()),
        })
        .collect::<Result<_, _>>()?;
    wait(folders, &inbox, &tickets, charter)
}

/// Says where a deed lies that is not recorded yet.
fn waiting(folders: &Folders) -> impl Fn(Failure) -> Failure {
    let inbox = folders.data.join("inbox");
    move |failure| {
        failure.hint(format!(
            "it lies in `{}` and is recorded as soon as a gate runs: do not enter it again",
            inbox.display()
        ))
    }
}

fn wait(folders: &Folders, inbox: &Inbox, tickets: &[Ticket], charter: Option<Digest>) -> Result<Vec<u64>, Failure> {
    let began = Instant::now();
    let mut tried: Option<Instant> = None;
    let mut numbers = Vec::new();
    let later = waiting(folders);
    for ticket in tickets {
        numbers.push(loop {
            match ticket.receipt().map_err(|error| later(error.into()))? {
                Some(Receipt::Entry(number)) => break number,
                Some(Receipt::Aside(because)) => {
                    let aside = folders.data.join("inbox/aside");
                    let hint = format!("it was put aside into `{}`", aside.display());
                    return Err(Failure::new(format!("it cannot be recorded: {because}")).hint(hint));
                }
                None if began.elapsed() > PATIENCE => {
                    let message = "the program that holds the data folder has not recorded it yet";
                    return Err(later(Failure::new(message)));
                }
                None => {}
            }
            if tried.is_none_or(|tried| tried.elapsed() > TRY_EVERY) {
                tried = Some(Instant::now());
                if directly(folders, inbox, charter).map_err(&later)? {
                    continue;
                }
            }
            std::thread::sleep(ASK_EVERY);
        });
    }
    Ok(numbers)
}

/// Takes what is in the inbox where no gate runs; whether that was so. Earlier commands may have left deeds there, which are
/// about other charters than `charter`, this command's.
fn directly(folders: &Folders, inbox: &Inbox, charter: Option<Digest>) -> Result<bool, Failure> {
    let (folder, keys) = match DataFolder::open(&folders.data, &folders.keys) {
        Err(FolderError::Locked { .. }) => return Ok(false),
        opened => opened?,
    };
    let charter = match charter {
        Some(charter) if inbox.says_every_charter()? => charter,
        otherwise => last_charter(&folder, &keys)?
            .or(otherwise)
            .unwrap_or_else(|| Digest::of(b"")),
    };
    let (journal, _) = Journal::open(&folder, &keys, clock::now, charter)?;
    let mut people = People::open(&folder, &keys)?;
    let taken = inbox.take(&journal, &mut people, Under::OfEach, clock::now());
    journal.close()?;
    told(&taken?);
    Ok(true)
}

/// The charter of the newest entry.
pub(crate) fn last_charter(folder: &DataFolder, keys: &Keys) -> Result<Option<Digest>, Failure> {
    let read = match trusted(folder, keys).and_then(|trusted| entries(folder, trusted)) {
        Err(ReadError::NoLedger { .. }) => return Ok(None),
        read => read?,
    };
    let mut last = None;
    for numbered in read {
        last = Some(numbered?.entry.charter);
    }
    Ok(last.and_then(|charter| charter.parse().ok()))
}

/// Says what was put aside.
fn told(taken: &Taken) {
    for (file, because) in &taken.aside {
        let file = file.display().to_string();
        tracing::error!(%file, %because, "no deed: put aside, nothing of it is in the ledger");
    }
}

/// The people of a running gate.
struct Shared<'a>(&'a Mutex<People>);

impl Naming for Shared<'_> {
    fn name(&mut self, person: PersonId) -> Result<Option<(PersonNumber, PersonKey)>, PeopleError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).name(person)
    }
}

/// Takes what commands put into `inbox` until `stop`.
pub(crate) async fn take_again_and_again(
    inbox: Inbox,
    journal: Journal,
    people: Arc<Mutex<People>>,
    stop: CancellationToken,
) {
    let mut failing = false;
    loop {
        let (inbox, journal, people) = (inbox.clone(), journal.clone(), Arc::clone(&people));
        let taken = tokio::task::spawn_blocking(move || take(&inbox, &journal, &people)).await;
        let failed = !matches!(taken, Ok(Ok(_)));
        // Once is enough: what is in the inbox stays there.
        if failed && !failing {
            let error = taken.ok().and_then(Result::err).map(|error| error.to_string());
            tracing::error!(error, "what commands put into the inbox is not recorded yet");
        }
        failing = failed;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

fn take(inbox: &Inbox, journal: &Journal, people: &Mutex<People>) -> Result<(), InboxError> {
    let taken = inbox.take(journal, &mut Shared(people), Under::InForce, clock::now())?;
    told(&taken);
    Ok(())
}

/// Keeps the document that a deed points to.
pub(crate) fn keep_document(folder: &DataFolder, file: &Path) -> Result<Document, Failure> {
    let failed = |error| Failure::new(format!("cannot read `{}`", file.display())).because(error);
    let size = std::fs::metadata(file).map_err(failed)?.len();
    if size > DOCUMENT_BYTES_MAX {
        let message = format!(
            "`{}` has {size} bytes, expected at most {DOCUMENT_BYTES_MAX}",
            file.display()
        );
        return Err(Failure::new(message));
    }
    let bytes = std::fs::read(file).map_err(failed)?;
    keep_bytes(folder, &bytes, &document_name(file))
}

/// The same for what is no file.
pub(crate) fn keep_bytes(folder: &DataFolder, bytes: &[u8], name: &str) -> Result<Document, Failure> {
    Documents::new(folder)
        .keep(bytes, name)
        .map_err(|error| Failure::new("cannot keep the document").because(error))
}

/// The file's name without folders.
pub(crate) fn document_name(file: &Path) -> String {
    file.file_name()
        .map_or_else(|| "document".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// 32 hex digits that were never used before.
pub(crate) fn new_id() -> Result<String, Failure> {
    Ok(averment_store::random_id()?)
}
