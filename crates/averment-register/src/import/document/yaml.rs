//! YAML to parts, by the events of a parser that expands no aliases: a small file cannot become a large one.

use saphyr_parser::{Event, Parser};

use super::records::{self, Node};
use super::text::Text;
use super::{DEPTH_MAX, Document};

/// Takes a file apart; none when it is not YAML, or holds one text only.
pub(super) fn read(text: &str) -> Option<Document> {
    let root = tree(text)?;
    let mut document = Document::default();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim_start().starts_with('#'))
    {
        document
            .layout
            .push(Text::new(u32::try_from(at + 1).unwrap_or(u32::MAX), line));
    }
    root.iter().for_each(|node| records::parts(node, &mut document));
    Some(document)
}

/// A list or a map that is being read, and the key that waits for its value.
struct Open {
    node: Node,
    key: Option<String>,
}

/// The documents of a stream; none when it cannot be read.
fn tree(text: &str) -> Option<Vec<Node>> {
    let mut done: Vec<Node> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    // Levels that are too deep are passed over, but counted.
    let mut deeper = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() > 2 * DEPTH_MAX => deeper += 1,
            Event::SequenceEnd | Event::MappingEnd if deeper > 0 => deeper -= 1,
            Event::SequenceStart(..) => open.push(Open {
                node: Node::List(line, Vec::new()),
                key: None,
            }),
            Event::MappingStart(..) => open.push(Open {
                node: Node::Map(line, Vec::new()),
                key: None,
            }),
            Event::Scalar(text, ..) => add(Node::Text(line, text.into_owned()), &mut open, &mut done),
            Event::Alias(_) => add(Node::Text(line, String::new()), &mut open, &mut done),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(closed) = open.pop() {
                    add(closed.node, &mut open, &mut done);
                }
            }
            _ => {}
        }
    }
    done.iter().any(|node| !matches!(node, Node::Text(..))).then_some(done)
}

fn add(node: Node, open: &mut [Open], done: &mut Vec<Node>) {
    let Some(outer) = open.last_mut() else {
        return done.push(node);
    };
    match &mut outer.node {
        Node::List(_, nodes) => nodes.push(node),
        Node::Map(_, fields) => match (outer.key.take(), node) {
            (Some(key), node) => fields.push((key, node)),
            (None, Node::Text(_, key)) => outer.key = Some(key),
            (None, _) => outer.key = Some(String::new()),
        },
        Node::Text(..) => {}
    }
}

/// A text that begins with `- name:` or `key:` lines and reads as records: YAML under another ending.
pub(super) fn looks_like_records(text: &str) -> bool {
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let mut lines = lines.take(12).peekable();
    let key = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        line.split_once(':').is_some_and(|(key, rest)| {
            !key.contains(' ')
                && !key.is_empty()
                && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
                && (rest.is_empty() || rest.starts_with(' '))
        })
    };
    let first = lines
        .peek()
        .is_some_and(|line| line.starts_with("- ") || line.ends_with(':'));
    let mut count = 0;
    let all = lines.all(|line| {
        count += 1;
        key(line)
    });
    first && all && count >= 2 && tree(text).is_some()
}
