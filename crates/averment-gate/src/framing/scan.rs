//! The automaton: where in a connection's bytes heads, bodies and chunks begin and end.

use super::head::{self, Follows};

/// A head beyond this is the parser's to refuse; the bound keeps memory flat.
const HEAD_MAX_BYTES: usize = 128 << 10;
/// Hex digits of a chunk's size and nothing else: chunk extensions could carry anything past every look.
const CHUNK_LINE_MAX_BYTES: usize = 18;
/// Trailer lines together.
const TRAILERS_MAX_BYTES: usize = 16 << 10;

/// What feeding bytes has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing wrong so far.
    Fine,
    /// The framing of this request (counted from 1) can be read in two ways.
    Ambiguous {
        /// Which.
        request: u32,
    },
}

#[derive(Debug)]
enum State {
    Head,
    Body { left: u64 },
    ChunkLine,
    Chunk { left: u64 },
    ChunkEnd,
    Trailers,
    Tunnel,
    Ambiguous,
}

/// The automaton. Holds at most one head.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    held: Vec<u8>,
    request: u32,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            state: State::Head,
            held: Vec::new(),
            request: 0,
        }
    }
}

impl Scanner {
    /// Takes the next bytes of the connection.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Step {
        while !bytes.is_empty() {
            let taken = self.advance(bytes);
            bytes = &bytes[taken..];
        }
        match self.state {
            State::Ambiguous => Step::Ambiguous { request: self.request },
            _ => Step::Fine,
        }
    }

    /// The number of the request whose head is under way: the first one from the beginning on, others from their first byte.
    /// What is refused stays so.
    pub(super) fn head_under_way(&self) -> Option<u32> {
        let is_under_way = match self.state {
            State::Head => self.request == 0 || !self.held.is_empty(),
            State::Ambiguous => true,
            _ => false,
        };
        is_under_way.then_some(self.request)
    }

    fn advance(&mut self, bytes: &[u8]) -> usize {
        match &mut self.state {
            State::Body { left } => {
                let taken = take(left, bytes);
                self.after_body();
                taken
            }
            State::Chunk { left } => {
                let taken = take(left, bytes);
                self.after_chunk();
                taken
            }
            State::Tunnel | State::Ambiguous => bytes.len(),
            State::Head | State::ChunkLine | State::ChunkEnd | State::Trailers => self.line(bytes),
        }
    }

    fn after_body(&mut self) {
        if matches!(self.state, State::Body { left: 0 }) {
            self.state = State::Head;
        }
    }

    fn after_chunk(&mut self) {
        if matches!(self.state, State::Chunk { left: 0 }) {
            self.state = State::ChunkEnd;
        }
    }

    /// Holds bytes up to the next line feed and looks at what they complete.
    fn line(&mut self, bytes: &[u8]) -> usize {
        let end = bytes.iter().position(|b| *b == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(bytes.len());
        self.held.extend_from_slice(&bytes[..taken]);
        let bound = match self.state {
            State::Head => HEAD_MAX_BYTES,
            State::Trailers => TRAILERS_MAX_BYTES,
            _ => CHUNK_LINE_MAX_BYTES,
        };
        if self.held.len() > bound {
            self.refuse();
        } else if end.is_some() {
            self.complete();
        }
        taken
    }

    fn complete(&mut self) {
        match self.state {
            State::Head => self.head_line(),
            State::ChunkLine => self.chunk_line(),
            State::ChunkEnd => self.expect_end_of_chunk(),
            State::Trailers => self.trailer_line(),
            _ => {}
        }
    }

    fn head_line(&mut self) {
        if self.held == b"\r\n" {
            // RFC 9112 2.2: an empty line before a request line is ignored.
            self.held.clear();
        } else if self.held.ends_with(b"\r\n\r\n") || self.held.ends_with(b"\n\n") || self.held.ends_with(b"\n\r\n") {
            self.request += 1;
            let follows = head::read(&self.held);
            self.held.clear();
            match follows {
                Some(Follows::Length(0)) => {}
                Some(Follows::Length(left)) => self.state = State::Body { left },
                Some(Follows::Chunks) => self.state = State::ChunkLine,
                Some(Follows::Tunnel) => self.state = State::Tunnel,
                None => self.refuse(),
            }
        }
    }

    fn chunk_line(&mut self) {
        let size = self.held.strip_suffix(b"\r\n").and_then(hexadecimal);
        self.held.clear();
        match size {
            Some(0) => self.state = State::Trailers,
            Some(left) => self.state = State::Chunk { left },
            None => self.refuse(),
        }
    }

    fn expect_end_of_chunk(&mut self) {
        let whole = self.held == b"\r\n";
        self.held.clear();
        if whole {
            self.state = State::ChunkLine
        } else {
            self.refuse()
        }
    }

    fn trailer_line(&mut self) {
        if self.held == b"\r\n" || self.held.ends_with(b"\r\n\r\n") {
            self.held.clear();
            self.state = State::Head;
        } else if !self.held.ends_with(b"\r\n") {
            self.refuse();
        }
    }

    fn refuse(&mut self) {
        // A head that never ended has no number yet; the parser will not make a request of it either.
        self.request = self.request.max(1);
        self.held = Vec::new();
        self.state = State::Ambiguous;
    }
}

fn take(left: &mut u64, bytes: &[u8]) -> usize {
    let taken = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
    *left -= taken as u64;
    taken
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    let plain = (1..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    plain
        .then(|| u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
        .flatten()
}
