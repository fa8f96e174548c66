//! Slow callers, callers that leave, and the end of the watch.

use std::time::Duration;

use averment_gate::Timeouts;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::{exchange, is_closed, post, read_reply};
use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::world::{EVENTS, Setup, World, short};

fn hurried() -> Setup {
    Setup {
        timeouts: Timeouts {
            drain: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            ..short()
        },
        ..Setup::default()
    }
}

#[tokio::test]
async fn slow_callers_are_closed() {
    let world = World::with(hurried()).await;
    // A head that never ends, at the front and in a tunnel.
    let mut front = TcpStream::connect(world.address).await.unwrap();
    front
        .write_all(b"GET http://events.example/ HTTP/1.1\r\nHost: eve")
        .await
        .unwrap();
    assert!(is_closed(&mut front).await);
    let mut tunnel = world.tunnel(EVENTS).await;
    tunnel.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert!(is_closed(&mut tunnel).await);
    // A handshake that never begins.
    let mut silent = world.connect("events.example:443").await;
    assert!(is_closed(&mut silent).await);
    // A connection without a byte.
    let mut empty = TcpStream::connect(world.address).await.unwrap();
    assert!(is_closed(&mut empty).await);
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_and_closed() {
    let world = World::with(hurried()).await;
    let mut tunnel = world.tunnel(EVENTS).await;
    let head = format!("POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Length: 100\r\n\r\n{{");
    let reply = exchange(&mut tunnel, head.as_bytes()).await;
    assert_eq!((reply.status, reply.kind().as_str()), (408, "body-timeout"));
    assert!(is_closed(&mut tunnel).await);
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_caller_that_leaves_leaves_an_outcome() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
    let mut world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    tunnel.write_all(post(EVENTS, "{}").as_bytes()).await.unwrap();
    while there.received().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(tunnel);
    world.stop.cancel();
    (&mut world.served).await.unwrap();
    assert!(world.ledger().contains("\"result\":\"may_have_left\""));
}

#[tokio::test]
async fn open_requests_finish_and_no_new_ones_begin() {
    let world = World::with(hurried()).await;
    let mut open = world.tunnel(EVENTS).await;
    let request = post(EVENTS, "{\"a\":1}");
    let (first, second) = request.split_at(request.len() - 3);
    open.write_all(first.as_bytes()).await.unwrap();
    open.flush().await.unwrap();
    // The head has been read when the gate's side of the body is waited for; a second connection shows that it runs.
    assert_eq!(world.post(EVENTS, "{}").await.status, 200);
    world.stop.cancel();
    while TcpStream::connect(world.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let reply = exchange(&mut open, second.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.head);
    assert!(is_closed(&mut open).await);
    world.served.await.unwrap();
}

#[tokio::test]
async fn what_does_not_finish_is_closed() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
    let timeouts = Timeouts {
        drain: short().drain,
        ..Timeouts::default()
    };
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        timeouts,
        ..Setup::default()
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    tunnel.write_all(post(EVENTS, "{}").as_bytes()).await.unwrap();
    while there.received().is_empty() {
        tokio::task::yield_now().await;
    }
    world.stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), world.served)
        .await
        .expect("drained")
        .unwrap();
    assert_eq!(read_reply(&mut tunnel).await.status, 0);
}
