//! Strings of a PDF, and what the operators of a page show of them.

/// Longest string that is kept, bytes.
const STRING_MAX: usize = 64 << 10;
/// Strings of one stream that are kept.
const STRINGS_MAX: usize = 20_000;
/// A gap between two pieces of a line, in thousandths of a letter, that is a space.
const SPACE: f64 = 180.0;

/// A token of a content stream.
enum Token {
    String(Vec<u8>),
    Number(f64),
    /// An operator or a name.
    Word(Vec<u8>),
    Open,
    Close,
}

struct Tokens<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Where the next string in angles may end: looked for once, or many open ones would cost a scan each.
    close: usize,
}

impl<'b> Tokens<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, close: 0 }
    }

    fn angles(&mut self) -> Option<&'b [u8]> {
        if self.close <= self.at {
            let rest = &self.bytes[self.at..];
            self.close = memchr::memchr(b'>', rest).map_or(usize::MAX, |end| self.at + end);
        }
        let inside = self.bytes.get(self.at + 1..self.close)?;
        (inside.len() <= STRING_MAX).then_some(inside)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let rest = &self.bytes[self.at..];
            match rest.first()? {
                b'(' => {
                    let (string, length) = literal(rest);
                    self.at += length;
                    return Some(Token::String(string));
                }
                b'<' if rest.get(1) != Some(&b'<') => {
                    let inside = self.angles();
                    self.at += inside.map_or(1, |inside| inside.len() + 2);
                    return Some(Token::String(inside.map(hexadecimal).unwrap_or_default()));
                }
                b'[' => {
                    self.at += 1;
                    return Some(Token::Open);
                }
                b']' => {
                    self.at += 1;
                    return Some(Token::Close);
                }
                b'%' => self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()),
                byte if is_regular(*byte) || *byte == b'/' => {
                    let length = 1 + rest[1..].iter().take_while(|b| is_regular(**b)).count();
                    self.at += length;
                    return Some(word(&rest[..length]));
                }
                _ => self.at += 1,
            }
        }
    }
}

fn is_regular(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && byte != 0 && !b"()<>[]{}/%".contains(&byte)
}

fn word(word: &[u8]) -> Token {
    let number = std::str::from_utf8(word)
        .ok()
        .filter(|text| text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)));
    match number.and_then(|text| text.parse().ok()) {
        Some(number) => Token::Number(number),
        None => Token::Word(word.to_vec()),
    }
}

/// A string in brackets, its escapes undone, and its length as it stands. Brackets inside come in pairs.
fn literal(bytes: &[u8]) -> (Vec<u8>, usize) {
    let (mut out, mut at, mut depth) = (Vec::new(), 1, 1);
    while let Some(byte) = bytes.get(at).filter(|_| out.len() < STRING_MAX) {
        at += 1;
        match byte {
            b'\\' => at += escape(&bytes[at..], &mut out),
            b'(' => {
                depth += 1;
                out.push(b'(');
            }
            b')' if depth == 1 => return (out, at),
            b')' => {
                depth -= 1;
                out.push(b')');
            }
            _ => out.push(*byte),
        }
    }
    (out, at)
}

fn escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let octal = rest.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
    if octal > 0 {
        let value = rest[..octal]
            .iter()
            .fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
        out.push(value as u8);
        return octal;
    }
    match rest.first() {
        Some(b'n') => out.push(b'\n'),
        Some(b'r') => out.push(b'\r'),
        Some(b't') => out.push(b'\t'),
        Some(b'\r') if rest.get(1) == Some(&b'\n') => return 2,
        Some(b'\n' | b'\r') => {}
        Some(other) => out.push(*other),
        None => return 0,
    }
    1
}

fn hexadecimal(inside: &[u8]) -> Vec<u8> {
    let digits: Vec<u32> = inside.iter().filter_map(|b| char::from(*b).to_digit(16)).collect();
    let bytes = digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair.get(1).copied().unwrap_or(0)) as u8);
    bytes.collect()
}

/// All strings of at least three bytes in brackets, and in angles where they have a mark of UTF-16.
pub(super) fn strings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let strings = Tokens::new(bytes).filter_map(|token| match token {
        Token::String(string) if string.len() >= 3 => Some(string),
        _ => None,
    });
    strings.take(STRINGS_MAX).collect()
}

/// What the text operators of a content stream show: the lines in order, each the bytes of its strings. A space between
/// two pieces is an empty entry, a line end one with a line end.
pub(super) fn shown(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut operands: Vec<Vec<u8>> = Vec::new();
    for token in Tokens::new(bytes) {
        match token {
            Token::String(string) => operands.push(string),
            Token::Number(gap) if gap < -SPACE && !operands.is_empty() => operands.push(Vec::new()),
            Token::Number(_) | Token::Open | Token::Close => {}
            Token::Word(word) => {
                match &word[..] {
                    b"Tj" | b"TJ" => out.append(&mut operands),
                    b"'" | b"\"" => {
                        out.push(b"\n".to_vec());
                        out.append(&mut operands);
                    }
                    b"Td" | b"TD" | b"T*" | b"Tm" | b"ET" => out.push(b"\n".to_vec()),
                    _ => {}
                }
                operands.clear();
            }
        }
        if out.len() + operands.len() > STRINGS_MAX {
            break;
        }
    }
    if out.iter().all(|piece| piece.len() < 2) {
        Vec::new()
    } else {
        out
    }
}
