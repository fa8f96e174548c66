//! No spelling, no name and no change of mind of a resolver leads the gate to a machine inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use averment_gate::{Resolver, Timeouts, Upstream};
use tokio::net::TcpListener;

use crate::world::{Setup, World};

/// An address like those of the public Internet, from a block that IANA has given to nobody.
const OUTSIDE: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2d00, 0, 0, 0, 0, 0, 0, 1));

/// Addresses inside, each of which is spelled in all the ways of [`spellings`].
const ADDRESSES: &[[u8; 4]] = &[
    [127, 0, 0, 1],
    [127, 255, 255, 254],
    [10, 0, 0, 1],
    [172, 16, 0, 1],
    [192, 168, 0, 1],
    [169, 254, 169, 254],
    [100, 64, 0, 1],
    [0, 0, 0, 0],
    [168, 63, 129, 16],
    [224, 0, 0, 1],
    [255, 255, 255, 255],
];

const NAMES: &[&str] = &[
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[::1",
    "::1",
    "[::1]x",
    "localhost%00.example",
    "localhost\\.example",
    "127.0.0.1 .example",
    "u@localhost",
    "public.example@localhost",
];

/// Ways to write an IPv4 address that some program somewhere takes.
fn spellings([a, b, c, d]: [u8; 4]) -> Vec<String> {
    let whole = u32::from_be_bytes([a, b, c, d]);
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let last_three = whole & 0x00ff_ffff;
    vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{c}.{d}."),
        format!("{a}.{b}.{low}"),
        format!("{a}.{last_three}"),
        format!("{whole}"),
        format!("0x{whole:08x}"),
        format!("0X{whole:08X}"),
        format!("0{whole:o}"),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a:03}.{b:03}.{c:03}.{d:03}"),
        format!("{a}.{b}.{c}.0x{d:x}"),
        format!("[::ffff:{a}.{b}.{c}.{d}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[::{a}.{b}.{c}.{d}]"),
        format!("[0:0:0:0:0:ffff:{high:x}:{low:x}]"),
        format!("[64:ff9b::{a}.{b}.{c}.{d}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("[2001:0:{high:x}:{low:x}::]"),
        format!("{a}%2e{b}%2e{c}%2e{d}"),
        format!("u@{a}.{b}.{c}.{d}"),
        format!("[{a}.{b}.{c}.{d}]"),
    ]
}

async fn world(resolver: Resolver) -> World {
    World::with(Setup {
        unknown_hosts: "report",
        upstream: Some(Upstream {
            resolver,
            ..Upstream::default()
        }),
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            ..Timeouts::default()
        },
        ..Setup::default()
    })
    .await
}

/// A server inside, and whether anybody came.
struct Inside(TcpListener);

impl Inside {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    async fn was_reached(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(50), self.0.accept())
            .await
            .is_ok()
    }
}

async fn ask(world: &World, host: &str, port: u16) -> (u16, String) {
    let request = format!("GET http://{host}:{port}/ HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
    let reply = world.send_plain(&request).await;
    // What no parser takes as a request is answered by the parser, without a document.
    let kind = if reply.body.is_empty() {
        String::new()
    } else {
        reply.kind()
    };
    (reply.status, kind)
}

#[tokio::test]
async fn no_spelling_leads_inside() {
    let inside = Inside::start().await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&asked);
    // A resolver that reads whatever it can as loopback, as some do.
    let world = world(Resolver::new(move |name| {
        told.lock().unwrap().push(name.to_owned());
        vec![Ipv4Addr::LOCALHOST.into()]
    }))
    .await;
    let all: Vec<String> = ADDRESSES
        .iter()
        .flat_map(|address| spellings(*address))
        .chain(NAMES.iter().map(|name| (*name).to_owned()))
        .collect();
    assert!(all.len() >= 200, "{}", all.len());
    for host in &all {
        let (status, kind) = ask(&world, host, inside.port()).await;
        let refused = (status == 403 && kind == "address-inside") || status == 400;
        assert!(refused, "{host}: {status} {kind}");
    }
    assert!(!inside.was_reached().await);
    // Numbers are never left to a resolver.
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|name| name.contains("localhost")), "{asked:?}");
}

#[tokio::test]
async fn a_name_that_points_inside_is_not_followed() {
    let inside = Inside::start().await;
    for addresses in [
        vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        vec![OUTSIDE, Ipv4Addr::LOCALHOST.into()],
        vec![Ipv4Addr::LOCALHOST.into(), OUTSIDE],
        vec![OUTSIDE, "169.254.169.254".parse().unwrap()],
        vec![OUTSIDE, "::ffff:127.0.0.1".parse().unwrap()],
        vec!["fd00:ec2::254".parse().unwrap()],
    ] {
        let world = world(Resolver::new(move |_| addresses.clone())).await;
        let answer = ask(&world, "rebind.example", inside.port()).await;
        assert_eq!(answer, (403, "address-inside".to_owned()));
    }
    assert!(!inside.was_reached().await);
}

/// The address is asked for once per connection: a second answer could be another one than the one that was checked.
#[tokio::test]
async fn a_resolver_that_changes_its_mind_gains_nothing() {
    let inside = Inside::start().await;
    let times = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&times);
    let world = world(Resolver::new(move |_| {
        let first = counted.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        vec![if first { OUTSIDE } else { Ipv4Addr::LOCALHOST.into() }]
    }))
    .await;
    for round in 0..2 {
        let (status, kind) = ask(&world, "rebind.example", inside.port()).await;
        let outside = ["unreachable", "connect-timeout"].contains(&kind.as_str());
        let expected = if round == 0 { outside } else { kind == "address-inside" };
        assert!(expected, "{status} {kind}");
        assert_eq!(times.load(Ordering::SeqCst), round + 1);
    }
    assert!(!inside.was_reached().await);
}

#[tokio::test]
async fn a_name_without_an_address_is_told() {
    let world = world(Resolver::new(|_| Vec::new())).await;
    assert_eq!(ask(&world, "gone.example", 80).await, (502, "unresolved".to_owned()));
}
