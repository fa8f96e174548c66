//! Pseudonyms in answers: turned back for whoever sent the value in the same request, and for nobody else.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use averment_gate::Upstream;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Reply, exchange, post, read_head};
use crate::third_party::server;
use crate::websocket;
use crate::world::{ADA, Setup, World, recipient};

/// Gets pseudonyms, and its answers are turned back.
const CHAT: &str = "chat.example";
/// Gets pseudonyms of its own, which stay.
const KEPT: &str = "kept.example";

const SPELLED: &str = "Ada.Brook@School.example";

/// What a third party answers to a body, in the pieces in which it writes it.
type Answering = dyn Fn(&str) -> Vec<Vec<u8>> + Send + Sync;

/// A gate in front of a third party for `host`, and the requests that arrived there.
struct Scene {
    world: World,
    host: &'static str,
    arrived: Arc<Mutex<Vec<(String, String)>>>,
}

impl Scene {
    async fn new(host: &'static str, answering: impl Fn(&str) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Self {
        let arrived = Arc::default();
        let upstream = third_party(host, Arc::clone(&arrived), Arc::new(answering)).await;
        let world = World::with(Setup {
            register: register(),
            upstream: Some(upstream),
            ..Setup::default()
        })
        .await;
        Self { world, host, arrived }
    }

    async fn post(&self, body: &str) -> Reply {
        self.send(&post(self.host, body)).await
    }

    /// The answer, its chunks put together.
    async fn send(&self, request: &str) -> Reply {
        let close = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let mut stream = self.world.tunnel(self.host).await;
        let mut reply = exchange(&mut stream, close.as_bytes()).await;
        if reply.head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
            reply.body = unchunked(&reply.body);
        }
        reply
    }

    /// Head and body of the last request that arrived.
    fn last(&self) -> (String, String) {
        self.arrived.lock().unwrap().last().unwrap().clone()
    }

    fn pseudonym(&self) -> String {
        let (_, body) = self.last();
        let at = body.find("p1_").unwrap_or_else(|| panic!("no pseudonym in {body}"));
        body[at..at + 35].to_owned()
    }
}

fn register() -> Vec<(&'static str, String)> {
    let row = "[[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\ntreatment = \"pseudonym\"\n";
    let file = |id: &str, host: &str, more: &str| recipient(id, host, &format!("mode = \"enforce\"\n{more}{row}"));
    vec![
        (
            "recipients/chat.toml",
            file("chat", CHAT, "pseudonyms_in_answers = \"turn_back\"\n"),
        ),
        ("recipients/kept.toml", file("kept", KEPT, "")),
    ]
}

async fn third_party(host: &str, arrived: Arc<Mutex<Vec<(String, String)>>>, answering: Arc<Answering>) -> Upstream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(host, "http/1.1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, arrived, answering) = (acceptor.clone(), Arc::clone(&arrived), Arc::clone(&answering));
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                let head = read_head(&mut stream).await;
                let length = head.to_ascii_lowercase();
                let length = length.lines().find_map(|line| line.strip_prefix("content-length: "));
                let mut body = vec![0; length.map_or(0, |text| text.parse().unwrap())];
                stream.read_exact(&mut body).await.unwrap();
                let body = String::from_utf8(body).unwrap();
                arrived.lock().unwrap().push((head, body.clone()));
                for piece in answering(&body) {
                    stream.write_all(&piece).await.unwrap();
                    stream.flush().await.unwrap();
                    tokio::task::yield_now().await;
                }
                stream.shutdown().await.unwrap();
            });
        }
    });
    upstream
}

fn unchunked(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&after[..length]);
        rest = &after[(length + 2).min(after.len())..];
    }
    whole
}

/// An answer with its length.
fn whole(fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// What the request held, echoed.
fn echo(fields: &'static str) -> impl Fn(&str) -> Vec<Vec<u8>> {
    move |body| vec![whole(fields, body.as_bytes())]
}

#[tokio::test]
async fn the_sender_gets_back_what_it_sent_and_the_recipient_a_pseudonym() {
    let scene = Scene::new(
        CHAT,
        echo("Content-Type: application/json\r\nContent-MD5: x\r\nETag: \"1\"\r\n"),
    )
    .await;
    let body = format!("{{\"from\":\"{SPELLED}\",\"text\":\"write to {SPELLED}.\"}}");
    let reply = scene.post(&body).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, body.as_str()));
    assert!(
        !reply.head.contains("content-md5") && !reply.head.contains("Content-MD5"),
        "{}",
        reply.head
    );
    assert!(
        reply.head.to_ascii_lowercase().contains("etag: \"1\""),
        "{}",
        reply.head
    );
    let (_, arrived) = scene.last();
    assert!(!arrived.to_lowercase().contains(ADA), "{arrived}");
    assert_eq!(arrived.matches(&scene.pseudonym()).count(), 2);
    // Nothing to turn back: the answer is what the recipient wrote, its length too.
    let plain = scene.post("{}").await;
    assert_eq!(plain.body, "{}");
    assert!(
        plain.head.to_ascii_lowercase().contains("content-md5"),
        "{}",
        plain.head
    );
    scene.world.ledger();
}

#[tokio::test]
async fn an_answer_in_chunks_is_turned_back_across_their_borders() {
    let scene = Scene::new(CHAT, |body| {
        let text = format!("event: a\ndata: {body}\n\n");
        let mut pieces =
            vec![b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec()];
        pieces.extend(text.as_bytes().chunks(5).map(|chunk| {
            let length = format!("{:x}\r\n", chunk.len());
            [length.as_bytes(), chunk, b"\r\n"].concat()
        }));
        pieces.push(b"0\r\n\r\n".to_vec());
        pieces
    })
    .await;
    let body = format!("[\"{SPELLED}\",\"{SPELLED}\"]");
    assert_eq!(scene.post(&body).await.body, format!("event: a\ndata: {body}\n\n"));
    scene.pseudonym();
}

#[tokio::test]
async fn a_compressed_answer_is_undone_and_no_other_compression_is_asked_for() {
    let scene = Scene::new(CHAT, |body| {
        vec![whole(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Encoding: gzip\r\n",
            &gzip(body),
        )]
    })
    .await;
    let request = |body: &str| post(CHAT, body).replacen("\r\n", "\r\nAccept-Encoding: br, gzip;q=0.8\r\n", 1);
    let body = format!("{{\"from\":\"{SPELLED}\"}}");
    let reply = scene.send(&request(&body)).await;
    assert_eq!(reply.body, body);
    assert!(
        !reply.head.to_ascii_lowercase().contains("content-encoding"),
        "{}",
        reply.head
    );
    let (head, _) = scene.last();
    assert!(head.contains("Accept-Encoding: gzip;q=0.8\r\n"), "{head}");
}

#[tokio::test]
async fn what_is_not_of_this_request_and_what_cannot_be_read_stays() {
    let body = format!("{{\"from\":\"{SPELLED}\"}}");
    let other = Scene::new(KEPT, echo("Content-Type: application/json\r\n")).await;
    let kept = other.post(&body).await;
    let of_another = other.pseudonym();
    assert_eq!(
        kept.body,
        format!("{{\"from\":\"{of_another}\"}}"),
        "not declared: it stays"
    );

    let stranger = of_another.clone();
    let scene = Scene::new(CHAT, move |body| {
        vec![whole(
            "Content-Type: text/plain\r\n",
            format!("{body} {stranger}").as_bytes(),
        )]
    })
    .await;
    assert_eq!(scene.post(&body).await.body, format!("{body} {of_another}"));
    let own = scene.pseudonym();
    assert_ne!(own, of_another);

    let later = own.clone();
    let scene = Scene::new(CHAT, move |_| {
        vec![whole("Content-Type: text/plain\r\n", later.as_bytes())]
    })
    .await;
    assert_eq!(scene.post("{}").await.body, own, "the request did not hold the value");

    for fields in [
        "Content-Type: application/octet-stream\r\n",
        "Content-Type: application/grpc\r\n",
        "Content-Type: text/plain\r\nContent-Encoding: br\r\n",
        "Content-Type: text/plain\r\nContent-Encoding: gzip, gzip\r\n",
        "Content-Range: bytes 0-3/9\r\n",
    ] {
        let scene = Scene::new(CHAT, echo(fields)).await;
        let reply = scene.post(&body).await;
        assert_eq!(reply.body, format!("{{\"from\":\"{own}\"}}"), "{fields}");
        assert!(
            reply.head.to_ascii_lowercase().contains("content-length"),
            "{}",
            reply.head
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_not_in_its_encoding_ends_as_broken() {
    let scene = Scene::new(CHAT, |body| {
        let mut packed = gzip(body);
        packed.truncate(packed.len() - 4);
        vec![whole("Content-Type: text/plain\r\nContent-Encoding: gzip\r\n", &packed)]
    })
    .await;
    let mut stream = scene.world.tunnel(CHAT).await;
    stream
        .write_all(post(CHAT, &format!("\"{SPELLED}\"")).as_bytes())
        .await
        .unwrap();
    let mut bytes = Vec::new();
    _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        !text.ends_with("0\r\n\r\n"),
        "what is cut off never looks whole: {text}"
    );
}

/// An event stream that goes on only when it is told to, plain or packed with a flush behind each event.
async fn paused_events(packed: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(CHAT, "http/1.1", listener.local_addr().unwrap());
    let (go_on, mut told) = tokio::sync::mpsc::channel::<()>(1);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let head = read_head(&mut stream).await.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        let coding = if packed { "Content-Encoding: gzip\r\n" } else { "" };
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{coding}Transfer-Encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut encoder, mut sent) = (GzEncoder::new(Vec::new(), Compression::default()), 0);
        for event in [
            format!("data: {body}\n\n"),
            "data: help\n\n".to_owned(),
            "data: p1_01\n\n".to_owned(),
        ] {
            encoder.write_all(event.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let bytes = if packed {
                encoder.get_ref()[sent..].to_vec()
            } else {
                event.into_bytes()
            };
            sent = encoder.get_ref().len();
            let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat();
            stream.write_all(&chunk).await.unwrap();
            stream.flush().await.unwrap();
            // The next is not even written before this one has arrived.
            told.recv().await.unwrap();
        }
    });
    let world = World::with(Setup {
        register: register(),
        upstream: Some(upstream),
        ..Setup::default()
    })
    .await;
    let body = format!("{{\"from\":\"{SPELLED}\"}}");
    let mut tunnel = world.tunnel(CHAT).await;
    tunnel.write_all(post(CHAT, &body).as_bytes()).await.unwrap();
    assert!(read_head(&mut tunnel).await.starts_with("HTTP/1.1 200"));
    for event in [
        format!("data: {body}\n\n"),
        "data: help\n\n".to_owned(),
        "data: p1_01\n\n".to_owned(),
    ] {
        let chunk = format!("{:X}\r\n{event}\r\n", event.len());
        let mut bytes = vec![0; chunk.len()];
        tunnel.read_exact(&mut bytes).await.unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), chunk);
        go_on.send(()).await.unwrap();
    }
}

#[tokio::test]
async fn events_are_turned_back_one_by_one_and_wait_for_nothing() {
    paused_events(false).await;
    paused_events(true).await;
}

#[tokio::test]
async fn messages_of_a_conversation_are_turned_back_one_by_one() {
    let there = websocket::start(
        CHAT,
        Setup {
            register: register(),
            ..Setup::default()
        },
    )
    .await;
    let mut socket = websocket::open(&there.world, CHAT).await;
    let text = format!("{{\"from\":\"{SPELLED}\"}}");
    for text in [
        text.as_str(),
        "nothing of anybody",
        &text.repeat(2_000),
        "ends with p1_",
    ] {
        websocket::send(&mut socket, Message::text(text)).await.unwrap();
        assert_eq!(
            websocket::next(&mut socket).await.unwrap().unwrap(),
            Message::text(text)
        );
    }
    let sent = there.messages();
    assert!(sent.iter().all(|message| !message.to_string().contains(SPELLED)));
    let pseudonym = sent[0]
        .to_text()
        .unwrap()
        .split('"')
        .find(|text| text.starts_with("p1_"))
        .unwrap();
    // What was said before can be spoken of later; not so in another conversation.
    websocket::send(&mut socket, Message::text(pseudonym)).await.unwrap();
    assert_eq!(
        websocket::next(&mut socket).await.unwrap().unwrap(),
        Message::text(SPELLED)
    );
    let mut other = websocket::open(&there.world, CHAT).await;
    websocket::send(&mut other, Message::text(pseudonym)).await.unwrap();
    assert_eq!(
        websocket::next(&mut other).await.unwrap().unwrap(),
        Message::text(pseudonym)
    );
}
