//! What entries have in common: their time, the charter in force, and when the next log is due.
//!
//! The clock is held against the latest second that was seen; what runs behind that is not believed until somebody vouches
//! for it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use averment_ledger::{Deed, ENTRY_VERSION, Entry};
use averment_register::Digest;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{JournalError, NewLog};

/// Gives the time of an entry.
pub(super) type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// What entries have in common, and when the next log is due: what callers and the thread both look at.
pub(super) struct Frame {
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
pub(super) const CORRECTION_MAX_SECONDS: i64 = 5;

impl Frame {
    pub(super) fn new(clock: Clock, charter: Digest) -> Self {
        Self {
            clock,
            charter: RwLock::new(charter),
            new_log: RwLock::new((NewLog::default(), TimeZone::UTC)),
            latest: AtomicI64::new(i64::MIN),
            accepted: AtomicI64::new(i64::MIN),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let now = (self.clock)();
        self.seen(now);
        now
    }

    pub(super) fn seen(&self, at: Timestamp) -> i64 {
        let (second, latest) = (at.as_second(), self.latest.load(Ordering::Relaxed));
        // Once a second is often enough for everybody who records to write to the same place.
        if second <= latest {
            return latest;
        }
        self.latest.fetch_max(second, Ordering::Relaxed).max(second)
    }

    /// The latest second that was seen; none where there was none.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.latest.load(Ordering::Relaxed)).ok()
    }

    /// How far the clock runs behind what it was already; 0 for what is a correction.
    pub(super) fn seconds_behind(&self) -> i64 {
        let now = (self.clock)();
        let seconds = self.seen(now).saturating_sub(now.as_second());
        if seconds > CORRECTION_MAX_SECONDS { seconds } else { 0 }
    }

    /// Refuses a time that lies before one that is recorded already.
    pub(super) fn check_clock(&self) -> Result<(), JournalError> {
        match self.seconds_behind() {
            0 => Ok(()),
            seconds => Err(JournalError::ClockSetBack { seconds }),
        }
    }

    /// From here on times count anew.
    pub(super) fn accept_clock(&self) {
        let now = (self.clock)().as_second();
        self.latest.store(now, Ordering::Relaxed);
        self.accepted.store(now, Ordering::Relaxed);
    }

    /// When the clock was accepted, told once; none where it was not.
    pub(super) fn take_accepted(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.accepted.swap(i64::MIN, Ordering::Relaxed)).ok()
    }

    pub(super) fn charter(&self) -> Digest {
        *self.charter.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_charter(&self, charter: Digest) {
        *self.charter.write().unwrap_or_else(PoisonError::into_inner) = charter;
    }

    pub(super) fn set_new_log(&self, new_log: NewLog, zone: TimeZone) {
        *self.new_log.write().unwrap_or_else(PoisonError::into_inner) = (new_log, zone);
    }

    pub(super) fn new_log(&self) -> RwLockReadGuard<'_, (NewLog, TimeZone)> {
        self.new_log.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn entry(&self, deed: Deed) -> Entry {
        self.entry_under(self.charter(), deed)
    }

    pub(super) fn entry_under(&self, charter: Digest, deed: Deed) -> Entry {
        Entry {
            v: ENTRY_VERSION,
            at: format!("{:.6}", self.now()),
            charter: charter.to_string(),
            deed,
        }
    }
}
