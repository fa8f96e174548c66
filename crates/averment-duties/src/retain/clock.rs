//! Whether the clock can be believed: a clock that is ahead makes everything due.
//!
//! Start at [`Witnesses::doubt`]. Whoever doubts deletes nothing.

use jiff::{SignedDuration, Timestamp};

/// How far two clocks may be apart.
const APART: SignedDuration = SignedDuration::from_mins(5);
/// How long nothing may have been recorded and no row made before a clock is asked about.
const SILENCE: SignedDuration = SignedDuration::from_hours(35 * 24);

/// What else says how late it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Witnesses {
    /// The newest entry of the ledger.
    pub(super) ledger: Option<Timestamp>,
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
        let differs = |other: Timestamp| now.duration_since(other).abs() > APART;
        if let Some(other) = self.database.filter(|other| differs(*other)) {
            let ahead = if now > other { "ahead of" } else { "behind" };
            return Some(format!(
                "this clock is {} {ahead} that of the database",
                apart(now, other)
            ));
        }
        let before = |other: &Timestamp| *other > now.saturating_add(APART).unwrap_or(Timestamp::MAX);
        if let Some(entry) = self.ledger.filter(before) {
            return Some(format!(
                "this clock is {} behind the newest entry of the ledger",
                apart(now, entry)
            ));
        }
        if let Some(row) = self.newest.filter(before) {
            return Some(format!("this clock is {} behind the newest row", apart(now, row)));
        }
        let last = self.ledger.max(self.newest)?;
        (now.duration_since(last) > SILENCE && !self.checked).then(|| {
            format!(
                "nothing was recorded and no row was made for {}: either nothing happened, or this clock is ahead",
                apart(now, last)
            )
        })
    }
}

fn apart(one: Timestamp, other: Timestamp) -> String {
    let seconds = one.duration_since(other).as_secs().unsigned_abs();
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
            ledger: Some(at("2026-11-22T02:30:00Z")),
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
}
