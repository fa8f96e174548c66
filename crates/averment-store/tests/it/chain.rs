//! A ledger of several logs: how they follow each other, and what is found when they do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use averment_ledger::{Deed, Deviation, LedgerFile};
use averment_store::{
    Chain, DataFolder, FolderError, Follower, Journal, JournalError, JournalOpenError, Keys, NewLog, entries,
    raw_entries, request_digest, request_digests, trusted, verify,
};
use jiff::tz::TimeZone;

use crate::fixture::*;

/// Records `count` entries that name somebody.
pub(crate) async fn record_some(journal: &Journal, count: usize) {
    let (inspection, snapshot) = (inspection(vec![finding("contact.email", 3)]), snapshot());
    for _ in 0..count {
        journal
            .intent(permit(&inspection), &record(&inspection, &snapshot))
            .await
            .unwrap();
    }
}

/// A closed ledger of three logs; the third with a key of its own.
pub(crate) async fn three_logs(home: &Home) {
    let (journal, ..) = home.journal();
    record_some(&journal, 3).await;
    journal.begin_log().await.unwrap();
    record_some(&journal, 2).await;
    journal.close().unwrap();
    drop(journal);
    let (_, keys) = home.open();
    keys.make_next_ledger_key().unwrap();
    let (journal, ..) = home.journal();
    record_some(&journal, 1).await;
    journal.begin_log().await.unwrap();
    record_some(&journal, 2).await;
    journal.close().unwrap();
}

fn holds(folder: &DataFolder, keys: &Keys) -> u64 {
    let audit = verify(folder, trusted(folder, keys).unwrap()).unwrap();
    assert!(audit.holds(), "{audit:?}");
    audit.entries()
}

#[tokio::test]
async fn entries_are_numbered_over_all_logs_and_found_in_them() {
    let home = Home::new();
    three_logs(&home).await;
    let (folder, keys) = home.open();
    assert_eq!(folder.logs().unwrap(), [1, 2, 3]);
    let total = holds(&folder, &keys);
    let read: Vec<_> = entries(&folder, trusted(&folder, &keys).unwrap())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(read.len() as u64, total);
    assert!(read.iter().map(|one| one.index).eq(0..total));
    let chain = Chain::read(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert_eq!(chain.entries(), total);
    for raw in raw_entries(&folder, trusted(&folder, &keys).unwrap()).unwrap() {
        let raw = raw.unwrap();
        assert_eq!(chain.locate(raw.index), Some((raw.log, raw.leaf)));
        assert_eq!(raw.hash, averment_ledger::leaf_hash(&raw.json));
        assert_eq!(
            raw.json,
            read[usize::try_from(raw.index).unwrap()].entry.to_json().into_bytes()
        );
    }
    assert_eq!(chain.locate(total), None);
    let begun: Vec<_> = read
        .iter()
        .filter_map(|one| match &one.entry.deed {
            Deed::Begun(begun) => Some((one.index, begun.first, begun.log)),
            _ => None,
        })
        .collect();
    let firsts: Vec<_> = chain.logs()[1..]
        .iter()
        .map(|log| (log.first, log.first, log.number))
        .collect();
    assert_eq!(begun, firsts);
    let origins: std::collections::BTreeSet<_> = chain.logs().iter().map(|log| log.key.name()).collect();
    assert_eq!(origins.len(), 3);
}

#[tokio::test]
async fn a_new_key_takes_over_and_the_old_one_is_kept_for_digests_of_requests() {
    let home = Home::new();
    let (_, before) = home.open();
    let old_digest = request_digest(&before, "POST", "/tickets", b"{}");
    drop(before);
    three_logs(&home).await;
    // The next start brings the names up to date.
    let (journal, recovery, folder, keys) = home.journal();
    journal.close().unwrap();
    assert_eq!(recovery.cut_bytes, 0);
    drop((journal, keys));
    let names = |name: &str| home.keys().join(name).exists();
    assert!(names("ledger.key") && names("ledger-until-0002.key") && !names("ledger-next.key"));
    let keys = Keys::read(&home.keys()).unwrap();
    let chain = Chain::read(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert!(chain.newest().key.is_same_key(keys.verifier()));
    assert!(!chain.logs()[0].key.is_same_key(keys.verifier()));
    assert_eq!(request_digests(&keys, "POST", "/tickets", b"{}")[1], old_digest);
    // Whoever knows the key of any log can check all of them.
    for log in chain.logs() {
        assert!(verify(&folder, Some(&log.key)).unwrap().holds());
    }
    // Nothing but those digests needs the old key.
    std::fs::remove_file(home.keys().join("ledger-until-0002.key")).unwrap();
    drop(folder);
    let (journal, _, folder, keys) = home.journal();
    record_some(&journal, 1).await;
    journal.close().unwrap();
    holds(&folder, &keys);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_begin_under_load_and_no_request_is_lost() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    let mut follower = Follower::new(&folder, keys.verifier().clone());
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let journal = journal.clone();
            tokio::spawn(async move { record_some(&journal, 20).await })
        })
        .collect();
    let mut seen = Vec::new();
    for _ in 0..4 {
        journal.begin_log().await.unwrap();
        follower.read(|index, _| seen.push(index)).unwrap();
        assert!(verify(&folder, None).unwrap().holds());
    }
    for writer in writers {
        writer.await.unwrap();
    }
    journal.close().unwrap();
    follower.read(|index, _| seen.push(index)).unwrap();
    let total = holds(&folder, &keys);
    assert!(seen.iter().copied().eq(0..total));
    let intents = entries(&folder, trusted(&folder, &keys).unwrap())
        .unwrap()
        .filter(|one| matches!(one.as_ref().unwrap().entry.deed, Deed::Intent(_)))
        .count();
    assert_eq!((intents, folder.logs().unwrap().len()), (160, 5));
}

#[tokio::test]
async fn a_log_begins_with_the_first_entry_of_a_term() {
    let home = Home::new();
    let (folder, keys) = home.open();
    let time = Arc::new(AtomicI64::new(noon().as_second()));
    let told = Arc::clone(&time);
    let clock = move || jiff::Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap();
    let (journal, _) = Journal::open(&folder, &keys, clock, charter().digest()).unwrap();
    let logs = || folder.logs().unwrap().len();
    let days = |days: i64| time.fetch_add(days * 86_400, Ordering::SeqCst);
    record_some(&journal, 2).await;
    days(40);
    record_some(&journal, 2).await;
    assert_eq!(logs(), 1, "on demand");
    journal.set_new_log(NewLog::Yearly, TimeZone::UTC);
    record_some(&journal, 2).await;
    assert_eq!(logs(), 1, "the same year");
    journal.set_new_log(NewLog::Monthly, TimeZone::UTC);
    record_some(&journal, 2).await;
    record_some(&journal, 2).await;
    assert_eq!(logs(), 2, "April");
    journal.set_new_log(NewLog::On(vec!["2026-04-20".parse().unwrap()]), TimeZone::UTC);
    record_some(&journal, 2).await;
    assert_eq!(logs(), 2, "not yet");
    days(20);
    record_some(&journal, 2).await;
    record_some(&journal, 2).await;
    assert_eq!(logs(), 3, "the term has begun");
    journal.set_new_log(NewLog::Yearly, TimeZone::UTC);
    days(365);
    record_some(&journal, 2).await;
    record_some(&journal, 2).await;
    assert_eq!(logs(), 4);
    journal.close().unwrap();
    holds(&folder, &keys);
}

#[tokio::test]
async fn a_log_that_ended_without_the_next_is_gone_on_from() {
    let home = Home::new();
    three_logs(&home).await;
    let mark = std::fs::read(home.keys().join("ledger.mark")).unwrap();
    let third = home.data().join("ledger/0003");
    let (folder, keys) = home.open();
    // As a crash leaves it: the second log has ended, of the third there is a beginning under another name, and no mark was
    // written since.
    let second = std::fs::read(folder.log_file(2, LedgerFile::Checkpoint)).unwrap();
    std::fs::rename(&third, third.with_extension("new")).unwrap();
    std::fs::remove_file(third.with_extension("new").join("verifier")).unwrap();
    std::fs::write(home.keys().join("ledger.mark"), second).unwrap();
    assert!(verify(&folder, trusted(&folder, &keys).unwrap()).unwrap().holds());
    // Whoever has no mark cannot tell this from a log that was taken away.
    let missing = verify(&folder, Some(keys.verifier())).unwrap();
    assert!(
        matches!(missing.breaks[0].deviation, Deviation::LogMissing),
        "{missing:?}"
    );
    let (journal, _) = Journal::open(&folder, &keys, noon, charter().digest()).unwrap();
    record_some(&journal, 1).await;
    journal.close().unwrap();
    assert_eq!(folder.logs().unwrap(), [1, 2, 3]);
    assert!(!third.with_extension("new").exists());
    holds(&folder, &keys);
    // With the mark of the third log its absence is no crash.
    std::fs::rename(&third, home.dir.path().join("taken")).unwrap();
    std::fs::write(home.keys().join("ledger.mark"), mark).unwrap();
    let audit = verify(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert!(
        matches!(&audit.breaks[..], [found] if found.log == 3 && found.deviation == Deviation::LogMissing),
        "{audit:?}"
    );
    let refused = Journal::open(&folder, &keys, noon, charter().digest()).map(drop);
    assert!(matches!(refused, Err(JournalOpenError::Break(_))), "{refused:?}");
}

#[tokio::test]
async fn opening_sees_what_is_wrong_with_the_ends_of_older_logs() {
    let home = Home::new();
    three_logs(&home).await;
    let (folder, keys) = home.open();
    let opens = || Journal::open(&folder, &keys, noon, charter().digest()).map(|(journal, _)| journal.close().unwrap());
    let log = |number| folder.log_file(number, LedgerFile::Log);
    let cut = |number: u32| {
        let content = std::fs::read(log(number)).unwrap();
        std::fs::write(log(number), &content[..content.len() - 10]).unwrap();
    };
    let swap = |a: u32, b: u32| {
        let aside = folder.ledger().join("aside");
        std::fs::rename(folder.log(a), &aside).unwrap();
        std::fs::rename(folder.log(b), folder.log(a)).unwrap();
        std::fs::rename(aside, folder.log(b)).unwrap();
    };
    let kept = std::fs::read(log(1)).unwrap();
    cut(1);
    assert!(matches!(opens(), Err(JournalOpenError::Break(found)) if found.log == 1));
    std::fs::write(log(1), kept).unwrap();
    swap(1, 2);
    assert!(matches!(opens(), Err(JournalOpenError::Break(_))));
    swap(1, 2);
    swap(2, 3);
    assert!(matches!(opens(), Err(JournalOpenError::Break(_))));
    swap(2, 3);
    std::fs::rename(folder.log(1), folder.ledger().join("aside")).unwrap();
    assert!(matches!(opens(), Err(JournalOpenError::Break(found)) if found.log == 1));
    std::fs::rename(folder.ledger().join("aside"), folder.log(1)).unwrap();
    opens().unwrap();
}

#[test]
fn a_ledger_of_the_old_form_is_refused_with_advice() {
    let home = Home::new();
    std::fs::create_dir_all(home.data().join("ledger")).unwrap();
    std::fs::write(home.data().join("ledger/log"), "").unwrap();
    let error = DataFolder::open(&home.data(), &home.keys()).unwrap_err();
    assert!(matches!(error, FolderError::OldLayout { .. }));
    assert!(error.to_string().contains("empty data folder"), "{error}");
    assert!(!home.keys().exists());
    assert!(matches!(
        DataFolder::open_read(&home.data()),
        Err(FolderError::OldLayout { .. })
    ));
}

#[tokio::test]
async fn nothing_is_cleared_while_the_clock_runs_behind_the_ledger() {
    let home = Home::new();
    let (folder, keys) = home.open();
    let time = Arc::new(AtomicI64::new(noon().as_second()));
    let clock = |time: &Arc<AtomicI64>| {
        let told = Arc::clone(time);
        move || jiff::Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap()
    };
    let (journal, _) = Journal::open(&folder, &keys, clock(&time), charter().digest()).unwrap();
    let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
    let record = record(&inspection, &snapshot);
    journal.intent(permit(&inspection), &record).await.unwrap();
    // A correction by moments is none of anybody's business.
    time.fetch_sub(5, Ordering::SeqCst);
    journal.intent(permit(&inspection), &record).await.unwrap();
    time.fetch_sub(1, Ordering::SeqCst);
    let refused = journal.intent(permit(&inspection), &record).await;
    assert!(
        matches!(refused, Err(JournalError::ClockSetBack { seconds: 6 })),
        "{refused:?}"
    );
    // What goes wrong is recorded all the same.
    journal.record(&[], |_| Deed::Unknown).await.unwrap();
    journal.close().unwrap();
    drop(journal);
    // A restart does not make it right; time does.
    time.fetch_sub(3600, Ordering::SeqCst);
    let (journal, _) = Journal::open(&folder, &keys, clock(&time), charter().digest()).unwrap();
    let refused = journal.intent(permit(&inspection), &record).await;
    assert!(matches!(refused, Err(JournalError::ClockSetBack { .. })), "{refused:?}");
    time.fetch_add(3606, Ordering::SeqCst);
    journal.intent(permit(&inspection), &record).await.unwrap();
    journal.close().unwrap();
}
