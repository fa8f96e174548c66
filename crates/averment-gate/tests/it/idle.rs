//! Whoever holds something open without using it: it ends, and meanwhile others are served.

use std::convert::Infallible;
use std::time::Duration;

use averment_gate::{Settings, Timeouts};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::handshake;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::calls;
use crate::client::{exchange, is_closed, post, read_head};
use crate::deciding::{service, showing};
use crate::third_party::{Flaw, Manner, ThirdParty, server};
use crate::websocket;
use crate::world::{DESK, EVENTS, Setup, World, short};

/// One second, the least.
const IDLE: &str = "limits.idle_s = 1\n";
/// Longer than that by far.
const PATIENCE: Duration = Duration::from_secs(10);
/// Larger than what lies between two ends of a connection on one machine.
const ANSWER_BYTES: usize = 64 << 20;

fn settings(text: &str) -> Setup {
    Setup {
        settings: Settings::parse(text).unwrap(),
        ..Setup::default()
    }
}

fn hurried(text: &str) -> Setup {
    Setup {
        timeouts: Timeouts {
            answer: Duration::from_secs(60),
            ..short()
        },
        ..settings(text)
    }
}

#[tokio::test]
async fn what_calls_itself_grpc_over_http1_is_a_body_like_any_other() {
    let world = World::with(hurried("")).await;
    for rest in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let head = format!("POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Type: application/grpc\r\n{rest}\r\n\r\n");
        let mut tunnel = world.tunnel(EVENTS).await;
        let reply = exchange(&mut tunnel, head.as_bytes()).await;
        assert_eq!((reply.status, reply.kind().as_str()), (408, "body-timeout"));
        assert!(is_closed(&mut tunnel).await);
    }
    // One that is larger than what is decided whole has the pace of an upload too.
    let world = World::with(hurried("limits.whole_max_bytes = 1000\n")).await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Type: application/grpc\r\nContent-Length: 9000\r\n\r\n{}",
        "x ".repeat(2000)
    );
    let mut tunnel = world.tunnel(EVENTS).await;
    let reply = exchange(&mut tunnel, head.as_bytes()).await;
    assert_eq!((reply.status, reply.kind().as_str()), (408, "body-timeout"));
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_call_in_which_nobody_says_anything_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(EVENTS, "h2", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.unwrap();
                let never = service_fn(|_| std::future::pending::<Result<http::Response<Full<Bytes>>, Infallible>>());
                _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), never)
                    .await;
            });
        }
    });
    let world = World::with(Setup {
        upstream: Some(upstream),
        ..settings(IDLE)
    })
    .await;
    let (_feed, fed) = calls::fed();
    let mut sender = calls::sender(&world, EVENTS).await;
    let answer = tokio::time::timeout(PATIENCE, sender.send_request(calls::call(EVENTS, fed))).await;
    assert_eq!(answer.expect("the call ends").unwrap().status(), 408);
    world.until_outcomes(1).await;
}

#[tokio::test]
async fn a_call_in_which_something_is_said_goes_on() {
    let there = calls::start_with(EVENTS, settings(IDLE)).await;
    let (feed, fed) = calls::fed();
    let mut sender = calls::sender(&there.world, EVENTS).await;
    let response = sender.send_request(calls::call(EVENTS, fed)).await.unwrap();
    let mut answer = response.into_body();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        feed.send(http_body::Frame::data(calls::message("on"))).await.unwrap();
        assert_eq!(calls::data(&mut answer).await.unwrap(), calls::message("on"));
    }
    // And then it ends too.
    let rest = tokio::time::timeout(PATIENCE, answer.collect()).await;
    assert!(rest.expect("the call ends").is_err());
}

/// What a conversation is closed with, after `bytes`.
async fn closing_code(setup: Setup, bytes: &[u8]) -> u16 {
    let there = websocket::start(EVENTS, setup).await;
    let mut raw = websocket::open(&there.world, EVENTS).await.into_inner();
    raw.write_all(bytes).await.unwrap();
    let mut rest = Vec::new();
    let read = tokio::time::timeout(PATIENCE, raw.read_to_end(&mut rest)).await;
    _ = read.expect("still open");
    // An answer to the ping may stand before it.
    let rest = rest.strip_prefix(b"\x8a\x00").unwrap_or(&rest);
    assert_eq!(rest[0], 0x88);
    u16::from_be_bytes([rest[2], rest[3]])
}

#[tokio::test]
async fn half_a_message_has_the_time_of_a_body_and_silence_that_of_idleness() {
    // Half a frame; one frame of several; the same with a ping behind it.
    for half in [
        &b"\x81\x85\0\0\0\0he"[..],
        b"\x01\x82\0\0\0\0he",
        b"\x01\x82\0\0\0\0he\x89\x80\0\0\0\0",
    ] {
        assert_eq!(closing_code(hurried(""), half).await, 1008);
    }
    assert_eq!(closing_code(settings(IDLE), b"").await, 1001);
}

#[tokio::test]
async fn a_caller_that_does_not_read_its_answer_is_closed() {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {ANSWER_BYTES}\r\n\r\n{}",
        "x".repeat(ANSWER_BYTES)
    );
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(answer.leak())).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings(IDLE)
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    tunnel.write_all(post(EVENTS, "{}").as_bytes()).await.unwrap();
    read_head(&mut tunnel).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut rest = Vec::new();
    _ = tokio::time::timeout(PATIENCE, tunnel.read_to_end(&mut rest))
        .await
        .expect("still open");
    assert!(rest.len() < ANSWER_BYTES, "{}", rest.len());
}

#[tokio::test]
async fn a_recipient_that_does_not_go_on_with_its_answer_is_left() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning";
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(answer)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings(IDLE)
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    tunnel.write_all(post(EVENTS, "{}").as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    _ = tokio::time::timeout(PATIENCE, tunnel.read_to_end(&mut rest))
        .await
        .expect("still open");
    assert!(rest.ends_with(b"beginning"));
}

#[tokio::test]
async fn an_answer_that_comes_late_has_its_time_from_its_head_on() {
    let late = [
        (
            Duration::from_millis(2500),
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
        ),
        (Duration::from_millis(500), "late"),
    ];
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::AnswersLate(late)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings(IDLE)
    })
    .await;
    let reply = world.post(EVENTS, "{}").await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "late"));
}

#[tokio::test]
async fn an_answer_that_still_comes_has_its_place() {
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning";
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(begun)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings("[limits]\nrequests_max = 4\n")
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut tunnel = world.tunnel(EVENTS).await;
        tunnel.write_all(post(EVENTS, "{}").as_bytes()).await.unwrap();
        read_head(&mut tunnel).await;
        open.push(tunnel);
    }
    assert_eq!(world.post(EVENTS, "{}").await.kind(), "overloaded");
    drop(open);
    loop {
        let mut tunnel = world.tunnel(EVENTS).await;
        tunnel.write_all(post(EVENTS, "{}").as_bytes()).await.unwrap();
        if read_head(&mut tunnel).await.starts_with("HTTP/1.1 200") {
            break;
        }
    }
}

#[tokio::test]
async fn a_caller_that_only_answers_pings_is_closed() {
    let world = World::with(hurried(IDLE)).await;
    let tunnel = world.tunnel_as(EVENTS, EVENTS, "h2").await;
    let (mut sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(tunnel)).await.unwrap();
    let connection = tokio::spawn(connection);
    for _ in 0..4 {
        let request = Request::get(format!("https://{EVENTS}/"))
            .body(Full::<Bytes>::default())
            .unwrap();
        assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
        // Many pings, and less than idleness.
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    let ended = tokio::time::timeout(PATIENCE, connection).await;
    assert!(ended.is_ok(), "still open");
}

/// Begins a request that takes a place until it is dropped.
async fn begin(world: &World, fields: &str, host: &str) -> impl Sized {
    let (stream, head) = world.connect_with(&format!("{host}:443"), fields).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let mut tunnel = world.secure(stream, host, "http/1.1").await;
    let head = format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    tunnel.write_all(head.as_bytes()).await.unwrap();
    // It is in work once its body is asked for.
    assert!(read_head(&mut tunnel).await.starts_with("HTTP/1.1 100"));
    tunnel
}

#[tokio::test]
async fn one_recipient_does_not_take_the_places_of_others() {
    for (limits, share) in [
        ("requests_max = 4", 2),
        ("requests_max = 4\nrecipient_requests_max = 3", 3),
    ] {
        let world = World::with(settings(&format!("[limits]\n{limits}\n"))).await;
        let mut open = Vec::new();
        for _ in 0..share {
            open.push(begin(&world, "", EVENTS).await);
        }
        let reply = world.post(EVENTS, "{}").await;
        assert_eq!((reply.status, reply.kind().as_str()), (503, "overloaded"), "{limits}");
        assert!(reply.body.contains("recipient"), "{}", reply.body);
        assert_eq!(world.post(DESK, "{}").await.status, 200, "{limits}");
        open.clear();
        while world.post(EVENTS, "{}").await.status == 503 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn one_service_does_not_take_the_places_of_others() {
    let limits = "[limits]\nrequests_max = 4\nrecipient_requests_max = 4\n";
    let world = World::with(settings(&format!("{limits}{}", service("")))).await;
    let mailer = showing("token-of-mailer");
    let _open = [
        begin(&world, &mailer, EVENTS).await,
        begin(&world, &mailer, EVENTS).await,
    ];
    let request = post(EVENTS, "{}");
    let reply = world.send_as(&mailer, EVENTS, &request).await;
    assert_eq!((reply.status, reply.kind().as_str()), (503, "overloaded"));
    assert!(reply.body.contains("service"), "{}", reply.body);
    // Outside of tunnels it is the same service.
    let absolute = request.replacen("POST /", &format!("POST https://{EVENTS}/"), 1);
    let absolute = absolute.replacen("Content-Type", &format!("{mailer}Content-Type"), 1);
    assert_eq!(world.send_plain(&absolute).await.kind(), "overloaded");
    assert_eq!(world.post(EVENTS, "{}").await.status, 200);
}
