//! Bodies that pause: what can go on does, nothing that could be a part of a match, and answers come meanwhile.

use std::time::Duration;

use averment_gate::{Settings, Timeouts};
use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::client::TlsStream;

use crate::calls::{self, Fed};
use crate::client::{Reply, read_reply};
use crate::credentials;
use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::world::{ADA, DESK, EVENTS, REPORTED, Setup, World, short};

/// Longer than any pause that the gate waits for.
const PAUSE: Duration = Duration::from_millis(700);

/// A chunked request whose body is `parts`, with a pause between them. What cannot be written any more is left out.
async fn chunked(world: &World, host: &str, media: &str, parts: &[&str]) -> (Reply, TlsStream<TcpStream>) {
    let mut tunnel = world.tunnel(host).await;
    let head = format!(
        "POST /v1/push HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    tunnel.write_all(head.as_bytes()).await.unwrap();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        _ = tunnel
            .write_all(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes())
            .await;
        _ = tunnel.flush().await;
    }
    _ = tunnel.write_all(b"0\r\n\r\n").await;
    _ = tunnel.flush().await;
    (read_reply(&mut tunnel).await, tunnel)
}

/// A call with this type that goes on while it is answered.
async fn exchange(media: &str, parts: &[&[u8]]) {
    let there = calls::start(EVENTS).await;
    let (feed, fed) = mpsc::channel(1);
    let mut sender = calls::sender(&there.world, EVENTS).await;
    let request = Request::post(format!("https://{EVENTS}/push"));
    let request = request.header("content-type", media).body(Fed(fed)).unwrap();
    // Nothing of the body was sent yet.
    let mut answer = sender.send_request(request).await.unwrap().into_body();
    for part in parts {
        feed.send(Frame::data(Bytes::copy_from_slice(part))).await.unwrap();
        let mut back = Vec::new();
        while back.len() < part.len() {
            back.extend_from_slice(&calls::data(&mut answer).await.unwrap());
        }
        assert_eq!(back, *part, "{media}");
    }
    drop(feed);
    answer.collect().await.unwrap();
    there.world.until_outcomes(1).await;
    assert!(there.world.ledger().contains("\"result\":\"answered\",\"status\":200"));
}

#[tokio::test]
async fn what_is_whole_goes_on_and_is_answered_while_more_is_to_come() {
    exchange("application/x-ndjson", &[b"{\"a\":1}\n", b"{\"a\":2}\n{\"a\":3}\n"]).await;
    exchange("application/json", &[b"{\"a\":1}", b"{\"a\":[2]} "]).await;
}

#[tokio::test]
async fn calls_of_connect_go_message_by_message() {
    let (one, two) = (calls::frame(0, b"{\"a\":1}"), calls::frame(0, b"{\"a\":2}"));
    exchange("application/connect+json", &[&one, &two]).await;
    let proto = calls::frame(0, b"\x0a\x04word");
    exchange("application/connect+proto", &[&proto]).await;
}

fn aws(content_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [(":event-type", "Chunk"), (":content-type", content_type)] {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend_from_slice(name.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let total = u32::try_from(16 + headers.len() + payload.len()).unwrap();
    let length = u32::try_from(headers.len()).unwrap();
    [
        &total.to_be_bytes()[..],
        &length.to_be_bytes(),
        &[0; 4],
        &headers,
        payload,
        &[0; 4],
    ]
    .concat()
}

#[tokio::test]
async fn event_streams_of_aws_go_event_by_event() {
    let media = "application/vnd.amazon.eventstream";
    let (one, two) = (
        aws("application/json", b"{\"a\":1}"),
        aws("application/json", b"{\"a\":2}"),
    );
    exchange(media, &[&one, &two]).await;
    let there = calls::start(EVENTS).await;
    let (feed, fed) = mpsc::channel(1);
    let mut sender = calls::sender(&there.world, EVENTS).await;
    let request = Request::post(format!("https://{EVENTS}/push")).header("content-type", media);
    let mut answer = sender
        .send_request(request.body(Fed(fed)).unwrap())
        .await
        .unwrap()
        .into_body();
    feed.send(Frame::data(one.clone().into())).await.unwrap();
    assert_eq!(calls::data(&mut answer).await.unwrap(), one);
    let named = aws("application/json", format!("{{\"to\":\"{ADA}\"}}").as_bytes());
    feed.send(Frame::data(named.into())).await.unwrap();
    let rest = answer.collect().await;
    assert!(rest.is_err() || rest.unwrap().to_bytes().is_empty());
    there.world.until_outcomes(1).await;
    assert!(there.world.ledger().contains("\"kind\":\"refusal\""));
}

#[tokio::test]
async fn a_trickle_arrives_whole_however_long_it_takes() {
    let timeouts = Timeouts {
        body: short().body,
        ..Timeouts::default()
    };
    let world = World::with(Setup {
        timeouts,
        ..Setup::default()
    })
    .await;
    let lines = ["{\"n\":1}\n{\"n\":", "2}\n", "{\"n\":3}\n", "{\"n\":4}"];
    let (reply, _tunnel) = chunked(&world, EVENTS, "application/x-ndjson", &lines).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(world.sink.requests()[0].body, lines.concat().as_bytes());
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"kind\":\"intent\"").count(), 1, "{ledger}");
    let bytes = format!("\"bytes_out\":{}", lines.concat().len());
    assert!(ledger.contains(&bytes), "{ledger}");
}

#[tokio::test]
async fn an_address_with_a_pause_in_it_never_arrives() {
    let (before, behind) = ADA.split_at(9);
    let filler = "words and more words ".repeat(300);
    let cases = [
        (
            "application/json",
            [format!("{{\"a\":1}}{{\"to\":\"{before}"), format!("{behind}\"}}")],
        ),
        (
            "application/json",
            [format!("{{\"list\":[\"x\",\"{before}"), format!("{behind}\"]}}")],
        ),
        (
            "application/x-ndjson",
            [format!("{{\"a\":1}}\n{{\"to\":\"{before}"), format!("{behind}\"}}\n")],
        ),
        // Neither a document nor the whole of anything.
        (
            "application/x-ndjson",
            [format!("{{\"to\":\"{before}\n"), format!("{behind}\"}}\n")],
        ),
        (
            "text/plain",
            [format!("{filler}{before}"), format!("{behind} and so on")],
        ),
        (
            "text/plain; charset=utf-8",
            [format!("Dear parents,\n{before}"), behind.to_owned()],
        ),
    ];
    for (media, [one, two]) in cases {
        let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
        let world = World::with(Setup {
            upstream: Some(there.upstream()),
            ..Setup::default()
        })
        .await;
        let (reply, _tunnel) = chunked(&world, EVENTS, media, &[&one, &two]).await;
        if two.starts_with(behind) && one.ends_with('\n') {
            // Not an address in any reading; what was before the break stayed until the end all the same.
            assert!(
                reply.status == 403 || reply.status == 0 || reply.status == 504,
                "{}",
                reply.status
            );
        } else {
            assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"), "{media} {one}");
            world.until_outcomes(1).await;
            assert!(world.ledger().contains("\"result\":\"partial\""), "{media}");
        }
        assert!(!there.received().contains(before), "{media}: {}", there.received());
    }
}

#[tokio::test]
async fn what_is_named_before_the_first_pause_is_an_ordinary_refusal() {
    let world = World::start().await;
    for (media, one) in [
        ("application/json", format!("{{\"to\":\"{ADA}\",")),
        ("text/plain", format!("to {ADA} ")),
        ("application/x-ndjson", format!("{{\"to\":\"{ADA}\"}}\n")),
    ] {
        let (reply, _tunnel) = chunked(&world, EVENTS, media, &[&one, "\"x\":1}"]).await;
        assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"), "{media}");
    }
    assert_eq!(world.sink.count(), 0);
    assert!(!world.ledger().contains("\"kind\":\"intent\""));
}

#[tokio::test]
async fn report_mode_lets_a_body_with_pauses_out_and_records_before() {
    let world = World::start().await;
    let parts = [
        "{\"n\":1}\n".to_owned(),
        format!("{{\"to\":\"{ADA}\"}}\n"),
        format!("{{\"to\":\"{ADA}\"}}\n"),
    ];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (reply, _tunnel) = chunked(&world, REPORTED, "application/x-ndjson", &parts).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(world.sink.requests()[0].body, parts.concat().as_bytes());
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"kind\":\"intent\"").count(), 2, "{ledger}");
    assert_eq!(ledger.matches("\"part_of\":").count(), 1, "{ledger}");
}

#[tokio::test]
async fn what_may_need_a_rewrite_is_waited_for() {
    let world = World::start().await;
    let parts = [format!("{{\"to\":\"{ADA}\","), "\"x\":1}".to_owned()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (reply, _tunnel) = chunked(&world, DESK, "application/json", &parts).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body = world.sink.requests()[0].body.clone();
    assert!(body.ends_with(b"\",\"x\":1}") && !String::from_utf8_lossy(&body).contains("ada"));
}

#[tokio::test]
async fn what_has_a_length_or_cannot_be_read_in_pieces_is_waited_for() {
    let world = World::start().await;
    let (one, two) = (
        format!("{{\"a\":\"{}\",\"to\":", "x ".repeat(4_000)),
        format!("\"{ADA}\"}}"),
    );
    let mut tunnel = world.tunnel(EVENTS).await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{one}",
        one.len() + two.len()
    );
    tunnel.write_all(head.as_bytes()).await.unwrap();
    tunnel.flush().await.unwrap();
    tokio::time::sleep(PAUSE).await;
    tunnel.write_all(two.as_bytes()).await.unwrap();
    tunnel.flush().await.unwrap();
    let reply = read_reply(&mut tunnel).await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    for media in [
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/csv",
    ] {
        let parts = ["first_name=x&", "to=", ADA];
        let (reply, _tunnel) = chunked(&world, EVENTS, media, &parts).await;
        assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"), "{media}");
    }
    assert_eq!(world.sink.count(), 0);
    assert!(!world.ledger().contains("\"kind\":\"intent\""), "decided whole");
}

/// What its school calls her, in two members of one object.
const HALVES: [&str; 2] = ["{\"first_name\":\"Ada\",", "\"last_name\":\"Brook\"}"];

#[tokio::test]
async fn text_that_holds_a_document_is_read_whole() {
    let world = World::start().await;
    for media in ["text/plain", "text/plain; charset=utf-8"] {
        let filler = "\"x\":\"words and more words\",".repeat(300);
        let parts = [format!("{{{filler}\"rows\":["), HALVES.concat(), "]}".to_owned()];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (reply, _tunnel) = chunked(&world, EVENTS, media, &parts).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    // One piece: nothing had gone on at a pause.
    let received = world.sink.requests();
    assert!(
        received
            .iter()
            .all(|request| request.header("content-length").is_some())
    );
}

#[tokio::test]
async fn what_the_gate_signs_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = credentials::secret(folder.path(), "AKIDEXAMPLE\nsecret\n", 0o600);
    let world = World::with(Setup {
        settings: Settings::parse(&format!(
            "[[credentials]]\nkind = \"aws\"\nrecipient = \"events\"\nregion = \"eu-central-1\"\nservice = \"firehose\"\nsecret_file = \"{file}\"\n"
        ))
        .unwrap(),
        ..Setup::default()
    })
    .await;
    let (reply, _tunnel) = chunked(&world, EVENTS, "application/json", &["{\"a\":", "1}"]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(world.sink.requests()[0].header("authorization").is_some());
}

#[tokio::test]
async fn what_comes_in_drops_may_be_as_slow_as_what_pauses() {
    let timeouts = Timeouts {
        // Less than a pause.
        body: Duration::from_millis(200),
        ..Timeouts::default()
    };
    for (slow_streams_max, status) in [(1, 200), (0, 408)] {
        let world = World::with(Setup {
            timeouts,
            settings: Settings::parse(&format!("[limits]\nslow_streams_max = {slow_streams_max}\n")).unwrap(),
            ..Setup::default()
        })
        .await;
        let mut tunnel = world.tunnel(EVENTS).await;
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        tunnel.write_all(head.as_bytes()).await.unwrap();
        // No gap is as long as a pause, and all together are longer than a body may be slow.
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            _ = tunnel.write_all(b"3\r\n{}\n\r\n").await;
            _ = tunnel.flush().await;
        }
        _ = tunnel.write_all(b"0\r\n\r\n").await;
        _ = tunnel.flush().await;
        let reply = read_reply(&mut tunnel).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        assert_eq!(world.sink.count(), u64::from(status == 200));
    }
}

#[tokio::test]
async fn what_turns_out_to_be_no_utf_8_is_held_from_there_on() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..Setup::default()
    })
    .await;
    let words = "a few words ".repeat(300);
    let mut tunnel = world.tunnel(EVENTS).await;
    let head =
        format!("POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
    tunnel.write_all(head.as_bytes()).await.unwrap();
    for part in [
        words.as_bytes(),
        b"Stra\xdfe ",
        b"before the mark ",
        words.as_bytes(),
        words.as_bytes(),
    ] {
        let size = format!("{:x}\r\n", part.len());
        tunnel
            .write_all(&[size.as_bytes(), part, b"\r\n"].concat())
            .await
            .unwrap();
        tunnel.flush().await.unwrap();
        tokio::time::sleep(PAUSE).await;
    }
    let received = there.received();
    assert!(
        received.contains("a few words") && !received.contains("mark"),
        "{received}"
    );
}

#[tokio::test]
async fn only_so_many_may_be_slow() {
    let timeouts = Timeouts {
        body: short().body,
        ..Timeouts::default()
    };
    let world = World::with(Setup {
        timeouts,
        settings: Settings::parse("[limits]\nslow_streams_max = 1\n").unwrap(),
        ..Setup::default()
    })
    .await;
    let lines = ["{\"n\":1}\n", "{\"n\":2}\n", "{\"n\":3}\n"];
    let slow = chunked(&world, EVENTS, "application/x-ndjson", &lines);
    let (one, other) = tokio::join!(slow, chunked(&world, EVENTS, "application/x-ndjson", &lines));
    let mut answers = [one.0.status, other.0.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 408]);
    // Its place is free again.
    let (reply, _tunnel) = chunked(&world, EVENTS, "application/x-ndjson", &lines).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn silence_ends_what_may_be_slow() {
    let world = World::with(Setup {
        timeouts: short(),
        settings: Settings::parse("[limits]\nidle_s = 1\n").unwrap(),
        ..Setup::default()
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n"
    );
    tunnel.write_all(head.as_bytes()).await.unwrap();
    tunnel.flush().await.unwrap();
    let reply = read_reply(&mut tunnel).await;
    assert_eq!((reply.status, reply.kind().as_str()), (408, "body-timeout"));
}
