//! What may not go out, or cannot be read, does not; the caller learns why and no value is repeated.

use averment_detect::Limits;
use averment_gate::Settings;
use tokio::io::AsyncWriteExt as _;

use crate::client::{exchange, is_closed, post};
use crate::world::{ADA, DESK, EVENTS, REPORTED, Setup, World, charter, nobody};

#[tokio::test]
async fn a_students_address_is_refused_with_what_to_change() {
    let world = World::start().await;
    let reply = world
        .post(EVENTS, &format!("{{\"events\":[{{\"user_id\":\"{ADA}\"}}]}}"))
        .await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    assert!(!reply.body.contains("brook"), "{}", reply.body);
    let problem = reply.problem();
    assert_eq!(
        (&problem["recipient"], &problem["host"], &problem["mode"]),
        (&"events".into(), &EVENTS.into(), &"enforce".into())
    );
    assert_eq!(
        (&problem["fault"], &problem["retry"]),
        (&"caller".into(), &"pointless".into())
    );
    let finding = &problem["findings"][0];
    assert_eq!(
        (&finding["element"], &finding["subject"]),
        (&"contact.email".into(), &"student".into())
    );
    assert_eq!(
        (&finding["reason"], &finding["layers"][0]),
        (&"barred".into(), &"json".into())
    );
    assert!(
        finding["change"].as_str().unwrap().contains("\"No Student Records.\""),
        "{finding}"
    );
    let id = problem["request"].as_str().unwrap();
    assert!(
        reply.head.contains(&format!("averment-request: {id}")),
        "{}",
        reply.head
    );
    assert_eq!(world.sink.count(), 0);
    let ledger = world.ledger();
    assert!(ledger.contains(id) && ledger.contains("\"kind\":\"refusal\"") && !ledger.contains("\"kind\":\"intent\""));
}

#[tokio::test]
async fn every_place_of_a_request_is_looked_at() {
    let world = World::start().await;
    let with = |line: &str, field: &str| format!("{line} HTTP/1.1\r\nHost: {EVENTS}\r\n{field}\r\n");
    let percent = ADA.replace('@', "%40");
    let requests = [
        with(&format!("GET /users/{ADA}"), ""),
        with(&format!("GET /users/{percent}"), ""),
        with(&format!("GET /x?u={percent}"), ""),
        with("GET /x", &format!("X-User: {ADA}\r\n")),
        with("GET /x", &format!("Cookie: a=1; u={ADA}\r\n")),
        with("GET /x", &format!("Referer: https://school.example/u/{percent}\r\n")),
    ];
    for request in requests {
        let reply = world.send(EVENTS, &request).await;
        assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"), "{request}");
        assert!(!reply.body.contains("brook"), "{}", reply.body);
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn an_unknown_host_is_refused_or_reported() {
    let world = World::start().await;
    let reply = world.post("elsewhere.example", "{}").await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    assert!(
        reply.problem()["detail"]
            .as_str()
            .unwrap()
            .contains("`elsewhere.example`")
    );
    assert_eq!(world.sink.count(), 0);
    world.gate.swap_charter(charter("report"));
    assert_eq!(world.post("elsewhere.example", "{}").await.status, 200);
    assert_eq!(world.sink.count(), 1);
}

/// Small bodies, and no larger ones.
fn unstreamed() -> Setup {
    Setup {
        limits: Limits {
            body_max_bytes: 1000,
            ..Limits::default()
        },
        settings: Settings::parse("[limits]\nstream_max_bytes = 0\n").unwrap(),
        ..Setup::default()
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_in_both_modes() {
    let world = World::with(unstreamed()).await;
    let text = "x ".repeat(600);
    for host in [EVENTS, REPORTED] {
        let chunked =
            format!("POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n4b0\r\n{text}\r\n0\r\n\r\n");
        for request in [post(host, &text), chunked] {
            let reply = world.send(host, &request).await;
            assert_eq!((reply.status, reply.kind().as_str()), (413, "too-large"));
            assert!(reply.head.contains("averment-request: "));
        }
    }
    assert_eq!(world.sink.count(), 0);
    assert_eq!(world.ledger().matches("\"because\":\"too_large\"").count(), 4);
}

#[tokio::test]
async fn a_caller_that_is_still_writing_gets_its_answer() {
    let world = World::with(unstreamed()).await;
    let text = "x ".repeat(8 << 20);
    for host in [EVENTS, DESK] {
        let reply = world.send(EVENTS, &post(host, &text)).await;
        assert_eq!(reply.kind(), if host == EVENTS { "too-large" } else { "misdirected" });
    }
}

#[tokio::test]
async fn unknown_upgrades_are_refused_in_both_modes() {
    let world = World::start().await;
    for host in [EVENTS, REPORTED] {
        let request = format!("GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: other/1\r\n\r\n");
        let reply = world.send(host, &request).await;
        assert_eq!((reply.status, reply.kind().as_str()), (501, "upgrade-not-read"));
        assert!(reply.head.contains("averment-request: "));
    }
    assert_eq!(world.sink.count(), 0);
    assert_eq!(world.ledger().matches("\"kind\":\"refusal\"").count(), 2);
}

#[tokio::test]
async fn a_signed_request_is_refused_rather_than_broken() {
    let world = World::start().await;
    let body = format!("{{\"from\":\"{ADA}\"}}");
    let length = body.len();
    for field in [
        "Authorization: AWS4-HMAC-SHA256 Credential=x",
        "Signature: sig1=:YQ==:",
        "X-Signature: 1",
        "X-Hub-Signature: sha1=1",
        "X-Hub-Signature-256: sha256=1",
        "X-Twilio-Signature: 1",
        "Webhook-Signature: v1,1",
        "Stripe-Signature: t=1,v1=1",
        "X-Slack-Signature: v0=1",
        "Svix-Signature: v1,1",
        "X-Signature-Ed25519: 1",
        "X-Shopify-Hmac-SHA256: 1",
        "Authorization: OAuth oauth_consumer_key=\"x\", oauth_signature=\"c2ln\"",
        "Authorization: TC3-HMAC-SHA256 Credential=x, Signature=00",
        "Authorization: type%3Dmaster%26ver%3D1.0%26sig%3Dc2ln",
    ] {
        let request = format!("POST / HTTP/1.1\r\nHost: {DESK}\r\n{field}\r\nContent-Length: {length}\r\n\r\n{body}");
        let reply = world.send(DESK, &request).await;
        assert_eq!(
            (reply.status, reply.kind().as_str()),
            (403, "rewrite-impossible"),
            "{field}"
        );
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_signed_form_is_refused_rather_than_broken() {
    let world = World::start().await;
    let body = format!("from={ADA}&timestamp=1&signature=00");
    let request = post(DESK, &body).replace("application/json", "application/x-www-form-urlencoded");
    assert_eq!(world.send(DESK, &request).await.kind(), "rewrite-impossible");
    let unsigned = body.replace("signature", "signal_");
    let request = post(DESK, &unsigned).replace("application/json", "application/x-www-form-urlencoded");
    assert_eq!(world.send(DESK, &request).await.status, 200);
    assert_eq!(world.sink.count(), 1);
}

#[tokio::test]
async fn names_that_differ_from_the_tunnels_are_misdirected() {
    let world = World::start().await;
    let by_sni = exchange(
        &mut world.tunnel_as(EVENTS, DESK, "http/1.1").await,
        post(EVENTS, "{}").as_bytes(),
    )
    .await;
    let by_host = world.send(EVENTS, &post(DESK, "{}")).await;
    let by_port = world.send(EVENTS, &post("events.example:8443", "{}")).await;
    let by_target = world
        .send(
            EVENTS,
            &format!("GET https://{DESK}/ HTTP/1.1\r\nHost: {EVENTS}\r\n\r\n"),
        )
        .await;
    let in_clear = world
        .send_plain(&format!("GET http://{EVENTS}/ HTTP/1.1\r\nHost: {DESK}\r\n\r\n"))
        .await;
    for reply in [by_sni, by_host, by_port, by_target, in_clear] {
        assert_eq!((reply.status, reply.kind().as_str()), (421, "misdirected"));
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn what_is_not_for_a_proxy_is_explained() {
    let world = World::start().await;
    let cases = [
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "not-for-a-proxy"),
        (
            "GET ftp://events.example/ HTTP/1.1\r\nHost: events.example\r\n\r\n",
            400,
            "malformed",
        ),
        (
            "GET http://u:p@events.example/ HTTP/1.1\r\nHost: events.example\r\n\r\n",
            400,
            "malformed",
        ),
        ("GET http://0x7f.1/ HTTP/1.1\r\nHost: 0x7f.1\r\n\r\n", 400, "malformed"),
        ("GET http://events.example/ HTTP/1.1\r\n\r\n", 400, "malformed"),
        (
            "ADABROOK http://events.example/ HTTP/1.1\r\nHost: events.example\r\n\r\n",
            501,
            "method-unknown",
        ),
        (
            "TRACE http://events.example/ HTTP/1.1\r\nHost: events.example\r\n\r\n",
            501,
            "method-unknown",
        ),
        (
            "POST http://events.example/ HTTP/1.1\r\nHost: events.example\r\nExpect: 200-maybe\r\nContent-Length: 0\r\n\r\n",
            417,
            "expectation-failed",
        ),
        (
            "CONNECT u@events.example:443 HTTP/1.1\r\nHost: events.example:443\r\n\r\n",
            400,
            "malformed",
        ),
        (
            "CONNECT events.example:443 HTTP/1.1\r\nHost: desk.example:443\r\n\r\n",
            421,
            "misdirected",
        ),
    ];
    for (request, status, kind) in cases {
        let reply = world.send_plain(request).await;
        assert_eq!((reply.status, reply.kind().as_str()), (status, kind), "{request}");
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_tunnel_is_for_tls_only() {
    let world = World::start().await;
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: events.example\r\n\r\n"[..],
        b"SSH-2.0-x\r\n",
        b"\x16\x03\x01\x00\x05hello",
    ] {
        let mut tunnel = world.connect("events.example:443").await;
        tunnel.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        _ = tokio::io::AsyncReadExt::read_to_end(&mut tunnel, &mut rest).await;
        // A TLS alert (record type 21) may say why.
        assert!(rest.is_empty() || rest[0] == 21, "{rest:?}");
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn without_people_nothing_goes_out() {
    let world = World::start().await;
    world.gate.swap_snapshot(nobody());
    for host in [EVENTS, REPORTED, "elsewhere.example"] {
        let reply = world.post(host, "{}").await;
        assert_eq!((reply.status, reply.kind().as_str()), (503, "directory-empty"));
    }
    assert_eq!(world.sink.count(), 0);
    assert_eq!(world.ledger().matches("\"fault\":\"directory_empty\"").count(), 1);
}

#[tokio::test]
async fn without_a_ledger_nothing_goes_out() {
    let world = World::start().await;
    world.journal.close().unwrap();
    for (host, body) in [
        (EVENTS, "{}".to_owned()),
        (REPORTED, "{}".to_owned()),
        (EVENTS, format!("\"{ADA}\"")),
    ] {
        let reply = world.post(host, &body).await;
        assert_eq!((reply.status, reply.kind().as_str()), (503, "ledger-stopped"));
        let problem = reply.problem();
        assert_eq!(problem["retry"], "pointless");
        assert!(problem["detail"].as_str().unwrap().contains("restart"), "{problem}");
    }
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_closed_answer_closes() {
    let world = World::start().await;
    let mut tunnel = world.tunnel(EVENTS).await;
    let reply = exchange(&mut tunnel, post(DESK, "{}").as_bytes()).await;
    assert_eq!(reply.status, 421);
    assert!(is_closed(&mut tunnel).await);
}
