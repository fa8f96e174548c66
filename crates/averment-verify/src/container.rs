//! The container: a ZIP file in which every byte has one reading, read and written.
//!
//! Start at [`read_container`]. Archives that two programs read differently are how one file shows a school one thing and an
//! auditor another, so what the format leaves open is closed here: no gaps, no comments, no extra fields, no second
//! spelling of a size. Nothing is unpacked beyond the limits.
//!
//! Source: APPNOTE.TXT 6.3.10, sections 4.3 and 4.4; limits and profile in `docs/bundle.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::check::Reason;
use crate::verify::Fault;

const BUNDLE_BYTES_MAX: usize = 512 << 20;
const FILES_MAX: usize = 10_000;
const FILE_BYTES_MAX: usize = 256 << 20;
const TOTAL_BYTES_MAX: usize = 1 << 30;
const NAME_BYTES_MAX: usize = 200;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
/// Version 2.0 of the format: deflate.
const VERSION: u16 = 20;
/// 1 January 1980, the first day that the format knows: a bundle of the same content is the same bytes.
const DATE: u16 = 0x0021;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// The files of a container by name.
pub type Zipped = BTreeMap<String, Vec<u8>>;

/// What a header says about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    flags: u16,
    method: u16,
    sum: u32,
    packed: u32,
    size: u32,
    name: Vec<u8>,
}

/// Reads every file of a container.
///
/// # Errors
/// A [`Fault`] of the check `container`.
pub fn read_container(bytes: &[u8]) -> Result<Zipped, Fault> {
    if bytes.len() > BUNDLE_BYTES_MAX {
        return Err(too_large("the file"));
    }
    let (count, central, end) = read_end(bytes)?;
    let directory = bytes.get(central..end).ok_or_else(layout)?;
    let headers = read_directory(directory, count)?;
    check_names(&headers)?;
    let (mut files, mut at, mut total) = (Zipped::new(), 0, 0_usize);
    for (header, offset) in headers {
        if offset != at {
            return Err(layout());
        }
        total = total.saturating_add(header.size as usize);
        if header.size as usize > FILE_BYTES_MAX || total > TOTAL_BYTES_MAX {
            return Err(too_large("what it unpacks to"));
        }
        let (content, next) = read_file(bytes, at, central, &header)?;
        at = next;
        let name = String::from_utf8(header.name).map_err(|_| name_malformed())?;
        files.insert(name, content);
    }
    if at == central { Ok(files) } else { Err(layout()) }
}

/// Number of files, and where the central directory begins and ends.
fn read_end(bytes: &[u8]) -> Result<(usize, usize, usize), Fault> {
    let not_a_zip = || Fault::new(Reason::NotAZip, "this is not a bundle: expected a ZIP file".to_owned());
    let starts = u32_at(bytes, 0).is_some_and(|word| word == LOCAL || word == END);
    if !starts {
        return Err(not_a_zip());
    }
    let end = bytes.len().checked_sub(END_BYTES).ok_or_else(not_a_zip)?;
    if u32_at(bytes, end) != Some(END) {
        return Err(layout());
    }
    let half = |offset| u16_at(bytes, end + offset).ok_or_else(layout);
    let word = |offset| u32_at(bytes, end + offset).map(|word| word as usize).ok_or_else(layout);
    let (count, size, central) = (half(10)?, word(12)?, word(16)?);
    let one_disk = half(4)? == 0 && half(6)? == 0 && half(8)? == count && half(20)? == 0;
    if !one_disk || central.checked_add(size) != Some(end) {
        return Err(layout());
    }
    if usize::from(count) > FILES_MAX {
        return Err(too_large("the number of files"));
    }
    Ok((count.into(), central, end))
}

fn read_directory(directory: &[u8], count: usize) -> Result<Vec<(Header, usize)>, Fault> {
    let (mut headers, mut at) = (Vec::new(), 0);
    while at < directory.len() {
        if u32_at(directory, at) != Some(CENTRAL) || headers.len() == count {
            return Err(layout());
        }
        let half = |offset| u16_at(directory, at + offset).ok_or_else(layout);
        let word = |offset| u32_at(directory, at + offset).ok_or_else(layout);
        let length = usize::from(half(28)?);
        // Extra fields, comment, disk; attributes of whoever packed it (a link, for instance).
        let plain = half(30)? == 0 && half(32)? == 0 && half(34)? == 0 && word(38)? == 0;
        let header = Header {
            flags: half(8)?,
            method: half(10)?,
            sum: word(16)?,
            packed: word(20)?,
            size: word(24)?,
            name: bytes_at(directory, at + CENTRAL_BYTES, length)?.to_vec(),
        };
        if !plain || header.flags != 0 {
            return Err(header_fault());
        }
        headers.push((header, word(42)? as usize));
        at += CENTRAL_BYTES + length;
    }
    if headers.len() == count {
        Ok(headers)
    } else {
        Err(layout())
    }
}

fn check_names(headers: &[(Header, usize)]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for (header, _) in headers {
        if !is_name(&header.name) {
            return Err(name_malformed());
        }
        if !seen.insert(header.name.to_ascii_lowercase()) {
            let says = "two files in it have one name, so that two programs could show two things";
            return Err(Fault::new(Reason::NameTwice, says.to_owned()));
        }
    }
    Ok(())
}

/// Plain parts between slashes: nothing that leads out of a folder or hides in it.
pub(crate) fn is_name(name: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._~-".contains(byte);
    let part = |part: &[u8]| part.first().is_some_and(|first| *first != b'.') && part.iter().all(plain);
    name.len() <= NAME_BYTES_MAX && name.split(|byte| *byte == b'/').all(part)
}

/// The content of the file whose local header is at `at`, and where the next one is.
fn read_file(bytes: &[u8], at: usize, central: usize, header: &Header) -> Result<(Vec<u8>, usize), Fault> {
    if u32_at(bytes, at) != Some(LOCAL) {
        return Err(layout());
    }
    let half = |offset| u16_at(bytes, at + offset).ok_or_else(layout);
    let word = |offset| u32_at(bytes, at + offset).ok_or_else(layout);
    let length = usize::from(half(26)?);
    let local = Header {
        flags: half(6)?,
        method: half(8)?,
        sum: word(14)?,
        packed: word(18)?,
        size: word(22)?,
        name: bytes_at(bytes, at + LOCAL_BYTES, length)?.to_vec(),
    };
    if local != *header || half(28)? != 0 {
        return Err(header_fault());
    }
    let begin = at + LOCAL_BYTES + length;
    let end = begin.checked_add(header.packed as usize).filter(|end| *end <= central);
    let end = end.ok_or_else(layout)?;
    let content = unpack(&bytes[begin..end], header)?;
    Ok((content, end))
}

fn unpack(packed: &[u8], header: &Header) -> Result<Vec<u8>, Fault> {
    let damaged = || Fault::new(Reason::ZipContent, "a file in it is damaged".to_owned());
    let size = header.size as usize;
    let content = match header.method {
        STORED => packed.to_vec(),
        DEFLATED => inflate(packed, size).ok_or_else(damaged)?,
        _ => {
            let says = "a file in it is packed in a way that bundles do not use".to_owned();
            return Err(Fault::new(Reason::ZipMethod, says));
        }
    };
    let mut sum = flate2::Crc::new();
    sum.update(&content);
    if content.len() == size && sum.sum() == header.sum {
        Ok(content)
    } else {
        Err(damaged())
    }
}

/// At most one byte more than `size`; none when the stream is none or something follows it.
fn inflate(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut decoder = DeflateDecoder::new(packed);
    let mut content = Vec::new();
    decoder.by_ref().take(size as u64 + 1).read_to_end(&mut content).ok()?;
    (decoder.total_in() == packed.len() as u64).then_some(content)
}

/// Writes a container: `manifest.json` first, the others by name.
pub fn write_container(files: &Zipped) -> Vec<u8> {
    let first = |name: &str| name != crate::manifest::MANIFEST;
    let mut sorted: Vec<(&String, &Vec<u8>)> = files.iter().collect();
    sorted.sort_by_key(|(name, _)| (first(name), *name));
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in &sorted {
        let offset = out.len();
        let (method, packed) = pack(content);
        let header = Header {
            flags: 0,
            method,
            sum: {
                let mut sum = flate2::Crc::new();
                sum.update(content);
                sum.sum()
            },
            packed: length(packed.len()),
            size: length(content.len()),
            name: name.as_bytes().to_vec(),
        };
        header.write_local(&mut out);
        out.extend_from_slice(&packed);
        header.write_central(offset, &mut directory);
    }
    let (central, count) = (out.len(), sorted.len());
    out.extend_from_slice(&directory);
    write_end(&mut out, count, directory.len(), central);
    out
}

fn pack(content: &[u8]) -> (u16, Vec<u8>) {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(content).and_then(|()| encoder.finish());
    match packed {
        Ok(packed) if packed.len() < content.len() => (DEFLATED, packed),
        _ => (STORED, content.to_vec()),
    }
}

impl Header {
    /// Version, flags, method, time, date, sum, sizes, length of the name, no extra field.
    fn common(&self, out: &mut Vec<u8>) {
        let halves = [VERSION, self.flags, self.method, 0, DATE];
        halves.iter().for_each(|half| out.extend(half.to_le_bytes()));
        let words = [self.sum, self.packed, self.size];
        words.iter().for_each(|word| out.extend(word.to_le_bytes()));
        let name = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        out.extend(name.to_le_bytes());
        out.extend(0_u16.to_le_bytes());
    }

    fn write_local(&self, out: &mut Vec<u8>) {
        out.extend(LOCAL.to_le_bytes());
        self.common(out);
        out.extend_from_slice(&self.name);
    }

    fn write_central(&self, offset: usize, out: &mut Vec<u8>) {
        out.extend(CENTRAL.to_le_bytes());
        out.extend(VERSION.to_le_bytes());
        self.common(out);
        // Comment, disk, internal and external attributes.
        out.extend([0; 10]);
        out.extend(length(offset).to_le_bytes());
        out.extend_from_slice(&self.name);
    }
}

fn write_end(out: &mut Vec<u8>, count: usize, size: usize, central: usize) {
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length(size).to_le_bytes());
    out.extend(length(central).to_le_bytes());
    out.extend([0; 2]);
}

/// A size too large for the format is written as one that no reader takes.
fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn bytes_at(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], Fault> {
    bytes.get(at..).and_then(|rest| rest.get(..length)).ok_or_else(layout)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

fn layout() -> Fault {
    let says = "it is packed so that parts of it could be read in two ways: something lies between, before or behind its files";
    Fault::new(Reason::ZipLayout, says.to_owned())
}

fn header_fault() -> Fault {
    let says =
        "it is packed so that parts of it could be read in two ways: a header says more than it may, or two disagree";
    Fault::new(Reason::ZipHeader, says.to_owned())
}

fn name_malformed() -> Fault {
    let says = "a file in it has a name that leads out of its folder, hides, or is no plain name";
    Fault::new(Reason::NameMalformed, says.to_owned())
}

fn too_large(what: &str) -> Fault {
    Fault::new(Reason::TooLarge, format!("{what} is larger than any bundle"))
}
