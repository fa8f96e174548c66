//! Raw sockets: a request that can be read in two ways is refused, and what follows it is nobody's request.

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::exchange;
use crate::world::{ADA, DESK, EVENTS, World};

/// Fields and body after `POST / HTTP/1.1`, `Host`. What is smuggled follows at the end.
const CASES: &[(&str, &str)] = &[
    (
        "CL.TE",
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    ),
    ("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n"),
    ("two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n\r\n"),
    (
        "the same length twice",
        "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    ),
    ("a list of lengths", "Content-Length: 0, 44\r\n\r\n"),
    ("a signed length", "Content-Length: +0\r\n\r\n"),
    ("a space before the colon", "Content-Length : 44\r\n\r\n"),
    ("a folded line", "X: y\r\n Content-Length: 44\r\n\r\n"),
    (
        "two codings",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    ),
    ("an unknown coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    (
        "a coding after chunked",
        "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    ),
    ("a bare line feed", "X: y\nContent-Length: 44\r\n\r\n"),
    ("a second host", "Host: desk.example\r\nContent-Length: 0\r\n\r\n"),
    (
        "a chunk extension",
        "Transfer-Encoding: chunked\r\n\r\n2;u=ada\r\n{}\r\n0\r\n\r\n",
    ),
    (
        "a chunk size with a sign",
        "Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
    ),
    (
        "a chunk longer than said",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}}}\r\n0\r\n\r\n",
    ),
    (
        "a chunk size too large",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff2\r\n{}\r\n0\r\n\r\n",
    ),
    (
        "a bare line feed in chunks",
        "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
    ),
];

fn smuggled(prefix: &str) -> String {
    format!("GET {prefix}/smuggled HTTP/1.1\r\nHost: {EVENTS}\r\nX-User: {ADA}\r\n\r\n")
}

#[tokio::test]
async fn ambiguous_framing_is_answered_with_400_and_closed() {
    let world = World::start().await;
    for (name, rest) in CASES {
        for prefix in ["", "http://events.example"] {
            let request = format!(
                "POST {prefix}/ HTTP/1.1\r\nHost: {EVENTS}\r\n{rest}{}",
                smuggled(prefix)
            );
            let (reply, after) = if prefix.is_empty() {
                let mut stream = world.tunnel(EVENTS).await;
                (
                    exchange(&mut stream, request.as_bytes()).await,
                    rest_of(&mut stream).await,
                )
            } else {
                let mut stream = TcpStream::connect(world.address).await.unwrap();
                (
                    exchange(&mut stream, request.as_bytes()).await,
                    rest_of(&mut stream).await,
                )
            };
            assert_eq!(reply.status, 400, "{name}: {}", reply.head);
            assert_eq!(after, "", "{name}");
        }
    }
    assert_eq!(world.sink.count(), 0);
}

async fn rest_of<S: tokio::io::AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut rest = Vec::new();
    let read = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    _ = read.expect("still open");
    String::from_utf8(rest).unwrap()
}

#[tokio::test]
async fn pipelined_requests_are_judged_each() {
    let world = World::start().await;
    let mut stream = world.tunnel(EVENTS).await;
    let clean = format!("GET /a HTTP/1.1\r\nHost: {EVENTS}\r\n\r\n");
    stream
        .write_all(format!("{clean}{}{clean}", smuggled("")).as_bytes())
        .await
        .unwrap();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(crate::client::read_reply(&mut stream).await.status);
    }
    assert_eq!(statuses, [200, 403, 200]);
    assert_eq!(world.sink.count(), 2);
}

/// Whole requests whose framing is ambiguous, to the front: with the head at once or before its body.
fn whole() -> Vec<String> {
    let head = |fields: &str| format!("POST http://{EVENTS}/ HTTP/1.1\r\nHost: {EVENTS}\r\n{fields}\r\n");
    let connect = |fields: &str| format!("CONNECT {EVENTS}:443 HTTP/1.1\r\nHost: {EVENTS}:443\r\n{fields}\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    vec![
        head("Content-Length: 2\r\nContent-Length: 2\r\n") + "{}",
        head(&chunked.repeat(2)) + "2\r\n{}\r\n0\r\n\r\n",
        head("Content-Length: 2\r\n").replace("\r\n", "\n") + "{}",
        format!("GET http://{EVENTS}/ HTTP/1.1\nHost: {EVENTS}\n\n"),
        head(&format!("Host: {EVENTS}\r\n")),
        connect("Content-Length: 5\r\n") + "hello",
        connect(chunked) + "0\r\n\r\n",
        // The parser waits for the rest of this one.
        head(chunked) + "2;u=1\r\n{",
    ]
}

#[tokio::test]
async fn nothing_ambiguous_is_closed_without_an_answer() {
    let world = World::start().await;
    for request in whole() {
        for head_first in [false, true] {
            let end = request
                .find("\r\n\r\n")
                .map_or_else(|| request.find("\n\n").unwrap() + 2, |at| at + 4);
            let (head, body) = request.split_at(if head_first { end } else { request.len() });
            let mut stream = TcpStream::connect(world.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
            _ = stream.write_all(body.as_bytes()).await;
            let answer = rest_of(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?}: {answer:?}");
            assert!(
                answer.contains("urn:averment:problem:ambiguous-framing"),
                "{request:?}: {answer:?}"
            );
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{request:?}: {answer:?}");
        }
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_request_before_an_ambiguous_one_is_answered_too() {
    let world = World::start().await;
    let clean = format!("GET http://{EVENTS}/a HTTP/1.1\r\nHost: {EVENTS}\r\n\r\n");
    let two_hosts = format!("GET http://{EVENTS}/b HTTP/1.1\r\nHost: {EVENTS}\r\nHost: {DESK}\r\n\r\n");
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream
        .write_all(format!("{clean}{two_hosts}{clean}").as_bytes())
        .await
        .unwrap();
    let statuses = [
        crate::client::read_reply(&mut stream).await.status,
        crate::client::read_reply(&mut stream).await.status,
    ];
    assert_eq!(statuses, [200, 400]);
    assert_eq!(rest_of(&mut stream).await, "");
    assert_eq!(world.sink.count(), 1);
}
