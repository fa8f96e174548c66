//! Mailboxes of the platform's own: no finding in whatever way a message comes, and no cover for whoever stands beside one.

use averment_gate::Settings;
use tokio_tungstenite::tungstenite::Message;

use crate::client::exchange;
use crate::websocket::{next, open, send, start};
use crate::world::{ADA, EVENTS, REPORTED, Setup, World};

const NEWS: &str = "news@school.example";
/// Nobody that anybody knows: a pattern of an address.
const EVE: &str = "eve@school.example";

fn setup() -> Setup {
    let organisation = format!(
        "organisation = \"Example\"\n[about]\nown_domains = [\"school.example\"]\nown_mailboxes = [\"{NEWS}\"]\n\
         [defaults]\nunknown_hosts = \"enforce\"\n"
    );
    Setup {
        register: vec![("organisation.toml", organisation)],
        settings: Settings::parse("[limits]\nwhole_max_bytes = 16384\nwindow_bytes = 4096\n").unwrap(),
        ..Setup::default()
    }
}

fn body(to: &str) -> String {
    format!("{{\"from\":\"{NEWS}\",\"to\":\"{to}\"}}")
}

async fn post(world: &World, host: &str, kind: &str, body: &str) -> u16 {
    let request = format!(
        "POST /v1/send HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(&mut world.tunnel(host).await, request.as_bytes()).await.status
}

/// What is recorded of messages: findings of addresses, and messages that passed own mailboxes over.
fn recorded(world: &World) -> (usize, usize) {
    let ledger = world.ledger();
    let count = |text: &str| ledger.matches(text).count();
    (count("\"element\":\"contact.email\""), count("\"own_mailboxes\":"))
}

#[tokio::test]
async fn enforced_an_own_mailbox_goes_out_and_a_pupil_beside_it_does_not() {
    let world = World::with(setup()).await;
    let json = "application/json";
    assert_eq!(post(&world, EVENTS, json, &body(NEWS)).await, 200);
    assert_eq!(world.sink.requests().len(), 1);
    assert_eq!(post(&world, EVENTS, json, &body(ADA)).await, 403);
    assert_eq!(world.sink.requests().len(), 1);
    assert_eq!(recorded(&world), (1, 2));
}

#[tokio::test]
async fn reported_an_own_mailbox_is_no_finding_and_others_beside_it_are() {
    let world = World::with(setup()).await;
    let json = "application/json";
    assert_eq!(post(&world, REPORTED, json, &body(NEWS)).await, 200);
    assert_eq!(post(&world, REPORTED, json, &body(ADA)).await, 200);
    assert_eq!(post(&world, REPORTED, json, &body(EVE)).await, 200);
    assert_eq!(recorded(&world), (2, 3));
}

#[tokio::test]
async fn a_streamed_body_is_looked_at_with_them_too() {
    let filling = "word ".repeat(8_000);
    let text = |address: &str| format!("{filling}{NEWS} {filling} {address} {filling}");
    let world = World::with(setup()).await;
    assert_eq!(post(&world, EVENTS, "text/plain", &text(NEWS)).await, 200);
    assert_eq!(post(&world, REPORTED, "text/plain", &text(ADA)).await, 200);
    let arrived = world.sink.requests();
    let lengths: Vec<usize> = arrived.iter().map(|request| request.body.len()).collect();
    assert_eq!(lengths, [text(NEWS).len(), text(ADA).len()]);
    assert!(arrived[0].body == text(NEWS).as_bytes());
    assert!(arrived[1].body == text(ADA).as_bytes());
    let (findings, passed) = recorded(&world);
    assert!(findings >= 1 && passed >= 2, "{findings} {passed}");
}

#[tokio::test]
async fn a_streamed_body_with_a_pupil_beside_one_is_broken_off() {
    let filling = "word ".repeat(8_000);
    let world = World::with(setup()).await;
    let text = format!("{filling}{NEWS} {ADA} {filling}");
    post(&world, EVENTS, "text/plain", &text).await;
    let arrived = world.sink.requests();
    let has_ada = |bytes: &[u8]| bytes.windows(ADA.len()).any(|window| window == ADA.as_bytes());
    assert!(arrived.iter().all(|request| !has_ada(&request.body)));
    assert!(recorded(&world).0 >= 1);
}

#[tokio::test]
async fn a_message_of_a_conversation_is_looked_at_with_them_too() {
    let there = start(REPORTED, setup()).await;
    let mut socket = open(&there.world, REPORTED).await;
    for text in [body(NEWS), body(ADA)] {
        send(&mut socket, Message::text(text.clone())).await.unwrap();
        assert_eq!(next(&mut socket).await.unwrap().unwrap(), Message::text(text));
    }
    assert_eq!(recorded(&there.world), (1, 2));
    let there = start(EVENTS, setup()).await;
    let mut socket = open(&there.world, EVENTS).await;
    send(&mut socket, Message::text(body(NEWS))).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap().unwrap(), Message::text(body(NEWS)));
    send(&mut socket, Message::text(body(ADA))).await.unwrap();
    assert!(!matches!(next(&mut socket).await, Some(Ok(Message::Text(_)))));
    assert_eq!(recorded(&there.world), (1, 2));
}
