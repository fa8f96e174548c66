//! A recipient that is cut off or taken out of the register: whatever leads there ends, by whichever way it came.

use averment_gate::{CutOff, Settings};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{is_closed, post, read_head};
use crate::third_party::{Flaw, Manner, ThirdParty};
use crate::websocket;
use crate::world::{EVENTS, Setup, World, charter, charter_with};

const ROUTE: &str = "[[routes]]\nrecipient = \"events\"\nhost = \"events.example\"\n";
/// An answer that goes on.
const LONG: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning";

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How the recipient is taken away.
#[derive(Debug, Clone, Copy)]
enum Away {
    CutOff,
    AllCutOff,
    OutOfTheRegister,
    OutOfTheSettings,
}

impl Away {
    const ALL: [Self; 4] = [
        Self::CutOff,
        Self::AllCutOff,
        Self::OutOfTheRegister,
        Self::OutOfTheSettings,
    ];

    fn take(self, world: &World) {
        match self {
            Self::CutOff => world.gate.cut_off(CutOff {
                all: false,
                recipients: ["events".parse().unwrap()].into(),
            }),
            Self::AllCutOff => world.gate.cut_off(CutOff {
                all: true,
                ..CutOff::default()
            }),
            Self::OutOfTheRegister => {
                let elsewhere = crate::world::recipient("events", "other.example", "mode = \"enforce\"\n");
                let charter = charter_with("enforce", &[("recipients/events.toml", elsewhere)]);
                world.gate.swap_charter(charter);
            }
            Self::OutOfTheSettings => {
                let settings = Settings::parse("cut_off.recipients = [\"events\"]").unwrap();
                world.gate.swap_settings(settings.into()).unwrap();
            }
        }
    }
}

/// By which way a caller comes.
#[derive(Debug, Clone, Copy)]
enum Way {
    Tunnel,
    Route,
    Absolute,
}

impl Way {
    const ALL: [Self; 3] = [Self::Tunnel, Self::Route, Self::Absolute];

    async fn connect(self, world: &World) -> Box<dyn Stream> {
        match self {
            Self::Tunnel => Box::new(world.tunnel(EVENTS).await),
            Self::Route | Self::Absolute => Box::new(TcpStream::connect(world.address).await.unwrap()),
        }
    }

    fn target(self) -> String {
        match self {
            Self::Tunnel => "/live".to_owned(),
            Self::Route => "/to/events/live".to_owned(),
            Self::Absolute => format!("https://{EVENTS}/live"),
        }
    }
}

fn setup() -> Setup {
    Setup {
        settings: Settings::parse(ROUTE).unwrap(),
        ..Setup::default()
    }
}

/// Opens a conversation and says something in it.
async fn converse(world: &World, way: Way) -> Box<dyn Stream> {
    let mut stream = way.connect(world).await;
    let handshake = format!(
        "GET {} HTTP/1.1\r\nHost: {EVENTS}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        way.target()
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let head = read_head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{way:?}: {head}");
    say(&mut stream).await;
    stream
}

/// Says `hi` and hears it again.
async fn say(stream: &mut Box<dyn Stream>) {
    stream.write_all(b"\x81\x82\0\0\0\0hi").await.unwrap();
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).await.unwrap();
    assert_eq!(&echo, b"\x81\x02hi");
}

#[tokio::test]
async fn a_conversation_ends_by_every_way() {
    for way in Way::ALL {
        for away in Away::ALL {
            let there = websocket::start(EVENTS, setup()).await;
            let mut stream = converse(&there.world, way).await;
            away.take(&there.world);
            let mut rest = Vec::new();
            let read = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_to_end(&mut rest));
            _ = read.await.unwrap_or_else(|_| panic!("{way:?}, {away:?}: still open"));
            assert_eq!(rest, b"\x88\x09\x03\xf0cut-off", "{way:?}, {away:?}");
            there.world.until_outcomes(2).await;
            let ledger = there.world.ledger();
            assert!(ledger.contains("\"result\":\"answered\",\"status\":101"), "{ledger}");
        }
    }
}

#[tokio::test]
async fn a_long_answer_ends_by_every_way() {
    for way in Way::ALL {
        for away in Away::ALL {
            let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(LONG)).await;
            let world = World::with(Setup {
                upstream: Some(there.upstream()),
                ..setup()
            })
            .await;
            let mut stream = way.connect(&world).await;
            let request = post(EVENTS, "{}").replacen("/v1/things?x=1", &way.target(), 1);
            stream.write_all(request.as_bytes()).await.unwrap();
            assert!(read_head(&mut stream).await.starts_with("HTTP/1.1 200"));
            let mut beginning = [0; 9];
            stream.read_exact(&mut beginning).await.unwrap();
            away.take(&world);
            assert!(is_closed(&mut stream).await, "{way:?}, {away:?}");
        }
    }
}

#[tokio::test]
async fn who_waits_for_an_answer_is_told_why_there_is_none() {
    for way in Way::ALL {
        let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Silent).await;
        let world = World::with(Setup {
            upstream: Some(there.upstream()),
            ..setup()
        })
        .await;
        let mut stream = way.connect(&world).await;
        let request = post(EVENTS, "{}").replacen("/v1/things?x=1", &way.target(), 1);
        stream.write_all(request.as_bytes()).await.unwrap();
        while there.received().is_empty() {
            tokio::task::yield_now().await;
        }
        Away::CutOff.take(&world);
        let reply = crate::client::read_reply(&mut stream).await;
        assert_eq!((reply.status, reply.kind().as_str()), (503, "cut-off"), "{way:?}");
        world.until_outcomes(1).await;
        assert!(world.ledger().contains("\"result\":\"may_have_left\""));
    }
}

#[tokio::test]
async fn what_leads_elsewhere_goes_on() {
    let there = websocket::start(EVENTS, setup()).await;
    let mut streams = Vec::new();
    for way in Way::ALL {
        streams.push(converse(&there.world, way).await);
    }
    there.world.gate.cut_off(CutOff {
        all: false,
        recipients: ["desk".parse().unwrap()].into(),
    });
    there.world.gate.swap_charter(charter("report"));
    for stream in &mut streams {
        say(stream).await;
    }
}
