//! The live page and status: the ledger followed, folded into evidence and graded for every reader.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use averment_claims::{Activity, Attested, Fold, Graded, History, Watched, grade};
use averment_console::{Checkpoint, LedgerStatus, LogFile, Status, Taken, View};
use averment_ledger::{TileId, TileKind, VerifierKey};
use averment_publish::{Meta, Site};
use averment_register::{Charter, Mode};
use averment_store::{DataFolder, FolderError, Follower, Snapshot, TileFolder, tiles_of};
use jiff::Timestamp;

use crate::house::House;
use crate::{calendar, clock, reported};

/// Where things are, for the status view.
pub(crate) struct Place {
    pub(crate) gate: SocketAddr,
    pub(crate) register: String,
    pub(crate) data: PathBuf,
    /// What readers of the page are told first.
    pub(crate) notice: Option<String>,
}

/// What readers are shown.
pub(crate) struct Live {
    folder: PathBuf,
    verifier: VerifierKey,
    snapshot: Arc<Mutex<Arc<Snapshot>>>,
    place: Place,
    started_at: Timestamp,
    seen: Mutex<Seen>,
    reported: reported::Kept,
}

/// Changes of a grade that a page shows of each claim; the command shows all.
pub(crate) const CHANGES_SHOWN: usize = 20;

/// How every claim stands as of a moment.
pub(crate) struct Standing {
    pub(crate) charter: Arc<Charter>,
    pub(crate) graded: Vec<Graded>,
    pub(crate) history: History,
    pub(crate) watched: Watched,
    pub(crate) now: Timestamp,
    /// Entries of the ledger that were taken.
    pub(crate) entries: u64,
}

/// What was read of the ledger so far.
struct Seen {
    /// What is graded.
    charter: Arc<Charter>,
    follower: Follower,
    fold: Fold,
    history: History,
    activity: Activity,
    attested: Attested,
    entries: u64,
}

impl Seen {
    /// Nothing read yet, to be graded by `charter`.
    fn new(charter: &Arc<Charter>, folder: &DataFolder, verifier: VerifierKey) -> Self {
        Self {
            charter: Arc::clone(charter),
            follower: Follower::new(folder, verifier),
            fold: Fold::new(Arc::clone(charter)),
            history: History::keeping(CHANGES_SHOWN),
            activity: Activity::default(),
            attested: Attested::default(),
            entries: 0,
        }
    }

    /// Takes what is new. What cannot be read is no evidence: it is logged, and the grades stay as of the last entry
    /// read.
    fn catch_up(&mut self, now: Timestamp) {
        let (fold, activity, entries) = (&mut self.fold, &mut self.activity, &mut self.entries);
        let (history, attested) = (&mut self.history, &mut self.attested);
        let read = self.follower.read(|index, entry| {
            fold.push(&entry, index);
            history.push(&entry, index);
            activity.push(&entry, index);
            attested.push(&entry, index);
            *entries = index + 1;
        });
        if let Err(error) = read {
            tracing::error!(%error, "the page cannot follow the ledger");
        }
        self.fold.forget(now);
    }
}

impl Live {
    /// Follows from the first entry on. What is there already is read at the first look.
    pub(crate) fn new(charter: &Arc<Charter>, house: &House, place: Place) -> Self {
        let verifier = house.keys.verifier().clone();
        Self {
            folder: house.folder.path().to_owned(),
            seen: Mutex::new(Seen::new(charter, &house.folder, verifier.clone())),
            verifier,
            snapshot: Arc::clone(&house.snapshot),
            place,
            started_at: clock::now(),
            reported: reported::Kept::default(),
        }
    }

    /// How every claim stands.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        let (charter, evidence, history, entries) = {
            let seen = self.seen(now);
            let charter = Arc::clone(&seen.charter);
            (charter, seen.fold.evidence(now), seen.history.clone(), seen.entries)
        };
        Standing {
            graded: grade(&charter, &evidence, now),
            charter,
            history,
            watched: evidence.watched,
            now,
            entries,
        }
    }

    /// Grades by `charter` from now on; the whole ledger is read again, and until that is done the old page is shown.
    pub(crate) fn follow(&self, charter: &Arc<Charter>) -> Result<(), FolderError> {
        let folder = DataFolder::open_read(&self.folder)?;
        let mut seen = Seen::new(charter, &folder, self.verifier.clone());
        seen.catch_up(clock::now());
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(())
    }

    /// The lock is only ever held for reading and counting; a panic in there leaves counts that the next look mends.
    fn seen(&self, now: Timestamp) -> std::sync::MutexGuard<'_, Seen> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.catch_up(now);
        seen
    }
}

impl View for Live {
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        let now = clock::now();
        let standing = self.standing(now);
        let meta = Meta {
            generated_at: now,
            live: true,
            watched: standing.watched,
            history: standing.history,
            notice: self.place.notice.clone(),
        };
        Site::new(&standing.charter, &standing.graded, &meta, None).file(path)
    }

    fn log_file(&self, path: &str) -> Option<LogFile> {
        let folder = DataFolder::open_read(&self.folder).ok()?;
        let mut logs = folder.logs().ok()?.into_iter();
        logs.find_map(|log| published_file(&tiles_of(&folder.log(log)), path))
    }

    fn calendar(&self) -> String {
        let now = clock::now();
        let seen = self.seen(now);
        let due = seen.attested.due(&seen.charter, now);
        calendar::of(&due, &seen.charter.content().organisation, now)
    }

    fn policy_reports(&self, body: &[u8]) -> Taken {
        let snapshot = Arc::clone(&self.snapshot.lock().unwrap_or_else(PoisonError::into_inner));
        let charter = Arc::clone(&self.seen.lock().unwrap_or_else(PoisonError::into_inner).charter);
        let us = (&snapshot.directory, &*charter);
        self.reported.take(&self.folder, body, us, clock::now())
    }

    fn status(&self) -> Status {
        let now = clock::now();
        let seen = self.seen(now);
        let content = seen.charter.content();
        let enforcing = content
            .recipients
            .values()
            .filter(|recipient| recipient.mode == Mode::Enforce)
            .count();
        let snapshot = Arc::clone(&self.snapshot.lock().unwrap_or_else(PoisonError::into_inner));
        Status {
            now,
            started_at: self.started_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            gate: self.place.gate.to_string(),
            authority: Some(self.place.data.join("authority.pem").display().to_string()),
            organisation: content.organisation.clone(),
            register: self.place.register.clone(),
            charter: seen.charter.digest().to_string(),
            enforcing,
            reporting: content.recipients.len() - enforcing,
            unknown_hosts: content.unknown_hosts.as_str().to_owned(),
            people: snapshot.directory.people() as u64,
            identifiers: snapshot.directory.identifiers() as u64,
            people_loaded_at: snapshot.loaded_at,
            ledger: LedgerStatus {
                folder: self.place.data.join("ledger").display().to_string(),
                entries: seen.entries,
                checkpoint: seen.follower.checkpoint().map(|checkpoint| Checkpoint {
                    size: checkpoint.size,
                    root: checkpoint.root.to_string(),
                    signed_at: None,
                }),
            },
            activity: seen.activity.clone(),
        }
    }
}

/// A file of the log in `tiles`, if `path` is of that log. Entries are not shown: their references are personal data.
fn published_file(tiles: &TileFolder, path: &str) -> Option<LogFile> {
    let note = tiles.checkpoint().ok()??;
    let (origin, _) = note.split_once('\n')?;
    let file = path.strip_prefix(origin)?.strip_prefix('/')?;
    if file == "checkpoint" {
        return Some(LogFile::Checkpoint(note));
    }
    let tile: TileId = file.parse().ok()?;
    match tile.kind() {
        TileKind::Hashes { .. } => tiles.hash_tile(tile).ok().map(LogFile::Tile),
        TileKind::Entries => None,
    }
}
