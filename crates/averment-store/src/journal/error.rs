//! Why nothing is recorded.

use std::sync::Arc;

use averment_ledger::ENTRY_BYTES_MAX;

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
