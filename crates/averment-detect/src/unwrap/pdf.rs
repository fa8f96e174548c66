//! PDF: the texts of its streams and strings, as far as they can be told without laying pages out.
//!
//! A document stays unreadable, whatever is found: letters may be placed one by one, in fonts that tell no letters, as
//! pixels, or encrypted. What is found counts all the same. Nothing is put back.
//!
//! Instead of following a page to its fonts, every table of letters in the document is tried on every text: where it is
//! the wrong one nonsense comes out, in which nobody known is found.
//!
//! Source: ISO 32000-1 sections 7.3.4 (strings), 7.3.8 (streams), 7.4 (filters), 9.4 (text), 9.10 (tables of letters).

mod content;
mod letters;

use super::Walk;
use super::compression::{Coding, decoded_part};
use crate::span::Edit;
use crate::{Layer, UnreadableBecause};
use content::{shown, strings};
use letters::Letters;

const MAGIC: &[u8] = b"%PDF-";
/// How far before a stream its dictionary may begin, bytes.
const DICTIONARY_MAX: usize = 4096;
/// Tables of letters that are tried on each text.
const TABLES_MAX: usize = 16;

pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// A stream as it stands, and whether deflate was applied to it and nothing else.
struct Stream<'b> {
    content: &'b [u8],
    packed: bool,
}

/// The streams that hold no image or font.
fn streams(bytes: &[u8], most: usize) -> Vec<Stream<'_>> {
    let mut found = Vec::new();
    let mut done = 0;
    for at in memchr::memmem::find_iter(bytes, b"stream") {
        let behind = &bytes[at + 6..];
        let line = behind.strip_prefix(b"\r\n").or_else(|| behind.strip_prefix(b"\n"));
        let Some(content) = line.filter(|_| at >= done && !bytes[..at].ends_with(b"end")) else {
            continue;
        };
        let Some(end) = memchr::memmem::find(content, b"endstream") else {
            break;
        };
        done = at + 6 + (behind.len() - content.len()) + end;
        let before = &bytes[at.saturating_sub(DICTIONARY_MAX)..at];
        let from = memchr::memmem::rfind(before, b" obj").unwrap_or(0);
        let dictionary = &before[from..];
        let has = |name: &[u8]| memchr::memmem::find(dictionary, name).is_some();
        if has(b"/Image") || has(b"/FontFile") || has(b"/Length1") || found.len() >= most {
            continue;
        }
        let filtered = has(b"/Filter");
        let packed = filtered && has(b"/FlateDecode") && !has(b"85Decode") && !has(b"HexDecode") && !has(b"/Crypt");
        if packed || !filtered {
            found.push(Stream {
                content: &content[..end],
                packed,
            });
        }
    }
    found
}

impl Walk<'_> {
    pub(super) fn pdf(&mut self, bytes: &[u8]) -> Vec<Edit> {
        self.unreadable(UnreadableBecause::UnknownFormat);
        let before = self.inspection.findings.len();
        self.frozen(|walk| walk.raw(bytes));
        self.also(before, |walk| {
            walk.known(|walk| walk.layer(Layer::Pdf, |walk| walk.pdf_texts(bytes)).unwrap_or_default())
        });
        Vec::new()
    }

    fn pdf_texts(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let contents: Vec<Vec<u8>> = streams(bytes, self.limits.parts_max)
            .iter()
            .filter_map(|stream| self.pdf_stream(stream))
            .collect();
        let tables: Vec<Letters> = contents
            .iter()
            .filter_map(|content| Letters::of(content))
            .take(TABLES_MAX)
            .collect();
        self.pdf_strings(bytes);
        for content in &contents {
            self.pdf_strings(content);
            let shown = shown(content);
            if shown.is_empty() {
                continue;
            }
            let plain = std::iter::once(letters::windows(&shown)).chain([letters::utf_16(&shown)]);
            let texts: Vec<String> = plain.chain(tables.iter().map(|table| table.read(&shown))).collect();
            for text in texts.into_iter().filter(|text| text.len() >= 3) {
                if self.pay(text.len()) {
                    let _ = self.leaf(text.as_bytes());
                }
            }
        }
        Vec::new()
    }

    /// What a stream holds, as far as the budget goes.
    fn pdf_stream(&mut self, stream: &Stream<'_>) -> Option<Vec<u8>> {
        if !stream.packed {
            return self.pay(stream.content.len()).then(|| stream.content.to_vec());
        }
        let ratio = stream.content.len().saturating_mul(self.limits.ratio_max);
        let content = decoded_part(stream.content, Coding::Deflate, ratio.min(self.budget));
        self.pay(content.len()).then_some(content)
    }

    /// The strings of a document's objects: titles, forms, remarks.
    fn pdf_strings(&mut self, bytes: &[u8]) {
        for text in strings(bytes) {
            let decoded = match text.strip_prefix(&[0xfe, 0xff]) {
                Some(wide) => letters::utf_16(&[wide.to_vec()]),
                None => letters::windows(&[text]),
            };
            if self.pay(decoded.len()) {
                let _ = self.leaf(decoded.as_bytes());
            }
        }
    }
}
