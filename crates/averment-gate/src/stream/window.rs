//! What is held back of a stream: cut into looks, so that nothing is released that could still be a part of a match.
//!
//! Start at [`Window::next`]. Three ways of cutting. **Documents** (JSON, lines of JSON, forms) are cut where one value
//! ends and the next begins, and each piece is shown as a document of its own, with the levels that are open around it.
//! **Frames** (gRPC) are cut as they say. Everything else is **text**: each look overlaps the last by half a window and
//! begins at the start of a word, so that whatever is no longer than that half is whole in one of the looks.
//!
//! When nothing comes for a while ([`Window::next_at_pause`]) less than a window may go on: whole lines, whole documents, and
//! text with half of the smallest window behind it. A text that begins like a document ([`Begins`]) does not: it is held, to be
//! read whole, as far as that goes.
//!
//! Invariant: what is released was looked at, with half a window behind it or at the end of a value. A run of letters and
//! digits longer than that could be the middle of something packed; it counts as unreadable.

use averment_detect::UnreadableBecause;
use serde::de::IgnoredAny;

use super::begins::Begins;
use super::events::Events;
use super::json_cut::JsonCut;
use crate::body;

/// The least that a window may be: longer than any identifier in any three encodings.
pub(super) const WINDOW_MIN_BYTES: usize = 4096;
/// What stays held of a text that pauses.
const HELD_AT_PAUSE: usize = WINDOW_MIN_BYTES / 2;
/// Lines of wrapped base64 are at least this long.
const LINE_MIN: usize = 16;
/// White space between two such lines.
const GAP_MAX: usize = 24;
/// Flag and length of a gRPC message.
const FRAME_HEAD: usize = 5;

/// How a stream is cut.
pub(super) enum Cut {
    /// Words.
    Text,
    /// At this byte; every piece is of this type.
    Delimited(u8, &'static str),
    /// One JSON document.
    Json(Box<JsonCut>),
    /// Messages of gRPC, or of Connect.
    Frames,
    /// Event streams of AWS.
    Events(Events),
}

/// What is looked at next.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// The piece as a body.
    pub(super) body: Vec<u8>,
    /// Its type; none: that of the request.
    pub(super) media: Option<&'static str>,
    /// How many held bytes go out when it may.
    pub(super) releases: usize,
    /// Why nothing can be said about it.
    pub(super) unread: Option<UnreadableBecause>,
}

/// Why no look can be made: a message that is too large to be held, or cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stuck {
    TooLarge,
    CutOff,
}

/// The held bytes.
pub(super) struct Window {
    cut: Cut,
    held: Vec<u8>,
    window_bytes: usize,
    hold_max_bytes: usize,
    /// What a text begins like, once its first bytes say.
    begins: Begins,
    /// Why the structure was given up: nothing from there on is read as well as it should be.
    given_up: Option<UnreadableBecause>,
}

impl Window {
    /// `hold_max_bytes`: a value may be as long as this.
    pub(super) fn new(cut: Cut, window_bytes: usize, hold_max_bytes: usize) -> Self {
        let window_bytes = window_bytes.clamp(WINDOW_MIN_BYTES, hold_max_bytes.max(WINDOW_MIN_BYTES));
        Self {
            cut,
            held: Vec::new(),
            window_bytes,
            hold_max_bytes: hold_max_bytes.max(window_bytes),
            begins: Begins::Unsaid,
            given_up: None,
        }
    }

    /// Takes the next bytes of the stream.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
        if self.begins == Begins::Unsaid {
            self.begins = Begins::of(&self.held);
        }
    }

    /// Whether what is held is the beginning of a text in UTF-8.
    pub(super) fn is_utf_8(&self) -> bool {
        body::is_utf_8(&self.held)
    }

    /// How much is held.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// Whether each look is a message of its own, which may be rewritten.
    pub(super) fn is_messages(&self) -> bool {
        matches!(self.cut, Cut::Frames)
    }

    /// Whether it is a call whose messages go both ways.
    pub(super) fn is_call(&self) -> bool {
        matches!(self.cut, Cut::Frames | Cut::Events(_))
    }

    /// Reads what is left as bytes without structure.
    pub(super) fn give_up_structure(&mut self) {
        self.cut = Cut::Text;
    }

    /// The next look; none when more has to come first. `ended`: nothing more comes.
    pub(super) fn next(&mut self, ended: bool) -> Result<Option<Look>, Stuck> {
        if self.held.is_empty() {
            return Ok(None);
        }
        match self.cut {
            Cut::Frames => return self.frame(ended),
            Cut::Events(_) => return self.event(ended),
            _ => {}
        }
        if !ended && self.held.len() < self.window_bytes {
            return Ok(None);
        }
        let look = match &mut self.cut {
            Cut::Json(json) => match json.look(&self.held, self.window_bytes, ended) {
                Ok(None) if self.held.len() >= self.hold_max_bytes => {
                    self.cut = Cut::Text;
                    Some(self.text(ended))
                }
                Ok(look) => look,
                Err(because) => {
                    self.give_up_because(because);
                    Some(self.text(ended))
                }
            },
            Cut::Delimited(delimiter, media) => {
                let (delimiter, media) = (*delimiter, *media);
                self.delimited(delimiter, media, ended)
            }
            Cut::Text | Cut::Frames | Cut::Events(_) => Some(self.text(ended)),
        };
        Ok(look.map(|look| self.with_fault(look)))
    }

    fn give_up_because(&mut self, because: UnreadableBecause) {
        self.cut = Cut::Text;
        self.given_up = Some(because);
    }

    fn with_fault(&self, look: Look) -> Look {
        Look {
            unread: look.unread.or(self.given_up),
            ..look
        }
    }

    /// What may go on although it is less than a window, because nothing more comes for now; none where what follows could
    /// belong to it. Call [`Self::next`] first.
    pub(super) fn next_at_pause(&mut self) -> Option<Look> {
        match &mut self.cut {
            Cut::Json(json) => match json.values(&self.held) {
                Ok(look) => look,
                Err(because) => {
                    self.give_up_because(because);
                    None
                }
            },
            Cut::Delimited(b'\n', media) => {
                let media = *media;
                self.lines_at_pause(media)
            }
            Cut::Text if self.begins == Begins::Words => self.text_at_pause(),
            Cut::Text => {
                // What may be a document is looked at in one piece, if it is no longer than one may be.
                self.window_bytes = self.hold_max_bytes;
                None
            }
            // The next pair of a form may be the other half of a name.
            Cut::Delimited(..) | Cut::Frames | Cut::Events(_) => None,
        }
    }

    /// All that is held, to be looked at and kept.
    pub(super) fn peek(&self) -> Option<Look> {
        let seen = &self.held[..whole_characters(&self.held)];
        (!seen.is_empty()).then(|| Look {
            body: seen.to_vec(),
            media: Some("text/plain"),
            releases: 0,
            unread: self.given_up,
        })
    }

    /// Gives the first `count` bytes away.
    pub(super) fn release(&mut self, count: usize) {
        self.held.drain(..count);
        if let Cut::Json(json) = &mut self.cut
            && count > 0
        {
            json.released();
        }
    }

    /// Lines up to the first that is no document: what is cut into lines in the middle of one is held, to be read as it comes.
    fn lines_at_pause(&self, media: &'static str) -> Option<Look> {
        let is_document = |line: &[u8]| {
            let line = line.trim_ascii();
            line.is_empty() || line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
        };
        let whole = self.held.iter().rposition(|b| *b == b'\n')? + 1;
        let lines = self.held[..whole].split_inclusive(|b| *b == b'\n');
        let end: usize = lines.take_while(|line| is_document(line)).map(<[u8]>::len).sum();
        (end > 0).then(|| Look {
            body: self.held[..end - 1].to_vec(),
            media: Some(media),
            releases: end,
            unread: None,
        })
    }

    fn text_at_pause(&self) -> Option<Look> {
        let most = self.held.len().checked_sub(HELD_AT_PAUSE)?;
        let releases = word_start(&self.held, most.min(self.held.len() - 1));
        (releases > 0).then(|| Look {
            body: self.held[..whole_characters(&self.held)].to_vec(),
            media: Some("text/plain"),
            releases,
            unread: None,
        })
    }

    fn delimited(&mut self, delimiter: u8, media: &'static str, ended: bool) -> Option<Look> {
        let within = self.held.len().min(self.window_bytes);
        let before = || self.held[..within].iter().rposition(|b| *b == delimiter);
        let behind = || self.held.iter().position(|b| *b == delimiter);
        let end = match before().or_else(behind) {
            _ if ended && within == self.held.len() => within,
            Some(at) => at + 1,
            None if ended => self.held.len(),
            None if self.held.len() < self.hold_max_bytes => return None,
            None => {
                self.cut = Cut::Text;
                return Some(self.text(ended));
            }
        };
        let piece = &self.held[..end];
        Some(Look {
            body: piece.strip_suffix(&[delimiter]).unwrap_or(piece).to_vec(),
            media: Some(media),
            releases: end,
            unread: None,
        })
    }

    fn text(&self, ended: bool) -> Look {
        let seen = &self.held[..self.held.len().min(self.window_bytes)];
        let most = seen.len().saturating_sub(self.window_bytes / 2);
        let (end, releases, unread) = if ended && seen.len() == self.held.len() {
            (seen.len(), seen.len(), None)
        } else {
            match word_start(seen, most) {
                0 => (whole_characters(seen), most, Some(UnreadableBecause::TooLarge)),
                start => (whole_characters(seen), start, None),
            }
        };
        Look {
            body: seen[..end].to_vec(),
            media: Some("text/plain"),
            releases,
            unread,
        }
    }

    fn frame(&self, ended: bool) -> Result<Option<Look>, Stuck> {
        let length = self.held.get(1..FRAME_HEAD).and_then(|bytes| bytes.first_chunk());
        let length = length.map(|bytes| u32::from_be_bytes(*bytes) as usize + FRAME_HEAD);
        let length = self.whole_message(length, ended)?;
        Ok(length.map(|length| Look {
            body: self.held[..length].to_vec(),
            media: None,
            releases: length,
            unread: None,
        }))
    }

    fn event(&mut self, ended: bool) -> Result<Option<Look>, Stuck> {
        let length = self.held.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize);
        let length = self.whole_message(length, ended)?;
        Ok(match &mut self.cut {
            Cut::Events(events) => length.map(|length| events.look(&self.held[..length])),
            _ => None,
        })
    }

    /// The length of the first message, once all of it is held.
    fn whole_message(&self, length: Option<usize>, ended: bool) -> Result<Option<usize>, Stuck> {
        match length {
            Some(length) if length > self.hold_max_bytes => Err(Stuck::TooLarge),
            Some(length) if (1..=self.held.len()).contains(&length) => Ok(Some(length)),
            Some(0) => Err(Stuck::CutOff),
            _ if ended => Err(Stuck::CutOff),
            _ => Ok(None),
        }
    }
}

/// Where the bytes end that are whole characters of UTF-8; what is none of it anyway is left as it is.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

/// The last place at or before `most` where a word begins, and nothing that may be one packed text goes on; 0 for none.
fn word_start(held: &[u8], most: usize) -> usize {
    let inside = held[..=most]
        .iter()
        .rev()
        .take(3)
        .take_while(|b| (0x80..0xc0).contains(*b))
        .count();
    let mut at = start_of_run(held, most - inside);
    loop {
        let gap = held[..at].iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
        let before = start_of_run(held, at - gap);
        let is_line = (1..=GAP_MAX).contains(&gap) && at - gap - before >= LINE_MIN;
        if !is_line {
            return at;
        }
        at = before;
    }
}

fn start_of_run(held: &[u8], end: usize) -> usize {
    let run = held[..end].iter().rev().take_while(|b| is_packed(**b)).count();
    end - run
}

/// Bytes of base64, base32, hexadecimal digits, percent escapes and backslash escapes in any alphabet.
fn is_packed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=%\\".contains(&byte)
}

#[cfg(test)]
mod tests;
