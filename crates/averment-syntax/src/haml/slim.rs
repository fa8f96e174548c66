//! Slim, read by lines: `tag#id.class name="value" other=ruby = ruby`, `- ruby`, `= ruby`, `javascript:`, `| text`, `/ comment`.

use super::{Lines, Open, Reader, closing, holes, indentation};
use crate::{Facts, Surroundings, Tag, plain};

/// The facts of a Slim file.
pub(crate) fn facts(text: &str) -> Facts {
    let mut reader = Reader::of(text);
    let mut lines = Lines { text, at: 0 };
    while let Some((line, start)) = lines.next() {
        reader.slim(line, start, &mut lines);
    }
    reader.finish()
}

impl Reader<'_> {
    fn slim(&mut self, line: &str, start: usize, lines: &mut Lines<'_>) {
        let (indent, content) = (indentation(line), line.trim_start());
        if content.is_empty() || content.starts_with("doctype") {
            return;
        }
        let at = start + (line.len() - content.len());
        self.close(indent, at, content);
        match content.as_bytes() {
            [b'/', ..] => self.comment(content, at, lines.inside(indent), true),
            [b'-', ..] => self.ruby(&content[1..], at + 1, indent, lines),
            [b'=', ..] => self.slim_value(content, at, indent, lines),
            [b'|' | b'\'', ..] => {
                self.text(&content[1..], at + 1);
                let (inside, from) = lines.inside(indent);
                self.facts
                    .texts
                    .append(&mut plain::lines(inside, from, Surroundings::Live));
            }
            [b'<', ..] => self.text(content, at),
            _ if is_filter(content) => self.slim_filter(content, lines.inside(indent)),
            _ => self.slim_tag(content, at, indent, lines),
        }
    }

    /// `= ruby`, `== ruby`, `=> ruby`.
    fn slim_value(&mut self, content: &str, at: usize, indent: usize, lines: &mut Lines<'_>) {
        let code = content.trim_start_matches(['=', '<', '>', '\'']);
        self.ruby(code, at + content.len() - code.len(), indent, lines);
    }

    fn slim_filter(&mut self, content: &str, inside: (&str, usize)) {
        let name = content.trim_end().trim_end_matches(':');
        self.filter(&format!(":{name}"), inside);
    }

    fn slim_tag(&mut self, content: &str, at: usize, indent: usize, lines: &mut Lines<'_>) {
        let end = content
            .find(|letter: char| !letter.is_alphanumeric() && !"-_:.#@".contains(letter))
            .unwrap_or(content.len());
        let (head, rest) = content.split_at(end);
        if let (Some(outer), true) = (head.strip_suffix(':'), rest.starts_with(' ')) {
            // `li: a href="…"`
            self.tags.push(open(name_of(outer), Vec::new(), at..at + head.len()));
            let inner = rest.trim_start();
            return self.slim_tag(inner, at + content.len() - inner.len(), indent, lines);
        }
        let mut attributes = Vec::new();
        let whole = self.file.get(at..).unwrap_or_default();
        let mut from = end;
        if whole.get(from..).is_some_and(|rest| rest.starts_with(['[', '(', '{']))
            && let Some(length) = closing(&whole[from..])
        {
            self.attributes(&whole[from + 1..from + length], at + from + 1, true, &mut attributes);
            from += length + 1;
        }
        let line_end = whole[from..].find('\n').map_or(whole.len(), |end| from + end);
        lines.at = lines.at.max((at + line_end + 1).min(self.file.len()));
        from += self.attributes(&whole[from..line_end], at + from, false, &mut attributes);
        let name = name_of(head);
        let script = name == "script";
        self.tags.push(open(name, attributes, at..at + from));
        let rest = whole[from..line_end].trim_end();
        let marks = rest.len() - rest.trim_start_matches(['<', '>', '/', ' ']).len();
        let (rest, rest_at) = (&rest[marks..], at + from + marks);
        let text_of_script = lines.peek().is_some_and(|next| next.trim_start().starts_with('|'));
        match rest.starts_with('=') {
            true => self.slim_value(rest, rest_at, indent, lines),
            false if script && rest.is_empty() && text_of_script => {
                let (inside, start) = lines.inside(indent);
                let code = inside.trim_start().trim_start_matches('|');
                self.script(code, start + inside.len() - code.len());
            }
            false => self.text(rest, rest_at),
        }
    }

    /// Reads `name="value" other=ruby`; gives how far they go. `inside`: in brackets, where a name alone is an attribute too.
    fn attributes(&mut self, text: &str, start: usize, inside: bool, found: &mut Vec<(String, String)>) -> usize {
        let mut at = 0;
        loop {
            let skipped = at + (text[at..].len() - text[at..].trim_start().len());
            let length = text[skipped..]
                .find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_:@*.".contains(letter))
                .unwrap_or(text.len() - skipped);
            let name = &text[skipped..skipped + length];
            let behind = &text[skipped + length..];
            let Some(value) = behind.strip_prefix('=').filter(|_| length > 0) else {
                if !inside || length == 0 {
                    return at;
                }
                found.push((name.to_ascii_lowercase(), String::new()));
                at = skipped + length;
                continue;
            };
            let value = value.strip_prefix('=').unwrap_or(value);
            if value.is_empty() || value.starts_with(char::is_whitespace) {
                // `p= text`: what the tag holds, and no attribute.
                return at;
            }
            let value_at = text.len() - value.len();
            let length = value_length(value);
            let written = &value[..length];
            found.push((name.to_ascii_lowercase(), self.value(written, start + value_at)));
            at = value_at + length;
        }
    }

    /// A value as tags have it; its Ruby is read.
    fn value(&mut self, written: &str, at: usize) -> String {
        let quote = written.chars().next().filter(|quote| ['"', '\''].contains(quote));
        let text = quote.and_then(|quote| written.get(1..)?.strip_suffix(quote));
        match text {
            Some(text) if !text.contains("#{") => text.to_owned(),
            Some(text) => {
                self.ruby.add(written, at);
                self.ruby.glue("\n", at + written.len());
                holes(text)
            }
            None => {
                self.ruby.add(written, at);
                self.ruby.glue("\n", at + written.len());
                "{}".to_owned()
            }
        }
    }
}

fn open(name: String, attributes: Vec<(String, String)>, span: crate::Span) -> Open {
    let tag = Tag {
        name,
        attributes,
        span,
        surroundings: Surroundings::Live,
    };
    Open { tag, hash: None }
}

fn name_of(head: &str) -> String {
    let name = head.split(['.', '#']).next().unwrap_or_default();
    if name.is_empty() {
        "div".to_owned()
    } else {
        name.to_ascii_lowercase()
    }
}

/// `javascript:`, `css:`, `ruby:`.
fn is_filter(content: &str) -> bool {
    let name = content.trim_end().strip_suffix(':');
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// How long a value is: a text to its quote, an expression to the first white space outside of brackets and quotes.
fn value_length(value: &str) -> usize {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, byte) in value.bytes().enumerate() {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), close) if open == close && depth == 0 => {
                quote = None;
                if value.as_bytes().first() == Some(&open) {
                    return at + 1;
                }
            }
            (Some(_), b'{') if at > 0 && value.as_bytes().get(at - 1) == Some(&b'#') => depth += 1,
            (Some(_), b'}') => depth = depth.saturating_sub(1),
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && byte.is_ascii_whitespace() => return at,
            _ => {}
        }
    }
    value.len()
}
