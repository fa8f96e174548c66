//! What one line of a plain text or Markdown page is, told by its first letters.

/// Bullets that pages are written with; a dash counts only before a space.
const BULLETS: [char; 19] = [
    '-', '*', '+', '•', '◦', '‣', '▪', '▫', '·', '–', '—', '○', '●', '■', '□', '✓', '✔', '➢', '►',
];

/// Columns of white space before a line; a tab counts four.
pub(super) fn indent(line: &str) -> usize {
    let mut columns = 0;
    for letter in line.chars() {
        match letter {
            '\t' => columns += 4,
            letter if letter.is_whitespace() => columns += 1,
            _ => break,
        }
    }
    columns
}

/// The text behind a bullet or a number, and the column where it begins.
pub(super) fn item(line: &str) -> Option<(usize, &str)> {
    let indent = indent(line);
    let text = line.trim_start();
    let mut letters = text.chars();
    let first = letters.next()?;
    let rest = letters.as_str();
    if BULLETS.contains(&first) {
        let body = rest
            .strip_prefix([' ', '\t', '\u{a0}'])
            .or_else(|| (first == '•').then_some(rest))?;
        return Some((indent, body.trim()));
    }
    let number = text
        .find(|c: char| !c.is_ascii_digit())
        .filter(|end| (1..=3).contains(end));
    if let Some(end) = number {
        let body = text[end..].strip_prefix(['.', ')'])?.strip_prefix([' ', '\t'])?;
        return Some((indent, body.trim()));
    }
    let inner = text.strip_prefix('(').unwrap_or(text);
    let mut letters = inner.chars();
    let letter = letters.next().filter(char::is_ascii_lowercase)?;
    let body = letters.as_str().strip_prefix(')')?.strip_prefix([' ', '\t'])?;
    letter.is_ascii_lowercase().then(|| (indent, body.trim()))
}

/// `## Heading ##`: level and text.
pub(super) fn hashes(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start();
    let level = text.len() - text.trim_start_matches('#').len();
    let rest = &text[level..];
    let fits = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    let level = u8::try_from(level).ok().filter(|_| fits)?;
    let text = rest.trim();
    // `{#anchor}` names the place of the heading.
    let text = text.split_once(" {#").map_or(text, |(text, _)| text);
    Some((level, text.trim_end_matches('#').trim_end()))
}

/// A line under a heading: its level.
pub(super) fn underline(line: &str) -> Option<u8> {
    let text = line.trim();
    let all = |letter| text.len() >= 3 && text.chars().all(|c| c == letter);
    match () {
        () if all('=') => Some(1),
        () if all('-') => Some(2),
        () if all('~') || all('^') || all('"') => Some(3),
        () => None,
    }
}

/// A line that parts a page: `---`, `***`, `* * *`, `___`.
pub(super) fn is_rule(line: &str) -> bool {
    let text = line.trim();
    let marks = text.chars().filter(|c| !c.is_whitespace()).count();
    let first = text.chars().next();
    marks >= 3
        && first.is_some_and(|first| matches!(first, '-' | '*' | '_' | '=' | '─' | '—'))
        && text.chars().all(|c| c.is_whitespace() || Some(c) == first)
}

/// The rule of a pipe table, `|---|:--:|`.
pub(super) fn is_table_rule(line: &str) -> bool {
    let single = line.trim_start().starts_with("|-|") || line.trim_start().starts_with("|:-");
    (line.contains("--") || single)
        && line.contains('|')
        && line.chars().all(|c| matches!(c, '-' | '|' | ':' | ' ' | '\t' | '+'))
}

/// Directives of page builders: admonitions, imports, template tags. They say nothing to a reader.
pub(super) fn is_directive(line: &str) -> bool {
    let text = line.trim();
    let template = text.starts_with("{%") && text.ends_with("%}") || text.starts_with("{{") && text.ends_with("}}");
    let script = (text.starts_with("import ") && text.contains(" from ") && text.contains(['"', '\'']))
        || text.starts_with("export default ")
        || text.starts_with("export const ");
    text.starts_with(":::") || template || script || text == "[TOC]" || text == "[[_TOC_]]" || text == ".. contents::"
}

/// A line without a full stop that is short and begins with a capital: what headings of plain texts look like.
pub(super) fn is_short_line(line: &str) -> bool {
    let text = line.trim();
    let words = text.split_whitespace().count();
    let starts = text.chars().next().is_some_and(char::is_uppercase);
    starts
        && (1..=9).contains(&words)
        && text.chars().count() <= 80
        && !text.ends_with(['.', ',', ';', ':', '!', '”', '"', ')'])
}

/// A line that is one question.
pub(super) fn is_question(text: &str) -> bool {
    let text = text.trim();
    text.ends_with('?')
        && text.split_whitespace().count() <= 25
        && !text.trim_end_matches('?').contains(['?', '!'])
        && !text.contains(". ")
}
