//! Plain text and Markdown to parts, line by line.
//!
//! Start at [`read`]. One reader for both, because pages are copied from one to the other: bullets of any kind, headings by
//! `#`, underlining, bold or shape, tables with pipes or borders, HTML in between.

use super::inline;
use super::lines::{hashes, indent, is_directive, is_question, is_rule, is_short_line, is_table_rule, item, underline};
use super::text::Text;
use super::{Document, Part, grid, html, list, matter, pipe};

/// A page with a longer line is not wrapped: each of its lines is a paragraph.
const WRAPPED_MAX: usize = 200;
/// HTML elements that are read by the reader of HTML where they stand in a page.
const EMBEDDED: [&str; 11] = ["table", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "script"];

/// Takes a page apart.
pub(super) fn read(text: &str) -> Document {
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = Reader {
        wrapped: !lines
            .iter()
            .any(|line| line.chars().count() > WRAPPED_MAX && !line.contains('|')),
        marked: lines
            .iter()
            .any(|line| hashes(line).is_some_and(|(_, text)| !text.is_empty())),
        lines,
        at: 0,
        document: Document::default(),
        open: None,
    };
    reader.at = matter::read(&reader.lines, &mut reader.document);
    while reader.at < reader.lines.len() {
        reader.block();
    }
    reader.close();
    reader.document
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    at: usize,
    document: Document,
    /// Lines of one paragraph follow each other.
    wrapped: bool,
    /// Headings are marked with `#`, so shape alone makes none.
    marked: bool,
    /// The paragraph that is being read.
    open: Option<(u32, String)>,
}

impl<'a> Reader<'a> {
    fn line(&self, ahead: usize) -> &'a str {
        self.lines.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn number(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn block(&mut self) {
        let line = self.line(0);
        let text = line.trim();
        if text.is_empty() {
            self.close();
            self.at += 1;
        } else if let Some((level, text)) = hashes(line) {
            self.heading(level, false, text, 1);
        } else if text.starts_with("```") || text.starts_with("~~~") {
            self.fence(&text[..3]);
        } else if is_directive(line) {
            self.layout(1);
        } else if text.starts_with("<!--") {
            self.comment();
        } else if let Some(name) = embedded(text) {
            self.embedded(name);
        } else if self.starts_table() {
            self.table();
        } else if let Some(taken) = grid::starts(&self.lines[self.at..]) {
            self.close();
            let table = grid::read(
                &self.lines[self.at..self.at + taken],
                self.number(),
                &mut self.document.layout,
            );
            self.document.parts.push(Part::Table(table));
            self.at += taken;
        } else if let Some(level) = self.underlined() {
            self.heading(level, false, text, 2);
        } else if is_rule(line) {
            self.close();
            self.at += 1;
        } else if item(line).is_some_and(|(_, text)| !text.is_empty()) {
            self.close();
            let (items, taken) = list::read(&self.lines[self.at..], self.number(), &mut self.document.layout);
            self.document.parts.push(Part::List(items));
            self.at += taken;
        } else {
            self.prose(text);
        }
    }

    fn starts_table(&self) -> bool {
        let (line, next) = (self.line(0), self.line(1));
        let bars = |line: &str| line.matches('|').count();
        let ruled = line.contains('|') && is_table_rule(next);
        // Two lines with the same number of bars are a table whose rule was lost.
        let bare = |line: &str| bars(line) >= 2 && bars(line) == bars(next) && !is_table_rule(line);
        ruled || is_table_rule(line) && next.contains('|') || bare(line)
    }

    fn table(&mut self) {
        self.close();
        let end = (self.at..self.lines.len())
            .find(|at| !self.lines[*at].contains('|'))
            .unwrap_or(self.lines.len());
        // The heading of a further table ends this one.
        let further = (self.at + 2..end.saturating_sub(1)).find(|at| is_table_rule(self.lines[at + 1]));
        let end = further.unwrap_or(end).max(self.at + 1);
        let table = pipe::read(&self.lines[self.at..end], self.number(), &mut self.document.layout);
        self.document.parts.push(Part::Table(table));
        self.at = end;
    }

    fn underlined(&self) -> Option<u8> {
        let text = self.line(0).trim();
        let short = text.chars().count() <= 100 && !text.ends_with(['.', ':', ';', ',']) && !is_rule(text);
        let level = underline(self.line(1)).filter(|_| short && self.open.is_none() && item(text).is_none())?;
        Some(level)
    }

    fn heading(&mut self, level: u8, guessed: bool, text: &str, taken: usize) {
        self.close();
        let text = inline::read(self.number(), text, &mut self.document.layout);
        if !text.is_empty() {
            self.document.parts.push(Part::Heading { level, guessed, text });
        }
        self.at += taken;
    }

    fn layout(&mut self, taken: usize) {
        self.close();
        for ahead in 0..taken {
            let line = Text::new(
                self.number().saturating_add(u32::try_from(ahead).unwrap_or(0)),
                self.line(ahead),
            );
            self.document.layout.extend((!line.is_empty()).then_some(line));
        }
        self.at += taken;
    }

    fn fence(&mut self, fence: &str) {
        let rest = &self.lines[self.at + 1..];
        let inside = rest.iter().position(|line| line.trim_start().starts_with(fence));
        self.layout(inside.map_or(1, |inside| inside + 2));
    }

    fn comment(&mut self) {
        let rest = &self.lines[self.at..];
        let end = rest.iter().position(|line| line.contains("-->"));
        self.layout(end.map_or(1, |end| end + 1));
    }

    /// HTML in the page, up to the end of its element.
    fn embedded(&mut self, name: &str) {
        self.close();
        let (open, shut) = (format!("<{name}"), format!("</{name}"));
        let mut depth = 0_usize;
        let mut taken = 0;
        for line in &self.lines[self.at..] {
            taken += 1;
            let line = line.to_ascii_lowercase();
            depth = (depth + line.matches(&open).count()).saturating_sub(line.matches(&shut).count());
            if depth == 0 {
                break;
            }
        }
        let inner = html::read(&self.lines[self.at..self.at + taken].join("\n"), self.number());
        self.document.parts.extend(inner.parts);
        self.document.layout.extend(inner.layout);
        self.at += taken;
    }

    fn prose(&mut self, line: &str) {
        let quote = line.strip_prefix('>').map(str::trim_start);
        let text = quote.unwrap_or(line);
        let alone = self.open.is_none();
        let number = self.number();
        let ends_here = self.line(1).trim().is_empty();
        if text.is_empty() {
            self.close();
        } else if alone && is_bold_heading(text) && (ends_here || !self.wrapped || item(self.line(1)).is_some()) {
            return self.heading(7, true, text.trim_end_matches(':'), 1);
        } else if alone
            && is_question(text)
            && (ends_here || !self.wrapped || self.line(1).chars().next().is_some_and(char::is_uppercase))
        {
            return self.heading(6, false, text, 1);
        } else if alone && !self.marked && quote.is_none() && is_short_line(text) && (ends_here || !self.wrapped) {
            return self.heading(6, true, text, 1);
        } else {
            // "**Purpose:** …" under "**Name:** …": a line for each field.
            if text.starts_with("**") && (text.contains(":**") || text.contains("**:")) {
                self.close();
            }
            let goes_on = text.chars().next().is_some_and(|c| c.is_lowercase() || c == '(');
            if !self.wrapped && !goes_on {
                self.close();
            }
            let open = self.open.get_or_insert((number, String::new()));
            open.1.push(' ');
            open.1.push_str(text.trim_end_matches('\\'));
            // Two spaces or a backslash at its end break the line.
            let broken = self.lines[self.at].ends_with("  ") || text.ends_with('\\');
            if broken {
                self.close();
            }
        }
        self.at += 1;
    }

    fn close(&mut self) {
        let Some((line, text)) = self.open.take() else { return };
        let text = inline::read(line, &text, &mut self.document.layout);
        if !text.is_empty() {
            self.document.parts.push(Part::Paragraph(text));
        }
    }
}

/// A line that is bold as a whole: a heading, unless it is a sentence.
fn is_bold_heading(line: &str) -> bool {
    let inner = line
        .strip_prefix("**")
        .and_then(|rest| rest.trim_end_matches(':').strip_suffix("**"));
    let inner = inner.or_else(|| line.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")));
    inner.is_some_and(|inner| !inner.contains("**") && !inner.ends_with('.') && inner.split_whitespace().count() <= 12)
}

fn embedded(text: &str) -> Option<&'static str> {
    let rest = text.strip_prefix('<')?;
    let name: String = rest
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    EMBEDDED.into_iter().find(|known| *known == name)
}

/// Whether a line of a list's body begins something else.
pub(super) fn begins_block(line: &str) -> bool {
    let text = line.trim();
    hashes(line).is_some()
        || is_table_rule(line)
        || is_rule(line)
        || embedded(text).is_some()
        || text.starts_with("```")
        || is_directive(line)
        || indent(line) == 0 && is_bold_heading(text)
}
