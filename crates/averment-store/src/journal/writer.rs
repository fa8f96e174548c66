//! The journal's thread: takes everything that waits, writes it as one group, syncs once, answers all.
//!
//! Behind the answers comes what nobody relies on before: the file `checkpoint`, whose note is in the log, and the mark.
//!
//! It alone owns the log file, the tree and the next index. Every entry is read back from the log and hashed anew before
//! the checkpoint over it is signed; one sync makes both durable. What the disk made of it is looked at when the checkpoint
//! is published ([`crate::TileWriter`]).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use averment_ledger::{Checkpoint, Deed, Frontier, LogState, ReadyEntry, SigningKey, write_checkpoint_line};
use jiff::Timestamp;

use super::answer::{Recorded, Reply, Untold, answer, tell};
use super::batch::Batch;
use super::disk::Disk;
use super::frame::Frame;
use super::pace::{Pace, WATCH};
use super::queue::{Gone, Receiver, Until};
use super::state::{Mark, State};
use super::{JournalError, term};

/// How long those who were told of a group have to tell the others before the thread does.
const TELL_REST_AFTER: Duration = Duration::from_millis(1);

/// The thread, to be joined.
pub(super) type WriterHandle = std::thread::JoinHandle<()>;

/// What the thread is asked to do.
pub(super) enum Order {
    /// Append an entry.
    Write { entry: ReadyEntry, reply: Option<Reply> },
    /// Write what was taken, then go on in a new log.
    BeginLog(Reply),
    /// Write what was taken, then end.
    Close,
}

impl Order {
    /// Whether somebody waits for an entry.
    pub(super) fn is_waited_for(&self) -> bool {
        matches!(self, Self::Write { reply: Some(_), .. })
    }
}

/// The thread's own state.
pub(super) struct Writer {
    pub(super) disk: Box<dyn Disk>,
    pub(super) log: Log,
    /// What the next log is signed with, under the name of a first log.
    pub(super) base_key: SigningKey,
    pub(super) orders: Receiver,
    pub(super) pace: Pace,
    /// The last checkpoint of the log, where the file `checkpoint` holds the one before.
    pub(super) unplaced: Option<String>,
    pub(super) mark: Mark,
    /// Who is told of the last group by somebody else in it.
    pub(super) untold: Vec<Arc<Untold>>,
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
    /// Time of its first entry, or when somebody vouched that this had not come yet; none while it is empty.
    pub(super) begun: Option<Timestamp>,
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
        self.tell_rest();
    }

    /// Takes what waits and makes it durable; nothing more comes after a failure.
    pub(super) fn turn(&mut self) -> Intake {
        let mut batch = std::mem::take(&mut self.batch);
        let intake = self.gather(&mut batch);
        let done = intake.and_then(|intake| {
            self.write(&mut batch)?;
            self.place_checkpoint()?;
            if intake == Intake::Open && batch.entries() > 0 {
                // The terms of a log may have come while the group was gathered, and nothing may come after it.
                self.begin_log_when_due()?;
            }
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
            let waiting = batch.waiting.len() + self.orders.waiters();
            self.pace.written(waiting, begun.elapsed());
            self.tell_rest();
            self.untold = tell(&mut batch.waiting);
        }
        if !batch.new_log.is_empty() {
            self.begin_log()?;
            let first = self.log.first;
            batch
                .new_log
                .drain(..)
                .for_each(|reply| answer(reply, Ok(Recorded::alone(first))));
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
        self.mark.set_written();
        Ok(())
    }

    /// The next order; none when there is nothing to do but to bring the mark up to date.
    fn first(&mut self) -> Option<Order> {
        if let Some(order) = self.orders.next() {
            return Some(order);
        }
        let begun = Instant::now();
        let is_there = self.pace.watches() && self.orders.watch(WATCH);
        if !is_there && self.sleep().is_err() {
            return Some(Order::Close);
        }
        let order = self.orders.next();
        self.pace.came_at_once = order.is_some() && begun.elapsed() < WATCH;
        order
    }

    /// As [`Self::first`]. Where it is an entry, a new log that is due has begun: looked at only now, since a night may have
    /// passed while nothing came.
    fn first_of_group(&mut self) -> std::io::Result<Option<Order>> {
        let order = self.first();
        let is_entry = matches!(order, Some(Order::Write { .. }));
        match is_entry.then(|| self.begin_log_when_due()) {
            Some(Err(error)) => {
                // So that whoever waits for it hears why.
                self.orders.put_back(order);
                Err(error)
            }
            _ => Ok(order),
        }
    }

    /// Sleeps until there is an order or the mark is due.
    fn sleep(&mut self) -> Result<(), Gone> {
        if !self.untold.is_empty() {
            let slept = self.orders.sleep(Until::ANY, Some(TELL_REST_AFTER));
            // Whoever has made an order was told; the others have until the next group is written.
            if slept.is_err() || self.orders.watch(Duration::ZERO) {
                return slept;
            }
            self.tell_rest();
        }
        self.orders.sleep(Until::ANY, self.mark.wait())
    }

    /// Tells whoever of the last group was not told yet.
    fn tell_rest(&mut self) {
        self.untold.drain(..).for_each(|untold| untold.tell());
    }

    /// Fills the batch with what waits, at least one entry unless the journal is closed or the mark is due. While others
    /// make their entries, those that are there are written.
    fn gather(&mut self, batch: &mut Batch) -> std::io::Result<Intake> {
        let mut next = self.first_of_group()?;
        let begun = Instant::now();
        loop {
            while let Some(order) = next {
                if self.take(order, batch) == Intake::Closed {
                    return Ok(Intake::Closed);
                }
                next = if batch.is_full() { None } else { self.orders.next() };
            }
            let wait = self.pace.wait(batch.waiting.len());
            if batch.is_nothing() || batch.is_full() || wait <= begun.elapsed() {
                return Ok(Intake::Open);
            }
            if !batch.waiting.is_empty() {
                self.write_lines(batch)?;
            }
            let wait = wait.saturating_sub(begun.elapsed());
            if let Err(Gone) = self.orders.sleep(self.pace.company(batch), Some(wait)) {
                return Ok(Intake::Closed);
            }
            next = self.orders.next();
        }
    }

    pub(super) fn take(&mut self, order: Order, batch: &mut Batch) -> Intake {
        match order {
            Order::Close => return Intake::Closed,
            Order::BeginLog(reply) => batch.new_log.push(reply),
            Order::Write { entry, mut reply } => {
                if reply.as_mut().is_some_and(|reply| !reply.take()) {
                    return Intake::Open;
                }
                let index = self.log.tree.size() + batch.unwritten();
                batch.push(index, &entry);
                batch.waiting.extend(reply.map(|reply| (reply, self.log.first + index)));
            }
        }
        Intake::Open
    }

    /// Writes what is not written yet, signs what was read back and brings all of it to disk.
    pub(super) fn commit(&mut self, batch: &mut Batch) -> std::io::Result<()> {
        // The file is never more than one group behind: by that readers tell an older copy of it.
        self.place_checkpoint()?;
        let parts = batch.written_lines().len();
        let start = self.log.bytes - parts as u64;
        self.write_lines(batch)?;
        self.read_parts_again(start, &batch.written_lines()[..parts])?;
        self.log.groups += 1;
        let note = self.log.checkpoint().sign(&self.log.key);
        let mut line = Vec::with_capacity(2 * note.len());
        write_checkpoint_line(&mut line, &note);
        self.disk.append(&line)?;
        self.disk.sync()?;
        self.log.bytes += line.len() as u64;
        self.log.begun = self.log.begun.or_else(|| Some(self.frame.now()));
        self.unplaced = Some(note.clone());
        self.mark.due = Some(note);
        self.state.entries.fetch_add(batch.entries() as u64, Ordering::Relaxed);
        self.state.groups.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Brings the file `checkpoint` up to date. A crash before leaves it one group behind; opening the journal mends it.
    fn place_checkpoint(&mut self) -> std::io::Result<()> {
        self.unplaced
            .take()
            .map_or(Ok(()), |note| self.disk.replace_checkpoint(&note))
    }

    /// Writes the lines of `batch`, reads them back, hashes every entry anew and puts it into the tree.
    pub(super) fn write_lines(&mut self, batch: &mut Batch) -> std::io::Result<()> {
        if batch.unwritten() == 0 {
            return Ok(());
        }
        let lines = batch.unwritten_lines();
        self.disk.append(lines)?;
        let (start, length) = (self.log.bytes, lines.len());
        let read = self.read_back(start, length)?;
        expect_same(batch.fits(read))?;
        batch.hashes().for_each(|hash| self.log.tree.push(hash));
        self.log.bytes += length as u64;
        batch.set_written();
        Ok(())
    }

    /// Lines that were written while others made theirs were read back then; before they are signed for, once more.
    fn read_parts_again(&mut self, start: u64, parts: &[u8]) -> std::io::Result<()> {
        if parts.is_empty() {
            return Ok(());
        }
        let read = self.read_back(start, parts.len())?;
        expect_same(read == parts)
    }

    /// What the log gives back. The system answers from its memory of what it was just given: this finds bytes that went
    /// to another place or changed on their way there, and another program that writes to the log. It does not find what
    /// the disk made of them.
    fn read_back(&mut self, start: u64, length: usize) -> std::io::Result<&[u8]> {
        if self.read.len() < length {
            self.read.resize(length, 0);
        }
        let read = &mut self.read[..length];
        self.disk.read_back(start, read)?;
        Ok(read)
    }

    fn begin_log_when_due(&mut self) -> std::io::Result<()> {
        if let (Some(begun), Some(accepted)) = (self.log.begun, self.frame.take_accepted()) {
            self.log.begun = Some(begun.min(accepted));
        }
        let is_due = |begun| {
            let (new_log, zone) = &*self.frame.new_log();
            new_log.is_due(begun, self.frame.now(), zone)
        };
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
        self.place_checkpoint()?;
        let ended = LogState {
            number: self.log.number,
            first: self.log.first,
            key: self.log.key.verifier().clone(),
            checkpoint: self.log.checkpoint(),
            note: self.mark.due.take().expect("a group was just written"),
        };
        let (start, tree) = term::continuation(&ended, &key, &self.frame);
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
        let entry = ReadyEntry::new(&self.frame.entry(deed));
        let mut batch = Batch::default();
        batch.push(self.log.tree.size(), &entry);
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

fn expect_same(is_same: bool) -> std::io::Result<()> {
    let changed = "the log gives back other bytes than were written to it";
    is_same.then_some(()).ok_or_else(|| std::io::Error::other(changed))
}

impl Log {
    fn checkpoint(&self) -> Checkpoint {
        Checkpoint::of(self.key.verifier().name(), &self.tree, self.groups)
    }
}
