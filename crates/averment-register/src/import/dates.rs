//! Dates as pages write them, and sentences that say that something is over.

use jiff::civil::Date;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The first date of a text: `2018-10-03`, `3 October 2018`, `October 3, 2018`, `October 2018` (its first day).
pub(super) fn date(text: &str) -> Option<Date> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .collect();
    (0..words.len()).find_map(|at| iso(words[at]).or_else(|| spelled(&words[at..])))
}

fn iso(word: &str) -> Option<Date> {
    word.parse().ok().filter(|_| word.len() == 10)
}

fn spelled(words: &[&str]) -> Option<Date> {
    let number = |at: usize| {
        words.get(at).and_then(|word| {
            word.trim_end_matches(|c: char| c.is_ascii_alphabetic())
                .parse::<i16>()
                .ok()
        })
    };
    let month = |at: usize| {
        let word = words.get(at).map(|word| word.to_lowercase())?;
        let place = MONTHS
            .iter()
            .position(|month| word.len() >= 3 && word.starts_with(month))?;
        i8::try_from(place + 1).ok()
    };
    let day = |at: usize| {
        number(at)
            .and_then(|day| i8::try_from(day).ok())
            .filter(|day| (1..=31).contains(day))
    };
    let year = |at: usize| number(at).filter(|year| (1990..=2100).contains(year));
    let parts = match (
        day(0).zip(month(1)).zip(year(2)),
        month(0).zip(day(1)).zip(year(2)),
        month(0).zip(year(1)),
    ) {
        (Some(((day, month), year)), ..) | (_, Some(((month, day), year)), _) => Some((year, month, day)),
        (_, _, Some((month, year))) => Some((year, month, 1)),
        _ => None,
    };
    let (year, month, day) = parts?;
    Date::new(year, month, day).ok()
}

/// Words that say that something is over.
const OVER: [&str; 12] = [
    "no longer",
    "discontinued",
    "retired",
    "stopped using",
    "ceased",
    "phased out",
    "decommissioned",
    "removed as of",
    "not used since",
    "ended our use",
    "has been removed",
    "was replaced",
];

/// Since when a sentence says that a recipient is not used any more.
pub(super) fn retirement(sentence: &str) -> Option<Date> {
    let lower = sentence.to_lowercase();
    OVER.iter().any(|words| lower.contains(words)).then(|| date(sentence))?
}
