//! A thousand slow callers: every one is closed, and whoever is not slow does not notice.

use std::sync::Arc;
use std::time::Duration;

use averment_gate::{Scope, Settings, Timeouts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::world::{EVENTS, Setup, World};

const CALLERS: usize = 1_000;
/// Far longer than the gate waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a slow caller sends before it falls silent, and whether it goes on with a byte now and then.
const MANNERS: [(&str, Drip); 8] = [
    ("", Drip::Never),
    ("GET http://events.example/ HTTP/1.1\r\nHost: eve", Drip::Never),
    ("GET http://events.example/ HTTP/1.1\r\nX-A: ", Drip::Always),
    (
        "POST http://events.example/ HTTP/1.1\r\nHost: events.example\r\nContent-Length: 9000\r\n\r\n{",
        Drip::Always,
    ),
    (
        "POST http://events.example/ HTTP/1.1\r\nHost: events.example\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{",
        Drip::Always,
    ),
    (
        "CONNECT events.example:443 HTTP/1.1\r\nHost: events.example:443\r\n\r\n",
        Drip::Never,
    ),
    // Refused, because the authority may not speak for it.
    (
        "CONNECT desk.example:443 HTTP/1.1\r\nHost: desk.example:443\r\n\r\n",
        Drip::Always,
    ),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n", Drip::Never),
];

#[derive(Clone, Copy)]
enum Drip {
    Never,
    Always,
}

async fn linger(address: std::net::SocketAddr, beginning: &'static str, drip: Drip) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut heard = Vec::new();
    let drips = async {
        while let Drip::Always = drip {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if writing.write_all(b"a").await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = reading.read_to_end(&mut heard) => {}
        () = drips => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_slow_callers_are_closed_and_nobody_else_waits() {
    let brief = Duration::from_secs(2);
    let world = Arc::new(
        World::with(Setup {
            // Some may be as slow as they like; here none.
            settings: Settings::parse("[limits]\nslow_streams_max = 0\n").unwrap(),
            timeouts: Timeouts {
                head: brief,
                handshake: brief,
                body: brief,
                ..Timeouts::default()
            },
            scope: Scope::Hosts([EVENTS.to_owned()].into()),
            ..Setup::default()
        })
        .await,
    );
    let (mut slow, mut sent) = (JoinSet::new(), 0);
    let callers: Vec<_> = MANNERS.iter().cycle().take(CALLERS).collect();
    // Not more at a time than a listener's queue holds: what does not fit there never reaches the gate.
    for some in callers.chunks(100) {
        for (beginning, drip) in some.iter().copied() {
            let lingering = linger(world.address, beginning, *drip);
            slow.spawn(async move {
                let closed = tokio::time::timeout(PATIENCE, lingering).await;
                assert!(closed.is_ok(), "still open after `{beginning}`");
            });
        }
        assert_eq!(world.post(EVENTS, "{}").await.status, 200);
        sent += 1;
    }
    while !slow.is_empty() {
        // Somebody who is not slow, all the while.
        assert_eq!(world.post(EVENTS, "{}").await.status, 200);
        sent += 1;
        while let Some(closed) = slow.try_join_next() {
            closed.unwrap();
        }
    }
    assert_eq!(world.sink.count(), sent);
}
