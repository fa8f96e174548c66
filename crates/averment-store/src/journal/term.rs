//! When a ledger goes on in a new log, and what that log begins with.

use averment_ledger::{
    Begun, Checkpoint, Deed, Ended, Entry, Frontier, LogState, SigningKey, leaf_hash, write_checkpoint_line,
    write_entry_line,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::disk::LogStart;

/// When a new log is begun. Days are those of UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NewLog {
    /// Only when it is asked for.
    #[default]
    OnDemand,
    /// With the first entry of a month.
    Monthly,
    /// With the first entry of a year.
    Yearly,
    /// With the first entry on or after each of these days: terms of a school.
    On(Vec<Date>),
}

impl NewLog {
    /// Whether a log whose first entry is of `begun` has lasted long enough at `now`. A clock that was set back ends none.
    pub(super) fn is_due(&self, begun: Timestamp, now: Timestamp) -> bool {
        let [begun, now] = [begun, now].map(|at| at.to_zoned(TimeZone::UTC).date());
        match self {
            Self::OnDemand => false,
            Self::Monthly => (now.year(), now.month()) > (begun.year(), begun.month()),
            Self::Yearly => now.year() > begun.year(),
            Self::On(days) => days.iter().any(|day| begun < *day && *day <= now),
        }
    }
}

/// The last entry of a log: the next one will be number `next`, signed by `key`.
pub(super) fn ended(next: u32, key: &SigningKey) -> Deed {
    Deed::Ended(Ended {
        next,
        origin: key.verifier().name().to_owned(),
        verifier: key.verifier().to_string(),
    })
}

/// The log that goes on where `previous` ended. `entry` puts a deed into words.
pub(super) fn continuation(
    previous: &LogState,
    key: &SigningKey,
    entry: impl FnOnce(Deed) -> Entry,
) -> (LogStart, Frontier) {
    let begun: Begun = previous.next_begun();
    let number = begun.log;
    let json = entry(Deed::Begun(begun)).to_json();
    let (mut log, mut tree) = (Vec::new(), Frontier::new());
    let hash = leaf_hash(json.as_bytes());
    write_entry_line(&mut log, 0, &hash, &json);
    tree.push(hash);
    // Sealed alone, so that it can be believed without reading what comes behind it.
    let note = Checkpoint::of(key.verifier().name(), &tree, 1).sign(key);
    write_checkpoint_line(&mut log, &note);
    let start = LogStart {
        number,
        verifier: format!("{}\n", key.verifier()),
        log,
        checkpoint: note,
    };
    (start, tree)
}

/// The first log of a ledger: empty.
pub(super) fn first(key: &SigningKey) -> LogStart {
    LogStart {
        number: 1,
        verifier: format!("{}\n", key.verifier()),
        log: Vec::new(),
        checkpoint: Checkpoint::of(key.verifier().name(), &Frontier::new(), 0).sign(key),
    }
}
