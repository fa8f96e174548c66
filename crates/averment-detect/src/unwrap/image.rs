//! Images: what they say beside their pixels, read as text, and taken out.
//!
//! The pixels stay unreadable, and are noted so. A segment with something to be replaced in it is removed as a whole:
//! nobody needs it to show the image.
//!
//! Source: the PNG specification (third edition) sections 5 and 11.3; ITU-T T.81 annex B and JFIF; the WebP container
//! specification; GIF89a sections 24 and 26.

use std::ops::Range;

use super::Walk;
use super::compression::Coding;
use super::msgpack::big_endian;
use crate::span::{Edit, apply};
use crate::{Layer, UnreadableBecause};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Chunks that a picture is drawn with; all others only say something.
const PNG_DRAWN: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"hIST",
    b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT", b"cICP", b"mDCV", b"cLLI",
];

/// Which format.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Jpeg,
    WebP,
    Gif,
}

/// A part of the file that only says something.
struct Segment {
    range: Range<usize>,
    content: Range<usize>,
    /// Where zlib begins in the content, if it does.
    packed: Option<usize>,
}

impl Segment {
    fn plain(range: Range<usize>, content: Range<usize>) -> Self {
        Self {
            range,
            content,
            packed: None,
        }
    }
}

/// `image` without what it says beside its pixels: Exif, XMP, IPTC, comments, and whatever stands behind its end.
///
/// Knows PNG, JPEG, WebP and GIF. `None`: another format, or broken.
pub fn strip_metadata(image: &[u8]) -> Option<Vec<u8>> {
    let format = format_of(image)?;
    let segments = segments(image, format)?;
    Some(without(image, format, segments.iter()))
}

pub(super) fn is_image(bytes: &[u8]) -> bool {
    format_of(bytes).is_some()
}

fn format_of(bytes: &[u8]) -> Option<Format> {
    match bytes {
        _ if bytes.starts_with(PNG) => Some(Format::Png),
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        _ => None,
    }
}

fn segments(bytes: &[u8], format: Format) -> Option<Vec<Segment>> {
    match format {
        Format::Png => png(bytes),
        Format::Jpeg => jpeg(bytes),
        Format::WebP => webp(bytes),
        Format::Gif => gif(bytes),
    }
}

fn png(bytes: &[u8]) -> Option<Vec<Segment>> {
    let mut found = Vec::new();
    let mut at = PNG.len();
    loop {
        let length = usize::try_from(big_endian(bytes, at, 4)?).ok()?;
        let kind: &[u8; 4] = bytes.get(at + 4..at + 8)?.first_chunk()?;
        let content = at + 8..at + 8 + length;
        let range = at..content.end + 4;
        let data = bytes.get(content.clone())?;
        at = range.end;
        if kind == b"IEND" {
            break;
        }
        if !PNG_DRAWN.contains(&kind) {
            found.push(Segment {
                range,
                packed: png_packed(kind, data).map(|at| content.start + at),
                content,
            });
        }
    }
    found.extend((at < bytes.len()).then(|| Segment::plain(at..bytes.len(), at..bytes.len())));
    (at <= bytes.len()).then_some(found)
}

/// Where the compressed text of `zTXt` and `iTXt` begins.
fn png_packed(kind: &[u8; 4], data: &[u8]) -> Option<usize> {
    let keyword = memchr::memchr(0, data)?;
    match kind {
        b"zTXt" => Some(keyword + 2),
        b"iTXt" if data.get(keyword + 1) == Some(&1) => {
            let language = keyword + 3 + memchr::memchr(0, data.get(keyword + 3..)?)?;
            Some(language + 2 + memchr::memchr(0, data.get(language + 1..)?)?)
        }
        _ => None,
    }
}

fn jpeg(bytes: &[u8]) -> Option<Vec<Segment>> {
    let mut found = Vec::new();
    let mut at = 2;
    loop {
        let [0xff, marker] = *bytes.get(at..at + 2)? else {
            return None;
        };
        match marker {
            0xff => {
                at += 1;
                continue;
            }
            0xd9 => break,
            0xd0..=0xd7 | 0x01 => {
                at += 2;
                continue;
            }
            _ => {}
        }
        let length = usize::try_from(big_endian(bytes, at + 2, 2)?).ok()?.max(2);
        let range = at..at + 2 + length;
        let content = at + 4..range.end;
        let data = bytes.get(content.clone())?;
        at = range.end;
        let profile = marker == 0xe2 && data.starts_with(b"ICC_PROFILE");
        if matches!(marker, 0xe1..=0xed | 0xef | 0xfe) && !profile {
            found.push(Segment::plain(range, content));
        }
        if marker == 0xda {
            at = scan_end(bytes, at)?;
        }
    }
    let end = at + 2;
    found.extend((end < bytes.len()).then(|| Segment::plain(end..bytes.len(), end..bytes.len())));
    Some(found)
}

/// The next marker behind a scan: 0xff that neither a zero nor a restart follows.
fn scan_end(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(0xff, bytes.get(from..)?)
        .map(|at| from + at)
        .find(|at| !matches!(bytes.get(at + 1), Some(0 | 0xd0..=0xd7 | 0xff)))
}

fn webp(bytes: &[u8]) -> Option<Vec<Segment>> {
    let size = usize::try_from(u32::from_le_bytes(*bytes.get(4..8)?.first_chunk()?)).ok()?;
    let end = size.checked_add(8).filter(|end| (12..=bytes.len()).contains(end))?;
    let mut found = Vec::new();
    let mut at = 12;
    while at < end {
        let length = usize::try_from(u32::from_le_bytes(*bytes.get(at + 4..at + 8)?.first_chunk()?)).ok()?;
        let content = at + 8..at + 8 + length;
        let range = at..content.end + length % 2;
        if content.end > end {
            return None;
        }
        if !matches!(
            bytes.get(at..at + 4)?,
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP"
        ) {
            found.push(Segment::plain(range.start..range.end.min(bytes.len()), content));
        }
        at = range.end;
    }
    found.extend((end < bytes.len()).then(|| Segment::plain(end..bytes.len(), end..bytes.len())));
    Some(found)
}

fn gif(bytes: &[u8]) -> Option<Vec<Segment>> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 6 << (flags & 7) };
    let mut found = Vec::new();
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        match *bytes.get(at)? {
            0x21 => {
                let end = blocks_end(bytes, at + 2)?;
                let loops = bytes.get(at + 3..at + 14).is_some_and(|name| name == b"NETSCAPE2.0");
                if matches!(bytes.get(at + 1)?, 0xfe | 0xff | 0x01) && !loops {
                    found.push(Segment::plain(at..end, at + 2..end));
                }
                at = end;
            }
            0x2c => at = blocks_end(bytes, at + 11 + table(*bytes.get(at + 9)?))?,
            0x3b => break,
            _ => return None,
        }
    }
    let end = at + 1;
    found.extend((end < bytes.len()).then(|| Segment::plain(end..bytes.len(), end..bytes.len())));
    Some(found)
}

/// Behind the empty block that ends a chain of blocks.
fn blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// `image` without these segments, its own counts made right.
fn without<'s>(image: &[u8], format: Format, segments: impl Iterator<Item = &'s Segment>) -> Vec<u8> {
    let edits: Vec<Edit> = segments
        .map(|segment| Edit {
            range: segment.range.clone(),
            with: Vec::new(),
        })
        .collect();
    let removed = !edits.is_empty();
    let mut out = apply(image, edits);
    if format == Format::WebP && removed {
        let size = u32::try_from(out.len() - 8).unwrap_or(u32::MAX);
        out[4..8].copy_from_slice(&size.to_le_bytes());
        // The flags say whether there is Exif and XMP.
        if out.get(12..16) == Some(b"VP8X")
            && let Some(flags) = out.get_mut(20)
        {
            *flags &= !0x0c;
        }
    }
    out
}

impl Walk<'_> {
    /// What an image says beside its pixels.
    pub(super) fn image(&mut self, bytes: &[u8]) -> Vec<Edit> {
        self.unreadable(UnreadableBecause::UnknownFormat);
        let format = format_of(bytes);
        let Some((format, segments)) = format.and_then(|format| Some((format, segments(bytes, format)?))) else {
            self.frozen(|walk| walk.raw(bytes));
            return Vec::new();
        };
        let remove = self.layer(Layer::Image, |walk| {
            let found = |segment: &&Segment| !walk.segment(bytes, segment).is_empty();
            let remove: Vec<&Segment> = segments.iter().filter(found).collect();
            if remove.is_empty() {
                return Vec::new();
            }
            vec![Edit {
                range: 0..bytes.len(),
                with: without(bytes, format, remove.into_iter()),
            }]
        });
        remove.unwrap_or_default()
    }

    fn segment(&mut self, bytes: &[u8], segment: &Segment) -> Vec<Edit> {
        let content = &bytes[segment.content.clone()];
        if let Some(packed) = segment.packed.filter(|at| *at < segment.content.end) {
            let mut edits = self.raw(&bytes[segment.content.start..packed]);
            edits.extend(self.compressed(
                &bytes[packed..segment.content.end],
                Coding::Deflate,
                &mut |walk, text| walk.leaf(text),
            ));
            return edits;
        }
        // XMP is XML behind a few words that say so.
        match memchr::memmem::find(content, b"<x:xmpmeta").or_else(|| memchr::memmem::find(content, b"<rdf:RDF")) {
            Some(at) if super::body::is_text(&content[at..]) => {
                let mut edits = self.raw(&content[..at]);
                edits.extend(self.markup(&content[at..]));
                edits
            }
            _ => self.raw(content),
        }
    }
}
