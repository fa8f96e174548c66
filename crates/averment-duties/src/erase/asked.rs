//! Since when erasure was asked for, and for how many people of a run.
//!
//! Days of requests count to their end, as in `averment request due`: whoever does it on the last day is in time.

use averment_register::Period;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// `P0D` is at once: a run that began within the hour was.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// Since when time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// A day, UTC, of which nobody knows the hour.
    Day(Date),
    /// A moment.
    Moment(Timestamp),
}

/// People of a run for whom erasure was asked for at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// When it was first asked for, by whomever.
    pub at: Since,
    /// When a school first did.
    pub by_school_at: Option<Since>,
    /// How many people.
    pub people: u64,
}

impl Since {
    /// A day (`2026-01-05`) or a moment (RFC 3339), as [`Since`] is written.
    pub fn read(text: &str) -> Option<Self> {
        let day = || text.parse().ok().map(Self::Day);
        text.parse().ok().map(Self::Moment).or_else(day)
    }

    /// Whether more than `duration` has passed until then. A time after all calendars does not pass.
    pub fn is_over(self, duration: &Period, until: Timestamp) -> bool {
        let Ok(span) = duration.to_string().parse::<Span>() else {
            return false;
        };
        let due = match self {
            Self::Day(day) => day
                .checked_add(span)
                .and_then(Date::tomorrow)
                .and_then(|day| day.to_zoned(TimeZone::UTC)),
            Self::Moment(at) => at.to_zoned(TimeZone::UTC).checked_add(span),
        };
        due.is_ok_and(|due| until > due.timestamp() + GRACE)
    }
}

impl std::fmt::Display for Since {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Moment(at) => at.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
