//! The register as a data block of a web page, and back.
//!
//! Source: HTML, 4.12.1 (a `script` element with the type of a data block is not run) and 4.12.1.3 (what may not stand in
//! one: `<!--`, `<script`, `</script`).

use super::{BLOCK, Block, json, line_of};
use crate::charter::Charter;

/// The register as `<script type="application/json" id="averment-register">`, to stand anywhere in a page.
///
/// No `<` stands inside the block, so that nothing in a published sentence can end it.
pub fn html_block(charter: &Charter) -> String {
    let body = inert(&json(charter));
    format!("<script type=\"application/json\" id=\"{BLOCK}\">\n{body}</script>\n")
}

/// JSON without characters that mean something to a page or to an editor. They stand only inside JSON strings.
pub(super) fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{85}' => out.push_str("\\u0085"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            letter => out.push(letter),
        }
    }
    out
}

/// The blocks of a page.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    // Element names and attributes are ASCII in any letter case; lower case has the same bytes at the same places.
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = next(&lower, from, "<script") {
        let Some(body) = next(&lower, start, ">").map(|end| end + 1) else {
            break;
        };
        let end = next(&lower, body, "</script").unwrap_or(text.len());
        if is_ours(&lower[start + "<script".len()..body - 1]) {
            let line = line_of(text, body);
            let text = &text[body..end];
            found.push(Block { text, line });
        }
        from = end;
    }
    found
}

fn next(text: &str, from: usize, what: &str) -> Option<usize> {
    text[from..].find(what).map(|at| from + at)
}

/// Whether the attributes of a `script` element say that it is the block.
fn is_ours(attributes: &str) -> bool {
    let plain = attributes.replace(['"', '\''], " ");
    let words: Vec<&str> = plain
        .split(|c: char| c.is_ascii_whitespace() || c == '=')
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(2).any(|pair| pair == ["id", BLOCK])
}
