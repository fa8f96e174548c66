//! Frames: the caller's are put together to messages, the recipient's are followed to where they end.
//!
//! Source: RFC 6455 5.2, 5.4, 5.5, 7.4.1, 8.1; close codes as IANA has them.

use crate::authority::provider;

pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;

/// Close codes.
pub(super) const GOING_AWAY: u16 = 1001;
pub(super) const PROTOCOL_ERROR: u16 = 1002;
pub(super) const NOT_TEXT: u16 = 1007;
pub(super) const REFUSED: u16 = 1008;
pub(super) const TOO_LARGE: u16 = 1009;
pub(super) const INTERNAL_ERROR: u16 = 1011;

const LAST: u8 = 0x80;
const MASKED: u8 = 0x80;
const CONTROL: u8 = 8;
const CONTROL_MAX_BYTES: u64 = 125;

/// A message, or a control frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// [`TEXT`], [`BINARY`] or a control frame's.
    pub(super) opcode: u8,
    pub(super) payload: Vec<u8>,
}

impl Message {
    /// Whether it may stand between the frames of another.
    pub(super) fn is_control(&self) -> bool {
        self.opcode & CONTROL != 0
    }
}

/// The head of a frame.
pub(super) struct Head {
    pub(super) last: bool,
    pub(super) opcode: u8,
    reserved: bool,
    mask: Option<[u8; 4]>,
    /// Whether the length is written in as few bytes as it can be, and is none that nothing can have.
    is_length_minimal: bool,
    pub(super) payload_bytes: u64,
    pub(super) head_bytes: usize,
}

impl Head {
    /// None: more bytes are needed.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        let (payload_bytes, length_end) = match second & 0x7f {
            126 => (u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)), 4),
            127 => (u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?), 10),
            short => (u64::from(short), 2),
        };
        let is_length_minimal = match length_end {
            4 => payload_bytes > 125,
            10 => payload_bytes > 0xffff && payload_bytes >> 63 == 0,
            _ => true,
        };
        let is_masked = second & MASKED != 0;
        let mask = match is_masked {
            true => Some(*bytes.get(length_end..)?.first_chunk()?),
            false => None,
        };
        Some(Self {
            last: first & LAST != 0,
            opcode: first & 0x0f,
            reserved: first & 0x70 != 0,
            mask,
            is_length_minimal,
            payload_bytes,
            head_bytes: length_end + if is_masked { 4 } else { 0 },
        })
    }

    pub(super) fn is_control(&self) -> bool {
        self.opcode & CONTROL != 0
    }

    /// Whether its payload is as it stands there.
    pub(super) fn is_plain(&self) -> bool {
        self.mask.is_none() && !self.reserved
    }
}

/// Puts the caller's frames together.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    held: Vec<u8>,
    /// A message whose last frame is not there yet.
    open: Option<Message>,
    /// How many bytes of it are known to be UTF-8, where it is text.
    text_bytes: usize,
}

impl Assembler {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// What of a message is there and not given yet.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.len() + self.open.as_ref().map_or(0, |message| message.payload.len())
    }

    /// The next message or control frame; none when more has to come.
    ///
    /// # Errors
    /// The code to close with.
    pub(super) fn next(&mut self, max_bytes: usize) -> Result<Option<Message>, u16> {
        while let Some(head) = Head::read(&self.held) {
            let mask = check(&head, self.open.as_ref())?;
            let so_far = self.open.as_ref().map_or(0, |message| message.payload.len() as u64);
            if !head.is_control() && head.payload_bytes.saturating_add(so_far) > max_bytes as u64 {
                return Err(TOO_LARGE);
            }
            let end = head.head_bytes + usize::try_from(head.payload_bytes).map_err(|_| TOO_LARGE)?;
            if self.held.len() < end {
                return Ok(None);
            }
            let mut payload = self.held[head.head_bytes..end].to_vec();
            apply(mask, &mut payload);
            self.held.drain(..end);
            if let Some(message) = self.take(&head, payload)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    fn take(&mut self, head: &Head, payload: Vec<u8>) -> Result<Option<Message>, u16> {
        let opcode = head.opcode;
        if head.is_control() {
            check_close(opcode, &payload)?;
            return Ok(Some(Message { opcode, payload }));
        }
        let message = match self.open.take() {
            None => Message { opcode, payload },
            Some(mut open) => {
                open.payload.extend_from_slice(&payload);
                open
            }
        };
        if message.opcode == TEXT {
            self.text_bytes += text_bytes(&message.payload[self.text_bytes..])?;
        }
        if !head.last {
            self.open = Some(message);
            return Ok(None);
        }
        let text_bytes = std::mem::take(&mut self.text_bytes);
        if message.opcode == TEXT && text_bytes < message.payload.len() {
            return Err(NOT_TEXT);
        }
        Ok(Some(message))
    }
}

/// How many bytes are UTF-8; what is left at the end may become it.
fn text_bytes(bytes: &[u8]) -> Result<usize, u16> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.len()),
        Err(error) if error.error_len().is_none() => Ok(error.valid_up_to()),
        Err(_) => Err(NOT_TEXT),
    }
}

/// A farewell has a code that may be sent, with words behind it, or nothing at all.
fn check_close(opcode: u8, payload: &[u8]) -> Result<(), u16> {
    if opcode != CLOSE || payload.is_empty() {
        return Ok(());
    }
    let (code, reason) = payload.split_first_chunk().ok_or(PROTOCOL_ERROR)?;
    if !matches!(u16::from_be_bytes(*code), 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(PROTOCOL_ERROR);
    }
    std::str::from_utf8(reason).map(drop).map_err(|_| NOT_TEXT)
}

fn check(head: &Head, open: Option<&Message>) -> Result<[u8; 4], u16> {
    let known = matches!(head.opcode, 0 | TEXT | BINARY | CLOSE..=10);
    let control_fits = !head.is_control() || head.last && head.payload_bytes <= CONTROL_MAX_BYTES;
    let continues = head.is_control() || (head.opcode == 0) == open.is_some();
    match head.mask {
        Some(mask) if known && control_fits && continues && !head.reserved && head.is_length_minimal => Ok(mask),
        _ => Err(PROTOCOL_ERROR),
    }
}

fn apply(mask: [u8; 4], payload: &mut [u8]) {
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// A whole message in one frame, masked as callers must; none when there are no random bytes.
pub(super) fn masked(opcode: u8, payload: &[u8]) -> Option<Vec<u8>> {
    let mut mask = [0; 4];
    provider().secure_random.fill(&mut mask).ok()?;
    let mut frame = head(opcode, payload.len(), MASKED);
    frame.extend_from_slice(&mask);
    let start = frame.len();
    frame.extend_from_slice(payload);
    apply(mask, &mut frame[start..]);
    Some(frame)
}

/// A closing frame, as recipients send it.
pub(super) fn close(code: u16, reason: &str) -> Vec<u8> {
    let payload = close_payload(code, reason);
    let mut frame = head(CLOSE, payload.len(), 0);
    frame.extend_from_slice(&payload);
    frame
}

/// A frame with a part of a message, as recipients send it.
pub(super) fn part(opcode: u8, last: bool, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(opcode, payload.len(), 0);
    if !last {
        frame[0] &= !LAST;
    }
    frame.extend_from_slice(payload);
    frame
}

pub(super) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason.as_bytes()[..reason.len().min(CONTROL_MAX_BYTES as usize - 2)];
    [&code.to_be_bytes()[..], reason].concat()
}

fn head(opcode: u8, length: usize, masked: u8) -> Vec<u8> {
    let mut head = vec![LAST | opcode];
    match length {
        0..=125 => head.push(masked | length as u8),
        126..=0xffff => {
            head.push(masked | 126);
            head.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            head.push(masked | 127);
            head.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    head
}

/// Follows frames that are passed on as they are.
#[derive(Debug, Default)]
pub(super) struct Follower {
    head: Vec<u8>,
    left: u64,
}

impl Follower {
    /// Where in `bytes` the last frame ends that ends in them; none when none does.
    pub(super) fn last_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let (mut at, mut end) = (0, None);
        while at < bytes.len() {
            if self.left == 0 {
                self.head.push(bytes[at]);
                at += 1;
                if let Some(head) = Head::read(&self.head) {
                    self.left = head.payload_bytes;
                    self.head.clear();
                }
            } else {
                let taken = usize::try_from(self.left).map_or(bytes.len() - at, |left| left.min(bytes.len() - at));
                self.left -= taken as u64;
                at += taken;
            }
            if self.left == 0 && self.head.is_empty() {
                end = Some(at);
            }
        }
        end
    }

    /// Whether a frame ended with the last byte.
    pub(super) fn is_between_frames(&self) -> bool {
        self.left == 0 && self.head.is_empty()
    }
}

#[cfg(test)]
mod tests;
