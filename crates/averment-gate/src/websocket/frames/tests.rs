use super::*;

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = masked(first & 0x0f, payload).unwrap();
    bytes[0] = first;
    bytes
}

fn all(bytes: &[u8], step: usize) -> Result<Vec<Message>, u16> {
    let (mut frames, mut messages) = (Assembler::default(), Vec::new());
    for piece in bytes.chunks(step) {
        frames.push(piece);
        while let Some(message) = frames.next(100_000)? {
            messages.push(message);
        }
    }
    Ok(messages)
}

fn message(opcode: u8, payload: &[u8]) -> Message {
    Message {
        opcode,
        payload: payload.to_vec(),
    }
}

#[test]
fn messages_are_put_together_however_they_come() {
    let long = vec![b'x'; 70_000];
    let bytes = [
        frame(0x81, b"whole"),
        frame(0x01, b"in "),
        frame(0x89, b"ping"),
        frame(0x00, b"three "),
        frame(0x80, b"pieces"),
        frame(0x82, &long),
        frame(0x81, &[b'y'; 200]),
        frame(0x88, &[]),
    ]
    .concat();
    let expected = [
        message(TEXT, b"whole"),
        message(9, b"ping"),
        message(TEXT, b"in three pieces"),
        message(BINARY, &long),
        message(TEXT, &[b'y'; 200]),
        message(CLOSE, b""),
    ];
    for step in [1, 3, 1000, bytes.len()] {
        assert_eq!(all(&bytes, step).unwrap(), expected, "{step}");
    }
}

#[test]
fn what_breaks_the_protocol_is_closed_with_its_code() {
    let unmasked = vec![0x81, 1, b'x'];
    for (bytes, code) in [
        (unmasked, PROTOCOL_ERROR),
        (frame(0xc1, b"compressed"), PROTOCOL_ERROR),
        (frame(0x83, b""), PROTOCOL_ERROR),
        (frame(0x80, b"continues nothing"), PROTOCOL_ERROR),
        ([frame(0x01, b"a"), frame(0x81, b"b")].concat(), PROTOCOL_ERROR),
        (frame(0x09, b"a ping in pieces"), PROTOCOL_ERROR),
        (frame(0x89, &[0; 126]), PROTOCOL_ERROR),
        (frame(0x81, b"\xff"), NOT_TEXT),
        (frame(0x82, &[0; 100_001]), TOO_LARGE),
        (
            [frame(0x02, &[0; 60_000]), frame(0x80, &[0; 60_000])].concat(),
            TOO_LARGE,
        ),
        // A length that is only announced.
        (
            vec![0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
            TOO_LARGE,
        ),
    ] {
        assert_eq!(all(&bytes, 7), Err(code));
    }
}

#[test]
fn the_ends_of_frames_are_known_wherever_the_bytes_are_cut() {
    let bytes = [close(1000, "bye"), head(TEXT, 300, 0), vec![0; 300], close(1000, "")].concat();
    let ends = [7, 7 + 4 + 300, 7 + 4 + 300 + 4];
    for step in [1, 5, 64, bytes.len()] {
        let mut follower = Follower::default();
        let mut seen = std::collections::BTreeSet::new();
        for (index, piece) in bytes.chunks(step).enumerate() {
            seen.extend(follower.last_end(piece).map(|end| index * step + end));
        }
        assert!(seen.iter().all(|end| ends.contains(end)), "{step}: {seen:?}");
        assert!(seen.contains(&bytes.len()) && follower.is_between_frames());
    }
}

#[test]
fn a_reason_is_cut_to_fit() {
    assert_eq!(close(1008, &"x".repeat(500)).len(), 2 + 125);
}
