//! Bodies that are larger than what is decided whole: nothing that is looked for goes out, wherever it stands.

use std::io::Write as _;

use averment_gate::{Settings, Timeouts};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::client::{Reply, exchange, read_head, read_reply};
use crate::third_party::{Flaw, Manner, ThirdParty, server};
use crate::world::{ADA, DESK, EVENTS, PINNED, REPORTED, Setup, World, short};

/// Windows that a test can walk along the border of.
const SMALL: &str = "[limits]\nwhole_max_bytes = 16384\nwindow_bytes = 4096\n";

fn small() -> Setup {
    Setup {
        settings: Settings::parse(SMALL).unwrap(),
        ..Setup::default()
    }
}

fn request(host: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /v1/upload HTTP/1.1\r\nHost: {host}\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn upload(world: &World, host: &str, fields: &str, body: &[u8]) -> Reply {
    exchange(&mut world.tunnel(host).await, &request(host, fields, body)).await
}

fn words(bytes: usize) -> String {
    let mut text: String = (0..bytes / 6).map(|n| format!("w{:04} ", n % 10_000)).collect();
    text.truncate(bytes);
    text
}

fn events(count: usize) -> String {
    let events: Vec<String> = (0..count)
        .map(|n| format!("{{\"n\":{n},\"text\":\"nothing to see\"}}"))
        .collect();
    format!("{{\"events\":[{}]}}", events.join(","))
}

const TEXT: &str = "Content-Type: text/plain\r\n";
const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn a_large_upload_arrives_byte_for_byte() {
    let world = World::with(small()).await;
    let gzip = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let noise: String = (0..60_000_u32)
        .map(|n| format!("{} ", n.wrapping_mul(2_654_435_761) % 999))
        .collect();
    // The last line ends in a look of its own, and the checksum stands behind it.
    let lines = format!("{{\"n\":[{}0]}}\n", noise[..60_000].replace(' ', ",")) + &"{}\n".repeat(2_000);
    let cases = [
        (
            "Content-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\n",
            gzip(&lines),
        ),
        (TEXT, words(300_000).into_bytes()),
        (JSON, events(8_000).into_bytes()),
        (
            "Content-Type: application/x-ndjson\r\n",
            "{\"a\": 1.0}\n".repeat(20_000).into_bytes(),
        ),
        (
            "Content-Type: application/x-www-form-urlencoded\r\n",
            "a=b+c&".repeat(20_000).into_bytes(),
        ),
        ("Content-Type: text/plain\r\nContent-Encoding: gzip\r\n", gzip(&noise)),
        (
            "Content-Type: multipart/form-data; boundary=x\r\n",
            format!(
                "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n{}\r\n--x--\r\n",
                words(100_000)
            )
            .into_bytes(),
        ),
    ];
    for (fields, body) in cases {
        assert!(body.len() > 16_384, "{fields}");
        let reply = upload(&world, EVENTS, fields, &body).await;
        assert_eq!(reply.status, 200, "{fields}: {}", reply.body);
        let received = world.sink.requests().pop().unwrap();
        assert!(received.body == body, "{fields}");
        assert_eq!(
            received.header("content-length"),
            Some(body.len().to_string().as_bytes())
        );
    }
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"kind\":\"intent\"").count(), 7);
    assert_eq!(ledger.matches("\"result\":\"answered\"").count(), 7);
    assert!(ledger.contains("\"bytes_out\":300000"), "{ledger}");
}

#[tokio::test]
async fn a_length_that_nobody_announced_is_streamed_too() {
    let world = World::with(small()).await;
    let text = words(100_000);
    let mut request =
        format!("POST / HTTP/1.1\r\nHost: {EVENTS}\r\nTransfer-Encoding: chunked\r\n{TEXT}\r\n").into_bytes();
    for piece in text.as_bytes().chunks(7_777) {
        request.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        request.extend(piece);
        request.extend(b"\r\n");
    }
    request.extend(b"0\r\n\r\n");
    let reply = exchange(&mut world.tunnel(EVENTS).await, &request).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(world.sink.requests()[0].body == text.as_bytes());
}

#[tokio::test]
async fn a_body_goes_with_methods_that_seldom_have_one() {
    let there = ThirdParty::start(
        EVENTS,
        Flaw::None,
        Manner::AnswersLast("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    )
    .await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..small()
    })
    .await;
    let text = words(40_000);
    let request = format!(
        "GET /search HTTP/1.1\r\nHost: {EVENTS}\r\nTransfer-Encoding: chunked\r\n{TEXT}\r\n{:x}\r\n{text}\r\n0\r\n\r\n",
        text.len()
    );
    assert_eq!(
        exchange(&mut world.tunnel(EVENTS).await, request.as_bytes())
            .await
            .status,
        200
    );
    let received = there.received();
    assert!(received.to_ascii_lowercase().contains("transfer-encoding: chunked\r\n"));
    assert_eq!(received.matches('w').count(), text.matches('w').count());
}

#[tokio::test]
async fn what_is_found_at_the_start_is_an_ordinary_refusal() {
    let world = World::with(small()).await;
    let text = format!("{ADA} {}", words(100_000));
    let reply = upload(&world, EVENTS, TEXT, text.as_bytes()).await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    let ledger = world.ledger();
    assert!(!ledger.contains("\"kind\":\"intent\"") && ledger.contains("\"kind\":\"refusal\""));
}

#[tokio::test]
async fn what_is_found_later_breaks_the_upload_off_and_is_recorded() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..small()
    })
    .await;
    let text = format!("{} {ADA} {}", words(60_000), words(60_000));
    let reply = upload(&world, EVENTS, TEXT, text.as_bytes()).await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"));
    assert!(reply.head.contains("connection: close"), "{}", reply.head);
    let id = reply.problem()["request"].as_str().unwrap().to_owned();
    world.until_outcomes(1).await;
    let ledger = world.ledger();
    assert!(
        ledger.contains("\"kind\":\"intent\"") && ledger.contains("\"part_of\":"),
        "{ledger}"
    );
    assert!(
        ledger.contains(&format!("\"kind\":\"refusal\",\"id\":\"{id}\"")),
        "{ledger}"
    );
    let partial = ledger.split("\"result\":\"partial\",\"bytes_out\":").nth(1).unwrap();
    let bytes: usize = partial.split([',', '}']).next().unwrap().parse().unwrap();
    assert!((40_000..=60_000).contains(&bytes), "{bytes}");
    assert!(!there.received().contains("brook"));
}

#[tokio::test]
async fn report_mode_lets_it_out_and_records_before() {
    let world = World::with(small()).await;
    let text = format!("{} {ADA} {} {ADA} {}", words(60_000), words(60_000), words(60_000));
    let reply = upload(&world, REPORTED, TEXT, text.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(world.sink.requests()[0].body == text.as_bytes());
    let ledger = world.ledger();
    // The head, and the first look that held her address; that it comes again is nothing new.
    assert_eq!(ledger.matches("\"kind\":\"intent\"").count(), 2, "{ledger}");
    assert_eq!(ledger.matches("\"part_of\":").count(), 1);
    assert_eq!(ledger.matches("\"judged\":\"refuse\"").count(), 1);
    assert_eq!(ledger.matches("\"result\":\"sent\"").count(), 1);
}

#[tokio::test]
async fn what_needs_a_rewrite_is_refused() {
    let world = World::with(small()).await;
    let text = format!("{ADA} {}", words(60_000));
    let reply = upload(&world, DESK, TEXT, text.as_bytes()).await;
    assert_eq!((reply.status, reply.kind().as_str()), (403, "rewrite-impossible"));
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn what_cannot_be_followed_is_unreadable() {
    let world = World::with(small()).await;
    let binary: Vec<u8> = (0..60_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let cases = [
        ("Content-Encoding: br\r\n", binary.clone()),
        ("Content-Encoding: gzip\r\n", binary.clone()),
        ("Content-Encoding: gzip, gzip\r\n", binary.clone()),
        ("Content-Type: application/octet-stream\r\n", binary),
        (
            "Content-Type: text/plain; charset=utf-16\r\n",
            words(60_000).into_bytes(),
        ),
        (JSON, "{\"a\":1]".repeat(10_000).into_bytes()),
        (TEXT, "QWRhIEJyb29r".repeat(5_000).into_bytes()),
    ];
    for (fields, body) in cases {
        let reply = upload(&world, EVENTS, fields, &body).await;
        assert_eq!((reply.status, reply.kind().as_str()), (403, "refused"), "{fields}");
        // Declared as an exception it goes out as it is, and the entry says so.
        let excepted = upload(&world, PINNED, fields, &body).await;
        assert_eq!(excepted.status, 200, "{fields}: {}", excepted.body);
        assert!(world.sink.requests().pop().unwrap().body == body);
    }
    assert_eq!(world.sink.count(), 7);
}

#[tokio::test]
async fn a_bound_on_streams_holds() {
    let settings = format!("{SMALL}stream_max_bytes = 50000\n");
    let world = World::with(Setup {
        settings: Settings::parse(&settings).unwrap(),
        ..Setup::default()
    })
    .await;
    let announced = upload(&world, EVENTS, TEXT, words(60_000).as_bytes()).await;
    assert_eq!((announced.status, announced.kind().as_str()), (413, "too-large"));
    let text = words(60_000);
    let chunked = format!(
        "POST / HTTP/1.1\r\nHost: {EVENTS}\r\nTransfer-Encoding: chunked\r\n{TEXT}\r\n{:x}\r\n{text}\r\n0\r\n\r\n",
        text.len()
    );
    let reply = exchange(&mut world.tunnel(EVENTS).await, chunked.as_bytes()).await;
    assert_eq!((reply.status, reply.kind().as_str()), (413, "too-large"));
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_caller_that_breaks_off_never_makes_a_whole() {
    let world = World::with(small()).await;
    let whole = request(EVENTS, TEXT, words(100_000).as_bytes());
    let mut tunnel = world.tunnel(EVENTS).await;
    tunnel.write_all(&whole[..60_000]).await.unwrap();
    tunnel.flush().await.unwrap();
    drop(tunnel);
    world.until_outcomes(1).await;
    assert_eq!(world.sink.count(), 0);
    let ledger = world.ledger();
    assert!(!ledger.contains("\"result\":\"answered\""), "{ledger}");
}

#[tokio::test]
async fn a_gate_that_has_stopped_knows_what_became_of_its_uploads() {
    let mut world = World::with(small()).await;
    let whole = request(EVENTS, TEXT, words(100_000).as_bytes());
    for _ in 0..20 {
        let mut tunnel = world.tunnel(EVENTS).await;
        tunnel.write_all(&whole[..60_000]).await.unwrap();
        tunnel.flush().await.unwrap();
        drop(tunnel);
    }
    world.until_entries("intent", 20).await;
    world.stop.cancel();
    (&mut world.served).await.unwrap();
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"kind\":\"outcome\"").count(), 20, "{ledger}");
}

#[tokio::test]
async fn a_trickle_is_ended() {
    let timeouts = Timeouts {
        body: short().body,
        ..Timeouts::default()
    };
    let world = World::with(Setup { timeouts, ..small() }).await;
    let whole = request(EVENTS, TEXT, words(100_000).as_bytes());
    let mut tunnel = world.tunnel(EVENTS).await;
    let (start, rest) = whole.split_at(30_000);
    tunnel.write_all(start).await.unwrap();
    let (mut read, mut write) = tokio::io::split(tunnel);
    let rest = rest.to_vec();
    tokio::spawn(async move {
        // Always something, and never a window in time.
        for byte in rest {
            if write.write_all(&[byte]).await.is_err() || write.flush().await.is_err() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    let reply = read_reply(&mut read).await;
    assert_eq!((reply.status, reply.kind().as_str()), (408, "body-timeout"));
    world.until_outcomes(1).await;
    assert_eq!(world.sink.count(), 0);
    assert!(world.ledger().contains("\"result\":\"partial\""));
}

#[tokio::test]
async fn without_a_ledger_nothing_of_an_upload_goes_out() {
    let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
    let world = World::with(Setup {
        upstream: Some(there.upstream()),
        ..small()
    })
    .await;
    world.journal.close().unwrap();
    let reply = upload(&world, EVENTS, TEXT, words(100_000).as_bytes()).await;
    assert_eq!((reply.status, reply.kind().as_str()), (503, "ledger-stopped"));
    assert_eq!(there.received(), "");
}

#[tokio::test]
async fn an_answer_while_the_body_is_being_written_reaches_the_caller() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(EVENTS, "http/1.1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        read_head(&mut stream).await;
        let answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.unwrap();
        // As servers do: closing on unread bytes would take the answer back.
        _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    });
    let world = World::with(Setup {
        upstream: Some(upstream),
        ..small()
    })
    .await;
    let whole = request(EVENTS, TEXT, words(4 << 20).as_bytes());
    let mut tunnel = world.tunnel(EVENTS).await;
    // The rest is never written: the answer comes all the same.
    tunnel.write_all(&whole[..200_000]).await.unwrap();
    tunnel.flush().await.unwrap();
    let reply = read_reply(&mut tunnel).await;
    assert_eq!((reply.status, reply.body.as_str()), (413, "big"));
    drop(tunnel);
    world.until_outcomes(1).await;
    assert!(world.ledger().contains("\"status\":413"));
}

/// One way of writing her address, and what stands around it.
struct Planting {
    fields: &'static str,
    encode: fn(&str) -> String,
    pack: fn(String) -> Vec<u8>,
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn escaped(text: &str) -> String {
    text.bytes().map(|b| format!("\\u{b:04x}")).collect()
}

fn base64(text: &str) -> String {
    const SET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let value = group.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for index in 0..4 {
            let letter = SET[(value >> (18 - 6 * index) & 63) as usize];
            out.push(if index > group.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

fn stored(text: String) -> Vec<u8> {
    // Not compressed, so that offsets in the stream move as those in the text do.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

const PLANTINGS: [Planting; 6] = [
    Planting {
        fields: TEXT,
        encode: str::to_owned,
        pack: String::into_bytes,
    },
    Planting {
        fields: TEXT,
        encode: percent,
        pack: String::into_bytes,
    },
    Planting {
        fields: TEXT,
        encode: base64,
        pack: String::into_bytes,
    },
    Planting {
        fields: JSON,
        encode: escaped,
        pack: String::into_bytes,
    },
    Planting {
        fields: "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n",
        encode: str::to_owned,
        pack: stored,
    },
    Planting {
        fields: "Content-Type: multipart/form-data; boundary=x\r\n",
        encode: str::to_owned,
        pack: String::into_bytes,
    },
];

fn planted(planting: &Planting, at: usize) -> String {
    let needle = (planting.encode)(ADA);
    if planting.fields == JSON {
        // In the midst of a list of strings, each of them short.
        let before: String = (0..at / 8).map(|_| "\"w0001\",").collect();
        return format!(
            "[{before}\"{}{needle}\",{}\"\"]",
            " ".repeat(at % 8),
            "\"w0001\",".repeat(1000)
        );
    }
    format!("{} {needle} {}", words(at), words(8_000))
}

#[tokio::test]
async fn an_address_at_any_offset_around_the_borders_never_arrives() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(EVENTS, "http/1.1", listener.local_addr().unwrap());
    let (sender, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut bytes = Vec::new();
                _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut bytes).await;
                sender.send(bytes).unwrap();
            });
        }
    });
    let settings = "[limits]\nwhole_max_bytes = 8192\nwindow_bytes = 4096\n";
    let world = World::with(Setup {
        settings: Settings::parse(settings).unwrap(),
        upstream: Some(upstream),
        ..Setup::default()
    })
    .await;
    let mut broken_off = 0;
    for planting in &PLANTINGS {
        // Borders are at multiples of half a window, moved to the starts of words.
        let offsets = (6_000..6_300)
            .step_by(31)
            .chain((8_000..8_400).step_by(17))
            .chain((10_100..10_300).step_by(37));
        for at in offsets {
            let body = (planting.pack)(planted(planting, at));
            let reply = upload(&world, EVENTS, planting.fields, &body).await;
            assert_eq!(
                (reply.status, reply.kind().as_str()),
                (403, "refused"),
                "{} {at}",
                planting.fields
            );
        }
    }
    while let Ok(bytes) = arrived.try_recv() {
        broken_off += 1;
        let text = String::from_utf8_lossy(&bytes);
        for form in [ADA.to_owned(), percent(ADA), base64(ADA), escaped(ADA)] {
            // Not even a beginning that could be read.
            assert!(!text.contains(&form[..form.len() / 2]), "a part of it arrived");
        }
    }
    assert!(broken_off > 40, "only {broken_off} were broken off on the way");
}

#[tokio::test]
async fn events_of_an_answer_come_one_by_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(EVENTS, "http/1.1", listener.local_addr().unwrap());
    let (go_on, mut told) = tokio::sync::mpsc::channel::<()>(1);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        read_head(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        for event in ["data: 1\n\n", "data: 2\n\n"] {
            stream.write_all(format!("9\r\n{event}\r\n").as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            // The second is not even written before the first has arrived.
            told.recv().await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
        told.recv().await;
    });
    let world = World::with(Setup {
        upstream: Some(upstream),
        ..Setup::default()
    })
    .await;
    let mut tunnel = world.tunnel(EVENTS).await;
    let get = format!("GET /events HTTP/1.1\r\nHost: {EVENTS}\r\nAccept: text/event-stream\r\n\r\n");
    tunnel.write_all(get.as_bytes()).await.unwrap();
    assert!(read_head(&mut tunnel).await.starts_with("HTTP/1.1 200"));
    for event in ["9\r\ndata: 1\n\n\r\n", "9\r\ndata: 2\n\n\r\n"] {
        let mut bytes = vec![0; event.len()];
        tokio::io::AsyncReadExt::read_exact(&mut tunnel, &mut bytes)
            .await
            .unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), event);
        go_on.send(()).await.unwrap();
    }
}
