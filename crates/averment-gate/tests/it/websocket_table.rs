//! RFC 6455, section by section, against the gate's own relay: what a caller sends, what of it arrives, and how it ends.
//!
//! The frames are made here, byte by byte; whoever answers behind the gate is a server that is not ours. Each case is sent at once
//! and then in pieces of a few bytes.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;

use crate::websocket::{There, open, start};
use crate::world::{REPORTED, Setup};

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The last frame of its message.
const LAST: u8 = 0x80;
/// A farewell without a code.
const NO_CODE: u16 = 1005;

struct Case {
    section: &'static str,
    name: String,
    sent: Vec<u8>,
    arrives: Vec<Message>,
    /// The code that it is closed with.
    ends: u16,
}

/// A frame as callers send them.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let form = match payload.len() {
        0..=125 => 0,
        126..=0xffff => 126,
        _ => 127,
    };
    frame_with(first, payload, form, Some([0x37, 0xfa, 0x21, 0x3d]))
}

/// `form`: which of the three ways its length is written in; 0 is the shortest.
fn frame_with(first: u8, payload: &[u8], form: u8, mask: Option<[u8; 4]>) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match form {
        126 => {
            bytes.push(masked | 126);
            bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
        127 => {
            bytes.push(masked | 127);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
        _ => bytes.push(masked | u8::try_from(payload.len()).unwrap()),
    }
    bytes.extend(mask.unwrap_or_default().iter().take(if mask.is_some() { 4 } else { 0 }));
    let mask = mask.unwrap_or_default();
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(LAST | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn text(text: &str) -> Message {
    Message::text(text)
}

/// Goes through: what arrives, then a farewell.
fn passes(section: &'static str, name: impl Into<String>, frames: &[Vec<u8>], arrives: &[Message]) -> Case {
    Case {
        section,
        name: name.into(),
        sent: [frames.concat(), close(1000, b"")].concat(),
        arrives: arrives.to_vec(),
        ends: 1000,
    }
}

/// Is closed by the gate, and nothing of the last message arrives.
fn fails(section: &'static str, name: impl Into<String>, frames: &[Vec<u8>], ends: u16) -> Case {
    Case {
        section,
        name: name.into(),
        sent: frames.concat(),
        arrives: Vec::new(),
        ends,
    }
}

fn lengths(cases: &mut Vec<Case>) {
    for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536] {
        let words: String = "word ".chars().cycle().take(length).collect();
        let frames = [frame(LAST | TEXT, words.as_bytes())];
        cases.push(passes(
            "5.2",
            format!("text of {length} bytes"),
            &frames,
            &[text(&words)],
        ));
        let frames = [frame(LAST | BINARY, words.as_bytes())];
        let arrives = [Message::binary(words.into_bytes())];
        cases.push(passes("5.2", format!("binary of {length} bytes"), &frames, &arrives));
    }
    let masked = Some([1, 2, 3, 4]);
    for (name, sent) in [
        ("125 in two bytes", frame_with(LAST | TEXT, &[b'x'; 125], 126, masked)),
        ("nothing in eight bytes", frame_with(LAST | TEXT, b"", 127, masked)),
        (
            "65535 in eight bytes",
            frame_with(LAST | BINARY, &[b'x'; 65_535], 127, masked),
        ),
        ("a ping in two bytes", frame_with(LAST | PING, b"x", 126, masked)),
        (
            "a length with its highest bit",
            [&[0x82, 0xff, 0x80][..], &[0; 11]].concat(),
        ),
    ] {
        cases.push(fails("5.2", name, &[sent], 1002));
    }
}

fn bits_and_opcodes(cases: &mut Vec<Case>) {
    for reserved in [0x40, 0x20, 0x10, 0x70] {
        for opcode in [TEXT, BINARY, PING, CLOSE] {
            let name = format!("reserved bits {reserved:#x} of opcode {opcode}");
            cases.push(fails("5.2", name, &[frame(LAST | reserved | opcode, b"")], 1002));
        }
    }
    // What `permessage-deflate` makes of "Hello" (RFC 7692 7.2.3.1), which nobody agreed to.
    let deflated = frame(LAST | 0x40 | TEXT, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    cases.push(fails("RFC 7692 6", "a deflated message", &[deflated], 1002));
    let later = [frame(TEXT, b"a"), frame(LAST | 0x40, b"b")];
    cases.push(fails("RFC 7692 6", "a deflated end", &later, 1002));
    for opcode in (3..=7).chain(11..=15) {
        let name = format!("opcode {opcode}");
        cases.push(fails("5.2", name.clone(), &[frame(LAST | opcode, b"x")], 1002));
        let between = [frame(TEXT, b"a"), frame(LAST | opcode, b"")];
        cases.push(fails("5.2", format!("{name} in a message"), &between, 1002));
    }
    for opcode in [TEXT, BINARY, PING, PONG, CLOSE] {
        let unmasked = frame_with(LAST | opcode, b"", 0, None);
        cases.push(fails(
            "5.1",
            format!("opcode {opcode} without a mask"),
            &[unmasked],
            1002,
        ));
    }
    let zeros = frame_with(LAST | TEXT, b"plain", 0, Some([0; 4]));
    cases.push(passes("5.3", "a mask of zeros", &[zeros], &[text("plain")]));
}

fn control(cases: &mut Vec<Case>) {
    let ping = |payload: &[u8]| Message::Ping(payload.to_vec().into());
    for payload in [&b""[..], b"are you there", &[b'x'; 125]] {
        let name = format!("ping of {} bytes", payload.len());
        cases.push(passes("5.5.2", name, &[frame(LAST | PING, payload)], &[ping(payload)]));
    }
    let ten: Vec<Vec<u8>> = (0..10).map(|_| frame(LAST | PING, b"p")).collect();
    cases.push(passes("5.5.2", "ten pings", &ten, &vec![ping(b"p"); 10]));
    let pong = Message::Pong(b"unasked".to_vec().into());
    cases.push(passes(
        "5.5.3",
        "a pong that nobody asked for",
        &[frame(LAST | PONG, b"unasked")],
        &[pong],
    ));
    for opcode in [PING, PONG, CLOSE] {
        let large = frame(LAST | opcode, &[b'x'; 126]);
        cases.push(fails("5.5", format!("opcode {opcode} with 126 bytes"), &[large], 1002));
        let cut = [frame(opcode, b""), frame(LAST, b"")];
        cases.push(fails("5.5", format!("opcode {opcode} in pieces"), &cut, 1002));
    }
}

fn fragments(cases: &mut Vec<Case>) {
    let one_two = [frame(TEXT, b"one "), frame(LAST, b"two")];
    cases.push(passes("5.4", "two pieces", &one_two, &[text("one two")]));
    let empty = [
        frame(TEXT, b""),
        frame(0, b""),
        frame(0, b"x"),
        frame(0, b""),
        frame(LAST, b""),
    ];
    cases.push(passes("5.4", "empty pieces", &empty, &[text("x")]));
    let nothing = [frame(BINARY, b""), frame(LAST, b"")];
    cases.push(passes(
        "5.4",
        "nothing in pieces",
        &nothing,
        &[Message::binary(Vec::new())],
    ));
    let ping = frame(LAST | PING, b"now");
    let between = [
        frame(TEXT, b"one "),
        ping.clone(),
        frame(0, b"two "),
        ping,
        frame(LAST, b"three"),
    ];
    let now = Message::Ping(b"now".to_vec().into());
    let arrives = [now.clone(), now, text("one two three")];
    cases.push(passes("5.4", "pings between pieces", &between, &arrives));
    let many: Vec<Vec<u8>> = (0..200).map(|at| frame(if at == 0 { TEXT } else { 0 }, b"y")).collect();
    let many = [many, vec![frame(LAST, b"")]].concat();
    cases.push(passes("5.4", "two hundred pieces", &many, &[text(&"y".repeat(200))]));
    for (name, frames) in [
        ("an end of nothing", vec![frame(LAST, b"x")]),
        ("a piece of nothing", vec![frame(0, b"x"), frame(LAST, b"x")]),
        ("a text in a text", vec![frame(TEXT, b"a"), frame(LAST | TEXT, b"b")]),
        (
            "a binary in a text",
            vec![frame(TEXT, b"a"), frame(LAST | BINARY, b"b")],
        ),
    ] {
        cases.push(fails("5.4", name, &frames, 1002));
    }
    let mut behind = fails(
        "5.4",
        "an end behind a whole message",
        &[frame(LAST | TEXT, b"a"), frame(LAST, b"b")],
        1002,
    );
    behind.arrives = vec![text("a")];
    cases.push(behind);
    // A farewell between pieces ends it: what was begun is not said.
    let mut farewell = passes("5.4", "a farewell between pieces", &[frame(TEXT, b"begun")], &[]);
    farewell.sent.extend(frame(LAST, b"late"));
    cases.push(farewell);
}

fn texts(cases: &mut Vec<Case>) {
    let greek = "κόσμε \u{10ffff} \u{fffd}";
    for size in [1, 2, 3] {
        let pieces: Vec<&[u8]> = greek.as_bytes().chunks(size).collect();
        let frames = pieces.iter().enumerate().map(|(at, piece)| {
            let first = if at == 0 { TEXT } else { 0 };
            let last = if at + 1 == pieces.len() { LAST } else { 0 };
            frame(first | last, piece)
        });
        let frames: Vec<Vec<u8>> = frames.collect();
        cases.push(passes(
            "8.1",
            format!("characters cut every {size} bytes"),
            &frames,
            &[text(greek)],
        ));
    }
    let bad: [(&str, &[u8]); 9] = [
        ("a lone continuation", b"ab\x80"),
        ("no such byte", b"\xff"),
        ("an overlong slash", b"\xc0\xaf"),
        ("an overlong nothing", b"\xe0\x80\x80"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("beyond the last character", b"\xf4\x90\x80\x80"),
        ("five bytes", b"\xf8\x88\x80\x80\x80"),
        ("a character that ends early", b"\xce\xba\xe1\xbd"),
        ("half a character", b"\xf0\x9f"),
    ];
    for (name, bytes) in bad {
        cases.push(fails("8.1", name, &[frame(LAST | TEXT, bytes)], 1007));
        let (one, two) = bytes.split_at(1);
        let cut = [frame(TEXT, one), frame(LAST, two)];
        cases.push(fails("8.1", format!("{name}, cut"), &cut, 1007));
    }
    // Closed as soon as it is known, not when the message ends.
    let early = [frame(TEXT, b"fine so far"), frame(0, b"\xff")];
    cases.push(fails("8.1", "a message that does not end", &early, 1007));
    let binary = frame(LAST | BINARY, b"\xff\xfe\x00");
    cases.push(passes(
        "5.6",
        "no text in a binary",
        &[binary],
        &[Message::binary(b"\xff\xfe\x00".to_vec())],
    ));
}

fn farewells(cases: &mut Vec<Case>) {
    let ends = |name: String, sent: Vec<u8>, ends: u16| Case {
        section: "7.4",
        name,
        sent,
        arrives: Vec::new(),
        ends,
    };
    cases.push(ends("nothing".into(), frame(LAST | CLOSE, b""), NO_CODE));
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999,
    ] {
        cases.push(ends(format!("code {code}"), close(code, b""), code));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        cases.push(ends(format!("code {code}"), close(code, b""), 1002));
    }
    cases.push(ends("a reason".into(), close(1000, b"done for today"), 1000));
    cases.push(ends("a reason of 123 bytes".into(), close(1000, &[b'x'; 123]), 1000));
    cases.push(ends("half a code".into(), frame(LAST | CLOSE, b"\x03"), 1002));
    cases.push(ends("a reason that is no text".into(), close(1000, b"\xff"), 1007));
    let behind = [close(1000, b""), frame(LAST | TEXT, b"too late")].concat();
    cases.push(ends("a text behind it".into(), behind, 1000));
}

fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for part in [lengths, bits_and_opcodes, control, fragments, texts, farewells] {
        part(&mut cases);
    }
    cases
}

/// The code of the farewell that comes, behind whatever else does; none when the connection just ends.
async fn farewell(raw: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<u16> {
    loop {
        let mut head = [0; 2];
        raw.read_exact(&mut head).await.ok()?;
        let length = match head[1] {
            126 => u64::from(raw.read_u16().await.ok()?),
            127 => raw.read_u64().await.ok()?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).ok()?];
        raw.read_exact(&mut payload).await.ok()?;
        if head[0] == LAST | CLOSE {
            let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
            return Some(code.unwrap_or(NO_CODE));
        }
    }
}

/// What is different from what should be; nothing when all is well.
async fn difference(there: &There, case: &Case, step: usize) -> Option<String> {
    // The gate's own farewell to the recipient may come whenever it likes.
    let said = || {
        there
            .messages()
            .into_iter()
            .filter(|message| !message.is_close())
            .collect::<Vec<_>>()
    };
    let before = said().len();
    let (mut from, mut to) = tokio::io::split(open(&there.world, REPORTED).await.into_inner());
    let sending = async {
        for piece in case.sent.chunks(step) {
            if to.write_all(piece).await.is_err() || to.flush().await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! {
        ended = tokio::time::timeout(Duration::from_secs(60), farewell(&mut from)) => ended,
        () = sending => unreachable!(),
    };
    // A message may still be on its way when the gate has said farewell.
    let wanted = before + case.arrives.len();
    for _ in 0..400 {
        if said().len() >= wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let arrived = said().split_off(before);
    let is_right = ended == Ok(Some(case.ends)) && arrived == case.arrives;
    (!is_right).then(|| {
        let (section, name, ends) = (case.section, &case.name, case.ends);
        format!(
            "{section} {name}, {step} at once: ended {ended:?}, expected {ends}; {} arrived",
            arrived.len()
        )
    })
}

#[tokio::test]
async fn the_relay_speaks_the_protocol_as_it_is_written() {
    let there = start(REPORTED, Setup::default()).await;
    let mut wrong = Vec::new();
    let cases = all();
    for case in &cases {
        wrong.extend(difference(&there, case, usize::MAX).await);
        if case.sent.len() < 400 {
            wrong.extend(difference(&there, case, 3).await);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    assert!(cases.len() > 130, "{}", cases.len());
}
