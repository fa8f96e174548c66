use std::sync::Arc;

use averment_detect::Pseudonymised;

use super::*;
use crate::turn_back::Exchanged;

const ADA: &str = "p1_0123456789abcdef0123456789abcdef";
const BINARY: u8 = 2;

fn turning() -> TurningBack {
    let mut exchanged = Exchanged::default();
    exchanged.take(&Pseudonymised {
        pseudonym: ADA,
        value: "ada@school.example",
        field: None,
    });
    TurningBack::new(Arc::new(exchanged).into())
}

/// The frames in `bytes`: opcode, whether it is the last, payload.
fn frames_in(mut bytes: &[u8]) -> Vec<(u8, bool, Vec<u8>)> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let head = Head::read(bytes).unwrap();
        let end = head.head_bytes + usize::try_from(head.payload_bytes).unwrap();
        all.push((head.opcode, head.last, bytes[head.head_bytes..end].to_vec()));
        bytes = &bytes[end..];
    }
    all
}

/// What the messages in `bytes` say, control frames left out; each has to begin and go on as it should.
fn messages(bytes: &[u8]) -> Vec<(u8, String)> {
    let (mut all, mut open): (Vec<(u8, String)>, bool) = (Vec::new(), false);
    for (opcode, last, payload) in frames_in(bytes) {
        let payload = String::from_utf8(payload).unwrap();
        match opcode {
            8.. => continue,
            0 => all.last_mut().filter(|_| open).unwrap().1.push_str(&payload),
            _ => {
                assert!(!open);
                all.push((opcode, payload));
            }
        }
        open = !last;
    }
    assert!(!open);
    all
}

#[test]
fn texts_are_turned_back_however_they_are_cut_and_everything_else_stays() {
    let text = format!("hello {ADA}, and {ADA}");
    let (one, two) = text.split_at(20);
    let come = [
        frames::part(TEXT, true, text.as_bytes()),
        frames::part(TEXT, false, one.as_bytes()),
        frames::part(9, true, b"still there"),
        frames::part(0, false, b""),
        frames::part(0, true, two.as_bytes()),
        frames::part(BINARY, false, ADA.as_bytes()),
        frames::part(0, true, ADA.as_bytes()),
        frames::part(TEXT, true, "word ".repeat(20_000).as_bytes()),
        frames::part(TEXT, true, b""),
        frames::part(TEXT, true, b"ends with p1_"),
    ]
    .concat();
    let turned = text.replace(ADA, "ada@school.example");
    let expected = [
        (TEXT, turned.clone()),
        (TEXT, turned),
        (BINARY, ADA.repeat(2)),
        (TEXT, "word ".repeat(20_000)),
        (TEXT, String::new()),
        (TEXT, "ends with p1_".to_owned()),
    ];
    for size in [1, 2, 3, 7, 19, 64, 1000, come.len()] {
        let mut turning = turning();
        let out: Vec<u8> = come.chunks(size).flat_map(|piece| turning.feed(piece)).collect();
        assert_eq!(messages(&out), expected, "{size}");
        assert!(frames_in(&out).contains(&(9, true, b"still there".to_vec())), "{size}");
    }
}

#[test]
fn a_message_that_is_there_goes_on_in_one_frame_and_at_once() {
    let mut turning = turning();
    for text in ["ends with p", "p1_0123", ADA] {
        let out = turning.feed(&frames::part(TEXT, true, text.as_bytes()));
        let expected = text.replace(ADA, "ada@school.example").into_bytes();
        assert_eq!(frames_in(&out), [(TEXT, true, expected)]);
    }
}
