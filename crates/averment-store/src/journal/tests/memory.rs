//! A disk in memory that fails at one step: before the step has persisted, half way, or after.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::pair::InMemory;
use crate::journal::disk::{Disk, LogStart};
use crate::journal::replace::{Pair as _, Replacing};

/// What is on the disk.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) logs: Vec<LogOnDisk>,
    pub(super) marks: Vec<String>,
    pub(super) steps: usize,
    /// Which byte of what is written next the disk changes; the last one when there are fewer.
    pub(super) wrong_at: Option<usize>,
    fail_at: usize,
    when: Option<When>,
}

/// One log.
#[derive(Debug, Default, Clone)]
pub(super) struct LogOnDisk {
    pub(super) verifier: String,
    pub(super) bytes: Vec<u8>,
    /// How many of the bytes outlast a power failure.
    pub(super) synced: usize,
    pub(super) checkpoint: InMemory,
    replacing: Replacing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    Half,
    After,
}

/// How the machine stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The process ends: everything written is there.
    Killed,
    /// The power fails: of what was not synced only so many bytes are there, the last of them garbled.
    Power(usize),
}

impl Content {
    pub(super) fn failing(fail_at: usize, when: When) -> Self {
        Self {
            fail_at,
            when: Some(when),
            ..Self::default()
        }
    }

    pub(super) fn put(&mut self, start: &LogStart) {
        self.logs.push(LogOnDisk {
            verifier: start.verifier.clone(),
            bytes: start.log.clone(),
            synced: start.log.len(),
            checkpoint: InMemory::on_disk(&start.checkpoint),
            replacing: Replacing::default(),
        });
    }

    fn last(&mut self) -> &mut LogOnDisk {
        self.logs.last_mut().unwrap()
    }

    /// Puts everything into real folders, as the machine left it.
    pub(super) fn lay_down(&self, data: &Path, keys: &Path, stop: Stop) {
        for (log, number) in self.logs.iter().zip(1..) {
            let folder = data.join(format!("ledger/{number:04}"));
            std::fs::create_dir_all(&folder).unwrap();
            let (bytes, checkpoint) = match stop {
                Stop::Killed => (log.bytes.clone(), log.checkpoint.content().to_vec()),
                Stop::Power(kept) => {
                    let end = (log.synced + kept).min(log.bytes.len());
                    let mut bytes = log.bytes[..end].to_vec();
                    if let Some(last) = bytes[log.synced..].last_mut() {
                        *last = 0;
                    }
                    (bytes, log.checkpoint.after_power_failure(kept))
                }
            };
            std::fs::write(folder.join("log"), bytes).unwrap();
            std::fs::write(folder.join("checkpoint"), checkpoint).unwrap();
            std::fs::write(folder.join("verifier"), &log.verifier).unwrap();
        }
        if let Some(mark) = self.marks.last() {
            std::fs::write(keys.join("ledger.mark"), mark).unwrap();
        }
    }
}

/// The disk itself.
pub(super) struct Memory(pub(super) Arc<Mutex<Content>>);

impl Memory {
    /// One step; `persist` does it up to what `When` says.
    fn step(&self, persist: impl FnOnce(&mut Content, When)) -> std::io::Result<()> {
        let mut content = self.0.lock().unwrap();
        content.steps += 1;
        let fails = content.steps == content.fail_at;
        let when = content.when.filter(|_| fails).unwrap_or(When::After);
        persist(&mut content, when);
        if fails {
            Err(Error::from(ErrorKind::StorageFull))
        } else {
            Ok(())
        }
    }
}

impl Disk for Memory {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.step(|content, when| {
            let mut written = match when {
                When::Before => Vec::new(),
                When::Half => bytes[..bytes.len() / 2].to_vec(),
                When::After => bytes.to_vec(),
            };
            let last = written.len().saturating_sub(1);
            if let Some(wrong) = content.wrong_at {
                written[wrong.min(last)] ^= 1;
            }
            content.last().bytes.extend_from_slice(&written);
        })
    }

    fn read_back(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        self.step(|content, _| {
            let length = bytes.len();
            bytes.copy_from_slice(&content.last().bytes[start..start + length]);
        })
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.step(|content, when| {
            let log = content.last();
            let open = log.bytes.len() - log.synced;
            log.synced += match when {
                When::Before => 0,
                When::Half => open / 2,
                When::After => open,
            };
            if when == When::After {
                log.checkpoint.folder_synced();
            }
        })
    }

    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()> {
        self.step(|content, when| {
            let LogOnDisk {
                checkpoint, replacing, ..
            } = content.last();
            match when {
                When::Before => {}
                When::Half => checkpoint.write_spare(note.as_bytes()).unwrap(),
                When::After => replacing.replace(checkpoint, note.as_bytes()).unwrap(),
            }
        })
    }

    fn replace_mark(&mut self, note: &str) -> std::io::Result<()> {
        self.step(|content, when| {
            if when == When::After {
                content.marks.push(note.to_owned());
            }
        })
    }

    /// Half way the checkpoint of the log before is on disk and the new log is not.
    fn begin_log(&mut self, start: &LogStart) -> std::io::Result<()> {
        self.step(|content, when| {
            if when != When::Before {
                content.last().checkpoint.sync();
            }
            if when == When::After {
                content.put(start);
            }
        })
    }
}
