use std::collections::VecDeque;
use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http_body::Frame;
use http_body_util::BodyExt as _;
use proptest::prelude::*;

use super::*;
use crate::body::AnswerError;

const ADA: &str = "p1_0123456789abcdef0123456789abcdef";
const BEN: &str = "p1_fedcba9876543210fedcba9876543210";
/// Of another recipient, or made up.
const OTHER: &str = "p1_00000000000000000000000000000000";

fn exchanged() -> Arc<Exchanged> {
    let mut exchanged = Exchanged::default();
    for (pseudonym, field, value) in [
        (ADA, Some("email"), "ada@school.example"),
        (ADA, None, "Ada@school.example"),
        (BEN, Some("email"), "ben@school.example"),
        (BEN, Some("user_id"), "s-17"),
    ] {
        exchanged.take(&Pseudonymised {
            pseudonym,
            value,
            field,
        });
    }
    Arc::new(exchanged)
}

struct Pieces(VecDeque<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// What `bytes` become that come in pieces of `size`.
fn turned(bytes: &[u8], size: usize, undo: Undo) -> Result<String, AnswerError> {
    let pieces = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    let body = TurnedBack::new(Pieces(pieces), undo, Window::new(exchanged().into(), true));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let whole = runtime.block_on(body.collect())?.to_bytes();
    Ok(String::from_utf8(whole.to_vec()).unwrap())
}

fn text() -> String {
    format!(
        "p p1 P1_ {ADA}, {}. {OTHER} {ADA}x {ADA}0 p1_012 {{\"user-id\" : \"{BEN}\", \"Email\":\"{BEN}\", \"name\":\"{BEN}\"}} \
         {{\\\"userId\\\": \\\"{BEN}\\\"}} {ADA}",
        ADA.to_uppercase()
    )
}

fn expected() -> String {
    let ada = "Ada@school.example";
    format!(
        "p p1 P1_ {ada}, {ada}. {OTHER} {ADA}x {ADA}0 p1_012 {{\"user-id\" : \"s-17\", \"Email\":\"ben@school.example\", \
         \"name\":\"{BEN}\"}} {{\\\"userId\\\": \\\"s-17\\\"}} {ada}"
    )
}

#[test]
fn pseudonyms_of_the_request_are_turned_back_across_pieces_and_others_stay() {
    for size in 1..200 {
        assert_eq!(
            turned(text().as_bytes(), size, Undo::Nothing).unwrap(),
            expected(),
            "{size}"
        );
    }
}

fn written<E: std::io::Write>(
    mut encoder: E,
    bytes: &[u8],
    finish: impl FnOnce(E) -> std::io::Result<Vec<u8>>,
) -> Vec<u8> {
    encoder.write_all(bytes).unwrap();
    finish(encoder).unwrap()
}

#[test]
fn encodings_are_undone_as_they_come() {
    let text_bytes = text().into_bytes();
    let gzip = written(
        GzEncoder::new(Vec::new(), Compression::default()),
        &text_bytes,
        GzEncoder::finish,
    );
    let zlib = written(
        ZlibEncoder::new(Vec::new(), Compression::default()),
        &text_bytes,
        ZlibEncoder::finish,
    );
    let deflate = written(
        DeflateEncoder::new(Vec::new(), Compression::default()),
        &text_bytes,
        DeflateEncoder::finish,
    );
    for size in [1, 2, 7, 64, 4096] {
        for (coding, bytes) in [
            ("gzip", &gzip),
            ("x-gzip", &gzip),
            ("deflate", &zlib),
            ("Deflate", &deflate),
        ] {
            let undo = Undo::named(coding).unwrap();
            assert_eq!(turned(bytes, size, undo).unwrap(), expected(), "{coding} {size}");
        }
        let twice = [gzip.as_slice(), &gzip].concat();
        let undo = Undo::named("gzip").unwrap();
        assert_eq!(
            turned(&twice, size, undo).unwrap(),
            turned((text() + &text()).as_bytes(), 4096, Undo::Nothing).unwrap()
        );
    }
    let short = &gzip[..gzip.len() - 9];
    assert!(
        turned(short, 16, Undo::named("gzip").unwrap()).is_err(),
        "what is cut off never looks whole"
    );
    assert!(turned(b"no gzip", 16, Undo::named("gzip").unwrap()).is_err());
}

#[test]
fn a_value_that_would_not_mean_itself_stays_a_pseudonym() {
    for value in ["a\"b", "a\\b", "a<b", "a&b", "it's", "a\nb"] {
        let mut exchanged = Exchanged::default();
        let field = None;
        exchanged.take(&Pseudonymised {
            pseudonym: ADA,
            value,
            field,
        });
        assert_eq!(exchanged.value(ADA, None), None, "{value}");
    }
    let mut exchanged = Exchanged::default();
    exchanged.take(&Pseudonymised {
        pseudonym: ADA,
        value: "Åsa",
        field: None,
    });
    let exchanged = Arc::new(exchanged);
    let mut latin = Window::new(Arc::clone(&exchanged).into(), false);
    assert_eq!([latin.feed(ADA.as_bytes()), latin.finish()].concat(), ADA.as_bytes());
    let mut unicode = Window::new(exchanged.into(), true);
    assert_eq!(
        [unicode.feed(ADA.as_bytes()), unicode.finish()].concat(),
        "Åsa".as_bytes()
    );
}

#[test]
fn only_encodings_that_can_be_undone_are_asked_for() {
    let accepted = |values: &[&str]| {
        let fields: Vec<_> = values
            .iter()
            .map(|value| (http::header::ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap()))
            .collect();
        encodings(fields.iter()).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(accepted(&[]), None);
    assert_eq!(accepted(&["br, zstd"]).as_deref(), Some("identity"));
    assert_eq!(
        accepted(&["gzip;q=0.5, br", "deflate, identity;q=0"]).as_deref(),
        Some("gzip;q=0.5, deflate, identity;q=0")
    );
}

proptest! {
    #[test]
    fn bytes_without_a_pseudonym_of_the_request_pass_as_they_came(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..40) {
        let mut window = Window::new(exchanged().into(), true);
        let mut out = Vec::new();
        for piece in bytes.chunks(size) {
            out.extend(window.feed(piece));
            prop_assert!(window.held_bytes() <= 35);
        }
        out.extend(window.finish());
        prop_assert_eq!(out, bytes);
    }

    #[test]
    fn how_it_is_cut_changes_nothing(words in prop::collection::vec("p1_|p1_0123456789abcdef0123456789abcdef|[0-9a-f]{1,32}|[pP]|[ \"x]", 0..30), size in 1_usize..40) {
        let text = words.concat();
        let whole = turned(text.as_bytes(), text.len().max(1), Undo::Nothing).unwrap();
        prop_assert_eq!(turned(text.as_bytes(), size, Undo::Nothing).unwrap(), whole);
    }
}

#[test]
fn what_was_flushed_comes_out_before_more_comes() {
    let events = [format!("data: {ADA}\n\n"), "data: nothing\n\n".to_owned()];
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    let (mut undo_gzip, mut undo_zlib) = (Undo::named("gzip").unwrap(), Undo::named("deflate").unwrap());
    let (mut seen_gzip, mut seen_zlib) = (0, 0);
    for event in &events {
        gzip.write_all(event.as_bytes()).unwrap();
        gzip.flush().unwrap();
        zlib.write_all(event.as_bytes()).unwrap();
        zlib.flush().unwrap();
        assert_eq!(undo_gzip.feed(&gzip.get_ref()[seen_gzip..]).unwrap(), event.as_bytes());
        assert_eq!(undo_zlib.feed(&zlib.get_ref()[seen_zlib..]).unwrap(), event.as_bytes());
        (seen_gzip, seen_zlib) = (gzip.get_ref().len(), zlib.get_ref().len());
    }
}
