//! What questions to the ledger have in common: which time and which elements they ask about.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, catalog};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::outcome::Failure;

/// An answer of none to a question about a word that nobody uses would look like good news.
pub(crate) fn known_element(element: Option<&ElementId>) -> Result<(), Failure> {
    let Some(element) = element.filter(|element| !catalog().knows_element_or_category(element)) else {
        return Ok(());
    };
    let category = |text: &'static str| text.split('.').next().unwrap_or_default();
    let all = || catalog().elements().map(|known| known.id.as_str());
    let own = element.as_str().split('.').next().unwrap_or_default();
    let beside: Vec<&str> = all().filter(|known| category(known) == own).collect();
    let hint = if beside.is_empty() {
        let categories: BTreeSet<&str> = all().map(category).collect();
        format!("its categories are {}", Vec::from_iter(categories).join(", "))
    } else {
        format!("there are {}", beside.join(", "))
    };
    Err(Failure::new(format!("`{element}` is no data element of the catalog")).hint(hint))
}

/// A day of whoever asks, or a moment: which moments a day holds, its zone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayOrMoment {
    /// `2026-10-01`.
    Day(Date),
    /// `2026-10-01T08:00:00Z`.
    Moment(Timestamp),
}

impl DayOrMoment {
    /// Reads either.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.parse::<Date>() {
            Ok(day) if !text.contains('T') => Ok(Self::Day(day)),
            _ => text.parse().map(Self::Moment).map_err(|_| expected()),
        }
    }

    /// The day that it is, or lies in.
    pub(crate) fn day(self, zone: &TimeZone) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => moment.to_zoned(zone.clone()).date(),
        }
    }

    /// Its first moment.
    pub(crate) fn begins(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => Some(day.to_zoned(zone.clone()).ok()?.timestamp()),
            Self::Moment(moment) => Some(moment),
        }
    }

    /// The first moment that is not in it: of a moment itself.
    pub(crate) fn ends(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => Self::Day(day.tomorrow().ok()?).begins(zone),
            Self::Moment(moment) => Some(moment),
        }
    }
}

impl std::fmt::Display for DayOrMoment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Moment(moment) => moment.fmt(f),
        }
    }
}

fn expected() -> String {
    "expected a day such as `2026-10-01` or a time such as `2026-10-01T08:00:00Z`".to_owned()
}

/// The beginning of a time: a day, from its first moment in universal time, or a moment.
pub(crate) fn from(text: &str) -> Result<Timestamp, String> {
    DayOrMoment::parse(text)?.begins(&TimeZone::UTC).ok_or_else(expected)
}

/// The end of a time: a day, with all of it, or a moment, which is not in it any more.
pub(crate) fn to(text: &str) -> Result<Timestamp, String> {
    DayOrMoment::parse(text)?.ends(&TimeZone::UTC).ok_or_else(expected)
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
