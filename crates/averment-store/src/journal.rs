//! The journal: what the gate records before and after a message goes out, durable by group commit.
//!
//! Start at [`Journal::intent`]. One thread owns the file; callers wait until the group that holds their entry is on disk.
//! `open` makes a journal and repairs what a crash left. `message` says what is recorded of a `record`, `send` makes it an
//! order in the `frame` of all entries, `queue` stands between callers and `writer`, the thread, which gathers a `batch` at its
//! `pace`, and `answer` tells everybody that it is done.
//!
//! Invariant: a [`Cleared`] exists only for a permit whose intent is durable, and the forwarding code takes nothing else.
//! After the first failure to write or sync nothing is taken any more: after a failed sync nobody knows what is on disk.

mod answer;
mod batch;
mod disk;
mod error;
mod frame;
mod giving_up;
mod latest;
mod message;
mod naming;
mod open;
mod pace;
mod queue;
mod record;
mod replace;
mod send;
mod split;
mod state;
mod term;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use averment_detect::PersonNumber;
use averment_ledger::{Base64, Deed, Reference};
use averment_policy::{Permit, Verdict};
use averment_register::Digest;
use jiff::tz::TimeZone;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::PersonKey;

pub use disk::{Disk, LogStart};
pub use error::JournalError;
pub use latest::latest_time;
pub use message::{random_id, request_digest, request_digests};
pub use open::{JournalOpenError, Recovery};
pub use record::{Record, Request};
pub use state::Stats;
pub use term::NewLog;

use answer::Recorded;
use frame::Frame;
use giving_up::Waiting;
use naming::RunReferences;
use queue::{Refused, Sender};
use state::State;
use writer::{Order, WriterHandle};

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

/// What clones share.
struct Shared {
    sender: Sender,
    state: Arc<State>,
    frame: Arc<Frame>,
    request_key: Zeroizing<[u8; 32]>,
    references: RunReferences,
    thread: Mutex<Option<WriterHandle>>,
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
        self.shared.frame.set_charter(charter);
    }

    /// Says when a new log is begun from now on, by the calendar of `zone`.
    pub fn set_new_log(&self, new_log: NewLog, zone: TimeZone) {
        self.shared.frame.set_new_log(new_log, zone);
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

    /// The thread drops a waiter without an answer only when it ends.
    async fn settled(&self, answer: oneshot::Receiver<Result<Recorded, JournalError>>) -> Result<u64, JournalError> {
        let answer = answer.await.unwrap_or_else(|_| Err(self.ended()));
        answer.map(|recorded| recorded.number)
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
