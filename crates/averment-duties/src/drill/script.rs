//! Plain dumps are scripts that `psql` runs, and `psql` obeys more than statements: its own commands start programs and connect
//! elsewhere. A dump of one database needs none of them.
//!
//! Start at [`command_in`]. Statements are read as `psql` reads them, so that a `\` in a text is none of its commands.

use std::io::{self, BufRead};

/// What a place in a script is within.
#[derive(Default)]
enum Within {
    /// A statement, or between two.
    #[default]
    Statement,
    /// `'`; whether `\` takes the character after it along.
    Text { escapes: bool },
    /// `"`.
    Name,
    /// `$tag$`.
    Dollars(Vec<u8>),
    /// `/*`, so many times.
    Comment(u32),
    /// The rows after `COPY`.
    Rows,
}

#[derive(Default)]
struct Script {
    within: Within,
    /// Whether a statement has begun.
    has_begun: bool,
}

/// The first line, from 1, that commands `psql` itself; none where there are only statements, the rows of tables, and the pair
/// by which dumps keep all other commands out.
pub(super) fn command_in(mut script: impl BufRead) -> io::Result<Option<u64>> {
    let (mut read, mut line) = (Script::default(), Vec::new());
    for number in 1.. {
        line.clear();
        if script.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if read.commands(&line) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

impl Script {
    fn commands(&mut self, line: &[u8]) -> bool {
        match self.within {
            Within::Rows => {
                if line.trim_ascii_end() == b"\\." {
                    self.within = Within::Statement;
                }
                return false;
            }
            Within::Statement if !self.has_begun => {
                if is_restriction(line) {
                    return false;
                }
                if rows_follow(line) {
                    self.within = Within::Rows;
                    return false;
                }
            }
            _ => {}
        }
        let mut at = 0;
        while at < line.len() {
            match self.step(line, at) {
                Some(bytes) => at += bytes,
                None => return true,
            }
        }
        false
    }

    /// How many bytes belong together; none for a command.
    fn step(&mut self, line: &[u8], at: usize) -> Option<usize> {
        let rest = &line[at..];
        match &mut self.within {
            Within::Statement => return self.statement(line, at),
            Within::Text { escapes: true } if rest[0] == b'\\' => return Some(2),
            Within::Text { .. } if rest[0] == b'\'' => self.within = Within::Statement,
            Within::Name if rest[0] == b'"' => self.within = Within::Statement,
            Within::Dollars(tag) if rest.starts_with(tag) => {
                let bytes = tag.len();
                self.within = Within::Statement;
                return Some(bytes);
            }
            Within::Comment(depth) if rest.starts_with(b"/*") => {
                *depth += 1;
                return Some(2);
            }
            Within::Comment(depth) if rest.starts_with(b"*/") => {
                *depth -= 1;
                if *depth == 0 {
                    self.within = Within::Statement;
                }
                return Some(2);
            }
            _ => {}
        }
        Some(1)
    }

    fn statement(&mut self, line: &[u8], at: usize) -> Option<usize> {
        let (before, rest) = line.split_at(at);
        let after_word = before.last().is_some_and(|byte| is_word(*byte));
        match rest[0] {
            b'\\' => return None,
            b'-' if rest.starts_with(b"--") => return Some(rest.len()),
            b'/' if rest.starts_with(b"/*") => {
                self.within = Within::Comment(1);
                return Some(2);
            }
            b';' => self.has_begun = false,
            byte if byte.is_ascii_whitespace() => {}
            // Rows that follow in another way than dumps write it would be read as statements.
            _ if !self.has_begun && rest.len() >= 4 && rest[..4].eq_ignore_ascii_case(b"copy") => return None,
            byte => {
                self.has_begun = true;
                match byte {
                    b'"' => self.within = Within::Name,
                    b'\'' => {
                        self.within = Within::Text {
                            escapes: escapes(before),
                        }
                    }
                    b'$' if !after_word => {
                        if let Some(tag) = tag(rest) {
                            self.within = Within::Dollars(tag.to_vec());
                            return Some(tag.len());
                        }
                    }
                    _ => {}
                }
            }
        }
        Some(1)
    }
}

/// `\restrict KEY` and `\unrestrict KEY`.
fn is_restriction(line: &[u8]) -> bool {
    let key = line
        .strip_prefix(b"\\restrict ")
        .or(line.strip_prefix(b"\\unrestrict "));
    key.is_some_and(|key| key.trim_ascii().iter().all(u8::is_ascii_alphanumeric))
}

/// `COPY public.users (id, "class") FROM stdin;` on a line of its own.
fn rows_follow(line: &[u8]) -> bool {
    let table = line.trim_ascii_end();
    let table = table
        .strip_prefix(b"COPY ")
        .and_then(|rest| rest.strip_suffix(b" FROM stdin;"));
    table.is_some_and(|table| {
        let is_plain = !table.iter().any(|byte| b";\\'$".contains(byte));
        let has_comment = table.windows(2).any(|two| two == b"--" || two == b"/*");
        let quotes = table.iter().filter(|byte| **byte == b'"').count();
        is_plain && !has_comment && quotes % 2 == 0
    })
}

/// Whether the text that begins here is written `E'…'`.
fn escapes(before: &[u8]) -> bool {
    match before {
        [.., word, b'e' | b'E'] => !is_word(*word),
        [b'e' | b'E'] => true,
        _ => false,
    }
}

fn tag(rest: &[u8]) -> Option<&[u8]> {
    let end = rest[1..].iter().position(|byte| *byte == b'$')?;
    let name = &rest[1..=end];
    let is_name = name.iter().all(|byte| is_word(*byte)) && !name.first().is_some_and(u8::is_ascii_digit);
    is_name.then(|| &rest[..end + 2])
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::command_in;

    #[test]
    fn a_dump_commands_nothing() {
        let dump = "\\restrict k3y\n-- a \\! comment\nSET standard_conforming_strings = on;\n/* \\! /* \\! */ */\n\
                    CREATE FUNCTION f() RETURNS text AS $body$\n\\! in a body\n$body$ LANGUAGE sql;\n\
                    COPY public.users (id, \"class\") FROM stdin;\n1\t\\N\n\\! a row\nit's \"one\n\\.\n\
                    INSERT INTO \"a\\b\" VALUES ('\\', E'\\'\n\\! in a text');\n\\unrestrict k3y\n";
        assert_eq!(command_in(dump.as_bytes()).unwrap(), None);
    }

    #[test]
    fn commands_are_found_wherever_they_stand() {
        for script in [
            "\\! touch here\n",
            "select 1 \\! touch here\n",
            "select ';';\n  \\connect prod\n",
            "copy users from stdin;\n'\n\\.\n\\! touch here\n",
            "/* */ COPY users FROM stdin;\n",
            "COPY users -- FROM stdin;\nTO stdout; \\! touch here\n",
            "COPY \"users FROM stdin;\n\" TO stdout; \\! touch here\n",
            "COPY users FROM stdin;\n1\n\\.\n\\! touch here\n",
            "\\restrict `touch here`\n",
            "select 'a\\' \\! touch here\n",
            "select $1$ \\! touch here\n",
        ] {
            assert!(command_in(script.as_bytes()).unwrap().is_some(), "{script}");
        }
    }
}
