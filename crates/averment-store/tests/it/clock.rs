//! A clock that runs behind the ledger is not believed, whatever is recorded meanwhile and however often the gate restarts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use averment_ledger::{ClockAccepted, Deed};
use averment_store::{DataFolder, Journal, JournalError, Keys, NewLog, latest_time, trusted, verify};
use jiff::tz::TimeZone;

use crate::fixture::*;

/// Folders, and a clock that the test sets.
struct Scene {
    home: Home,
    time: Arc<AtomicI64>,
}

impl Scene {
    fn new() -> Self {
        let time = Arc::new(AtomicI64::new(noon().as_second()));
        let home = Home::new();
        Self { home, time }
    }

    fn set(&self, seconds_from_noon: i64) {
        self.time
            .store(noon().as_second() + seconds_from_noon, Ordering::SeqCst);
    }

    fn folders(&self) -> (DataFolder, Keys) {
        self.home.open()
    }

    /// A start of a gate: what it records before anything is asked of it, and how far it finds its clock behind.
    fn start(&self) -> (Journal, i64) {
        let (folder, keys) = self.folders();
        let told = Arc::clone(&self.time);
        let clock = move || jiff::Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap();
        let (journal, recovery) = Journal::open(&folder, &keys, clock, charter().digest()).unwrap();
        journal.note(Deed::Unknown).unwrap();
        (journal, recovery.clock_behind_seconds)
    }

    /// Seconds that a started gate says it is behind, by what it does.
    async fn behind(&self) -> i64 {
        let (journal, found) = self.start();
        let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
        let answered = journal
            .intent(permit(&inspection), &record(&inspection, &snapshot))
            .await;
        journal.close().unwrap();
        match answered {
            Ok(_) => assert_eq!(found, 0),
            Err(JournalError::ClockSetBack { seconds }) => assert_eq!(seconds, found),
            Err(error) => panic!("{error}"),
        }
        found
    }
}

#[tokio::test]
async fn restarts_do_not_make_a_clock_right_that_runs_behind() {
    let scene = Scene::new();
    scene.set(3600);
    assert_eq!(scene.behind().await, 0);
    scene.set(0);
    for _ in 0..3 {
        assert_eq!(scene.behind().await, 3600);
    }
    // Nor does a new log, of which alone the next start reads everything.
    let (journal, _) = scene.start();
    journal.begin_log().await.unwrap();
    journal.close().unwrap();
    drop(journal);
    for _ in 0..2 {
        assert_eq!(scene.behind().await, 3600);
    }
    let (folder, keys) = scene.folders();
    let latest = latest_time(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert_eq!(latest.map(|latest| latest.as_second()), Some(noon().as_second() + 3600));
    drop(folder);
    scene.set(3594);
    assert_eq!(scene.behind().await, 6);
    scene.set(3595);
    assert_eq!(scene.behind().await, 0);
}

fn accepted() -> Deed {
    Deed::ClockAccepted(ClockAccepted {
        id: "0".repeat(32),
        by: "operator".to_owned(),
        because: "the hardware clock was a month ahead".to_owned(),
        latest: "2026-03-31T12:00:00Z".to_owned(),
    })
}

/// A log that began while the clock was months ahead must not last until then.
#[tokio::test]
async fn terms_count_from_when_the_clock_was_accepted() {
    const DAY: i64 = 86_400;
    for restarts in [false, true] {
        let scene = Scene::new();
        let start = || {
            let (journal, behind) = scene.start();
            journal.set_new_log(NewLog::Monthly, TimeZone::UTC);
            (journal, behind)
        };
        let (mut journal, _) = start();
        // The last day of a month, then months ahead, back to where it is still a month ahead, and the last day again, accepted
        // both times; then the next day. `noon` is of the first of March.
        let days = [(30, 1), (150, 2), (60, 2), (30, 2), (31, 3), (32, 3)];
        for (step, (day, logs)) in days.into_iter().enumerate() {
            scene.set(day * DAY);
            if restarts {
                journal.close().unwrap();
                drop(journal);
                journal = start().0;
            }
            let deed = if [2, 3].contains(&step) {
                accepted()
            } else {
                Deed::Unknown
            };
            journal.record(&[], |_| deed).await.unwrap();
            let numbers = std::fs::read_dir(scene.home.data().join("ledger")).unwrap().count();
            assert_eq!(numbers, logs, "step {step}, restarts: {restarts}");
        }
        journal.close().unwrap();
        drop(journal);
        let (folder, keys) = scene.folders();
        assert!(verify(&folder, trusted(&folder, &keys).unwrap()).unwrap().holds());
    }
}

#[tokio::test]
async fn whoever_accepts_the_clock_is_recorded_and_times_count_anew() {
    let scene = Scene::new();
    scene.set(30 * 86_400);
    assert_eq!(scene.behind().await, 0);
    scene.set(10);
    assert_eq!(scene.behind().await, 30 * 86_400 - 10);
    let (journal, _) = scene.start();
    journal.record(&[], |_| accepted()).await.unwrap();
    journal.close().unwrap();
    drop(journal);
    assert_eq!(scene.behind().await, 0);
    // From then on it is held against these times as before, also over the end of a log.
    let (journal, _) = scene.start();
    journal.begin_log().await.unwrap();
    journal.close().unwrap();
    drop(journal);
    scene.set(0);
    assert_eq!(scene.behind().await, 10);
    scene.set(11);
    assert_eq!(scene.behind().await, 0);
    let (folder, keys) = scene.folders();
    assert!(verify(&folder, trusted(&folder, &keys).unwrap()).unwrap().holds());
}
