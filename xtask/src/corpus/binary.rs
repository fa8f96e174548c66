//! Binary formats, written from their specifications.

/// MessagePack: a map with `text` in an array.
pub(super) fn msgpack(text: &str) -> Vec<u8> {
    let head = match text.len() {
        length @ 0..=31 => vec![0xa0 | length as u8],
        length @ 32..=255 => vec![0xd9, length as u8],
        length => vec![0xda, (length >> 8) as u8, length as u8],
    };
    let before = [0x82, 0xa1, b'n', 0xcd, 0x01, 0x00, 0xa2, b'z', b'z', 0x92, 0xc0];
    [&before[..], &head, text.as_bytes()].concat()
}

/// RFC 8949: a map with `text` in an array.
pub(super) fn cbor(text: &str) -> Vec<u8> {
    [
        &[0xa2, 0x61, b'n', 0x19, 0x01, 0x00, 0x62, b'z', b'z', 0x82, 0xf6],
        &text_item(text)[..],
    ]
    .concat()
}

/// A text of definite length.
pub(super) fn text_item(text: &str) -> Vec<u8> {
    let head = match text.len() {
        length @ 0..=23 => vec![0x60 | length as u8],
        length @ 24..=255 => vec![0x78, length as u8],
        length => vec![0x79, (length >> 8) as u8, length as u8],
    };
    [&head, text.as_bytes()].concat()
}

/// A field of a protocol buffers message that has a length.
pub(super) fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2], &variable(content.len() as u64)[..], content].concat()
}

/// A field with a number.
pub(super) fn number_field(number: u8, value: u64) -> Vec<u8> {
    [&[number << 3], &variable(value)[..]].concat()
}

fn variable(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

/// A frame of gRPC: flag, length, message.
pub(super) fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    [&[flag], &(message.len() as u32).to_be_bytes()[..], message].concat()
}
