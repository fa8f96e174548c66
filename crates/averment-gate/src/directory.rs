//! Whether the directory of people can be gone by: somebody is in it, it is not older than the operator allows, and the
//! clock that says so has not been set back.
//!
//! A clock that runs behind would make people younger, consents valid again and entries older than those before them.

use jiff::Timestamp;

use crate::terms::Terms;

/// Clocks are corrected by moments; this many seconds backwards are no correction.
const CORRECTION_MAX_SECONDS: i64 = 300;

/// Why it cannot be gone by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Nobody is in it.
    Empty,
    /// It was loaded too long ago.
    Stale,
    /// The time is before one that was already seen.
    ClockSetBack,
}

/// Checks the directory of `terms` at `now`. `latest`: the latest second that this gate has seen.
///
/// # Errors
/// [`Unusable`].
pub(crate) fn usable(terms: &Terms, now: Timestamp, latest: i64) -> Result<(), Unusable> {
    if terms.snapshot.directory.people() == 0 {
        return Err(Unusable::Empty);
    }
    let now = now.as_second();
    let loaded = terms.snapshot.loaded_at.map_or(now, Timestamp::as_second);
    if now.saturating_add(CORRECTION_MAX_SECONDS) < latest.max(loaded) {
        return Err(Unusable::ClockSetBack);
    }
    let age_max = terms.settings.limits.directory_max_age();
    match age_max.map(|age| age.as_secs()) {
        Some(age_max) if now.saturating_sub(loaded) > age_max => Err(Unusable::Stale),
        _ => Ok(()),
    }
}
