//! One spelling for texts that people read as the same: NFKC, case folded, invisible characters removed.
//!
//! Source: Unicode Standard Annex #15 (NFKC), Unicode chapter 5.18 (case). Other marks than letters and digits become
//! their ASCII likeness or `;`, so that the matcher can treat every byte above 0x7f as part of a word.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::variants::latin_of;
use crate::span::SourceMap;

/// Folds `text` into `out` (which is cleared). The map is absent when every position stayed what it was.
pub(crate) fn fold_into(text: &str, out: &mut String) -> Option<SourceMap> {
    out.clear();
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
        return None;
    }
    let mut map = SourceMap::default();
    let mut at = 0;
    while at < text.len() {
        let length = segment(&text[at..]);
        fold_segment(&text[at..at + length], at, out, &mut map);
        at += length;
    }
    map.end(text.len());
    Some(map)
}

/// `text` folded.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let _ = fold_into(text, &mut out);
    out
}

fn fold_segment(segment: &str, at: usize, out: &mut String, map: &mut SourceMap) {
    if segment.len() == 1 {
        map.verbatim(out.len(), at);
        out.push(char::from(segment.as_bytes()[0].to_ascii_lowercase()));
        return;
    }
    map.escape(out.len(), at);
    let upper = segment
        .chars()
        .filter(|c| !is_invisible(*c))
        .nfkc()
        .flat_map(char::to_uppercase);
    let folded = upper.flat_map(char::to_lowercase).nfkc();
    out.extend(folded.filter(|c| !is_invisible(*c)).map(plain_mark));
}

/// Length of the first character with the marks and invisible characters that follow it.
fn segment(text: &str) -> usize {
    let mut chars = text.char_indices();
    let _ = chars.next();
    chars.find(|(_, c)| !continues(*c)).map_or(text.len(), |(at, _)| at)
}

fn continues(c: char) -> bool {
    // Hangul vowels and finals compose with the letter before them although their combining class is 0.
    !c.is_ascii() && (canonical_combining_class(c) != 0 || matches!(c, '\u{1160}'..='\u{11ff}') || is_invisible(c))
}

/// Characters that change what a text is but not how it looks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}')
}

fn plain_mark(c: char) -> char {
    match c {
        _ if c.is_ascii() || c.is_alphanumeric() || is_combining_mark(c) => c,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' => '\'',
        _ if c.is_whitespace() => ' ',
        '\u{3002}' => '.',
        _ => ';',
    }
}

/// A folded word without diacritics, with the letters that Unicode does not decompose spelled in ASCII, and Cyrillic and
/// Greek ones as they are usually written in Latin.
pub(crate) fn without_marks(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        match latin_of(c) {
            _ if c.is_ascii() => out.push(c),
            Some(latin) => out.push_str(latin),
            None => std::iter::once(c)
                .nfkd()
                .filter(|c| !is_combining_mark(*c))
                .for_each(|c| push_plain(c, &mut out)),
        }
    }
    out
}

fn push_plain(c: char, out: &mut String) {
    match c {
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' | 'ð' => out.push('d'),
        'ħ' => out.push('h'),
        'ı' => out.push('i'),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        // An accented letter is another one only without its accent.
        _ => match latin_of(c) {
            Some(latin) => out.push_str(latin),
            None => out.push(c),
        },
    }
}
