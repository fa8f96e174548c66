//! Whole values that are written like nothing else: UUIDs and times. Half of what events consist of is one of the two.
//!
//! Invariant: only the shape counts, so whoever writes something else in it is missed. A UUID may still be somebody's
//! account; what it would stand for as base64, digits or a telephone number is chance.
//!
//! Source: RFC 9562 section 4 (UUID); RFC 3339 section 5.6, ISO 8601-1 (times).

use crate::mask::is_between;

/// What a whole value is written like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Uuid,
    /// A date with a time of day.
    Time,
    Other,
}

pub(crate) const UUID_LENGTH: usize = 36;
/// From a date with hours and minutes to one with nanoseconds and an offset.
const TIME_LENGTHS: std::ops::RangeInclusive<usize> = 16..=35;

impl Shape {
    pub(crate) fn of(text: &[u8]) -> Self {
        match text {
            [_, _, _, _, _, _, _, _, b'-', ..] if text.len() == UUID_LENGTH && is_uuid(text) => Self::Uuid,
            [_, _, _, _, b'-', _, _, b'-', ..] if TIME_LENGTHS.contains(&text.len()) && is_time(text) => Self::Time,
            _ => Self::Other,
        }
    }
}

fn is_uuid(text: &[u8]) -> bool {
    let Some(text) = text.first_chunk::<UUID_LENGTH>() else {
        return false;
    };
    // Without a branch, so that the compiler makes it of all bytes at a time: its digits are any.
    let mut strangers = 0;
    for (byte, is_hyphen) in text.iter().zip(&HYPHENS) {
        let is_digit = is_between(*byte, b'0', b'9') | is_between(byte | 0x20, b'a', b'f');
        let fits = (is_digit & !is_hyphen) | ((*byte == b'-') & is_hyphen);
        strangers |= u8::from(!fits);
    }
    strangers == 0
}

/// Where hyphens stand in a UUID.
static HYPHENS: [bool; UUID_LENGTH] = {
    let mut hyphens = [false; UUID_LENGTH];
    (hyphens[8], hyphens[13], hyphens[18], hyphens[23]) = (true, true, true, true);
    hyphens
};

/// `2026-11-03T10:20`, with seconds, a fraction of them and an offset or without.
fn is_time(text: &[u8]) -> bool {
    let is_date_time = |shape: &[u8; 16]| {
        text.iter().zip(shape).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b't' | b' '),
            _ => byte == shape,
        })
    };
    let rest = text.get(16..).unwrap_or_default();
    let rest = match rest {
        [b':', a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => fraction(rest),
        _ => rest,
    };
    is_date_time(b"0000-00-00T00:00") && is_year(text) && is_offset(rest)
}

fn is_year(text: &[u8]) -> bool {
    matches!(text, [b'1', b'9', ..] | [b'2', b'0', ..])
}

/// What stands behind a fraction of up to nine digits.
fn fraction(rest: &[u8]) -> &[u8] {
    let [b'.' | b',', digits @ ..] = rest else { return rest };
    let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if (1..=9).contains(&length) {
        &digits[length..]
    } else {
        rest
    }
}

fn is_offset(rest: &[u8]) -> bool {
    let are_digits = |digits: &[&u8]| digits.iter().all(|b| b.is_ascii_digit());
    match rest {
        [] | [b'Z' | b'z'] => true,
        [b'+' | b'-', a, b] => are_digits(&[a, b]),
        [b'+' | b'-', a, b, c, d] | [b'+' | b'-', a, b, b':', c, d] => are_digits(&[a, b, c, d]),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
