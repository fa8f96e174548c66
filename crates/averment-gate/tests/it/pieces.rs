//! What is decided piece by piece is decided like a whole: with its sender, and on the state at the moment.

use averment_gate::Settings;
use averment_store::{About, ConsentState};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::client::{Reply, exchange};
use crate::deciding::{CHOSEN, PHOTOS, reason, register, service, showing};
use crate::websocket;
use crate::world::{ADA, Setup, World};

const SMALL: &str = "[limits]\nwhole_max_bytes = 16384\nwindow_bytes = 4096\n";
pub(crate) const CONTEXT: &str = "Averment-Context: when=subject_chooses\r\n";

/// Only `mailer` sends, and what has a condition only when it is declared.
pub(crate) fn strict() -> Setup {
    let services = service("recipients = [\"chosen\"]\nconditions = [\"subject_chooses\"]\n");
    let text = format!("services_required = true\nconditions_required = true\n{SMALL}{services}");
    Setup {
        settings: Settings::parse(&text).unwrap(),
        register: register(),
        ..Setup::default()
    }
}

fn lenient(more: Option<(&'static str, String)>) -> Setup {
    Setup {
        settings: Settings::parse(SMALL).unwrap(),
        register: register().into_iter().chain(more).collect(),
        ..Setup::default()
    }
}

/// An upload beyond what is decided whole that names her far behind its first look.
pub(crate) fn upload(host: &str, fields: &str) -> (String, String) {
    let words = "word ".repeat(20_000);
    let body = format!("{words}{ADA} {words}");
    let length = body.len();
    let head = format!(
        "POST /v1/upload HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n{fields}Content-Length: {length}\r\n\r\n"
    );
    (head, body)
}

async fn send(world: &World, host: &str) -> Reply {
    let (head, body) = upload(host, "");
    exchange(&mut world.tunnel(host).await, (head + &body).as_bytes()).await
}

#[tokio::test]
async fn a_streamed_upload_has_the_sender_of_its_head() {
    let world = World::with(strict()).await;
    let token = showing("token-of-mailer");
    let (head, body) = upload(CHOSEN, CONTEXT);
    let reply = world.send_as(&token, CHOSEN, &(head + &body)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(world.sink.requests().pop().unwrap().body == body.as_bytes());
    let (head, body) = upload(CHOSEN, "");
    let reply = world.send_as(&token, CHOSEN, &(head + &body)).await;
    assert_eq!(
        (reply.status, reason(&reply).as_str()),
        (403, "condition_not_declared"),
        "{}",
        reply.body
    );
    let (head, body) = upload(PHOTOS, CONTEXT);
    let reply = world.send_as(&token, PHOTOS, &(head + &body)).await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "not-for-service"));
    world.until_outcomes(2).await;
    let ledger = world.ledger();
    let pieces = ledger.lines().filter(|line| line.contains("\"part_of\":"));
    assert!(
        pieces.clone().count() >= 2 && pieces.clone().all(|line| line.contains("\"service\":\"mailer\"")),
        "{ledger}"
    );
}

#[tokio::test]
async fn a_conversation_has_the_sender_of_its_handshake() {
    for (context, passes) in [(Some("when=subject_chooses"), true), (None, false)] {
        let there = websocket::start(CHOSEN, strict()).await;
        let world = &there.world;
        let (stream, head) = world
            .connect_with(&format!("{CHOSEN}:443"), &showing("token-of-mailer"))
            .await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let tunnel = world.secure(stream, CHOSEN, "http/1.1").await;
        let mut request = format!("wss://{CHOSEN}/live").into_client_request().unwrap();
        let fields = request.headers_mut();
        context.map(|context| fields.insert("averment-context", context.parse().unwrap()));
        let mut socket = client_async(request, tunnel).await.unwrap().0;
        let message = Message::text(format!("from {ADA}"));
        websocket::send(&mut socket, message.clone()).await.unwrap();
        let answer = websocket::next(&mut socket).await.unwrap().unwrap();
        assert_eq!(answer == message, passes, "{answer}");
        assert_eq!(answer.is_close(), !passes, "{answer}");
        drop(socket);
        let ledger = world.ledger();
        assert_eq!(ledger.matches("\"service\":\"mailer\"").count(), 2, "{ledger}");
    }
}

#[tokio::test]
async fn consents_and_objections_hold_inside_an_upload() {
    let world = World::with(lenient(None)).await;
    assert_eq!(reason(&send(&world, PHOTOS).await), "consent_missing");
    world.enter(About::Person("ada"), "photo", ConsentState::Given);
    assert_eq!(send(&world, PHOTOS).await.status, 200);
    world.enter(About::Person("ada"), "photo", ConsentState::Withdrawn);
    assert_eq!(reason(&send(&world, PHOTOS).await), "consent_missing");
    assert_eq!(send(&world, CHOSEN).await.status, 200);
    world.enter(About::School("westfield"), "recipient:chosen", ConsentState::Withdrawn);
    assert_eq!(reason(&send(&world, CHOSEN).await), "objected");
}

#[tokio::test]
async fn an_objection_holds_for_what_is_left_of_an_upload() {
    let world = World::with(lenient(None)).await;
    let mut tunnel = world.tunnel(CHOSEN).await;
    let (head, body) = upload(CHOSEN, "");
    let length = body.len();
    let twice = head.replace(
        &format!("Content-Length: {length}"),
        &format!("Content-Length: {}", 2 * length),
    );
    tunnel.write_all((twice + &body).as_bytes()).await.unwrap();
    // The head of the upload and the look that names her are recorded.
    world.until_outcomes(1).await;
    world.enter(About::Person("ada"), "recipient:chosen", ConsentState::Withdrawn);
    let reply = exchange(&mut tunnel, body.as_bytes()).await;
    assert_eq!((reply.status, reason(&reply).as_str()), (403, "objected"));
    assert!(world.ledger().contains("\"result\":\"partial\""));
}

#[tokio::test]
async fn a_school_narrows_an_upload_too() {
    let own = "controller = \"ws\"\nname = \"Westfield\"\n\
               [[removes]]\nelements = [\"contact.email\"]\nrecipients = [\"chosen\"]\n";
    let world = World::with(lenient(Some(("controllers/ws.toml", own.to_owned())))).await;
    let reply = send(&world, CHOSEN).await;
    assert_eq!((reply.status, reason(&reply).as_str()), (403, "undeclared"));
}
