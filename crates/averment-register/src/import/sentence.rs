//! Prose to sentences, and sentences to clauses.
//!
//! Invariant: the sentences of a text, put together, are the text but for white space; none is lost.

/// Words that end with a full stop in the middle of a sentence.
const ABBREVIATIONS: [&str; 14] = [
    "e.g", "i.e", "inc", "ltd", "co", "corp", "vs", "approx", "incl", "no", "mr", "mrs", "dr", "st",
];

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
    found
        .into_iter()
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

fn ends_here(before: &str, after: &str) -> bool {
    let mut rest = after.chars();
    if !rest.next().is_some_and(char::is_whitespace) {
        return false;
    }
    let starts = rest
        .find(|c| !c.is_whitespace())
        .is_some_and(|c| !c.is_lowercase() && c != '(' && c != '.');
    let last = before
        .rsplit([' ', '(', '\u{a0}'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    starts && !ABBREVIATIONS.contains(&last.as_str())
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
