//! Text to words: what the lexicon compares. Lower case, singular, without hyphens; each with its place in the text.

use std::ops::Range;

/// Words of the longest sentence that is read. Prose does not write longer ones; a list without a full stop may be longer
/// and is kept as it stands, so that reading takes time that grows with the text and no faster.
pub(super) const SENTENCE_WORDS_MAX: usize = 600;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Its stem, as compared.
    pub(super) stem: String,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
}

/// Splits `text` into words; hyphens, slashes and brackets part them, a full stop inside a name (`example.org`) does not.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        let next = text[at + letter.len_utf8()..].chars().next();
        let inner =
            start.is_some() && matches!(letter, '.' | '\'' | '’' | '*') && next.is_some_and(char::is_alphanumeric);
        let part = letter.is_alphanumeric() || inner || matches!(letter, '@' | '*');
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(Word {
                    stem: stem(&text[from..at]),
                    at: from..at,
                });
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        words.push(Word {
            stem: stem(&text[from..]),
            at: from..text.len(),
        });
    }
    words
}

/// The form in which singular and plural, and `teachers'` and `teacher`, are the same.
fn stem(word: &str) -> String {
    let lower = word.to_lowercase().replace('’', "'").replace("sss", "ss");
    let word = lower.strip_suffix("'s").unwrap_or(&lower).trim_end_matches('\'');
    match word {
        _ if word.len() > 4 && word.ends_with("ies") => format!("{}y", &word[..word.len() - 3]),
        _ if ["sses", "shes", "ches", "xes"]
            .iter()
            .any(|end| word.len() > 4 && word.ends_with(end)) =>
        {
            word[..word.len() - 2].to_owned()
        }
        _ if word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") => word[..word.len() - 1].to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether two stems mean the same word: equal, or both long and one letter apart (a typing mistake).
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || (a.len() >= 9 && b.len() >= 9 && one_letter_apart(a, b))
}

fn one_letter_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    front + back + 1 >= a.len().max(b.len())
}
