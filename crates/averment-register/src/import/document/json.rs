//! JSON to parts. The text is checked by `serde_json`; a walk over its tokens then keeps lines and the order of fields.

use serde::de::IgnoredAny;

use super::Document;
use super::records::{self, Node};

/// Whether the text is one JSON value of bounded depth.
pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Takes a file apart; none when it is not JSON.
pub(super) fn read(text: &str) -> Option<Document> {
    let root = is_json(text).then(|| tree(text))??;
    let mut document = Document::default();
    records::parts(&root, &mut document);
    Some(document)
}

/// The value of a text that is known to be JSON. Nesting is bounded by `serde_json` (128).
fn tree(text: &str) -> Option<Node> {
    let mut line = 1_u32;
    let mut open: Vec<(Node, Option<String>)> = Vec::new();
    let mut root = None;
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        let mut taken = letter.len_utf8();
        let mut value = None;
        match letter {
            '\n' => line = line.saturating_add(1),
            '[' => open.push((Node::List(line, Vec::new()), None)),
            '{' => open.push((Node::Map(line, Vec::new()), None)),
            ']' | '}' => value = open.pop().map(|(node, _)| node),
            '"' => {
                taken = string_length(rest);
                value = Some(Node::Text(line, serde_json::from_str(&rest[..taken]).ok()?));
            }
            letter if letter.is_whitespace() || matches!(letter, ',' | ':') => {}
            _ => {
                taken = rest.find([',', ']', '}', '\n', ' ', '\t', '\r']).unwrap_or(rest.len());
                let word = &rest[..taken];
                value = Some(Node::Text(
                    line,
                    if word == "null" { String::new() } else { word.to_owned() },
                ));
            }
        }
        if let Some(value) = value {
            add(value, &mut open, &mut root);
        }
        at += taken;
    }
    root
}

fn add(value: Node, open: &mut [(Node, Option<String>)], root: &mut Option<Node>) {
    match open.last_mut() {
        None => *root = Some(value),
        Some((Node::List(_, nodes), _)) => nodes.push(value),
        Some((Node::Map(_, fields), key)) => match (key.take(), value) {
            (Some(key), value) => fields.push((key, value)),
            (None, Node::Text(_, text)) => *key = Some(text),
            (None, _) => {}
        },
        Some((Node::Text(..), _)) => {}
    }
}

/// Bytes of the string at the front, with its quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
