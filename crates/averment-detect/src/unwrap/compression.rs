//! Content encodings: undone while counting, and put back.
//!
//! Output is made in small steps and every step is checked against the allowance, so that a declared size or a bomb costs
//! nothing. What a format carries beside its content (a gzip name, a zstd skippable frame) is handed out as asides.
//!
//! Source: RFC 1950, 1951, 1952 (deflate, gzip), RFC 7932 (brotli), RFC 8878 (zstd), RFC 9110 section 8.4.

use std::io::{Read, Write as _};

use flate2::Compression;

use super::Walk;
use super::base64::is_zlib;
use super::image::is_image;
use super::zip::is_zip;
use crate::span::{Edit, apply};
use crate::{Layer, UnreadableBecause};

/// Decoded bytes that are always allowed, whatever the ratio.
const RATIO_FREE: usize = 64 << 10;
/// Decoded bytes that are kept before it is known how many there are: what grows beyond is counted first, so that a bomb
/// takes time and no memory.
const KEPT_UNCOUNTED: usize = 256 << 10;
/// Output step, bytes.
const STEP: usize = 32 << 10;
/// zstd windows up to 8 MiB, RFC 9659.
const ZSTD_WINDOW_LOG: u32 = 23;

/// A content encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    /// As zip archives hold it: never with the header of zlib.
    RawDeflate,
    Brotli,
    Zstd,
    /// One that this program does not know.
    Unknown,
}

impl Coding {
    /// By its name in `Content-Encoding`; `None` for `identity`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "" | "identity" => None,
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => Some(Self::Unknown),
        }
    }

    /// By the first bytes of what it made. Brotli has no such mark.
    pub(crate) fn by_magic(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ if is_zlib(bytes) => Some(Self::Deflate),
            _ => None,
        }
    }

    fn layer(self) -> Layer {
        match self {
            Self::Gzip => Layer::Gzip,
            Self::Deflate | Self::RawDeflate | Self::Unknown => Layer::Deflate,
            Self::Brotli => Layer::Brotli,
            Self::Zstd => Layer::Zstd,
        }
    }
}

/// What came out.
#[derive(Default)]
struct Inflated {
    bytes: Vec<u8>,
    /// Decoded bytes, also where they are only counted.
    count: usize,
    only_count: bool,
    /// Text that travels beside the content.
    asides: Vec<Vec<u8>>,
    /// Why it is not all.
    fault: Option<UnreadableBecause>,
}

impl Inflated {
    /// Reads to the end or to `allowance`.
    fn take(&mut self, mut from: impl Read, allowance: usize) {
        let mut step = vec![0; STEP];
        loop {
            match from.read(&mut step) {
                Ok(0) => return,
                Ok(count) if self.count + count > allowance => return self.fail(UnreadableBecause::TooLarge),
                Ok(count) => self.keep(&step[..count]),
                Err(_) => return self.fail(UnreadableBecause::Malformed),
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.count += bytes.len();
        if !self.only_count {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn aside(&mut self, bytes: &[u8]) {
        if !self.only_count {
            self.asides.push(bytes.to_vec());
        }
    }

    fn fail(&mut self, because: UnreadableBecause) {
        self.fault.get_or_insert(because);
    }
}

impl Walk<'_> {
    /// Walks what `bytes` hold under `coding`; the content is walked by `inner`.
    pub(super) fn compressed(
        &mut self,
        bytes: &[u8],
        coding: Coding,
        inner: &mut dyn FnMut(&mut Self, &[u8]) -> Vec<Edit>,
    ) -> Vec<Edit> {
        let ratio = bytes.len().saturating_mul(self.limits.ratio_max).max(RATIO_FREE);
        let allowance = ratio.min(self.budget);
        self.layer(coding.layer(), |walk| {
            let inflated = inflate(bytes, coding, allowance);
            walk.inflated(bytes.len(), coding, inflated, inner)
        })
        .unwrap_or_default()
    }

    fn inflated(
        &mut self,
        encoded: usize,
        coding: Coding,
        mut inflated: Inflated,
        inner: &mut dyn FnMut(&mut Self, &[u8]) -> Vec<Edit>,
    ) -> Vec<Edit> {
        self.budget -= inflated.bytes.len().min(self.budget);
        if let Some(because) = inflated.fault {
            self.unreadable(because);
            self.frozen(|walk| inner(walk, &inflated.bytes));
            return Vec::new();
        }
        // A layer that is put together again has no asides: replacing a part of one removes all of them.
        let mut changed = false;
        for aside in std::mem::take(&mut inflated.asides) {
            changed |= !self.leaf(&aside).is_empty();
        }
        let edits = inner(self, &inflated.bytes);
        if edits.is_empty() && !changed {
            return Vec::new();
        }
        match deflate(&apply(&inflated.bytes, edits), coding) {
            Some(with) => vec![Edit {
                range: 0..encoded,
                with,
            }],
            None => {
                self.cannot_rewrite();
                Vec::new()
            }
        }
    }

    /// Walks something compressed that is known by its first bytes. `None`: it is not.
    pub(super) fn magic(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        if is_zip(bytes) {
            return Some(self.zip(bytes));
        }
        if is_image(bytes) {
            return Some(self.image(bytes));
        }
        if super::pdf::is_pdf(bytes) {
            return Some(self.pdf(bytes));
        }
        if super::plist::is_plist(bytes) {
            return Some(self.plist(bytes));
        }
        if super::bson::is_document(bytes) {
            return Some(self.bson(bytes));
        }
        let coding = Coding::by_magic(bytes)?;
        if coding == Coding::Deflate && !starts_as_zlib(bytes) {
            return None;
        }
        Some(self.compressed(bytes, coding, &mut |walk, content| walk.sniffed(content)))
    }
}

/// Two bytes are a weak mark: something must come out, too.
fn starts_as_zlib(bytes: &[u8]) -> bool {
    let mut first = [0; 1];
    flate2::bufread::ZlibDecoder::new(bytes)
        .read(&mut first)
        .is_ok_and(|count| count > 0)
}

/// What `bytes` hold; of more than `allowance` only the start.
fn inflate(bytes: &[u8], coding: Coding, allowance: usize) -> Inflated {
    let start = inflated(bytes, coding, allowance.min(KEPT_UNCOUNTED), false);
    if start.fault != Some(UnreadableBecause::TooLarge) || allowance <= KEPT_UNCOUNTED {
        return start;
    }
    if inflated(bytes, coding, allowance, true).fault == Some(UnreadableBecause::TooLarge) {
        return start;
    }
    inflated(bytes, coding, allowance, false)
}

fn inflated(bytes: &[u8], coding: Coding, allowance: usize, only_count: bool) -> Inflated {
    let mut out = Inflated {
        only_count,
        ..Inflated::default()
    };
    match coding {
        Coding::Gzip => gunzip(bytes, allowance, &mut out),
        Coding::Deflate => inflate_deflate(bytes, allowance, &mut out),
        Coding::RawDeflate => out.take(flate2::bufread::DeflateDecoder::new(bytes), allowance),
        Coding::Brotli => inflate_brotli(bytes, allowance, &mut out),
        Coding::Zstd => inflate_zstd(bytes, allowance, &mut out),
        Coding::Unknown => out.fail(UnreadableBecause::UnknownFormat),
    }
    out
}

/// What can be had of `bytes`, at most `most` decoded bytes, whatever ends the stream.
pub(super) fn decoded_part(bytes: &[u8], coding: Coding, most: usize) -> Vec<u8> {
    inflated(bytes, coding, most, false).bytes
}

/// What `bytes` hold when they are one stream of `coding` to the last byte; of more than `most` decoded bytes only the
/// start, up to a whole character.
pub(super) fn decoded_whole(bytes: &[u8], coding: Coding, most: usize) -> Option<Vec<u8>> {
    let mut out = Inflated::default();
    if coding == Coding::RawDeflate {
        let mut stream = flate2::bufread::DeflateDecoder::new(bytes);
        out.take(&mut stream, most);
        if out.fault.is_none() && !stream.into_inner().is_empty() {
            return None;
        }
    } else {
        out = inflated(bytes, coding, most, false);
    }
    match out.fault {
        None => Some(out.bytes),
        Some(UnreadableBecause::TooLarge) => {
            let valid = out.bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
            out.bytes.truncate(if valid + 4 > out.bytes.len() {
                valid
            } else {
                out.bytes.len()
            });
            Some(out.bytes)
        }
        Some(_) => None,
    }
}

/// All members, each with its name, comment and extra field.
fn gunzip(mut rest: &[u8], allowance: usize, out: &mut Inflated) {
    loop {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        out.take(&mut member, allowance);
        if let Some(header) = member.header() {
            let asides = [header.filename(), header.comment(), header.extra()];
            asides.into_iter().flatten().for_each(|aside| out.aside(aside));
        }
        rest = member.into_inner();
        if out.fault.is_some() || rest.iter().all(|b| *b == 0) {
            return;
        }
        if !rest.starts_with(&[0x1f, 0x8b]) {
            out.aside(rest);
            return out.fail(UnreadableBecause::Malformed);
        }
    }
}

/// `deflate` means zlib (RFC 9110 section 8.4.1.2), but some clients send the bare stream.
fn inflate_deflate(bytes: &[u8], allowance: usize, out: &mut Inflated) {
    if bytes.is_empty() {
        return;
    }
    let zlib =
        bytes.len() >= 2 && bytes[0] & 15 == 8 && (u16::from(bytes[0]) << 8 | u16::from(bytes[1])).is_multiple_of(31);
    let rest = if zlib {
        let mut stream = flate2::bufread::ZlibDecoder::new(bytes);
        out.take(&mut stream, allowance);
        stream.into_inner()
    } else {
        let mut stream = flate2::bufread::DeflateDecoder::new(bytes);
        out.take(&mut stream, allowance);
        stream.into_inner()
    };
    if !rest.is_empty() {
        out.fail(UnreadableBecause::Malformed);
    }
}

fn inflate_brotli(bytes: &[u8], allowance: usize, out: &mut Inflated) {
    use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, HeapAlloc};
    let mut state = BrotliState::new(HeapAlloc::new(0), HeapAlloc::new(0), HeapAlloc::default());
    let (mut left, mut at, mut total) = (bytes.len(), 0, 0);
    let mut step = vec![0; STEP];
    loop {
        let (mut room, mut made) = (STEP, 0);
        let result = BrotliDecompressStream(
            &mut left, &mut at, bytes, &mut room, &mut made, &mut step, &mut total, &mut state,
        );
        if out.count + made > allowance {
            return out.fail(UnreadableBecause::TooLarge);
        }
        out.keep(&step[..made]);
        match result {
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultSuccess if left == 0 => return,
            BrotliResult::ResultSuccess | BrotliResult::ResultFailure | BrotliResult::NeedsMoreInput => {
                return out.fail(UnreadableBecause::Malformed);
            }
        }
    }
}

/// All frames; skippable ones are asides.
fn inflate_zstd(mut rest: &[u8], allowance: usize, out: &mut Inflated) {
    while !rest.is_empty() {
        let size = zstd::zstd_safe::find_frame_compressed_size(rest)
            .ok()
            .filter(|size| (1..=rest.len()).contains(size));
        let Some(size) = size else {
            return out.fail(UnreadableBecause::Malformed);
        };
        let (frame, after) = rest.split_at(size);
        rest = after;
        if frame.len() >= 8 && frame[0] & 0xf0 == 0x50 && frame[1..4] == [0x2a, 0x4d, 0x18] {
            out.aside(&frame[8..]);
            continue;
        }
        let decoder = zstd::stream::read::Decoder::with_buffer(frame);
        match decoder.and_then(|mut stream| stream.window_log_max(ZSTD_WINDOW_LOG).map(|()| stream)) {
            Ok(stream) => out.take(stream, allowance),
            Err(_) => out.fail(UnreadableBecause::Malformed),
        }
        if out.fault.is_some() {
            return;
        }
    }
}

/// `bytes` under `coding` again. `None`: it cannot be put back.
fn deflate(bytes: &[u8], coding: Coding) -> Option<Vec<u8>> {
    match coding {
        Coding::Gzip => {
            let mut stream = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
            stream.write_all(bytes).ok()?;
            stream.finish().ok()
        }
        Coding::Deflate => {
            let mut stream = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
            stream.write_all(bytes).ok()?;
            stream.finish().ok()
        }
        Coding::Brotli => {
            let mut stream = brotli::CompressorWriter::new(Vec::new(), STEP, 5, 22);
            stream.write_all(bytes).ok()?;
            Some(stream.into_inner())
        }
        Coding::Zstd => zstd::stream::encode_all(bytes, 3).ok(),
        Coding::RawDeflate => {
            let mut stream = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
            stream.write_all(bytes).ok()?;
            stream.finish().ok()
        }
        Coding::Unknown => None,
    }
}
