//! What questions to the ledger have in common: which time they ask about.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::outcome::Failure;

/// The beginning of a time: a day, from its first moment in universal time, or a moment.
pub(crate) fn from(text: &str) -> Result<Timestamp, String> {
    moment(text, Some)
}

/// The end of a time: a day, with all of it, or a moment, which is not in it any more.
pub(crate) fn to(text: &str) -> Result<Timestamp, String> {
    moment(text, |day| day.tomorrow().ok())
}

fn moment(text: &str, day_counts_from: impl Fn(Date) -> Option<Date>) -> Result<Timestamp, String> {
    let expected = || "expected a day such as `2026-10-01` or a time such as `2026-10-01T08:00:00Z`".to_owned();
    if let Ok(day) = text.parse::<Date>()
        && !text.contains('T')
    {
        let day = day_counts_from(day).and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        return day.map(|zoned| zoned.timestamp()).ok_or_else(expected);
    }
    text.parse().map_err(|_| expected())
}

/// Refuses a time that ends before it begins: nothing is in it, which would read like an answer.
pub(crate) fn in_order(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(), Failure> {
    match (from, to) {
        (Some(from), Some(to)) if to <= from => Err(Failure::new(format!(
            "the time asked about ends (`--to`, {to}) before it begins (`--from`, {from})"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_ends_before_it_begins_is_refused() {
        let [first, second] = ["2026-10-01", "2026-10-02"].map(|day| from(day).ok());
        assert!(in_order(first, second).is_ok() && in_order(None, first).is_ok() && in_order(second, None).is_ok());
        assert!(in_order(second, first).is_err() && in_order(first, first).is_err());
    }

    #[test]
    fn a_day_ends_with_its_last_moment() {
        assert_eq!(from("2026-10-01").unwrap().to_string(), "2026-10-01T00:00:00Z");
        assert_eq!(to("2026-10-01").unwrap().to_string(), "2026-10-02T00:00:00Z");
        assert_eq!(to("2026-10-01T08:00:00Z").unwrap().to_string(), "2026-10-01T08:00:00Z");
        assert!(from("October").is_err());
    }
}
