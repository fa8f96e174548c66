//! The ways in and out: reverse routes, targets in clear, tunnels that are passed on, and too many at once.

use averment_gate::Settings;
use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsConnector;

use crate::client::{KEPT, exchange, is_closed, post, read_reply, tls_config};
use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::world::{ADA, DESK, EVENTS, PINNED, REPORTED, Setup, World};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn settings(text: &str) -> Setup {
    Setup {
        settings: Settings::parse(text).unwrap(),
        ..Setup::default()
    }
}

const ROUTES: &str = "[[routes]]\nrecipient = \"events\"\nhost = \"events.example\"\n\
                      [[routes]]\nrecipient = \"desk\"\nhost = \"events.example\"\n";

fn to(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:4180\r\nX-One: 1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_reverse_route_leads_to_its_recipients_host() {
    let world = World::with(settings(ROUTES)).await;
    let reply = world.send_plain(&to("/to/events/v1/x?a=%2F&b", "{}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let received = world.sink.requests().pop().unwrap();
    assert!(received.encrypted);
    assert_eq!(
        (received.host.as_str(), received.target.as_str()),
        (EVENTS, "/v1/x?a=%2F&b")
    );
    let host = received.header("host");
    assert!(host.is_none_or(|host| host == EVENTS.as_bytes()), "{host:?}");
    assert_eq!(received.header("x-one"), Some(&b"1"[..]));
    let refused = world
        .send_plain(&to("/to/events/v1/x", &format!("{{\"u\":\"{ADA}\"}}")))
        .await;
    assert_eq!((refused.status, refused.kind().as_str()), (403, "refused"));
    assert_eq!(world.sink.count(), 1);
}

#[tokio::test]
async fn a_route_that_nobody_declared_leads_nowhere() {
    let world = World::with(settings(ROUTES)).await;
    // No route, no path behind the name, a host that is not the recipient's.
    for path in ["/to/nobody/x", "/to/events", "/to//x", "/to/%65vents/x", "/to/desk/x"] {
        let reply = world.send_plain(&to(path, "{}")).await;
        assert_eq!((reply.status, reply.kind().as_str()), (404, "route-unknown"), "{path}");
    }
    assert_eq!(world.send_plain(&to("/other", "{}")).await.kind(), "not-for-a-proxy");
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn an_https_target_in_clear_is_inspected_and_leaves_over_tls() {
    let world = World::start().await;
    let request = |body: &str| post(EVENTS, body).replace("POST /", &format!("POST https://{EVENTS}/"));
    assert_eq!(world.send_plain(&request("{}")).await.status, 200);
    assert!(world.sink.requests()[0].encrypted);
    let refused = world.send_plain(&request(&format!("\"{ADA}\""))).await;
    assert_eq!((refused.status, refused.kind().as_str()), (403, "refused"));
    assert_eq!(world.sink.count(), 1);
}

fn passing(recipient: &str, host: &str) -> String {
    format!("[[pass_through]]\nrecipient = \"{recipient}\"\nhost = \"{host}\"\n")
}

#[tokio::test]
async fn a_declared_tunnel_is_passed_on_unread_and_counted() {
    let there = ThirdParty::start(PINNED, Flaw::None, Manner::Answers(OK)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings(&passing("pinned", PINNED))
    })
    .await;
    let stream = world.connect(&format!("{PINNED}:443")).await;
    let name = ServerName::try_from(PINNED).unwrap();
    // The recipient's own certificate, not one of the gate's.
    let connector = TlsConnector::from(tls_config(there.root(), "http/1.1"));
    let mut tunnel = connector.connect(name, stream).await.unwrap();
    let request = post(PINNED, &format!("\"{ADA}\""));
    let reply = exchange(&mut tunnel, request.as_bytes()).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "ok"));
    assert_eq!(there.received(), request);
    tunnel.shutdown().await.unwrap();
    drop(tunnel);
    world.until_outcomes(1).await;
    let ledger = world.ledger();
    assert!(ledger.contains("\"because\":\"pass_through\""), "{ledger}");
    let sent = ledger.split("\"result\":\"sent\"").nth(1).unwrap();
    let bytes: u64 = sent
        .split("\"bytes_out\":")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(bytes > request.len() as u64, "{bytes}");
    assert!(sent.contains("\"bytes_in\":"), "{sent}");
}

#[tokio::test]
async fn an_open_tunnel_is_cut_when_it_is_no_longer_declared() {
    let there = ThirdParty::start(PINNED, Flaw::None, Manner::Answers(OK)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings(&passing("pinned", PINNED))
    })
    .await;
    let stream = world.connect(&format!("{PINNED}:443")).await;
    let connector = TlsConnector::from(tls_config(there.root(), "http/1.1"));
    let name = ServerName::try_from(PINNED).unwrap();
    let mut tunnel = connector.connect(name, stream).await.unwrap();
    assert_eq!(exchange(&mut tunnel, post(PINNED, "{}").as_bytes()).await.status, 200);
    world
        .gate
        .swap_settings(std::sync::Arc::new(Settings::default()))
        .unwrap();
    assert!(is_closed(&mut tunnel).await);
    world.until_outcomes(1).await;
}

/// What happens to a tunnel that is passed on.
struct Happens {
    name: &'static str,
    /// Settings beside the row.
    settings: String,
    what: fn(&World),
    /// Why the log says that it was closed is not looked at; that it was counted and ended is.
    faults: usize,
}

fn happenings() -> [Happens; 5] {
    let mailer = |recipient: &str| crate::deciding::service(&format!("recipients = [\"{recipient}\"]\n"));
    let nothing = String::new;
    [
        Happens {
            name: "the ledger fails",
            settings: nothing(),
            what: |world| {
                std::fs::remove_file(world.home.path().join("data/ledger/0001/log")).unwrap();
                let fault = averment_ledger::Fault {
                    fault: "planted".to_owned(),
                };
                world.journal.note(averment_ledger::Deed::Fault(fault)).unwrap();
            },
            faults: 0,
        },
        Happens {
            name: "nobody is in the directory",
            settings: nothing(),
            what: |world| world.gate.swap_snapshot(crate::world::nobody()),
            faults: 1,
        },
        Happens {
            name: "its service may no more",
            settings: mailer("pinned"),
            what: |world| {
                let text = format!(
                    "{}{}",
                    passing("pinned", PINNED),
                    crate::deciding::service("recipients = [\"events\"]\n")
                );
                let settings = Settings::parse(&text).unwrap();
                world.gate.swap_settings(settings.into()).unwrap();
            },
            faults: 0,
        },
        Happens {
            name: "its service is nobody any more",
            settings: mailer("pinned"),
            what: |world| {
                let text = format!("services_required = true\n{}", passing("pinned", PINNED));
                let settings = Settings::parse(&text).unwrap();
                world.gate.swap_settings(settings.into()).unwrap();
            },
            faults: 0,
        },
        Happens {
            name: "nobody says anything",
            settings: "[limits]\nidle_s = 1\n".to_owned(),
            what: |_| {},
            faults: 0,
        },
    ]
}

#[tokio::test]
async fn an_open_tunnel_ends_when_it_would_not_be_opened_any_more() {
    for Happens {
        name,
        settings: beside,
        what,
        faults,
    } in happenings()
    {
        let there = ThirdParty::start(PINNED, Flaw::None, Manner::Answers(OK)).await;
        let world = World::with(Setup {
            upstream: Some(there.upstream()),
            ..settings(&format!("{}{beside}", passing("pinned", PINNED)))
        })
        .await;
        let token = crate::deciding::showing("token-of-mailer");
        let (stream, _) = world.connect_with(&format!("{PINNED}:443"), &token).await;
        let connector = TlsConnector::from(tls_config(there.root(), "http/1.1"));
        let server = ServerName::try_from(PINNED).unwrap();
        let mut tunnel = connector.connect(server, stream).await.unwrap();
        let reply = exchange(&mut tunnel, post(PINNED, "{}").as_bytes()).await;
        assert_eq!(reply.status, 200, "{name}");
        what(&world);
        assert!(is_closed(&mut tunnel).await, "{name}");
        world.until_entries("fault", faults).await;
    }
}

#[tokio::test]
async fn another_name_inside_a_declared_tunnel_closes_it() {
    let there = ThirdParty::start(PINNED, Flaw::None, Manner::Answers(OK)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings(&passing("pinned", PINNED))
    })
    .await;
    let stream = world.connect(&format!("{PINNED}:443")).await;
    let connector = TlsConnector::from(tls_config(there.root(), "http/1.1"));
    let name = ServerName::try_from(EVENTS).unwrap();
    assert!(connector.connect(name, stream).await.is_err());
    let mut stream = world.connect(&format!("{PINNED}:443")).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: pinned.example\r\n\r\n")
        .await
        .unwrap();
    assert!(is_closed(&mut stream).await);
    assert_eq!((there.received().as_str(), there.connections()), ("", 0));
    assert!(!world.ledger().contains("\"kind\":\"intent\""));
}

#[tokio::test]
async fn without_the_registers_exception_a_tunnel_is_opened() {
    // In report mode too: the exception is the register's to declare.
    for (recipient, host) in [("events", EVENTS), ("reported", REPORTED), ("pinned", EVENTS)] {
        let world = World::with(settings(&passing(recipient, host))).await;
        // The handshake succeeds only with the gate's certificate.
        assert_eq!(world.post(host, "{}").await.status, 200);
        assert!(!world.ledger().contains("pass_through"));
    }
}

#[tokio::test]
async fn without_a_ledger_no_tunnel_is_passed_on() {
    let there = ThirdParty::start(PINNED, Flaw::None, Manner::Answers(OK)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings(&passing("pinned", PINNED))
    })
    .await;
    world.journal.close().unwrap();
    let stream = world.connect(&format!("{PINNED}:443")).await;
    let connector = TlsConnector::from(tls_config(there.root(), "http/1.1"));
    let name = ServerName::try_from(PINNED).unwrap();
    assert!(connector.connect(name, stream).await.is_err());
    assert_eq!(there.connections(), 0);
}

fn absolute(origin: &str, host: &str) -> String {
    post(host, "{}").replacen("POST /", &format!("POST {origin}/"), 1)
}

#[tokio::test]
async fn in_clear_and_to_other_ports_only_what_is_declared_goes_out() {
    let declared = "[[origins]]\nrecipient = \"pinned\"\norigin = \"http://Pinned.example.:8080\"\n\
                    [[origins]]\nrecipient = \"pinned\"\norigin = \"https://pinned.example:8443\"\n\
                    [[origins]]\nrecipient = \"events\"\norigin = \"http://pinned.example\"\n";
    let world = World::with(settings(declared)).await;
    for (origin, kind) in [
        ("http://pinned.example:8080", None),
        ("https://pinned.example:8443", None),
        ("https://pinned.example", None),
        ("https://pinned.example:443", None),
        ("http://pinned.example", Some("in-clear")),
        ("http://pinned.example:8443", Some("in-clear")),
        ("http://pinned.example:443", Some("in-clear")),
        ("https://pinned.example:8080", Some("port-undeclared")),
        ("https://pinned.example:22", Some("port-undeclared")),
    ] {
        let before = world.sink.count();
        let (_, host) = origin.split_once("://").unwrap();
        let reply = world.send_plain(&absolute(origin, host)).await;
        let Some(kind) = kind else {
            assert_eq!((reply.status, world.sink.count()), (200, before + 1), "{origin}");
            continue;
        };
        assert_eq!((reply.status, reply.kind().as_str()), (403, kind), "{origin}");
        assert_eq!(world.sink.count(), before, "{origin}");
    }
    let stream = world.connect(&format!("{PINNED}:8444")).await;
    let mut tunnel = world.secure(stream, PINNED, "http/1.1").await;
    let reply = exchange(&mut tunnel, post(PINNED, "{}").as_bytes()).await;
    assert_eq!(reply.kind(), "port-undeclared");
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"stopped\":\"in_clear\"").count(), 3, "{ledger}");
    assert_eq!(ledger.matches("\"stopped\":\"port\"").count(), 3);
    assert_eq!(ledger.matches("\"kind\":\"refusal\"").count(), 6);
}

#[tokio::test]
async fn report_mode_records_what_goes_in_clear() {
    let world = World::start().await;
    let nothing = Settings::default();
    world.gate.swap_settings(nothing.into()).unwrap();
    let reply = world
        .send_plain(&absolute(&format!("http://{REPORTED}"), REPORTED))
        .await;
    assert_eq!((reply.status, world.sink.count()), (200, 1));
    let ledger = world.ledger();
    assert!(
        ledger.contains("\"action\":\"forward\",\"judged\":\"refuse\",\"stopped\":\"in_clear\""),
        "{ledger}"
    );
}

#[test]
fn an_origin_is_a_scheme_and_a_host() {
    for wrong in [
        "pinned.example",
        "ftp://pinned.example",
        "http://pinned.example/x",
        "http://*.example",
        "http://",
    ] {
        let error = Settings::parse(&format!("[[origins]]\nrecipient = \"pinned\"\norigin = \"{wrong}\"\n"));
        let cause = std::error::Error::source(&error.unwrap_err()).unwrap().to_string();
        assert!(cause.contains("expected scheme, host and port"), "{cause}");
    }
}

#[tokio::test]
async fn no_answer_leads_past_the_gate() {
    let answer = "HTTP/1.1 200 OK\r\nAlt-Svc: h3=\":443\"; ma=86400\r\nContent-Length: 2\r\n\r\nok";
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(answer)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let reply = world.post(EVENTS, "{}").await;
    assert_eq!(
        reply.head,
        format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{KEPT}\r\n")
    );
}

#[tokio::test]
async fn too_many_connections_are_turned_away_and_come_in_later() {
    let world = World::with(settings("[limits]\nconnections_max = 1\n")).await;
    let mut first = world.connect(&format!("{EVENTS}:443")).await;
    let turned_away = world.send_plain(&to("/x", "{}")).await;
    assert_eq!((turned_away.status, turned_away.kind().as_str()), (503, "overloaded"));
    assert!(turned_away.head.contains("retry-after: 1\r\n"), "{}", turned_away.head);
    first.shutdown().await.unwrap();
    assert!(is_closed(&mut first).await);
    loop {
        let reply = world.send_plain(&to("/x", "{}")).await;
        if reply.status != 503 {
            assert_eq!(reply.kind(), "not-for-a-proxy");
            break;
        }
    }
}

#[tokio::test]
async fn too_many_requests_are_turned_away() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..settings("[limits]\nrequests_max = 1\n")
    })
    .await;
    let mut first = world.tunnel(EVENTS).await;
    first.write_all(post(EVENTS, "{}").as_bytes()).await.unwrap();
    while there.received().is_empty() {
        tokio::task::yield_now().await;
    }
    let reply = world.post(EVENTS, "{}").await;
    assert_eq!((reply.status, reply.kind().as_str()), (503, "overloaded"));
    assert_eq!(there.received().matches("POST ").count(), 1);
}

#[tokio::test]
async fn bodies_that_do_not_fit_together_are_turned_away() {
    let world = World::with(settings(
        "[limits]\nbodies_max_bytes = 3000\nrequests_max = 4\nrecipient_requests_max = 4\n",
    ))
    .await;
    let mut first = world.tunnel(EVENTS).await;
    let request = post(EVENTS, &format!("\"{}\"", "x ".repeat(1000)));
    let (most, last) = request.split_at(request.len() - 3);
    first.write_all(most.as_bytes()).await.unwrap();
    first.flush().await.unwrap();
    // How much of the first is there already shows only in the second's answer.
    loop {
        let reply = world.post(EVENTS, &format!("\"{}\"", "y ".repeat(1000))).await;
        if reply.status == 503 {
            assert_eq!(reply.kind(), "overloaded");
            break;
        }
    }
    first.write_all(last.as_bytes()).await.unwrap();
    assert_eq!(read_reply(&mut first).await.status, 200);
    // What was held is given back.
    assert_eq!(
        world.post(EVENTS, &format!("\"{}\"", "y ".repeat(1000))).await.status,
        200
    );
    assert_eq!(world.post(DESK, "{}").await.status, 200);
}
