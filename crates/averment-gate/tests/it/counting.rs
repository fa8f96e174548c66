//! What operators are told at the admin address: readiness, and numbers in which pieces count like whole messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use averment_gate::{AdminAddress, Clock, CutOff, Operator, OperatorError, Reloaded, Scope, Settings, Timeouts};
use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Reply, exchange, tls_config};
use crate::deciding::{CHOSEN, showing};
use crate::pieces::{CONTEXT, strict, upload};
use crate::websocket;
use crate::world::{ADA, DESK, EVENTS, Setup, World, clock, short};

/// Nothing here is asked to change.
struct Nobody;

impl Operator for Nobody {
    fn reload(&self) -> Result<Reloaded, OperatorError> {
        Err(OperatorError("no files".to_owned()))
    }

    fn keep_cut_off(&self, _: &CutOff) -> Result<(), OperatorError> {
        Ok(())
    }
}

impl World {
    /// What the admin address answers.
    async fn ask(&self, path: &str) -> Reply {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let admin = AdminAddress {
            token_file: None,
            operator: Arc::new(Nobody),
            version: "0.0.0",
        };
        let (gate, stop) = (self.gate.clone(), self.stop.clone());
        let serving = tokio::spawn(async move { gate.serve_admin(listener, admin, stop).await });
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let reply = exchange(&mut stream, request.as_bytes()).await;
        serving.abort();
        reply
    }

    /// Waits until a number is this.
    async fn until_counted(&self, row: &str, count: u64) {
        let line = format!("{row} {count}");
        let mut text = String::new();
        for _ in 0..500 {
            text = self.ask("/metrics").await.body;
            if text.lines().any(|found| found == line) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no `{line}` in:\n{text}");
    }
}

fn messages(recipient: &str, action: &str, service: &str) -> String {
    format!(
        "averment_messages_total{{recipient=\"{recipient}\",action=\"{action}\",judged=\"{action}\",\
         mode=\"enforce\",service=\"{service}\"}}"
    )
}

#[tokio::test]
async fn the_looks_of_an_upload_are_counted_for_its_service() {
    let world = World::with(strict()).await;
    let token = showing("token-of-mailer");
    let (head, body) = upload(CHOSEN, CONTEXT);
    assert_eq!(world.send_as(&token, CHOSEN, &(head + &body)).await.status, 200);
    // The head, and the look that names her: the others say nothing that the head's entry does not.
    world.until_counted(&messages("chosen", "forward", "mailer"), 2).await;
    let bytes = "averment_body_bytes_total{recipient=\"chosen\"}";
    world.until_counted(bytes, body.len() as u64).await;
    world
        .until_counted("averment_step_seconds_count{step=\"record\"}", 2)
        .await;
    world
        .until_counted("averment_step_seconds_count{step=\"send\"}", 1)
        .await;
    let (head, body) = upload(CHOSEN, "");
    assert_eq!(world.send_as(&token, CHOSEN, &(head + &body)).await.status, 403);
    world.until_counted(&messages("chosen", "refuse", "mailer"), 1).await;
    world
        .until_counted("averment_problems_total{problem=\"refused\"}", 1)
        .await;
}

#[tokio::test]
async fn tunnels_that_the_authority_may_not_speak_for_are_told_apart_from_those_that_nobody_declares() {
    let world = World::with(Setup {
        scope: Scope::Hosts([EVENTS.to_owned()].into()),
        ..Setup::default()
    })
    .await;
    for (host, status, recipient, why) in [
        ("elsewhere.example", "403", "unknown", "refused"),
        (DESK, "503", "desk", "authority-outside"),
    ] {
        let (mut stream, head) = world.connect_with(&format!("{host}:443"), "").await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{host} {head}");
        assert!(head.contains("averment-request: "), "{head}");
        let row = format!("averment_tunnels_failed_total{{recipient=\"{recipient}\",reason=\"{why}\"}}");
        world.until_counted(&row, 1).await;
        let problem = format!("averment_problems_total{{problem=\"{why}\"}}");
        world.until_counted(&problem, 1).await;
        // Whoever reads it and says nothing more is not waited for.
        crate::client::is_closed_after_answer(&mut stream).await;
    }
    let numbers = world.ask("/metrics").await.body;
    assert!(
        !numbers.contains("recipient=\"unknown\",reason=\"authority-outside\""),
        "{numbers}"
    );
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"kind\":\"refusal\"").count(), 2, "{ledger}");
    assert_eq!(
        ledger.matches("\"stopped\":\"authority_outside\"").count(),
        1,
        "{ledger}"
    );
}

#[tokio::test]
async fn refused_tunnels_take_the_places_of_requests() {
    for bound in ["requests_max = 0", "recipient_requests_max = 0"] {
        let world = World::with(Setup {
            scope: Scope::Hosts([EVENTS.to_owned()].into()),
            settings: Settings::parse(&format!("[limits]\n{bound}\n")).unwrap(),
            ..Setup::default()
        })
        .await;
        for host in ["elsewhere.example", DESK] {
            let (_, head) = world.connect_with(&format!("{host}:443"), "").await;
            assert!(head.starts_with("HTTP/1.1 503"), "{bound} {host} {head}");
            assert!(!head.contains("averment-request: "), "{bound} {host} {head}");
        }
        world
            .until_counted("averment_problems_total{problem=\"overloaded\"}", 2)
            .await;
        assert!(!world.ledger().contains("\"kind\":\"refusal\""));
    }
}

#[tokio::test]
async fn the_messages_of_a_conversation_are_counted() {
    let there = websocket::start(EVENTS, Setup::default()).await;
    let mut socket = websocket::open(&there.world, EVENTS).await;
    for text in ["one", "two", ADA] {
        websocket::send(&mut socket, Message::text(text)).await.unwrap();
    }
    // With the handshake.
    there
        .world
        .until_counted(&messages("events", "forward", "unnamed"), 3)
        .await;
    there
        .world
        .until_counted(&messages("events", "refuse", "unnamed"), 1)
        .await;
    there
        .world
        .until_counted("averment_problems_total{problem=\"refused\"}", 1)
        .await;
}

#[tokio::test]
async fn who_is_turned_away_is_counted() {
    for limit in ["requests_max", "connections_max"] {
        let world = World::with(Setup {
            settings: Settings::parse(&format!("limits.{limit} = 0")).unwrap(),
            ..Setup::default()
        })
        .await;
        let request = format!("GET http://{EVENTS}/ HTTP/1.1\r\nHost: {EVENTS}\r\n\r\n");
        assert_eq!(world.send_plain(&request).await.status, 503);
        world
            .until_counted("averment_problems_total{problem=\"overloaded\"}", 1)
            .await;
        assert_eq!(world.sink.count(), 0);
    }
}

#[tokio::test]
async fn tunnels_that_come_to_nothing_are_counted_with_why() {
    let world = World::with(Setup {
        timeouts: short(),
        ..Setup::default()
    })
    .await;
    let tunnel = async || world.connect(&format!("{EVENTS}:443")).await;
    let count = |reason: &str| format!("averment_tunnels_failed_total{{recipient=\"events\",reason=\"{reason}\"}}");
    // Somebody who trusts others only.
    let strangers = TlsConnector::from(tls_config(world.sink.root_certificate(), "http/1.1"));
    let name = ServerName::try_from(EVENTS).unwrap();
    assert!(strangers.connect(name, tunnel().await).await.is_err());
    world.until_counted(&count("distrusted"), 1).await;
    let mut clear = tunnel().await;
    clear
        .write_all(b"GET / HTTP/1.1\r\nHost: events.example\r\n\r\n")
        .await
        .unwrap();
    world.until_counted(&count("no_tls"), 1).await;
    drop(tunnel().await);
    world.until_counted(&count("closed"), 1).await;
    let _silent = tunnel().await;
    world.until_counted(&count("timeout"), 1).await;
    _ = world.tunnel_as(EVENTS, DESK, "http/1.1").await;
    world.until_counted(&count("other_name"), 1).await;
    drop(world.connect("nobody.example:443").await);
    let unknown = "averment_tunnels_failed_total{recipient=\"unknown\",reason=\"closed\"}";
    world.until_counted(unknown, 1).await;
}

#[tokio::test]
async fn looking_at_an_upload_has_its_time_too() {
    let strict = strict();
    let world = World::with(Setup {
        timeouts: Timeouts {
            judge: Duration::ZERO,
            ..strict.timeouts
        },
        ..strict
    })
    .await;
    let (head, body) = upload(CHOSEN, CONTEXT);
    let reply = world
        .send_as(&showing("token-of-mailer"), CHOSEN, &(head + &body))
        .await;
    assert_eq!((reply.status, reply.kind().as_str()), (503, "inspection-failed"));
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_gate_is_ready_as_long_as_it_goes_by_its_directory() {
    const DAY: i64 = 86_400;
    let time = Arc::new(AtomicI64::new(clock().now().as_second()));
    let told = Arc::clone(&time);
    let world = World::with(Setup {
        clock: Clock::new(move || jiff::Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap()),
        ..Setup::default()
    })
    .await;
    time.fetch_add(29 * DAY, Ordering::SeqCst);
    assert_eq!(world.ask("/readyz").await.status, 200);
    time.fetch_add(2 * DAY, Ordering::SeqCst);
    let stale = world.ask("/readyz").await;
    assert_eq!(stale.status, 503);
    assert!(stale.body.contains("directory_max_age_hours"), "{}", stale.body);
    let never = Settings::parse("limits.directory_max_age_hours = 0").unwrap();
    world.gate.swap_settings(Arc::new(never)).unwrap();
    assert_eq!(world.ask("/readyz").await.status, 200);
    time.fetch_sub(3 * DAY, Ordering::SeqCst);
    assert!(world.ask("/readyz").await.body.contains("the clock was set back"));
}
