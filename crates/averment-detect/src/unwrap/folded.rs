//! Texts whose lines are cut anywhere and go on behind a space: vCard, iCalendar, LDIF.
//!
//! Source: RFC 6350 section 3.2, RFC 5545 section 3.1, RFC 2849 note 2.

use super::Walk;
use super::escapes::Decoded;
use crate::span::{Edit, SourceMap};

/// Whether a text begins like one of these.
pub(super) fn is_folded(text: &[u8]) -> bool {
    let head = &text[..text.len().min(16)];
    let starts = |mark: &[u8]| head.len() >= mark.len() && head[..mark.len()].eq_ignore_ascii_case(mark);
    starts(b"BEGIN:V") || starts(b"dn: ") || starts(b"dn:: ") || starts(b"version: 1\n")
}

/// The text with its lines made whole; `None` when none is cut.
fn unfolded(bytes: &[u8]) -> Option<Decoded> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut map = SourceMap::default();
    let mut at = 0;
    for line_end in memchr::memchr_iter(b'\n', bytes) {
        if !matches!(bytes.get(line_end + 1), Some(b' ' | b'\t')) {
            continue;
        }
        let end = if line_end > at && bytes[line_end - 1] == b'\r' {
            line_end - 1
        } else {
            line_end
        };
        map.verbatim(out.len(), at);
        out.extend_from_slice(&bytes[at..end]);
        map.escape(out.len(), end);
        at = line_end + 2;
    }
    if at == 0 {
        return None;
    }
    map.verbatim(out.len(), at);
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    map.end(bytes.len());
    Some(Decoded { bytes: out, map })
}

/// Family and given name of every `N` of a vCard, in the order in which they are spoken.
fn names(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let name = |line: &str| {
        let (property, value) = line.split_once(':')?;
        let is_name = property
            .split(';')
            .next()?
            .rsplit('.')
            .next()?
            .eq_ignore_ascii_case("n");
        let mut parts = value.trim().split(';');
        let (family, given) = (parts.next()?, parts.next()?);
        is_name.then(|| format!("{given} {family}\n"))
    };
    text.lines().filter_map(name).collect()
}

impl Walk<'_> {
    /// A text of this kind: its whole lines.
    pub(super) fn folded_text(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let before = self.inspection.findings.len();
        let decoded = unfolded(bytes).filter(|decoded| self.pay(decoded.bytes.len()));
        let (text, edits) = match &decoded {
            Some(decoded) => {
                let edits = self.unfolded_leaf(&decoded.bytes);
                (&decoded.bytes[..], decoded.map.back(edits, <[u8]>::to_vec))
            }
            None => (bytes, self.unfolded_leaf(bytes)),
        };
        let names = names(text);
        if !names.is_empty() {
            self.also(before, |walk| walk.known_only(&names));
        }
        edits
    }
}
