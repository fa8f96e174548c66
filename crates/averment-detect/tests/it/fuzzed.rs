//! Every fuzz target over its seeds, cut and changed: what a fuzzer would begin with, without one.

#[path = "../../fuzz/targets.rs"]
mod targets;

use crate::pack::{cbor, field, frame, msgpack, zip};
use crate::wrap::{Wrap, wrapped};

/// Something of every format.
fn seeds() -> Vec<Vec<u8>> {
    let json = br#"{"email":"ada@school.example","first_name":"Ada","n":[1,{"last_name":"Lovelace"}]}"#;
    let value = serde_json::json!({ "id": 8_841_207, "user": ["ada_l", { "x": null }] });
    let message = field(1, &field(2, b"ada@school.example"));
    let mut seeds: Vec<Vec<u8>> = vec![
        json.to_vec(),
        [json.as_slice(), b"\n", json].concat(),
        b"a=1&first_name=Ada&x=%61da_l&last_name=Lovelace".to_vec(),
        b"--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"ada_l\"\r\n\r\n=40\r\n--b--".to_vec(),
        b"<a b='ada&#64;school.example'>Ada <b>Love</b>lace<!-- x --><![CDATA[ada_l]]></a>".to_vec(),
        b"first_name,last_name\nAda,\"Love\"\"lace\"\n".to_vec(),
        b"data: {\"a\":\r\ndata: \"ada_l\"}\r\n\r\n".to_vec(),
        b"/v1/ada_l%41?a=Ada+Lovelace&b=%61da_l".to_vec(),
        b"Ada_Lovelace?= =?utf-8?B?YWRhX2w=?=".to_vec(),
        b"GIF89a\x01\0\x01\0\0\0\0\x21\xfe\x05ada_l\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0\x3b".to_vec(),
        b"\x89PNG\r\n\x1a\n\0\0\0\x08tEXtA\0 ada_lcrc!\0\0\0\0IENDcrc!".to_vec(),
        b"\xff\xd8\xff\xe1\0\x07ada_l\xff\xda\0\x02x\xff\xd9".to_vec(),
        b"RIFF\x12\0\0\0WEBPEXIF\x05\0\0\0ada_l\0".to_vec(),
        zip(&[("ada_l.txt", b"Ada Lovelace"), ("b", b"")]),
        msgpack(&value),
        cbor(&value),
        message.clone(),
        frame(0, &message),
        frame(1, &wrapped(&[Wrap::Gzip], &message)),
        b"\x00\x01".repeat(40),
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nYWRhX2w=\r\n".to_vec(),
        b"BEGIN:VCARD\r\nN:Lovelace;Ada\r\nNOTE:ada@sch\r\n ool.example\r\nEND:VCARD\r\n".to_vec(),
        b"{}\n{\"type\":\"x\",\"length\":7}\n\"ada_l\"\n{}\nada_l\n".to_vec(),
        b"\x1b\0\0\0\x02who\0\x06\0\0\0ada_l\0\x10n\0\x01\0\0\0\0".to_vec(),
        b"\xa1\x01\x55ada_l\x08\x0a\0\0\0\0\0\0\x01\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10".to_vec(),
        b"Bj\\'f6rn \\u197?str\\u246?m\\par {\\b ada_l}".to_vec(),
        b"BT (ada) -20 (_l) Tj [(Ada) -300 (Love\\154ace)] TJ <6164615f6c> Tj ET".to_vec(),
        b"\x03\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x01\x05ada_l\x80\x00".to_vec(),
        b"61:64:61:5f:6c [97,100,97,95,108] +AGEAZABh-_l \\61 da_l <~@:Wne~> 0x61, 0x64, 0x61, 0x5f, 0x6c".to_vec(),
    ];
    for wrap in [
        Wrap::Gzip,
        Wrap::Deflate,
        Wrap::Brotli,
        Wrap::Zstd,
        Wrap::Base64,
        Wrap::Hex,
        Wrap::Base32,
        Wrap::QuotedPrintable,
        Wrap::References,
        Wrap::Utf16Le,
        Wrap::Utf16Be,
    ] {
        seeds.push(wrapped(&[wrap], json));
        seeds.push(wrapped(&[wrap], &msgpack(&value)));
    }
    seeds
}

/// What a fuzzer found once, in order of the file names.
fn found_once() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// `seed`, and `seed` cut and with bytes changed at a few places.
fn changed(seed: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let places = (0..3).map(|part| seed.len() * part / 3);
    places.flat_map(move |at| {
        let with = |byte: u8| {
            let mut copy = seed.to_vec();
            copy[at] = byte;
            copy
        };
        [seed[..at].to_vec(), with(0), with(0xff), seed[at..].to_vec()]
    })
}

#[test]
fn no_target_fails_on_its_seeds() {
    let seeds = [seeds(), found_once()].concat();
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
