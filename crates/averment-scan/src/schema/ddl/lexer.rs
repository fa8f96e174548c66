//! SQL text as words, names, strings and signs, for all dialects that dumps are written in.

use std::borrow::Cow;

/// Whose SQL it is: whether `\` escapes in strings, and what `$$` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgres,
    Mysql,
    Mariadb,
    Sqlite,
}

/// Bytes at the beginning of a dump that tell who wrote it.
const HEAD_BYTES: usize = 256 << 10;

impl Dialect {
    /// By what dumps begin with, or else by how names are quoted.
    pub(super) fn of(text: &[u8]) -> Self {
        let head = String::from_utf8_lossy(&text[..text.len().min(HEAD_BYTES)]).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| head.contains(word));
        if has(&["mariadb dump", "-mariadb"]) {
            Self::Mariadb
        } else if has(&["mysql dump", "engine=innodb", "engine=myisam", "auto_increment"]) {
            Self::Mysql
        } else if has(&[
            "postgresql database dump",
            "pg_catalog",
            "character varying",
            "nextval(",
            "bigserial",
            "jsonb",
            " serial",
        ]) {
            Self::Postgres
        } else if has(&[
            "pragma foreign_keys",
            "sqlite_sequence",
            "autoincrement",
            "begin transaction",
        ]) {
            Self::Sqlite
        } else if has(&["`"]) {
            Self::Mysql
        } else {
            Self::Postgres
        }
    }

    fn backslash_escapes(self) -> bool {
        matches!(self, Self::Mysql | Self::Mariadb)
    }
}

/// One token with the line it begins at.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) line: u32,
    pub(super) what: What<'a>,
}

#[derive(Debug, Clone)]
pub(super) enum What<'a> {
    /// A keyword or a name without quotes, or a number.
    Word(Cow<'a, str>),
    /// A quoted name.
    Name(String),
    /// A string, escapes undone.
    Text(String),
    Symbol(u8),
}

impl Token<'_> {
    pub(super) fn is_symbol(&self, symbol: u8) -> bool {
        matches!(self.what, What::Symbol(found) if found == symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(&self.what, What::Word(found) if found.eq_ignore_ascii_case(word))
    }

    /// A name, quoted or not.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.what {
            What::Word(word) => Some(word),
            What::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.what {
            What::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Strings are kept up to this length: comments are shorter, and rows are nobody's business here.
const TEXT_MAX: usize = 4 << 10;

pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    dialect: Dialect,
    open: Option<u32>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8], dialect: Dialect) -> Self {
        let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self {
            text,
            at,
            line: 1,
            dialect,
            open: None,
        }
    }

    /// The line of a string that does not end.
    pub(super) fn open_string(&self) -> Option<u32> {
        self.open
    }

    /// Passes over the rows behind `COPY … FROM stdin;`.
    pub(super) fn skip_copied(&mut self) {
        self.line_end();
        while self.at < self.text.len() {
            let start = self.at;
            self.line_end();
            if self.text[start..self.at].trim_ascii_end() == b"\\." {
                return;
            }
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn line_end(&mut self) {
        match self.text[self.at..].iter().position(|byte| *byte == b'\n') {
            Some(length) => {
                self.at += length + 1;
                self.line = self.line.saturating_add(1);
            }
            None => self.at = self.text.len(),
        }
    }

    /// Passes over blanks and comments. `/*!40101` and `*/` are left out, what stands between them counts.
    fn blanks(&mut self) {
        while self.at < self.text.len() {
            match (self.peek(0), self.peek(1)) {
                (b'\n', _) => {
                    self.line = self.line.saturating_add(1);
                    self.at += 1;
                }
                (b'-', b'-') => self.line_end(),
                (b'#', _) if self.dialect.backslash_escapes() => self.line_end(),
                // Commands of the programs that dumps are fed to: `\connect`, `\restrict`.
                (b'\\', _) if self.at == 0 || self.text[self.at - 1] == b'\n' => self.line_end(),
                (b'/', b'*') if matches!(self.peek(2), b'!' | b'M') && self.dialect.backslash_escapes() => {
                    self.at += 2;
                    while matches!(self.peek(0), b'!' | b'M' | b'0'..=b'9') {
                        self.at += 1;
                    }
                }
                (b'/', b'*') => self.comment(),
                (b'*', b'/') => self.at += 2,
                (byte, _) if byte.is_ascii_whitespace() || byte == 0 => self.at += 1,
                _ => return,
            }
        }
    }

    fn comment(&mut self) {
        let line = self.line;
        self.at += 2;
        match memchr::memmem::find(&self.text[self.at..], b"*/") {
            Some(length) => self.advance(length + 2),
            None => {
                self.at = self.text.len();
                self.open = Some(line);
            }
        }
    }

    /// Goes on by so many bytes, counting lines.
    fn advance(&mut self, length: usize) {
        let end = (self.at + length).min(self.text.len());
        let lines = memchr::memchr_iter(b'\n', &self.text[self.at..end]).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = end;
    }

    /// What stands between two `quote`s, the first of which is at the place; doubled ones are one.
    fn quoted(&mut self, quote: u8, escapes: bool) -> String {
        let line = self.line;
        self.at += 1;
        let mut found: Vec<u8> = Vec::new();
        let keep = |bytes: &[u8], found: &mut Vec<u8>| {
            let room = TEXT_MAX.saturating_sub(found.len()).min(bytes.len());
            found.extend_from_slice(&bytes[..room]);
        };
        loop {
            let rest = &self.text[self.at..];
            let next = match escapes {
                true => memchr::memchr2(quote, b'\\', rest),
                false => memchr::memchr(quote, rest),
            };
            let Some(length) = next else {
                keep(rest, &mut found);
                self.at = self.text.len();
                self.open = Some(line);
                break;
            };
            keep(&rest[..length], &mut found);
            self.advance(length);
            if self.peek(0) == b'\\' {
                keep(&[unescaped(self.peek(1))], &mut found);
                self.advance(2);
            } else if self.peek(1) == quote {
                keep(&[quote], &mut found);
                self.at += 2;
            } else {
                self.at += 1;
                break;
            }
        }
        String::from_utf8_lossy(&found).into_owned()
    }

    /// `$tag$ … $tag$`; none where the sign begins no such thing.
    fn dollar(&mut self) -> Option<String> {
        let tag_end = self.text[self.at + 1..]
            .iter()
            .take(64)
            .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))?;
        let tag = &self.text[self.at..self.at + 1 + tag_end + 1];
        if tag.last() != Some(&b'$') || tag.get(1).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let line = self.line;
        let start = self.at + tag.len();
        let end = memchr::memmem::find(&self.text[start..], tag);
        let length = end.unwrap_or(self.text.len() - start);
        if end.is_none() {
            self.open = Some(line);
        }
        let body = &self.text[start..start + length.min(TEXT_MAX)];
        let body = String::from_utf8_lossy(body).into_owned();
        let tag = tag.len();
        self.advance(tag + length + if end.is_some() { tag } else { 0 });
        Some(body)
    }

    fn word(&mut self) -> Cow<'a, str> {
        let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|byte| !part(*byte)).unwrap_or(rest.len());
        self.at += length;
        String::from_utf8_lossy(&rest[..length.min(TEXT_MAX)])
    }
}

fn unescaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'0' => b' ',
        other => other,
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.blanks();
        if self.at >= self.text.len() {
            return None;
        }
        let line = self.line;
        let escapes = self.dialect.backslash_escapes();
        let what = match (self.peek(0), self.peek(1)) {
            (b'\'', _) => What::Text(self.quoted(b'\'', escapes)),
            (b'e' | b'E', b'\'') => {
                self.at += 1;
                What::Text(self.quoted(b'\'', true))
            }
            (b'"', _) => What::Name(self.quoted(b'"', false)),
            (b'`', _) => What::Name(self.quoted(b'`', false)),
            (b'$', _) if self.dialect == Dialect::Postgres => match self.dollar() {
                Some(text) => What::Text(text),
                None => {
                    self.at += 1;
                    What::Symbol(b'$')
                }
            },
            (byte, _) if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => What::Word(self.word()),
            (byte, _) => {
                self.at += 1;
                What::Symbol(byte)
            }
        };
        Some(Token { line, what })
    }
}
