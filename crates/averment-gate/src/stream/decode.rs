//! Content encodings of streams, undone as the bytes come: gzip, zlib and the chunks of AWS. What cannot be undone so is
//! unreadable: brotli, zstd, several encodings on each other, a second gzip member, a gzip head with fields of its own.
//!
//! Source: RFC 1950, RFC 1952; the chunked upload of AWS Signature Version 4.

use averment_detect::UnreadableBecause;
use flate2::{Decompress, FlushDecompress, Status};

use crate::aws_chunked::AwsChunked;

/// Decoded bytes that are always allowed, whatever the ratio.
const RATIO_FREE: u64 = 64 << 10;
/// Output step, bytes.
const STEP: usize = 32 << 10;
/// The head of a gzip member without fields.
const GZIP_HEAD: usize = 10;
/// Checksum and length.
const GZIP_TAIL: usize = 8;

/// One way of undoing.
pub(super) enum Decoder {
    /// Nothing to undo.
    Identity,
    Deflate(Inflate),
    AwsChunked(AwsChunked),
}

impl Decoder {
    /// For the values of `Content-Encoding`; none when the encoding cannot be undone piece by piece.
    pub(super) fn named(codings: &[String], ratio_max: usize) -> Option<Self> {
        match codings {
            [] => Some(Self::Identity),
            [one] => match one.as_str() {
                "gzip" | "x-gzip" => Some(Self::Deflate(Inflate::new(Head::Gzip(Vec::new()), ratio_max))),
                "deflate" => Some(Self::Deflate(Inflate::new(Head::Unknown, ratio_max))),
                "aws-chunked" => Some(Self::AwsChunked(AwsChunked::default())),
                _ => None,
            },
            _ => None,
        }
    }

    /// Undoes the next bytes.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<u8>, UnreadableBecause> {
        match self {
            Self::Identity => Ok(bytes.to_vec()),
            Self::Deflate(inflate) => inflate.feed(bytes),
            Self::AwsChunked(chunks) => {
                let mut out = Vec::new();
                chunks.feed(bytes, &mut out).map_err(|_| UnreadableBecause::Malformed)?;
                Ok(out)
            }
        }
    }

    /// Says that nothing more comes.
    ///
    /// # Errors
    /// When more should.
    pub(super) fn finish(&self) -> Result<(), UnreadableBecause> {
        let is_whole = match self {
            Self::Identity => true,
            Self::Deflate(inflate) => matches!(inflate.head, Head::Done(GZIP_TAIL)),
            Self::AwsChunked(chunks) => chunks.is_whole(),
        };
        is_whole.then_some(()).ok_or(UnreadableBecause::Malformed)
    }
}

enum Head {
    /// So far of a gzip head.
    Gzip(Vec<u8>),
    /// zlib or bare deflate: the first byte tells.
    Unknown,
    Inside {
        gzip: bool,
    },
    /// So many bytes behind the content.
    Done(usize),
}

/// An inflater that counts.
pub(super) struct Inflate {
    head: Head,
    inflate: Decompress,
    ratio_max: u64,
    taken: u64,
    made: u64,
}

impl Inflate {
    fn new(head: Head, ratio_max: usize) -> Self {
        Self {
            head,
            inflate: Decompress::new(false),
            ratio_max: ratio_max as u64,
            taken: 0,
            made: 0,
        }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<Vec<u8>, UnreadableBecause> {
        self.taken += bytes.len() as u64;
        let mut rest = self.skip_head(bytes)?;
        let mut out = Vec::new();
        while let Head::Inside { gzip } = self.head {
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let mut step = vec![0; STEP];
            let status = self.inflate.decompress(rest, &mut step, FlushDecompress::None);
            let status = status.map_err(|_| UnreadableBecause::Malformed)?;
            let made = usize::try_from(self.inflate.total_out() - before_out).unwrap_or(STEP);
            let taken = usize::try_from(self.inflate.total_in() - before_in).unwrap_or(rest.len());
            out.extend_from_slice(&step[..made]);
            rest = &rest[taken..];
            self.count(made as u64)?;
            match status {
                Status::StreamEnd => self.head = Head::Done(if gzip { 0 } else { GZIP_TAIL }),
                _ if made == 0 && (taken == 0 || rest.is_empty()) => return Ok(out),
                _ => {}
            }
        }
        self.skip_tail(rest)?;
        Ok(out)
    }

    fn count(&mut self, made: u64) -> Result<(), UnreadableBecause> {
        self.made += made;
        let is_bomb = self.made > RATIO_FREE && self.made > self.taken.saturating_mul(self.ratio_max);
        if is_bomb {
            Err(UnreadableBecause::TooLarge)
        } else {
            Ok(())
        }
    }

    fn skip_head<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], UnreadableBecause> {
        match &mut self.head {
            Head::Gzip(head) => {
                let (more, rest) = bytes.split_at(bytes.len().min(GZIP_HEAD - head.len()));
                head.extend_from_slice(more);
                match head.as_slice() {
                    // A name or comment in the head would travel beside the content.
                    [0x1f, 0x8b, 8, 0, _, _, _, _, _, _] => self.head = Head::Inside { gzip: true },
                    head if head.len() < GZIP_HEAD => {}
                    _ => return Err(UnreadableBecause::Malformed),
                }
                Ok(rest)
            }
            Head::Unknown => {
                let Some(first) = bytes.first() else { return Ok(bytes) };
                // Method 8 in the low digit and a window of at most 32 KiB: zlib. Bare deflate is sent by some clients.
                self.inflate = Decompress::new(first & 0x0f == 8 && first >> 4 <= 7);
                self.head = Head::Inside { gzip: false };
                Ok(bytes)
            }
            Head::Inside { .. } | Head::Done(_) => Ok(bytes),
        }
    }

    fn skip_tail(&mut self, rest: &[u8]) -> Result<(), UnreadableBecause> {
        match &mut self.head {
            Head::Done(seen) if *seen + rest.len() <= GZIP_TAIL => {
                *seen += rest.len();
                Ok(())
            }
            Head::Done(_) => Err(UnreadableBecause::Malformed),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
