//! One line of Ruby as a call: `t.string "email", limit: 255, null: false`.

use std::collections::BTreeMap;

/// Lines of one call that are joined at most.
const JOINED_MAX: usize = 60;

/// A call with what is written behind it.
#[derive(Debug, Default)]
pub(super) struct Call {
    /// The variable that it is called on.
    pub(super) receiver: Option<String>,
    pub(super) method: String,
    /// Strings and symbols in order.
    pub(super) arguments: Vec<String>,
    options: BTreeMap<String, String>,
    /// The variable of the block behind it.
    pub(super) block: Option<String>,
}

impl Call {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }
}

/// A line that may hold a call.
#[derive(Debug)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u32,
    /// With its indentation.
    pub(super) text: String,
    /// The text that is written below it: `<<~SQL`.
    pub(super) heredoc: Option<String>,
}

/// The statements of a file: a line that ends in a comma joined with the next, a block in one line taken apart.
pub(super) fn logical(text: &str) -> Vec<Line> {
    joined(text).into_iter().flat_map(apart).collect()
}

fn joined(text: &str) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let mut open = 0;
    let mut below: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(end) = below {
            match found.last_mut() {
                _ if line.trim() == end => below = None,
                Some(last) => {
                    let text = last.heredoc.get_or_insert_default();
                    text.push_str(line);
                    text.push('\n');
                }
                None => {}
            }
            continue;
        }
        let plain = line.trim_end();
        below = heredoc(plain);
        let joins = plain.ends_with(',') || plain.ends_with('\\');
        match found.last_mut().filter(|_| open > 0) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(plain.trim_start());
            }
            None => found.push(Line {
                number: u32::try_from(index + 1).unwrap_or(u32::MAX),
                text: plain.to_owned(),
                heredoc: None,
            }),
        }
        open = if joins && open < JOINED_MAX { open + 1 } else { 0 };
    }
    found
}

/// The word that ends the text below a line: `SQL` of `<<~SQL`.
fn heredoc(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("<<")?;
    let rest = rest.strip_prefix(['~', '-']).unwrap_or(rest);
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let end = rest
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .unwrap_or(rest.len());
    let word = &rest[..end];
    word.starts_with(|letter: char| letter.is_ascii_uppercase())
        .then_some(word)
}

/// Calls whose block in one line is as if it stood there by itself.
const WRAPPERS: [&str; 4] = ["safety_assured {", "up_only {", "dir.up {", "reversible {"];

/// `create_table(:a) { |t| t.string :b; t.date :c }` as the lines that it stands for.
fn apart(line: Line) -> Vec<Line> {
    let indent = line.text.len() - line.text.trim_start().len();
    if let Some(inside) = WRAPPERS
        .iter()
        .find_map(|word| line.text[indent..].strip_prefix(word)?.trim_end().strip_suffix('}'))
    {
        let inside = inside.trim();
        let inside = inside
            .strip_prefix('|')
            .and_then(|rest| rest.split_once('|'))
            .map_or(inside, |(_, rest)| rest);
        let text = format!("{}{}", " ".repeat(indent), inside.trim());
        return apart(Line { text, ..line });
    }
    let of_table = ["create_table", "change_table", "create_join_table"]
        .iter()
        .any(|word| line.text[indent..].starts_with(word));
    let body = line
        .text
        .find(" do |")
        .or_else(|| line.text.find("{ |"))
        .or_else(|| line.text.find("{|"))
        .filter(|_| of_table);
    let body = body.and_then(|at| Some(at + line.text[at..].find('|')?));
    let body = body.and_then(|at| Some(at + 1 + line.text[at + 1..].find('|')? + 1));
    let closed = ["}", " end"]
        .iter()
        .find_map(|end| line.text.strip_suffix(end))
        .map(str::len);
    let (head, inside, end) = match (body, closed) {
        (Some(from), Some(to)) if from <= to => (Some(&line.text[..from]), &line.text[from..to], Some("end")),
        _ if line.text.contains(';') => (None, &line.text[indent..], None),
        _ => return vec![line],
    };
    let blank = |count: usize| " ".repeat(count);
    let deeper = if head.is_some() { indent + 2 } else { indent };
    let inside = statements(inside)
        .into_iter()
        .map(|one| format!("{}{}", blank(deeper), one.trim()));
    let end = end.map(|end| format!("{}{end}", blank(indent)));
    let texts: Vec<String> = head.map(str::to_owned).into_iter().chain(inside).chain(end).collect();
    let lines = texts.into_iter().map(|text| Line {
        number: line.number,
        text,
        heredoc: line.heredoc.clone(),
    });
    lines.collect()
}

/// What stands between `;` that are in no string; nothing behind a `#`.
fn statements(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut quote, mut escaped, mut end) = (0, None, false, text.len());
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, ';') => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            (None, '#') => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    found.push(&text[start.min(end)..end]);
    found.retain(|one| !one.trim().is_empty());
    found
}

/// The call that a line is.
pub(super) fn call(line: &str) -> Option<Call> {
    let mut scan = Scan { rest: line };
    let first = scan.word()?;
    let mut call = Call::default();
    if scan.sign('.') {
        call.receiver = Some(first);
        call.method = scan.word()?;
    } else {
        call.method = first;
    }
    _ = scan.sign('(');
    while let Some(item) = scan.item() {
        match item {
            // Nothing positional stands behind options: this is inside of one, such as `default: ["a"]`.
            Item::Value(value) if call.options.is_empty() => call.arguments.push(value),
            Item::Value(_) => {}
            Item::Option(name, value) => _ = call.options.insert(name, value),
            Item::Block(variable) => {
                call.block = Some(variable);
                break;
            }
        }
    }
    Some(call)
}

enum Item {
    Value(String),
    Option(String, String),
    Block(String),
}

struct Scan<'a> {
    rest: &'a str,
}

impl Scan<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', ',']);
    }

    fn sign(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> Option<String> {
        let part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '?' || letter == '!';
        let end = self.rest.find(|letter| !part(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// A string between quotes, the first of which stands here.
    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
        let mut found = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            if letter == '\\' {
                found.extend(letters.next().map(|(_, letter)| letter));
            } else if letter == quote {
                self.rest = &self.rest[at + 1..];
                return Some(found);
            } else {
                found.push(letter);
            }
        }
        self.rest = "";
        Some(found)
    }

    fn item(&mut self) -> Option<Item> {
        loop {
            self.blanks();
            let block = ["do |", "{ |", "{|"]
                .into_iter()
                .find_map(|begin| self.rest.strip_prefix(begin));
            if let Some(rest) = block {
                let end = rest.find('|').unwrap_or(rest.len());
                return Some(Item::Block(rest[..end].trim().to_owned()));
            }
            let first = self.rest.chars().next()?;
            match first {
                '#' => return None,
                '"' | '\'' => {
                    let text = self.text()?;
                    return Some(self.named(text));
                }
                ':' if !self.rest.starts_with("::") => {
                    self.rest = &self.rest[1..];
                    let word = self.text().or_else(|| self.word())?;
                    return Some(self.named(word));
                }
                letter if letter.is_alphabetic() || letter == '_' => {
                    let word = self.word()?;
                    if self.rest.starts_with(':') && !self.rest.starts_with("::") {
                        self.rest = &self.rest[1..];
                        let value = self.value();
                        return Some(Item::Option(word, value));
                    }
                }
                other => self.rest = &self.rest[other.len_utf8()..],
            }
        }
    }

    /// `:name => value` is an option too.
    fn named(&mut self, word: String) -> Item {
        let rest = self.rest.trim_start();
        match rest.strip_prefix("=>") {
            Some(after) => {
                self.rest = after;
                Item::Option(word, self.value())
            }
            None => Item::Value(word),
        }
    }

    /// The value of an option: a string, a symbol, a word; of `{ … }` the value of `to_table` and nothing else.
    fn value(&mut self) -> String {
        self.rest = self.rest.trim_start();
        if let Some(text) = self.text() {
            return text;
        }
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest;
        }
        if let Some(rest) = self.rest.strip_prefix('{') {
            // `foreign_key: { to_table: :users }`: its options count as those of the call.
            self.rest = rest;
            return "true".to_owned();
        }
        self.word().unwrap_or_default()
    }
}
