//! Pug, read by lines: `tag#id.class(name="value", other=js)= js`, `- js`, `script.` with a block, `| text`, `// comment`.

use super::{Lines, closing, holes, indentation};
use crate::pieces::Pieces;
use crate::{Facts, Language, Surroundings, Tag, Text, plain, template};

/// Words at the front of a line that steer and show nothing.
const WORDS: [&str; 14] = [
    "if", "else", "unless", "case", "when", "default", "each", "for", "while", "include", "extends", "block", "append",
    "prepend",
];

/// The facts of a Pug file.
pub(crate) fn facts(text: &str) -> Facts {
    let mut reader = Reader {
        file: text,
        facts: Facts::default(),
        code: Pieces::default(),
    };
    let mut lines = Lines { text, at: 0 };
    while let Some((line, start)) = lines.next() {
        reader.line(line, start, &mut lines);
    }
    if !reader.code.text.trim().is_empty() {
        let read = template::read(Language::JavaScript, &reader.code, text);
        reader.facts.take(read);
    }
    reader.facts
}

struct Reader<'a> {
    file: &'a str,
    facts: Facts,
    /// JavaScript of lines and attributes.
    code: Pieces,
}

impl Reader<'_> {
    fn line(&mut self, line: &str, start: usize, lines: &mut Lines<'_>) {
        let (indent, content) = (indentation(line), line.trim_start());
        let at = start + (line.len() - content.len());
        let word = content
            .split(|letter: char| !letter.is_alphanumeric())
            .next()
            .unwrap_or_default();
        match content.as_bytes() {
            [] => {}
            [b'/', b'/', ..] => {
                let (inside, from) = lines.inside(indent);
                self.texts(content, at, Surroundings::Comment);
                self.texts(inside, from, Surroundings::Comment);
            }
            [b'-', ..] if content.len() == 1 => {
                let (inside, from) = lines.inside(indent);
                self.code(inside, from);
            }
            [b'-' | b'=', ..] => self.code(&content[1..], at + 1),
            [b'!', b'=', ..] => self.code(&content[2..], at + 2),
            [b'|' | b'<', ..] => self.text(content.trim_start_matches('|'), at),
            [b':', ..] => {
                let (inside, from) = lines.inside(indent);
                self.texts(inside, from, Surroundings::Live);
            }
            [b'+', ..] => self.mixin(content, at),
            _ if WORDS.contains(&word) || content.starts_with("doctype") || content.starts_with("mixin ") => {}
            _ => self.tag(content, at, indent, lines),
        }
    }

    fn texts(&mut self, text: &str, at: usize, surroundings: Surroundings) {
        self.facts.texts.append(&mut plain::lines(text, at, surroundings));
    }

    fn text(&mut self, text: &str, at: usize) {
        let shown = holes(text);
        if shown.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            self.facts.texts.push(Text {
                text: shown.trim().to_owned(),
                given_to: String::new(),
                argument_of: String::new(),
                span: at..at + text.len(),
                surroundings: Surroundings::Live,
            });
        }
    }

    fn code(&mut self, code: &str, at: usize) {
        self.code.add(code, at);
        self.code.glue("\n;", at + code.len());
    }

    /// `+card('title', 'https://…')`: the arguments of a call.
    fn mixin(&mut self, content: &str, at: usize) {
        let open = content.find('(').unwrap_or(content.len());
        if let Some(length) = closing(&content[open..]) {
            self.code(&content[1..=open + length], at + 1);
        }
    }

    /// `name#id.class(…)= js`, `script.` with the lines in it.
    fn tag(&mut self, content: &str, at: usize, indent: usize, lines: &mut Lines<'_>) {
        let end = content
            .find(|letter: char| !letter.is_alphanumeric() && !"-_:.#@".contains(letter))
            .unwrap_or(content.len());
        let head = &content[..end];
        if let (Some(outer), true) = (head.strip_suffix(':'), content[end..].starts_with(' ')) {
            // `li: a(href="…")`
            self.push(outer, Vec::new(), at..at + head.len());
            let inner = content[end..].trim_start();
            return self.tag(inner, at + content.len() - inner.len(), indent, lines);
        }
        let whole = self.file.get(at..).unwrap_or_default();
        let (mut from, mut attributes) = (end, Vec::new());
        while let Some(length) = whole[from..]
            .starts_with('(')
            .then(|| closing(&whole[from..]))
            .flatten()
        {
            self.attributes(&whole[from + 1..from + length], at + from + 1, &mut attributes);
            from += length + 1;
        }
        let line_end = whole[from..].find('\n').map_or(whole.len(), |end| from + end);
        lines.at = lines.at.max((at + line_end + 1).min(self.file.len()));
        let rest = whole[from..line_end].trim_end();
        let block = rest == "." || (rest.is_empty() && head.ends_with('.'));
        let name = self.push(head, attributes, at..at + from);
        match rest.as_bytes() {
            _ if block => self.block(&name, lines.inside(indent)),
            [b'=', ..] => self.code(&rest[1..], at + from + 1),
            [b'!', b'=', ..] => self.code(&rest[2..], at + from + 2),
            [b':', b' ', ..] => self.tag(
                rest[1..].trim_start(),
                at + from + rest.len() - rest[1..].trim_start().len(),
                indent,
                lines,
            ),
            _ => self.text(rest, at + from),
        }
    }

    fn push(&mut self, head: &str, attributes: Vec<(String, String)>, span: crate::Span) -> String {
        let name = head.split(['.', '#']).next().unwrap_or_default();
        let name = if name.is_empty() {
            "div".to_owned()
        } else {
            name.to_ascii_lowercase()
        };
        let data = attributes.iter().any(|(key, value)| key == "type" && is_data(value));
        self.facts.tags.push(Tag {
            name: name.clone(),
            attributes,
            span,
            surroundings: Surroundings::Live,
        });
        if data { String::new() } else { name }
    }

    /// The lines below `tag.`: code of a page in a script, text in others.
    fn block(&mut self, name: &str, (inside, start): (&str, usize)) {
        if name != "script" {
            return self.texts(inside, start, Surroundings::Live);
        }
        let mut script = Pieces::default();
        let mut at = 0;
        while let Some(open) = inside[at..].find(['#', '!']).map(|open| at + open) {
            let Some(end) = inside[open + 1..]
                .starts_with('{')
                .then(|| closing(&inside[open + 1..]))
                .flatten()
            else {
                script.add(&inside[at..=open], start + at);
                at = open + 1;
                continue;
            };
            script.add(&inside[at..open], start + at);
            script.hole(&inside[open + 2..open + 1 + end], start + open);
            at = open + end + 2;
        }
        script.add(&inside[at..], start + at);
        let read = template::read(Language::JavaScript, &script, self.file);
        self.facts.take(read);
    }

    /// `name="value", other=js`, with commas or white space between them.
    fn attributes(&mut self, text: &str, start: usize, found: &mut Vec<(String, String)>) {
        let mut at = 0;
        let gap = |letter: char| letter.is_whitespace() || letter == ',';
        while at < text.len() {
            let rest = &text[at..];
            let skipped = rest.len() - rest.trim_start_matches(gap).len();
            let rest = &rest[skipped..];
            let length = rest
                .find(|letter: char| gap(letter) || letter == '=' || letter == '!')
                .unwrap_or(rest.len());
            let name = rest[..length].trim_matches(['"', '\'']).to_ascii_lowercase();
            let behind = rest[length..].trim_start_matches('!');
            let Some(value) = behind.strip_prefix('=').filter(|_| !name.is_empty()) else {
                if !name.is_empty() {
                    found.push((name, String::new()));
                }
                at += skipped + length.max(1);
                continue;
            };
            let value = value.trim_start();
            let value_at = text.len() - value.len();
            let written = value[..value_length(value)].trim_end();
            let constant = constant(written);
            if constant.is_none() {
                self.code(written, start + value_at);
            }
            found.push((name, constant.unwrap_or("{}").to_owned()));
            at = value_at + value_length(value).max(1);
        }
    }
}

fn is_data(kind: &str) -> bool {
    !["", "{}", "module"].contains(&kind) && !kind.contains("javascript")
}

/// A value that is nothing but one text.
fn constant(written: &str) -> Option<&str> {
    let quote = written
        .chars()
        .next()
        .filter(|quote| ['"', '\'', '`'].contains(quote))?;
    let inner = written.get(1..)?.strip_suffix(quote)?;
    (!inner.contains(quote) && !inner.contains("${")).then_some(inner)
}

/// How long the expression of an attribute is: to a comma or a line's end outside of brackets and quotes, or to white space behind which the
/// next attribute begins.
fn value_length(value: &str) -> usize {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, byte) in value.bytes().enumerate() {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b',' | b'\n') if depth == 0 => return at,
            (None, b' ') if depth == 0 && begins_attribute(&value[at..]) => return at,
            _ => {}
        }
    }
    value.len()
}

/// Whether `name=` stands behind white space, and no comparison.
fn begins_attribute(rest: &str) -> bool {
    let rest = rest.trim_start();
    let length = rest
        .find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_:@".contains(letter))
        .unwrap_or(0);
    let behind = &rest[length..];
    length > 0 && behind.starts_with('=') && !behind.starts_with("==") && !behind.starts_with("=>")
}
