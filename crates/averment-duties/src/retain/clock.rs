//! Whether the clock can be believed: a clock that is ahead makes everything due.
//!
//! Start at [`Witnesses::doubt`]. Whoever doubts deletes nothing.

use jiff::{SignedDuration, Timestamp};

/// How far two clocks may be apart.
const APART: SignedDuration = SignedDuration::from_mins(5);
/// How long nothing may have been recorded and no row made before a clock is asked about.
const SILENCE: SignedDuration = SignedDuration::from_hours(35 * 24);

/// What the entries of the ledger say of the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The newest entry.
    pub newest: Option<Timestamp>,
    /// The longest time between two entries.
    pub gap: SignedDuration,
}

impl Recorded {
    /// What the times of entries say, in the order in which they were recorded.
    pub fn of(times: impl IntoIterator<Item = Timestamp>) -> Self {
        let mut recorded = Self::default();
        for time in times {
            if let Some(newest) = recorded.newest {
                recorded.gap = recorded.gap.max(time.duration_since(newest));
            }
            recorded.newest = recorded.newest.max(Some(time));
        }
        recorded
    }
}

/// What else says how late it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Witnesses {
    /// The ledger, which this clock wrote.
    pub(super) ledger: Recorded,
    /// The database's own clock.
    pub(super) database: Option<Timestamp>,
    /// The newest row that says when it was made or used.
    pub(super) newest: Option<Timestamp>,
    /// Somebody has compared this clock with another.
    pub(super) checked: bool,
}

impl Witnesses {
    /// Why this clock cannot be believed; none when nothing speaks against it.
    pub(super) fn doubt(&self, now: Timestamp) -> Option<String> {
        if let Some(other) = self.database.filter(|other| now.duration_since(*other).abs() > APART) {
            let ahead = if now > other { "ahead of" } else { "behind" };
            return Some(format!(
                "this clock is {} {ahead} that of the database",
                apart(now, other)
            ));
        }
        // Whoever compared it knows better than what a wrong clock wrote before.
        match self.checked {
            true => None,
            false => self.is_behind(now).or_else(|| self.is_silent(now)),
        }
    }

    fn is_behind(&self, now: Timestamp) -> Option<String> {
        let before = |other: &Timestamp| *other > now.saturating_add(APART).unwrap_or(Timestamp::MAX);
        let named = [
            (self.ledger.newest, "the newest entry of the ledger"),
            (self.newest, "the newest row"),
        ];
        named.into_iter().find_map(|(other, name)| {
            let other = other.filter(before)?;
            Some(format!("this clock is {} behind {name}", apart(now, other)))
        })
    }

    /// A clock that is ahead writes entries, and perhaps rows, of its own time: the older of the two speaks, and the time
    /// between entries.
    fn is_silent(&self, now: Timestamp) -> Option<String> {
        if self.ledger.gap > SILENCE {
            return Some(format!(
                "nothing was recorded for {} between two entries of the ledger: either nothing happened, or this clock is ahead",
                in_words(self.ledger.gap)
            ));
        }
        let last = [self.ledger.newest, self.newest].into_iter().flatten().min()?;
        (now.duration_since(last) > SILENCE).then(|| {
            format!(
                "nothing was recorded or no row was made for {}: either nothing happened, or this clock is ahead",
                apart(now, last)
            )
        })
    }
}

fn apart(one: Timestamp, other: Timestamp) -> String {
    in_words(one.duration_since(other))
}

fn in_words(long: SignedDuration) -> String {
    let seconds = long.as_secs().unsigned_abs();
    match seconds {
        0..=7_199 => format!("{} minutes", seconds / 60),
        7_200..=172_799 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn clocks_that_are_off_are_doubted() {
        let right = at("2026-11-22T12:00:00Z");
        let with = Witnesses {
            ledger: Recorded::of([at("2026-11-22T02:30:00Z")]),
            newest: Some(at("2026-11-22T11:59:00Z")),
            ..Witnesses::default()
        };
        assert_eq!(with.doubt(right), None);
        for wrong in ["2024-11-22T12:00:00Z", "2036-11-22T12:00:00Z", "2026-11-22T02:00:00Z"] {
            assert!(with.doubt(at(wrong)).is_some(), "{wrong}");
        }
        let database = Witnesses {
            database: Some(right),
            ..with
        };
        assert!(
            database.doubt(at("2026-11-22T13:00:00Z")).is_some(),
            "an hour of summer time"
        );
        assert_eq!(database.doubt(at("2026-11-22T12:01:00Z")), None);
    }

    #[test]
    fn silence_is_asked_about_once() {
        let dormant = Witnesses {
            newest: Some(at("2026-01-01T00:00:00Z")),
            ..Witnesses::default()
        };
        let now = at("2026-11-22T12:00:00Z");
        assert!(dormant.doubt(now).is_some());
        let checked = Witnesses {
            checked: true,
            ..dormant
        };
        assert_eq!(checked.doubt(now), None);
        assert_eq!(Witnesses::default().doubt(now), None, "there is nothing to delete");
    }

    #[test]
    fn what_a_wrong_clock_wrote_is_no_witness_for_it() {
        let (before, wrong) = (at("2026-11-22T12:00:00Z"), at("2036-11-22T12:00:00Z"));
        let ledger = Recorded::of([before, wrong]);
        let rows = |newest: Timestamp| Witnesses {
            ledger,
            newest: Some(newest),
            ..Witnesses::default()
        };
        assert!(rows(before).doubt(wrong).is_some(), "entries of its own");
        assert!(rows(wrong).doubt(wrong).is_some(), "and rows of its own");
        let only = Witnesses {
            ledger: Recorded::of([wrong]),
            newest: Some(before),
            ..Witnesses::default()
        };
        assert!(only.doubt(wrong).is_some());
    }

    #[test]
    fn a_clock_that_is_right_again_is_believed_once_it_was_compared() {
        let (now, wrong) = (at("2026-11-23T12:00:00Z"), at("2036-11-22T12:00:00Z"));
        let with = Witnesses {
            ledger: Recorded::of([at("2026-11-22T12:00:00Z"), wrong]),
            newest: Some(wrong),
            ..Witnesses::default()
        };
        assert!(with.doubt(now).is_some());
        let checked = Witnesses { checked: true, ..with };
        assert_eq!(checked.doubt(now), None);
        let database = Witnesses {
            database: Some(wrong),
            ..checked
        };
        assert!(database.doubt(now).is_some(), "that of the database still is not");
    }
}
