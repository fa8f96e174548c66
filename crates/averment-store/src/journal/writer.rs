//! The journal's thread: takes everything that waits, writes it as one group, syncs once, answers all.
//!
//! It alone owns the log file, the tree and the next index.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use averment_ledger::{
    Checkpoint, Frontier, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, SigningKey, TreeHash, write_checkpoint_line,
    write_entry_line,
};

use super::disk::Disk;
use super::{JournalError, Reply};

/// Once a group has this many bytes nothing is added: one more entry always fits below [`GROUP_BYTES_MAX`].
const GROUP_BYTES_ENOUGH: usize = GROUP_BYTES_MAX / 2;
/// How long entries that nobody waits for stay in memory to share the sync of the next intent. Losing one in a crash is
/// on the safe side: an intent without its outcome reads *may have left*. Ten requests a second are enough for outcomes
/// to cost no sync of their own.
const NOTES_WAIT: Duration = Duration::from_millis(100);

/// How often the high-water mark follows the log: it costs a sync of its own, and the log is on disk without it.
const MARK_EVERY: Duration = Duration::from_secs(1);

/// A slow disk does not make callers wait longer than this for company.
const PATIENCE_MAX: Duration = Duration::from_millis(1);

/// The thread, to be joined.
pub(super) type WriterHandle = std::thread::JoinHandle<()>;

/// What the thread is asked to do.
pub(super) enum Order {
    /// Append an entry.
    Write {
        hash: TreeHash,
        json: String,
        reply: Option<Reply>,
    },
    /// Write what was taken, then end.
    Close,
}

/// What was written since the journal was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Entries.
    pub entries: u64,
    /// Groups, and with that syncs of the log.
    pub groups: u64,
}

/// What the thread tells everybody.
#[derive(Default)]
pub(super) struct State {
    entries: AtomicU64,
    groups: AtomicU64,
    failed: OnceLock<Arc<std::io::Error>>,
}

impl State {
    pub(super) fn stats(&self) -> Stats {
        Stats {
            entries: self.entries.load(Ordering::Relaxed),
            groups: self.groups.load(Ordering::Relaxed),
        }
    }

    pub(super) fn failure(&self) -> Option<JournalError> {
        self.failed.get().map(|error| JournalError::Write(Arc::clone(error)))
    }
}

/// The thread's own state.
pub(super) struct Writer {
    pub(super) disk: Box<dyn Disk>,
    pub(super) tree: Frontier,
    /// Groups in the log.
    pub(super) groups: u64,
    pub(super) key: Arc<SigningKey>,
    pub(super) orders: Receiver<Order>,
    pub(super) pace: Pace,
    pub(super) mark: Mark,
    pub(super) state: Arc<State>,
}

/// When the high-water mark was last written, and what it should say next.
pub(super) struct Mark {
    written: Instant,
    due: Option<String>,
}

impl Mark {
    /// One that was written just now.
    pub(super) fn fresh() -> Self {
        Self {
            written: Instant::now(),
            due: None,
        }
    }

    /// How long it may stay as it is; none when it is up to date.
    fn wait(&self) -> Option<Duration> {
        self.due
            .is_some()
            .then(|| MARK_EVERY.saturating_sub(self.written.elapsed()))
    }
}

/// Entries on their way to disk.
#[derive(Default)]
struct Batch {
    lines: Vec<u8>,
    entries: u64,
    /// Who waits, and for which entry.
    waiting: Vec<(Reply, u64)>,
}

/// How long a group waits for company.
///
/// Whoever was answered together comes back within moments of each other. Writing as soon as the first is there would
/// make every other group small: with 64 writers half of the throughput was lost.
#[derive(Default)]
pub(super) struct Pace {
    /// How many were answered with the last group.
    answered: usize,
    /// An eighth of what the last group took, so that waiting never costs much beside writing.
    patience: Duration,
}

impl Pace {
    fn after(answered: usize, took: Duration) -> Self {
        let patience = (took / 8).min(PATIENCE_MAX);
        Self { answered, patience }
    }

    /// How long a group with so many waiting callers stays open.
    fn wait(&self, waiting: usize) -> Duration {
        match waiting {
            0 => NOTES_WAIT,
            _ if waiting < self.answered => self.patience,
            _ => Duration::ZERO,
        }
    }
}

/// Whether more orders may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Intake {
    Open,
    Closed,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(self) -> std::io::Result<WriterHandle> {
        std::thread::Builder::new()
            .name("averment-journal".to_owned())
            .spawn(move || self.run())
    }

    fn run(mut self) {
        let mut batch = Batch::default();
        let mut intake = Intake::Open;
        while intake == Intake::Open {
            intake = self.gather(&mut batch);
            if let Err(error) = self.write(&mut batch).and_then(|()| self.write_mark(intake)) {
                self.fail(error, &mut batch);
                return;
            }
        }
    }

    /// Makes a batch durable and answers everybody in it.
    fn write(&mut self, batch: &mut Batch) -> std::io::Result<()> {
        if batch.entries == 0 {
            return Ok(());
        }
        let begun = Instant::now();
        self.commit(batch)?;
        self.pace = Pace::after(batch.waiting.len(), begun.elapsed());
        batch
            .waiting
            .drain(..)
            .for_each(|(reply, index)| answer(reply, Ok(index)));
        batch.lines.clear();
        batch.entries = 0;
        Ok(())
    }

    /// Brings the mark up to date when its time has come or nothing follows. After the answers of a group, so that at
    /// most the next group waits for it.
    fn write_mark(&mut self, intake: Intake) -> std::io::Result<()> {
        let now = intake == Intake::Closed || self.mark.wait().is_some_and(|wait| wait.is_zero());
        let Some(note) = self.mark.due.take_if(|_| now) else {
            return Ok(());
        };
        self.disk.replace_mark(&note)?;
        self.mark.written = Instant::now();
        Ok(())
    }

    /// The next order; none when there is nothing to do but to bring the mark up to date.
    fn first(&self) -> Option<Order> {
        match self.mark.wait() {
            None => Some(self.orders.recv().unwrap_or(Order::Close)),
            Some(wait) => match self.orders.recv_timeout(wait) {
                Ok(order) => Some(order),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Order::Close),
            },
        }
    }

    /// Fills the batch with what waits, at least one entry unless the journal is closed or the mark is due.
    fn gather(&mut self, batch: &mut Batch) -> Intake {
        let Some(first) = self.first() else {
            return Intake::Open;
        };
        if self.take(first, batch) == Intake::Closed {
            return Intake::Closed;
        }
        let begun = Instant::now();
        while batch.entries < GROUP_ENTRIES_MAX as u64 && batch.lines.len() < GROUP_BYTES_ENOUGH {
            let wait = self.pace.wait(batch.waiting.len()).saturating_sub(begun.elapsed());
            let order = match self.orders.try_recv() {
                Err(TryRecvError::Disconnected) => return Intake::Closed,
                Err(TryRecvError::Empty) if wait.is_zero() => break,
                Err(TryRecvError::Empty) => self.orders.recv_timeout(wait),
                Ok(order) => Ok(order),
            };
            match order {
                Ok(order) => {
                    if self.take(order, batch) == Intake::Closed {
                        return Intake::Closed;
                    }
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Intake::Closed,
            }
        }
        Intake::Open
    }

    fn take(&mut self, order: Order, batch: &mut Batch) -> Intake {
        let Order::Write { hash, json, reply } = order else {
            return Intake::Closed;
        };
        let index = self.tree.size();
        write_entry_line(&mut batch.lines, index, &hash, &json);
        self.tree.push(hash);
        batch.entries += 1;
        batch.waiting.extend(reply.map(|reply| (reply, index)));
        Intake::Open
    }

    fn commit(&mut self, batch: &mut Batch) -> std::io::Result<()> {
        self.groups += 1;
        let note = Checkpoint::of(self.key.verifier().name(), &self.tree, self.groups).sign(&self.key);
        write_checkpoint_line(&mut batch.lines, &note);
        self.disk.append(&batch.lines)?;
        self.disk.replace_checkpoint(&note)?;
        self.mark.due = Some(note);
        self.state.entries.fetch_add(batch.entries, Ordering::Relaxed);
        self.state.groups.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Tells everybody who waits or will come. Nothing is tried again: after a failed sync the kernel may have dropped
    /// the bytes and report success the next time.
    fn fail(self, error: std::io::Error, batch: &mut Batch) {
        let error = Arc::clone(self.state.failed.get_or_init(|| Arc::new(error)));
        batch
            .waiting
            .drain(..)
            .for_each(|(reply, _)| answer(reply, Err(JournalError::Write(Arc::clone(&error)))));
        // Whoever sent an order before the failure was seen gets the same answer: dropping `orders` drops the waiters.
    }
}

/// A caller that no longer waits is no fault.
fn answer(reply: Reply, result: Result<u64, JournalError>) {
    let _ = reply.send(result);
}
