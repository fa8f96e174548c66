//! Encoders of binary formats, written for tests alone.

use serde_json::Value;

use crate::wrap::{Wrap, wrapped};

pub(crate) fn msgpack(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => vec![0xc0],
        Value::Bool(value) => vec![0xc2 + u8::from(*value)],
        Value::Number(number) => match number.as_u64() {
            Some(number) => [&[0xcf], number.to_be_bytes().as_slice()].concat(),
            None => [&[0xcb], number.as_f64().unwrap().to_be_bytes().as_slice()].concat(),
        },
        Value::String(text) => msgpack_text(text),
        Value::Array(items) => {
            let items: Vec<u8> = items.iter().flat_map(msgpack).collect();
            let count = value.as_array().unwrap().len() as u8;
            [&[0x90 + count], items.as_slice()].concat()
        }
        Value::Object(map) => {
            let pairs = map
                .iter()
                .flat_map(|(key, value)| [msgpack_text(key), msgpack(value)].concat());
            let count = (map.len() as u16).to_be_bytes();
            [&[0xde], count.as_slice(), &pairs.collect::<Vec<u8>>()].concat()
        }
    }
}

fn msgpack_text(text: &str) -> Vec<u8> {
    let head = if text.len() < 32 {
        vec![0xa0 + text.len() as u8]
    } else {
        [&[0xda], (text.len() as u16).to_be_bytes().as_slice()].concat()
    };
    [head, text.as_bytes().to_vec()].concat()
}

pub(crate) fn cbor(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => vec![0xf6],
        Value::Bool(value) => vec![0xf4 + u8::from(*value)],
        Value::Number(number) => match number.as_u64() {
            Some(number) => cbor_head(0, number),
            None => [&[0xfb], number.as_f64().unwrap().to_be_bytes().as_slice()].concat(),
        },
        Value::String(text) => cbor_string(3, text.as_bytes()),
        Value::Array(items) => {
            let items = items.iter().flat_map(cbor);
            [&[0x9f], items.collect::<Vec<u8>>().as_slice(), &[0xff]].concat()
        }
        Value::Object(map) => {
            let pairs = map
                .iter()
                .flat_map(|(key, value)| [cbor_string(3, key.as_bytes()), cbor(value)].concat());
            [cbor_head(5, map.len() as u64), pairs.collect()].concat()
        }
    }
}

fn cbor_head(major: u8, argument: u64) -> Vec<u8> {
    let major = major << 5;
    match argument {
        0..=23 => vec![major | argument as u8],
        24..=0xff => vec![major | 24, argument as u8],
        0x100..=0xffff => [&[major | 25], (argument as u16).to_be_bytes().as_slice()].concat(),
        _ => [&[major | 27], argument.to_be_bytes().as_slice()].concat(),
    }
}

pub(crate) fn cbor_string(major: u8, content: &[u8]) -> Vec<u8> {
    [cbor_head(major, content.len() as u64), content.to_vec()].concat()
}

/// A field of a protocol buffers message that has a length.
pub(crate) fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2], varint(content.len() as u64).as_slice(), content].concat()
}

pub(crate) fn number_field(number: u8, value: u64) -> Vec<u8> {
    [&[number << 3], varint(value).as_slice()].concat()
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A frame of gRPC.
pub(crate) fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    [&[flag], (message.len() as u32).to_be_bytes().as_slice(), message].concat()
}

fn u16s(numbers: &[usize]) -> Vec<u8> {
    numbers.iter().flat_map(|n| (*n as u16).to_le_bytes()).collect()
}

fn u32s(numbers: &[usize]) -> Vec<u8> {
    numbers.iter().flat_map(|n| (*n as u32).to_le_bytes()).collect()
}

/// An archive of these files, packed.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let packed = wrapped(&[Wrap::RawDeflate], content);
        let at = out.len();
        let shared = [u16s(&[20, 0, 8, 0, 0]), u32s(&[0, packed.len(), content.len()])].concat();
        out.extend(
            [
                b"PK\x03\x04".as_slice(),
                &shared,
                &u16s(&[name.len(), 0]),
                name.as_bytes(),
                &packed,
            ]
            .concat(),
        );
        let tail = [u16s(&[name.len(), 0, 0, 0, 0]), u32s(&[0, at])].concat();
        directory.extend([b"PK\x01\x02\x14\0".as_slice(), &shared, &tail, name.as_bytes()].concat());
    }
    let end = [
        u16s(&[0, 0, files.len(), files.len()]),
        u32s(&[directory.len(), out.len()]),
        u16s(&[0]),
    ]
    .concat();
    [out, directory, b"PK\x05\x06".to_vec(), end].concat()
}
