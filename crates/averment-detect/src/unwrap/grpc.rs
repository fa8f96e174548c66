//! gRPC and gRPC-web: messages in frames, each perhaps compressed.
//!
//! Source: the gRPC over HTTP/2 protocol ("Length-Prefixed-Message"); the gRPC-web protocol (trailer frames, base64 text).

use super::Walk;
use super::base64;
use super::body::Media;
use super::compression::Coding;
use super::msgpack::{big_endian, content};
use crate::span::{Edit, apply};
use crate::{Layer, UnreadableBecause};

/// Flag and length.
const HEAD: usize = 5;
const COMPRESSED: u8 = 1;
const TRAILERS: u8 = 0x80;

impl Walk<'_> {
    /// Frames, whose messages are of the type `inner`.
    pub(super) fn grpc(&mut self, bytes: &[u8], inner: &Media, coding: Option<Coding>) -> Vec<Edit> {
        self.layer(Layer::Grpc, |walk| walk.frames(bytes, inner, coding))
            .unwrap_or_default()
    }

    /// Frames as text: base64, perhaps of several pieces with padding each.
    pub(super) fn grpc_text(&mut self, bytes: &[u8], inner: &Media, coding: Option<Coding>) -> Vec<Edit> {
        let Some(decoded) = pieces(bytes) else {
            self.unreadable(UnreadableBecause::Malformed);
            self.frozen(|walk| walk.raw(bytes));
            return Vec::new();
        };
        if !self.pay(decoded.len()) {
            return Vec::new();
        }
        let edits = self
            .layer(Layer::Base64, |walk| walk.grpc(&decoded, inner, coding))
            .unwrap_or_default();
        if edits.is_empty() {
            return edits;
        }
        vec![Edit {
            range: 0..bytes.len(),
            with: base64::Alphabet::of(b"====").encode(&apply(&decoded, edits)),
        }]
    }

    fn frames(&mut self, bytes: &[u8], inner: &Media, coding: Option<Coding>) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let length = big_endian(bytes, at + 1, 4).and_then(|length| usize::try_from(length).ok());
            let message = length.and_then(|length| content(bytes, at + HEAD, length));
            let Some(message) = message else {
                self.unreadable(UnreadableBecause::Malformed);
                self.frozen(|walk| walk.raw(&bytes[at..]));
                return edits;
            };
            let flag = bytes[at];
            let found = self.frame(flag, &bytes[message.clone()], inner, coding);
            if !found.is_empty() {
                let changed = apply(&bytes[message.clone()], found);
                let length = u32::try_from(changed.len()).unwrap_or(u32::MAX).to_be_bytes();
                edits.push(Edit {
                    range: at..message.end,
                    with: [&[flag], length.as_slice(), &changed].concat(),
                });
            }
            at = message.end;
        }
        edits
    }

    fn frame(&mut self, flag: u8, message: &[u8], inner: &Media, coding: Option<Coding>) -> Vec<Edit> {
        let content = |walk: &mut Self, message: &[u8]| {
            if flag & TRAILERS == 0 {
                walk.body(message, inner)
            } else {
                walk.leaf(message)
            }
        };
        match (flag & COMPRESSED, coding) {
            _ if flag & !(COMPRESSED | TRAILERS) != 0 => self.binary(message),
            (0, _) => content(self, message),
            (_, Some(coding)) if coding != Coding::Unknown => {
                self.compressed(message, coding, &mut |walk, message| content(walk, message))
            }
            _ => self.binary(message),
        }
    }
}

/// Base64 of several pieces, each with its own padding.
fn pieces(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut rest = bytes.trim_ascii();
    while !rest.is_empty() {
        let end = memchr::memchr(b'=', rest).map_or(rest.len(), |at| {
            at + rest[at..].iter().take_while(|b| **b == b'=').count()
        });
        out.extend(base64::decode(&rest[..end])?);
        rest = &rest[end..];
    }
    Some(out)
}
