//! Rich text: the text of a document, its control words taken out and its letters made whole.
//!
//! Source: Rich Text Format specification 1.9.1, "Control word", "Unicode support".

use super::Walk;
use super::charset::Charset;

const MAGIC: &[u8] = b"{\\rtf";

pub(super) fn is_rtf(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The text as a reader sees it. Destinations that no reader shows are text, too.
fn text_of(bytes: &[u8]) -> String {
    let charset = code_page(bytes);
    let mut out = String::with_capacity(bytes.len());
    // Letters of the code page that wait for their second byte.
    let mut waiting = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let goes_on = bytes[at..].starts_with(b"\\'") || !matches!(byte, b'\\' | b'{' | b'}');
        if !goes_on && !waiting.is_empty() {
            out.push_str(&charset.decode(&std::mem::take(&mut waiting)).text);
        }
        match byte {
            b'\\' => at += control(bytes, at, &mut out, &mut waiting),
            b'{' | b'}' | b'\r' | b'\n' => at += 1,
            _ => {
                waiting.push(*byte);
                at += 1;
            }
        }
    }
    out.push_str(&charset.decode(&waiting).text);
    out
}

/// The code page that `\ansicpg` tells.
fn code_page(bytes: &[u8]) -> Charset {
    let head = &bytes[..bytes.len().min(512)];
    let named = memchr::memmem::find(head, b"\\ansicpg").and_then(|at| {
        let digits = head[at + 8..].iter().take_while(|b| b.is_ascii_digit()).count();
        let number = std::str::from_utf8(&head[at + 8..at + 8 + digits]).ok()?;
        Charset::named(&format!("windows-{number}"))
    });
    named.unwrap_or(Charset::LATIN)
}

/// Reads the control at `at`; gives its length.
fn control(bytes: &[u8], at: usize, out: &mut String, waiting: &mut Vec<u8>) -> usize {
    match bytes.get(at + 1) {
        Some(b'\'') => {
            waiting.extend(super::escapes::hex_pair(bytes, at + 2));
            4
        }
        Some(b'~') => {
            out.push(' ');
            2
        }
        Some(letter) if letter.is_ascii_alphabetic() => word(bytes, at, out),
        Some(sign @ (b'\\' | b'{' | b'}')) => {
            out.push(char::from(*sign));
            2
        }
        _ => 2,
    }
}

/// Reads the control word at `at`, with its number and the space that ends it.
fn word(bytes: &[u8], at: usize, out: &mut String) -> usize {
    let name = bytes[at + 1..]
        .iter()
        .take(32)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let from = at + 1 + name;
    let minus = usize::from(bytes.get(from) == Some(&b'-'));
    let digits = bytes[from + minus..]
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let number = std::str::from_utf8(&bytes[from..from + minus + digits])
        .ok()
        .and_then(|text| text.parse::<i32>().ok());
    let mut end = from + if digits > 0 { minus + digits } else { 0 };
    end += usize::from(bytes.get(end) == Some(&b' '));
    match &bytes[at + 1..at + 1 + name] {
        b"u" => {
            if let Some(number) = number {
                out.push(char::from_u32((number & 0xffff) as u32).unwrap_or(char::REPLACEMENT_CHARACTER));
                // One letter follows for readers that know no Unicode.
                end += if bytes.get(end..end + 2) == Some(b"\\'") {
                    4
                } else {
                    usize::from(bytes.get(end).is_some_and(|b| !b"\\{}".contains(b)))
                };
            }
        }
        b"par" | b"line" | b"cell" | b"row" | b"page" => out.push('\n'),
        b"tab" => out.push('\t'),
        _ => {}
    }
    end - at
}

impl Walk<'_> {
    /// The known people in the text of a document, beside what its bytes show. Cannot be put back.
    pub(super) fn rtf_too(&mut self, before: usize, bytes: &[u8]) {
        if self.pay(bytes.len()) {
            let text = text_of(bytes);
            self.also(before, |walk| {
                walk.layer(crate::Layer::Rtf, |walk| walk.leaf(text.as_bytes()))
                    .unwrap_or_default()
            });
        }
    }
}
