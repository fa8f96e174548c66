//! Encodings of a whole body: compression, character sets, transfer encodings.

use std::io::Write as _;

use flate2::Compression;

use super::random::Random;
use super::request::Request;
use super::rows::{Class, How, Row};
use super::text::{base64_standard, in_lines, utf16};

/// Those to mix with other rows.
pub(super) const PLAIN: &[Row] = &[
    row("gzip", |request, _| coded(request, "gzip", gzipped)),
    row("brotli", |request, _| coded(request, "br", brotli)),
    row("zstd", |request, _| coded(request, "zstd", zstd)),
];

pub(super) const ROWS: &[Row] = &[
    row("gzip", |request, _| coded(request, "gzip", gzipped)),
    row("gzip, stored blocks", |request, _| coded(request, "gzip", gzip_stored)),
    row("gzip of several members", |request, _| {
        coded(request, "gzip", |body| {
            let (first, second) = body.split_at(body.len() / 2);
            [gzipped(first), gzip_stored(b""), gzipped(second)].concat()
        })
    }),
    row("gzip that no header tells of", |request, _| {
        uncoded(request, "application/octet-stream", gzipped)
    }),
    row("deflate", |request, _| coded(request, "deflate", zlib)),
    row("deflate without zlib", |request, _| coded(request, "deflate", deflated)),
    row("brotli", |request, _| coded(request, "br", brotli)),
    row("zstd", |request, _| coded(request, "zstd", zstd)),
    row("zstd of several frames", |request, _| {
        coded(request, "zstd", |body| {
            let (first, second) = body.split_at(body.len() / 2);
            [zstd(first), zstd(second)].concat()
        })
    }),
    row("gzip in brotli", |request, _| {
        coded(request, "gzip, br", |body| brotli(&gzipped(body)))
    }),
    row("zstd in gzip in deflate", |request, _| {
        coded(request, "zstd,gzip,deflate", |body| zlib(&gzipped(&zstd(body))))
    }),
    row("gzip twice", |request, _| {
        coded(request, "gzip, gzip", |body| gzipped(&gzipped(body)))
    }),
    row("UTF-16LE, declared", |request, _| {
        in_set(request, "utf-16le", |text| utf16(text, u16::to_le_bytes))
    }),
    row("UTF-16BE with a mark", |request, _| {
        in_set(request, "", |text| {
            [&[0xfe, 0xff], &utf16(text, u16::to_be_bytes)[..]].concat()
        })
    }),
    row("UTF-8 with a mark", |request, _| {
        in_set(request, "", |text| [b"\xef\xbb\xbf", text.as_bytes()].concat())
    }),
    row("Latin-1, declared", |request, _| {
        let fits = String::from_utf8_lossy(&request.body)
            .chars()
            .all(|c| u32::from(c) < 0x100);
        in_set(request, if fits { "iso-8859-1" } else { "utf-8" }, latin_1)
    }),
    row("Windows-1252, not declared", |request, _| in_set(request, "", latin_1)),
    row("base64 as transfer encoding", |request, _| {
        transferred(request, "base64", |body| {
            in_lines(&base64_standard(body), 76).into_bytes()
        })
    }),
    row("quoted-printable as transfer encoding", |request, _| {
        transferred(request, "quoted-printable", quoted_printable)
    }),
    row("gzip in brotli that no header tells of", |request, _| {
        uncoded(request, "application/octet-stream", |body| brotli(&gzipped(body)))
    }),
];

const fn row(name: &'static str, pack: fn(Request, &mut Random) -> Request) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::Packed(pack),
    }
}

fn coded(mut request: Request, coding: &'static str, encode: impl Fn(&[u8]) -> Vec<u8>) -> Request {
    if !request.body.is_empty() {
        request.body = encode(&request.body);
        request.headers.push(("content-encoding", coding.into()));
    }
    request
}

fn uncoded(mut request: Request, kind: &str, encode: impl Fn(&[u8]) -> Vec<u8>) -> Request {
    request.body = encode(&request.body);
    typed(request, |_| kind.to_owned())
}

fn in_set(mut request: Request, set: &str, encode: impl Fn(&str) -> Vec<u8>) -> Request {
    request.body = encode(&String::from_utf8_lossy(&request.body));
    typed(request, |kind| {
        if set.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}; charset={set}")
        }
    })
}

fn typed(mut request: Request, kind: impl Fn(&str) -> String) -> Request {
    for (name, value) in &mut request.headers {
        if *name == "content-type" {
            *value = kind(&String::from_utf8_lossy(value)).into_bytes();
        }
    }
    request
}

/// As a part of a multipart body.
fn transferred(request: Request, transfer: &str, encode: impl Fn(&[u8]) -> Vec<u8>) -> Request {
    let kind = request.headers.iter().find(|(name, _)| *name == "content-type");
    let kind = kind.map_or(String::new(), |(_, kind)| String::from_utf8_lossy(kind).into_owned());
    let head = format!("--edge\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n");
    let body = [head.as_bytes(), &encode(&request.body), b"\r\n--edge--\r\n"].concat();
    Request::post("multipart/mixed; boundary=edge", body)
}

/// In UTF-8 where a character has no place in the set.
fn latin_1(text: &str) -> Vec<u8> {
    let bytes: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
    bytes.unwrap_or_else(|_| text.as_bytes().to_vec())
}

/// RFC 2045 section 6.7, lines broken softly at 60 characters.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    let mut column = 0;
    for byte in body {
        let spelled = match byte {
            b' '..=b'<' | b'>'..=b'~' => char::from(*byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if column + spelled.len() > 60 {
            out.push_str("=\r\n");
            column = 0;
        }
        column += spelled.len();
        out.push_str(&spelled);
    }
    out.into_bytes()
}

/// The encoders write to memory, which takes everything.
const TO_MEMORY: &str = "writing to memory";

pub(super) fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut stream = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
    stream.write_all(body).expect(TO_MEMORY);
    stream.finish().expect(TO_MEMORY)
}

pub(super) fn zlib(body: &[u8]) -> Vec<u8> {
    let mut stream = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    stream.write_all(body).expect(TO_MEMORY);
    stream.finish().expect(TO_MEMORY)
}

pub(super) fn deflated(body: &[u8]) -> Vec<u8> {
    let mut stream = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
    stream.write_all(body).expect(TO_MEMORY);
    stream.finish().expect(TO_MEMORY)
}

pub(super) fn brotli(body: &[u8]) -> Vec<u8> {
    let mut stream = brotli::CompressorWriter::new(Vec::new(), 4096, 3, 20);
    stream.write_all(body).expect(TO_MEMORY);
    stream.into_inner()
}

pub(super) fn zstd(body: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(body, 1).expect(TO_MEMORY)
}

/// RFC 1952 around RFC 1951 section 3.2.4, by hand; with a file name in its head.
fn gzip_stored(body: &[u8]) -> Vec<u8> {
    let mut out = b"\x1f\x8b\x08\x08\0\0\0\0\0\xffnotes.json\0".to_vec();
    let mut blocks = body.chunks(60_000).peekable();
    if blocks.peek().is_none() {
        out.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&crc_32(body).to_le_bytes());
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out
}

/// RFC 1952 section 8, without its table.
fn crc_32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
