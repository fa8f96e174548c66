//! HTTP/2 on both sides.

use std::time::Duration;

use averment_gate::Settings;
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{ADA, EVENTS, Setup, World, short};

async fn connection(world: &World) -> SendRequest<Full<Bytes>> {
    let tunnel = world.tunnel_as(EVENTS, EVENTS, "h2").await;
    assert_eq!(tunnel.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(tunnel)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(body: &str) -> Request<Full<Bytes>> {
    let builder = Request::post(format!("https://{EVENTS}/v1/x?a=%2F"))
        .header("x-one", "1")
        .header("cookie", "a=b");
    builder
        .header("cookie", "c=d")
        .body(Full::from(body.to_owned()))
        .unwrap()
}

/// A caller who speaks HTTP/2 in clear from the first byte on.
async fn in_clear(world: &World) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn body(response: Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_clean_request_passes() {
    let world = World::start().await;
    let response = connection(&world)
        .await
        .send_request(request("{\"a\": 1.0}"))
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, Version::HTTP_2));
    assert_eq!(body(response).await, "{\"code\":200}");
    let received = world.sink.requests().pop().unwrap();
    assert_eq!(
        (received.version, received.host.as_str(), received.target.as_str()),
        (Version::HTTP_2, EVENTS, "/v1/x?a=%2F")
    );
    assert_eq!(
        (received.body.as_ref(), received.header("x-one")),
        (&b"{\"a\": 1.0}"[..], Some(&b"1"[..]))
    );
    assert_eq!(received.header("cookie"), Some(&b"a=b; c=d"[..]));
}

/// The sink speaks both.
#[tokio::test]
async fn a_caller_of_http1_reaches_the_recipient_over_http1() {
    let world = World::start().await;
    let plain = format!("POST /v1/x HTTP/1.1\r\nHost: {EVENTS}\r\nX-One: 1\r\nContent-Length: 2\r\n\r\n{{}}");
    assert_eq!(world.send(EVENTS, &plain).await.status, 200);
    let mut through = connection(&world).await;
    assert_eq!(through.send_request(request("{}")).await.unwrap().status(), 200);
    let versions: Vec<Version> = world.sink.requests().iter().map(|received| received.version).collect();
    assert_eq!(versions, [Version::HTTP_11, Version::HTTP_2]);
}

#[tokio::test]
async fn streams_of_one_connection_are_judged_each() {
    let world = World::start().await;
    let sender = connection(&world).await;
    let answers = (0..20).map(|n| {
        let mut sender = sender.clone();
        let leaks = n % 2 == 0;
        let text = if leaks {
            format!("{{\"u\":\"{ADA}\"}}")
        } else {
            "{}".to_owned()
        };
        tokio::spawn(async move {
            (
                leaks,
                sender.send_request(request(&text)).await.unwrap().status().as_u16(),
            )
        })
    });
    for answer in answers.collect::<Vec<_>>() {
        let (leaks, status) = answer.await.unwrap();
        assert_eq!(status, if leaks { 403 } else { 200 });
    }
    assert!(world.sink.requests().iter().all(|received| received.body == "{}"));
    assert_eq!(world.sink.count(), 10);
}

#[tokio::test]
async fn another_authority_is_misdirected() {
    let world = World::start().await;
    let wrong = Request::get("https://desk.example/").body(Full::default()).unwrap();
    let response = connection(&world).await.send_request(wrong).await.unwrap();
    assert_eq!(response.status(), 421);
    let two = Request::get(format!("https://{EVENTS}/"))
        .header("host", "desk.example")
        .body(Full::default())
        .unwrap();
    assert_eq!(connection(&world).await.send_request(two).await.unwrap().status(), 421);
    assert_eq!(world.sink.count(), 0);
}

async fn routed() -> World {
    let routes = format!("[[routes]]\nrecipient = \"events\"\nhost = \"{EVENTS}\"\n");
    World::with(Setup {
        settings: Settings::parse(&routes).unwrap(),
        ..Setup::default()
    })
    .await
}

#[tokio::test]
async fn routes_are_served_over_http2_in_clear() {
    let world = routed().await;
    let mut caller = in_clear(&world).await;
    let own = world.address;
    for (count, target) in [
        format!("http://{own}/to/events/pkg.Service/Call?a=%2F"),
        // By the recipient's name, as clients do that cannot put anything before a path.
        format!("http://{EVENTS}/pkg.Service/Call?a=%2F"),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, target)| (at as u64 + 1, target))
    {
        let request = Request::post(&target)
            .header("x-one", "1")
            .body(Full::from("{}"))
            .unwrap();
        let response = caller.send_request(request).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.version()),
            (200, Version::HTTP_2),
            "{target}"
        );
        assert_eq!(body(response).await, "{\"code\":200}");
        assert_eq!(world.sink.count(), count);
        let received = world.sink.requests().pop().unwrap();
        assert!(received.encrypted);
        assert_eq!(
            (received.version, received.host.as_str(), received.target.as_str()),
            (Version::HTTP_2, EVENTS, "/pkg.Service/Call?a=%2F")
        );
    }
    let own_path = Request::post(format!("http://{EVENTS}/to/desk/x")).body(Full::from("{}"));
    assert_eq!(caller.send_request(own_path.unwrap()).await.unwrap().status(), 200);
    let received = world.sink.requests().pop().unwrap();
    assert_eq!(
        (received.host.as_str(), received.target.as_str()),
        (EVENTS, "/to/desk/x")
    );
    let named = Request::post(format!("http://{own}/to/events/x")).body(Full::from(format!("{{\"u\":\"{ADA}\"}}")));
    let refused = caller.send_request(named.unwrap()).await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(body(refused).await.contains("urn:averment:problem:refused"));
    assert_eq!(world.sink.count(), 3);
}

#[tokio::test]
async fn nothing_but_routes_is_served_over_http2_in_clear() {
    let world = routed().await;
    let mut caller = in_clear(&world).await;
    for (method, target, status) in [
        ("GET", format!("http://{}/x", world.address), 400),
        ("GET", "http://reported.example/x".to_owned(), 400),
        ("GET", format!("http://{}/to/desk/x", world.address), 404),
        ("CONNECT", format!("{EVENTS}:443"), 400),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(&target)
            .body(Full::default())
            .unwrap();
        let response = caller.send_request(request).await.unwrap();
        assert_eq!(response.status(), status, "{method} {target}");
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn what_only_begins_like_http2_is_closed_in_the_time_of_a_head() {
    let world = World::with(Setup {
        timeouts: short(),
        ..Setup::default()
    })
    .await;
    for begun in ["", "P", "PRI * HTTP/2.0\r\n\r\n"] {
        let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{begun:?}");
    }
    // Methods that begin with the same letters, in two parts.
    for (first, rest) in [("P", "UT /"), ("PRI", " /x"), ("PRI * ", "/")] {
        let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(first.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        let rest = format!("{rest} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(rest.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 400", "{first}");
    }
}
