//! Connections that are kept: for how long, on both sides, and what becomes of a message when one turns out to be closed.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use averment_gate::{Timeouts, Upstream};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::client::{exchange, is_closed, post, read_head, read_reply};
use crate::third_party::server;
use crate::world::{EVENTS, Setup, World, short};

const GET: &str = "GET / HTTP/1.1\r\nHost: events.example\r\n\r\n";

#[tokio::test]
async fn a_caller_may_keep_its_connection_longer_than_a_head_may_take() {
    let timeouts = Timeouts {
        head: short().head,
        keep_alive: Duration::from_secs(20),
        ..Timeouts::default()
    };
    let world = World::with(Setup {
        timeouts,
        ..Setup::default()
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    let mut front = tokio::net::TcpStream::connect(world.address).await.unwrap();
    for _ in 0..2 {
        let reply = exchange(&mut tunnel, GET.as_bytes()).await;
        assert_eq!(reply.status, 200);
        let head = reply.head.to_ascii_lowercase();
        assert!(
            head.contains("connection: keep-alive\r\n") && head.contains("keep-alive: timeout=18\r\n"),
            "{head}"
        );
        let plain = exchange(
            &mut front,
            GET.replace("GET /", "GET http://events.example/").as_bytes(),
        )
        .await;
        assert!(
            plain.head.to_ascii_lowercase().contains("keep-alive: timeout=18\r\n"),
            "{}",
            plain.head
        );
        tokio::time::sleep(timeouts.head * 3).await;
    }
    // A head that has begun has to come.
    tunnel.write_all(b"GET / HT").await.unwrap();
    tunnel.flush().await.unwrap();
    front.write_all(b"G").await.unwrap();
    assert!(is_closed(&mut tunnel).await && is_closed(&mut front).await);
    // And so does the first one.
    let mut silent = tokio::net::TcpStream::connect(world.address).await.unwrap();
    assert!(is_closed(&mut silent).await);
}

#[tokio::test]
async fn whoever_closes_is_told_nothing_of_keeping() {
    let world = World::start().await;
    let get = GET.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let reply = world.send(EVENTS, &get).await;
    assert!(
        !reply.head.to_ascii_lowercase().contains("keep-alive"),
        "{}",
        reply.head
    );
}

/// A server that answers with these fields as long as it is asked, or once; how often it was connected to, and all that came.
struct Server {
    upstream: Upstream,
    connections: Arc<AtomicUsize>,
    arrived: Arc<Mutex<String>>,
}

async fn http1(fields: &'static str, once: bool) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(EVENTS, "http/1.1", listener.local_addr().unwrap());
    let (connections, arrived): (Arc<AtomicUsize>, Arc<Mutex<String>>) = (Arc::default(), Arc::default());
    let (counted, kept) = (Arc::clone(&connections), Arc::clone(&arrived));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let (acceptor, kept) = (acceptor.clone(), Arc::clone(&kept));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                loop {
                    let head = read_head(&mut stream).await;
                    if !head.ends_with("\r\n\r\n") {
                        return;
                    }
                    let length = head.to_ascii_lowercase();
                    let length = length.lines().find_map(|line| line.strip_prefix("content-length: "));
                    let mut body = vec![0; length.map_or(0, |text| text.parse().unwrap())];
                    _ = stream.read_exact(&mut body).await;
                    kept.lock().unwrap().push_str(&String::from_utf8(body).unwrap());
                    let answer = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\nok");
                    if stream.write_all(answer.as_bytes()).await.is_err() || once {
                        return;
                    }
                }
            });
        }
    });
    Server {
        upstream,
        connections,
        arrived,
    }
}

async fn in_front_of(there: &Server) -> World {
    World::with(Setup {
        upstream: Some(there.upstream.clone()),
        ..Setup::default()
    })
    .await
}

#[tokio::test]
async fn a_connection_that_a_server_has_closed_never_sends_a_message_twice() {
    let there = http1("", true).await;
    let world = in_front_of(&there).await;
    let mut tunnel = world.tunnel(EVENTS).await;
    let (mut answered, count) = (Vec::new(), 60);
    for number in 0..count {
        let body = format!("{{\"number\":{number}}}");
        tunnel.write_all(post(EVENTS, &body).as_bytes()).await.unwrap();
        tunnel.flush().await.unwrap();
        // Lost at the server's end is lost; what was not even begun goes over another connection.
        let reply = read_reply(&mut tunnel).await;
        match reply.status {
            200 => answered.push(body),
            status => assert_eq!((status, reply.kind().as_str()), (502, "lost")),
        }
        if reply.head.contains("connection: close") {
            tunnel = world.tunnel(EVENTS).await;
        }
    }
    let arrived = there.arrived.lock().unwrap().clone();
    for number in 0..count {
        let body = format!("{{\"number\":{number}}}");
        let times = arrived.matches(&body).count();
        assert!(times <= 1, "{body} arrived {times} times");
        assert!(times == 1 || !answered.contains(&body), "{body} was answered by nobody");
    }
    assert!(answered.len() > count / 2, "{}", answered.len());
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"kind\":\"intent\"").count(), count, "one intent each");
}

#[tokio::test]
async fn a_connection_is_not_used_again_when_the_server_may_be_closing_it() {
    for (fields, expected) in [("", 2), ("Keep-Alive: timeout=60\r\n", 1)] {
        let there = http1(fields, false).await;
        let world = in_front_of(&there).await;
        let mut tunnel = world.tunnel(EVENTS).await;
        // What it says counts for the connection after the one that it was said on.
        for _ in 0..2 {
            assert_eq!(exchange(&mut tunnel, GET.as_bytes()).await.status, 200);
        }
        let before = there.connections.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(4_500)).await;
        assert_eq!(exchange(&mut tunnel, GET.as_bytes()).await.status, 200);
        let more = there.connections.load(Ordering::SeqCst) - before;
        assert_eq!(more, expected - 1, "{fields}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_only_http2_is_asked_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(EVENTS, "h2", listener.local_addr().unwrap());
    let connections: Arc<AtomicUsize> = Arc::default();
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let answers = service_fn(|_: Request<Incoming>| async {
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("ok"))))
                });
                let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), answers);
                // Long enough for one answer.
                _ = tokio::time::timeout(Duration::from_millis(600), serving).await;
            });
        }
    });
    let world = World::with(Setup {
        upstream: Some(upstream),
        ..Setup::default()
    })
    .await;
    for (number, expected) in [2, 3, 4].into_iter().enumerate() {
        assert_eq!(world.post(EVENTS, "{}").await.status, 200, "{number}");
        assert_eq!(connections.load(Ordering::SeqCst), expected);
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
}
