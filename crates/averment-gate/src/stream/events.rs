//! Messages of AWS event streams: headers with types, a payload, checksums. Signed ones hold another in their payload.
//!
//! Start at [`Events::look`]. The values of all headers are shown first, as one text: numbers, times and identifiers too. Then
//! come those that are bytes and no text, each by itself, and last the innermost payload, by the type that its headers name.
//! What is not shown so is unreadable.
//!
//! Source: the event stream encoding of AWS (`application/vnd.amazon.eventstream`), as Smithy describes it.

use averment_detect::UnreadableBecause;

use super::window::Look;

/// Total length, length of the headers, checksum of both.
const PRELUDE: usize = 12;
/// Checksum of the message.
const TAIL: usize = 4;
/// Messages inside each other.
const NESTING_MAX: usize = 4;
const OCTETS: &str = "application/octet-stream";
/// Headers of bytes that are no text, in one message: each is a look of its own.
const BYTES_MAX: usize = 8;
/// The signature of AWS Signature Version 4 over one message, in every one that is signed: no text, and no file either.
const SIGNATURE: &[u8] = b":chunk-signature";
const SIGNATURE_BYTES: usize = 32;
/// Letters and signs in a row that may be a text, in a signature.
const TEXT_MIN: usize = 4;

/// The messages of one stream.
#[derive(Default)]
pub(super) struct Events {
    /// How many looks there were at the message that comes next.
    looks: usize,
}

/// A message with those inside it.
#[derive(Default)]
struct Event<'b> {
    /// The values of all headers, one a line.
    texts: Vec<u8>,
    /// Those that are bytes and no text.
    bytes: Vec<&'b [u8]>,
    /// Of the innermost.
    media: &'static str,
    payload: &'b [u8],
}

/// The value of a header.
enum Value<'b> {
    Text(Vec<u8>),
    /// No text.
    Bytes(&'b [u8]),
}

impl Events {
    /// The next look at `message`, which is whole: its headers, or its payload.
    pub(super) fn look(&mut self, message: &[u8]) -> Look {
        let event = Event::read(message, 0).filter(|event| event.bytes.len() <= BYTES_MAX);
        let Some(event) = event else {
            self.looks = 0;
            return Look {
                body: message.to_vec(),
                media: Some(OCTETS),
                releases: message.len(),
                unread: Some(UnreadableBecause::Malformed),
            };
        };
        let heads = [(&event.texts[..], "text/plain")].into_iter();
        let bytes = event.bytes.iter().map(|bytes| (*bytes, OCTETS));
        let mut shown = heads.chain(bytes).filter(|(shown, _)| !shown.is_empty());
        let next = shown.nth(self.looks);
        self.looks = next.map_or(0, |_| self.looks + 1);
        let (body, media, releases) = match next {
            Some((shown, media)) => (shown, media, 0),
            None => (event.payload, event.media, message.len()),
        };
        Look {
            body: body.to_vec(),
            media: Some(media),
            releases,
            unread: None,
        }
    }
}

impl<'b> Event<'b> {
    /// None: it is none, or holds headers that cannot be followed.
    fn read(message: &'b [u8], depth: usize) -> Option<Self> {
        let length = |at: usize| Some(u32::from_be_bytes(*message.get(at..)?.first_chunk()?) as usize);
        let (total, headers) = (length(0)?, length(4)?);
        let is_whole = total == message.len() && headers <= total.checked_sub(PRELUDE + TAIL)?;
        if !is_whole || depth == NESTING_MAX {
            return None;
        }
        let (mut rest, payload) = message[PRELUDE..total - TAIL].split_at(headers);
        let mut event = Self {
            payload,
            media: media(""),
            ..Self::default()
        };
        while !rest.is_empty() {
            let (name, after) = taken(rest.get(1..)?, usize::from(rest[0]))?;
            let (value, after) = value(name, after)?;
            event.note(std::str::from_utf8(name).ok()?, value);
            rest = after;
        }
        Some(match Self::read(payload, depth + 1) {
            Some(inner) => Self {
                texts: [event.texts, inner.texts].concat(),
                bytes: [event.bytes, inner.bytes].concat(),
                ..inner
            },
            None => event,
        })
    }

    fn note(&mut self, name: &str, value: Value<'b>) {
        let text = match value {
            Value::Text(text) => text,
            Value::Bytes(bytes) => {
                self.bytes.push(bytes);
                Vec::new()
            }
        };
        if name == ":content-type" {
            self.media = media(&String::from_utf8_lossy(&text));
        }
        for part in [name.as_bytes(), b": ", &text, b"\n"] {
            self.texts.extend_from_slice(part);
        }
    }
}

/// The value at the front, of the header `name`, and what follows.
fn value<'b>(name: &[u8], bytes: &'b [u8]) -> Option<(Value<'b>, &'b [u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (length, from) = match kind {
        0 | 1 => (0, 0),
        2 => (1, 0),
        3 => (2, 0),
        4 => (4, 0),
        5 | 8 => (8, 0),
        6 | 7 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
        9 => (16, 0),
        _ => return None,
    };
    let (value, after) = taken(rest.get(from..)?, length)?;
    let text = match kind {
        0 => "true".to_owned(),
        1 => "false".to_owned(),
        2..=5 | 8 => number(value).to_string(),
        9 => identifier(value),
        7 => std::str::from_utf8(value).ok()?.to_owned(),
        _ => match std::str::from_utf8(value) {
            Ok(text) => text.to_owned(),
            Err(_) if name == SIGNATURE && length == SIGNATURE_BYTES => signature(value),
            Err(_) => return Some((Value::Bytes(value), after)),
        },
    };
    Some((Value::Text(text.into_bytes()), after))
}

/// A whole number of up to eight bytes, with its sign.
fn number(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| *byte >= 0x80) {
        -1
    } else {
        0
    };
    bytes.iter().fold(sign, |number, byte| (number << 8) | i64::from(*byte))
}

/// A UUID in both of its spellings.
fn identifier(bytes: &[u8]) -> String {
    let plain = hex(bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &plain[part]);
    format!("{} {plain}", parts.join("-"))
}

/// A signature, and what of it may be text: an identifier can stand in its place, too.
fn signature(bytes: &[u8]) -> String {
    let runs = bytes.split(|byte| !byte.is_ascii_graphic());
    let runs = runs.filter(|run| run.len() >= TEXT_MIN).map(String::from_utf8_lossy);
    let texts: Vec<_> = runs.collect();
    format!("{} {}", texts.join(" "), hex(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn taken(bytes: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    (length <= bytes.len()).then(|| bytes.split_at(length))
}

fn media(named: &str) -> &'static str {
    let essence = named.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "application/json" => "application/json",
        "text/plain" => "text/plain",
        _ => OCTETS,
    }
}

#[cfg(test)]
mod tests;
