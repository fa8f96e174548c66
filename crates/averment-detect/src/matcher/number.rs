//! Telephone numbers: digits in groups.
//!
//! A number of the directory is found in any grouping. A number of somebody unknown needs the look of one: a `+`, a
//! North American or trunk-`0` grouping, or a field that is named for it. Timestamps, prices, ids and dates have none.
//!
//! Source: ITU-T E.123 (notation), E.164 (length).

use std::ops::Range;

use super::codes::{Code, code};
use super::dates::date_at;
use super::{Hint, Search, is_word};
use crate::Form;
use crate::mask::{Dial, Finder, long_runs};
use crate::normalise::{MAX_DIGITS, MIN_DIGITS};

/// Groups that are looked at together.
const GROUPS_MAX: usize = 8;
/// Digits from which a known number is one also beside `_`, as in `sms_12065550100`, or before `.0`.
const LONG_MIN: usize = 10;

/// Digits of a date, and of what may stand beside one in a run.
const DATE_DIGITS_MIN: usize = 6;
const DATE_DIGITS_MAX: usize = 16;

/// Digit groups that stand together, with what separates them.
struct Run {
    groups: [(usize, usize); GROUPS_MAX],
    count: usize,
    plus: bool,
    bracket: bool,
    /// Where the `+` or `(` or the first digit is.
    start: usize,
    /// Where to look on.
    end: usize,
}

/// Who is told of numbers.
pub(super) trait NumberSink {
    /// A sequence of digits that is written at `range`. `true`: the directory knows it.
    fn known(&mut self, digits: &str, range: Range<usize>) -> bool;
    /// The look of a number at `range`.
    fn pattern(&mut self, range: Range<usize>);
    /// A number that tells itself by its check digits.
    fn code(&mut self, code: Code);
    /// What may be a date begins at `at`.
    fn date(&mut self, at: usize);
}

impl NumberSink for Search<'_> {
    fn known(&mut self, digits: &str, range: Range<usize>) -> bool {
        self.exact(Form::Phone, digits, range)
    }

    fn pattern(&mut self, range: Range<usize>) {
        Search::pattern(self, Form::Phone, "contact.phone", range);
    }

    fn code(&mut self, code: Code) {
        Search::pattern(self, Form::Word, code.element, code.range);
    }

    fn date(&mut self, at: usize) {
        if let Some(written) = date_at(self.text, at) {
            let _ = self.dated(at, &written);
        }
    }
}

/// Gives every number in `text` to `sink`. Only runs of digits and what may stand between groups of them are looked at,
/// and only those with enough digits: of the bytes of a JSON event these are one in ten.
pub(super) fn numbers(text: &[u8], hint: Hint, sink: &mut dyn NumberSink) {
    let mut ends = Finder::<Dial>::new(text);
    let whole = match hint {
        Hint::Phone => trimmed_length(text),
        Hint::Correspondent if is_north_american(text.trim_ascii()) => trimmed_length(text),
        _ => 0,
    };
    for start in long_runs::<Dial>(text, MIN_DIGITS) {
        let end = ends.end(start);
        let digits = text[start..end].iter().filter(|b| b.is_ascii_digit()).count();
        if (DATE_DIGITS_MIN..=DATE_DIGITS_MAX).contains(&digits) {
            dates(text, start..end, sink);
        }
        if digits >= MIN_DIGITS {
            told_by_shape(text, start..end, digits, hint, sink);
            Numbers { text, whole }.between(start, end, sink);
        }
    }
}

fn told_by_shape(text: &[u8], run: Range<usize>, digits: usize, hint: Hint, sink: &mut dyn NumberSink) {
    let Range { start, end } = run;
    if digits >= 9
        && let Some(code) = code(text, start, end, hint == Hint::Card)
    {
        sink.code(code);
    }
}

/// Gives every place in a run where three groups have the lengths of a date, or one has, with nothing of a word behind.
fn dates(text: &[u8], run: Range<usize>, sink: &mut dyn NumberSink) {
    let length = |at: usize| text[at..run.end].iter().take_while(|b| b.is_ascii_digit()).count();
    let is_year = |at: usize| matches!(text[at..at + 2], [b'1', b'9'] | [b'2', b'0']);
    let mut at = run.start;
    while let Some(skip) = text[at..run.end].iter().position(u8::is_ascii_digit) {
        let first = at + skip;
        at = first + length(first);
        let (second, third) = (
            next_group(text, at),
            next_group(text, at).and_then(|from| next_group(text, from + length(from))),
        );
        let ends = match (at - first, second, third) {
            (8, _, _) if is_year(first) => at,
            (4, Some(second), Some(third)) if is_year(first) && length(second) <= 2 && length(third) <= 2 => {
                third + length(third)
            }
            (1 | 2, Some(second), Some(third)) if length(second) <= 2 && length(third) == 4 && is_year(third) => {
                third + 4
            }
            _ => continue,
        };
        if !text.get(ends).is_some_and(|b| is_word(*b)) {
            sink.date(first);
        }
    }
}

/// The digits behind what stands between the parts of a date.
fn next_group(text: &[u8], at: usize) -> Option<usize> {
    let gap = match text.get(at..)? {
        [b'-' | b'/' | b'.', b'0'..=b'9', ..] => 1,
        [b'.', b' ', b'0'..=b'9', ..] => 2,
        _ => return None,
    };
    Some(at + gap)
}

/// `1`, area and exchange from 2 up, eleven digits together.
fn is_north_american(digits: &[u8]) -> bool {
    let starts = matches!(digits, [b'1', b'2'..=b'9', _, _, b'2'..=b'9', ..]);
    starts && digits.len() == 11 && digits.iter().all(u8::is_ascii_digit)
}

/// Length without white space around.
fn trimmed_length(text: &[u8]) -> usize {
    let is_space = |b: &u8| matches!(b, b'\t'..=b'\r' | b' ');
    let first = text.iter().position(|b| !is_space(b)).unwrap_or(text.len());
    let last = text.iter().rposition(|b| !is_space(b)).map_or(first, |last| last + 1);
    last - first
}

struct Numbers<'a> {
    text: &'a [u8],
    /// Length of the number that the name of the field announces; 0 when it announces none.
    whole: usize,
}

impl Numbers<'_> {
    fn between(&self, mut at: usize, end: usize, sink: &mut dyn NumberSink) {
        while let Some(skip) = self.text[at..end].iter().position(u8::is_ascii_digit) {
            let run = run_at(self.text, at + skip);
            at = run.end.max(at + skip + 1);
            let enough = run.digits(0..run.count) >= MIN_DIGITS;
            let known = if enough {
                self.known_number(&run, sink)
                    .or_else(|| self.number_pattern(&run, sink))
            } else {
                None
            };
            match known {
                Some(end) => at = end,
                // What starts with this group is none: the next group may start one.
                None if run.count > 1 => at = run.groups[0].1,
                None => {}
            }
        }
    }

    /// Looks every sequence of groups from the first one up, longest first. Gives the end of what it found.
    fn known_number(&self, run: &Run, sink: &mut dyn NumberSink) -> Option<usize> {
        let fits = |last: &usize| (MIN_DIGITS..=MAX_DIGITS + 2).contains(&run.digits(0..last + 1));
        let last = (0..run.count)
            .rev()
            .filter(fits)
            .find(|last| self.known_groups(run, *last, sink))?;
        Some(run.groups[last].1)
    }

    fn known_groups(&self, run: &Run, last: usize, sink: &mut dyn NumberSink) -> bool {
        let bytes = self.text;
        let (start, end) = (run.groups[0].0, run.groups[last].1);
        let long = run.digits(0..last + 1) >= LONG_MIN;
        let decimal = is_decimal_after(bytes, end) && !(long && is_zero_fraction(bytes, end));
        if is_decimal_before(bytes, start) || decimal || !is_bounded(bytes, start, end, long) {
            return false;
        }
        let mut digits = [0_u8; 64];
        let mut length = 0;
        for (from, to) in &run.groups[..=last] {
            // "(0)" is the trunk prefix that is not dialled from abroad.
            let trunk = to - from == 1
                && bytes[*from] == b'0'
                && *from > 0
                && bytes[from - 1] == b'('
                && bytes.get(*to) == Some(&b')');
            if !trunk {
                digits[length..length + to - from].copy_from_slice(&bytes[*from..*to]);
                length += to - from;
            }
        }
        let Ok(digits) = std::str::from_utf8(&digits[..length]) else {
            return false;
        };
        let bare = digits.strip_prefix("00").unwrap_or(digits);
        let from_america = digits.strip_prefix("011").filter(|rest| rest.len() >= LONG_MIN);
        sink.known(bare, run.start..end) || from_america.is_some_and(|rest| sink.known(rest, run.start..end))
    }

    fn number_pattern(&self, run: &Run, sink: &mut dyn NumberSink) -> Option<usize> {
        let bytes = self.text;
        let before = run.start.checked_sub(1).map(|index| bytes[index]);
        if before.is_some_and(|b| is_word(b) || matches!(b, b'.' | b'-' | b'_' | b'#' | b'/' | b'+' | b'%')) {
            return None;
        }
        let named = run.count == 1 && self.whole == run.groups[0].1 - run.groups[0].0;
        let groups = if named {
            run.within(MAX_DIGITS)
        } else {
            run.telephone_like(bytes)
        };
        let end = run.groups[groups? - 1].1;
        let goes_on = bytes.get(end) == Some(&b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if goes_on || bytes.get(end).is_some_and(|b| is_word(*b) || *b == b'_') || is_decimal_after(bytes, end) {
            return None;
        }
        sink.pattern(run.start..end);
        Some(end)
    }
}

impl Run {
    fn digits(&self, groups: Range<usize>) -> usize {
        self.groups[groups].iter().map(|(from, to)| to - from).sum()
    }

    /// The most groups that have no more than `most` digits together, and at least the fewest of a number.
    fn within(&self, most: usize) -> Option<usize> {
        (1..=self.count)
            .rev()
            .find(|count| (MIN_DIGITS..=most).contains(&self.digits(0..*count)))
    }

    /// How many of the groups look like a telephone number.
    fn telephone_like(&self, bytes: &[u8]) -> Option<usize> {
        if self.plus {
            return (1..=self.count).rev().find(|count| {
                let groups = self.groups[..*count].iter();
                let digits: Vec<u8> = groups.flat_map(|(from, to)| &bytes[*from..*to]).copied().collect();
                is_international(&digits, *count > 1)
            });
        }
        let size = |index: usize| {
            if index < self.count {
                self.groups[index].1 - self.groups[index].0
            } else {
                0
            }
        };
        let first = bytes[self.groups[0].0];
        match (size(0), size(1), size(2), size(3)) {
            (3, 3, 4, _) if self.is_north_american(bytes, 0) => Some(3),
            (1, 3, 3, 4) if first == b'1' && self.is_north_american(bytes, 1) => Some(4),
            (3, 7, 0, 0) if self.bracket => Some(2),
            _ if first == b'0' => self.trunk_like(bytes),
            _ => None,
        }
    }

    /// Area and exchange from 2 up in the groups from `area` on, close together, and not among other numbers.
    fn is_north_american(&self, bytes: &[u8], area: usize) -> bool {
        let gap = |index: usize| &bytes[self.groups[index - 1].1..self.groups[index].0];
        let digit = |index: usize| (b'2'..=b'9').contains(&bytes[self.groups[index].0]);
        let last = area + 2;
        let close = |index: usize| gap(index).len() <= 2 && !gap(index).iter().any(|b| matches!(b, b'_' | b'~'));
        let spaced = (area + 1..=last).all(|index| gap(index) == b" ");
        let listed = spaced && is_in_list(bytes, self.groups[0].0, self.groups[last].1);
        digit(area) && digit(area + 1) && (1..=last).all(close) && gap(last) != b"/" && !listed
    }

    /// A national number outside North America: a trunk `0`, then groups with spaces, one hyphen or one slash.
    fn trunk_like(&self, bytes: &[u8]) -> Option<usize> {
        let total = self.digits(0..self.count);
        let gap = |index: usize| &bytes[self.groups[index - 1].1..self.groups[index].0];
        let size = |index: usize| self.groups[index].1 - self.groups[index].0;
        let spaced = (1..self.count).all(|index| matches!(gap(index), b" " | b") "));
        if self.count < 2 || !(10..=12).contains(&total) {
            return None;
        }
        let area = (3..=5).contains(&size(0)) && size(1) >= 3;
        let split = self.count == 2 && area && matches!(gap(1), b" " | b"-" | b"/" | b") ");
        let short = size(0) == 2 && self.count >= 4 && total == 10;
        (split || (spaced && (area || short))).then_some(self.count)
    }
}

/// The run whose first digit is at `at`.
fn run_at(bytes: &[u8], at: usize) -> Run {
    let mut run = Run {
        groups: [(0, 0); GROUPS_MAX],
        count: 0,
        plus: false,
        bracket: false,
        start: at,
        end: at,
    };
    if at > 0 && bytes[at - 1] == b'(' {
        run.start -= 1;
        run.bracket = true;
    }
    if run.start > 0 && bytes[run.start - 1] == b'+' {
        run.start -= 1;
        run.plus = true;
    }
    let mut from = at;
    while run.count < GROUPS_MAX {
        let to = from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        if to - from > MAX_DIGITS + 2 || run.digits(0..run.count) + to - from > 60 {
            run.end = to;
            return run;
        }
        run.groups[run.count] = (from, to);
        run.count += 1;
        run.end = to;
        let gap = gap_length(&bytes[to..]);
        if gap == 0 || !bytes.get(to + gap).is_some_and(u8::is_ascii_digit) {
            return run;
        }
        from = to + gap;
    }
    // More groups than a number has: go on with the next group, so that a list of numbers is not skipped.
    run.end = run.groups[0].1;
    run
}

/// Length of what stands between two groups; 0 where it separates numbers.
fn gap_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(b" - ") {
        return 3;
    }
    let is_gap = |b: &&u8| matches!(b, b' ' | b'.' | b'-' | b'(' | b')' | b'/' | b'_' | b'~');
    let length = bytes.iter().take(3).take_while(is_gap).count();
    if length > 2 { 0 } else { length }
}

/// `long`: so long that it is no part of a name with `_` in it.
fn is_bounded(bytes: &[u8], start: usize, end: usize, long: bool) -> bool {
    let joins = |b: u8| is_word(b) || (b == b'_' && !long);
    let before = start.checked_sub(1).map(|index| bytes[index]);
    let extension = matches!(bytes.get(end..end + 2), Some([b'x', b'0'..=b'9']));
    !before.is_some_and(joins) && (extension || !bytes.get(end).is_some_and(|b| joins(*b)))
}

/// `.0` or `.00` and no more digits: a number that was a float on the way.
fn is_zero_fraction(bytes: &[u8], end: usize) -> bool {
    let zeros = bytes[end + 1..].iter().take_while(|b| **b == b'0').count();
    (1..=2).contains(&zeros) && !bytes.get(end + 1 + zeros).is_some_and(|b| is_word(*b) || *b == b'.')
}

/// Whether a number in spaces stands among other numbers in spaces: a path of a drawing, a list of scores.
fn is_in_list(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = start >= 2 && bytes[start - 1] == b' ' && bytes[start - 2].is_ascii_digit();
    before || (bytes.get(end) == Some(&b' ') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit))
}

/// Whether digits after a `+` are as many as their country code asks for. `grouped`: with something between them, which
/// says more than length.
///
/// Source: ITU-T E.164 list of assigned country codes.
fn is_international(digits: &[u8], grouped: bool) -> bool {
    let least = if grouped { 9 } else { 10 };
    match digits {
        [b'1', b'2'..=b'9', ..] | [b'7', b'3'..=b'9', ..] => digits.len() == 11,
        [b'0' | b'1' | b'7', ..] => false,
        [b'2', b'1', b'0' | b'4' | b'5' | b'7' | b'9', ..] | [b'2', b'5', b'9', ..] | [b'2', b'8', ..] => false,
        [b'2', b'9', b'2'..=b'6', ..] | [b'3', b'8', b'4' | b'8', ..] | [b'4', b'2', b'2' | b'4'..=b'9', ..] => false,
        [b'6', b'9', b'3'..=b'9', ..] | [b'8', b'3' | b'9', ..] | [b'9', b'9', b'0' | b'1' | b'7' | b'9', ..] => false,
        [b'8', b'0', b'1'..=b'7' | b'9', ..] | [b'8', b'7', b'1'..=b'7' | b'9', ..] => false,
        _ => (least..=MAX_DIGITS).contains(&digits.len()),
    }
}

/// `.` or `,` between digits, before `start`.
fn is_decimal_before(bytes: &[u8], start: usize) -> bool {
    start >= 2 && bytes[start - 1] == b'.' && bytes[start - 2].is_ascii_digit() && !is_group(bytes, start - 2)
}

/// Whether the digits that end at `last` are a group of three, as in `206.555.0100`.
fn is_group(bytes: &[u8], last: usize) -> bool {
    bytes[..=last]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .take(5)
        .count()
        == 3
}

fn is_decimal_after(bytes: &[u8], end: usize) -> bool {
    bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
}
