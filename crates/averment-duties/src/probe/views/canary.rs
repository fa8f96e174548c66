//! Spellings by which a value is recognised on a page.

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use jiff::civil::Date;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// Fewest characters of a value that is looked for, and most of one that are.
const LETTERS_MIN: usize = 4;
const LETTERS_MAX: usize = 80;
/// Fewest digits of one that has nothing but digits.
const DIGITS_MIN: usize = 5;

/// How a value may be written, in lower case and with single spaces.
#[derive(Clone, Default)]
pub(super) struct Spellings {
    texts: BTreeSet<String>,
    /// Days, which letters may follow: `2012-03-09T00:00`.
    days: BTreeSet<String>,
    /// Digits without what stands between them.
    digits: Option<String>,
}

impl Spellings {
    /// The spellings of a value; none where it is too short to be told from chance.
    pub(super) fn of(element: &ElementId, value: &str) -> Option<Self> {
        let plain = folded(value);
        if plain.chars().count() < LETTERS_MIN {
            return None;
        }
        if let Some(date) = date(&plain) {
            return Some(Self {
                days: dates(date),
                ..Self::default()
            });
        }
        let only_digits = plain.bytes().all(|byte| byte.is_ascii_digit());
        if only_digits && plain.len() < DIGITS_MIN {
            return None;
        }
        let id = element.as_str();
        let mut spelled = Self::default();
        let beginning: String = plain.chars().take(LETTERS_MAX).collect();
        spelled.texts.insert(beginning.trim().to_owned());
        if id.starts_with("identity.name") || id == "guardian.name" {
            spelled.texts.extend(names(&plain));
        } else if plain.contains('@') {
            spelled.texts.extend(digests(&plain));
        } else if id.ends_with(".phone") {
            let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
            // The end of it is the same with the country and without.
            spelled.digits = digits.len().checked_sub(9).map(|from| digits[from..].to_owned());
        }
        Some(spelled)
    }

    /// Whether one of them stands in `text`, which is folded.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        self.texts
            .iter()
            .any(|spelling| stands_in(text, spelling, char::is_alphanumeric))
            || self.days.iter().any(|day| stands_in(text, day, |c| c.is_ascii_digit()))
            || self
                .digits
                .as_ref()
                .is_some_and(|digits| joined_digits(text).contains(digits))
    }
}

/// Lower case, single spaces.
pub(super) fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `spelling` stands in `text` and not within something longer.
fn stands_in(text: &str, spelling: &str, is_more: fn(char) -> bool) -> bool {
    text.match_indices(spelling).any(|(at, _)| {
        let inside = |c: Option<char>| c.is_some_and(is_more);
        !inside(text[..at].chars().next_back()) && !inside(text[at + spelling.len()..].chars().next())
    })
}

/// Digits with nothing between them but what telephone numbers are written with.
fn joined_digits(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/' | '\u{a0}'))
        .collect()
}

fn names(plain: &str) -> BTreeSet<String> {
    let words: Vec<&str> = plain.split(' ').collect();
    let [first @ .., last] = &words[..] else {
        return BTreeSet::new();
    };
    if first.is_empty() {
        return BTreeSet::new();
    }
    let first = first.join(" ");
    let separators = [", ", " ", "_", "-", "."];
    let orders = [format!("{last}, {first}"), format!("{last} {first}")];
    let joined = separators.iter().map(|separator| format!("{first}{separator}{last}"));
    orders.into_iter().chain(joined).collect()
}

fn digests(address: &str) -> [String; 3] {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = address.as_bytes();
    [
        hex(&Md5::digest(bytes)),
        hex(&Sha1::digest(bytes)),
        hex(&Sha256::digest(bytes)),
    ]
}

/// A day, as databases write one, with or without a time.
fn date(plain: &str) -> Option<Date> {
    let day = plain.get(..10)?;
    let rest = &plain[10..];
    let is_time = rest.is_empty() || rest.starts_with([' ', 't']);
    day.parse().ok().filter(|_| is_time && day.as_bytes()[4] == b'-')
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

fn dates(date: Date) -> BTreeSet<String> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let name = MONTHS[usize::from(month.unsigned_abs().saturating_sub(1)).min(11)];
    let short = &name[..3];
    let seconds = date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map(|moment| moment.timestamp().as_second().to_string())
        .unwrap_or_default();
    let mut all = BTreeSet::from([
        format!("{year}-{month:02}-{day:02}"),
        format!("{year}/{month:02}/{day:02}"),
        format!("{year}{month:02}{day:02}"),
        format!("{year}. {month}. {day}."),
    ]);
    for separator in [".", "/", "-", ". "] {
        for (one, other) in [(day, month), (month, day)] {
            all.insert(format!("{one:02}{separator}{other:02}{separator}{year}"));
            all.insert(format!("{one}{separator}{other}{separator}{year}"));
        }
    }
    for month in [name, short] {
        for spelled in [
            format!("{month} {day}, {year}"),
            format!("{month} {day} {year}"),
            format!("{day} {month} {year}"),
            format!("{day}. {month} {year}"),
            format!("{day:02} {month} {year}"),
            format!("{day:02}-{month}-{year}"),
        ] {
            all.insert(spelled);
        }
    }
    if seconds.len() >= 8 {
        all.insert(format!("{seconds}000"));
        all.insert(seconds);
    }
    all
}

#[cfg(test)]
mod tests;
