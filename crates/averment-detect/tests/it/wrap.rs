//! Encoders, for wrapping what the room has to unwrap.

use std::io::Write as _;

use flate2::Compression;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrap {
    Gzip,
    Deflate,
    RawDeflate,
    Brotli,
    Zstd,
    Percent,
    Base64,
    Base64Url,
    /// As a string in a JSON document.
    Json,
    Hex,
    Base32,
    /// Every character as `&#x…;`.
    References,
    /// Every byte as `=XX`.
    QuotedPrintable,
    EncodedWordB,
    EncodedWordQ,
    Utf16Le,
    Utf16Be,
    /// Every character as `\u{…}`.
    Braces,
}

/// `bytes` wrapped, innermost first.
pub(crate) fn wrapped(stack: &[Wrap], bytes: &[u8]) -> Vec<u8> {
    stack
        .iter()
        .fold(bytes.to_vec(), |bytes, wrap| wrapped_once(*wrap, &bytes))
}

fn wrapped_once(wrap: Wrap, bytes: &[u8]) -> Vec<u8> {
    match wrap {
        Wrap::Gzip => {
            let mut stream = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
            stream.write_all(bytes).unwrap();
            stream.finish().unwrap()
        }
        Wrap::Deflate => {
            let mut stream = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
            stream.write_all(bytes).unwrap();
            stream.finish().unwrap()
        }
        Wrap::RawDeflate => {
            let mut stream = flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
            stream.write_all(bytes).unwrap();
            stream.finish().unwrap()
        }
        Wrap::Brotli => {
            let mut stream = brotli::CompressorWriter::new(Vec::new(), 4096, 4, 20);
            stream.write_all(bytes).unwrap();
            stream.into_inner()
        }
        Wrap::Zstd => zstd::stream::encode_all(bytes, 3).unwrap(),
        Wrap::Percent => bytes.iter().flat_map(|b| format!("%{b:02x}").into_bytes()).collect(),
        Wrap::Base64 => base64(
            bytes,
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            true,
        ),
        Wrap::Base64Url => base64(
            bytes,
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
            false,
        ),
        Wrap::Hex => bytes.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect(),
        Wrap::Base32 => base32(bytes),
        Wrap::References => characters(bytes, |c| format!("&#x{:x};", u32::from(c))),
        Wrap::Braces => characters(bytes, |c| format!("\\u{{{:x}}}", u32::from(c))),
        Wrap::QuotedPrintable => bytes.iter().flat_map(|b| format!("={b:02X}").into_bytes()).collect(),
        Wrap::EncodedWordB => [b"=?utf-8?B?".as_slice(), &wrapped_once(Wrap::Base64, bytes), b"?="].concat(),
        Wrap::EncodedWordQ => [
            b"=?utf-8?Q?".as_slice(),
            &wrapped_once(Wrap::QuotedPrintable, bytes),
            b"?=",
        ]
        .concat(),
        Wrap::Utf16Le => units(bytes).flat_map(u16::to_le_bytes).collect(),
        Wrap::Utf16Be => units(bytes).flat_map(u16::to_be_bytes).collect(),
        Wrap::Json => serde_json::to_vec(&serde_json::json!({ "inner": [String::from_utf8_lossy(bytes)] })).unwrap(),
    }
}

fn characters(bytes: &[u8], spell: impl Fn(char) -> String) -> Vec<u8> {
    String::from_utf8_lossy(bytes)
        .chars()
        .flat_map(|c| spell(c).into_bytes())
        .collect()
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    String::from_utf8_lossy(bytes)
        .encode_utf16()
        .collect::<Vec<_>>()
        .into_iter()
}

fn base32(bytes: &[u8]) -> Vec<u8> {
    let mut bits = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1))
        .collect::<Vec<_>>();
    bits.resize(bits.len().div_ceil(5) * 5, 0);
    let letter =
        |five: &[u8]| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[five.iter().fold(0, |n, bit| n * 2 + usize::from(*bit))];
    let mut out: Vec<u8> = bits.chunks(5).map(letter).collect();
    out.resize(out.len().div_ceil(8) * 8, b'=');
    out
}

fn base64(bytes: &[u8], set: &[u8; 64], padded: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for group in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..group.len()].copy_from_slice(group);
        let value = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..=group.len() {
            out.push(set[(value >> (18 - 6 * place) & 63) as usize]);
        }
        if padded {
            out.resize(out.len() + 3 - group.len(), b'=');
        }
    }
    out
}
