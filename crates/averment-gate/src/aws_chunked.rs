//! The chunked uploads of AWS: `Content-Encoding: aws-chunked`, whose chunks carry signatures, and trailers behind them.
//!
//! Start at [`AwsChunked::feed`]. The content is taken out to be looked at; what is sent on is what came, because every
//! chunk is signed.
//!
//! Source: AWS Signature Version 4, "signature calculations: transferring payload in multiple chunks".

/// Size, `;chunk-signature=` and a signature.
const LINE_MAX_BYTES: usize = 1024;
/// Trailer lines together.
const TRAILERS_MAX_BYTES: usize = 16 << 10;

/// Name in lower case, and value.
pub(crate) type Trailer = (String, Vec<u8>);

/// The bytes are not what the encoding says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

#[derive(Debug, Default)]
enum State {
    #[default]
    Line,
    Chunk {
        left: u64,
    },
    ChunkEnd,
    Trailers,
    Done,
}

/// Takes the content out of chunks.
#[derive(Debug, Default)]
pub(crate) struct AwsChunked {
    state: State,
    line: Vec<u8>,
    trailers_bytes: usize,
    trailers: Vec<Trailer>,
}

/// Whether a value of `Content-Encoding` names it.
pub(crate) fn is_named(value: &[u8]) -> bool {
    value
        .split(|b| *b == b',')
        .any(|name| name.trim_ascii().eq_ignore_ascii_case(b"aws-chunked"))
}

impl AwsChunked {
    /// All of `body`: content and trailers.
    pub(crate) fn decode(body: &[u8]) -> Result<(Vec<u8>, Vec<Trailer>), Malformed> {
        let (mut chunks, mut out) = (Self::default(), Vec::new());
        chunks.feed(body, &mut out)?;
        if chunks.is_whole() {
            Ok((out, chunks.trailers))
        } else {
            Err(Malformed)
        }
    }

    /// Takes the content of the next bytes out.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        while !bytes.is_empty() {
            let taken = match &mut self.state {
                State::Chunk { left } => {
                    let taken = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    out.extend_from_slice(&bytes[..taken]);
                    *left -= taken as u64;
                    if *left == 0 {
                        self.state = State::ChunkEnd;
                    }
                    taken
                }
                State::Done => return Err(Malformed),
                State::Line | State::ChunkEnd | State::Trailers => self.take_line(bytes)?,
            };
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// Whether the last chunk and what follows it were there.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Whether trailers are what comes now, or came last.
    pub(crate) fn is_behind_content(&self) -> bool {
        matches!(self.state, State::Trailers | State::Done)
    }

    /// The trailers so far.
    pub(crate) fn trailers(&self) -> &[Trailer] {
        &self.trailers
    }

    fn take_line(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let end = bytes.iter().position(|b| *b == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(bytes.len());
        self.line.extend_from_slice(&bytes[..taken]);
        let bound = if matches!(self.state, State::Trailers) {
            TRAILERS_MAX_BYTES
        } else {
            LINE_MAX_BYTES
        };
        if self.line.len() > bound {
            return Err(Malformed);
        }
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            self.complete(line.strip_suffix(b"\r\n").ok_or(Malformed)?)?;
        }
        Ok(taken)
    }

    fn complete(&mut self, line: &[u8]) -> Result<(), Malformed> {
        self.state = match self.state {
            State::Line => match chunk_size(line).ok_or(Malformed)? {
                0 => State::Trailers,
                left => State::Chunk { left },
            },
            State::ChunkEnd if line.is_empty() => State::Line,
            State::Trailers if line.is_empty() => State::Done,
            State::Trailers => {
                self.trailer(line)?;
                State::Trailers
            }
            _ => return Err(Malformed),
        };
        Ok(())
    }

    fn trailer(&mut self, line: &[u8]) -> Result<(), Malformed> {
        self.trailers_bytes += line.len();
        let colon = line.iter().position(|b| *b == b':').ok_or(Malformed)?;
        let name = std::str::from_utf8(&line[..colon]).map_err(|_| Malformed)?;
        if name.is_empty() || self.trailers_bytes > TRAILERS_MAX_BYTES {
            return Err(Malformed);
        }
        let value = line[colon + 1..].trim_ascii().to_vec();
        self.trailers.push((name.to_ascii_lowercase(), value));
        Ok(())
    }
}

/// The size, if nothing but a signature stands beside it.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?;
    let (size, extension) = text
        .split_once(';')
        .map_or((text, None), |(size, rest)| (size, Some(rest)));
    let is_signature = extension.is_none_or(|extension| {
        let signature = extension.strip_prefix("chunk-signature=");
        signature.is_some_and(|signature| signature.bytes().all(|b| b.is_ascii_hexdigit() || b == b'*'))
    });
    let plain = (1..=15).contains(&size.len()) && size.bytes().all(|b| b.is_ascii_hexdigit());
    (plain && is_signature)
        .then(|| u64::from_str_radix(size, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests;
