use std::io::Write as _;

use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use flate2::{Compression, GzBuilder};

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn named(name: &str) -> Decoder {
    Decoder::named(&[name.to_owned()], 200).unwrap()
}

fn decoded(name: &str, bytes: &[u8], step: usize) -> Result<Vec<u8>, UnreadableBecause> {
    let mut decoder = named(name);
    let mut out = Vec::new();
    for piece in bytes.chunks(step) {
        out.extend(decoder.feed(piece)?);
    }
    decoder.finish()?;
    Ok(out)
}

#[test]
fn whatever_the_steps_the_content_is_the_same() {
    let text: Vec<u8> = (0..40_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&text).unwrap();
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
    bare.write_all(&text).unwrap();
    for (name, bytes) in [
        ("gzip", gzip(&text)),
        ("deflate", zlib.finish().unwrap()),
        ("deflate", bare.finish().unwrap()),
    ] {
        for step in [1, 7, 1000, bytes.len()] {
            assert!(decoded(name, &bytes, step).unwrap() == text, "{name} {step}");
        }
    }
}

#[test]
fn what_cannot_be_followed_is_unreadable() {
    let whole = gzip(b"text");
    let mut named_file = GzBuilder::new()
        .filename("ada.brook@school.example")
        .write(Vec::new(), Compression::default());
    named_file.write_all(b"text").unwrap();
    for (bytes, because) in [
        ([whole.clone(), whole.clone()].concat(), UnreadableBecause::Malformed),
        (whole[..whole.len() - 1].to_vec(), UnreadableBecause::Malformed),
        (whole[..5].to_vec(), UnreadableBecause::Malformed),
        (named_file.finish().unwrap(), UnreadableBecause::Malformed),
        (b"no gzip at all".to_vec(), UnreadableBecause::Malformed),
        (gzip(&vec![0; 64 << 20]), UnreadableBecause::TooLarge),
    ] {
        for step in [1, 4096] {
            assert_eq!(decoded("gzip", &bytes, step), Err(because));
        }
    }
    for codings in [vec!["br"], vec!["zstd"], vec!["gzip", "gzip"], vec!["other"]] {
        let codings: Vec<String> = codings.into_iter().map(str::to_owned).collect();
        assert!(Decoder::named(&codings, 200).is_none());
    }
}
