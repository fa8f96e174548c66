//! When an entry was made and of which kind it is, told by its first bytes: what opening a ledger asks of a million entries.

use std::borrow::Cow;

use serde::Deserialize;

/// What stands at the beginning of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Stamp<'a> {
    /// When, RFC 3339 UTC.
    #[serde(borrow)]
    pub at: Cow<'a, str>,
    /// The word of [`crate::Deed`] for what was done: `intent`.
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
}

impl<'a> Stamp<'a> {
    /// Of the JSON of an entry. Only one that is not spelled as [`crate::Entry::to_json`] does is read whole; `None`: no entry.
    pub fn of(json: &'a [u8]) -> Option<Self> {
        Self::as_written(json).or_else(|| serde_json::from_slice(json).ok())
    }

    fn as_written(json: &'a [u8]) -> Option<Self> {
        let version = json.strip_prefix(b"{\"v\":")?;
        let digits = version.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (at, rest) = text(&version[digits..], b",\"at\":\"")?;
        let (_, rest) = text(rest, b",\"charter\":\"")?;
        let (kind, _) = text(rest, b",\"kind\":\"")?;
        Some(Self {
            at: Cow::Borrowed(at),
            kind: Cow::Borrowed(kind),
        })
    }
}

/// A text behind `before`, and what follows it; none with anything in it that JSON spells otherwise.
fn text<'a>(json: &'a [u8], before: &[u8]) -> Option<(&'a str, &'a [u8])> {
    let rest = json.strip_prefix(before)?;
    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    let (text, rest) = (std::str::from_utf8(&rest[..end]).ok()?, &rest[end..]);
    Some((text, rest.strip_prefix(b"\"")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Deed, Entry, Fault, Heartbeat};

    #[test]
    fn every_spelling_of_an_entry_is_told_alike() {
        let entry = |deed| Entry {
            v: 2,
            at: "2026-03-01T12:00:00.000000Z".to_owned(),
            charter: "sha256:00".to_owned(),
            deed,
        };
        let fault = "\"kind\":\"run\"".to_owned();
        for (deed, kind) in [
            (Deed::Heartbeat(Heartbeat { up_s: 1 }), "heartbeat"),
            (Deed::Fault(Fault { fault }), "fault"),
        ] {
            let json = entry(deed).to_json();
            let stamp = Stamp::as_written(json.as_bytes()).unwrap();
            assert_eq!((&*stamp.at, &*stamp.kind), ("2026-03-01T12:00:00.000000Z", kind));
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            let spaced = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(Stamp::of(spaced.as_bytes()), Some(stamp));
            assert_eq!(Stamp::as_written(spaced.as_bytes()), None);
        }
        for none in [
            "",
            "{}",
            "{\"v\":2",
            "{\"v\":2,\"at\":\"",
            "[1]",
            "{\"v\":2,\"at\":\"x\"}",
        ] {
            assert_eq!(Stamp::of(none.as_bytes()), None, "{none}");
        }
    }
}
