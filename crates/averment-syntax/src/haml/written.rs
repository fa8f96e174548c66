//! Attributes of HAML that are written as HTML has them, and texts with holes.

/// Attributes as HTML writes them: `(src="…" async)`.
pub(super) fn written(inside: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = inside.trim_start();
    while let Some(end) = rest
        .find(|letter: char| letter == '=' || letter.is_whitespace())
        .or(Some(rest.len()))
        .filter(|end| *end > 0)
    {
        let (name, behind) = rest.split_at(end);
        let Some(value) = behind.trim_start().strip_prefix('=').map(str::trim_start) else {
            found.push((name.to_ascii_lowercase(), String::new()));
            rest = behind.trim_start();
            continue;
        };
        let quote = value.chars().next().filter(|quote| "'\"".contains(*quote));
        let (value, behind) = match quote.and_then(|quote| value[1..].split_once(quote)) {
            Some((value, behind)) => (holes(value), behind),
            None => (
                "{}".to_owned(),
                value.split_once(char::is_whitespace).map_or("", |(_, behind)| behind),
            ),
        };
        found.push((name.to_ascii_lowercase(), value));
        rest = behind.trim_start();
    }
    found
}

/// A text with a hole for each `#{…}` in it.
pub(super) fn holes(value: &str) -> String {
    let mut shown = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("#{") {
        shown += before;
        shown += "{}";
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    shown + rest
}
