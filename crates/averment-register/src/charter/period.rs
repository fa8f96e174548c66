//! Lengths of time as published: "90 days", "72 hours", "yearly".
//!
//! Source: ISO 8601-1:2019, 5.5.2 (durations), without fractions and signs.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A length of time: months, days and seconds, because a month is no number of days.
///
/// Written as an ISO 8601 duration (`P90D`, `PT72H`, `P1Y6M`); years count as twelve months and weeks as seven days, so
/// that `P1Y` and `P12M` are the same period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    months: u32,
    days: u32,
    seconds: u32,
}

/// A text that is not a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodError {
    found: String,
}

impl std::fmt::Display for PeriodError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`{}` is not a duration: expected ISO 8601 such as `P90D`, `P1Y` or `PT72H`",
            self.found
        )
    }
}

impl std::error::Error for PeriodError {}

const SECONDS_OF_DAY: u64 = 86_400;

impl Period {
    /// No time at all: at once.
    pub const ZERO: Self = Self {
        months: 0,
        days: 0,
        seconds: 0,
    };

    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self { days, ..Self::ZERO }
    }

    /// So many months.
    pub const fn months(months: u32) -> Self {
        Self { months, ..Self::ZERO }
    }

    /// So many hours; `None` beyond what a period holds.
    pub fn hours(hours: u32) -> Option<Self> {
        let seconds = hours.checked_mul(3_600)?;
        Some(Self { seconds, ..Self::ZERO })
    }

    /// Its length in seconds, a month taken as 30.4375 days: for comparing, never for due dates.
    pub fn approximate_seconds(self) -> u64 {
        u64::from(self.months) * 2_629_800 + u64::from(self.days) * SECONDS_OF_DAY + u64::from(self.seconds)
    }

    /// Whether it is never longer than `other`, whatever the months: `P30D` may be longer than `P1M`, in February.
    pub fn is_never_longer_than(self, other: Self) -> bool {
        let length = |period: Self, days_of_month: u64| {
            (u64::from(period.months) * days_of_month + u64::from(period.days)) * SECONDS_OF_DAY
                + u64::from(period.seconds)
        };
        // Months that both have are the same months.
        let both = self.months.min(other.months);
        let rest = |period: Self| Self {
            months: period.months - both,
            ..period
        };
        length(rest(self), 31) <= length(rest(other), 28)
    }

    /// Months, days and seconds: for calendars.
    pub fn parts(self) -> (u32, u32, u32) {
        (self.months, self.days, self.seconds)
    }

    /// As people say it: "90 days", "1 year and 6 months", "at once".
    pub fn in_words(self) -> String {
        let (years, months) = (self.months / 12, self.months % 12);
        let (hours, rest) = (self.seconds / 3_600, self.seconds % 3_600);
        let parts = [
            (years, "year"),
            (months, "month"),
            (self.days, "day"),
            (hours, "hour"),
            (rest / 60, "minute"),
            (rest % 60, "second"),
        ];
        let said: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
            .collect();
        match said.split_last() {
            None => "at once".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
        }
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |period: &Self| (period.approximate_seconds(), period.parts());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::ZERO {
            return f.write_str("P0D");
        }
        f.write_str("P")?;
        let part = |f: &mut std::fmt::Formatter<'_>, count: u32, unit: char| match count {
            0 => Ok(()),
            count => write!(f, "{count}{unit}"),
        };
        part(f, self.months / 12, 'Y')?;
        part(f, self.months % 12, 'M')?;
        part(f, self.days, 'D')?;
        if self.seconds > 0 {
            f.write_str("T")?;
        }
        part(f, self.seconds / 3_600, 'H')?;
        part(f, self.seconds % 3_600 / 60, 'M')?;
        part(f, self.seconds % 60, 'S')
    }
}

impl std::str::FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        parse(text).ok_or_else(|| PeriodError { found: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Period> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    let date = units(date, &[('Y', 12), ('M', 1), ('W', 7), ('D', 1)])?;
    let time = units(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    let given = date.iter().chain(&time).flatten().count();
    let sum = |parts: &[Option<u32>]| {
        parts
            .iter()
            .try_fold(0_u32, |sum, part| sum.checked_add(part.unwrap_or(0)))
    };
    (given > 0).then_some(Period {
        months: sum(&date[..2])?,
        days: sum(&date[2..])?,
        seconds: sum(&time)?,
    })
}

/// The counts of `text`, one per unit and times its weight; units come in their order and at most once.
fn units(text: &str, order: &[(char, u32)]) -> Option<Vec<Option<u32>>> {
    let mut rest = text;
    let mut counts = Vec::new();
    for (unit, weight) in order {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        match rest[end..].strip_prefix(*unit) {
            Some(after) => {
                counts.push(Some(rest[..end].parse::<u32>().ok()?.checked_mul(*weight)?));
                rest = after;
            }
            None => counts.push(None),
        }
    }
    rest.is_empty().then_some(counts)
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
