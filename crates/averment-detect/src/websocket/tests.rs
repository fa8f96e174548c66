use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::{WebSocketError, WebSocketKind, WebSocketLimits, WebSocketMessages};

/// RFC 6455 section 5.2, by hand.
fn frame(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let bit = if mask.is_some() { 0x80 } else { 0 };
    let mut out = vec![first];
    match payload.len() {
        length @ 0..=125 => out.push(bit | length as u8),
        length @ 126..=0xffff => out.extend([&[bit | 126][..], &(length as u16).to_be_bytes()].concat()),
        length => out.extend([&[bit | 127][..], &(length as u64).to_be_bytes()].concat()),
    }
    let mask = mask.inspect(|mask| out.extend(mask)).unwrap_or_default();
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

fn limits() -> WebSocketLimits {
    WebSocketLimits {
        message_max_bytes: 100_000,
        frames_max: 50,
        ..WebSocketLimits::default()
    }
}

/// RFC 7692 section 7.2.1.
fn deflated(compress: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() * 2 + 64);
    compress.compress_vec(payload, &mut out, FlushCompress::Sync).unwrap();
    out.strip_suffix(&[0, 0, 0xff, 0xff]).unwrap().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_fragmentation_and_masking_gives_the_same_messages(
        payloads in proptest::collection::vec("\\PC{0,200}", 1..5),
        cuts in proptest::collection::vec(0_usize..200, 0..4),
        mask in any::<[u8; 4]>(),
        masked in any::<bool>(),
        step in 1_usize..40,
        packed in any::<bool>(),
        ping in any::<bool>(),
    ) {
        let mask = masked.then_some(mask);
        let mut compress = Compress::new(Compression::fast(), false);
        let mut wire = Vec::new();
        for payload in &payloads {
            let bytes = if packed { deflated(&mut compress, payload.as_bytes()) } else { payload.clone().into_bytes() };
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
            cuts.sort_unstable();
            cuts.push(bytes.len());
            let mut from = 0;
            for (index, cut) in cuts.iter().enumerate() {
                let last = if index + 1 == cuts.len() { 0x80 } else { 0 };
                let code = if index == 0 { 1 | if packed { 0x40 } else { 0 } } else { 0 };
                wire.extend(frame(last | code, &bytes[from..*cut], mask));
                if ping {
                    wire.extend(frame(0x89, b"?", mask));
                }
                from = *cut;
            }
        }
        let mut reader = WebSocketMessages::new(WebSocketLimits { masked, deflate: packed, ..limits() });
        let mut texts = Vec::new();
        for piece in wire.chunks(step) {
            for message in reader.push(piece).unwrap() {
                if message.kind == WebSocketKind::Text {
                    texts.push(String::from_utf8(message.payload).unwrap());
                }
            }
        }
        prop_assert_eq!(texts, payloads);
        prop_assert!(reader.is_complete());
    }

    #[test]
    fn nothing_panics_and_little_is_kept(bytes in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..50) {
        let mut reader = WebSocketMessages::new(WebSocketLimits { deflate: true, message_max_bytes: 64, ..limits() });
        for piece in bytes.chunks(step) {
            if reader.push(piece).is_err() {
                prop_assert!(reader.push(piece).is_err());
            }
        }
    }
}

#[test]
fn the_examples_of_the_standard_are_read() {
    let mut reader = WebSocketMessages::new(limits());
    let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(reader.push(&hello).unwrap()[0].payload, b"Hello");
    let server = WebSocketLimits {
        masked: false,
        deflate: true,
        ..limits()
    };
    let mut reader = WebSocketMessages::new(server);
    let packed = [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let again = [0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00];
    assert_eq!(reader.push(&packed).unwrap()[0].payload, b"Hello");
    assert_eq!(
        reader.push(&again).unwrap()[0].payload,
        b"Hello",
        "with what went before"
    );
    // In a block that is not compressed, and in one that is final.
    let stored = [
        0xc1, 0x0b, 0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
    ];
    let last = [0xc1, 0x08, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    assert_eq!(reader.push(&stored).unwrap()[0].payload, b"Hello");
    assert_eq!(reader.push(&last).unwrap()[0].payload, b"Hello");
}

#[test]
fn what_the_standard_forbids_ends_the_reading() {
    let mask = Some([1, 2, 3, 4]);
    for (wire, wanted) in [
        (frame(0x81, b"x", None), WebSocketError::Masking),
        (frame(0xc1, b"x", mask), WebSocketError::Extension),
        (frame(0x83, b"x", mask), WebSocketError::Extension),
        (frame(0x09, b"x", mask), WebSocketError::Malformed),
        (frame(0x89, &[0; 126], mask), WebSocketError::Malformed),
        (frame(0x80, b"x", mask), WebSocketError::Order),
        (
            [frame(0x01, b"x", mask), frame(0x81, b"y", mask)].concat(),
            WebSocketError::Order,
        ),
        (frame(0x81, b"\xff", mask), WebSocketError::NotText),
        (frame(0x82, &[0; 100_001], mask), WebSocketError::TooLarge),
        (vec![0x82, 0xfe, 0, 5, 1, 2, 3, 4], WebSocketError::Malformed),
    ] {
        let mut reader = WebSocketMessages::new(limits());
        assert_eq!(reader.push(&wire).unwrap_err(), wanted);
        assert_eq!(reader.push(b"").unwrap_err(), wanted);
        assert!(!reader.is_complete());
    }
    let pieces = std::iter::once(frame(0x02, b"", mask)).chain((0..60).map(|_| frame(0x00, b"", mask)));
    let wire = pieces.collect::<Vec<_>>().concat();
    assert_eq!(
        WebSocketMessages::new(limits()).push(&wire).unwrap_err(),
        WebSocketError::TooLarge
    );
}

#[test]
fn a_bomb_is_refused_before_it_is_whole() {
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(1 << 20);
    compress
        .compress_vec(&vec![0; 10 << 20], &mut out, FlushCompress::Sync)
        .unwrap();
    let limits = WebSocketLimits {
        deflate: true,
        ..limits()
    };
    let wire = frame(0xc2, &out, Some([9; 4]));
    assert_eq!(
        WebSocketMessages::new(limits).push(&wire).unwrap_err(),
        WebSocketError::TooLarge
    );
}
