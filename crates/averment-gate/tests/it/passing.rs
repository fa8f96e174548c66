//! What may go out goes out as it came.

use averment_detect::Limits;
use tokio::io::AsyncWriteExt as _;

use crate::client::{KEPT, exchange, post, read_head, read_reply};
use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::world::{ADA, DESK, EVENTS, REPORTED, Setup, World};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn a_clean_request_arrives_byte_for_byte_and_its_answer_returns_so() {
    let answer = "HTTP/1.1 299 Quite Fine\r\nx-ODD-Case: 1\r\nContent-Length: 4\r\nSet-Cookie: a=b\r\n\r\ndone";
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(answer)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let request = "POST /2/httpapi?b=%2f%7E&a=&&c HTTP/1.1\r\nHost: Events.example\r\nX-B: 1\r\nx-a: \"two\"\r\nUSER-AGENT: sdk/1.0\r\n\
                   Content-Type: application/json\r\nContent-Length: 31\r\nAccept: */*\r\n\r\n{\"a\" : 1.0,\"a\":2, \"b\":\"\\u00e9\"}";
    let reply = world.send(EVENTS, request).await;
    assert_eq!(
        (reply.head.replacen(KEPT, "", 1).as_str(), reply.body.as_str()),
        (answer.strip_suffix("done").unwrap(), "done")
    );
    assert_eq!(there.received(), request);
}

#[tokio::test]
async fn plain_http_and_https_in_clear_up_to_the_gate_pass() {
    let world = World::start().await;
    for (scheme, encrypted) in [("http", false), ("https", true)] {
        let request = format!("GET {scheme}://{EVENTS}/a?b HTTP/1.1\r\nHost: {EVENTS}\r\n\r\n");
        let reply = world.send_plain(&request).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "{\"code\":200}"));
        let received = world.sink.requests().pop().unwrap();
        assert_eq!(
            (received.encrypted, received.target.as_str(), received.host.as_str()),
            (encrypted, "/a?b", EVENTS)
        );
    }
}

#[tokio::test]
async fn report_mode_forwards_and_records() {
    let world = World::start().await;
    let body = format!("{{\"user_id\":\"{ADA}\"}}");
    let reply = world.post(REPORTED, &body).await;
    assert_eq!(reply.status, 200);
    assert_eq!(world.sink.requests()[0].body, body);
    let ledger = world.ledger();
    assert!(
        ledger.contains("\"kind\":\"intent\"") && ledger.contains("\"judged\":\"refuse\""),
        "{ledger}"
    );
    assert!(ledger.contains("\"result\":\"answered\""), "{ledger}");
}

#[tokio::test]
async fn a_masked_element_leaves_with_the_right_length() {
    let world = World::start().await;
    let reply = world
        .post(DESK, &format!("{{ \"from\" : \"{ADA}\", \"text\":\"hi\"}}"))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let received = world.sink.requests().pop().unwrap();
    assert_eq!(received.body, "{ \"from\" : \"***\", \"text\":\"hi\"}");
    assert_eq!(
        received.header("content-length").unwrap(),
        received.body.len().to_string().as_bytes()
    );
    assert!(world.ledger().contains("\"action\":\"rewrite\""));
}

#[tokio::test]
async fn what_is_about_the_callers_connection_stays_here() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(OK)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {EVENTS}\r\nProxy-Authorization: Basic {ADA}\r\nConnection: keep-alive, X-Mine\r\nX-Mine: {ADA}\r\n\
         TE: trailers\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5\r\nX-Other: 1\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    );
    assert_eq!(world.send(EVENTS, &request).await.status, 200);
    assert_eq!(
        there.received(),
        format!("POST / HTTP/1.1\r\nHost: {EVENTS}\r\nX-Other: 1\r\ncontent-length: 5\r\n\r\nabcde")
    );
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(OK)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    for _ in 0..5 {
        assert_eq!(exchange(&mut tunnel, post(EVENTS, "{}").as_bytes()).await.status, 200);
    }
    assert_eq!(there.connections(), 1);
}

#[tokio::test]
async fn a_caller_that_waits_for_100_is_told_to_go_on() {
    let world = World::start().await;
    let mut tunnel = world.tunnel(EVENTS).await;
    let head = format!("POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    tunnel.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(read_head(&mut tunnel).await, "HTTP/1.1 100 Continue\r\n\r\n");
    tunnel.write_all(b"{}").await.unwrap();
    assert_eq!(read_reply(&mut tunnel).await.status, 200);
    assert_eq!(world.sink.requests()[0].header("expect"), None);
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_reaches_the_caller() {
    let answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::AnswersEarly(answer)).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let body = format!("\"{}\"", "x ".repeat(2 << 20));
    let reply = world.post(EVENTS, &body).await;
    assert_eq!((reply.status, reply.body.as_str()), (413, "big"));
}

#[tokio::test]
async fn a_large_body_passes_whole() {
    let limits = Limits {
        body_max_bytes: 4 << 20,
        ..Limits::default()
    };
    let world = World::with(Setup {
        limits,
        ..Setup::default()
    })
    .await;
    let body = format!("\"{}\"", "lorem ipsum ".repeat(300_000));
    assert_eq!(world.post(EVENTS, &body).await.status, 200);
    assert_eq!(world.sink.requests()[0].body, body);
}
