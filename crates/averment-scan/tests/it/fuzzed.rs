//! Every fuzz target over its seeds, cut and changed: what a fuzzer would begin with, without one.

#[path = "../../fuzz/targets.rs"]
mod targets;

use serde_json::json;

use crate::recording::{chromium, post, request};

const PAGE: &str = "https://learn.birch-school.org/";

/// Something of every kind of request, address and body.
fn seeds() -> Vec<Vec<u8>> {
    let mut cookie = request("script", "https://cdn.adults-only.com/a.js");
    cookie["response"]["headers"] = json!([{ "name": "Set-Cookie", "value": "id=ada; Path=/" }]);
    let mut socket = request("websocket", "wss://live.new-socket.org/feed");
    socket["_webSocketMessages"] =
        json!([{ "type": "send", "data": format!("42[\"in\",{{\"mail\":\"{}\"}}]", targets::ADA) }]);
    let sent = format!("{{\"email\":\"{}\"}}", targets::ADA);
    let entries = [
        request(
            "image",
            &format!("http://px.little-tracker.com/i.gif?u={}&v=2", targets::ADA),
        ),
        request(
            "document",
            &format!("https://{}@frames.example.org/people/{0}#x", targets::ADA),
        ),
        post("https://b.body-party.com/", "application/json", &sent),
        cookie,
        socket,
    ];
    let mut seeds: Vec<Vec<u8>> = vec![
        chromium(PAGE, &entries),
        br#"{"log":{"entries":[{"request":{"url":"https://a.example.org/\ud800","headers":{}},"response":[]},null,7,{}]}}"#.to_vec(),
        br#"{"log":{"pages":{},"entries":[[[[]]]]}}"#.to_vec(),
        b"px.little-tracker.com:443/%61da?mail=ada.lovelace%40school.example;x=%zz#a=b".to_vec(),
        format!("{}:secret@[::1]:8080//a/../{0}", targets::ADA).into_bytes(),
        sent.into_bytes(),
        format!("email={}&name=Ada+Lovelace", targets::ADA).into_bytes(),
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(),
    ];
    seeds.extend(entries.map(|entry| entry.to_string().into_bytes()));
    seeds
}

/// `seed`, and `seed` cut and with bytes changed at a few places.
fn changed(seed: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let places = (0..7).map(|part| seed.len() * part / 7);
    places.flat_map(move |at| {
        let with = |byte: u8| {
            let mut copy = seed.to_vec();
            copy[at] = byte;
            copy
        };
        [
            seed[..at].to_vec(),
            with(0),
            with(b'"'),
            with(0xff),
            seed[at..].to_vec(),
        ]
    })
}

#[test]
fn no_target_fails_on_its_seeds() {
    let seeds = seeds();
    for (name, target) in targets::TARGETS {
        for seed in &seeds {
            target(seed);
            for data in changed(seed) {
                let outcome = std::panic::catch_unwind(|| target(&data));
                assert!(outcome.is_ok(), "{name}: {data:?}");
            }
        }
    }
}

/// `scripts/fuzz.sh` asks for them.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a script says by a variable where the seeds shall go"
)]
fn seeds_are_written_where_they_are_asked_for() {
    let Ok(folder) = std::env::var("AVERMENT_FUZZ_SEEDS") else {
        return;
    };
    for (number, seed) in seeds().iter().enumerate() {
        std::fs::write(format!("{folder}/{number:02}"), seed).unwrap();
    }
}

#[test]
fn every_target_has_its_binary() {
    let manifest = include_str!("../../fuzz/Cargo.toml");
    for (name, _) in targets::TARGETS {
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{name}");
    }
}
