//! The latest second of a ledger: what a clock is held against.
//!
//! Not the time of the last entry: what a gate records while its clock runs behind is dated as the clock says, and must not
//! make the clock right.

use averment_ledger::{Begun, Deed, Entry, Stamp, Trusted};
use jiff::Timestamp;

use crate::folder::DataFolder;
use crate::read::{ReadError, raw_entries};

/// Kind of the entry from which on times count anew.
const ACCEPTED: &str = "clock_accepted";
/// A time as it is written, `2026-03-01T12:00:00.000000Z`.
const USUAL_CHARS: usize = 27;
/// Of these, those up to the second.
const SECOND_CHARS: usize = 19;

/// The latest second of the entries taken so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Latest {
    at: Option<Timestamp>,
    /// The same as it was written: most times are told from it without being read.
    text: String,
    /// The earliest time for which somebody vouched for the clock; none where nobody did.
    accepted: Option<Timestamp>,
}

impl Latest {
    /// Of a log that begins with `first`: what that says about the logs before.
    pub(super) fn beginning_with(first: &Entry) -> Self {
        let mut latest = Self::default();
        if let Deed::Begun(Begun { latest: Some(at), .. }) = &first.deed {
            latest.put(at);
        }
        latest
    }

    /// Takes the next entry, as JSON. One without a readable time says nothing.
    pub(super) fn take(&mut self, json: &[u8]) {
        let Some(Stamp { at, kind }) = Stamp::of(json) else {
            return;
        };
        if kind == ACCEPTED {
            *self = Self {
                accepted: self.accepted.into_iter().chain(at.parse().ok()).min(),
                ..Self::default()
            };
        }
        // Of two times of the usual length the later one is the greater text.
        let is_usual = at.len() == USUAL_CHARS && self.text.len() == USUAL_CHARS;
        if !is_usual || at.as_bytes()[..SECOND_CHARS] > self.text.as_bytes()[..SECOND_CHARS] {
            self.put(&at);
        }
    }

    fn put(&mut self, text: &str) {
        let Ok(at) = text.parse::<Timestamp>() else { return };
        if self.at.is_none_or(|latest| latest < at) {
            self.at = Some(at);
            text.clone_into(&mut self.text);
        }
    }

    /// When a log lasts from whose first entry is of `begun`: no longer than since somebody vouched that this time had not come.
    pub(super) fn lasts_from(&self, begun: Timestamp) -> Timestamp {
        self.accepted.map_or(begun, |accepted| accepted.min(begun))
    }

    /// That second; none where there is no entry.
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.at
    }
}

/// The latest time of the whole record, as the gate's clock is held against it; none while there is no entry. Reads all of it.
///
/// # Errors
/// [`ReadError`].
pub fn latest_time<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Option<Timestamp>, ReadError> {
    let mut latest = Latest::default();
    for raw in raw_entries(folder, trusted)? {
        latest.take(&raw?.json);
    }
    Ok(latest.at())
}

#[cfg(test)]
mod tests {
    use averment_ledger::ClockAccepted;

    use super::*;

    fn entry(at: &str, deed: Deed) -> Entry {
        let (v, at, charter) = (2, at.to_owned(), "sha256:00".to_owned());
        Entry { v, at, charter, deed }
    }

    fn accepted() -> Deed {
        Deed::ClockAccepted(ClockAccepted {
            id: "0".repeat(32),
            by: "operator".to_owned(),
            because: "the hardware clock was wrong".to_owned(),
            latest: "2026-03-01T13:00:00Z".to_owned(),
        })
    }

    #[test]
    fn the_greatest_time_counts_until_somebody_accepts_the_clock() {
        let rows = [
            ("2026-03-01T12:00:00.000000Z", Deed::Unknown, "2026-03-01T12:00:00Z"),
            ("2026-03-01T13:00:00.000000Z", Deed::Unknown, "2026-03-01T13:00:00Z"),
            ("2026-03-01T12:00:01.000000Z", Deed::Unknown, "2026-03-01T13:00:00Z"),
            ("no time", Deed::Unknown, "2026-03-01T13:00:00Z"),
            ("2026-03-01T12:30:00Z", Deed::Unknown, "2026-03-01T13:00:00Z"),
            ("2026-03-01T12:00:02.000000Z", accepted(), "2026-03-01T12:00:02Z"),
            ("2026-03-01T12:00:01.000000Z", Deed::Unknown, "2026-03-01T12:00:02Z"),
            ("2026-03-01T14:00:00Z", Deed::Unknown, "2026-03-01T14:00:00Z"),
            ("2026-03-01T14:00:01.000000Z", Deed::Unknown, "2026-03-01T14:00:01Z"),
        ];
        let mut latest = Latest::default();
        for (at, deed, expected) in rows {
            latest.take(entry(at, deed).to_json().as_bytes());
            assert_eq!(latest.at(), expected.parse().ok(), "{at}");
        }
    }

    #[test]
    fn a_log_that_began_in_the_future_lasts_from_when_the_clock_was_accepted() {
        let [before, accepted_at, after] = ["11:00", "12:00", "13:00"].map(|time| format!("2026-03-01T{time}:00Z"));
        let at = |text: &String| text.parse::<Timestamp>().unwrap();
        let mut latest = Latest::default();
        assert_eq!(latest.lasts_from(at(&after)), at(&after));
        for time in [&after, &accepted_at, &after] {
            let deed = if *time == accepted_at {
                accepted()
            } else {
                Deed::Unknown
            };
            latest.take(entry(time, deed).to_json().as_bytes());
        }
        assert_eq!(latest.lasts_from(at(&after)), at(&accepted_at));
        assert_eq!(latest.lasts_from(at(&before)), at(&before));
        // The earliest acceptance counts, whichever came first.
        for (time, expected) in [(&after, &accepted_at), (&before, &before), (&accepted_at, &before)] {
            latest.take(entry(time, accepted()).to_json().as_bytes());
            assert_eq!(latest.lasts_from(at(&after)), at(expected), "{time}");
        }
    }
}
