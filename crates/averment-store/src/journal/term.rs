//! When a ledger goes on in a new log, and what that log begins with.

use averment_ledger::{
    Begun, Checkpoint, Deed, Ended, Frontier, LogState, SigningKey, leaf_hash, write_checkpoint_line, write_entry_line,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::disk::LogStart;
use super::frame::Frame;

/// When a new log is begun. Days are those of the time zone that [`crate::Journal::set_new_log`] is given.
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
    /// Whether a log whose first entry is of `begun` has lasted long enough at `now`, by the calendar of `zone`. A clock that
    /// was set back ends none.
    pub(super) fn is_due(&self, begun: Timestamp, now: Timestamp, zone: &TimeZone) -> bool {
        let [begun, now] = [begun, now].map(|at| zone.to_datetime(at).date());
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

/// The log that goes on where `previous` ended.
pub(super) fn continuation(previous: &LogState, key: &SigningKey, frame: &Frame) -> (LogStart, Frontier) {
    let begun = Begun {
        latest: frame.latest().map(|latest| latest.to_string()),
        ..previous.next_begun()
    };
    let number = begun.log;
    let json = frame.entry(Deed::Begun(begun)).to_json();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Whether a log of `begun` is due at the first of the two moments, and at the second.
    fn due(new_log: &NewLog, zone: &TimeZone, begun: &str, moments: [&str; 2]) -> [bool; 2] {
        moments.map(|now| new_log.is_due(at(begun), at(now), zone))
    }

    /// Central time of the United States.
    fn chicago() -> TimeZone {
        TimeZone::posix("CST6CDT,M3.2.0,M11.1.0").unwrap()
    }

    /// Clocks change at midnight: in spring a day begins at one, in autumn its first hour comes twice.
    fn havana() -> TimeZone {
        TimeZone::posix("CST5CDT,M3.2.0/0,M11.1.0/1").unwrap()
    }

    #[test]
    fn a_month_ends_at_midnight_of_the_zone_in_summer_and_in_winter() {
        let (monthly, chicago) = (NewLog::Monthly, chicago());
        let summer = ["2026-11-01T04:59:59Z", "2026-11-01T05:00:00Z"];
        assert_eq!(due(&monthly, &chicago, "2026-10-20T12:00:00Z", summer), [false, true]);
        let winter = ["2026-12-01T05:59:59Z", "2026-12-01T06:00:00Z"];
        assert_eq!(due(&monthly, &chicago, "2026-11-20T12:00:00Z", winter), [false, true]);
        assert_eq!(
            due(&monthly, &TimeZone::UTC, "2026-11-20T12:00:00Z", winter),
            [true, true]
        );
    }

    #[test]
    fn a_term_begins_on_a_day_without_midnight_and_on_one_that_has_it_twice() {
        let on = |day: &str| NewLog::On(vec![day.parse().unwrap()]);
        let (begun, havana) = ("2026-02-01T12:00:00Z", havana());
        let spring = ["2026-03-08T04:59:59Z", "2026-03-08T05:00:00Z"];
        assert_eq!(due(&on("2026-03-08"), &havana, begun, spring), [false, true]);
        let autumn = ["2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z"];
        assert_eq!(due(&on("2026-11-01"), &havana, begun, autumn), [false, true]);
        let again = due(
            &on("2026-11-01"),
            &havana,
            "2026-11-01T04:10:00Z",
            ["2026-11-01T05:00:00Z", "2026-11-02T12:00:00Z"],
        );
        assert_eq!(again, [false, false], "the day begins once");
    }
}
