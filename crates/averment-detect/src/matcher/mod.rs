//! The matcher: one folded text in, the identifiers in it out.
//!
//! Start at [`find`]. It is the only code that decides what counts as an identifier; looking and rewriting both use it.
//! Work is linear in the text: every candidate has a bounded length, and what misses the directory's filter allocates
//! nothing.

mod address;
mod codes;
mod context;
mod dates;
mod number;
mod uuid;
mod words;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use averment_catalog::ElementId;

use crate::signs::Signs;
use crate::{Directory, Form, KnownBy, Whose};
use number::numbers;

pub(crate) use address::is_whole_address;
pub(crate) use uuid::is_nobodys;

/// One identifier in a folded text. Holds the value, so it has no `Debug`.
pub(crate) struct Hit {
    /// Bytes of the folded text.
    pub(crate) range: Range<usize>,
    pub(crate) form: Form,
    /// The normal form that the directory knows, or the text of a pattern.
    pub(crate) normal: String,
    pub(crate) element: ElementId,
    pub(crate) whose: Whose,
    pub(crate) known_by: KnownBy,
}

/// What the name of the field says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Nothing.
    None,
    /// The field holds a telephone number, so that bare digits are one.
    Phone,
    /// The field holds whom a message is for or from: bare digits are a number when they look like a North American one.
    Correspondent,
    /// A date of birth.
    Birth,
    /// A password.
    Password,
    /// An internet address.
    Internet,
    /// A postal address.
    Address,
    /// The number of a payment card.
    Card,
}

/// Everything that is looked for in one text.
pub(crate) struct Search<'a> {
    text: &'a str,
    directory: &'a Directory,
    hits: Vec<Hit>,
}

/// The identifiers in `text` (folded), in the order of the text, none of the same kind overlapping.
///
/// `signs`: what is in `text`.
pub(crate) fn find(text: &str, signs: Signs, hint: Hint, directory: &Directory) -> Vec<Hit> {
    let mut hits = searched(text, signs, hint, directory);
    // Where scripts meet a word may end, and what is written without spaces between words says nothing of it.
    if signs.any(Signs::HIGH)
        && let Some(latin) = other_scripts_blank(text)
    {
        hits.extend(searched(&latin, signs, hint, directory));
    }
    if hits.len() < 2 { hits } else { resolved(hits) }
}

fn searched(text: &str, signs: Signs, hint: Hint, directory: &Directory) -> Vec<Hit> {
    let mut search = Search {
        text,
        directory,
        hits: Vec::new(),
    };
    if signs.any(Signs::AT) {
        search.addresses();
    }
    if signs.any(Signs::DIGIT) {
        numbers(text.as_bytes(), hint, &mut search);
        search.embedded();
    }
    search.hinted(hint);
    search.words();
    search.hits
}

/// `text` with a space for every byte of a letter that is neither ASCII nor Latin. `None` where ASCII letters and digits
/// do not touch such letters.
fn other_scripts_blank(text: &str) -> Option<String> {
    let touches = |(before, after): (char, char)| {
        (before.is_ascii_alphanumeric() && is_other_script(after))
            || (is_other_script(before) && after.is_ascii_alphanumeric())
    };
    if !text.chars().zip(text.chars().skip(1)).any(touches) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_other_script(c) {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    Some(out)
}

/// Letters that no Latin spelling has: from Greek on, without the later blocks of Latin letters and marks.
fn is_other_script(c: char) -> bool {
    let latin = matches!(c, '\u{1ab0}'..='\u{1aff}' | '\u{1d00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}');
    c >= '\u{370}' && !latin
}

impl Search<'_> {
    fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Looks a normal form up and keeps the hit.
    fn exact(&mut self, form: Form, normal: &str, range: Range<usize>) -> bool {
        let Some(found) = self.directory.look_up(form, normal) else {
            return false;
        };
        let whose = Whose::Person {
            number: found.person,
            subject: found.subject.clone(),
        };
        let element = found.element.clone();
        self.hits.push(Hit {
            range,
            form,
            normal: normal.to_owned(),
            element,
            whose,
            known_by: KnownBy::Exact,
        });
        true
    }

    fn pattern(&mut self, form: Form, element: &str, range: Range<usize>) {
        let Ok(element) = ElementId::new(element) else { return };
        let Some(normal) = self.text.get(range.clone()) else {
            return;
        };
        let normal = normal.to_owned();
        self.hits.push(Hit {
            range,
            form,
            normal,
            element,
            whose: Whose::Unknown,
            known_by: KnownBy::Pattern,
        });
    }
}

/// Of overlapping exact hits the longest stays (an address, not the user name inside it); a pattern inside an exact hit
/// says nothing new; an exact hit inside a pattern (a known user name at an unknown host) stays beside it.
fn resolved(hits: Vec<Hit>) -> Vec<Hit> {
    let (exact, patterns): (Vec<Hit>, Vec<Hit>) = hits.into_iter().partition(|hit| hit.known_by == KnownBy::Exact);
    let mut all = longest(exact);
    let outer: Vec<Range<usize>> = all.iter().map(|hit| hit.range.clone()).collect();
    all.extend(
        longest(patterns)
            .into_iter()
            .filter(|hit| !is_inside(&outer, &hit.range)),
    );
    all.sort_by_key(|hit| (hit.range.start, hit.range.end));
    all
}

/// Addresses first, since their bounds are sure, then the longest, and of all every one that overlaps none before it: of
/// `Ada Hill (ada@…)` address and name stay, and not the name read backwards, `Hill (ada`.
fn longest(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.form != Form::Email, Reverse(hit.range.len()), hit.range.start));
    let mut taken: BTreeMap<usize, Hit> = BTreeMap::new();
    for hit in hits {
        let before = taken.range(..hit.range.end).next_back();
        if before.is_none_or(|(_, other)| other.range.end <= hit.range.start) {
            taken.insert(hit.range.start, hit);
        }
    }
    taken.into_values().collect()
}

/// `outer`: sorted, not overlapping.
fn is_inside(outer: &[Range<usize>], range: &Range<usize>) -> bool {
    let after = outer.partition_point(|known| known.start <= range.start);
    after.checked_sub(1).is_some_and(|index| outer[index].end >= range.end)
}

/// Whether `byte` may be part of a word: ASCII letters and digits, and everything above (see [`crate::normalise`]).
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}
