//! The table of hand-made requests (`cases/framing.txt`): each arrives as it was inspected, or not at all.
//!
//! Whatever the table says became of a request, these hold for all: every request that a third party received has its
//! intent in the ledger, with the digest of exactly that method, target and body; a third party receives as many requests
//! as callers get answers from it; the request with a student's address that follows on the connection never arrives; and
//! every connection ends.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use averment_gate::{Received, Timeouts};
use averment_ledger::Deed;
use averment_store::{DataFolder, Keys, entries, request_digest};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::world::{ADA, EVENTS, Setup, World};

/// Far longer than what ends a connection.
const PATIENCE: Duration = Duration::from_secs(60);
/// Connections at a time.
const TOGETHER: usize = 24;

/// One line of the table.
#[derive(Clone)]
struct Case {
    name: String,
    /// What became of it at the front and in a tunnel.
    words: [String; 2],
    request: String,
}

#[derive(Clone, Copy)]
enum Way {
    Front,
    Tunnel,
}

impl Way {
    fn prefix(self) -> String {
        match self {
            Self::Front => format!("http://{EVENTS}"),
            Self::Tunnel => String::new(),
        }
    }

    async fn send(self, world: &World, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Front => converse(TcpStream::connect(world.address).await.unwrap(), bytes).await,
            Self::Tunnel => converse(world.tunnel(EVENTS).await, bytes).await,
        }
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, bytes: &[u8]) -> Vec<u8> {
    let mut answers = Vec::new();
    let talk = async {
        // A gate that closes early makes writing fail; its answer is still there to read.
        _ = stream.write_all(bytes).await;
        _ = stream.flush().await;
        _ = stream.read_to_end(&mut answers).await;
    };
    tokio::time::timeout(PATIENCE, talk).await.expect("the connection ends");
    answers
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases/framing.txt")
}

fn cases(text: &str) -> Vec<Case> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(case).collect()
}

fn case(line: &str) -> Case {
    let parts: Vec<&str> = line.split('\t').collect();
    let [name, front, tunnel, request] = parts[..] else {
        panic!("four parts expected: {line}");
    };
    Case {
        name: name.to_owned(),
        words: [front.to_owned(), tunnel.to_owned()],
        request: request.to_owned(),
    }
}

/// The bytes of a request that is to be found by `path`.
fn bytes(request: &str, way: Way, path: &str) -> Vec<u8> {
    let target = way.prefix() + path;
    let text = request.replace("{T}", &target).replace("{P}", path);
    let text = text.replace("{H}", EVENTS).replace("{ADA}", ADA);
    unescape(&repeat(&text))
}

fn repeat(text: &str) -> String {
    let Some((before, rest)) = text.split_once("{*") else {
        return text.to_owned();
    };
    let (times, rest) = rest.split_once(':').unwrap();
    let (piece, after) = rest.split_once('}').unwrap();
    before.to_owned() + &piece.repeat(times.parse().unwrap()) + &repeat(after)
}

pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next().unwrap() {
            b'r' => b'\r',
            b'n' => b'\n',
            b't' => b'\t',
            b'x' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    bytes
}

/// What the gate says itself when it opens a tunnel; no answer of a third party has no fields at all.
const TUNNEL: &str = "HTTP/1.1 200 OK\r\n\r\n";

/// How often a third party answered.
fn answered(answers: &str) -> usize {
    let answers = answers.trim_start_matches(TUNNEL);
    answers.matches("HTTP/1.1 200 ").count() + answers.matches("HTTP/1.0 200 ").count()
}

/// What the first answer says, in one word.
fn word(answers: &str) -> String {
    let answers = answers.trim_start_matches("HTTP/1.1 100 Continue\r\n\r\n");
    let status = answers.split(' ').nth(1).unwrap_or("closed");
    let (_, kind) = answers.split_once("urn:averment:problem:").unwrap_or_default();
    match status {
        "200" if answers.starts_with(TUNNEL) => "tunnel".to_owned(),
        "200" => "sent".to_owned(),
        "closed" => status.to_owned(),
        _ if kind.is_empty() => status.to_owned(),
        _ => format!("{status} {}", kind.split('"').next().unwrap()),
    }
}

async fn send(world: &World, case: &Case, number: usize, way: Way) -> String {
    let path = format!("/c{number}{}_", way as u8);
    let smuggled = format!(
        "GET {}/smuggled HTTP/1.1\r\nHost: {EVENTS}\r\nX-User: {ADA}\r\nConnection: close\r\n\r\n",
        way.prefix()
    );
    let request = [bytes(&case.request, way, &path), smuggled.into_bytes()].concat();
    let answers = String::from_utf8_lossy(&way.send(world, &request).await).into_owned();
    let arrived = world.sink.requests();
    let arrived = arrived
        .iter()
        .filter(|received| received.target.contains(&path))
        .count();
    assert_eq!(arrived, answered(&answers), "{}: {answers}", case.name);
    word(&answers)
}

async fn world() -> World {
    let patient = Duration::from_secs(4);
    World::with(Setup {
        timeouts: Timeouts {
            head: patient,
            body: patient,
            ..Timeouts::default()
        },
        ..Setup::default()
    })
    .await
}

/// Sends every case both ways, some at a time, and gives what became of them.
async fn send_all(world: &std::sync::Arc<World>, cases: &[Case]) -> Vec<[String; 2]> {
    let mut words = vec![[String::new(), String::new()]; cases.len()];
    let mut running = JoinSet::new();
    let all: Vec<(usize, Way)> = (0..cases.len())
        .flat_map(|number| [(number, Way::Front), (number, Way::Tunnel)])
        .collect();
    for (number, way) in all {
        if running.len() >= TOGETHER {
            let (number, way, word): (usize, Way, String) = running.join_next().await.unwrap().unwrap();
            words[number][way as usize] = word;
        }
        let (world, case) = (std::sync::Arc::clone(world), cases[number].clone());
        running.spawn(async move { (number, way, send(&world, &case, number, way).await) });
    }
    while let Some(done) = running.join_next().await {
        let (number, way, word) = done.unwrap();
        words[number][way as usize] = word;
    }
    words
}

/// Everything that arrived is in the ledger as it arrived.
fn assert_recorded(world: &World, received: &[Received]) {
    _ = world.journal.close();
    let home = world.home.path();
    let folder = DataFolder::open_read(&home.join("data")).unwrap();
    let keys = Keys::read(&home.join("keys")).unwrap();
    let intents: HashSet<_> = entries(&folder, None)
        .unwrap()
        .filter_map(|numbered| match numbered.unwrap().entry.deed {
            Deed::Intent(message) => Some(message.request),
            _ => None,
        })
        .collect();
    for request in received {
        let digest = request_digest(&keys, &request.method, &request.target, &request.body);
        assert!(
            intents.contains(&digest),
            "{} {} arrived and is not in the ledger",
            request.method,
            request.target
        );
    }
}

fn assert_nothing_smuggled(received: &[Received]) {
    for request in received {
        let fields = request.headers.iter().chain(&request.trailers);
        let values = fields.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let mut places = values.chain([request.target.clone(), body]);
        assert!(!places.any(|place| place.contains("brook")), "{}", request.target);
        assert!(!request.target.contains("smuggled"));
        let name = request.host.split(':').next().unwrap().trim_end_matches('.');
        assert!(name.eq_ignore_ascii_case(EVENTS), "{}", request.host);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_arrives_as_it_was_inspected_or_not_at_all() {
    let text = std::fs::read_to_string(file()).unwrap();
    let cases = cases(&text);
    assert!(cases.len() >= 150, "{}", cases.len());
    let world = std::sync::Arc::new(world().await);
    let words = send_all(&world, &cases).await;
    let received = world.sink.requests();
    assert_recorded(&world, &received);
    assert_nothing_smuggled(&received);
    if std::env::var_os("REWRITE_CASES").is_some() {
        rewrite(&text, &cases, &words);
    } else {
        for (case, words) in cases.iter().zip(&words) {
            assert_eq!(&case.words, words, "{}", case.name);
        }
    }
}

fn rewrite(text: &str, cases: &[Case], words: &[[String; 2]]) {
    let mut rows = cases.iter().zip(words);
    let lines = text.lines().map(|line| {
        if line.is_empty() || line.starts_with('#') {
            return line.to_owned();
        }
        let (case, words) = rows.next().unwrap();
        [case.name.as_str(), &words[0], &words[1], &case.request].join("\t")
    });
    std::fs::write(file(), lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
}
