//! Nothing lies in the future: not the bundle, not an entry in it, not what the grades are of.

use averment_ledger::Deed;
use jiff::{SignedDuration, Timestamp};

use crate::check::Reason;
use crate::manifest::Manifest;
use crate::proved::Proved;
use crate::verify::{Checked, Done, Fault};

/// How far clocks may be apart.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(1);
/// How long after an entry was made the grades in it may be of.
pub(crate) const GRADING: SignedDuration = SignedDuration::from_mins(1);

pub(crate) fn check(manifest: &Manifest, proved: &Proved, now: Timestamp) -> Checked<()> {
    let made_at = parse(&manifest.made_at)?;
    let later_than = |at: Timestamp, tolerance| move |other: Timestamp| other.duration_since(at) > tolerance;
    if later_than(now, TOLERANCE)(made_at) {
        let says = "the bundle says that it was made in the future, as your clock has it".to_owned();
        return Err(Fault::new(Reason::MadeInTheFuture, says));
    }
    for (number, found) in &proved.entries {
        let at = parse(&found.entry.at)?;
        if later_than(made_at, TOLERANCE)(at) {
            let says = format!("entry {number} is of a time after the bundle was made");
            return Err(Fault::new(Reason::EntryAfterMaking, says));
        }
        if let Deed::Grades(grades) = &found.entry.deed
            && later_than(at, GRADING)(parse(&grades.as_of)?)
        {
            let says = format!("entry {number} records grades of a time after it");
            return Err(Fault::new(Reason::GradedAfterEntry, says));
        }
    }
    Ok(((), Done::holds("nothing in it lies in the future")))
}

/// Whether `at` lies in the future, as far as clocks may be apart.
pub(crate) fn is_to_come(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > TOLERANCE
}

/// A time in seconds since 1970; none beyond what a calendar holds.
pub(crate) fn of_seconds(seconds: u64) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

/// `2026-10-01T08:00:00Z`, with up to nine digits of a second behind a point. What else the parser takes (a comma, no colons, the
/// second 60, the years 0000 and 9999) has another reading elsewhere, or none.
fn is_shaped(text: &str) -> bool {
    let fits = |shape: &str, text: &str| {
        let same = |(shape, byte): (u8, u8)| {
            if shape == b'0' {
                byte.is_ascii_digit()
            } else {
                shape == byte
            }
        };
        shape.len() == text.len() && shape.bytes().zip(text.bytes()).all(same)
    };
    let Some((whole, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let fraction = rest.strip_prefix('.').and_then(|rest| rest.strip_suffix('Z'));
    let is_fraction =
        |digits: &str| (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_known = !["0000-", "9999-"].iter().any(|year| whole.starts_with(year)) && !whole.ends_with("60");
    fits("0000-00-00T00:00:00", whole) && is_known && (rest == "Z" || fraction.is_some_and(is_fraction))
}

/// A time of RFC 3339 in UTC.
pub(crate) fn parse(text: &str) -> Result<Timestamp, Fault> {
    let parsed = is_shaped(text).then(|| text.parse().ok()).flatten();
    parsed.ok_or_else(|| {
        Fault::new(
            Reason::TimeMalformed,
            "something in it has no time that can be read".to_owned(),
        )
    })
}
