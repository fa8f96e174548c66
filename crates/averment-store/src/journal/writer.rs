//! The journal's thread: takes everything that waits, writes it as one group, syncs once, answers all.
//!
//! It alone owns the log file, the tree and the next index. Every entry is read back from the log and hashed anew before
//! the checkpoint over it is signed; one sync makes both durable.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use averment_ledger::{
    Checkpoint, Deed, Frontier, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, LogState, SigningKey, TreeHash, leaf_hash,
    write_checkpoint_line, write_entry_line,
};
use jiff::Timestamp;

use super::disk::Disk;
use super::{Frame, JournalError, Reply, term};

/// Once a group has this many bytes nothing is added: one more entry always fits below [`GROUP_BYTES_MAX`].
const GROUP_BYTES_ENOUGH: usize = GROUP_BYTES_MAX / 2;
/// Room that stays for the lines of the next group.
const ROOM_KEPT_BYTES: usize = 1 << 20;
/// How long entries that nobody waits for stay in memory to share the sync of the next intent. Losing one in a crash is
/// on the safe side: an intent without its outcome reads *may have left*. Ten requests a second are enough for outcomes
/// to cost no sync of their own.
const NOTES_WAIT: Duration = Duration::from_millis(100);

/// How often the high-water mark follows the log: it costs a sync of its own, and the log is on disk without it.
const MARK_EVERY: Duration = Duration::from_secs(1);

/// What part of the time that the last group took the next may wait for company.
const PATIENCE_PART: u32 = 2;

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
    /// Write what was taken, then go on in a new log.
    BeginLog(Reply),
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
    /// Orders that somebody waits for, counted before they are handed in.
    asked: AtomicU64,
    entries: AtomicU64,
    groups: AtomicU64,
    failed: OnceLock<Arc<std::io::Error>>,
}

impl State {
    /// Somebody is about to wait for an entry.
    pub(super) fn asks(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

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
    pub(super) log: Log,
    /// What the next log is signed with, under the name of a first log.
    pub(super) base_key: SigningKey,
    pub(super) orders: Receiver<Order>,
    pub(super) pace: Pace,
    pub(super) mark: Mark,
    /// Room for what was read back.
    pub(super) read: Vec<u8>,
    /// Room for the next group.
    pub(super) batch: Batch,
    pub(super) state: Arc<State>,
    pub(super) frame: Arc<Frame>,
}

/// The log that is written to.
pub(super) struct Log {
    pub(super) number: u32,
    /// Number of its first entry in the whole ledger.
    pub(super) first: u64,
    pub(super) tree: Frontier,
    /// Groups in it.
    pub(super) groups: u64,
    /// Its length.
    pub(super) bytes: u64,
    pub(super) key: SigningKey,
    /// Time of its first entry; none while it is empty.
    pub(super) begun: Option<Timestamp>,
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
pub(super) struct Batch {
    lines: Vec<u8>,
    /// Leaf hash of each entry, and where its JSON ends in `lines`, with its length.
    hashes: Vec<(TreeHash, usize, usize)>,
    /// Who waits, and for which entry of the ledger.
    waiting: Vec<(Reply, u64)>,
    /// Who waits for a new log.
    new_log: Vec<Reply>,
}

impl Batch {
    fn entries(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// Forgets what it holds and keeps some room: growing anew from nothing would copy every entry several times.
    fn empty(&mut self) {
        self.lines.clear();
        self.lines.shrink_to(ROOM_KEPT_BYTES);
        self.hashes.clear();
        self.waiting.clear();
        self.new_log.clear();
    }

    fn push(&mut self, index: u64, hash: TreeHash, json: &str) {
        write_entry_line(&mut self.lines, index, &hash, json);
        self.hashes.push((hash, self.lines.len() - 1, json.len()));
    }
}

/// How long a group waits for company.
///
/// Whoever was answered together comes back within moments of each other, and whoever asked meanwhile is there already.
/// Writing as soon as the first is there would divide them into groups that take turns: with 64 writers half of the
/// throughput was lost.
#[derive(Default)]
pub(super) struct Pace {
    /// Orders taken that somebody waits for.
    taken: u64,
    /// How many may come: whoever was answered with the last group, and whoever waited then for the next.
    expected: usize,
    /// A part of what the last group took, so that waiting never costs much beside writing.
    patience: Duration,
}

impl Pace {
    /// A group was written, and nobody in it has been answered yet. `asked`: how many have ever asked.
    fn written(&mut self, answered: usize, asked: u64, took: Duration) {
        let waiting = usize::try_from(asked.saturating_sub(self.taken)).unwrap_or(usize::MAX);
        self.expected = answered.saturating_add(waiting);
        self.patience = (took / PATIENCE_PART).min(PATIENCE_MAX);
    }

    /// How long a group with so many waiting callers stays open.
    fn wait(&self, waiting: usize) -> Duration {
        match waiting {
            0 => NOTES_WAIT,
            _ if waiting < self.expected => self.patience,
            _ => Duration::ZERO,
        }
    }
}

/// Whether more orders may come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Intake {
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
        while self.turn() == Intake::Open {}
    }

    /// Takes what waits and makes it durable; nothing more comes after a failure.
    pub(super) fn turn(&mut self) -> Intake {
        let mut batch = std::mem::take(&mut self.batch);
        let intake = self.begin_log_when_due().map(|()| self.gather(&mut batch));
        let done = intake.and_then(|intake| {
            self.write(&mut batch)?;
            self.write_mark(intake)?;
            Ok(intake)
        });
        let intake = done.unwrap_or_else(|error| {
            self.fail(error, &mut batch);
            Intake::Closed
        });
        batch.empty();
        self.batch = batch;
        intake
    }

    /// Makes a batch durable and answers everybody in it.
    fn write(&mut self, batch: &mut Batch) -> std::io::Result<()> {
        if batch.entries() > 0 {
            let begun = Instant::now();
            self.commit(batch)?;
            let asked = self.state.asked.load(Ordering::Relaxed);
            self.pace.written(batch.waiting.len(), asked, begun.elapsed());
            let waiting = batch.waiting.drain(..);
            waiting.for_each(|(reply, index)| answer(reply, Ok(index)));
        }
        if !batch.new_log.is_empty() {
            self.begin_log()?;
            let first = self.log.first;
            batch.new_log.drain(..).for_each(|reply| answer(reply, Ok(first)));
        }
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
        while batch.hashes.len() < GROUP_ENTRIES_MAX
            && batch.lines.len() < GROUP_BYTES_ENOUGH
            && batch.new_log.is_empty()
        {
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
        match order {
            Order::Close => return Intake::Closed,
            Order::BeginLog(reply) => batch.new_log.push(reply),
            Order::Write { hash, json, reply } => {
                let index = self.log.tree.size() + batch.entries();
                batch.push(index, hash, &json);
                self.pace.taken += u64::from(reply.is_some());
                batch.waiting.extend(reply.map(|reply| (reply, self.log.first + index)));
            }
        }
        Intake::Open
    }

    /// Writes the entries, reads them back, signs what was read and brings all of it to disk.
    fn commit(&mut self, batch: &mut Batch) -> std::io::Result<()> {
        let entries_end = batch.lines.len();
        self.disk.append(&batch.lines)?;
        self.read_back(batch)?;
        self.log.groups += 1;
        batch.hashes.iter().for_each(|(hash, ..)| self.log.tree.push(*hash));
        let note = self.log.checkpoint().sign(&self.log.key);
        write_checkpoint_line(&mut batch.lines, &note);
        self.disk.append(&batch.lines[entries_end..])?;
        self.disk.sync()?;
        self.disk.replace_checkpoint(&note)?;
        self.log.bytes += batch.lines.len() as u64;
        self.log.begun = self.log.begun.or_else(|| Some(self.frame.now()));
        self.mark.due = Some(note);
        self.state.entries.fetch_add(batch.entries(), Ordering::Relaxed);
        self.state.groups.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Checks that the log gives back what was written to it: memory, a controller or somebody else may have changed it.
    fn read_back(&mut self, batch: &Batch) -> std::io::Result<()> {
        if self.read.len() < batch.lines.len() {
            self.read.resize(batch.lines.len(), 0);
        }
        let read = &mut self.read[..batch.lines.len()];
        self.disk.read_back(self.log.bytes, read)?;
        let fits = |(hash, end, length): &(TreeHash, usize, usize)| leaf_hash(&read[end - length..*end]) == *hash;
        if *read == *batch.lines && batch.hashes.iter().all(fits) {
            Ok(())
        } else {
            Err(std::io::Error::other(
                "the log gives back other bytes than were written to it",
            ))
        }
    }

    fn begin_log_when_due(&mut self) -> std::io::Result<()> {
        let is_due = |begun| self.frame.new_log().is_due(begun, self.frame.now());
        if self.log.begun.is_some_and(is_due) {
            self.begin_log()
        } else {
            Ok(())
        }
    }

    /// Ends the log with an entry that names the next, and begins that one. A crash at any moment leaves a log that ended,
    /// with or without the one it names; opening the journal then begins it.
    fn begin_log(&mut self) -> std::io::Result<()> {
        let next = self.log.number + 1;
        let key = self.key_of(next)?;
        self.write_own(term::ended(next, &key))?;
        let ended = LogState {
            number: self.log.number,
            first: self.log.first,
            key: self.log.key.verifier().clone(),
            checkpoint: self.log.checkpoint(),
            note: self.mark.due.take().expect("a group was just written"),
        };
        let (start, tree) = term::continuation(&ended, &key, |deed| self.frame.entry(deed));
        self.disk.begin_log(&start)?;
        self.log = Log {
            number: next,
            first: ended.first + ended.checkpoint.size,
            tree,
            groups: 1,
            bytes: start.log.len() as u64,
            key,
            begun: Some(self.frame.now()),
        };
        self.state.entries.fetch_add(1, Ordering::Relaxed);
        self.state.groups.fetch_add(1, Ordering::Relaxed);
        // Before anybody relies on an entry of the new log: whoever has the mark sees when the whole log is taken away.
        self.disk.replace_mark(&start.checkpoint)?;
        self.mark = Mark::fresh();
        Ok(())
    }

    /// An entry of the journal's own, in a group of its own.
    fn write_own(&mut self, deed: Deed) -> std::io::Result<()> {
        let json = self.frame.entry(deed).to_json();
        let mut batch = Batch::default();
        batch.push(self.log.tree.size(), leaf_hash(json.as_bytes()), &json);
        self.commit(&mut batch)
    }

    fn key_of(&self, number: u32) -> std::io::Result<SigningKey> {
        let name = format!("{}/{number}", self.base_key.verifier().name());
        self.base_key.named(&name).map_err(std::io::Error::other)
    }

    /// Tells everybody who waits or will come. Nothing is tried again: after a failed sync the kernel may have dropped
    /// the bytes and report success the next time.
    fn fail(&self, error: std::io::Error, batch: &mut Batch) {
        let error = Arc::clone(self.state.failed.get_or_init(|| Arc::new(error)));
        let waiting = batch.waiting.drain(..).map(|(reply, _)| reply);
        let waiting = waiting.chain(batch.new_log.drain(..));
        waiting.for_each(|reply| answer(reply, Err(JournalError::Write(Arc::clone(&error)))));
        // Whoever sent an order before the failure was seen gets the same answer: dropping `orders` drops the waiters.
    }
}

impl Log {
    fn checkpoint(&self) -> Checkpoint {
        Checkpoint::of(self.key.verifier().name(), &self.tree, self.groups)
    }
}

/// A caller that no longer waits is no fault.
fn answer(reply: Reply, result: Result<u64, JournalError>) {
    let _ = reply.send(result);
}
