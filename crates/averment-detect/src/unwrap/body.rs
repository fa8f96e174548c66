//! A body, by what it says that it is and by what it is.
//!
//! Source: RFC 9110 sections 8.3 and 8.4; RFC 6839 for `+json`.

use super::Walk;
use super::charset::Charset;
use super::compression::Coding;
use super::escapes::is_mostly_text;
use super::items::Notation;
use super::json_walk::Texts;
use crate::UnreadableBecause;
use crate::matcher::Hint;
use crate::span::{Edit, shifted};

/// A parsed `Content-Type`.
#[derive(Default, Clone)]
pub(crate) struct Media {
    /// `type/subtype` in lower case; empty when there is none.
    essence: String,
    charset: String,
    pub(crate) boundary: Option<String>,
    /// Whether the space that ends a line is no part of the text (`delsp=yes`, RFC 3676).
    flowed: bool,
    /// How the messages in frames are compressed, where the frames say that they are.
    pub(crate) frame_coding: Option<Coding>,
}

/// How a body is read.
enum Reading {
    Json,
    JsonLines,
    Form,
    Multipart,
    Markup,
    Table,
    EventStream,
    Items(Notation),
    Protobuf,
    /// gRPC, in binary or in base64.
    Grpc,
    GrpcText,
    /// Mail, or a request of a batch.
    Message,
    Envelope,
    Bson,
    /// Lines that are cut anywhere.
    Folded,
    /// Text whose lines flow on without the space between.
    Flowed,
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
            flowed: parameter(value, "delsp").is_some_and(|value| value.eq_ignore_ascii_case("yes")),
            frame_coding: None,
        }
    }

    fn reading(&self) -> Reading {
        let (kind, subtype) = self.essence.split_once('/').unwrap_or_default();
        match (kind, subtype) {
            (_, subtype) if subtype.starts_with("grpc-web-text") => Reading::GrpcText,
            // Connect has the same frames.
            (_, subtype) if subtype.starts_with("grpc") || subtype.starts_with("connect+") => Reading::Grpc,
            (_, "msgpack" | "x-msgpack" | "vnd.msgpack") => Reading::Items(Notation::Msgpack),
            (_, "cbor" | "cbor-seq") => Reading::Items(Notation::Cbor),
            (_, subtype) if subtype.ends_with("+cbor") || subtype.ends_with("+cbor-seq") => {
                Reading::Items(Notation::Cbor)
            }
            (_, "protobuf" | "x-protobuf" | "vnd.google.protobuf" | "proto") => Reading::Protobuf,
            (_, subtype) if subtype.ends_with("+protobuf") || subtype.ends_with("+proto") => Reading::Protobuf,
            (_, "x-ndjson" | "ndjson" | "jsonl" | "x-json-stream" | "json-seq") => Reading::JsonLines,
            (_, "json" | "csp-report" | "jwk-set") => Reading::Json,
            (_, subtype) if subtype.ends_with("+json") => Reading::Json,
            (_, "x-www-form-urlencoded") => Reading::Form,
            ("multipart", _) => Reading::Multipart,
            ("message", "rfc822" | "global" | "http" | "partial") | (_, "http") => Reading::Message,
            (_, "x-sentry-envelope") => Reading::Envelope,
            (_, "bson" | "x-bson") => Reading::Bson,
            ("text", "vcard" | "x-vcard" | "directory" | "calendar" | "x-ldif" | "ldif") => Reading::Folded,
            ("text", "plain") if self.flowed => Reading::Flowed,
            (_, "xml" | "html") => Reading::Markup,
            (_, subtype) if subtype.ends_with("+xml") => Reading::Markup,
            (_, "csv" | "tab-separated-values") => Reading::Table,
            (_, "event-stream") => Reading::EventStream,
            ("text", _) | (_, "javascript" | "graphql" | "x-yaml" | "yaml" | "sql") => Reading::Text,
            _ => Reading::Sniffed,
        }
    }

    pub(super) fn charset(&self) -> &str {
        &self.charset
    }

    /// The same, decoded.
    pub(super) fn in_utf_8(&self) -> Self {
        Self {
            charset: String::new(),
            ..self.clone()
        }
    }

    /// Whether nothing says that a body is no text.
    pub(super) fn may_be_text(&self) -> bool {
        !matches!(
            self.reading(),
            Reading::Multipart
                | Reading::Items(_)
                | Reading::Protobuf
                | Reading::Bson
                | Reading::Message
                | Reading::Envelope
                | Reading::Grpc
                | Reading::GrpcText
        )
    }

    /// Character sets in which ASCII is ASCII, so that a body that has nothing else is read right.
    fn is_ascii_like(&self) -> bool {
        let single_byte = ["us-ascii", "ascii", "latin1"].contains(&self.charset.as_str());
        single_byte || self.charset.starts_with("iso-8859-") || self.charset.starts_with("windows-12")
    }

    fn is_utf_8(&self) -> bool {
        ["", "utf-8", "utf8"].contains(&self.charset.as_str())
    }

    /// The type of the messages in frames: `application/grpc+json`, protocol buffers where nothing is said.
    fn of_frames(&self) -> Self {
        let essence = match self.essence.split_once('+') {
            Some((_, "proto")) | None => "application/protobuf".to_owned(),
            Some((_, format)) => format!("application/{format}"),
        };
        Self {
            essence,
            ..Self::default()
        }
    }

    /// Whether a body that looks like UTF-16 is: its type is one of texts, or nothing in it is a control character.
    fn holds_text(&self, bytes: &[u8]) -> bool {
        match self.reading() {
            Reading::Multipart
            | Reading::Items(_)
            | Reading::Protobuf
            | Reading::Bson
            | Reading::Message
            | Reading::Envelope
            | Reading::Grpc
            | Reading::GrpcText => false,
            Reading::Sniffed => super::base64::is_utf_16(bytes),
            _ => true,
        }
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

pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && memchr::memchr(0, bytes).is_none()
}

/// Runs of letters with a zero behind each, one per line: texts of UTF-16 in a format that is not understood. `None`:
/// there is none.
fn wide_runs(bytes: &[u8]) -> Option<String> {
    memchr::memchr(0, bytes)?;
    let mut out = String::new();
    for order in 0..2 {
        let mut run = String::new();
        for unit in bytes.get(order..).unwrap_or_default().chunks_exact(2) {
            if unit[1] == 0 && (unit[0] >= b' ' && unit[0] != 0x7f) {
                run.push(char::from(unit[0]));
                continue;
            }
            if run.len() >= 4 {
                out.push_str(&run);
                out.push('\n');
            }
            run.clear();
        }
        out.push_str(&run);
        out.push('\n');
    }
    (out.len() > 5).then_some(out)
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
        if let Some(edits) = self.utf_32_body(bytes, media) {
            return edits;
        }
        if let Some(edits) = self.other_charset(bytes, media) {
            return edits;
        }
        match media.reading() {
            Reading::Multipart => self.multipart(bytes, media),
            Reading::Json => self.json_declared(bytes, Texts::One),
            Reading::JsonLines => self.json_declared(bytes, Texts::Lines),
            Reading::Form => self.form(bytes),
            Reading::Items(notation) => self.items_declared(bytes, notation),
            Reading::Protobuf => self.protobuf_declared(bytes),
            Reading::Bson => self.bson(bytes),
            Reading::Envelope => self.envelope(bytes),
            Reading::Message => self.nested_message(bytes),
            Reading::Grpc => self.grpc(bytes, &media.of_frames(), media.frame_coding),
            Reading::GrpcText => self.grpc_text(bytes, &media.of_frames(), media.frame_coding),
            _ if !is_text(bytes) => self.sniffed(bytes),
            Reading::Markup => self.markup(bytes),
            Reading::Table => self.table(bytes),
            Reading::EventStream => self.event_stream(bytes),
            Reading::Folded => self.folded_text(bytes),
            Reading::Flowed => {
                let before = self.inspection.findings.len();
                let edits = self.leaf(bytes);
                self.flowed(before, bytes);
                edits
            }
            Reading::Text => self.leaf(bytes),
            Reading::Sniffed => self.untyped(bytes),
        }
    }

    /// A body in another character set, decoded and then read by its type. `None`: it is UTF-8, or ASCII, or says
    /// nothing of itself.
    fn other_charset(&mut self, bytes: &[u8], media: &Media) -> Option<Vec<Edit>> {
        let utf_8 = Media {
            charset: String::new(),
            ..media.clone()
        };
        let marked = Charset::utf_16_of(bytes).filter(|_| media.holds_text(bytes));
        if let Some(charset) = marked {
            return Some(self.recoded(bytes, charset, |walk, text| walk.body(text, &utf_8)));
        }
        if media.is_utf_8() || media.is_ascii_like() && bytes.is_ascii() {
            return None;
        }
        match Charset::named(&media.charset) {
            // Declared as UTF-16, and yet a text without: two readers would read two texts.
            Some(charset) if charset.is_utf_16() && is_text(bytes) => Some(self.binary(bytes)),
            Some(charset) => {
                let before = self.inspection.findings.len();
                let edits = self.recoded(bytes, charset, |walk, text| walk.body(text, &utf_8));
                // Mislabelled UTF-8 is common, and read as what it is.
                self.raw_too(before, bytes);
                Some(edits)
            }
            None => Some(self.binary(bytes)),
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

    /// Text of no known type.
    fn untyped(&mut self, text: &[u8]) -> Vec<Edit> {
        if super::pdf::is_pdf(text) {
            return self.pdf(text);
        }
        let start = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
        let head = start[..start.len().min(14)].to_ascii_lowercase();
        let is_markup = [b"<?xml".as_slice(), b"<!doctype", b"<html"]
            .iter()
            .any(|mark| head.starts_with(mark));
        if is_markup { self.markup(text) } else { self.leaf(text) }
    }

    /// Bytes of no known type: compressed, text, or noted.
    pub(super) fn sniffed(&mut self, bytes: &[u8]) -> Vec<Edit> {
        if is_text(bytes) {
            return self.untyped(bytes);
        }
        match self
            .magic(bytes)
            .or_else(|| self.items_guess(bytes))
            .or_else(|| self.unmarked(bytes))
        {
            Some(edits) => edits,
            None => {
                // Many bytes are a message by chance: what is found in one counts, and the note stays.
                self.unreadable(UnreadableBecause::UnknownFormat);
                let before = self.inspection.findings.len();
                self.frozen(|walk| walk.raw(bytes));
                self.also(before, |walk| walk.protobuf_guess(bytes).unwrap_or_default());
                if is_mostly_text(bytes) {
                    self.also(before, |walk| {
                        walk.recoded(bytes, Charset::LATIN, |walk, text| walk.leaf(text))
                    });
                }
                Vec::new()
            }
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
        let mut at = 0;
        for run in bytes.split(|b| matches!(b, 0..=8 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f)) {
            if run.len() >= 3 {
                edits.extend(shifted(self.runs(run), at));
            }
            at += run.len() + 1;
        }
        if let Some(wide) = wide_runs(bytes) {
            edits.extend(self.known(|walk| walk.matched(&wide, Hint::None)));
        }
        edits
    }
}
