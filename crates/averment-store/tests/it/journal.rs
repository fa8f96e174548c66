//! What is recorded, and that it is on disk before the answer.

use averment_ledger::{Deed, Deviation, Fault, LedgerFile, Outcome};
use averment_store::{
    DataFolder, Follower, Journal, JournalError, JournalOpenError, KeyError, ReadError, entries, read_leaves,
    request_digest, trusted, verify,
};

use crate::fixture::*;

#[tokio::test]
async fn an_intent_is_in_the_log_when_it_is_answered() {
    let home = Home::new();
    let (journal, recovery, folder, keys) = home.journal();
    assert_eq!(recovery.entries, 0);
    let snapshot = snapshot();
    let inspection = inspection(vec![finding("contact.email", 3), finding("contact.email", 30)]);
    let cleared = journal
        .intent(permit(&inspection), &record(&inspection, &snapshot))
        .await
        .unwrap();
    let read: Vec<_> = entries(&folder, Some(keys.verifier()))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let [run, one] = &read[..] else { panic!("{read:?}") };
    let Deed::Run(run) = &run.entry.deed else {
        panic!("{run:?}")
    };
    let Deed::Intent(message) = &one.entry.deed else {
        panic!("{one:?}")
    };
    assert_eq!(one.entry.at, "2026-03-01T12:00:00.000000Z");
    assert_eq!(one.entry.charter, charter().digest().to_string());
    assert_eq!(message.id, cleared.id());
    assert_eq!(message.contract.as_deref(), Some("DPA-17"));
    assert_eq!(
        (message.action.as_str(), message.judged.as_str(), message.mode.as_str()),
        ("rewrite", "rewrite", "enforce")
    );
    assert_eq!(message.request, request_digest(&keys, "POST", "/tickets", b"{}"));
    let [found] = &message.findings[..] else {
        panic!("alike findings are counted together: {message:?}")
    };
    assert_eq!(
        (found.count, found.treated.as_str(), found.treatment.as_str()),
        (2, "mask", "mask")
    );
    assert_eq!(
        found.person,
        Some(
            snapshot
                .person_keys
                .get(averment_detect::PersonNumber(1))
                .unwrap()
                .reference(&run.run, 0)
        )
    );
}

#[tokio::test]
async fn which_program_decides_is_the_first_thing_that_it_records() {
    let home = Home::new();
    for build in [Some([7; 32]), Some([8; 32]), None] {
        let (journal, recovery, folder, keys) = home.journal();
        for _ in 0..2 {
            journal.announce(build).unwrap();
        }
        let (inspection, snapshot) = (inspection(vec![finding("contact.email", 3)]), snapshot());
        journal
            .intent(permit(&inspection), &record(&inspection, &snapshot))
            .await
            .unwrap();
        journal.close().unwrap();
        let read = entries(&folder, Some(keys.verifier())).unwrap().map(Result::unwrap);
        let read: Vec<_> = read.filter(|one| one.index >= recovery.entries).collect();
        let [run, intent] = &read[..] else { panic!("{read:?}") };
        assert!(matches!(&run.entry.deed, Deed::Run(run) if run.build.map(|build| build.0) == build));
        assert!(matches!(&intent.entry.deed, Deed::Intent(_)));
    }
}

#[tokio::test]
async fn refusals_and_outcomes_follow_in_order() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    let snapshot = snapshot();
    let barred = inspection(vec![finding("contact.phone", 3)]);
    let id = journal
        .refusal(&refused(&barred), &record(&barred, &snapshot))
        .await
        .unwrap();
    journal
        .note(Deed::Outcome(Outcome {
            id: id.clone(),
            result: "not_sent".into(),
            ..Outcome::default()
        }))
        .unwrap();
    journal.close().unwrap();
    let read: Vec<_> = entries(&folder, None)
        .unwrap()
        .map(|entry| entry.unwrap().entry.deed)
        .collect();
    assert!(matches!(&read[0], Deed::Run(_)));
    assert!(matches!(&read[1], Deed::Refusal(message) if message.id == id && message.findings[0].treated == "block"));
    assert!(matches!(&read[2], Deed::Outcome(outcome) if outcome.id == id));
    let audit = verify(&folder, Some(keys.verifier())).unwrap();
    assert!(audit.holds(), "{audit:?}");
    assert!(matches!(journal.note(Deed::Unknown), Err(JournalError::Closed)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_intents_share_few_syncs() {
    let home = Home::new();
    let (journal, ..) = home.journal();
    let tasks: Vec<_> = (0..512)
        .map(|_| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
                journal
                    .intent(permit(&inspection), &record(&inspection, &snapshot))
                    .await
                    .map(|cleared| cleared.id().to_owned())
            })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap().unwrap());
    }
    let stats = journal.stats();
    assert_eq!((ids.len(), stats.entries), (512, 512));
    assert!(stats.groups < stats.entries, "{stats:?}");
}

#[tokio::test]
async fn the_journal_continues_where_it_ended() {
    let home = Home::new();
    let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
    for round in 0..3 {
        let (journal, recovery, folder, _) = home.journal();
        assert_eq!(
            (recovery.entries, recovery.cut_entries, recovery.cut_bytes),
            (round, 0, 0)
        );
        journal
            .intent(permit(&inspection), &record(&inspection, &snapshot))
            .await
            .unwrap();
        journal.close().unwrap();
        drop(journal);
        assert!(verify(&folder, None).unwrap().holds());
    }
}

#[test]
fn a_torn_end_is_repaired_and_counted() {
    let home = Home::new();
    let (journal, _, folder, _) = home.journal();
    for _ in 0..3 {
        journal.note(Deed::Unknown).unwrap();
    }
    journal.close().unwrap();
    drop((journal, folder));
    // The checkpoint of a group and half of it: as if the machine had stopped within the write of the second group.
    let log = home.data().join("ledger/0001/log");
    let content = std::fs::read(&log).unwrap();
    let checkpoint_at = content[..content.len() - 1]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .unwrap()
        + 1;
    let open = |bytes: &[u8]| {
        std::fs::write(&log, bytes).unwrap();
        let (folder, keys) = home.open();
        let opened = Journal::open(&folder, &keys, noon, charter().digest());
        opened.map(|(journal, recovery)| {
            journal.close().unwrap();
            assert!(verify(&folder, Some(keys.verifier())).unwrap().holds());
            recovery
        })
    };
    assert_eq!(open(&content).unwrap().entries, 3);
    // What the file `checkpoint` covers may not be cut: that is no crash.
    assert!(
        matches!(open(&content[..checkpoint_at]), Err(JournalOpenError::Break(found)) if found.file == LedgerFile::Log)
    );
    let mut more = content.clone();
    let json = "{\"v\":1,\"at\":\"2026-03-01T12:00:00.000000Z\",\"charter\":\"sha256:0\",\"kind\":\"unknown\"}";
    averment_ledger::write_entry_line(&mut more, 3, &averment_ledger::leaf_hash(json.as_bytes()), json);
    more.extend_from_slice(b"E 4 half a li");
    let recovery = open(&more).unwrap();
    let cut = (more.len() - content.len()) as u64;
    assert_eq!(
        (recovery.entries, recovery.cut_entries, recovery.cut_bytes),
        (3, 1, cut)
    );
    assert_eq!(std::fs::read(&log).unwrap(), content);
    // After a power failure a block that was never written may lie before one that was.
    more.splice(content.len() + 10..content.len() + 20, [0; 10]);
    more.push(b'\n');
    let recovery = open(&more).unwrap();
    assert_eq!(
        (recovery.entries, recovery.cut_entries, recovery.cut_bytes),
        (3, 0, cut + 1)
    );
}

#[tokio::test]
async fn a_follower_gets_every_entry_once_while_it_is_written() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    let mut follower = Follower::new(&folder, keys.verifier().clone());
    let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
    let mut seen = Vec::new();
    for round in 1..=5 {
        for _ in 0..round {
            journal
                .intent(permit(&inspection), &record(&inspection, &snapshot))
                .await
                .unwrap();
        }
        follower.read(|index, _| seen.push(index)).unwrap();
        assert_eq!(follower.checkpoint().unwrap().size, seen.len() as u64);
    }
    assert_eq!(seen, (0..15).collect::<Vec<u64>>());
    let log = folder.log_file(1, LedgerFile::Log);
    let mut content = std::fs::read(&log).unwrap();
    content[200] ^= 1;
    std::fs::write(&log, content).unwrap();
    let mut second = Follower::new(&folder, keys.verifier().clone());
    assert!(second.read(|_, _| ()).is_err());
}

/// Readers take the log in pieces, and a group may be larger than one.
#[test]
fn a_group_that_is_larger_than_a_piece_is_read_whole() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    let count = 30;
    for _ in 0..count {
        let fault = "x".repeat(60_000);
        journal.note(Deed::Fault(Fault { fault })).unwrap();
    }
    journal.close().unwrap();
    let key = keys.verifier().clone();
    let (mut followed, mut leaves) = (0, 0);
    Follower::new(&folder, key.clone())
        .read(|_, entry| followed += u64::from(matches!(entry.deed, Deed::Fault(_))))
        .unwrap();
    read_leaves(&folder.log(1), key, |_, _, _| leaves += 1).unwrap();
    assert_eq!((followed, leaves), (count, count));
}

/// What somebody does to the log under a running gate.
type Tampering = fn(&std::path::Path);

#[tokio::test]
async fn a_log_that_is_taken_away_stops_the_journal() {
    let taken_away: [(&str, Tampering); 6] = [
        ("removed", |log| std::fs::remove_file(log).unwrap()),
        ("emptied", |log| std::fs::write(log, b"").unwrap()),
        ("replaced by a copy", |log| {
            std::fs::copy(log, log.with_extension("2")).unwrap();
            std::fs::rename(log.with_extension("2"), log).unwrap();
        }),
        ("longer", |log| {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new().append(true).open(log).unwrap();
            file.write_all(b"x").unwrap();
        }),
        ("with its folder", |log| {
            // The file `checkpoint` follows the answer, and may be made anew meanwhile.
            while std::fs::remove_dir_all(log.parent().unwrap())
                .is_err_and(|error| error.kind() == std::io::ErrorKind::DirectoryNotEmpty)
            {}
        }),
        ("moved away and made anew", |log| {
            std::fs::rename(log, log.with_extension("2")).unwrap();
            std::fs::write(log, b"").unwrap();
        }),
    ];
    for (how, tamper) in taken_away {
        let home = Home::new();
        let (journal, _, folder, _) = home.journal();
        let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
        let record = record(&inspection, &snapshot);
        journal.intent(permit(&inspection), &record).await.unwrap();
        tamper(&folder.log_file(1, LedgerFile::Log));
        for _ in 0..2 {
            let refused = journal.intent(permit(&inspection), &record).await;
            assert!(matches!(refused, Err(JournalError::Write(_))), "{how}: {refused:?}");
        }
        assert!(
            matches!(journal.note(Deed::Unknown), Err(JournalError::Write(_))),
            "{how}"
        );
    }
}

const LOG_AND_CHECKPOINT: [LedgerFile; 2] = [LedgerFile::Log, LedgerFile::Checkpoint];

fn put_back(folder: &DataFolder, contents: &[Vec<u8>; 2]) {
    for (file, content) in LOG_AND_CHECKPOINT.into_iter().zip(contents) {
        std::fs::write(folder.log_file(1, file), content).expect("a file of the log");
    }
}

/// A closed journal with three groups; gives log and checkpoint after each of them.
async fn three_groups(home: &Home) -> Vec<[Vec<u8>; 2]> {
    let (journal, _, folder, _) = home.journal();
    let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
    let mut logs = Vec::new();
    let checkpoint = || std::fs::read(folder.log_file(1, LedgerFile::Checkpoint)).expect("a checkpoint");
    for _ in 0..3 {
        let before = checkpoint();
        journal
            .intent(permit(&inspection), &record(&inspection, &snapshot))
            .await
            .expect("recorded");
        // It follows the answer.
        while checkpoint() == before {
            tokio::task::yield_now().await;
        }
        logs.push(LOG_AND_CHECKPOINT.map(|file| std::fs::read(folder.log_file(1, file)).expect("a file of the log")));
    }
    journal.close().expect("closed");
    logs
}

#[tokio::test]
async fn a_ledger_that_was_cut_back_is_seen_by_whoever_has_the_keys() {
    let home = Home::new();
    let logs = three_groups(&home).await;
    let (folder, keys) = home.open();
    let open = || Journal::open(&folder, &keys, noon, charter().digest()).map(|(journal, _)| journal);
    for log in &logs[..2] {
        put_back(&folder, log);
        // Whoever has no keys sees a whole ledger: every signature in it is the gate's own.
        assert!(verify(&folder, Some(keys.verifier())).unwrap().holds());
        let audit = verify(&folder, trusted(&folder, &keys).unwrap()).unwrap();
        let [found] = &audit.breaks[..] else {
            panic!("{audit:?}")
        };
        assert!(
            matches!(found.deviation, Deviation::BehindMark { expected: 3, .. }),
            "{found}"
        );
        assert!(
            entries(&folder, trusted(&folder, &keys).unwrap())
                .unwrap()
                .any(|entry| entry.is_err())
        );
        let refused = open().unwrap_err();
        assert!(
            matches!(&refused, JournalOpenError::Break(again) if again == found),
            "{refused}"
        );
    }
    put_back(&folder, &logs[2]);
    open().unwrap().close().unwrap();
}

/// What a power failure may leave in a file that was not on disk yet; somebody else's word is none of it.
#[tokio::test]
async fn a_checkpoint_that_is_no_note_is_made_anew_from_a_log_that_reaches_the_mark() {
    let home = Home::new();
    let logs = three_groups(&home).await;
    let (folder, keys) = home.open();
    let [log, checkpoint] = &logs[2];
    let half = checkpoint.len() / 2;
    let open = || Journal::open(&folder, &keys, noon, charter().digest());
    for damaged in [Vec::new(), vec![0; checkpoint.len()], checkpoint[..half].to_vec()] {
        put_back(&folder, &[log.clone(), damaged.clone()]);
        let (journal, recovery) = open().expect("it opens");
        journal.close().expect("closed");
        assert!(recovery.checkpoint_mended && recovery.entries == 3, "{recovery:?}");
        assert_eq!(
            std::fs::read(folder.log_file(1, LedgerFile::Checkpoint)).unwrap(),
            *checkpoint
        );
        assert!(verify(&folder, trusted(&folder, &keys).unwrap()).unwrap().holds());
        // Never less than the mark says.
        put_back(&folder, &[logs[1][0].clone(), damaged]);
        let refused = open().map(drop).unwrap_err();
        assert!(
            matches!(&refused, JournalOpenError::Break(found) if found.file == LedgerFile::Checkpoint),
            "{refused}"
        );
    }
    let mut forged = checkpoint.clone();
    let at = forged.iter().position(|&byte| byte == b'3').expect("its size");
    forged[at] = b'4';
    put_back(&folder, &[log.clone(), forged]);
    assert!(matches!(open(), Err(JournalOpenError::Break(_))));
    // Without a mark nobody can say what the log had.
    put_back(&folder, &[log.clone(), Vec::new()]);
    let mark = home.keys().join("ledger.mark");
    let marked = std::fs::read(&mark).unwrap();
    std::fs::remove_file(&mark).unwrap();
    assert!(matches!(open(), Err(JournalOpenError::Break(_))));
    std::fs::write(&mark, marked).unwrap();
    let (journal, recovery) = open().expect("it opens");
    journal.close().expect("closed");
    assert!(recovery.checkpoint_mended);
}

#[tokio::test]
async fn another_history_of_the_same_length_is_seen() {
    let home = Home::new();
    three_groups(&home).await;
    let mark = std::fs::read(home.keys().join("ledger.mark")).unwrap();
    // The same key begins again, as if somebody with a copy of it had.
    std::fs::remove_file(home.keys().join("ledger.mark")).unwrap();
    std::fs::remove_dir_all(home.data().join("ledger")).unwrap();
    three_groups(&home).await;
    std::fs::write(home.keys().join("ledger.mark"), mark).unwrap();
    let (folder, keys) = home.open();
    let audit = verify(&folder, trusted(&folder, &keys).unwrap()).unwrap();
    assert!(
        matches!(audit.breaks[0].deviation, Deviation::NotTheMark { size: 3 }),
        "{audit:?}"
    );
    let refused = Journal::open(&folder, &keys, noon, charter().digest())
        .map(drop)
        .unwrap_err();
    assert!(matches!(refused, JournalOpenError::Break(_)), "{refused}");
}

#[tokio::test]
async fn a_ledger_that_is_gone_is_not_begun_anew() {
    let home = Home::new();
    three_groups(&home).await;
    std::fs::remove_dir_all(home.data().join("ledger")).unwrap();
    for data_is_gone in [false, true] {
        if data_is_gone {
            std::fs::remove_dir_all(home.data()).unwrap();
        }
        let (folder, keys) = home.open();
        let refused = Journal::open(&folder, &keys, noon, charter().digest())
            .map(drop)
            .unwrap_err();
        assert!(
            matches!(refused, JournalOpenError::Gone { entries: 3, .. }),
            "{refused}"
        );
        assert!(!folder.log_file(1, LedgerFile::Log).exists());
        let refused = trusted(&folder, &keys).unwrap_err();
        assert!(matches!(refused, ReadError::Gone { entries: 3, .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_mark_is_kept_while_the_gate_runs() {
    let home = Home::new();
    let (journal, _, _, keys) = home.journal();
    assert_eq!(keys.mark().unwrap().unwrap().size, 0);
    let (inspection, snapshot) = (inspection(Vec::new()), snapshot());
    journal
        .intent(permit(&inspection), &record(&inspection, &snapshot))
        .await
        .unwrap();
    // Nothing more comes; the mark follows all the same. The bound is for slow machines.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while keys.mark().unwrap().unwrap().size == 0 {
        assert!(std::time::Instant::now() < until, "no mark");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    journal.close().unwrap();
    std::fs::write(home.keys().join("ledger.mark"), b"1\n").unwrap();
    assert!(matches!(keys.mark(), Err(KeyError::Mark { .. })));
}

#[tokio::test]
async fn a_message_with_more_findings_than_fit_is_read_back_whole() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    let snapshot = snapshot();
    let places = 0..2_000;
    let found = places.map(|place| {
        let mut found = finding("contact.email", place);
        found.place.pointer = format!("items[{place}].{}", "deep.".repeat(9));
        found
    });
    let large = inspection(found.collect());
    journal
        .intent(permit(&large), &record(&large, &snapshot))
        .await
        .unwrap();
    let small = inspection(vec![finding("contact.email", 1)]);
    journal
        .intent(permit(&small), &record(&small, &snapshot))
        .await
        .unwrap();
    let read: Vec<_> = entries(&folder, Some(keys.verifier()))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let [_run, large, small] = &read[..] else {
        panic!("{} entries", read.len())
    };
    assert!(large.index > 3 && small.index == large.index + 1);
    let Deed::Intent(message) = &large.entry.deed else {
        panic!("{large:?}")
    };
    assert_eq!((message.findings.len(), message.preceded_by), (2_000, 0));
    let pointers = message.findings.iter().map(|found| found.pointer.clone());
    assert!(pointers.eq((0..2_000).map(|place| format!("items[{place}].{}", "deep.".repeat(9)))));
    assert_eq!(verify(&folder, Some(keys.verifier())).unwrap().breaks, []);
}
