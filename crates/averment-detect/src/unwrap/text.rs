//! A leaf text: is it itself an encoding of something? If not, the matcher looks at it.

use std::ops::Range;

use super::Walk;
use super::base64;
use super::escapes::{Plus, has_escapes, is_mostly_text, latin, percent_decoded, percent_encoded};
use super::json_walk::unescaped;
use crate::matcher::{Hint, find};
use crate::normalise::fold::fold_into;
use crate::span::{Edit, apply, shifted};
use crate::{KnownBy, Layer};

impl Walk<'_> {
    /// Walks bytes that should be text; where they are not UTF-8, the runs that are.
    pub(super) fn leaf(&mut self, bytes: &[u8]) -> Vec<Edit> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text),
            Err(_) => {
                let before = self.inspection.findings.len();
                let edits = self.runs(bytes);
                if is_mostly_text(bytes) && self.pay(bytes.len()) {
                    self.also(before, |walk| walk.text(&latin(bytes)));
                }
                edits
            }
        }
    }

    /// The readable runs of bytes that are not text as a whole.
    pub(super) fn runs(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            if chunk.valid().len() >= 3 {
                edits.extend(shifted(self.text(chunk.valid()), at));
            }
            at += chunk.valid().len() + chunk.invalid().len();
        }
        edits
    }

    pub(super) fn text(&mut self, text: &str) -> Vec<Edit> {
        if text.len() < 3 {
            self.inspection.bytes_read += text.len() as u64;
            return Vec::new();
        }
        if let Some(edits) = self.json_text(text.as_bytes()) {
            return edits;
        }
        let before = self.inspection.findings.len();
        let edits = match self.percent(text.as_bytes(), Plus::Itself) {
            Some(edits) => {
                // Whoever does not undo the escapes reads what stands before one.
                self.also(before, |walk| walk.known_only(text));
                edits
            }
            None => self.plain(text),
        };
        if has_escapes(text.as_bytes()) {
            self.also(before, |walk| walk.backslashes(text.as_bytes()));
        }
        edits
    }

    /// A text with backslash escapes outside valid JSON: cut JSON, JSON behind a prefix, a string of a program.
    fn backslashes(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let (decoded, _) = unescaped(bytes);
        if self.pay(decoded.len()) {
            self.layer(Layer::Json, |walk| walk.leaf(&decoded)).unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    /// The known people in `text`; patterns say nothing in a reading that is unlikely.
    fn known_only(&mut self, text: &str) -> Vec<Edit> {
        let from = self.inspection.findings.len();
        let edits = self.matched(text, Hint::None);
        let found = self.inspection.findings.split_off(from);
        let known = found.into_iter().filter(|finding| finding.known_by == KnownBy::Exact);
        self.inspection.findings.extend(known);
        edits
    }

    /// Walks what percent escapes stand for. `None`: there are none, or no layer is left.
    pub(super) fn percent(&mut self, bytes: &[u8], plus: Plus) -> Option<Vec<Edit>> {
        let decoded = percent_decoded(bytes, plus)?;
        if !self.pay(decoded.bytes.len()) {
            return None;
        }
        let edits = self.layer(Layer::Percent, |walk| walk.percent_content(&decoded.bytes))?;
        Some(decoded.map.back(edits, percent_encoded))
    }

    /// Percent escapes hold text, something compressed, or bytes that nobody here can read.
    fn percent_content(&mut self, bytes: &[u8]) -> Vec<Edit> {
        if is_mostly_text(bytes) {
            return self.leaf(bytes);
        }
        self.magic(bytes).unwrap_or_else(|| self.binary(bytes))
    }

    /// Text that is nothing else: matched, and its base64 tokens undone.
    fn plain(&mut self, text: &str) -> Vec<Edit> {
        let mut edits = self.base64_tokens(text);
        edits.extend(self.matched(text, self.trail.hint()));
        edits
    }

    /// What the matcher finds in `text`.
    pub(super) fn matched(&mut self, text: &str, hint: Hint) -> Vec<Edit> {
        self.inspection.bytes_read += text.len() as u64;
        let mut folded = std::mem::take(&mut self.folded);
        let map = fold_into(text, &mut folded);
        let hits = find(&folded, hint, self.directory);
        self.folded = folded;
        let mut edits = Vec::new();
        for hit in hits {
            let source = map
                .as_ref()
                .map_or(hit.range.clone(), |map| map.source(hit.range.clone()));
            edits.extend(self.found(hit, source));
        }
        edits
    }

    pub(super) fn base64_tokens(&mut self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        for token in base64::tokens(text.as_bytes()) {
            for (range, decoded) in base64::readable(text.as_bytes(), token) {
                edits.extend(self.base64_token(text.as_bytes(), range, &decoded));
            }
        }
        edits
    }

    fn base64_token(&mut self, bytes: &[u8], range: Range<usize>, decoded: &[u8]) -> Option<Edit> {
        if !self.pay(decoded.len()) {
            return None;
        }
        let alphabet = base64::Alphabet::of(&bytes[range.clone()]);
        let edits = self.layer(Layer::Base64, |walk| walk.base64_content(decoded))?;
        if edits.is_empty() {
            return None;
        }
        Some(Edit {
            range,
            with: alphabet.encode(&apply(decoded, edits)),
        })
    }

    /// Base64 holds text, or something compressed.
    fn base64_content(&mut self, decoded: &[u8]) -> Vec<Edit> {
        if let Ok(text) = std::str::from_utf8(decoded) {
            return self.text(text);
        }
        self.magic(decoded).unwrap_or_default()
    }
}
