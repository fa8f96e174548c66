//! WebSocket, with a client and a server that are not ours.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use averment_gate::{Settings, Timeouts, Upstream};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async, client_async};

use crate::client::{exchange, tls_config};
use crate::third_party::server;
use crate::world::{ADA, DESK, EVENTS, REPORTED, Setup, World, short};

/// What arrived: fields of the handshake, and messages.
#[derive(Default)]
struct Arrived {
    fields: Vec<(String, String)>,
    messages: Vec<Message>,
}

/// A gate and the server behind it.
pub(crate) struct There {
    pub(crate) world: World,
    arrived: Arc<Mutex<Arrived>>,
}

impl There {
    /// What arrived.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.arrived.lock().unwrap().messages.clone()
    }
}

/// A server that sends every message back, and says `bye` as it closes.
pub(crate) async fn start(host: &'static str, setup: Setup) -> There {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream): (_, Upstream) = server(host, "http/1.1", listener.local_addr().unwrap());
    let arrived: Arc<Mutex<Arrived>> = Arc::default();
    let kept = Arc::clone(&arrived);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, kept) = (acceptor.clone(), Arc::clone(&kept));
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.unwrap();
                let fields = Arc::clone(&kept);
                #[expect(clippy::result_large_err, reason = "the library asks for it")]
                let keep = move |request: &Request, response: Response| {
                    let all = request.headers().iter();
                    let all = all.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
                    fields.lock().unwrap().fields = all.collect();
                    Ok(response)
                };
                let mut socket = accept_hdr_async(stream, keep).await.unwrap();
                while let Some(Ok(message)) = next(&mut socket).await {
                    kept.lock().unwrap().messages.push(message.clone());
                    if message.is_text() || message.is_binary() {
                        send(&mut socket, message).await.unwrap();
                    }
                }
            });
        }
    });
    let world = World::with(Setup {
        upstream: Some(upstream),
        ..setup
    })
    .await;
    There { world, arrived }
}

pub(crate) async fn next<S>(socket: &mut WebSocketStream<S>) -> Option<Result<Message, Error>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    use futures_util::StreamExt as _;
    socket.next().await
}

pub(crate) async fn send<S>(socket: &mut WebSocketStream<S>, message: Message) -> Result<(), Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    use futures_util::SinkExt as _;
    socket.send(message).await
}

pub(crate) type Socket = WebSocketStream<TlsStream<TcpStream>>;

pub(crate) async fn open(world: &World, host: &str) -> Socket {
    let tunnel = world.tunnel(host).await;
    let request = format!("wss://{host}/live?room=7");
    client_async(request, tunnel).await.unwrap().0
}

async fn closed(socket: &mut Socket) -> Option<CloseFrame> {
    loop {
        match next(socket).await {
            Some(Ok(Message::Close(frame))) => return frame,
            Some(Ok(_)) => {}
            _ => return None,
        }
    }
}

#[tokio::test]
async fn messages_pass_both_ways_and_each_is_recorded_before() {
    let there = start(EVENTS, Setup::default()).await;
    let mut socket = open(&there.world, EVENTS).await;
    let large = "word ".repeat(30_000);
    for message in [
        Message::text("hello"),
        Message::text(large),
        Message::binary(b"{\"a\":1}".to_vec()),
    ] {
        send(&mut socket, message.clone()).await.unwrap();
        assert_eq!(next(&mut socket).await.unwrap().unwrap(), message);
    }
    send(&mut socket, Message::Ping(b"are you there".to_vec().into()))
        .await
        .unwrap();
    assert!(
        matches!(next(&mut socket).await, Some(Ok(Message::Pong(payload))) if payload.as_ref() == b"are you there")
    );
    socket
        .close(Some(CloseFrame {
            code: CloseCode::Normal,
            reason: "done".into(),
        }))
        .await
        .unwrap();
    assert_eq!(closed(&mut socket).await.unwrap().code, CloseCode::Normal);
    there.world.until_outcomes(6).await;
    let ledger = there.world.ledger();
    // The handshake, three messages, a ping and a farewell with words in them.
    assert_eq!(ledger.matches("\"kind\":\"intent\"").count(), 6, "{ledger}");
    assert_eq!(ledger.matches("\"part_of\":").count(), 5);
    assert_eq!(ledger.matches("\"result\":\"sent\"").count(), 5);
    assert_eq!(ledger.matches("\"result\":\"answered\",\"status\":101").count(), 1);
}

#[tokio::test]
async fn a_message_that_may_not_go_closes_with_1008() {
    for bad in [
        Message::text(format!("{{\"user\":\"{ADA}\"}}")),
        Message::binary(ADA.as_bytes().to_vec()),
        Message::Ping(ADA.as_bytes().to_vec().into()),
    ] {
        let there = start(EVENTS, Setup::default()).await;
        let mut socket = open(&there.world, EVENTS).await;
        send(&mut socket, Message::text("fine")).await.unwrap();
        assert_eq!(next(&mut socket).await.unwrap().unwrap(), Message::text("fine"));
        send(&mut socket, bad).await.unwrap();
        let frame = closed(&mut socket).await.unwrap();
        assert_eq!(frame.code, CloseCode::Policy);
        let id = frame
            .reason
            .strip_prefix("refused averment-request: ")
            .unwrap()
            .to_owned();
        there.world.until_outcomes(2).await;
        let ledger = there.world.ledger();
        assert!(
            ledger.contains(&format!("\"kind\":\"refusal\",\"id\":\"{id}\"")),
            "{ledger}"
        );
        let arrived = there.arrived.lock().unwrap();
        assert!(
            arrived
                .messages
                .iter()
                .all(|message| !message.to_string().contains("brook"))
        );
    }
}

#[tokio::test]
async fn a_message_in_pieces_is_looked_at_whole() {
    let there = start(EVENTS, Setup::default()).await;
    let socket = open(&there.world, EVENTS).await;
    let mut raw = socket.into_inner();
    let (first, second) = ADA.split_at(9);
    let frame = |head: u8, payload: &str| {
        let mut bytes = vec![head, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        bytes.extend_from_slice(payload.as_bytes());
        bytes
    };
    raw.write_all(&frame(0x01, first)).await.unwrap();
    raw.write_all(&frame(0x80, second)).await.unwrap();
    let mut answer = [0; 4];
    raw.read_exact(&mut answer).await.unwrap();
    assert_eq!((answer[0], u16::from_be_bytes([answer[2], answer[3]])), (0x88, 1008));
    assert!(!there.arrived.lock().unwrap().messages.iter().any(Message::is_text));
}

#[tokio::test]
async fn frames_that_break_the_protocol_close() {
    for (bytes, code) in [
        (vec![0x81, 1, b'x'], 1002),
        (vec![0xc1, 0x81, 0, 0, 0, 0, b'x'], 1002),
        (vec![0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
    ] {
        let there = start(EVENTS, Setup::default()).await;
        let mut raw = open(&there.world, EVENTS).await.into_inner();
        raw.write_all(&bytes).await.unwrap();
        let mut answer = [0; 4];
        raw.read_exact(&mut answer).await.unwrap();
        assert_eq!(u16::from_be_bytes([answer[2], answer[3]]), code);
        assert!(!there.arrived.lock().unwrap().messages.iter().any(Message::is_text));
    }
}

#[tokio::test]
async fn a_message_is_rewritten_where_the_register_says_so() {
    let there = start(DESK, Setup::default()).await;
    let mut socket = open(&there.world, DESK).await;
    send(&mut socket, Message::text(format!("{{\"from\" : \"{ADA}\"}}")))
        .await
        .unwrap();
    assert_eq!(
        next(&mut socket).await.unwrap().unwrap(),
        Message::text("{\"from\" : \"***\"}")
    );
}

#[tokio::test]
async fn report_mode_lets_messages_out_and_records_before() {
    let there = start(REPORTED, Setup::default()).await;
    let mut socket = open(&there.world, REPORTED).await;
    send(&mut socket, Message::text(ADA)).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap().unwrap(), Message::text(ADA));
    assert_eq!(there.world.ledger().matches("\"judged\":\"refuse\"").count(), 1);
}

#[tokio::test]
async fn the_handshake_is_judged_and_asks_for_no_compression() {
    let there = start(EVENTS, Setup::default()).await;
    let handshake = |host: &str, target: &str| {
        format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        )
    };
    let refused = there.world.send(EVENTS, &handshake(EVENTS, &format!("/{ADA}"))).await;
    assert_eq!((refused.status, refused.kind().as_str()), (403, "refused"));
    assert!(there.arrived.lock().unwrap().fields.is_empty());
    let mut tunnel = there.world.tunnel(EVENTS).await;
    tunnel.write_all(handshake(EVENTS, "/live").as_bytes()).await.unwrap();
    let head = crate::client::read_head(&mut tunnel).await.to_ascii_lowercase();
    assert!(
        head.starts_with("http/1.1 101") && head.contains("upgrade: websocket\r\n"),
        "{head}"
    );
    assert!(head.contains("sec-websocket-accept: "), "{head}");
    let arrived = there.arrived.lock().unwrap();
    assert!(
        !arrived
            .fields
            .iter()
            .any(|(name, _)| name == "sec-websocket-extensions")
    );
}

#[tokio::test]
async fn a_recipient_that_speaks_no_websocket_answers_as_it_likes() {
    let world = World::start().await;
    let request = format!(
        "GET /live HTTP/1.1\r\nHost: {EVENTS}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    let reply = exchange(&mut world.tunnel(EVENTS).await, request.as_bytes()).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "{\"code\":200}"));
    assert_eq!(world.sink.requests()[0].header("upgrade"), Some(&b"websocket"[..]));
}

#[tokio::test]
async fn without_a_ledger_no_message_goes_out() {
    let there = start(EVENTS, Setup::default()).await;
    let mut socket = open(&there.world, EVENTS).await;
    there.world.journal.close().unwrap();
    send(&mut socket, Message::text("fine")).await.unwrap();
    assert_eq!(closed(&mut socket).await.unwrap().code, CloseCode::Error);
    assert!(!there.arrived.lock().unwrap().messages.iter().any(Message::is_text));
}

#[tokio::test]
async fn a_message_beyond_the_bound_closes_with_1009() {
    let settings = Settings::parse("[limits]\nwhole_max_bytes = 1000\n").unwrap();
    let there = start(
        REPORTED,
        Setup {
            settings,
            ..Setup::default()
        },
    )
    .await;
    let mut socket = open(&there.world, REPORTED).await;
    send(&mut socket, Message::text("x ".repeat(600))).await.unwrap();
    assert_eq!(closed(&mut socket).await.unwrap().code, CloseCode::Size);
    there.world.until_outcomes(1).await;
    let ledger = there.world.ledger();
    assert!(
        ledger.contains("\"because\":\"too_large\"") && ledger.contains("\"kind\":\"refusal\""),
        "{ledger}"
    );
}

#[tokio::test]
async fn a_gate_that_stops_says_so() {
    let timeouts = Timeouts {
        drain: Duration::from_secs(10),
        ..short()
    };
    let there = start(
        EVENTS,
        Setup {
            timeouts,
            ..Setup::default()
        },
    )
    .await;
    let mut socket = open(&there.world, EVENTS).await;
    // Silence for longer than any timeout of heads and bodies changes nothing.
    tokio::time::sleep(Duration::from_millis(500)).await;
    send(&mut socket, Message::text("still here")).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap().unwrap(), Message::text("still here"));
    there.world.stop.cancel();
    assert_eq!(closed(&mut socket).await.unwrap().code, CloseCode::Away);
    there.world.served.await.unwrap();
}

#[tokio::test]
async fn a_tunnel_that_is_no_websocket_stays_http() {
    // The switch is only made once the recipient agreed: what looks like frames before is a broken request.
    let there = start(EVENTS, Setup::default()).await;
    let stream = there.world.connect(&format!("{EVENTS}:443")).await;
    let connector = TlsConnector::from(tls_config(&there.world.authority, "http/1.1"));
    let mut tunnel = connector
        .connect(ServerName::try_from(EVENTS).unwrap(), stream)
        .await
        .unwrap();
    let reply = exchange(&mut tunnel, b"\x81\x85\0\0\0\0hello\r\n\r\n").await;
    assert_eq!(reply.status, 400);
    assert!(there.arrived.lock().unwrap().messages.is_empty());
}

/// A stream of HTTP/2 that was opened for WebSocket, or the status that it was answered with.
async fn open_in_http2(
    world: &World,
    host: &str,
    protocol: &'static str,
    fields: &[(&'static str, &str)],
) -> Result<WebSocketStream<hyper_util::rt::TokioIo<hyper::upgrade::Upgraded>>, u16> {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let tunnel = world.tunnel_as(host, host, "h2").await;
    let connected = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tunnel)).await;
    let (mut sender, connection) = connected.unwrap();
    tokio::spawn(connection);
    // The gate's settings have to be there before it may be asked for what they allow.
    let get = http::Request::get(format!("https://{host}/")).body(http_body_util::Empty::<bytes::Bytes>::new());
    _ = sender.send_request(get.unwrap()).await;
    let mut request = http::Request::connect(format!("https://{host}/live?room=7"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let protocol = hyper::ext::Protocol::from_static(protocol);
    let request = request.extension(protocol).body(http_body_util::Empty::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    assert!(!response.headers().contains_key("sec-websocket-accept"));
    let upgraded = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    let role = tokio_tungstenite::tungstenite::protocol::Role::Client;
    let socket = WebSocketStream::from_raw_socket(upgraded, role, None).await;
    // The connection lives as long as somebody may ask for more.
    tokio::spawn(async move {
        let _sender = sender;
        std::future::pending::<()>().await;
    });
    Ok(socket)
}

const VERSION: (&str, &str) = ("sec-websocket-version", "13");

#[tokio::test]
async fn inside_http2_it_is_the_same() {
    let there = start(EVENTS, Setup::default()).await;
    let fields = [VERSION, ("sec-websocket-extensions", "permessage-deflate")];
    let mut socket = open_in_http2(&there.world, EVENTS, "websocket", &fields).await.unwrap();
    let large = "word ".repeat(30_000);
    for message in [Message::text("hello"), Message::text(large)] {
        send(&mut socket, message.clone()).await.unwrap();
        assert_eq!(next(&mut socket).await.unwrap().unwrap(), message);
    }
    send(&mut socket, Message::text(format!("to {ADA}"))).await.unwrap();
    let closed = loop {
        match next(&mut socket).await {
            Some(Ok(Message::Close(frame))) => break frame,
            Some(Ok(_)) => {}
            _ => break None,
        }
    };
    assert_eq!(closed.unwrap().code, CloseCode::Policy);
    assert!(
        there
            .messages()
            .iter()
            .all(|message| !message.to_string().contains(ADA))
    );
    {
        let arrived = there.arrived.lock().unwrap();
        let field = |name: &str| {
            arrived
                .fields
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        assert_eq!(field("sec-websocket-extensions"), None);
        assert_eq!(field("upgrade").as_deref(), Some("websocket"));
        assert_eq!(field("sec-websocket-key").unwrap().len(), 24);
    }
    there.world.until_outcomes(3).await;
    let ledger = there.world.ledger();
    assert!(ledger.matches("\"part_of\":").count() >= 2, "{ledger}");
    assert_eq!(ledger.matches("\"kind\":\"refusal\"").count(), 1, "{ledger}");
}

#[tokio::test]
async fn inside_http2_nothing_else_is_opened() {
    let there = start(EVENTS, Setup::default()).await;
    for (protocol, fields, expected) in [
        ("connect-udp", &[VERSION][..], 501),
        ("websocket", &[("sec-websocket-version", "8")], 501),
        ("websocket", &[VERSION, ("x-to", ADA)], 403),
    ] {
        let opened = open_in_http2(&there.world, EVENTS, protocol, fields).await;
        assert_eq!(opened.err(), Some(expected), "{protocol}");
    }
    assert!(there.arrived.lock().unwrap().fields.is_empty());
}
