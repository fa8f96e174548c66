//! What a failure of power may leave of the file `checkpoint` is no break, and what somebody puts there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use averment_ledger::{Audit, Deed, Deviation};
use averment_store::{Journal, trusted, verify};
use jiff::Timestamp;

use crate::fixture::*;

/// A ledger of ten groups, so many seconds apart, closed; and what `checkpoint` held after each.
async fn ten_groups(home: &Home, seconds_apart: i64) -> Vec<Vec<u8>> {
    let (folder, keys) = home.open();
    let time = Arc::new(AtomicI64::new(noon().as_second()));
    let told = Arc::clone(&time);
    let clock = move || Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap();
    let (journal, _) = Journal::open(&folder, &keys, clock, charter().digest()).unwrap();
    let mut history = Vec::new();
    for _ in 0..10 {
        time.fetch_add(seconds_apart, Ordering::SeqCst);
        let before = checkpoint(home);
        journal.note(Deed::Unknown).unwrap();
        while checkpoint(home) == before {
            std::thread::yield_now();
        }
        history.push(checkpoint(home));
    }
    journal.close().unwrap();
    history
}

fn checkpoint(home: &Home) -> Vec<u8> {
    std::fs::read(home.data().join("ledger/0001/checkpoint")).unwrap()
}

fn audit(home: &Home) -> Audit {
    let (folder, keys) = home.open();
    verify(&folder, trusted(&folder, &keys).unwrap()).unwrap()
}

/// The renames of the last seconds are undone: each such state is said to be behind and holds, and the next start goes on.
#[tokio::test]
async fn renames_that_a_power_failure_undid_are_no_break() {
    for undone in [1, 2, 5] {
        let home = Home::new();
        let history = ten_groups(&home, 10).await;
        std::fs::write(home.data().join("ledger/0001/checkpoint"), &history[9 - undone]).unwrap();
        let found = audit(&home);
        assert!(found.holds(), "{undone}: {:?}", found.breaks);
        assert_eq!(found.sealed.unwrap().after_head, undone as u64);
        let (journal, recovery, ..) = home.journal();
        assert_eq!(recovery.checkpoint_behind, undone as u64);
        journal.close().unwrap();
        drop(journal);
        let mended = audit(&home);
        assert!(mended.holds() && mended.behind_since.is_none(), "{mended:?}");
    }
}

/// A copy from before anything that a power failure could undo is told as what it is, and so is a log that was cut back to it.
#[tokio::test]
async fn an_older_copy_is_a_break() {
    let home = Home::new();
    let history = ten_groups(&home, 60).await;
    let (checkpoint, log) = ["checkpoint", "log"]
        .map(|name| home.data().join("ledger/0001").join(name))
        .into();
    for undone in [3, 9] {
        std::fs::write(&checkpoint, &history[9 - undone]).unwrap();
        let found = audit(&home).breaks;
        let groups = undone as u64;
        assert!(
            matches!(&found[..], [one] if one.deviation == Deviation::Older { groups }),
            "{found:?}"
        );
    }
    // The whole log of that length: only the key folder knows better.
    let text = std::fs::read_to_string(&log).unwrap();
    let sealed = text.match_indices("\nC ").nth(4).unwrap().0 + 1;
    let end = sealed + text[sealed..].find('\n').unwrap() + 1;
    std::fs::write(&log, &text[..end]).unwrap();
    std::fs::write(&checkpoint, &history[4]).unwrap();
    let found = audit(&home).breaks;
    assert!(
        matches!(&found[..], [one] if matches!(one.deviation, Deviation::BehindMark { .. })),
        "{found:?}"
    );
}
