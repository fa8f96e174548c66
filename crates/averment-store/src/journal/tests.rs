//! What the journal does when the disk fails: nothing is called recorded that is not, and nothing is tried again.

mod forgotten;
mod memory;
mod message;
mod pair;
mod simulation;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use averment_detect::PersonNumber;
use averment_ledger::{Audit, Deed, Fault, Frontier, audit};
use averment_register::Digest;

use super::batch::Batch;
use super::frame::{Clock, Frame};
use super::open::Start;
use super::writer::{Intake, Log, Writer};
use super::{Journal, JournalError, NewLog, term};
use crate::DataFolder;
use memory::{Content, Memory, When};

struct Scene {
    _dir: tempfile::TempDir,
    keys: crate::Keys,
    content: Arc<Mutex<Content>>,
    journal: Journal,
}

fn noon() -> jiff::Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// The beginning of a journal on a disk in memory.
fn start<'a>(keys: &'a crate::Keys, content: &Arc<Mutex<Content>>, clock: Clock) -> Start<'a> {
    let key = keys.for_next_log().of_log(1);
    content.lock().unwrap().put(&term::first(&key));
    Start {
        disk: Box::new(Memory(Arc::clone(content))),
        log: Log {
            number: 1,
            first: 0,
            tree: Frontier::new(),
            groups: 0,
            bytes: 0,
            key,
            begun: None,
        },
        keys,
        frame: Frame::new(clock, Digest::of(b"")),
    }
}

fn scene(fail_at: usize, when: When) -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let (_, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let content = Arc::new(Mutex::new(Content::failing(fail_at, when)));
    let (journal, writer) = Journal::prepare(start(&keys, &content, Box::new(noon))).unwrap();
    journal.run(writer).unwrap();
    Scene {
        _dir: dir,
        keys,
        content,
        journal,
    }
}

fn deed() -> Deed {
    Deed::Fault(Fault {
        fault: "directory_empty".into(),
    })
}

fn check(scene: &Scene) -> Audit {
    let content = scene.content.lock().unwrap();
    let log = &content.logs[0];
    audit(
        Some(log.verifier.as_bytes()),
        Some(log.checkpoint.content()),
        &log.bytes[..],
        Some(scene.keys.verifier()),
    )
    .unwrap()
}

/// Steps of one group: entries, reading back, checkpoint line, sync, and after the answers the file `checkpoint`.
const STEPS: usize = 5;

/// Every step of four groups fails once before it persisted, once half way, once after.
#[tokio::test]
async fn a_failed_step_poisons_the_journal_and_leaves_a_record_that_holds() {
    for fail_at in 1..=4 * STEPS {
        for when in [When::Before, When::Half, When::After] {
            let scene = scene(fail_at, when);
            let mut acknowledged = 0;
            for _ in 0..6 {
                match scene.journal.record(&[], |_| deed()).await {
                    Ok(_) => acknowledged += 1,
                    Err(error) => assert!(matches!(error, JournalError::Write(_)), "{error:?}"),
                }
            }
            assert_eq!(acknowledged, fail_at as u64 / STEPS as u64, "step {fail_at} {when:?}");
            assert!(matches!(scene.journal.note(deed()), Err(JournalError::Write(_))));
            assert!(matches!(scene.journal.close(), Err(JournalError::Write(_))));
            assert_eq!(scene.content.lock().unwrap().steps, fail_at, "nothing is tried again");
            let audit = check(&scene);
            assert!(audit.holds(), "step {fail_at} {when:?}: {audit:?}");
            assert!(audit.sealed.unwrap().entries >= acknowledged);
        }
    }
}

/// The thread sleeps over the end of the month; what wakes it is of the new one.
#[tokio::test]
async fn the_first_entry_after_an_idle_boundary_is_in_the_new_log() {
    let dir = tempfile::tempdir().unwrap();
    let (_, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let content = Arc::new(Mutex::new(Content::failing(usize::MAX, When::Before)));
    let time = Arc::new(AtomicI64::new(noon().as_second()));
    let told = Arc::clone(&time);
    let clock = move || jiff::Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap();
    let (journal, writer) = Journal::prepare(start(&keys, &content, Box::new(clock))).unwrap();
    journal.run(writer).unwrap();
    journal.set_new_log(NewLog::Monthly, jiff::tz::TimeZone::UTC);
    let sizes = || {
        content
            .lock()
            .unwrap()
            .logs
            .iter()
            .map(|log| log.bytes.len())
            .collect::<Vec<_>>()
    };
    journal.record(&[], |_| deed()).await.unwrap();
    let before = sizes();
    for (month, logs) in [(1, 2), (1, 2), (2, 3)] {
        // Until it sleeps; if it does not yet, the test shows less and fails as little.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        time.store(noon().as_second() + month * 31 * 86_400, Ordering::SeqCst);
        let number = journal.record(&[], |_| deed()).await.unwrap();
        assert_eq!(sizes().len(), logs, "month {month}");
        let content = content.lock().unwrap();
        let lines = String::from_utf8(content.logs[logs - 1].bytes.clone()).unwrap();
        let last = lines.lines().rfind(|line| line.starts_with("E ")).unwrap();
        assert!(last.contains("directory_empty"), "entry {number}: {last}");
    }
    assert!(sizes()[0] > before[0], "the log was not ended");
    journal.close().unwrap();
}

/// A term that begins while a group is gathered and written, and nothing comes after it.
#[test]
fn a_term_that_begins_with_the_last_entry_begins_a_log() {
    let dir = tempfile::tempdir().unwrap();
    let (_, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let content = Arc::new(Mutex::new(Content::failing(usize::MAX, When::Before)));
    let (looks, april) = (Arc::new(AtomicI64::new(0)), noon().as_second() + 31 * 86_400);
    let looked = Arc::clone(&looks);
    let clock = move || {
        // The look at the beginning of the group is the last of March.
        let is_march = looked.fetch_sub(1, Ordering::SeqCst) > 0;
        jiff::Timestamp::from_second(if is_march { noon().as_second() } else { april }).unwrap()
    };
    looks.store(i64::MAX, Ordering::SeqCst);
    let (journal, mut writer) = Journal::prepare(start(&keys, &content, Box::new(clock))).unwrap();
    journal.set_new_log(NewLog::Monthly, jiff::tz::TimeZone::UTC);
    let logs = || content.lock().unwrap().logs.len();
    journal.note(deed()).unwrap();
    assert_eq!(writer.turn(), Intake::Open);
    assert_eq!(logs(), 1);
    journal.note(deed()).unwrap();
    looks.store(1, Ordering::SeqCst);
    assert_eq!(writer.turn(), Intake::Open);
    assert_eq!(logs(), 2);
}

#[tokio::test]
async fn everybody_who_waits_is_told() {
    let scene = scene(1, When::Before);
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let journal = scene.journal.clone();
            tokio::spawn(async move { journal.record(&[], |_| deed()).await })
        })
        .collect();
    for answer in waiting {
        assert!(matches!(answer.await.unwrap(), Err(JournalError::Write(_))));
    }
}

#[tokio::test]
async fn an_entry_that_no_line_holds_is_refused_and_harms_nobody() {
    let scene = scene(usize::MAX, When::Before);
    let large = Deed::Fault(Fault {
        fault: "x".repeat(averment_ledger::ENTRY_BYTES_MAX),
    });
    assert!(matches!(
        scene.journal.record(&[], |_| large).await,
        Err(JournalError::TooLarge { .. })
    ));
    scene.journal.record(&[], |_| deed()).await.unwrap();
    scene.journal.close().unwrap();
    assert_eq!(check(&scene).sealed.unwrap().entries, 1);
}

#[test]
fn notes_are_written_when_the_journal_closes() {
    let scene = scene(usize::MAX, When::Before);
    for _ in 0..100 {
        scene.journal.note(deed()).unwrap();
    }
    scene.journal.close().unwrap();
    assert_eq!(check(&scene).sealed.unwrap().entries, 100);
    assert!(matches!(scene.journal.note(deed()), Err(JournalError::Closed)));
    scene.journal.close().unwrap();
}

#[tokio::test]
async fn the_mark_does_not_follow_every_group_and_is_right_in_the_end() {
    let scene = scene(usize::MAX, When::Before);
    let begun = std::time::Instant::now();
    for _ in 0..50 {
        scene.journal.record(&[], |_| deed()).await.unwrap();
    }
    let marks_max = begun.elapsed().as_secs() as usize + 1;
    scene.journal.close().unwrap();
    let content = scene.content.lock().unwrap();
    assert!(content.marks.len() <= marks_max, "{}", content.marks.len());
    let marked = content.marks.last().map(String::as_bytes);
    assert_eq!(marked, Some(content.logs[0].checkpoint.content()));
}

/// The disk stands still until nothing more is let in; then somebody gives up whose intent names a person.
#[test]
fn whoever_gives_up_while_the_queue_is_full_has_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (_, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let content = Arc::new(Mutex::new(Content::failing(usize::MAX, When::Before)));
    let (journal, mut writer) = Journal::prepare(start(&keys, &content, Box::new(noon))).unwrap();
    let letter = message::Letter::new(0, Some((PersonNumber(1), crate::PersonKey::new([1; 32]))));
    {
        let record = letter.record();
        let intent = std::pin::pin!(journal.intent(letter.permit(), &record));
        let mut context = Context::from_waker(Waker::noop());
        assert!(intent.poll(&mut context).is_pending());
        while journal.note(deed()).is_ok() {}
        assert!(matches!(journal.note(deed()), Err(JournalError::Full)));
    }
    journal.shared.sender.send(super::writer::Order::Close).unwrap();
    while writer.turn() == Intake::Open {}
    let content = content.lock().unwrap();
    let lines = String::from_utf8_lossy(&content.logs[0].bytes);
    assert_eq!(lines.matches("\"kind\":\"intent\"").count(), 1);
    assert_eq!(lines.matches("\"result\":\"not_sent\"").count(), 1);
}

/// Lines that were written while others made their entries are under the same checkpoint as those, and a part that was
/// written when the machine stopped is no record.
#[test]
fn a_group_that_is_written_in_parts_is_one_group() {
    let dir = tempfile::tempdir().unwrap();
    let (_, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let content = Arc::new(Mutex::new(Content::failing(usize::MAX, When::Before)));
    let (journal, mut writer) = Journal::prepare(start(&keys, &content, Box::new(noon))).unwrap();
    let audited = || {
        let content = content.lock().unwrap();
        let log = &content.logs[0];
        let (verifier, checkpoint) = (log.verifier.as_bytes(), log.checkpoint.content());
        audit(Some(verifier), Some(checkpoint), &log.bytes[..], Some(keys.verifier())).unwrap()
    };
    let (mut batch, mut written) = (Batch::default(), 0);
    for part in [1, 3, 0, 2] {
        for _ in 0..part {
            journal.note(deed()).unwrap();
            let order = writer.orders.next().unwrap();
            writer.take(order, &mut batch);
        }
        writer.write_lines(&mut batch).unwrap();
        written += part;
        assert_eq!((batch.entries(), batch.unwritten()), (written, 0));
        let audit = audited();
        assert!(audit.holds() && audit.entries() == 0, "{audit:?}");
        assert_eq!(audit.tail.map(|tail| tail.entries), Some(written as u64));
    }
    writer.commit(&mut batch).unwrap();
    let audit = audited();
    assert!(audit.holds() && audit.tail.is_none(), "{audit:?}");
    assert_eq!((audit.entries(), audit.sealed.unwrap().checkpoints), (6, 1));
}

/// What was written while others made their entries is looked at again before it is signed for.
#[test]
fn a_byte_that_changed_after_its_part_was_read_back_is_never_signed() {
    for changed in [None, Some(0), Some(1), Some(200)] {
        let dir = tempfile::tempdir().unwrap();
        let (_, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
        let content = Arc::new(Mutex::new(Content::failing(usize::MAX, When::Before)));
        let (journal, mut writer) = Journal::prepare(start(&keys, &content, Box::new(noon))).unwrap();
        let mut batch = Batch::default();
        let add = |writer: &mut Writer, batch: &mut Batch| {
            journal.note(deed()).unwrap();
            let order = writer.orders.next().unwrap();
            writer.take(order, batch);
        };
        add(&mut writer, &mut batch);
        add(&mut writer, &mut batch);
        writer.write_lines(&mut batch).unwrap();
        if let Some(at) = changed {
            content.lock().unwrap().logs[0].bytes[at] ^= 1;
        }
        add(&mut writer, &mut batch);
        assert_eq!(writer.commit(&mut batch).is_err(), changed.is_some(), "{changed:?}");
    }
}

#[tokio::test]
async fn a_byte_that_the_disk_changed_is_never_signed() {
    for wrong_at in [0, 1, 60, 100, usize::MAX] {
        let scene = scene(usize::MAX, When::Before);
        scene.journal.record(&[], |_| deed()).await.unwrap();
        scene.content.lock().unwrap().wrong_at = Some(wrong_at);
        let refused = scene.journal.record(&[], |_| deed()).await;
        assert!(matches!(refused, Err(JournalError::Write(_))), "{refused:?}");
        assert!(matches!(scene.journal.note(deed()), Err(JournalError::Write(_))));
        let audit = check(&scene);
        assert!(audit.holds(), "{audit:?}");
        assert_eq!(audit.entries(), 1);
    }
}
