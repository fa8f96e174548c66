//! Recipients that cannot prove who they are, are inside, are gone, slow or silent.

use averment_gate::{Timeouts, Upstream};
use tokio::net::TcpListener;

use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::world::{EVENTS, Setup, World, short};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn who_cannot_prove_its_name_gets_no_byte() {
    for flaw in [
        Flaw::Expired,
        Flaw::NotYet,
        Flaw::WrongName,
        Flaw::SelfSigned,
        Flaw::UnknownRoot,
    ] {
        let there = ThirdParty::start(EVENTS, flaw, Manner::Answers(OK)).await;
        let world = World::with(Setup {
            upstream: Some(there.upstream()),
            ..Setup::default()
        })
        .await;
        let reply = world.post(EVENTS, "{}").await;
        assert_eq!((reply.status, reply.kind().as_str()), (502, "unverified"), "{flaw:?}");
        assert_eq!(reply.problem()["fault"], "recipient");
        assert_eq!(there.received(), "", "{flaw:?}");
        assert!(world.ledger().contains("\"result\":\"not_sent\""));
    }
}

/// Spellings that reach the gate as a host; those that are no host are refused before (see the unit tests).
const INSIDE: &[&str] = &[
    "127.0.0.1",
    "127.0.0.2",
    "127.1.2.3",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::FFFF:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[100::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
];
const NO_HOST: &[&str] = &[
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "0",
    "0xa9fea9fe",
    "2852039166",
    "[::1%25lo]",
    "[fe80::1%25lo]",
    "127%2e0.0.1",
    "[127.0.0.1]",
    "u@127.0.0.1",
];

#[tokio::test]
async fn nothing_inside_is_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let world = World::with(Setup {
        unknown_hosts: "report",
        upstream: Some(Upstream::default()),
        ..Setup::default()
    })
    .await;
    for host in INSIDE {
        let reply = world
            .send_plain(&format!(
                "GET http://{host}:{port}/ HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
            ))
            .await;
        assert_eq!((reply.status, reply.kind().as_str()), (403, "address-inside"), "{host}");
    }
    for host in NO_HOST {
        let reply = world
            .send_plain(&format!(
                "GET http://{host}:{port}/ HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
            ))
            .await;
        assert_eq!(reply.status, 400, "{host}");
    }
    let connected = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(connected.is_err(), "somebody connected");
}

#[tokio::test]
async fn nobody_there_is_safe_to_try_again() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let upstream = Upstream {
        connect_to: Some(free),
        ..Upstream::default()
    };
    let world = World::with(Setup {
        upstream: Some(upstream),
        ..Setup::default()
    })
    .await;
    let reply = world.post(EVENTS, "{}").await;
    assert_eq!((reply.status, reply.kind().as_str()), (502, "unreachable"));
    assert_eq!(reply.problem()["retry"], "safe");
    assert!(world.ledger().contains("\"result\":\"not_sent\""));
}

#[tokio::test]
async fn who_hangs_up_may_have_it() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::HangsUp).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let reply = world.post(EVENTS, "{}").await;
    assert_eq!((reply.status, reply.kind().as_str()), (502, "lost"));
    assert_eq!(reply.problem()["retry"], "unsafe");
    // Once: nothing is tried again.
    assert_eq!(there.received().matches("POST ").count(), 1);
    assert!(world.ledger().contains("\"result\":\"may_have_left\""));
}

#[tokio::test]
async fn who_is_silent_may_have_it() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
    let timeouts = Timeouts {
        answer: short().answer,
        ..Timeouts::default()
    };
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        timeouts,
        ..Setup::default()
    })
    .await;
    let reply = world.post(EVENTS, "{}").await;
    assert_eq!((reply.status, reply.kind().as_str()), (504, "answer-timeout"));
    assert!(world.ledger().contains("\"result\":\"may_have_left\""));
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Upstream {
        connect_to: Some(listener.local_addr().unwrap()),
        ..Upstream::default()
    };
    let timeouts = Timeouts {
        connect: short().connect,
        ..Timeouts::default()
    };
    let world = World::with(Setup {
        upstream: Some(upstream),
        timeouts,
        ..Setup::default()
    })
    .await;
    let reply = world.post(EVENTS, "{}").await;
    assert_eq!((reply.status, reply.kind().as_str()), (504, "connect-timeout"));
    assert!(world.ledger().contains("\"result\":\"not_sent\""));
}

#[tokio::test]
async fn whoever_takes_longer_may_where_the_settings_say_so() {
    let answer = |name: &str, seconds: u32| {
        let row = format!("[[timeouts.recipients]]\nrecipient = \"{name}\"\nanswer_s = {seconds}\n");
        averment_gate::Settings::parse(&format!("[timeouts]\nanswer_s = 1\n{row}")).unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = crate::third_party::server(EVENTS, "http/1.1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                crate::client::read_head(&mut stream).await;
                tokio::time::sleep(std::time::Duration::from_secs(2)).await;
                _ = tokio::io::AsyncWriteExt::write_all(&mut stream, OK.as_bytes()).await;
            });
        }
    });
    let world = World::with(Setup {
        upstream: Some(upstream),
        settings: answer("events", 30),
        ..Setup::default()
    })
    .await;
    let get = format!("GET / HTTP/1.1\r\nHost: {EVENTS}\r\n\r\n");
    assert_eq!(world.send(EVENTS, &get).await.status, 200);
    // Settings are taken while it runs.
    world.gate.swap_settings(answer("desk", 30).into()).unwrap();
    let reply = world.send(EVENTS, &get).await;
    assert_eq!((reply.status, reply.kind().as_str()), (504, "answer-timeout"));
}
