//! Messages of AWS event streams: headers with types, a payload, checksums. Signed ones hold another in their payload.
//!
//! Start at [`Events::look`]. The texts of the headers are shown first, where they are not those of the message before, and
//! then the innermost payload, by the type that its headers name.
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
/// Letters and signs in a row that may be a text, in values that are not said to be one.
const TEXT_MIN: usize = 4;

/// The messages of one stream.
#[derive(Default)]
pub(super) struct Events {
    /// Texts of the headers that were shown last.
    shown: Vec<u8>,
    /// Whether those are of the message that comes next.
    is_next: bool,
}

/// A message with those inside it.
#[derive(Default)]
struct Event<'b> {
    /// The texts of all headers, one a line.
    texts: Vec<u8>,
    /// Of the innermost.
    media: &'static str,
    payload: &'b [u8],
}

impl Events {
    /// The next look at `message`, which is whole: its headers, or its payload.
    pub(super) fn look(&mut self, message: &[u8]) -> Look {
        let event = Event::read(message, 0);
        let Some(event) = event else {
            return Look {
                body: message.to_vec(),
                media: Some("application/octet-stream"),
                releases: message.len(),
                unread: Some(UnreadableBecause::Malformed),
            };
        };
        if !self.is_next && event.texts != self.shown {
            (self.shown, self.is_next) = (event.texts.clone(), true);
            return Look {
                body: event.texts,
                media: Some("text/plain"),
                releases: 0,
                unread: None,
            };
        }
        self.is_next = false;
        Look {
            body: event.payload.to_vec(),
            media: Some(event.media),
            releases: message.len(),
            unread: None,
        }
    }
}

impl<'b> Event<'b> {
    /// None: it is none, or holds headers that cannot be followed.
    fn read(bytes: &'b [u8], depth: usize) -> Option<Self> {
        let length = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
        let (total, headers) = (length(0)?, length(4)?);
        let is_whole = total == bytes.len() && headers <= total.checked_sub(PRELUDE + TAIL)?;
        if !is_whole || depth == NESTING_MAX {
            return None;
        }
        let (mut rest, payload) = bytes[PRELUDE..total - TAIL].split_at(headers);
        let mut event = Self {
            payload,
            media: media(""),
            ..Self::default()
        };
        while !rest.is_empty() {
            let (name, after) = taken(rest.get(1..)?, usize::from(rest[0]))?;
            let (value, after) = value(after)?;
            event.note(name, &value);
            rest = after;
        }
        Some(match Self::read(payload, depth + 1) {
            Some(inner) => Self {
                texts: [event.texts, inner.texts].concat(),
                ..inner
            },
            None => event,
        })
    }

    fn note(&mut self, name: &[u8], value: &[u8]) {
        if name == b":content-type" {
            self.media = media(&String::from_utf8_lossy(value));
        }
        for text in [
            &String::from_utf8_lossy(name).into_owned().into_bytes()[..],
            b": ",
            value,
            b"\n",
        ] {
            self.texts.extend_from_slice(text);
        }
    }
}

/// The text of the value at the front, and what follows. Of bytes and identifiers what looks like text; numbers have none.
fn value(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
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
        7 => std::str::from_utf8(value).ok()?.as_bytes().to_vec(),
        6 | 9 => texts(value),
        _ => Vec::new(),
    };
    Some((text, after))
}

/// What of `bytes` may be text: an identifier can stand in what is no text, too.
fn texts(bytes: &[u8]) -> Vec<u8> {
    let runs = bytes.split(|byte| !byte.is_ascii_graphic());
    let runs: Vec<&[u8]> = runs.filter(|run| run.len() >= TEXT_MIN).collect();
    runs.join(&b' ')
}

fn taken(bytes: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    (length <= bytes.len()).then(|| bytes.split_at(length))
}

fn media(named: &str) -> &'static str {
    let essence = named.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "application/json" => "application/json",
        "text/plain" => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
