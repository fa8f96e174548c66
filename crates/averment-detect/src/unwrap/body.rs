//! A body, by what it says that it is and by what it is.
//!
//! Source: RFC 9110 sections 8.3 and 8.4; RFC 6839 for `+json`.

use super::Walk;
use super::compression::Coding;
use super::json_walk::Texts;
use crate::UnreadableBecause;
use crate::span::Edit;

/// A parsed `Content-Type`.
#[derive(Default)]
pub(crate) struct Media {
    /// `type/subtype` in lower case; empty when there is none.
    essence: String,
    charset: String,
    pub(crate) boundary: Option<String>,
}

/// How a body is read.
enum Reading {
    Json,
    JsonLines,
    Form,
    Multipart,
    Text,
    /// By its bytes alone.
    Sniffed,
}

impl Media {
    pub(crate) fn parsed(value: &str) -> Self {
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = parameter(value, "charset").unwrap_or_default().to_ascii_lowercase();
        // Two boundaries: two readers would take different ones.
        let twice = value.to_ascii_lowercase().matches("boundary=").count() > 1;
        Self {
            essence,
            charset,
            boundary: parameter(value, "boundary").filter(|_| !twice),
        }
    }

    fn reading(&self) -> Reading {
        let (kind, subtype) = self.essence.split_once('/').unwrap_or_default();
        match (kind, subtype) {
            (_, "x-ndjson" | "ndjson" | "jsonl" | "x-json-stream" | "json-seq") => Reading::JsonLines,
            (_, "json" | "csp-report" | "jwk-set") => Reading::Json,
            (_, subtype) if subtype.ends_with("+json") => Reading::Json,
            (_, "x-www-form-urlencoded") => Reading::Form,
            ("multipart", _) => Reading::Multipart,
            ("text", _) | (_, "xml" | "javascript" | "graphql" | "x-yaml" | "yaml" | "sql" | "xhtml+xml") => {
                Reading::Text
            }
            (_, subtype) if subtype.ends_with("+xml") => Reading::Text,
            _ => Reading::Sniffed,
        }
    }

    /// Character sets in which ASCII is ASCII, so that a body that has nothing else is read right.
    fn is_ascii_like(&self) -> bool {
        let single_byte = ["", "utf-8", "utf8", "us-ascii", "ascii", "latin1"].contains(&self.charset.as_str());
        single_byte || self.charset.starts_with("iso-8859-") || self.charset.starts_with("windows-12")
    }

    /// Character sets in which ASCII bytes may stand for something else are not among these: UTF-16, UTF-7, ISO-2022.
    fn holds_ascii(&self) -> bool {
        const STARTS: [&str; 14] = [
            "utf8", "iso8859", "iso_8859", "cp125", "windows-", "ansi", "koi8", "euc-", "gb2312", "gbk", "gb18030",
            "big5", "shift", "mac",
        ];
        self.is_ascii_like() || STARTS.iter().any(|start| self.charset.starts_with(start))
    }
}

/// A parameter of a header value, unquoted.
pub(crate) fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (found, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after
                .split_once(';')
                .map_or((after, ""), |(found, _)| (found, &after[found.len()..])),
        };
        if key.trim_matches([' ', ';', '\t']).eq_ignore_ascii_case(name) {
            return Some(found.trim().to_owned());
        }
        rest = next;
    }
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && memchr::memchr(0, bytes).is_none()
}

impl Walk<'_> {
    /// A body under its content encodings, outermost last (as they stand in the header).
    pub(super) fn encoded_body(&mut self, bytes: &[u8], codings: &[Coding], media: &Media) -> Vec<Edit> {
        let Some((last, before)) = codings.split_last() else {
            return self.body(bytes, media);
        };
        if bytes.is_empty() {
            return Vec::new();
        }
        if *last == Coding::Unknown {
            self.unreadable(UnreadableBecause::UnknownFormat);
            self.frozen(|walk| walk.raw(bytes));
            return Vec::new();
        }
        self.compressed(bytes, *last, &mut |walk, content| {
            walk.encoded_body(content, before, media)
        })
    }

    /// A body without content encoding.
    pub(super) fn body(&mut self, bytes: &[u8], media: &Media) -> Vec<Edit> {
        if bytes.is_empty() {
            return Vec::new();
        }
        if !media.holds_ascii() || !media.is_ascii_like() && !bytes.is_ascii() {
            return self.binary(bytes);
        }
        match media.reading() {
            Reading::Multipart => self.multipart(bytes, media),
            Reading::Json => self.json_declared(bytes, Texts::One),
            Reading::JsonLines => self.json_declared(bytes, Texts::Lines),
            Reading::Form => self.form(bytes),
            Reading::Text | Reading::Sniffed if is_text(bytes) => self.leaf(bytes),
            Reading::Text | Reading::Sniffed => self.sniffed(bytes),
        }
    }

    /// A form; some clients label JSON as one, and what else is no text is none.
    fn form(&mut self, bytes: &[u8]) -> Vec<Edit> {
        if let Some(edits) = self.magic(bytes) {
            return edits;
        }
        if !is_text(bytes) {
            return self.binary(bytes);
        }
        if let Some(edits) = self.json_text(bytes) {
            return edits;
        }
        self.layer(crate::Layer::Form, |walk| walk.pairs(bytes))
            .unwrap_or_default()
    }

    /// Bytes of no known type: compressed, text, or noted.
    pub(super) fn sniffed(&mut self, bytes: &[u8]) -> Vec<Edit> {
        if is_text(bytes) {
            return self.leaf(bytes);
        }
        match self.magic(bytes) {
            Some(edits) => edits,
            None => self.binary(bytes),
        }
    }

    /// Bytes that cannot be decoded: noted, and their readable runs looked at.
    pub(super) fn binary(&mut self, bytes: &[u8]) -> Vec<Edit> {
        self.unreadable(UnreadableBecause::UnknownFormat);
        self.frozen(|walk| walk.raw(bytes));
        Vec::new()
    }

    /// The readable runs of bytes whose structure is not understood.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        for run in bytes
            .split(|b| matches!(b, 0..=8 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f))
            .filter(|run| run.len() >= 3)
        {
            edits.extend(self.runs(run));
        }
        edits
    }
}
