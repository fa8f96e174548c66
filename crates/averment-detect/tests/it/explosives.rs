//! Small input that wants much work, of every format: what the tests hold the memory against and `benches/bombs` the time.

use std::io::Write as _;

use crate::pack::{field, frame, zip};
use crate::wrap::{Wrap, wrapped};

pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    pub(crate) coding: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) body: Vec<u8>,
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

/// At least 32 of them. `bytes`: of each body that is not compressed; `decoded`: what compressed ones come to.
pub(crate) fn bombs(bytes: usize, decoded: usize) -> Vec<Bomb> {
    let blanks = vec![b' '; decoded];
    let patient = patient(decoded);
    [
        compressed(&blanks, &patient),
        archives(&blanks),
        nested(bytes),
        many(bytes),
        long(bytes),
    ]
    .into_iter()
    .flatten()
    .map(|(name, coding, kind, body)| Bomb {
        name,
        coding,
        kind,
        body,
    })
    .collect()
}

type Row = (&'static str, &'static str, &'static str, Vec<u8>);

/// Shrinks about a hundred times, so that no ratio gives it away.
fn patient(decoded: usize) -> Vec<u8> {
    let (mut out, mut state) = (Vec::with_capacity(decoded), 1_u64);
    while out.len() < decoded {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        out.extend_from_slice(format!("{state:x}").as_bytes());
        out.resize(out.len() + 2000, b' ');
    }
    out
}

fn compressed(blanks: &[u8], patient: &[u8]) -> Vec<Row> {
    let gzip = wrapped(&[Wrap::Gzip], blanks);
    let members = wrapped(&[Wrap::Gzip], b"").repeat(200_000);
    vec![
        ("gzip of blanks", "gzip", JSON, gzip.clone()),
        ("gzip, small ratio", "gzip", TEXT, wrapped(&[Wrap::Gzip], patient)),
        ("gzip, untold", "", "", wrapped(&[Wrap::Gzip], patient)),
        ("deflate of blanks", "deflate", TEXT, wrapped(&[Wrap::Deflate], blanks)),
        (
            "deflate, bare, small ratio",
            "deflate",
            TEXT,
            wrapped(&[Wrap::RawDeflate], patient),
        ),
        ("brotli of blanks", "br", JSON, wrapped(&[Wrap::Brotli], blanks)),
        ("brotli, widest window, small ratio", "br", TEXT, wide_brotli(patient)),
        ("zstd of blanks", "zstd", "text/csv", wrapped(&[Wrap::Zstd], blanks)),
        ("zstd, wide window, small ratio", "zstd", TEXT, wide_zstd(patient)),
        ("gzip in gzip", "gzip, gzip", TEXT, wrapped(&[Wrap::Gzip], &gzip)),
        (
            "gzip in brotli in zstd",
            "gzip, br, zstd",
            TEXT,
            wrapped(&[Wrap::Gzip, Wrap::Brotli, Wrap::Zstd], blanks),
        ),
        (
            "gzip sixteen times",
            "gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip",
            TEXT,
            wrapped(&[Wrap::Gzip; 16], b"x"),
        ),
        ("gzip of 200,000 empty members", "gzip", TEXT, members),
        (
            "gzip in base64 in JSON",
            "",
            JSON,
            wrapped(&[Wrap::Gzip, Wrap::Base64, Wrap::Json], patient),
        ),
        (
            "zstd in hexadecimal",
            "",
            TEXT,
            wrapped(&[Wrap::Zstd, Wrap::Hex], blanks),
        ),
        ("gzip in a gRPC message", "", "application/grpc", frame(1, &gzip)),
    ]
}

fn wide_brotli(bytes: &[u8]) -> Vec<u8> {
    let mut stream = brotli::CompressorWriter::new(Vec::new(), 4096, 2, 24);
    stream.write_all(bytes).unwrap();
    stream.into_inner()
}

/// 2^27 bytes: what a decoder takes without being told to take more.
fn wide_zstd(bytes: &[u8]) -> Vec<u8> {
    let mut stream = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    stream.window_log(27).unwrap();
    stream.include_contentsize(false).unwrap();
    stream.write_all(bytes).unwrap();
    stream.finish().unwrap()
}

fn archives(blanks: &[u8]) -> Vec<Row> {
    let mut matryoshka = zip(&[("a", b"x")]);
    for _ in 0..20 {
        matryoshka = zip(&[("a.zip", &matryoshka)]);
    }
    let names: Vec<String> = (0..40_000).map(|number| number.to_string()).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    vec![
        (
            "zip of blanks",
            "",
            "application/zip",
            zip(&[("a", blanks), ("b", blanks)]),
        ),
        ("zip in zip, twenty times", "", "application/zip", matryoshka),
        ("zip of 40,000 files", "", "application/zip", zip(&files)),
        ("zip whose files overlap", "", "application/zip", overlapping(blanks)),
        ("image with a packed text", "", "image/png", packed_text(blanks)),
    ]
}

/// A directory of 2,000 entries that all lead to the same packed file.
fn overlapping(content: &[u8]) -> Vec<u8> {
    let one = zip(&[("a", &content[..content.len().min(1 << 20)])]);
    let directory = one.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end = one.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    let entries = one[directory..end].repeat(2000);
    let mut tail = one[end..].to_vec();
    tail[8..10].copy_from_slice(&2000_u16.to_le_bytes());
    tail[10..12].copy_from_slice(&2000_u16.to_le_bytes());
    tail[12..16].copy_from_slice(&(entries.len() as u32).to_le_bytes());
    [&one[..directory], &entries, &tail].concat()
}

fn packed_text(content: &[u8]) -> Vec<u8> {
    let data = [b"Comment\0\0".as_slice(), &wrapped(&[Wrap::Deflate], content)].concat();
    let chunk = [&(data.len() as u32).to_be_bytes(), b"zTXt".as_slice(), &data, b"crc!"].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk, b"\0\0\0\0IENDcrc!"].concat()
}

fn nested(bytes: usize) -> Vec<Row> {
    let mut parts = b"x".to_vec();
    for depth in 0..200 {
        let head = format!(
            "--b{depth}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n",
            depth.max(1) - 1
        );
        parts = [head.as_bytes(), &parts, format!("\r\n--b{depth}--").as_bytes()].concat();
    }
    let mut message = b"x".to_vec();
    while message.len() < bytes.min(1 << 16) {
        message = field(1, &message);
    }
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><a>&c;</a>";
    vec![
        ("arrays of JSON", "", JSON, b"[".repeat(bytes)),
        ("objects of JSON", "", JSON, b"{\"a\":".repeat(bytes / 5)),
        ("JSON in strings of JSON", "", JSON, wrapped(&[Wrap::Json; 12], b"\\\\")),
        ("elements of XML", "", "application/xml", b"<a>".repeat(bytes / 3)),
        ("entities of XML", "", "application/xml", laughs.as_bytes().to_vec()),
        ("parts in parts", "", "multipart/mixed; boundary=b199", parts),
        (
            "base64, twenty times",
            "",
            TEXT,
            wrapped(&[Wrap::Base64; 20], b"ada@school.example"),
        ),
        ("percent encoding of percent signs", "", TEXT, b"%25".repeat(bytes / 3)),
        (
            "references of references",
            "",
            "text/html",
            [b"&".as_slice(), &b"amp;".repeat(bytes / 4)].concat(),
        ),
        (
            "arrays of MessagePack",
            "",
            "application/msgpack",
            b"\x91".repeat(bytes),
        ),
        ("arrays of CBOR", "", "application/cbor", b"\x81".repeat(bytes)),
        ("endless arrays of CBOR", "", "application/cbor", b"\x9f".repeat(bytes)),
        ("tags of CBOR", "", "application/cbor", b"\xc1".repeat(bytes)),
        ("protocol buffers in each other", "", "application/x-protobuf", message),
        (
            "groups of protocol buffers",
            "",
            "application/x-protobuf",
            b"\x0b".repeat(bytes),
        ),
    ]
}

fn many(bytes: usize) -> Vec<Row> {
    let part = b"--b\r\n\r\nx\r\n";
    vec![
        (
            "pairs of a form",
            "",
            "application/x-www-form-urlencoded",
            b"a=b&".repeat(bytes / 4),
        ),
        (
            "parts",
            "",
            "multipart/form-data; boundary=b",
            [part.repeat(bytes / 10).as_slice(), b"--b--"].concat(),
        ),
        ("addresses", "", TEXT, b"a@b.example ".repeat(bytes / 12)),
        ("cells", "", "text/csv", b",".repeat(bytes)),
        (
            "lines of an event stream",
            "",
            "text/event-stream",
            b"data:x\n".repeat(bytes / 7),
        ),
        (
            "empty gRPC messages",
            "",
            "application/grpc",
            frame(0, b"").repeat(bytes / 5),
        ),
        (
            "attributes of one element",
            "",
            "application/xml",
            [b"<a ".as_slice(), &b"b='c' ".repeat(bytes / 6), b"/>"].concat(),
        ),
        (
            "short values of JSON",
            "",
            JSON,
            [b"[0".as_slice(), &b",0".repeat(bytes / 2), b"]"].concat(),
        ),
        ("lines of JSON", "", "application/x-ndjson", b"{}\n".repeat(bytes / 3)),
        ("words in base64", "", TEXT, b"bG92ZWxhY2UgYWRh ".repeat(bytes / 17)),
        ("encoded words", "", TEXT, b"=?utf-8?Q?=61?= ".repeat(bytes / 16)),
        ("names", "", TEXT, b"ada lovelace ".repeat(bytes / 13)),
        (
            "an array of four billion in MessagePack",
            "",
            "application/msgpack",
            b"\xdd\xff\xff\xff\xff".repeat(bytes / 5),
        ),
        (
            "a string of 2^63 bytes in CBOR",
            "",
            "application/cbor",
            [b"\x7b\x7f\xff\xff\xff\xff\xff\xff\xff".as_slice(), &vec![b'a'; bytes]].concat(),
        ),
    ]
}

fn long(bytes: usize) -> Vec<Row> {
    vec![
        ("one line of 60 MB", "", TEXT, vec![b'a'; 60 << 20]),
        (
            "one number of JSON",
            "",
            JSON,
            [b"[".as_slice(), &vec![b'7'; bytes], b"]"].concat(),
        ),
        ("digits in twos", "", TEXT, b"12 ".repeat(bytes / 3)),
        (
            "one address",
            "",
            TEXT,
            [b"a.".repeat(bytes / 2).as_slice(), b"@b.example"].concat(),
        ),
        ("signs for at", "", TEXT, b"@".repeat(bytes)),
        (
            "accents on one letter",
            "",
            TEXT,
            [b"a".as_slice(), &"\u{301}\u{316}".repeat(bytes / 4).into_bytes()].concat(),
        ),
        (
            "backslashes",
            "",
            JSON,
            [b"[\"".as_slice(), &b"\\\\".repeat(bytes / 2), b"\"]"].concat(),
        ),
        ("quotes in a cell", "", "text/csv", b"\"".repeat(bytes)),
        ("open angle brackets", "", "text/html", b"<".repeat(bytes)),
        ("letters of UTF-16", "", TEXT, b"a\0".repeat(bytes / 2)),
        ("zeros", "", "application/octet-stream", vec![0; bytes]),
        ("hexadecimal digits", "", TEXT, b"6164".repeat(bytes / 4)),
        ("base64 of base64 letters", "", TEXT, b"QUFB".repeat(bytes / 4)),
    ]
}
