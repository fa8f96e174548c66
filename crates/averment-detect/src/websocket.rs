//! WebSocket: from frames, in whatever pieces they arrive, to the messages that they make.
//!
//! Start at [`WebSocketMessages::push`]. One value reads one direction of one connection after the handshake. A frame is
//! unmasked, the fragments of a message are joined, `permessage-deflate` is undone, and a message is handed out when its
//! last frame is whole. What a message says is for [`crate::inspect`] to look at: its bytes are a body.
//!
//! Invariant: what is kept is bounded by the limits, and the first thing that is not as the standard says ends the
//! reading: two readers would go on differently.
//!
//! Source: RFC 6455 section 5; RFC 7692 section 7.

use flate2::{Decompress, FlushDecompress, Status};

/// Most bytes of the payload of a control frame, RFC 6455 section 5.5.
const CONTROL_MAX: usize = 125;
/// What a sender leaves off at the end of a compressed message, RFC 7692 section 7.2.1.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// Output step of decompression, bytes.
const STEP: usize = 16 << 10;

/// What is known of a connection from its handshake, and how much one message may take.
#[derive(Debug, Clone, Copy)]
pub struct WebSocketLimits {
    /// Bytes of one message, before and after decompression.
    pub message_max_bytes: usize,
    /// Frames of one message.
    pub frames_max: usize,
    /// Whether `permessage-deflate` was agreed upon.
    pub deflate: bool,
    /// Whether the sender forgets what it sent before each message (`…_no_context_takeover`).
    pub no_context_takeover: bool,
    /// Whether frames have to be masked: those of a client do, those of a server must not be.
    pub masked: bool,
}

impl Default for WebSocketLimits {
    fn default() -> Self {
        Self {
            message_max_bytes: 8 << 20,
            frames_max: 10_000,
            deflate: false,
            no_context_takeover: false,
            masked: true,
        }
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebSocketKind {
    /// UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// The end of the connection, with a code and a reason.
    Close,
    /// A question whether the other side is there.
    Ping,
    /// The answer.
    Pong,
}

/// One whole message. Holds a payload, so its `Debug` shows the length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct WebSocketMessage {
    /// What it is.
    pub kind: WebSocketKind,
    /// Its bytes: unmasked, joined, decompressed. Of a close message also the two bytes of the code.
    pub payload: Vec<u8>,
    /// Whether it came compressed.
    pub compressed: bool,
}

impl std::fmt::Debug for WebSocketMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}(<{} bytes>)", self.kind, self.payload.len())
    }
}

/// Why a connection cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebSocketError {
    /// Reserved bits or operation codes that nobody agreed upon.
    #[error("a frame uses an extension that was not agreed upon")]
    Extension,
    /// A frame of a client without a mask, or of a server with one.
    #[error("a frame is masked where it must not be, or not where it must")]
    Masking,
    /// A control frame in pieces or too long; a length not in its shortest form.
    #[error("a frame is not as the standard says")]
    Malformed,
    /// A piece without a beginning, or a beginning inside a message.
    #[error("the frames of two messages stand among each other")]
    Order,
    /// A text that is not UTF-8.
    #[error("a text is not UTF-8")]
    NotText,
    /// A compressed message that cannot be decompressed.
    #[error("a compressed message cannot be read")]
    NotDeflate,
    /// More than a limit allows.
    #[error("a message is larger or in more frames than the limit")]
    TooLarge,
}

/// A message whose last frame has not come.
struct Open {
    kind: WebSocketKind,
    compressed: bool,
    payload: Vec<u8>,
    frames: usize,
}

/// The head of a frame.
struct Head {
    last: bool,
    compressed: bool,
    code: u8,
    mask: Option<[u8; 4]>,
    /// Bytes of the head itself.
    length: usize,
    payload: usize,
}

/// Reads the frames of one direction of a connection.
pub struct WebSocketMessages {
    limits: WebSocketLimits,
    /// Bytes of a frame that is not whole.
    pending: Vec<u8>,
    open: Option<Open>,
    inflate: Decompress,
    fault: Option<WebSocketError>,
}

impl std::fmt::Debug for WebSocketMessages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebSocketMessages(<{} bytes pending>)", self.pending.len())
    }
}

impl WebSocketMessages {
    /// Begins with the first byte behind the handshake.
    pub fn new(limits: WebSocketLimits) -> Self {
        Self {
            limits,
            pending: Vec::new(),
            open: None,
            inflate: Decompress::new(false),
            fault: None,
        }
    }

    /// Takes bytes as they came and gives the messages that they complete, in order; control messages may stand between
    /// the pieces of another.
    ///
    /// # Errors
    /// [`WebSocketError`] from the first fault on, and the same again for every later call. The messages that were
    /// complete before the fault are lost with it: the connection is to be closed.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<WebSocketMessage>, WebSocketError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.pending.extend_from_slice(bytes);
        let read = self.read();
        self.fault = read.as_ref().err().copied();
        read
    }

    /// Whether everything that came was whole: nothing of a frame or message is missing.
    pub fn is_complete(&self) -> bool {
        self.fault.is_none() && self.pending.is_empty() && self.open.is_none()
    }

    fn read(&mut self) -> Result<Vec<WebSocketMessage>, WebSocketError> {
        let mut messages = Vec::new();
        let mut at = 0;
        while let Some(head) = head(&self.pending[at..], &self.limits)? {
            let start = at + head.length;
            if head.payload > self.limits.message_max_bytes {
                return Err(WebSocketError::TooLarge);
            }
            let Some(payload) = self.pending.get(start..start + head.payload) else {
                break;
            };
            let mut payload = payload.to_vec();
            if let Some(mask) = head.mask {
                payload
                    .iter_mut()
                    .zip(mask.iter().cycle())
                    .for_each(|(byte, mask)| *byte ^= mask);
            }
            at = start + head.payload;
            messages.extend(self.frame(&head, payload)?);
        }
        self.pending.drain(..at);
        Ok(messages)
    }

    fn frame(&mut self, head: &Head, payload: Vec<u8>) -> Result<Option<WebSocketMessage>, WebSocketError> {
        let kind = match head.code {
            0 => return self.piece(head, &payload),
            1 => WebSocketKind::Text,
            2 => WebSocketKind::Binary,
            8 => WebSocketKind::Close,
            9 => WebSocketKind::Ping,
            _ => WebSocketKind::Pong,
        };
        if head.code >= 8 {
            return Ok(Some(WebSocketMessage {
                kind,
                payload,
                compressed: false,
            }));
        }
        if self.open.is_some() {
            return Err(WebSocketError::Order);
        }
        let open = Open {
            kind,
            compressed: head.compressed,
            payload,
            frames: 1,
        };
        if head.last {
            return self.ended(open).map(Some);
        }
        self.open = Some(open);
        Ok(None)
    }

    fn piece(&mut self, head: &Head, payload: &[u8]) -> Result<Option<WebSocketMessage>, WebSocketError> {
        let mut open = self.open.take().ok_or(WebSocketError::Order)?;
        if head.compressed {
            return Err(WebSocketError::Extension);
        }
        open.frames += 1;
        if open.frames > self.limits.frames_max || open.payload.len() + payload.len() > self.limits.message_max_bytes {
            return Err(WebSocketError::TooLarge);
        }
        open.payload.extend_from_slice(payload);
        if head.last {
            return self.ended(open).map(Some);
        }
        self.open = Some(open);
        Ok(None)
    }

    fn ended(&mut self, open: Open) -> Result<WebSocketMessage, WebSocketError> {
        let payload = if open.compressed {
            self.inflated(&open.payload)?
        } else {
            open.payload
        };
        if open.kind == WebSocketKind::Text && std::str::from_utf8(&payload).is_err() {
            return Err(WebSocketError::NotText);
        }
        Ok(WebSocketMessage {
            kind: open.kind,
            payload,
            compressed: open.compressed,
        })
    }

    fn inflated(&mut self, payload: &[u8]) -> Result<Vec<u8>, WebSocketError> {
        if self.limits.no_context_takeover {
            self.inflate.reset(false);
        }
        let input = [payload, &TAIL].concat();
        let (mut out, mut read, mut step) = (Vec::new(), 0, vec![0; STEP]);
        loop {
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(&input[read..], &mut step, FlushDecompress::Sync)
                .map_err(|_| WebSocketError::NotDeflate)?;
            let taken = (self.inflate.total_in() - before_in) as usize;
            let made = (self.inflate.total_out() - before_out) as usize;
            read += taken;
            out.extend_from_slice(&step[..made]);
            if out.len() > self.limits.message_max_bytes {
                return Err(WebSocketError::TooLarge);
            }
            match status {
                // A final block ends the stream; the next message begins a new one.
                Status::StreamEnd => self.inflate.reset(false),
                Status::Ok | Status::BufError => {}
            }
            if made < STEP && (read >= input.len() || status == Status::StreamEnd || taken == 0) {
                let whole = read >= input.len() || status == Status::StreamEnd && input.len() - read <= TAIL.len() + 1;
                return if whole {
                    Ok(out)
                } else {
                    Err(WebSocketError::NotDeflate)
                };
            }
        }
    }
}

/// The head of the frame at the start of `bytes`. `Ok(None)`: it is not whole.
fn head(bytes: &[u8], limits: &WebSocketLimits) -> Result<Option<Head>, WebSocketError> {
    let [first, second, ..] = bytes else { return Ok(None) };
    let (code, compressed) = (first & 15, first & 0x40 != 0);
    let (last, masked) = (first & 0x80 != 0, second & 0x80 != 0);
    let control = code >= 8;
    if first & 0x30 != 0 || compressed && (control || !limits.deflate) || matches!(code, 3..=7 | 11..) {
        return Err(WebSocketError::Extension);
    }
    if masked != limits.masked {
        return Err(WebSocketError::Masking);
    }
    let (width, least) = match second & 0x7f {
        126 => (2, 126),
        127 => (8, 1 << 16),
        _ => (0, 0),
    };
    let Some(digits) = bytes.get(2..2 + width) else {
        return Ok(None);
    };
    let length = match width {
        0 => u64::from(second & 0x7f),
        _ => digits.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
    };
    if length < least || length >> 63 == 1 || control && (!last || length > CONTROL_MAX as u64) {
        return Err(WebSocketError::Malformed);
    }
    let payload = usize::try_from(length).map_err(|_| WebSocketError::TooLarge)?;
    if payload > limits.message_max_bytes {
        return Err(WebSocketError::TooLarge);
    }
    let mask = if masked {
        match bytes.get(2 + width..6 + width).and_then(|mask| mask.first_chunk()) {
            Some(mask) => Some(*mask),
            None => return Ok(None),
        }
    } else {
        None
    };
    Ok(Some(Head {
        last,
        compressed,
        code,
        mask,
        length: 2 + width + if masked { 4 } else { 0 },
        payload,
    }))
}

#[cfg(test)]
mod tests;
