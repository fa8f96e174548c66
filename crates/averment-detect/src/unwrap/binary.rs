//! Bytes whose type nothing says: by what they are.

use super::Walk;
use super::charset::Charset;
use super::items::Notation;
use super::{base64, protobuf};
use crate::UnreadableBecause;
use crate::span::Edit;

/// Bytes that are no text and shorter than this are keys, digests, identifiers: every format has them, and they are not
/// noted as unreadable.
const OPAQUE_MAX: usize = 64;

/// Whether bytes are msgpack, CBOR or a protocol buffers message with words in it.
pub(super) fn is_structured(bytes: &[u8], nesting_max: usize) -> bool {
    notation_of(bytes, nesting_max).is_some() || protobuf::is_likely(bytes)
}

fn notation_of(bytes: &[u8], nesting_max: usize) -> Option<Notation> {
    [Notation::Msgpack, Notation::Cbor]
        .into_iter()
        .find(|notation| notation.is_likely(bytes, nesting_max))
}

/// Whether msgpack, CBOR or a message of about `length` bytes may begin so.
pub(super) fn is_structured_start([first, second, third]: [u8; 3], length: usize) -> bool {
    let is_tag = |byte: u8| (8..0x80).contains(&byte) && matches!(byte & 7, 0 | 2);
    let msgpack = |byte: u8| matches!(byte, 0x81..=0xbf | 0xd9..=0xdb | 0xdc..=0xdf);
    let cbor = |byte: u8| matches!(byte, 0x60..=0x7b | 0x81..=0x9f | 0xa1..=0xbf);
    match first {
        _ if is_tag(first) && first & 7 == 2 => usize::from(second) < length || second >= 0x80,
        _ if is_tag(first) => second >= 0x80 || is_tag(third),
        0x81..=0x9f => msgpack(second) || cbor(second),
        0xa0..=0xbf => cbor(second),
        0xd9 | 0xdc..=0xdf => true,
        _ => false,
    }
}

impl Walk<'_> {
    /// Msgpack, CBOR, or a message. `None`: none of them.
    pub(super) fn structured(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        match notation_of(bytes, self.limits.nesting_max) {
            Some(notation) => Some(self.items(bytes, notation)),
            None => self.protobuf_guess(bytes),
        }
    }

    /// Msgpack or CBOR. `None`: neither.
    pub(super) fn items_guess(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let notation = notation_of(bytes, self.limits.nesting_max)?;
        Some(self.items(bytes, notation))
    }

    /// A field of bytes in a format that is read: text, something known, or noted where it is long.
    pub(super) fn opaque(&mut self, bytes: &[u8]) -> Vec<Edit> {
        if super::body::is_text(bytes) {
            return self.leaf(bytes);
        }
        if base64::is_utf_16(bytes)
            && let Some(charset) = Charset::utf_16_of(bytes)
        {
            return self.recoded(bytes, charset, |walk, text| walk.leaf(text));
        }
        if let Some(edits) = self.magic(bytes).or_else(|| self.structured(bytes)) {
            return edits;
        }
        if bytes.len() > OPAQUE_MAX {
            self.unreadable(UnreadableBecause::UnknownFormat);
        }
        self.frozen(|walk| walk.raw(bytes));
        Vec::new()
    }
}
