//! Frames of HTTP/2 that only cost: heads that never end, requests that are taken back at once, fields that unfold, pings. The connection
//! ends, nobody else waits, and what was begun is recorded with what became of it.

use std::time::Duration;

use averment_gate::{Settings, Timeouts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

use crate::h2_table::{END_HEADERS, END_STREAM, GOAWAY, HEADERS, RESET, frame};
use crate::world::{EVENTS, Setup, World};

const CONTINUATION: u8 = 9;
const PING: u8 = 6;
const SETTINGS: u8 = 4;
/// What a gate says that has had enough (RFC 9113 7: `ENHANCE_YOUR_CALM`). One that only got tired of waiting says something else.
const CALM: Option<u32> = Some(11);
/// Far longer than the gate goes along.
const PATIENCE: Duration = Duration::from_secs(60);

async fn routed(settings: &str, timeouts: Timeouts) -> World {
    let settings = format!("{settings}[[routes]]\nrecipient = \"events\"\nhost = \"{EVENTS}\"\n");
    World::with(Setup {
        settings: Settings::parse(&settings).unwrap(),
        timeouts,
        ..Setup::default()
    })
    .await
}

/// `POST` to the route (RFC 7541: indexed fields, and literals that go into no table).
fn head() -> Vec<u8> {
    let literal = |index: u8, value: &str| [&[index, u8::try_from(value.len()).unwrap()], value.as_bytes()].concat();
    [vec![0x83, 0x86], literal(4, "/to/events/x"), literal(1, "gate.example")].concat()
}

/// A connection that has said its preface.
async fn begun(world: &World) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(SETTINGS, 0, 0, &[])].concat();
    stream.write_all(&preface).await.unwrap();
    stream
}

/// What the other side said until it ended.
struct Heard {
    /// Kinds of frames.
    kinds: Vec<u8>,
    /// With which code it went away.
    code: Option<u32>,
}

async fn heard(mut reading: OwnedReadHalf) -> Heard {
    let (mut kinds, mut code) = (Vec::new(), None);
    let mut head = [0; 9];
    while code.is_none() && reading.read_exact(&mut head).await.is_ok() {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        kinds.push(head[3]);
        let mut payload = vec![0; length];
        if reading.read_exact(&mut payload).await.is_err() {
            break;
        }
        code = (head[3] == GOAWAY).then(|| u32::from_be_bytes(payload[4..8].try_into().unwrap()));
    }
    Heard { kinds, code }
}

/// Says `flood`, as far as it is taken, and listens until the other side ends.
async fn flood(stream: TcpStream, flood: impl Iterator<Item = Vec<u8>>) -> Heard {
    let (reading, mut writing) = stream.into_split();
    let said = async {
        for bytes in flood {
            if writing.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let both = async { tokio::join!(heard(reading), said).0 };
    tokio::time::timeout(PATIENCE, both).await.expect("the connection ends")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_never_ends_is_not_waited_for() {
    let world = routed("", Timeouts::default()).await;
    for piece in [0, 1, 16_000] {
        let stream = begun(&world).await;
        let field = |size: usize| {
            let mut bytes = vec![0, 1, b'x', 0x7f];
            bytes.extend([
                0x80 | u8::try_from((size - 127) & 0x7f).unwrap(),
                u8::try_from((size - 127) >> 7).unwrap(),
            ]);
            bytes.extend(vec![b'a'; size]);
            bytes
        };
        let rest = match piece {
            0 => Vec::new(),
            // `accept-encoding: gzip, deflate`, which may come again and again.
            1 => vec![0x90],
            size => field(size),
        };
        let first = frame(HEADERS, END_STREAM, 1, &head());
        let more = std::iter::repeat_with(|| frame(CONTINUATION, 0, 1, &rest)).take(2_000_000 / (rest.len() + 9));
        let heard = flood(stream, std::iter::once(first).chain(more)).await;
        assert_eq!(heard.code, CALM, "{piece}: {:?}", heard.kinds);
        assert_eq!(world.post(EVENTS, "{}").await.status, 200, "{piece}");
    }
    assert_eq!(world.sink.count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_taken_back_at_once_leave_nothing_behind() {
    // A place that was kept would be missed.
    let world = routed("[limits]\nrequests_max = 64\n", Timeouts::default()).await;
    let stream = begun(&world).await;
    let streams = (0..20_000u32).map(|number| {
        let stream = 2 * number + 1;
        let request = frame(HEADERS, END_HEADERS | END_STREAM, stream, &head());
        [request, frame(RESET, 0, stream, &[0, 0, 0, 8])].concat()
    });
    let heard = flood(stream, streams).await;
    assert_eq!(heard.code, CALM, "{} frames", heard.kinds.len());
    for _ in 0..100 {
        assert_eq!(world.post(EVENTS, "{}").await.status, 200, "places were kept");
    }
    let begun = {
        // What was let in is settled, if only as taken back.
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.ledger()
    };
    let count = |text: &str| begun.matches(text).count();
    assert_eq!(count("\"kind\":\"intent\""), count("\"kind\":\"outcome\""));
    assert!(world.sink.count() as usize <= count("\"kind\":\"intent\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_that_unfold_are_refused_before_they_are_a_request() {
    let world = routed("", Timeouts::default()).await;
    // 4,000 bytes into the table, and ten thousand times out of it.
    let value = vec![b'a'; 4_000];
    let length = value.len() - 127;
    let entry = [
        vec![0x40, 1, b'x', 0x7f],
        vec![
            0x80 | u8::try_from(length & 0x7f).unwrap(),
            u8::try_from(length >> 7).unwrap(),
        ],
        value,
    ];
    let bomb = [head(), entry.concat(), vec![0xbe; 10_000]].concat();
    let bomb = frame(HEADERS, END_HEADERS | END_STREAM, 1, &bomb);
    let end = frame(GOAWAY, 0, 0, &[0; 8]);
    let heard = flood(begun(&world).await, [bomb, end].into_iter()).await;
    let is_refused = heard.kinds.contains(&HEADERS) || heard.kinds.contains(&RESET) || heard.code == CALM;
    assert!(is_refused, "{:?} {:?}", heard.kinds, heard.code);
    assert_eq!(world.post(EVENTS, "{}").await.status, 200);
    assert_eq!(world.sink.count(), 1, "the bomb went nowhere");
    assert_eq!(
        world.ledger().matches("\"kind\":\"intent\"").count(),
        1,
        "nor was it judged"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_pings_and_never_reads_is_let_go() {
    let world = routed("[limits]\nidle_s = 2\n", Timeouts::default()).await;
    let (_unread, mut writing) = begun(&world).await.into_split();
    let pings = frame(PING, 0, 0, &[0; 8]).repeat(1_000);
    let pinging = async { while writing.write_all(&pings).await.is_ok() {} };
    let ended = tokio::time::timeout(PATIENCE, pinging).await;
    assert!(ended.is_ok(), "it is still taken");
    assert_eq!(world.post(EVENTS, "{}").await.status, 200);
}
