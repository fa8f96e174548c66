//! What the journal does when the disk fails: nothing is called recorded that is not, and nothing is tried again.

use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex};

use averment_ledger::{Audit, Deed, Fault, LedgerFile, audit};
use averment_register::Digest;

use super::disk::Disk;
use super::open::{LogEnd, Start};
use super::{Journal, JournalError};
use crate::DataFolder;

/// What is on the disk.
#[derive(Debug, Default)]
struct Content {
    log: Vec<u8>,
    checkpoint: String,
    marks: Vec<String>,
    steps: usize,
}

/// A disk in memory that fails at one step, before or after the step has persisted.
struct FailingDisk {
    content: Arc<Mutex<Content>>,
    fail_at: usize,
    when: When,
}

#[derive(Clone, Copy, Debug)]
enum When {
    Before,
    Half,
    After,
}

impl FailingDisk {
    fn step(&self, persist: impl Fn(&mut Content, When)) -> std::io::Result<()> {
        let mut content = self.content.lock().unwrap();
        content.steps += 1;
        if content.steps != self.fail_at {
            persist(&mut content, When::After);
            return Ok(());
        }
        persist(&mut content, self.when);
        Err(Error::from(ErrorKind::StorageFull))
    }
}

impl Disk for FailingDisk {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.step(|content, when| match when {
            When::Before => {}
            When::Half => content.log.extend_from_slice(&bytes[..bytes.len() / 2]),
            When::After => content.log.extend_from_slice(bytes),
        })
    }

    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()> {
        self.step(|content, when| {
            if matches!(when, When::After) {
                content.checkpoint = note.to_owned();
            }
        })
    }

    fn replace_mark(&mut self, note: &str) -> std::io::Result<()> {
        self.content.lock().unwrap().marks.push(note.to_owned());
        Ok(())
    }
}

struct Scene {
    _dir: tempfile::TempDir,
    keys: crate::Keys,
    content: Arc<Mutex<Content>>,
    journal: Journal,
}

fn scene(fail_at: usize, when: When) -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let (folder, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let clock = || "2026-03-01T12:00:00Z".parse().unwrap();
    Journal::open(&folder, &keys, clock, Digest::of(b""))
        .unwrap()
        .0
        .close()
        .unwrap();
    let checkpoint = std::fs::read_to_string(folder.ledger_file(LedgerFile::Checkpoint)).unwrap();
    let content = Arc::new(Mutex::new(Content {
        checkpoint,
        ..Content::default()
    }));
    let disk = Box::new(FailingDisk {
        content: Arc::clone(&content),
        fail_at,
        when,
    });
    let start = Start {
        disk,
        end: LogEnd::default(),
        keys: &keys,
        clock: Box::new(clock),
        charter: Digest::of(b""),
    };
    let journal = Journal::start(start).unwrap();
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
    let verifier = format!("{}\n", scene.keys.verifier());
    audit(
        Some(verifier.as_bytes()),
        Some(content.checkpoint.as_bytes()),
        &content.log[..],
        None,
    )
    .unwrap()
}

/// Every step of four groups fails once before it persisted, once half way, once after.
#[tokio::test]
async fn a_failed_step_poisons_the_journal_and_leaves_a_record_that_holds() {
    for fail_at in 1..=8 {
        for when in [When::Before, When::Half, When::After] {
            let scene = scene(fail_at, when);
            let mut acknowledged = 0;
            for _ in 0..6 {
                match scene.journal.record(&[], |_| deed()).await {
                    Ok(_) => acknowledged += 1,
                    Err(error) => assert!(matches!(error, JournalError::Write(_)), "{error:?}"),
                }
            }
            assert_eq!(acknowledged, (fail_at as u64 - 1) / 2, "step {fail_at} {when:?}");
            assert!(matches!(scene.journal.note(deed()), Err(JournalError::Write(_))));
            assert!(matches!(scene.journal.close(), Err(JournalError::Write(_))));
            assert_eq!(scene.content.lock().unwrap().steps, fail_at, "nothing is tried again");
            let audit = check(&scene);
            assert!(audit.holds(), "step {fail_at} {when:?}: {audit:?}");
            assert!(audit.sealed.unwrap().entries >= acknowledged);
        }
    }
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
    assert_eq!(content.marks.last(), Some(&content.checkpoint));
}
