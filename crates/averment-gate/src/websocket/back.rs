//! What comes from the recipient, with pseudonyms turned back in messages of text.
//!
//! Start at [`TurningBack::feed`]. A message goes on as it comes, in as many frames as it came in or more: an end of a frame's
//! payload that may be the beginning of a pseudonym goes with what follows, and nothing is held beyond the end of a message.
//! Control frames, binary messages, and frames that break the protocol, go on as they are.
//!
//! Source: RFC 6455 5.2, 5.4.

use super::frames::{self, Head, TEXT};
use crate::turn_back::{Exchanges, Window};

/// The recipient's side of one conversation.
pub(super) struct TurningBack {
    window: Window,
    /// A head that is not whole, or a control frame.
    held: Vec<u8>,
    /// The payload under way.
    under_way: Option<Payload>,
    /// The opcode of the next frame of the text that is under way; none: no text is.
    text: Option<u8>,
}

struct Payload {
    left: u64,
    /// Of a text; and whether it is the last of it.
    of_text: Option<bool>,
}

impl TurningBack {
    pub(super) fn new(exchanges: Exchanges) -> Self {
        Self {
            window: Window::new(exchanges, true),
            held: Vec::new(),
            under_way: None,
            text: None,
        }
    }

    /// Takes the recipient's next bytes; gives those for the caller.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        while !bytes.is_empty() {
            bytes = match self.under_way.take() {
                Some(payload) => self.payload(payload, bytes, &mut out),
                None => self.head(bytes, &mut out),
            };
        }
        out
    }

    /// Takes bytes of a head; gives what is left of `bytes`.
    fn head<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
        let (first, rest) = bytes.split_at(1);
        self.held.extend_from_slice(first);
        let Some(head) = Head::read(&self.held) else {
            return rest;
        };
        let begins_text = head.opcode == TEXT;
        let is_text = head.is_plain() && (begins_text || head.opcode == 0 && self.text.is_some());
        if is_text {
            self.text = if begins_text { Some(TEXT) } else { self.text };
            self.held.clear();
        } else {
            out.append(&mut self.held);
        }
        let payload = Payload {
            left: head.payload_bytes,
            of_text: is_text.then_some(head.last),
        };
        // Nothing may follow that would take an empty payload further.
        self.payload(payload, &[], out);
        rest
    }

    /// Takes bytes of a payload; gives what is left of `bytes`.
    fn payload<'b>(&mut self, mut payload: Payload, bytes: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
        let count = usize::try_from(payload.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let (mine, rest) = bytes.split_at(count);
        payload.left -= mine.len() as u64;
        match payload.of_text {
            None => out.extend_from_slice(mine),
            Some(last) => self.text(mine, last && payload.left == 0, out),
        }
        if payload.left > 0 {
            self.under_way = Some(payload);
        }
        rest
    }

    fn text(&mut self, bytes: &[u8], ends: bool, out: &mut Vec<u8>) {
        let mut turned = self.window.feed(bytes);
        if ends {
            turned.extend(self.window.finish());
        }
        if ends || !turned.is_empty() {
            let opcode = self.text.replace(0).unwrap_or_default();
            out.extend(frames::part(opcode, ends, &turned));
        }
        if ends {
            self.text = None;
        }
    }
}

#[cfg(test)]
mod tests;
