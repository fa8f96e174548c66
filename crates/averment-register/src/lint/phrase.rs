//! Phrases in published prose: whole words, in any letter case, with the sentence around them.

use std::ops::Range;

/// A text, ready for looking up phrases.
pub(super) struct Text<'a> {
    /// As published.
    pub(super) raw: &'a str,
    /// In small letters; bytes stand where they stand in `raw`.
    lower: String,
}

impl<'a> Text<'a> {
    /// Makes `raw` ready.
    pub(super) fn of(raw: &'a str) -> Self {
        Self {
            raw,
            lower: raw.to_ascii_lowercase(),
        }
    }

    /// The first of `phrases` that it holds, as it stands there.
    pub(super) fn first(&self, phrases: &[&str]) -> Option<&'a str> {
        self.hits(phrases, |_| true).into_iter().next()
    }

    /// Every place where one of `phrases` stands and `counts` agrees, in order; what overlaps is one place.
    pub(super) fn hits(&self, phrases: &[&str], counts: impl Fn(&Hit<'_>) -> bool) -> Vec<&'a str> {
        let mut places: Vec<Range<usize>> = Vec::new();
        for phrase in phrases {
            let found = find(&self.lower, phrase).map(|at| at..at + phrase.len());
            places.extend(found.filter(|place| counts(&self.hit(place.clone()))));
        }
        places.sort_by_key(|place| (place.start, place.end));
        let mut joined: Vec<Range<usize>> = Vec::new();
        for place in places {
            match joined.last_mut() {
                Some(last) if place.start < last.end => last.end = last.end.max(place.end),
                _ => joined.push(place),
            }
        }
        joined.into_iter().filter_map(|place| self.raw.get(place)).collect()
    }

    /// The sentences, in small letters, each with the same words as published.
    pub(super) fn sentences(&self) -> impl Iterator<Item = (&str, &'a str)> {
        let mut start = 0;
        std::iter::from_fn(move || {
            (start < self.lower.len()).then(|| {
                let place = start..sentence_end(&self.lower, start);
                start = place.end;
                (&self.lower[place.clone()], &self.raw[place])
            })
        })
    }

    fn hit(&self, place: Range<usize>) -> Hit<'_> {
        let start = sentence_start(&self.lower, place.start);
        let end = sentence_end(&self.lower, place.end);
        Hit {
            phrase: &self.lower[place.clone()],
            before: &self.lower[start..place.start],
            after: &self.lower[place.end..end],
            capital: self.raw[place.start..].starts_with(char::is_uppercase),
        }
    }
}

/// What stands around a phrase in its sentence, in small letters.
pub(super) struct Hit<'a> {
    /// The phrase itself.
    pub(super) phrase: &'a str,
    /// What comes before it.
    pub(super) before: &'a str,
    /// What comes behind it.
    pub(super) after: &'a str,
    /// It begins with a capital letter.
    pub(super) capital: bool,
}

impl<'a> Hit<'a> {
    /// The first `count` words behind it.
    pub(super) fn next_words(&self, count: usize) -> impl Iterator<Item = &'a str> {
        words(self.after).take(count)
    }

    /// The word before it.
    pub(super) fn word_before(&self) -> &'a str {
        words(self.before).last().unwrap_or_default()
    }

    /// Whether the sentence holds `phrase` before or behind it.
    pub(super) fn beside(&self, phrase: &str) -> bool {
        holds(self.before, phrase) || holds(self.after, phrase)
    }
}

/// The words of a text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-');
    text.split(move |c: char| !inside(c)).filter(|word| !word.is_empty())
}

/// Whether a text in small letters holds `phrase` as whole words.
pub(super) fn holds(lower: &str, phrase: &str) -> bool {
    find(lower, phrase).next().is_some()
}

/// Where `phrase` stands in a text in small letters, as whole words.
fn find<'a>(lower: &'a str, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = lower.as_bytes();
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let found = lower.match_indices(phrase).map(|(at, _)| at);
    found.filter(move |at| {
        let (first, last) = (phrase.as_bytes().first(), phrase.as_bytes().last());
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let behind = bytes.get(at + phrase.len());
        let inside_a_word = word(first) && word(before) || word(last) && word(behind);
        !inside_a_word
    })
}

/// The first byte behind the sentence that holds the byte `at`: behind `.`, `!` or `?` and before white space.
///
/// A full stop after "e.g.", "i.e." or "etc." ends nothing.
fn sentence_end(lower: &str, at: usize) -> usize {
    let rest = &lower[at..];
    let mut ends = rest.match_indices(['.', '!', '?']);
    let end = ends.find(|(place, _)| {
        let behind = rest[place + 1..].chars().next();
        let short = ["e.g", "i.e", "etc", "inc", "u.s"];
        let before = &lower[..at + place];
        behind.is_none_or(char::is_whitespace) && !short.iter().any(|word| before.ends_with(word))
    });
    end.map_or(lower.len(), |(place, _)| at + place + 1)
}

/// How far back a sentence is looked for: a text without any full stop must not be read again for each phrase in it.
const SENTENCE_MAX: usize = 600;

fn sentence_start(lower: &str, at: usize) -> usize {
    let mut floor = at.saturating_sub(SENTENCE_MAX);
    while !lower.is_char_boundary(floor) {
        floor += 1;
    }
    let before = &lower[floor..at];
    let stop = before.rmatch_indices(['.', '!', '?']).find(|(place, _)| {
        let behind = before[place + 1..].chars().next();
        behind.is_some_and(char::is_whitespace)
            && !["e.g", "i.e", "etc"]
                .iter()
                .any(|word| before[..*place].ends_with(word))
    });
    stop.map_or(floor, |(place, _)| floor + place + 1)
}

#[cfg(test)]
mod tests;
