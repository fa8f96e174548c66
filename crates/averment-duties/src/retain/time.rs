//! How a column says when something happened, and the conditions that compare it with a cut in each engine's SQL.
//!
//! Start at [`Reading::of`]. What cannot be read, and what lies before 1990, is neither due nor not due: it is counted and stays.

use averment_catalog::WordId;
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan as _};

use super::due::{Cut, Happened};
use crate::connect::{Column, Dialect};

/// How the values of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A moment.
    Instant,
    /// Date and time without a zone.
    Local,
    /// A day.
    Day,
    /// Seconds, or thousandths, millionths or billionths of them, since 1970.
    Number,
    /// Text as ISO 8601.
    Text,
    /// What SQLite keeps: numbers or texts, row by row.
    Mixed,
}

/// A time column in a statement.
#[derive(Debug, Clone)]
pub(crate) struct TimeColumn {
    pub(super) name: String,
    pub(super) reading: Reading,
    dialect: Dialect,
    /// The column as written.
    written: String,
}

/// The first second that is taken for a time, 1990, and the first of 2100.
const FIRST: i64 = 631_152_000;
const BEYOND: i64 = 4_102_444_800;
/// How many of a number make a second.
const UNITS: [i64; 4] = [1, 1_000, 1_000_000, 1_000_000_000];

const DAY: &str = "(199[0-9]|[2-9][0-9][0-9][0-9])-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))";
const CLOCK: &str = "[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?";
const UNIVERSAL: &str = " ?(Z|UTC|[+-]00(:?00)?)";
const OFFSET: &str = " ?[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?";

impl Reading {
    /// How a column of this type is read; none when it holds no times.
    pub fn of(dialect: Dialect, column: &Column) -> Option<Self> {
        let kind = column.kind.to_ascii_lowercase();
        let begins = |words: &[&str]| words.iter().any(|word| kind.starts_with(word));
        match dialect {
            Dialect::Sqlite => Some(Self::Mixed),
            _ if begins(&["date"]) && !begins(&["datetime"]) => Some(Self::Day),
            Dialect::Postgres if begins(&["timestamp"]) && kind.ends_with("with time zone") => Some(Self::Instant),
            Dialect::Postgres if begins(&["timestamp"]) => Some(Self::Local),
            Dialect::Mysql if begins(&["timestamp"]) => Some(Self::Instant),
            Dialect::Mysql if begins(&["datetime"]) => Some(Self::Local),
            _ if begins(&[
                "character",
                "varchar",
                "char",
                "text",
                "tinytext",
                "mediumtext",
                "longtext",
            ]) =>
            {
                Some(Self::Text)
            }
            _ if begins(&["interval", "point", "time", "year"]) => None,
            _ if column.is_number() => Some(Self::Number),
            _ => None,
        }
    }

    /// In words, for the plan.
    pub fn in_words(self, zone: &str) -> String {
        match self {
            Self::Instant => "a moment".to_owned(),
            Self::Local => format!("date and time without a zone, taken as {zone}"),
            Self::Day => format!("a day in {zone}"),
            Self::Number => "a number since 1970 (seconds, or parts of them by its size)".to_owned(),
            Self::Text => format!("text as ISO 8601, without a zone taken as {zone}"),
            Self::Mixed => format!("numbers since 1970 or texts as ISO 8601, without a zone taken as {zone}"),
        }
    }
}

/// Whether everything has a time of this trigger, so that none is a time that is missing and not one to come.
pub(super) fn always_happens(trigger: &WordId) -> bool {
    ["collection", "last_use"].contains(&trigger.as_str())
}

impl TimeColumn {
    /// None when the column holds no times.
    pub(crate) fn of(dialect: Dialect, column: &Column) -> Option<Self> {
        Some(Self {
            name: column.name.clone(),
            reading: Reading::of(dialect, column)?,
            dialect,
            written: dialect.name(&column.name),
        })
    }

    /// Whether the value can be read; never `null` where there is a value.
    pub(crate) fn is_read(&self) -> String {
        let w = &self.written;
        match self.reading {
            Reading::Instant | Reading::Local | Reading::Day => match self.dialect {
                Dialect::Postgres => format!("({w} >= '1990-01-01' and {w} < 'infinity')"),
                _ => format!("({w} >= '1990-01-01')"),
            },
            Reading::Number => ranges(w, |unit| BEYOND * unit),
            Reading::Text => self.matches(&format!("^{DAY}({CLOCK}({UNIVERSAL}|{OFFSET})?)?$")),
            Reading::Mixed => format!(
                "(case typeof({w}) when 'integer' then {numbers} when 'real' then {numbers} when 'text' then {text} else 0 end)",
                numbers = ranges(w, |unit| BEYOND * unit),
                text = sqlite_text(w),
            ),
        }
    }

    /// Whether what happened then is due.
    pub(crate) fn is_before(&self, cut: &Cut) -> String {
        let w = &self.written;
        let second = cut.instant.as_second();
        match self.reading {
            Reading::Instant => self.native(&plain(cut.instant), "+00"),
            Reading::Local => self.native(&local(cut.local), ""),
            Reading::Day => self.native(&cut.local.date().to_string(), ""),
            Reading::Number => ranges(w, |unit| second.clamp(FIRST, BEYOND) * unit),
            Reading::Text => self.text_before(cut),
            Reading::Mixed => format!(
                "(case typeof({w}) when 'integer' then {numbers} when 'real' then {numbers} when 'text' then {text} and \
                 case when length({w}) = 10 then {w} < '{day}' when {w} glob '*Z' or {w} glob '*[+-][0-9][0-9]:[0-9][0-9]' \
                 then unixepoch({w}) < {second} else unixepoch({w}) < {without} end else 0 end)",
                numbers = ranges(w, |unit| second.clamp(FIRST, BEYOND) * unit),
                text = sqlite_text(w),
                day = cut.local.date(),
                without = as_universal(cut.local),
            ),
        }
    }

    fn native(&self, until: &str, zone: &str) -> String {
        let w = &self.written;
        // MySQL's session is in universal time, so that its moments take no zone.
        let zone = if self.dialect == Dialect::Postgres { zone } else { "" };
        format!("({w} >= '1990-01-01' and {w} < '{until}{zone}')")
    }

    fn text_before(&self, cut: &Cut) -> String {
        let w = &self.written;
        let first = |pattern: &str| self.matches(&format!("^{DAY}{pattern}$"));
        let clock = format!("replace(substring({w}, 1, 19), 'T', ' '){}", self.bytewise());
        // An offset is up to fourteen hours: a day later is never early.
        let a_day_before = cut.instant.saturating_sub(24.hours()).unwrap_or(cut.instant);
        format!(
            "(case when {} then {w}{} < '{}' when {} then {clock} < '{}' when {} then {clock} < '{}' when {} then {clock} < '{}' else false end)",
            first(""),
            self.bytewise(),
            cut.local.date(),
            first(CLOCK),
            local(cut.local),
            first(&format!("{CLOCK}{UNIVERSAL}")),
            plain(cut.instant),
            first(&format!("{CLOCK}{OFFSET}")),
            plain(a_day_before),
        )
    }

    fn bytewise(&self) -> &'static str {
        match self.dialect {
            Dialect::Postgres => " collate \"C\"",
            _ => "",
        }
    }

    fn matches(&self, pattern: &str) -> String {
        let operator = match self.dialect {
            Dialect::Postgres => "~",
            _ => "regexp",
        };
        format!("({} {operator} {})", self.written, self.dialect.text(pattern))
    }

    /// `min` or `max` of the values that can be read, as a text that [`TimeColumn::read`] takes.
    pub(super) fn extreme(&self, which: &str, among: &str) -> String {
        let w = &self.written;
        let value = match self.reading {
            Reading::Number => in_thousandths(w, self.dialect),
            Reading::Text => format!("replace(substring({w}, 1, 19), 'T', ' ')"),
            Reading::Mixed => format!(
                "case typeof({w}) when 'text' then unixepoch({w}) * 1000 else {} end",
                in_thousandths(w, self.dialect)
            ),
            _ => w.clone(),
        };
        let extreme = format!("{which}(case when {} and {among} then {value} end)", self.is_read());
        match (self.dialect, self.reading) {
            (Dialect::Postgres, Reading::Instant) => {
                format!("to_char({extreme} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')")
            }
            (Dialect::Postgres, Reading::Local) => format!("to_char({extreme}, 'YYYY-MM-DD HH24:MI:SS.US')"),
            (Dialect::Postgres, Reading::Day) => format!("to_char({extreme}, 'YYYY-MM-DD')"),
            (Dialect::Postgres, Reading::Number) => format!("floor({extreme})::bigint::text"),
            (Dialect::Mysql, Reading::Day) => format!("date_format({extreme}, '%Y-%m-%d')"),
            (Dialect::Mysql, Reading::Instant | Reading::Local) => {
                format!("date_format({extreme}, '%Y-%m-%d %H:%i:%s.%f')")
            }
            (Dialect::Mysql, Reading::Number) => format!("cast(floor({extreme}) as char)"),
            _ => extreme,
        }
    }

    /// What [`TimeColumn::extreme`] gave.
    pub(super) fn read(&self, text: &str) -> Option<Happened> {
        match self.reading {
            Reading::Number | Reading::Mixed => {
                let thousandths: f64 = text.parse().ok()?;
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "within the years that are taken for times"
                )]
                Timestamp::from_millisecond(thousandths as i64).ok().map(Happened::At)
            }
            Reading::Instant => {
                let local: DateTime = text.parse().ok()?;
                local
                    .to_zoned(jiff::tz::TimeZone::UTC)
                    .ok()
                    .map(|zoned| Happened::At(zoned.timestamp()))
            }
            Reading::Local => text.parse().ok().map(Happened::Local),
            Reading::Day => text.parse().ok().map(Happened::On),
            Reading::Text if text.len() == 10 => text.parse::<Date>().ok().map(Happened::On),
            Reading::Text => text.parse().ok().map(Happened::Local),
        }
    }
}

/// Whether a number lies in one of the ranges that times have, each in its unit, and below `until`.
fn ranges(written: &str, until: impl Fn(i64) -> i64) -> String {
    let of = |unit: &i64| {
        let until = until(*unit);
        format!("{written} >= {} and {written} < {until}", FIRST * unit)
    };
    format!("({})", UNITS.iter().map(of).collect::<Vec<_>>().join(" or "))
}

/// A number in thousandths of a second, by the range that it lies in.
fn in_thousandths(written: &str, dialect: Dialect) -> String {
    let number = match dialect {
        Dialect::Postgres => format!("{written}::numeric"),
        _ => written.to_owned(),
    };
    format!(
        "case when {written} < {} then {number} * 1000 when {written} < {} then {number} when {written} < {} then \
         {number} / 1000 else {number} / 1000000 end",
        BEYOND,
        BEYOND * 1_000,
        BEYOND * 1_000_000
    )
}

/// Whether a text in SQLite is a day, or a day and a time to the second.
fn sqlite_text(w: &str) -> String {
    format!(
        "({w} >= '1990' and date(substr({w}, 1, 10)) = substr({w}, 1, 10) and unixepoch({w}) is not null and \
         (length({w}) = 10 or {w} glob '????-??-??[T ][0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'))"
    )
}

/// As SQL takes a moment in universal time.
fn plain(instant: Timestamp) -> String {
    local(instant.to_zoned(jiff::tz::TimeZone::UTC).datetime())
}

fn local(local: DateTime) -> String {
    local.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Seconds since 1970 as if it were universal time.
fn as_universal(local: DateTime) -> i64 {
    jiff::tz::TimeZone::UTC
        .to_timestamp(local)
        .map_or(i64::MIN, Timestamp::as_second)
}
