//! Messages in a body: mail (`message/rfc822`), requests and responses in a batch (`application/http`).
//!
//! Source: RFC 5322 sections 2.1 and 2.2 (header fields, folding), RFC 2231 section 3 (parameters in pieces), RFC 9112
//! section 2.1; RFC 3676 section 4.2 for lines that flow on.

use super::Walk;
use super::body::Media;
use super::compression::Coding;
use super::escapes::{Plus, percent_decoded};
use super::multipart::{header, split_head};
use crate::Layer;
use crate::span::{Edit, shifted};

/// Fewest bytes of a text that is taken for mail without being declared so.
const MAIL_MIN: usize = 40;
/// How far from the start of a text the fields that tell mail may stand.
const HEAD_MAX: usize = 8 << 10;

/// Whether a text is mail by its first field and one that only mail has. Most texts fail at their first line.
pub(super) fn is_mail(text: &[u8]) -> bool {
    let name = text
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
        .count();
    if text.len() < MAIL_MIN || name < 2 || text.get(name) != Some(&b':') {
        return false;
    }
    let head = &text[..text.len().min(HEAD_MAX)];
    if memchr::memchr(b'\n', head).is_none() {
        return false;
    }
    let head = text[..text.len().min(HEAD_MAX)].to_ascii_lowercase();
    let has = |field: &[u8]| head.starts_with(&field[1..]) || memchr::memmem::find(&head, field).is_some();
    let is_mime = has(b"\nmime-version:") || has(b"\ncontent-transfer-encoding:") || has(b"\ncontent-type:");
    is_mime && (memchr::memmem::find(&head, b"\r\n\r\n").is_some() || memchr::memmem::find(&head, b"\n\n").is_some())
}

impl Walk<'_> {
    /// A message with header fields, whatever its first line is.
    pub(super) fn nested_message(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let walked = self.layer(Layer::Message, |walk| walk.fields_and_body(bytes));
        walked.unwrap_or_else(|| {
            self.frozen(|walk| walk.raw(bytes));
            Vec::new()
        })
    }

    fn fields_and_body(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let (head, body) = split_head(bytes);
        let head = &bytes[head];
        let field = |name: &str| header(head, name).unwrap_or_default();
        let media = Media::parsed(&field("content-type"));
        let codings: Vec<Coding> = field("content-encoding")
            .split(',')
            .filter_map(|name| Coding::named(name.trim()))
            .collect();
        let transfer = field("content-transfer-encoding").to_ascii_lowercase();
        let mut edits = self.message_head(head);
        let content = &bytes[body.clone()];
        let inside = if codings.is_empty() {
            self.transferred(content, &transfer, &media)
        } else {
            self.encoded_body(content, &codings, &media)
        };
        edits.extend(shifted(inside, body.start));
        edits
    }

    /// Header fields: each line, and what folding and pieces of parameters hide.
    pub(super) fn message_head(&mut self, head: &[u8]) -> Vec<Edit> {
        let before = self.inspection.findings.len();
        let edits = self.head(head);
        let folded = head
            .windows(2)
            .any(|pair| pair[0] == b'\n' && matches!(pair[1], b' ' | b'\t'));
        if folded && self.pay(head.len()) {
            let unfolded = String::from_utf8_lossy(head)
                .replace("\r\n", "\n")
                .replace("\n ", " ")
                .replace("\n\t", " ");
            self.also(before, |walk| walk.known(|walk| walk.leaf(unfolded.as_bytes())));
        }
        self.parameter_pieces(before, head);
        edits
    }

    /// Parameters that go on in the next: `filename*0="ada@sch"; filename*1="ool.example"`.
    pub(super) fn parameter_pieces(&mut self, before: usize, head: &[u8]) {
        if let Some(joined) = joined_parameters(head).filter(|joined| self.pay(joined.len())) {
            self.also(before, |walk| walk.known(|walk| walk.leaf(&joined)));
        }
    }

    /// A text whose lines flow on: the space at the end of one belongs to nothing where the type says so.
    pub(super) fn flowed(&mut self, before: usize, bytes: &[u8]) {
        let joined = String::from_utf8_lossy(bytes).replace(" \r\n", "").replace(" \n", "");
        if self.pay(joined.len()) {
            self.also(before, |walk| walk.known(|walk| walk.leaf(joined.as_bytes())));
        }
    }
}

/// The values of all parameters in pieces, joined in order, one per line. `None`: there is none.
fn joined_parameters(head: &[u8]) -> Option<Vec<u8>> {
    let _ = memchr::memmem::find(head, b"*0")?;
    let text = String::from_utf8_lossy(head);
    let mut joined: Vec<u8> = Vec::new();
    for parameter in text.split(';') {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let Some((_, number)) = name.trim().split_once('*') else {
            continue;
        };
        let (number, encoded) = number
            .strip_suffix('*')
            .map_or((number, false), |number| (number, true));
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        // The value may be the last of its line.
        let value = value
            .trim()
            .split(['\r', '\n'])
            .next()
            .unwrap_or_default()
            .trim_matches('"');
        let first = number.trim_start_matches('0').is_empty();
        if first {
            joined.push(b'\n');
        }
        let value = if first && encoded {
            value.splitn(3, '\'').last().unwrap_or(value)
        } else {
            value
        };
        match percent_decoded(value.as_bytes(), Plus::Itself).filter(|_| encoded) {
            Some(decoded) => joined.extend(decoded.bytes),
            None => joined.extend(value.as_bytes()),
        }
    }
    (!joined.is_empty()).then_some(joined)
}
