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

/// The lines of a file with their numbers, a line that ends in a comma joined with the next.
pub(super) fn logical(text: &str) -> Vec<(u32, String)> {
    let mut found: Vec<(u32, String)> = Vec::new();
    let mut open = 0;
    for (index, line) in text.lines().enumerate() {
        let plain = line.trim_end();
        let joins = plain.ends_with(',') || plain.ends_with('\\');
        match found.last_mut().filter(|_| open > 0) {
            Some((_, last)) => {
                last.push(' ');
                last.push_str(plain.trim_start());
            }
            None => found.push((u32::try_from(index + 1).unwrap_or(u32::MAX), plain.to_owned())),
        }
        open = if joins && open < JOINED_MAX { open + 1 } else { 0 };
    }
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
            if let Some(rest) = self.rest.strip_prefix("do |").or_else(|| self.rest.strip_prefix("{ |")) {
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
