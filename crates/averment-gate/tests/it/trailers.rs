//! Trailers: looked at like headers and handed on, over both protocols; and the signed chunks of AWS.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};

use tokio::io::AsyncWriteExt as _;

use crate::client::exchange;
use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::world::{ADA, DESK, EVENTS, REPORTED, Setup, World};

fn chunked(host: &str, fields: &str, trailers: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n{fields}\r\n2\r\n{{}}\r\n0\r\n{trailers}\r\n"
    )
}

#[tokio::test]
async fn trailers_are_handed_on() {
    let there = ThirdParty::start(
        EVENTS,
        Flaw::None,
        Manner::Answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    )
    .await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let reply = world
        .send(
            EVENTS,
            &chunked(EVENTS, "Trailer: X-Sum\r\n", "X-Sum: 1\r\nX-More: 2\r\n"),
        )
        .await;
    assert_eq!(reply.status, 200);
    let received = there.received().to_ascii_lowercase();
    assert!(received.contains("trailer: x-sum, x-more\r\n"), "{received}");
    assert!(
        received.ends_with("2\r\n{}\r\n0\r\nx-sum: 1\r\nx-more: 2\r\n\r\n"),
        "{received}"
    );
}

#[tokio::test]
async fn an_address_in_a_trailer_is_found() {
    let world = World::start().await;
    let refused = world
        .send(EVENTS, &chunked(EVENTS, "", &format!("x-user: {ADA}\r\n")))
        .await;
    assert_eq!((refused.status, refused.kind().as_str()), (403, "refused"));
    assert_eq!(refused.problem()["findings"][0]["place"], "header x-user");
    assert_eq!(world.sink.count(), 0);
    // And rewritten where the register says so.
    let masked = world
        .send(DESK, &chunked(DESK, "", &format!("x-user: {ADA}\r\n")))
        .await;
    assert_eq!(masked.status, 200, "{}", masked.body);
    let received = world.sink.requests().pop().unwrap();
    assert_eq!(received.trailers, [("x-user".to_owned(), b"***".to_vec())]);
}

#[tokio::test]
async fn a_trailer_that_belongs_in_the_head_is_refused() {
    let world = World::start().await;
    for field in [
        "Host: desk.example",
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
        "Authorization: Basic x",
    ] {
        let reply = world.send(EVENTS, &chunked(EVENTS, "", &format!("{field}\r\n"))).await;
        assert_eq!(reply.status, 400, "{field}: {}", reply.body);
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn trailers_go_over_http2_too() {
    let world = World::start().await;
    for (value, status) in [("1", 200), (ADA, 403)] {
        let tunnel = world.tunnel_as(EVENTS, EVENTS, "h2").await;
        let (mut sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(tunnel)).await.unwrap();
        tokio::spawn(connection);
        let trailers: HeaderMap = [("x-sum".parse().unwrap(), value.parse().unwrap())]
            .into_iter()
            .collect();
        let body = Full::new(Bytes::from("{}")).with_trailers(std::future::ready(Some(Ok(trailers))));
        let request = Request::post(format!("https://{EVENTS}/")).body(body).unwrap();
        assert_eq!(sender.send_request(request).await.unwrap().status(), status);
    }
    let received = world.sink.requests();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].trailers, [("x-sum".to_owned(), b"1".to_vec())]);
}

fn aws(text: &str, trailer: &str) -> (String, String) {
    let signature = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
    let (first, second) = text.split_at(text.len() / 2);
    let mut body = String::new();
    for chunk in [first, second] {
        body.push_str(&format!("{:x};chunk-signature={signature}\r\n{chunk}\r\n", chunk.len()));
    }
    body.push_str(&format!("0;chunk-signature={signature}\r\n{trailer}\r\n"));
    let fields = format!(
        "Content-Type: text/plain\r\nContent-Encoding: aws-chunked\r\nX-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\r\nContent-Length: {}\r\n",
        body.len()
    );
    (fields, body)
}

#[tokio::test]
async fn signed_chunks_are_looked_into_and_never_changed() {
    let world = World::start().await;
    let send = async |host: &str, text: &str, trailer: &str| {
        let (fields, body) = aws(text, trailer);
        let request = format!("PUT /bucket/key HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n{body}");
        (exchange(&mut world.tunnel(host).await, request.as_bytes()).await, body)
    };
    let (reply, body) = send(EVENTS, "plain text", "x-amz-checksum-crc32:sOO8/Q==\r\n").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(world.sink.requests()[0].body, body);
    // The chunks cut her address in two.
    let (reply, _) = send(EVENTS, ADA, "").await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    let (reply, _) = send(EVENTS, "plain text", &format!("x-amz-meta-user:{ADA}\r\n")).await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    let (reply, _) = send(DESK, ADA, "").await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "rewrite-impossible"));
    assert_eq!(world.sink.count(), 1);
    // The same beyond what is decided whole.
    let large = "word ".repeat(2 << 20);
    let (reply, body) = send(EVENTS, &large, "x-amz-checksum-crc32:sOO8/Q==\r\n").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(world.sink.requests().pop().unwrap().body == body);
    let (reply, _) = send(EVENTS, &large, &format!("x-amz-meta-user:{ADA}\r\n")).await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    assert_eq!(world.sink.count(), 2);
}

/// What stood behind the content is looked at also where the chunks turn out to be none.
#[tokio::test]
async fn trailers_of_broken_chunks_are_looked_at() {
    let large = "word ".repeat(2 << 20);
    let (fields, whole) = aws(&large, &format!("x-amz-meta-user:{ADA}\r\n"));
    for body in [format!("{whole}x"), whole[..whole.len() - 2].to_owned()] {
        let world = World::start().await;
        let fields = fields.replace(&whole.len().to_string(), &body.len().to_string());
        let head = format!("PUT /bucket/key HTTP/1.1\r\nHost: {REPORTED}\r\n{fields}\r\n");
        let mut tunnel = world.tunnel(REPORTED).await;
        tunnel.write_all(head.as_bytes()).await.unwrap();
        // The trailers come before what shows that they are none.
        let (first, last) = body.split_at(whole.len() - 2);
        tunnel.write_all(first.as_bytes()).await.unwrap();
        tunnel.flush().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        exchange(&mut tunnel, last.as_bytes()).await;
        let ledger = world.ledger();
        assert!(ledger.contains("\"element\":\"contact.email\""), "{ledger}");
    }
}
