//! Comments of a TOML text: all of them, and those before a field as lines.

use toml_edit::RawString;

/// One line between two things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// An empty one; several count as one.
    Blank,
    /// With its `#`.
    Comment(String),
}

/// The text that stands before or behind something.
pub(super) fn raw(text: Option<&RawString>) -> &str {
    text.and_then(RawString::as_str).unwrap_or_default()
}

/// The lines of a text that holds only spaces and comments; what is left of the last line is indentation.
pub(super) fn lines(raw: &str) -> Vec<Line> {
    let (whole, rest) = raw.rsplit_once('\n').map_or(("", raw), |(whole, rest)| (whole, rest));
    let mut lines = Vec::new();
    let texts = raw.contains('\n').then(|| whole.split('\n')).into_iter().flatten();
    for text in texts.chain(Some(rest).filter(|rest| !rest.trim().is_empty())) {
        match text.trim() {
            "" if lines.last() == Some(&Line::Blank) => {}
            "" => lines.push(Line::Blank),
            comment => lines.push(Line::Comment(comment.to_owned())),
        }
    }
    lines
}

/// The comment that stands on the line of something, and the lines after it.
pub(super) fn behind(raw: &str) -> (Option<String>, Vec<Line>) {
    let (first, rest) = raw.split_once('\n').map_or((raw, ""), |(first, rest)| (first, rest));
    let comment = Some(first.trim()).filter(|comment| !comment.is_empty());
    (comment.map(str::to_owned), lines(rest))
}

/// Every comment of a TOML text, in order, without spaces at its end.
///
/// Looks at quotes only, and so judges the writer from outside.
pub(crate) fn all(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        rest = &rest[at..];
        let length = if rest.starts_with('#') {
            let comment = rest.lines().next().unwrap_or(rest);
            found.push(comment.trim_end());
            comment.len()
        } else {
            string_length(rest)
        };
        rest = &rest[length..];
    }
    found
}

/// The length of the string that `text` begins with.
fn string_length(text: &str) -> usize {
    let quote = &text[..1];
    let long = quote.repeat(3);
    let mark = if text.starts_with(&long) { long.as_str() } else { quote };
    let escapes = quote == "\"";
    let mut at = mark.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(mark) {
            // Up to two more quotes may stand before the three that end a long text.
            let quotes = rest.len() - rest.trim_start_matches(&quote[..1]).len();
            return at + if mark.len() == 3 { quotes.min(5) } else { 1 };
        }
        let escaped = escapes && rest.starts_with('\\');
        at += rest
            .chars()
            .take(if escaped { 2 } else { 1 })
            .map(char::len_utf8)
            .sum::<usize>();
    }
    text.len()
}
