//! HAML, read by lines: `%tag{ruby}(html)= ruby`, `- ruby`, filters, and text.
//!
//! Start at [`facts`]. Its Ruby is put together to one source, with an `end` where a block's lines are over, and read with the
//! grammar of Ruby.

use crate::pieces::Pieces;
use crate::{Argument, Facts, Language, Span, Surroundings, Tag, Text, plain, tags, template};

mod pug;
mod slim;
mod written;

pub(crate) use pug::facts as facts_of_pug;
pub(crate) use slim::facts as facts_of_slim;
use written::{holes, written};

/// The facts of a HAML file.
pub(crate) fn facts(text: &str) -> Facts {
    let mut reader = Reader::of(text);
    let mut lines = Lines { text, at: 0 };
    while let Some((line, start)) = lines.next() {
        reader.line(line, start, &mut lines);
    }
    reader.finish()
}

/// What the Ruby in the braces of a tag is given to, so that it reads like the arguments of a call.
const ATTRIBUTES: &str = "haml_attributes";

/// Lines of a file with their places.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<(&'a str, usize)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = rest.split_inclusive('\n').next()?;
        let start = self.at;
        self.at += line.len();
        Some((line.trim_end_matches(['\n', '\r']), start))
    }

    fn peek(&self) -> Option<&'a str> {
        self.text.get(self.at..).filter(|rest| !rest.is_empty())?.lines().next()
    }

    /// The lines that are further in than `indent`.
    fn inside(&mut self, indent: usize) -> (&'a str, usize) {
        let start = self.at;
        while let Some(line) = self.peek() {
            if !line.trim().is_empty() && indentation(line) <= indent {
                break;
            }
            self.next();
        }
        (self.text.get(start..self.at).unwrap_or(""), start)
    }
}

/// A tag whose attributes in braces are Ruby, to be found again in what was read of that.
struct Open {
    tag: Tag,
    hash: Option<Span>,
}

struct Reader<'a> {
    file: &'a str,
    facts: Facts,
    ruby: Pieces,
    /// Indentation of the Ruby blocks that are open.
    open: Vec<usize>,
    tags: Vec<Open>,
}

impl<'a> Reader<'a> {
    fn of(file: &'a str) -> Self {
        Self {
            file,
            facts: Facts::default(),
            ruby: Pieces::default(),
            open: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn finish(mut self) -> Facts {
        self.close(0, self.file.len(), "");
        let mut ruby = template::read(Language::Ruby, &self.ruby, self.file);
        let mut facts = self.facts;
        for tag in self.tags {
            facts.tags.push(tag.with(&mut ruby, self.file));
        }
        ruby.calls.retain(|call| !call.path.is_empty());
        for found in ruby.texts.iter_mut().filter(|found| found.argument_of == ATTRIBUTES) {
            found.argument_of.clear();
        }
        facts.take(ruby);
        facts
    }
}

impl Reader<'_> {
    fn line(&mut self, line: &str, start: usize, lines: &mut Lines<'_>) {
        let (indent, content) = (indentation(line), line.trim_start());
        if content.is_empty() {
            return;
        }
        let at = start + (line.len() - content.len());
        self.close(indent, at, content);
        match content.as_bytes() {
            [b'-', b'#', ..] | [b'/', ..] => {
                self.comment(content, at, lines.inside(indent), content.starts_with("-#"));
            }
            [b':', ..] => self.filter(content, lines.inside(indent)),
            [b'-' | b'=' | b'~', ..] => self.ruby(&content[1..], at + 1, indent, lines),
            [b'&' | b'!', b'=', ..] => self.ruby(&content[2..], at + 2, indent, lines),
            [b'%' | b'.' | b'#', next, ..] if *next != b'{' => self.tag(content, at, indent, lines),
            [b'\\', ..] => self.text(&content[1..], at + 1),
            _ => self.text(content, at),
        }
    }

    /// Ends the blocks that a line is not in any more; `else` and the like go on with theirs.
    fn close(&mut self, indent: usize, at: usize, content: &str) {
        while let Some(open) = self.open.last().copied().filter(|open| *open >= indent) {
            let code = content.trim_start_matches(['-', '=', ' ']);
            let goes_on = ["else", "elsif", "when", "in ", "rescue", "ensure"]
                .iter()
                .any(|word| code.starts_with(word));
            if open == indent && goes_on && content.starts_with('-') {
                return;
            }
            self.open.pop();
            self.ruby.glue("end\n", at);
        }
    }

    /// `-# …` is not sent, `/ …` is sent as a comment; both with the lines in them.
    fn comment(&mut self, content: &str, at: usize, inside: (&str, usize), _silent: bool) {
        let bare = content.trim_start_matches(['-', '#', '/', ' ']);
        self.facts.texts.append(&mut plain::lines(
            bare,
            at + content.len() - bare.len(),
            Surroundings::Comment,
        ));
        self.facts
            .texts
            .append(&mut plain::lines(inside.0, inside.1, Surroundings::Comment));
    }

    fn filter(&mut self, content: &str, (inside, start): (&str, usize)) {
        let name = content[1..].trim();
        match name {
            "javascript" => self.script(inside, start),
            "ruby" => {
                self.ruby.add(inside, start);
                self.ruby.glue("\n", start + inside.len());
            }
            _ => self
                .facts
                .texts
                .append(&mut plain::lines(inside, start, Surroundings::Live)),
        }
    }

    /// JavaScript with `#{…}` of Ruby in it.
    fn script(&mut self, inside: &str, start: usize) {
        let mut script = Pieces::default();
        let mut at = 0;
        while let Some(open) = inside[at..].find("#{").map(|open| at + open) {
            let Some(end) = closing(&inside[open + 1..]).map(|end| open + 1 + end) else {
                break;
            };
            script.add(&inside[at..open], start + at);
            script.hole(&inside[open + 2..end], start + open);
            self.ruby.add(&inside[open + 2..end], start + open + 2);
            self.ruby.glue("\n", start + end);
            at = end + 1;
        }
        script.add(&inside[at..], start + at);
        let read = template::read(Language::JavaScript, &script, self.file);
        self.facts.take(read);
    }

    /// A line of Ruby, with those that it goes on in.
    fn ruby(&mut self, code: &str, at: usize, indent: usize, lines: &mut Lines<'_>) {
        let mut last = code.trim_end();
        self.ruby.add(code, at);
        while last.ends_with([',', '|', '\\']) && !ends_with_parameters(last) {
            let Some((line, start)) = lines.next() else { break };
            self.ruby.glue("\n", start);
            self.ruby.add(line, start);
            last = line.trim_end();
        }
        self.ruby.glue("\n", lines.at.min(self.file.len()));
        let goes_in = lines
            .peek()
            .is_some_and(|next| indentation(next) > indent && !next.trim().is_empty());
        let head = code.trim_start();
        let goes_on = ["else", "elsif", "when ", "in ", "rescue", "ensure"]
            .iter()
            .any(|word| head.starts_with(word));
        if goes_in && !goes_on && opens_block(head, last) {
            self.open.push(indent);
        } else if !goes_in && opens_block(head, last) && !goes_on {
            self.ruby.glue("end\n", lines.at);
        }
    }

    /// `%name.class#id{…}(…)= ruby`.
    fn tag(&mut self, content: &str, at: usize, indent: usize, lines: &mut Lines<'_>) {
        let name_end = content[1..]
            .find(|letter: char| !letter.is_alphanumeric() && !"-_:.#@".contains(letter))
            .map_or(content.len(), |end| end + 1);
        let head = &content[..name_end];
        let name = head
            .strip_prefix('%')
            .map_or("div", |rest| rest.split(['.', '#']).next().unwrap_or("div"))
            .to_ascii_lowercase();
        let mut tag = Tag {
            name,
            attributes: Vec::new(),
            span: at..at + content.len(),
            surroundings: Surroundings::Live,
        };
        let mut hash = None;
        let whole = self.file.get(at..).unwrap_or("");
        let mut end = name_end;
        while let Some(open) = whole[end..].chars().next().filter(|open| "{([".contains(*open)) {
            let Some(length) = closing(&whole[end..]) else { break };
            let (inside, start) = (&whole[end + 1..end + length], at + end + 1);
            match open {
                '{' => {
                    self.ruby.glue(ATTRIBUTES, start);
                    self.ruby.glue("(", start);
                    let from = self.ruby.text.len();
                    self.ruby.add(inside, start);
                    hash = Some(start..start + (self.ruby.text.len() - from));
                    self.ruby.glue(")\n", start + inside.len());
                }
                '(' => tag.attributes.append(&mut written(inside)),
                _ => {}
            }
            end += length + 1;
        }
        // Attributes may go over several lines.
        lines.at = lines.at.max(
            self.file[at + end..]
                .find('\n')
                .map_or(self.file.len(), |rest| at + end + rest + 1),
        );
        let rest_end = lines.at.min(self.file.len()).max(at + end);
        let rest = self.file.get(at + end..rest_end).unwrap_or("").trim_end();
        self.tags.push(Open { tag, hash });
        let marks = rest.len() - rest.trim_start_matches(['<', '>', '/']).len();
        let (rest, rest_at) = (&rest[marks..], at + end + marks);
        match rest
            .strip_prefix("!=")
            .or(rest.strip_prefix("&="))
            .or(rest.strip_prefix('='))
        {
            Some(code) => self.ruby(code, rest_at + rest.len() - code.len(), indent, lines),
            None => self.text(rest, rest_at),
        }
    }

    /// Text with `#{…}` in it.
    fn text(&mut self, text: &str, at: usize) {
        let mut shown = String::new();
        let mut from = 0;
        while let Some(open) = text[from..].find("#{").map(|open| from + open) {
            let Some(end) = closing(&text[open + 1..]).map(|end| open + 1 + end) else {
                break;
            };
            shown += &text[from..open];
            shown += "{}";
            self.ruby.add(&text[open + 2..end], at + open + 2);
            self.ruby.glue("\n", at + end);
            from = end + 1;
        }
        shown += &text[from..];
        let trimmed = shown.trim();
        if trimmed.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            self.facts.texts.push(Text {
                text: trimmed.to_owned(),
                given_to: String::new(),
                argument_of: String::new(),
                span: at..at + text.len(),
                surroundings: Surroundings::Live,
            });
        }
    }
}

impl Open {
    /// The tag with what was read of its hash; that is then no call any more.
    fn with(self, ruby: &mut Facts, file: &str) -> Tag {
        let Self { mut tag, hash } = self;
        let Some(hash) = hash else { return tag };
        let is_it = |call: &crate::Call| {
            call.path == ATTRIBUTES && call.span.start <= hash.start && hash.end <= call.span.end + 1
        };
        let first = ruby.calls.partition_point(|call| call.span.start + 1 < hash.start);
        let place = (first..ruby.calls.len().min(first + 8)).find(|place| is_it(&ruby.calls[*place]));
        if let Some(place) = place {
            let call = &mut ruby.calls[place];
            tag.attributes.extend(
                call.arguments
                    .iter()
                    .filter(|argument| !argument.name.is_empty())
                    .map(|argument| attribute(argument, file)),
            );
            call.path.clear();
        }
        tag
    }
}

fn attribute(argument: &Argument, file: &str) -> (String, String) {
    let name = argument.name.to_ascii_lowercase().replace("data.", "data-");
    (name, tags::value(argument, file))
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// How far a bracket at the front is looked for its end.
const CLOSING_MAX: usize = 20_000;

/// Where the bracket that `text` begins with is closed; brackets in quotes do not count.
pub(crate) fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().take(CLOSING_MAX) {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'{' | b'(' | b'[') => depth += 1,
            (None, b'}' | b')' | b']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn ends_with_parameters(line: &str) -> bool {
    line.ends_with('|') && (line.contains("do |") || line.contains("{ |") || line.contains("do|"))
}

/// Whether Ruby waits for an `end`.
fn opens_block(head: &str, last: &str) -> bool {
    let word = head
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .next()
        .unwrap_or("");
    matches!(word, "if" | "unless" | "case" | "while" | "until" | "for" | "begin")
        || last.ends_with(" do")
        || (ends_with_parameters(last) && (last.contains(" do |") || last.contains(" do|")))
}
