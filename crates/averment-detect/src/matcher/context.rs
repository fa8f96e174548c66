//! What a word or the name of a field announces: dates of birth, passwords, internet addresses, postal addresses.
//!
//! None of them has a look of its own that would tell it from other numbers and words, so each needs its context.

use std::ops::Range;

use super::codes::internet_address;
use super::dates::{Written, date_at};
use super::{Hint, Search, is_word};
use crate::Form;
use crate::directory::Keyword;
use crate::normalise::street_line;

/// How far behind its word something announced may stand, bytes.
const REACH: usize = 48;
/// How far behind a month the last digit of its year may stand, bytes.
const YEAR_REACH: usize = 12;
/// How far before a month its day may stand, bytes.
const DAY_REACH: usize = 8;
/// Longest password.
const PASSWORD_MAX: usize = 128;
/// Words around a date that may be a first or last name.
const WORDS_AROUND: usize = 4;
/// Words between a house number and the kind of street.
const STREET_WORDS_MAX: usize = 4;
/// Text after a street in which a postal code may stand, bytes.
const POSTCODE_REACH: usize = 64;

/// Words that stand where a password would.
const NO_PASSWORDS: [&str; 24] = [
    "true",
    "false",
    "null",
    "none",
    "undefined",
    "required",
    "reset",
    "changed",
    "incorrect",
    "invalid",
    "wrong",
    "correct",
    "expired",
    "secret",
    "password",
    "weak",
    "strong",
    "protected",
    "hidden",
    "missing",
    "empty",
    "redacted",
    "forgotten",
    "string",
];

/// Words between one of birth and the date.
const CONNECTING: [&str; 17] = [
    "on", "the", "date", "of", "day", "is", "was", "in", "am", "den", "le", "el", "il", "at", "her", "his", "their",
];

/// Words before an internet address that say that it is a person's, not a machine's.
const OF_SOMEBODY: [&str; 14] = [
    "client", "remote", "user", "visitor", "caller", "student", "pupil", "login", "his", "her", "their", "my", "your",
    "real",
];
/// Keywords that say it themselves.
const OF_CLIENT: [&str; 5] = ["clientip", "remoteip", "remoteaddr", "userip", "forwarded"];

/// What a placeholder of a template begins with.
const PLACEHOLDERS: [char; 8] = ['$', '{', '%', '<', '*', '[', '#', '@'];

/// Words before a street that make it somebody's address.
const DWELLING: [&str; 9] = [
    "live", "lives", "living", "address", "resides", "home", "wohnt", "adresse", "ship",
];

/// Positions behind a keyword where something that it announces may begin.
fn announced(text: &[u8], from: usize) -> impl Iterator<Item = usize> + '_ {
    let end = text.len().min(from + REACH);
    (from.max(1)..end).filter(|at| is_word(text[*at]) && !is_word(text[at - 1]))
}

/// Whether what a keyword at `range` announces can stand where it would: most words that are keywords announce nothing.
pub(super) fn may_announce(keyword: Keyword, text: &[u8], range: &Range<usize>) -> bool {
    let after = &text[range.end..text.len().min(range.end + REACH)];
    match keyword {
        Keyword::Birth | Keyword::Address => after.iter().any(u8::is_ascii_digit),
        Keyword::Internet => after.iter().any(|b| b.is_ascii_digit() || *b == b':'),
        Keyword::Password => {
            let told = after.iter().take(6).any(|b| matches!(b, b':' | b'='));
            told || after
                .trim_ascii_start()
                .get(..3)
                .is_some_and(|is| is.eq_ignore_ascii_case(b"is "))
        }
        Keyword::Street => {
            let before = &text[range.start.saturating_sub(REACH)..range.start];
            before.iter().any(u8::is_ascii_digit) || after.iter().any(u8::is_ascii_digit)
        }
        // A year follows in any case.
        Keyword::Month => after.iter().take(YEAR_REACH).any(u8::is_ascii_digit),
    }
}

impl Search<'_> {
    /// What the name of the field says that the whole text is.
    pub(super) fn hinted(&mut self, hint: Hint) {
        if hint == Hint::None {
            return;
        }
        let trimmed = self.text.trim();
        let start = self.text.len() - self.text.trim_start().len();
        match hint {
            Hint::Birth => {
                let _ = self.birth_date(start);
            }
            Hint::Password => self.password(start..start + trimmed.len()),
            Hint::Internet => {
                let first = trimmed.split([',', ' ']).next().unwrap_or_default();
                let _ = self.internet(start, start + first.len());
            }
            Hint::Address => {
                if is_address_like(trimmed) {
                    self.pattern(Form::Word, "contact.address.postal", start..start + trimmed.len());
                }
            }
            Hint::None | Hint::Phone | Hint::Correspondent | Hint::Card => {}
        }
    }

    pub(super) fn keyword(&mut self, keyword: Keyword, range: Range<usize>) {
        match keyword {
            Keyword::Birth => {
                let text = self.text;
                // What stands elsewhere is the date of something else: `the birthday party is on 2 March`.
                let first = announced(text.as_bytes(), range.end).find(|at| {
                    let word = text[*at..]
                        .split(|c: char| !c.is_alphanumeric())
                        .next()
                        .unwrap_or_default();
                    !CONNECTING.contains(&word)
                });
                let _ = first.is_some_and(|at| self.birth_date(at));
            }
            Keyword::Password => self.password_after(range.end),
            Keyword::Internet if self.is_of_somebody(&range) => self.internet_after(range.end),
            Keyword::Internet | Keyword::Address => {}
            Keyword::Street => self.street(range),
            Keyword::Month => self.month(range),
        }
    }

    /// A date at `at`: that of somebody known whose name stands beside it, or of somebody.
    fn birth_date(&mut self, at: usize) -> bool {
        let Some(written) = date_at(self.text, at) else {
            return false;
        };
        if !self.dated(at, &written) {
            self.pattern(Form::Word, "demographic.date_of_birth", at..at + written.length);
        }
        true
    }

    /// A date with this month in it, beside a name.
    fn month(&mut self, range: Range<usize>) {
        let before = tail(&self.text[..range.start], DAY_REACH);
        let day = before.rfind(|c: char| c.is_ascii_digit()).map(|last| {
            let digits = before[..=last].trim_end_matches(|c: char| c.is_ascii_digit());
            range.start - before.len() + digits.len()
        });
        for at in day.into_iter().chain([range.start]) {
            let written = date_at(self.text, at).filter(|written| at + written.length > range.end);
            if let Some(written) = written {
                let _ = self.dated(at, &written);
                return;
            }
        }
    }

    /// Looks a date up with each of the words around it.
    pub(super) fn dated(&mut self, at: usize, written: &Written) -> bool {
        let range = at..at + written.length;
        let is_letter = |c: char| c.is_alphabetic();
        let words = |text: &str| -> Vec<String> {
            let words = text.split(|c| !is_letter(c)).filter(|word| word.chars().count() > 1);
            words.map(crate::normalise::fold::without_marks).collect()
        };
        let before = words(tail(&self.text[..at], REACH));
        let after = words(head(&self.text[range.end..], REACH));
        let around = before
            .into_iter()
            .rev()
            .take(WORDS_AROUND)
            .chain(after.into_iter().take(WORDS_AROUND));
        let around: Vec<String> = around.collect();
        written.readings.iter().flatten().any(|date| {
            around
                .iter()
                .any(|word| self.exact(Form::Name, &format!("{date} {word}"), range.clone()))
        })
    }

    /// `password: x`, `password=x`, `password is x`, `"password":"x"`.
    fn password_after(&mut self, from: usize) {
        let rest = &self.text.as_bytes()[from..];
        let says = |b: &&u8| matches!(b, b':' | b'=' | b' ' | b'"' | b'\'');
        let mut gap = rest.iter().take(6).take_while(says).count();
        let mut told = rest[..gap].iter().any(|b| matches!(b, b':' | b'='));
        if !told && rest[gap..].starts_with(b"is ") {
            (gap, told) = (gap + 3, true);
        }
        if !told {
            return;
        }
        let length = rest[gap..]
            .iter()
            .take(PASSWORD_MAX + 1)
            .take_while(|b| !b" \t\r\n\"',;&<>()".contains(b))
            .count();
        let range = from + gap..from + gap + length;
        // A plain word there is a part of the sentence: `password: please choose`.
        let plain = rest[gap..gap + length]
            .iter()
            .all(|b| is_word(*b) && !b.is_ascii_digit());
        let short = length < 6 && rest[gap..gap + length].iter().all(u8::is_ascii_digit);
        if !plain && !short {
            self.password(range);
        }
    }

    fn password(&mut self, range: Range<usize>) {
        let Some(text) = self.text.get(range.clone()) else {
            return;
        };
        let text = text.trim_end_matches(['.', '!', '?', ':']);
        let ours = text.len() == 35 && (text.starts_with("h1_") || text.starts_with("p1_"));
        let length = text.chars().count();
        let worded = text.bytes().any(is_word) && !NO_PASSWORDS.contains(&text) && !text.starts_with(PLACEHOLDERS);
        if (4..=PASSWORD_MAX).contains(&length) && worded && !ours {
            self.pattern(Form::Word, "account.password", range.start..range.start + text.len());
        }
    }

    /// Whether the word at `range`, or the one before it, says that an address is a person's.
    fn is_of_somebody(&self, range: &Range<usize>) -> bool {
        let before = tail(&self.text[..range.start], REACH);
        let mut words = before
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let says = |word: &str| OF_SOMEBODY.contains(&word) || OF_SOMEBODY.contains(&word.trim_end_matches('s'));
        OF_CLIENT.contains(&&self.text[range.clone()]) || words.next_back().is_some_and(says)
    }

    fn internet_after(&mut self, from: usize) {
        let bytes = self.text.as_bytes();
        let found = announced(bytes, from).find(|at| bytes[*at].is_ascii_hexdigit() && self.internet_end(*at) > at + 6);
        if let Some(at) = found {
            let _ = self.internet(at, self.internet_end(at));
        }
    }

    fn internet_end(&self, at: usize) -> usize {
        let address = self.text.as_bytes()[at..].iter().take(45);
        at + address
            .take_while(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'))
            .count()
    }

    fn internet(&mut self, start: usize, end: usize) -> bool {
        match internet_address(self.text.as_bytes(), start, end) {
            Some(code) => {
                self.pattern(Form::Word, code.element, code.range);
                true
            }
            None => false,
        }
    }

    /// `12 elm street` with a postal code after it, or a word of dwelling before it.
    fn street(&mut self, kind: Range<usize>) {
        if self.street_behind(&kind) {
            return;
        }
        let Some(start) = self.house_number(kind.start) else {
            return;
        };
        let line = street_line(&self.text[start..kind.end]);
        if line.is_some_and(|line| self.exact(Form::Name, &line, start..kind.end)) {
            return;
        }
        let before = tail(&self.text[..start], REACH);
        let after = head(&self.text[kind.end..], POSTCODE_REACH);
        let dwells = before
            .split(|c: char| !c.is_alphabetic())
            .any(|word| DWELLING.contains(&word));
        if dwells || has_postcode(after) {
            self.pattern(Form::Word, "contact.address.postal", start..kind.end);
        }
    }

    /// The kind of street first: `12 rue Haute`, `Calle Mayor 5`. Only lines of the directory: the words that follow a
    /// kind of street in English are any.
    fn street_behind(&mut self, kind: &Range<usize>) -> bool {
        let text = self.text;
        let before = text[..kind.start].trim_end_matches([' ', ',']);
        let digits = before
            .bytes()
            .rev()
            .take(6)
            .take_while(u8::is_ascii_alphanumeric)
            .count();
        let numbered = digits > 0 && before.as_bytes()[before.len() - digits].is_ascii_digit();
        let start = if numbered { before.len() - digits } else { kind.start };
        let mut end = kind.end;
        for word in head(&text[kind.end..], REACH)
            .split_inclusive([' ', ',', '+', '\n'])
            .take(STREET_WORDS_MAX + 2)
        {
            let bare = word.trim_end_matches([' ', ',', '+', '\n', '.', ';', ')', '"']);
            let line = start..end + bare.len();
            end += word.len();
            if bare.is_empty() || !text.is_char_boundary(line.end) {
                continue;
            }
            if street_line(&text[line.clone()]).is_some_and(|normal| self.exact(Form::Name, &normal, line.clone())) {
                return true;
            }
        }
        false
    }

    /// Where a number stands that has only a few words between it and `end`.
    fn house_number(&self, end: usize) -> Option<usize> {
        let before = tail(&self.text[..end], REACH);
        let offset = end - before.len();
        let (mut words, mut at) = (0, before.len());
        for word in before.split([' ', '+', '\t', '\r', '\n']).rev() {
            at -= word.len();
            // `(12`, `"12`, `street=12,`: what stands before the number is no part of it. A full stop ends a sentence.
            let bare = word.trim_end_matches(',');
            let bare = bare.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
            if (1..=5).contains(&digits) && bare.len() <= digits + 1 && words > 0 {
                let lead = word.trim_end_matches(',').len() - bare.len();
                return Some(offset + at + lead);
            }
            let wordly = word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '-'));
            words += usize::from(!word.is_empty());
            if !wordly || words > STREET_WORDS_MAX || at == 0 {
                return None;
            }
            at -= 1;
        }
        None
    }
}

/// Whether the whole value of a field that is named for an address has the words of one: a house number or a postal code,
/// and a name; no e-mail address, location of a page or port.
fn is_address_like(text: &str) -> bool {
    let words = || text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let number = |word: &str| {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        (1..=6).contains(&digits) && word.len() <= digits + 2
    };
    let name = |word: &str| {
        word.chars()
            .take_while(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.'))
            .count()
            >= 3
    };
    text.len() <= 200
        && !text.contains(['@', '{', '='])
        && !text.contains("//")
        && words().any(number)
        && words().any(name)
}

/// Five digits, four digits and two letters, or the British shape.
fn has_postcode(text: &str) -> bool {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let digits = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let outward = |word: &str| {
        let shape = word.as_bytes();
        (2..=4).contains(&shape.len()) && shape[0].is_ascii_alphabetic() && shape.iter().any(u8::is_ascii_digit)
    };
    let inward = |word: &str| matches!(word.as_bytes(), [d, a, b] if d.is_ascii_digit() && a.is_ascii_alphabetic() && b.is_ascii_alphabetic());
    words.iter().any(|word| word.len() == 5 && digits(word))
        || words.windows(2).any(|pair| {
            let dutch = pair[0].len() == 4
                && digits(pair[0])
                && pair[1].len() == 2
                && !pair[1].bytes().any(|b| b.is_ascii_digit());
            dutch || (outward(pair[0]) && inward(pair[1]))
        })
}

/// The last `most` bytes, or a little fewer.
fn tail(text: &str, most: usize) -> &str {
    let from = text.len().saturating_sub(most);
    let from = (from..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len());
    &text[from..]
}

/// The first `most` bytes, or a little fewer.
fn head(text: &str, most: usize) -> &str {
    let to = most.min(text.len());
    let to = (0..=to).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..to]
}
