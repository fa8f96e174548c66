//! A disk that stands still: what waits for it is bounded, and of callers who give up nothing reads as if it might have left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use averment_detect::Inspection;
use averment_ledger::Deed;
use averment_store::{Disk, Journal, JournalError, LogStart, PersonKey, entries, trusted, verify};

use crate::fixture::*;

/// Whether syncs return.
#[derive(Default)]
struct Brake {
    is_on: Mutex<bool>,
    changed: Condvar,
}

impl Brake {
    fn set(&self, is_on: bool) {
        *self.is_on.lock().unwrap() = is_on;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let is_on = self.is_on.lock().unwrap();
        drop(self.changed.wait_while(is_on, |is_on| *is_on).unwrap());
    }
}

struct Stalling {
    disk: Box<dyn Disk>,
    brake: Arc<Brake>,
}

impl Disk for Stalling {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.disk.append(bytes)
    }

    fn read_back(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        self.disk.read_back(offset, bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.brake.pass();
        self.disk.sync()
    }

    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()> {
        self.disk.replace_checkpoint(note)
    }

    fn replace_mark(&mut self, note: &str) -> std::io::Result<()> {
        self.disk.replace_mark(note)
    }

    fn begin_log(&mut self, start: &LogStart) -> std::io::Result<()> {
        self.disk.begin_log(start)
    }
}

const CALLERS: usize = 64;
const TRIES: usize = 300;
/// What may be in memory at once: the queue, what was taken from it, and the group.
const ENTRIES_MAX: usize = 2 * 8192 + 4096;

/// Calls again and again, and gives up after a moment each time. Gives who was told that it may send.
async fn impatient(journal: Journal, whose: Inspection, full: Arc<AtomicUsize>) -> BTreeSet<String> {
    let (snapshot, mut cleared) = (snapshot(), BTreeSet::new());
    for _ in 0..TRIES {
        let record = record(&whose, &snapshot);
        let intent = journal.intent(permit(&whose), &record);
        match tokio::time::timeout(Duration::from_millis(2), intent).await {
            Ok(Ok(leave)) => _ = cleared.insert(leave.id().to_owned()),
            Ok(Err(JournalError::Full)) => _ = full.fetch_add(1, Ordering::Relaxed),
            Ok(Err(error)) => panic!("{error}"),
            Err(_) => {}
        }
    }
    cleared
}

/// Intents with the result of each, and how many of them name nobody; references stand in the order of their run.
fn read(home: &Home) -> (BTreeMap<String, Option<String>>, usize) {
    let (folder, keys) = home.open();
    assert!(verify(&folder, trusted(&folder, &keys).unwrap()).unwrap().holds());
    let (mut results, mut of_nobody, mut next, mut run) = (BTreeMap::new(), 0, 0, None);
    for numbered in entries(&folder, trusted(&folder, &keys).unwrap()).unwrap() {
        match numbered.unwrap().entry.deed {
            Deed::Run(begun) => (run, next) = (Some(begun.run), 0),
            Deed::Intent(message) => {
                of_nobody += usize::from(message.findings.is_empty());
                for found in &message.findings {
                    let expected = PersonKey::new([1; 32]).reference(&run.unwrap(), next);
                    assert_eq!(found.person, Some(expected), "reference {next}");
                    next += 1;
                }
                assert_eq!(results.insert(message.id, None), None);
            }
            Deed::Outcome(outcome) => {
                let result = results.get_mut(&outcome.id).expect("its intent stands before it");
                assert_eq!(result.replace(outcome.result), None, "two outcomes");
            }
            _ => {}
        }
    }
    (results, of_nobody)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_disk_costs_bounded_memory_and_no_false_word() {
    let home = Home::new();
    let (folder, keys) = home.open();
    let brake = Arc::new(Brake::default());
    let stalling = Arc::clone(&brake);
    let wrap = move |disk| -> Box<dyn Disk> { Box::new(Stalling { disk, brake: stalling }) };
    let (journal, _) = Journal::open_with(&folder, &keys, noon, charter().digest(), wrap).unwrap();
    let whose = |caller: usize| match caller % 2 {
        0 => inspection(Vec::new()),
        _ => inspection(vec![finding("contact.email", 3)]),
    };
    brake.set(true);
    let full = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| tokio::spawn(impatient(journal.clone(), whose(caller), Arc::clone(&full))))
        .collect();
    for caller in callers {
        assert!(
            caller.await.unwrap().is_empty(),
            "nothing is cleared while nothing is synced"
        );
    }
    assert!(full.load(Ordering::Relaxed) > 0, "the queue has no bound");
    brake.set(false);
    // It goes on where it was.
    let (whose, snapshot) = (whose(1), snapshot());
    let record = record(&whose, &snapshot);
    let id = loop {
        match journal.intent(permit(&whose), &record).await {
            Ok(leave) => break leave.id().to_owned(),
            Err(JournalError::Full) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    journal.close().unwrap();
    drop((journal, folder));
    let (mut results, of_nobody) = read(&home);
    assert_eq!(results.remove(&id), Some(None));
    assert!(results.len() <= ENTRIES_MAX, "{}", results.len());
    // What nobody was told of has not left: those that were in the group when the disk stood still, and those that name
    // somebody. Of the others there is nothing.
    assert!(results.values().all(|result| result.as_deref() == Some("not_sent")));
    assert!(of_nobody <= CALLERS, "{of_nobody} were not withdrawn");
}

/// Syncs that last now this long, now that, and one that fails.
struct Moody {
    disk: Box<dyn Disk>,
    syncs: u64,
    fails_at: u64,
}

impl Disk for Moody {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.disk.append(bytes)
    }

    fn read_back(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        self.disk.read_back(offset, bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.syncs += 1;
        if self.syncs == self.fails_at {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let lasts_ms = [0, 0, 1, 0, 4, 0, 12, 2][self.syncs as usize * 5 % 8];
        std::thread::sleep(Duration::from_millis(lasts_ms));
        self.disk.sync()
    }

    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()> {
        self.disk.replace_checkpoint(note)
    }

    fn replace_mark(&mut self, note: &str) -> std::io::Result<()> {
        self.disk.replace_mark(note)
    }

    fn begin_log(&mut self, start: &LogStart) -> std::io::Result<()> {
        self.disk.begin_log(start)
    }
}

/// Sends what it is cleared to, and gives up now and then. Gives who was told that it may send; ends with the journal.
async fn now_and_then(journal: Journal, whose: Inspection, caller: usize) -> BTreeSet<String> {
    let (snapshot, mut cleared) = (snapshot(), BTreeSet::new());
    for round in 0..40 {
        let record = record(&whose, &snapshot);
        let patience = Duration::from_micros((caller * 7_919 + round * 104_729) as u64 % 9_000);
        match tokio::time::timeout(patience, journal.intent(permit(&whose), &record)).await {
            Ok(Ok(leave)) => _ = cleared.insert(leave.id().to_owned()),
            Ok(Err(JournalError::Write(_))) => break,
            Ok(Err(error)) => panic!("{error}"),
            Err(_) => {}
        }
    }
    cleared
}

/// Everything as in a gate, with threads and all: each run goes on where the one before ended, some of them by a failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_up_on_a_moody_disk_has_not_sent() {
    let home = Home::new();
    let (mut cleared, mut known, mut given_up) = (BTreeSet::new(), BTreeSet::new(), 0);
    for fails_at in [u64::MAX, 7, u64::MAX, 30, 1, u64::MAX] {
        let (folder, keys) = home.open();
        let moody = move |disk| -> Box<dyn Disk> {
            let syncs = 0;
            Box::new(Moody { disk, syncs, fails_at })
        };
        let (journal, _) = Journal::open_with(&folder, &keys, noon, charter().digest(), moody).unwrap();
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let findings = (0..caller % 3).map(|at| finding("contact.email", at * 9)).take(1);
                tokio::spawn(now_and_then(journal.clone(), inspection(findings.collect()), caller))
            })
            .collect();
        for caller in callers {
            cleared.append(&mut caller.await.unwrap());
        }
        let is_in_order = journal.close().is_ok();
        assert_eq!(is_in_order, fails_at == u64::MAX);
        drop((journal, folder));
        let (results, _) = read(&home);
        for (id, result) in results.iter().filter(|(id, _)| !known.contains(*id)) {
            match result {
                None => assert!(
                    !is_in_order || cleared.contains(id),
                    "nobody sent it and it may have left"
                ),
                Some(result) => assert!(result == "not_sent" && !cleared.contains(id)),
            }
            given_up += usize::from(result.is_some());
        }
        assert!(
            cleared.iter().all(|id| results.contains_key(id)),
            "cleared and not recorded"
        );
        known = results.into_keys().collect();
    }
    assert!(cleared.len() > 100 && given_up > 100, "{} {given_up}", cleared.len());
}
