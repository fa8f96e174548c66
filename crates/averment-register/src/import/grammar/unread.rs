//! The items of a list that the lexicon does not know, so that a report can name them.
//!
//! Start at [`items`]. An item is what stands between commas, brackets, "and" and "or" in a clause that names elements; one
//! of a few words without a verb, in which no noun was found, is not understood.

use super::Found;
use crate::import::lexicon::lexicon;
use crate::import::words::Word;

/// Words of the longest item; longer ones are prose.
const ITEM_WORDS_MAX: usize = 4;

/// Words that name nothing; stems.
const EMPTY: [&str; 41] = [
    "a",
    "an",
    "the",
    "and",
    "or",
    "e.g",
    "i.e",
    "etc",
    "eg",
    "other",
    "more",
    "similar",
    "like",
    "such",
    "as",
    "including",
    "include",
    "your",
    "their",
    "our",
    "his",
    "her",
    "its",
    "any",
    "all",
    "some",
    "also",
    "both",
    "well",
    "data",
    "information",
    "info",
    "of",
    "for",
    "to",
    "in",
    "on",
    "by",
    "relevant",
    "related",
    "limited",
];

/// Words of which an item with one is prose; stems.
const VERBS: [&str; 47] = [
    "please",
    "contact",
    "policy",
    "inc",
    "ltd",
    "see",
    "except",
    "is",
    "are",
    "be",
    "wa",
    "were",
    "ha",
    "have",
    "do",
    "doe",
    "may",
    "can",
    "will",
    "might",
    "could",
    "share",
    "shared",
    "use",
    "used",
    "collect",
    "collected",
    "receive",
    "store",
    "stored",
    "process",
    "processed",
    "send",
    "sent",
    "pass",
    "provide",
    "provided",
    "allow",
    "@organisation",
    "they",
    "it",
    "you",
    "when",
    "if",
    "which",
    "that",
    "where",
];

/// Items of `written` that are not understood, as they are written, in order. `text`: its words.
pub(in crate::import) fn items(written: &str, text: &[Word], nouns: &[Found]) -> Vec<String> {
    let (mut read, mut people) = (vec![false; text.len()], vec![false; text.len()]);
    for noun in nouns {
        let nobody = noun.named.is_empty() && !noun.anyone || !noun.elements.is_empty();
        let words = if nobody { &mut read } else { &mut people };
        words[noun.start..noun.end].fill(true);
    }
    let lexicon = lexicon();
    let claims = lexicon.claims.find(text).into_iter().map(|hit| hit.start..hit.end);
    let conditions = lexicon.conditions.find(text).into_iter().map(|hit| hit.start..hit.end);
    claims.chain(conditions).for_each(|range| read[range].fill(true));
    let named = nouns.iter().find(|noun| !noun.elements.is_empty());
    let Some(first) = named.map(|noun| noun.start) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for item in parts(written, text) {
        let words = &text[item.clone()];
        // "Teachers and students" names people, "the birthdays of students" something of them.
        let says = |at: &usize| !EMPTY.contains(&text[*at].stem.as_str()) && !people[*at];
        let said = item.clone().filter(says).count();
        let prose = said > ITEM_WORDS_MAX || words.iter().any(|word| VERBS.contains(&word.stem.as_str()));
        // What stands before the first element is the beginning of a sentence.
        if said > 0 && !prose && item.start > first && !read[item.clone()].contains(&true) {
            found.extend(bare(written, words));
        }
    }
    found
}

/// The ranges of words between commas, brackets, "and" and "or".
fn parts(written: &str, text: &[Word]) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 1..text.len() {
        let gap = &written[text[at - 1].at.end..text[at].at.start];
        let joint = ["and", "or"].contains(&text[at].stem.as_str());
        if gap.contains([',', '(', ')', ';', ':']) || joint {
            parts.push(start..at);
            start = at;
        }
    }
    parts.push(start..text.len());
    parts
}

/// The item without the empty words at its front and end.
fn bare(written: &str, words: &[Word]) -> Option<String> {
    let full = |word: &Word| !EMPTY.contains(&word.stem.as_str());
    let first = words.iter().position(full)?;
    let last = words.iter().rposition(full)?;
    Some(written[words[first].at.start..words[last].at.end].to_owned())
}
