//! The table of HTTP/2 requests (`cases/framing-h2.txt`), towards a third party that speaks HTTP/1.1: no field becomes a
//! line or a request of its own, and what no request should hold is refused.

use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::framing_table::unescape;
use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::world::{ADA, EVENTS, Setup, World};

const PATIENCE: Duration = Duration::from_secs(60);
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// RFC 9113 6.
const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RESET: u8 = 3;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
/// `:status: 200` in the static table of HPACK.
const STATUS_200: u8 = 0x88;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases/framing-h2.txt")
}

/// Name, word and parts.
fn case(line: &str) -> (&str, &str, Vec<&str>) {
    let mut parts = line.split('\t');
    let name = parts.next().unwrap();
    let word = parts.next().unwrap();
    (name, word, parts.collect())
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field as a literal that is in no table and not compressed (RFC 7541 6.2.2).
fn field(part: &str, path: &str) -> Vec<u8> {
    let text = part.replace("{P}", path).replace("{H}", EVENTS).replace("{ADA}", ADA);
    let at = text.find('=').unwrap();
    let (name, value) = (unescape(&text[..at]), unescape(&text[at + 1..]));
    let mut bytes = vec![0];
    for part in [name, value] {
        assert!(part.len() < 127);
        bytes.push(part.len() as u8);
        bytes.extend(part);
    }
    bytes
}

/// One request on stream 1.
fn request(parts: &[&str], path: &str) -> Vec<u8> {
    let (parts, trailers) = match parts.iter().position(|part| *part == "TRAILER") {
        Some(at) => (&parts[..at], &parts[at + 1..]),
        None => (parts, &[][..]),
    };
    let (data, fields): (Vec<&str>, Vec<&str>) = parts.iter().partition(|part| part.starts_with("DATA="));
    let block = |fields: &[&str]| -> Vec<u8> { fields.iter().flat_map(|part| field(part, path)).collect() };
    let end = |last: bool| if last { END_STREAM } else { 0 };
    let mut bytes = frame(
        HEADERS,
        END_HEADERS | end(data.is_empty() && trailers.is_empty()),
        1,
        &block(&fields),
    );
    for (index, piece) in data.iter().enumerate() {
        let last = index + 1 == data.len() && trailers.is_empty();
        bytes.extend(frame(DATA, end(last), 1, &unescape(&piece["DATA=".len()..])));
    }
    if !trailers.is_empty() {
        bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(trailers)));
    }
    bytes
}

async fn send(world: &World, parts: &[&str], path: &str) -> String {
    let mut tunnel = world.tunnel_as(EVENTS, EVENTS, "h2").await;
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, &[])].concat();
    tunnel.write_all(&preface).await.unwrap();
    _ = tunnel.write_all(&request(parts, path)).await;
    _ = tunnel.flush().await;
    tokio::time::timeout(PATIENCE, word(&mut tunnel)).await.expect("an end")
}

/// What became of stream 1, in one word.
async fn word(tunnel: &mut TlsStream<TcpStream>) -> String {
    let mut body = Vec::new();
    let mut fine = false;
    loop {
        let mut head = [0; 9];
        if tunnel.read_exact(&mut head).await.is_err() {
            return "closed".to_owned();
        }
        let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
        if tunnel.read_exact(&mut payload).await.is_err() {
            return "closed".to_owned();
        }
        match head[3] {
            HEADERS => fine = payload.first() == Some(&STATUS_200),
            DATA => body.extend(&payload),
            RESET => return format!("reset {}", payload[3]),
            GOAWAY => return format!("goaway {}", payload[7]),
            _ => {}
        }
        if matches!(head[3], HEADERS | DATA) && head[4] & END_STREAM != 0 {
            return answer(fine, &body);
        }
    }
}

fn answer(fine: bool, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match text.split_once("urn:averment:problem:") {
        Some((_, kind)) => kind.split('"').next().unwrap().to_owned(),
        None if fine => "sent".to_owned(),
        None => "refused".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_field_becomes_a_line_or_a_request() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(OK)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let text = std::fs::read_to_string(file()).unwrap();
    let mut lines = Vec::new();
    let mut sent = 0;
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            lines.push(line.to_owned());
            continue;
        }
        let (name, word, parts) = case(line);
        let path = format!("/c{number}_");
        let became = send(&world, &parts, &path).await;
        sent += usize::from(became == "sent");
        assert_eq!(request_lines(&there.received()), sent, "{name}: {became}");
        if std::env::var_os("REWRITE_CASES").is_none() {
            assert_eq!(became, word, "{name}");
        }
        lines.push([&[name, became.as_str()], &parts[..]].concat().join("\t"));
    }
    let received = there.received();
    assert!(!received.contains("brook"), "{received}");
    assert!(!received.to_ascii_lowercase().contains("\r\nx-injected"), "{received}");
    assert!(sent > 5, "{sent}");
    if std::env::var_os("REWRITE_CASES").is_some() {
        std::fs::write(file(), lines.join("\n") + "\n").unwrap();
    }
}

/// Requests as an HTTP/1.1 server would count them.
fn request_lines(received: &str) -> usize {
    received.lines().filter(|line| line.ends_with(" HTTP/1.1")).count()
}
