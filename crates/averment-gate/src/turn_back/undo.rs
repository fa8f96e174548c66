//! Content encodings of answers, undone as the bytes come: gzip and deflate.
//!
//! Source: RFC 1950, RFC 1951, RFC 1952; RFC 9110 8.4.1.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::body::AnswerError;

/// What is fed at a time where something is undone: at most a thousand times as much comes out.
const STEP_BYTES: usize = 1 << 10;

/// One way of undoing.
pub(super) enum Undo {
    Nothing,
    /// One member; what came out of those before it.
    Gzip(GzDecoder<Vec<u8>>, Vec<u8>),
    /// zlib or bare deflate: the first byte tells.
    Unknown,
    Zlib(ZlibDecoder<Vec<u8>>),
    Deflate(DeflateDecoder<Vec<u8>>),
}

impl Undo {
    /// For a content coding; none where it cannot be undone.
    pub(super) fn named(coding: &str) -> Option<Self> {
        match coding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip(GzDecoder::new(Vec::new()), Vec::new())),
            "deflate" => Some(Self::Unknown),
            _ => None,
        }
    }

    /// How many bytes to feed at a time.
    pub(super) fn step(&self) -> usize {
        match self {
            Self::Nothing => usize::MAX,
            _ => STEP_BYTES,
        }
    }

    /// Undoes the next bytes.
    ///
    /// # Errors
    /// They are in another encoding.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<u8>, AnswerError> {
        if let (Self::Unknown, Some(first)) = (&self, bytes.first()) {
            // Method 8 in the low digit and a window of at most 32 KiB: zlib.
            *self = match first & 0x0f == 8 && first >> 4 <= 7 {
                true => Self::Zlib(ZlibDecoder::new(Vec::new())),
                false => Self::Deflate(DeflateDecoder::new(Vec::new())),
            };
        }
        let fed = match self {
            Self::Nothing | Self::Unknown => return Ok(bytes.to_vec()),
            Self::Gzip(decoder, before) => {
                members(decoder, before, bytes).and_then(|()| drained(decoder, GzDecoder::get_ref))
            }
            Self::Zlib(decoder) => decoder
                .write_all(bytes)
                .and_then(|()| drained(decoder, ZlibDecoder::get_ref)),
            Self::Deflate(decoder) => decoder
                .write_all(bytes)
                .and_then(|()| drained(decoder, DeflateDecoder::get_ref)),
        };
        fed.map_err(|_| AnswerError::Encoding)?;
        Ok(self.made())
    }

    /// What is left when no more comes.
    ///
    /// # Errors
    /// More should come.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>, AnswerError> {
        let finished = match self {
            Self::Nothing | Self::Unknown => Ok(()),
            Self::Gzip(decoder, _) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
        };
        finished.map_err(|_| AnswerError::Encoding)?;
        Ok(self.made())
    }

    fn made(&mut self) -> Vec<u8> {
        match self {
            Self::Nothing | Self::Unknown => Vec::new(),
            Self::Gzip(decoder, before) => [std::mem::take(before), std::mem::take(decoder.get_mut())].concat(),
            Self::Zlib(decoder) => std::mem::take(decoder.get_mut()),
            Self::Deflate(decoder) => std::mem::take(decoder.get_mut()),
        }
    }
}

/// Undoes `bytes` of one gzip member after another.
fn members(decoder: &mut GzDecoder<Vec<u8>>, before: &mut Vec<u8>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let taken = decoder.write(bytes)?;
        if taken == 0 {
            decoder.try_finish()?;
            before.append(decoder.get_mut());
            *decoder = GzDecoder::new(Vec::new());
        }
        bytes = &bytes[taken..];
    }
    Ok(())
}

/// Lets everything out that can be made of what was fed: an event must not wait for the next. (`flush` would panic on what
/// cannot be undone.)
fn drained<D: Write>(decoder: &mut D, made: impl Fn(&D) -> &Vec<u8>) -> io::Result<()> {
    loop {
        let before = made(decoder).len();
        _ = decoder.write(&[])?;
        if made(decoder).len() == before {
            return Ok(());
        }
    }
}
