//! Byte strings of fixed length with base64 as their text form (RFC 4648, padded).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// Room for the text of a signature, the longest of them.
const TEXT_BYTES: usize = 88;

/// `N` bytes, written as base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Base64<const N: usize>(pub [u8; N]);

impl<const N: usize> Default for Base64<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> std::fmt::Display for Base64<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl<const N: usize> std::fmt::Debug for Base64<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl<const N: usize> std::str::FromStr for Base64<N> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| format!("expected {N} bytes as base64"))
    }
}

impl<const N: usize> Serialize for Base64<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Every entry holds several: without a text of their own in between.
        let mut text = [0; TEXT_BYTES];
        match STANDARD.encode_slice(self.0, &mut text) {
            Ok(length) => {
                let text = std::str::from_utf8(&text[..length]).expect("base64 is ASCII");
                serializer.serialize_str(text)
            }
            Err(_) => serializer.collect_str(self),
        }
    }
}

impl<'de, const N: usize> Deserialize<'de> for Base64<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
