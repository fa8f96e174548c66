//! The line of a postal address that says where a person lives: house number, name and kind of street.

use super::fold::without_marks;
use super::sorted;

/// Most words of a line, the number among them.
const WORDS_MAX: usize = 7;

/// Kinds of streets and their usual short forms, folded.
const KINDS: [(&str, &[&str]); 24] = [
    ("street", &["st"]),
    ("avenue", &["ave", "av"]),
    ("road", &["rd"]),
    ("lane", &["ln"]),
    ("drive", &["dr"]),
    ("boulevard", &["blvd"]),
    ("court", &["ct"]),
    ("place", &["pl"]),
    ("way", &[]),
    ("terrace", &[]),
    ("square", &["sq"]),
    ("highway", &["hwy"]),
    ("parkway", &["pkwy"]),
    ("strasse", &["str"]),
    ("weg", &[]),
    ("platz", &[]),
    ("allee", &[]),
    ("gasse", &[]),
    ("rue", &[]),
    ("straat", &[]),
    ("laan", &[]),
    ("plein", &[]),
    ("calle", &[]),
    ("via", &[]),
];

/// The normal form of a folded address line: its words without diacritics, the kind of street written out, sorted.
/// `None`: no number, no kind of street, nothing beside them, or too many words.
pub(crate) fn street_line(folded: &str) -> Option<String> {
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| written_out(&without_marks(word)))
        .collect();
    let number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit()) && word.len() <= 6;
    let kind = |word: &String| KINDS.iter().any(|(kind, _)| kind == word);
    let sound = words.iter().filter(|word| number(word)).count() == 1 && words.iter().any(kind);
    (sound && (3..=WORDS_MAX).contains(&words.len())).then(|| sorted(words))
}

fn written_out(word: &str) -> String {
    let row = KINDS.iter().find(|(_, short)| short.contains(&word));
    row.map_or(word, |(kind, _)| kind).to_owned()
}
