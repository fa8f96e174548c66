//! YAML: every scalar with the path of its keys, comments, and the keys that stand in `${…}`.
//!
//! Start at [`facts`]. Read by events and without a grammar of tree-sitter: the one for YAML writes beyond its buffer where a file
//! is nested deep enough.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::tree::{NAME_MAX, cut};
use crate::{Facts, Key, Surroundings, Text, plain};

/// How many keys above a scalar are part of its name.
const KEYS_MAX: usize = 6;

/// Deeper lists and maps are passed over.
const DEPTH_MAX: usize = 200;

/// The facts of a YAML file. What follows the first place that is not YAML is read as text.
pub(crate) fn facts(text: &str) -> Facts {
    let places = Places::of(text);
    let mut reader = Reader {
        text,
        open: Vec::new(),
        deeper: 0,
        scalars: Vec::new(),
        facts: Facts::default(),
    };
    let mut at = 0;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else {
            reader.facts.broken = 1;
            let line = text[..at].rfind('\n').map_or(0, |line| line + 1);
            let from = if reader.scalars.last().is_some_and(|last| last.end > line) {
                at
            } else {
                line
            };
            reader
                .facts
                .texts
                .append(&mut plain::lines(&text[from..], from, Surroundings::Live));
            reader.scalars.push(from..text.len());
            break;
        };
        let span = places.byte(span.start.index())..places.byte(span.end.index());
        at = at.max(span.end);
        reader.event(event, span);
    }
    reader.comments();
    reader.facts
}

/// Places of characters as places of bytes.
struct Places(Vec<usize>, usize);

impl Places {
    fn of(text: &str) -> Self {
        let places = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self(places, text.len())
    }

    fn byte(&self, character: usize) -> usize {
        if self.0.is_empty() {
            character.min(self.1)
        } else {
            self.0.get(character).copied().unwrap_or(self.1)
        }
    }
}

/// A list or map that is being read.
struct Open {
    is_map: bool,
    /// The key that waits for its value.
    key: Option<String>,
}

struct Reader<'a> {
    text: &'a str,
    open: Vec<Open>,
    /// How many levels below those that are read.
    deeper: usize,
    /// Where scalars stand: a `#` in them begins no comment.
    scalars: Vec<Range<usize>>,
    facts: Facts,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if self.open.len() >= DEPTH_MAX => self.deeper += 1,
            Event::SequenceEnd | Event::MappingEnd if self.deeper > 0 => self.deeper -= 1,
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let is_map = matches!(event, Event::MappingStart(..));
                self.open.push(Open { is_map, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                self.done();
            }
            Event::Scalar(text, style, ..) => self.scalar(&text, style, span),
            Event::Alias(_) => {
                let waits = self.open.last().is_some_and(|open| open.is_map && open.key.is_none());
                if waits { self.key("*") } else { self.done() }
            }
            _ => {}
        }
    }

    fn key(&mut self, key: &str) {
        if let Some(open) = self.open.last_mut() {
            open.key = Some(cut(key, NAME_MAX).to_owned());
        }
    }

    /// A value is read: its key is over.
    fn done(&mut self) {
        if let Some(open) = self.open.last_mut() {
            match open.is_map && open.key.is_none() {
                // A list or map that was itself a key.
                true => open.key = Some(String::new()),
                false => open.key = None,
            }
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Range<usize>) {
        self.scalars.push(span.clone());
        let waits = self.open.last().is_some_and(|open| open.is_map && open.key.is_none());
        if waits && self.deeper == 0 {
            return self.key(text);
        }
        let given_to = self.path();
        let source = self.text.get(span.clone()).unwrap_or("");
        self.facts.keys.extend(placeholders(source, span.start));
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let mut lines = plain::lines(source, span.start, Surroundings::Live);
            lines.iter_mut().for_each(|line| line.given_to.clone_from(&given_to));
            self.facts.texts.append(&mut lines);
        } else {
            let is_quoted = source.len() > 1 && source.starts_with(['"', '\'']) && source.ends_with(['"', '\'']);
            let text = if source.is_empty() { "" } else { text };
            let span = if is_quoted { span.start + 1..span.end - 1 } else { span };
            self.facts.texts.push(Text {
                text: text.to_owned(),
                given_to,
                argument_of: String::new(),
                span,
                surroundings: Surroundings::Live,
            });
        }
        if self.deeper == 0 {
            self.done();
        }
    }

    /// The keys around a scalar, the outermost first: `production.twilio.sid`.
    fn path(&self) -> String {
        let keys: Vec<&str> = self
            .open
            .iter()
            .rev()
            .filter_map(|open| open.key.as_deref())
            .take(KEYS_MAX)
            .collect();
        keys.into_iter().rev().collect::<Vec<_>>().join(".")
    }

    /// Comments: from a `#` at the start of a line or behind white space that is in no scalar.
    fn comments(&mut self) {
        let mut scalars = std::mem::take(&mut self.scalars);
        scalars.sort_by_key(|span| span.start);
        let mut next = 0;
        let mut line_start = 0;
        for line in self.text.split_inclusive('\n') {
            for (at, _) in line.match_indices('#') {
                let place = line_start + at;
                while scalars.get(next).is_some_and(|span| span.end <= place) {
                    next += 1;
                }
                let is_text = scalars.get(next).is_some_and(|span| span.start <= place);
                if !is_text && (at == 0 || line[..at].ends_with([' ', '\t'])) {
                    let bare = line[at..].trim_start_matches(['#', ' ']);
                    let start = place + line[at..].len() - bare.len();
                    self.facts
                        .texts
                        .append(&mut plain::lines(bare, start, Surroundings::Comment));
                    break;
                }
            }
            line_start += line.len();
        }
    }
}

/// `${KEY}`, `${KEY:-default}`, `${{ secrets.KEY }}`.
fn placeholders(source: &str, start: usize) -> Vec<Key> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = source[at..].find("${").map(|open| at + open + 2) {
        let Some(end) = source[open..].find('}').map(|end| open + end) else {
            break;
        };
        let inside = source[open..end].trim_start_matches('{').trim();
        let name = ["secrets.", "vars.", "env."]
            .iter()
            .find_map(|prefix| inside.strip_prefix(prefix))
            .unwrap_or(inside);
        let name = name.split([':', '-', '?', ' ', '|']).next().unwrap_or("");
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name {
            found.push(Key {
                name: name.to_owned(),
                span: start + open..start + end,
                surroundings: Surroundings::Live,
            });
        }
        at = end;
    }
    found
}
