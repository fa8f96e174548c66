//! Lengths of time, dates and links in prose: "90 days", "three years", "March 3, 2021".

use std::ops::Range;

use jiff::civil::Date;

use super::tables;
use crate::charter::Period;
use crate::import::words::Word;

/// A length of time with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Duration {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) period: Period,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Every number with a unit behind it, in order.
pub(super) fn durations(words: &[Word], range: Range<usize>) -> Vec<Duration> {
    let mut found: Vec<Duration> = Vec::new();
    for start in range.clone() {
        if found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let Some(count) = number(&words[start]) else { continue };
        // "Thirty (30) days" and "30 calendar days" say their number or their unit with a word between.
        let unit = (start + 1..range.end.min(start + 4)).find_map(|at| Some((at, unit(&words[at])?)));
        if let Some((at, unit)) = unit
            && let Some(period) = times(unit, count)
        {
            found.push(Duration {
                start,
                end: at + 1,
                period,
            });
        }
    }
    found
}

fn number(word: &Word) -> Option<u32> {
    let written = tables().numbers.find(std::slice::from_ref(word));
    word.stem.parse().ok().or_else(|| written.first().map(|hit| *hit.means))
}

fn unit(word: &Word) -> Option<Period> {
    let found = tables().units.find(std::slice::from_ref(word));
    found.first().map(|hit| *hit.means)
}

fn times(unit: Period, count: u32) -> Option<Period> {
    match unit.parts() {
        (0, 0, seconds) => Period::hours(count.checked_mul(seconds / 3_600)?),
        (0, days, _) => days.checked_mul(count).map(Period::days),
        (months, _, _) => months.checked_mul(count).map(Period::months),
    }
}

/// The first full date: `2018-10-03`, `3 October 2018`, `Oct. 3rd, 2018`. A date in figures whose day and month could be
/// exchanged is none.
pub(super) fn date(words: &[Word]) -> Option<Date> {
    words.windows(3).find_map(|part| {
        let [a, b, c] = part else { return None };
        let (first, second, third) = (figure(a), figure(b), figure(c));
        match (first, second, third) {
            (Some(year), Some(month), Some(day)) if year > 1900 => civil(year, month, day),
            (Some(a), Some(b), Some(year)) if year > 1900 && a > 12 => civil(year, b, a),
            (Some(a), Some(b), Some(year)) if year > 1900 && b > 12 => civil(year, a, b),
            (Some(day), None, Some(year)) => civil(year, month(b)?, day),
            (None, Some(day), Some(year)) => civil(year, month(a)?, day),
            _ => None,
        }
    })
}

fn civil(year: u32, month: u32, day: u32) -> Option<Date> {
    let year = i16::try_from(year).ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn figure(word: &Word) -> Option<u32> {
    let stem = word.stem.as_str();
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| stem.strip_suffix(end))
        .unwrap_or(stem);
    digits.parse().ok()
}

fn month(word: &Word) -> Option<u32> {
    let stem = word.stem.trim_end_matches('.');
    let at = MONTHS
        .iter()
        .position(|month| stem.len() >= 3 && month.starts_with(stem))?;
    u32::try_from(at + 1).ok()
}

/// The first link of a text.
pub(super) fn link(text: &str) -> Option<&str> {
    let start = text.find("https://").or_else(|| text.find("http://"))?;
    let rest = &text[start..];
    let end = rest
        .find(|letter: char| letter.is_whitespace() || matches!(letter, ')' | '>' | '"' | '|' | ']'))
        .unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches(['.', ',', ';', '!']))
}
