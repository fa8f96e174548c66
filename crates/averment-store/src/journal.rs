//! The journal: what the gate records before and after a message goes out, durable by group commit.
//!
//! Start at [`Journal::intent`]. One thread owns the file; callers wait until the group that holds their entry is on disk.
//! `open` makes a journal and repairs what a crash left, `queue` stands between callers and `writer`, the thread, which
//! gathers a `batch` at its `pace`; `message` says what is recorded, `answer` tells everybody that it is.
//!
//! Invariant: a [`Cleared`] exists only for a permit whose intent is durable, and the forwarding code takes nothing else.
//! After the first failure to write or sync nothing is taken any more: after a failed sync nobody knows what is on disk.

mod answer;
mod batch;
mod disk;
mod giving_up;
mod latest;
mod message;
mod naming;
mod open;
mod pace;
mod queue;
mod replace;
mod split;
mod state;
mod term;
mod writer;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use averment_detect::{Inspection, PersonNumber};
use averment_ledger::{Base64, Deed, ENTRY_BYTES_MAX, ENTRY_VERSION, Entry, Message, ReadyEntry, Reference};
use averment_policy::{Permit, Verdict};
use averment_register::Digest;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{PersonKey, Snapshot};

pub use disk::{Disk, LogStart};
pub use latest::latest_time;
pub use message::{random_id, request_digest, request_digests};
pub use open::{JournalOpenError, Recovery};
pub use state::Stats;
pub use term::NewLog;

use answer::{Recorded, Reply};
use giving_up::{Claim, Waiting};
use naming::{Naming, RunReferences};
use queue::{Refused, Sender};
use state::State;
use writer::{Order, WriterHandle};

/// Why an entry could not be made durable. The message must then not go out.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Writing or syncing failed; the journal takes nothing more until it is opened again.
    #[error("the ledger cannot be written")]
    Write(#[source] Arc<std::io::Error>),
    /// More than one entry holds, and not of a kind that can be split.
    #[error("the entry has {bytes} bytes, expected at most {ENTRY_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A finding is about a person whose key is not in the snapshot, so the entry could not say whose it is.
    #[error("the directory has no key for a person that it recognises")]
    NoPersonKey,
    /// The clock runs behind what is recorded already, so no intent could be dated.
    #[error("the clock runs {seconds} seconds behind the newest entry of the ledger")]
    ClockSetBack {
        /// How far.
        seconds: i64,
    },
    /// The operating system gave no random bytes.
    #[error("cannot get random bytes for an entry")]
    Random(#[source] getrandom::Error),
    /// The disk stands still or is too slow, and what waits for it is bounded.
    #[error("too much waits to be recorded: the disk does not keep up")]
    Full,
    /// The journal is closed or its thread has ended.
    #[error("the ledger is closed")]
    Closed,
}

/// What the gate knows about one message when it records it.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Host without port, or `*` when the name itself holds a finding.
    pub host: &'a str,
    /// What was found.
    pub inspection: &'a Inspection,
    /// Body bytes as sent by the caller.
    pub body_bytes: u64,
    /// Method, target and body as they go out: only a keyed digest of them is kept.
    pub request: Request<'a>,
    /// The directory that the findings were made with.
    pub snapshot: &'a Snapshot,
}

/// The request that a keyed digest is made of.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Body.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Request(<{} byte target, {} byte body>)",
            self.target.len(),
            self.body.len()
        )
    }
}

/// Leave to send: a permit whose intent is on disk. Made by [`Journal::intent`] and nowhere else.
#[derive(Debug)]
pub struct Cleared {
    permit: Permit,
    id: String,
}

impl Cleared {
    /// The verdict that gave it.
    pub fn verdict(&self) -> &Verdict {
        self.permit.verdict()
    }

    /// The request's identifier in the ledger.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The running journal. Cheap to clone; clones share the thread.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

/// Gives the time of an entry.
type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// What clones share.
struct Shared {
    sender: Sender,
    state: Arc<State>,
    frame: Arc<Frame>,
    request_key: Zeroizing<[u8; 32]>,
    references: RunReferences,
    thread: Mutex<Option<WriterHandle>>,
}

/// What entries have in common, and when the next log is due: what callers and the thread both look at.
struct Frame {
    clock: Clock,
    /// Digest of the charter in force, for entries that no verdict belongs to.
    charter: RwLock<Digest>,
    new_log: RwLock<(NewLog, TimeZone)>,
    /// The latest second that was seen, in the ledger or since.
    latest: AtomicI64,
    /// The second at which the clock was accepted, until the thread has it.
    accepted: AtomicI64,
}

/// Clocks are corrected by moments; what runs further behind is not believed.
const CORRECTION_MAX_SECONDS: i64 = 5;

impl Frame {
    fn new(clock: Clock, charter: Digest) -> Self {
        Self {
            clock,
            charter: RwLock::new(charter),
            new_log: RwLock::new((NewLog::default(), TimeZone::UTC)),
            latest: AtomicI64::new(i64::MIN),
            accepted: AtomicI64::new(i64::MIN),
        }
    }

    fn now(&self) -> Timestamp {
        let now = (self.clock)();
        self.seen(now);
        now
    }

    fn seen(&self, at: Timestamp) -> i64 {
        let (second, latest) = (at.as_second(), self.latest.load(Ordering::Relaxed));
        // Once a second is often enough for everybody who records to write to the same place.
        if second <= latest {
            return latest;
        }
        self.latest.fetch_max(second, Ordering::Relaxed).max(second)
    }

    /// The latest second that was seen; none where there was none.
    fn latest(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.latest.load(Ordering::Relaxed)).ok()
    }

    /// How far the clock runs behind what it was already; 0 for what is a correction.
    fn seconds_behind(&self) -> i64 {
        let now = (self.clock)();
        let seconds = self.seen(now).saturating_sub(now.as_second());
        if seconds > CORRECTION_MAX_SECONDS { seconds } else { 0 }
    }

    /// Refuses a time that lies before one that is recorded already.
    fn check_clock(&self) -> Result<(), JournalError> {
        match self.seconds_behind() {
            0 => Ok(()),
            seconds => Err(JournalError::ClockSetBack { seconds }),
        }
    }

    /// From here on times count anew.
    fn accept_clock(&self) {
        let now = (self.clock)().as_second();
        self.latest.store(now, Ordering::Relaxed);
        self.accepted.store(now, Ordering::Relaxed);
    }

    /// When the clock was accepted, told once; none where it was not.
    fn take_accepted(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.accepted.swap(i64::MIN, Ordering::Relaxed)).ok()
    }

    fn charter(&self) -> Digest {
        *self.charter.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_log(&self) -> RwLockReadGuard<'_, (NewLog, TimeZone)> {
        self.new_log.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, deed: Deed) -> Entry {
        self.entry_under(self.charter(), deed)
    }

    fn entry_under(&self, charter: Digest, deed: Deed) -> Entry {
        Entry {
            v: ENTRY_VERSION,
            at: format!("{:.6}", self.now()),
            charter: charter.to_string(),
            deed,
        }
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Journal({:?})", self.stats())
    }
}

impl Journal {
    /// Records that a message is about to go out and waits until the entry is durable.
    ///
    /// When the caller stops waiting, the entry is withdrawn, or an outcome follows that says that nothing was sent.
    ///
    /// # Errors
    /// [`JournalError`]; the permit is then gone and nothing may be sent.
    pub async fn intent(&self, permit: Permit, record: &Record<'_>) -> Result<Cleared, JournalError> {
        self.intent_of(permit, record, None).await
    }

    /// As [`Self::intent`], of a piece of the message whose intent is `whole`.
    ///
    /// # Errors
    /// As [`Self::intent`]; the piece must then not go out.
    pub async fn intent_of_piece(
        &self,
        permit: Permit,
        record: &Record<'_>,
        whole: &Cleared,
    ) -> Result<Cleared, JournalError> {
        self.intent_of(permit, record, Some(whole.id())).await
    }

    async fn intent_of(
        &self,
        permit: Permit,
        record: &Record<'_>,
        part_of: Option<&str>,
    ) -> Result<Cleared, JournalError> {
        self.shared.frame.check_clock()?;
        let verdict = permit.verdict();
        let (reply, answer) = oneshot::channel();
        let (id, claim) = self.send_message(verdict, record, part_of, Deed::Intent, reply.into())?;
        let waiting = Waiting {
            journal: self,
            charter: verdict.charter,
            id: Some(&id),
            claim,
        };
        let answered = self.settled(answer).await;
        waiting.answered();
        answered?;
        Ok(Cleared { permit, id })
    }

    /// Records that a message was refused and waits until the entry is durable. Gives the request's identifier.
    ///
    /// # Errors
    /// [`JournalError`]; the message stays refused.
    pub async fn refusal(&self, verdict: &Verdict, record: &Record<'_>) -> Result<String, JournalError> {
        self.refusal_of(verdict, record, None).await
    }

    /// As [`Self::refusal`], of a piece of the message whose intent has the identifier `whole`.
    ///
    /// # Errors
    /// As [`Self::refusal`].
    pub async fn refusal_of_piece(
        &self,
        verdict: &Verdict,
        record: &Record<'_>,
        whole: &str,
    ) -> Result<String, JournalError> {
        self.refusal_of(verdict, record, Some(whole)).await
    }

    async fn refusal_of(
        &self,
        verdict: &Verdict,
        record: &Record<'_>,
        part_of: Option<&str>,
    ) -> Result<String, JournalError> {
        let (reply, answer) = oneshot::channel();
        let (id, _) = self.send_message(verdict, record, part_of, Deed::Refusal, reply.into())?;
        self.settled(answer).await?;
        Ok(id)
    }

    /// Records anything else (outcomes, faults, loads) without waiting; it is written with the next group, at most a
    /// tenth of a second later.
    ///
    /// # Errors
    /// [`JournalError::Closed`] or [`JournalError::Write`] when nothing can be taken any more, [`JournalError::Full`] for now.
    pub fn note(&self, deed: Deed) -> Result<(), JournalError> {
        self.send(self.charter(), deed, None)
    }

    /// As [`Self::note`], of a deed that names people. `make` gets a reference for each of `people`, in their order.
    ///
    /// # Errors
    /// As [`Self::note`].
    pub fn note_about(
        &self,
        people: &[(PersonNumber, &PersonKey)],
        make: impl FnOnce(&[Reference]) -> Deed,
    ) -> Result<(), JournalError> {
        self.send_about(people, make, None)
    }

    /// As [`Self::note_about`], and waits until the entry is durable. Gives its number.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn record(
        &self,
        people: &[(PersonNumber, &PersonKey)],
        make: impl FnOnce(&[Reference]) -> Deed,
    ) -> Result<u64, JournalError> {
        let (reply, answer) = oneshot::channel();
        self.send_about(people, make, Some(reply.into()))?;
        self.settled(answer).await
    }

    /// As [`Self::record`], for a thread that may wait: never on one that serves. `charter`: another than the one in force.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn record_and_wait(
        &self,
        charter: Option<Digest>,
        people: &[(PersonNumber, &PersonKey)],
        make: impl FnOnce(&[Reference]) -> Deed,
    ) -> Result<u64, JournalError> {
        let (reply, answer) = oneshot::channel();
        self.send_about_under(
            charter.unwrap_or_else(|| self.charter()),
            people,
            make,
            Some(reply.into()),
        )?;
        let answer = answer.blocking_recv().unwrap_or_else(|_| Err(self.ended()));
        answer.map(|recorded| recorded.number)
    }

    /// Records which program writes from here on, with the SHA-256 of its file: what it decides is told by that. Once, before
    /// anything else; whoever does not leaves it to the first entry that names somebody, which then says the version alone.
    ///
    /// # Errors
    /// As [`Self::note`].
    pub fn announce(&self, build: Option<[u8; 32]>) -> Result<(), JournalError> {
        let send = |run| self.send(self.charter(), run, None);
        self.shared.references.announce(build.map(Base64), send)
    }

    /// Says which charter is in force from now on.
    pub fn set_charter(&self, charter: Digest) {
        *self
            .shared
            .frame
            .charter
            .write()
            .unwrap_or_else(PoisonError::into_inner) = charter;
    }

    /// Says when a new log is begun from now on, by the calendar of `zone`.
    pub fn set_new_log(&self, new_log: NewLog, zone: TimeZone) {
        *self
            .shared
            .frame
            .new_log
            .write()
            .unwrap_or_else(PoisonError::into_inner) = (new_log, zone);
    }

    /// Ends the log with everything that was taken so far and goes on in a new one, of the key that was made for it if
    /// there is one. Waits until it is there.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn begin_log(&self) -> Result<(), JournalError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.shared.sender.send(Order::BeginLog(reply.into()));
        sent.map_err(|refused| self.refused(refused))?;
        self.settled(answer).await?;
        Ok(())
    }

    /// What was written since the journal was opened.
    pub fn stats(&self) -> Stats {
        self.shared.state.stats()
    }

    /// Whether intents can be dated: none is cleared while the clock runs behind what is recorded.
    ///
    /// # Errors
    /// [`JournalError::ClockSetBack`].
    pub fn check_clock(&self) -> Result<(), JournalError> {
        self.shared.frame.check_clock()
    }

    /// Why nothing is taken any more, if so.
    pub fn failure(&self) -> Option<JournalError> {
        self.shared.state.failure()
    }

    /// Writes everything that was taken, then ends the thread. Blocks for about one sync. Later calls on any clone are
    /// answered with [`JournalError::Closed`]; closing twice is no error.
    ///
    /// # Errors
    /// [`JournalError::Write`] when writing or syncing failed now or before.
    pub fn close(&self) -> Result<(), JournalError> {
        let thread = self.thread().take();
        if let Some(thread) = thread {
            // A send fails only when the thread has ended already, and then there is nothing to flush.
            let _ = self.shared.sender.send(Order::Close);
            thread.join().map_err(|_| JournalError::Closed)?;
        }
        self.shared.state.failure().map_or(Ok(()), Err)
    }

    fn charter(&self) -> Digest {
        self.shared.frame.charter()
    }

    fn thread(&self) -> MutexGuard<'_, Option<WriterHandle>> {
        self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the identifier, and by what the order can be withdrawn: none when it names somebody.
    fn send_message(
        &self,
        verdict: &Verdict,
        record: &Record<'_>,
        part_of: Option<&str>,
        deed: fn(Message) -> Deed,
        reply: Reply,
    ) -> Result<(String, Option<Arc<Claim>>), JournalError> {
        // Before people are named: nobody waits while a body is hashed.
        let request = message::digest_request(&self.shared.request_key, &record.request);
        let id = random_id()?;
        let naming = Naming::new(&self.shared.references, message::people_of(record)?);
        let message = message::message_of(verdict, record, part_of, (id.clone(), request), &naming)?;
        let claim: Option<Arc<Claim>> = naming.is_of_nobody().then(Arc::default);
        let reply = reply.claimed(claim.clone());
        self.send_named(naming, verdict.charter, deed(message), Some(reply))?;
        Ok((id, claim))
    }

    fn send_about(
        &self,
        people: &[(PersonNumber, &PersonKey)],
        make: impl FnOnce(&[Reference]) -> Deed,
        reply: Option<Reply>,
    ) -> Result<(), JournalError> {
        self.send_about_under(self.charter(), people, make, reply)
    }

    fn send_about_under(
        &self,
        charter: Digest,
        people: &[(PersonNumber, &PersonKey)],
        make: impl FnOnce(&[Reference]) -> Deed,
        reply: Option<Reply>,
    ) -> Result<(), JournalError> {
        let naming = Naming::new(&self.shared.references, people.to_vec());
        let named: Vec<Reference> = people.iter().filter_map(|(person, _)| naming.of(*person)).collect();
        self.send_named(naming, charter, make(&named), reply)
    }

    fn send_named(
        &self,
        naming: Naming<'_>,
        charter: Digest,
        deed: Deed,
        reply: Option<Reply>,
    ) -> Result<(), JournalError> {
        naming.announce(|run| self.send(charter, run, None))?;
        self.send(charter, deed, reply)?;
        naming.recorded();
        Ok(())
    }

    /// The thread drops a waiter without an answer only when it ends.
    async fn settled(&self, answer: oneshot::Receiver<Result<Recorded, JournalError>>) -> Result<u64, JournalError> {
        let answer = answer.await.unwrap_or_else(|_| Err(self.ended()));
        answer.map(|recorded| recorded.number)
    }

    /// Everything that can be done outside the thread is done here: it is the one place that all requests pass.
    fn send(&self, charter: Digest, deed: Deed, reply: Option<Reply>) -> Result<(), JournalError> {
        if let Some(failure) = self.shared.state.failure() {
            return Err(failure);
        }
        let accepts_clock = matches!(deed, Deed::ClockAccepted(_));
        let mut entry = self.shared.frame.entry_under(charter, deed);
        let ready = ReadyEntry::new(&entry);
        if ready.json_bytes() <= ENTRY_BYTES_MAX {
            self.order(ready, reply)?;
            if accepts_clock {
                // Not before: whatever is dated by it must stand behind it.
                self.shared.frame.accept_clock();
            }
            return Ok(());
        }
        let mut pieces = Vec::new();
        for deed in split::split(entry.deed) {
            entry.deed = deed;
            let ready = ReadyEntry::new(&entry);
            let bytes = ready.json_bytes();
            if bytes > ENTRY_BYTES_MAX {
                return Err(JournalError::TooLarge { bytes });
            }
            pieces.push(ready);
        }
        // A part of it cannot be withdrawn without the others.
        let reply = reply.map(Reply::unclaimed);
        let last = pieces.pop().expect("a deed is at least one piece");
        let before = pieces.into_iter().map(|entry| Order::Write { entry, reply: None });
        let last = Order::Write { entry: last, reply };
        let sent = self.shared.sender.send_behind(before.collect(), last);
        sent.map_err(|refused| self.refused(refused))
    }

    fn order(&self, entry: ReadyEntry, reply: Option<Reply>) -> Result<(), JournalError> {
        let order = Order::Write { entry, reply };
        let sent = self.shared.sender.send(order);
        sent.map_err(|refused| self.refused(refused))
    }

    fn refused(&self, refused: Refused) -> JournalError {
        match refused {
            Refused::Gone => self.ended(),
            Refused::Full => JournalError::Full,
        }
    }

    fn ended(&self) -> JournalError {
        self.shared.state.failure().unwrap_or(JournalError::Closed)
    }
}

#[cfg(test)]
mod tests;
