//! Prose to sentences, and sentences to clauses.
//!
//! Invariant: the sentences of a text, put together, are the text but for white space; none is lost.

/// Words that end with a full stop in the middle of a sentence.
const ABBREVIATIONS: [&str; 14] = [
    "e.g", "i.e", "inc", "ltd", "co", "corp", "vs", "approx", "incl", "no", "mr", "mrs", "dr", "st",
];

/// Letters of the longest abbreviation, and one before it.
const ABBREVIATION_MAX: usize = 8;

/// The sentences of a text, trimmed, in order.
///
/// A sentence ends at `.`, `!` or `?` before white space and a capital letter, digit or quotation mark, or at the end of
/// the text; not inside brackets, and not after an abbreviation.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let brackets_close = text.matches('(').count() == text.matches(')').count();
    let (mut found, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '.' | '!' | '?' if depth == 0 || !brackets_close => {
                let end = at + letter.len_utf8();
                if ends_here(&text[start..at], &text[end..]) {
                    found.push(&text[start..end]);
                    start = end;
                }
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    with_their_lists(text, found)
        .into_iter()
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// Words that turn what is announced round; lower case.
const FORBIDS: [&str; 6] = ["not", "never", "no", "none", "nothing", "without"];

/// Words that make of a sentence more than an item of a list; lower case.
const SAYS: [&str; 24] = [
    "is", "are", "we", "was", "were", "has", "have", "do", "does", "may", "can", "will", "share", "shared", "shares",
    "receive", "receives", "get", "gets", "collect", "collects", "store", "stores", "uses",
];

/// "Never shared: names. Addresses." forbids both: items that follow an announced prohibition belong to its sentence, so
/// that they are not read as what is shared.
fn with_their_lists<'a>(text: &'a str, sentences: Vec<&'a str>) -> Vec<&'a str> {
    let mut joined: Vec<&str> = Vec::new();
    let (mut open, mut end) = (false, 0);
    for sentence in sentences {
        let start = end;
        end += sentence.len();
        match joined.last_mut() {
            Some(last) if open && is_item(sentence) => *last = &text[start - last.len()..end],
            _ => {
                open = announces_prohibition(sentence);
                joined.push(sentence);
            }
        }
    }
    joined
}

fn announces_prohibition(sentence: &str) -> bool {
    let trimmed = sentence.trim().trim_end_matches('.');
    let announced = ["following", "these", "those"].iter().any(|end| trimmed.ends_with(end));
    let head = match sentence.find(':') {
        Some(colon) => &sentence[..colon],
        None if announced => trimmed,
        None => return false,
    };
    words_of(head).any(|word| FORBIDS.contains(&word.as_str()) || word.ends_with("n't") || word.ends_with("n’t"))
}

fn is_item(sentence: &str) -> bool {
    !words_of(sentence).any(|word| SAYS.contains(&word.as_str()))
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '\'' | '’'));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn ends_here(before: &str, after: &str) -> bool {
    let mut rest = after.chars();
    if !rest.next().is_some_and(char::is_whitespace) {
        return false;
    }
    let starts = rest
        .find(|c| !c.is_whitespace())
        .is_some_and(|c| !c.is_lowercase() && c != '(' && c != '.');
    if !starts {
        return false;
    }
    // No abbreviation is longer; looking further back would make a text without spaces take the square of its length.
    let longest = before
        .char_indices()
        .rev()
        .nth(ABBREVIATION_MAX)
        .map_or(0, |(at, _)| at);
    let last = before[longest..]
        .rsplit(|letter: char| letter.is_whitespace() || letter == '(')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    !ABBREVIATIONS.contains(&last.as_str())
}

/// How the main clause begins after one with "although".
const MAIN_CLAUSE: [&str; 5] = [", the tool ", ", the service ", ", it ", ", we ", ", they "];

/// The clauses of a sentence: parts between semicolons, before and after ", but", and "although …" and what it concedes.
pub(super) fn clauses(sentence: &str) -> Vec<&str> {
    sentence
        .split(';')
        .flat_map(|part| part.split(", but "))
        .flat_map(concession)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn concession(part: &str) -> Vec<&str> {
    let first = part.split_whitespace().next().unwrap_or_default();
    let concedes = ["although", "though", "while"]
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word));
    let main = MAIN_CLAUSE.iter().filter_map(|begin| part.find(begin)).min();
    match main.filter(|_| concedes) {
        Some(at) => vec![&part[..at], &part[at + 1..]],
        None => vec![part],
    }
}

#[cfg(test)]
mod tests;
