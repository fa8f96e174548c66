//! A leaf text: is it itself an encoding of something? If not, the matcher looks at it.
//!
//! What a text certainly is comes first and can be rewritten. Then come second readings, of what it might be as well;
//! they add what they alone find, and take nothing away.

use std::ops::Range;

use super::Walk;
use super::base64;
use super::charset::Charset;
use super::escapes::{Plus, has_escapes, is_mostly_text, percent_decoded, percent_encoded};
use super::json_walk::{json_escaped, unescaped};
use super::mime::{quoted, quoted_printable_decoded, quoted_printable_encoded, words_decoded};
use super::radix;
use super::references::{reference_encoded, references, references_decoded};
use crate::matcher::{Hint, find, is_nobodys};
use crate::normalise::fold::fold_into;
use crate::shapes::Shape;
use crate::signs::Signs;
use crate::span::{Edit, apply, shifted};
use crate::{Layer, UnreadableBecause};

/// Second readings inside each other: each may double the work.
pub(super) const GUESSES_MAX: usize = 4;

/// Without any of these a text as a whole is no escapes, references or encoded words.
const ESCAPED: Signs = Signs::PERCENT.or(Signs::AMPERSAND).or(Signs::EQUALS);
/// Without any of these it has no other reading than the first.
const OTHERWISE_READ: Signs = ESCAPED.or(Signs::BACKSLASH).or(Signs::PLUS);

impl Walk<'_> {
    /// Walks bytes that should be text; where they are not UTF-8, the runs that are, and all as Windows-1252.
    pub(super) fn leaf(&mut self, bytes: &[u8]) -> Vec<Edit> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text),
            Err(_) => {
                let before = self.inspection.findings.len();
                let edits = self.runs(bytes);
                if !is_mostly_text(bytes) {
                    return edits;
                }
                let edits = self.or_else(before, edits, |walk| {
                    walk.recoded(bytes, Charset::LATIN, |walk, text| walk.leaf(text))
                });
                self.other_code_pages(before, bytes);
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
        match Shape::of(text.as_bytes()) {
            Shape::Other => {}
            _ if self.trail.hint() != Hint::None => {}
            _ if self.is_nobodys(text.as_bytes()) => {
                self.inspection.bytes_read += text.len() as u64;
                return Vec::new();
            }
            // Whose it may be, and nothing that it might stand for.
            Shape::Uuid | Shape::Time => return self.matched_with(text, Signs::NONE, Hint::None),
        }
        if let Some(edits) = self.json_text(text.as_bytes()) {
            return edits;
        }
        let signs = Signs::of(text.as_bytes());
        if signs.any(Signs::COLON)
            && let Some(edits) = self.sniffed_text(text.as_bytes())
        {
            return edits;
        }
        self.unfolded_text(text, signs)
    }

    /// Whether a whole value, of which no name says anything, is a time, or a UUID that nobody is in.
    #[inline]
    pub(super) fn is_nobodys(&self, value: &[u8]) -> bool {
        match Shape::of(value) {
            Shape::Uuid => value.first_chunk().is_some_and(|uuid| is_nobodys(uuid, self.directory)),
            Shape::Time => true,
            Shape::Other => false,
        }
    }

    /// A text that is no document of another format.
    pub(super) fn unfolded_leaf(&mut self, bytes: &[u8]) -> Vec<Edit> {
        std::str::from_utf8(bytes).map_or(Vec::new(), |text| self.unfolded_text(text, Signs::of(bytes)))
    }

    fn unfolded_text(&mut self, text: &str, signs: Signs) -> Vec<Edit> {
        let before = self.inspection.findings.len();
        let edits = match self.escaped(text.as_bytes(), signs) {
            Some(edits) => {
                // Whoever does not undo the escapes reads what stands before one.
                self.before_escapes(before, text.as_bytes());
                edits
            }
            None => self.plain(text, signs),
        };
        if !signs.any(OTHERWISE_READ) {
            return edits;
        }
        let edits = self.second_readings(text.as_bytes(), before, edits);
        self.rare_readings(text.as_bytes(), before, edits)
    }

    /// Undoes what a text as a whole is written in. `None`: nothing, or no layer is left.
    fn escaped(&mut self, bytes: &[u8], signs: Signs) -> Option<Vec<Edit>> {
        if !signs.any(ESCAPED) {
            return None;
        }
        self.percent(bytes, Plus::Itself)
            .or_else(|| self.references(bytes))
            .or_else(|| self.encoded_words(bytes))
    }

    fn references(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let decoded = references_decoded(bytes)?;
        if !self.pay(decoded.bytes.len()) {
            return None;
        }
        let edits = self.layer(Layer::References, |walk| walk.leaf(&decoded.bytes))?;
        Some(decoded.map.back(edits, reference_encoded))
    }

    fn encoded_words(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let words = words_decoded(bytes)?;
        if !self.pay(words.text.len()) {
            return None;
        }
        let edits = self.layer(Layer::EncodedWord, |walk| walk.leaf(words.text.as_bytes()))?;
        let back = words.back(edits);
        if back.is_none() {
            self.cannot_rewrite();
        }
        Some(back.unwrap_or_default())
    }

    /// What the text may be as well, although nothing says so.
    fn second_readings(&mut self, bytes: &[u8], before: usize, mut edits: Vec<Edit>) -> Vec<Edit> {
        let (escaped, printable) = (has_escapes(bytes), quoted(bytes).next().is_some());
        // References that are parts of percent escapes: the first reading undid the escapes first.
        let referred = memchr::memchr(b'%', bytes).is_some() && references(bytes).next().is_some();
        if !escaped && !printable && !referred {
            return edits;
        }
        if self.guesses >= GUESSES_MAX {
            self.unreadable(UnreadableBecause::TooDeep);
            return edits;
        }
        self.guesses += 1;
        if escaped {
            edits = self.or_else(before, edits, |walk| walk.backslashes(bytes));
        }
        if referred {
            edits = self.or_else(before, edits, |walk| walk.references(bytes).unwrap_or_default());
        }
        if printable {
            edits = self.or_else(before, edits, |walk| {
                walk.known(|walk| walk.quoted_printable_guess(bytes))
            });
        }
        self.guesses -= 1;
        edits
    }

    /// A text with backslash escapes outside valid JSON: cut JSON, JSON behind a prefix, a string of a program.
    fn backslashes(&mut self, bytes: &[u8]) -> Vec<Edit> {
        let (decoded, map) = unescaped(bytes);
        if !self.pay(decoded.len()) {
            return Vec::new();
        }
        let edits = self.layer(Layer::Json, |walk| walk.leaf(&decoded)).unwrap_or_default();
        map.back(edits, json_escaped)
    }

    fn quoted_printable_guess(&mut self, bytes: &[u8]) -> Vec<Edit> {
        match quoted_printable_decoded(bytes) {
            Some(decoded) if is_mostly_text(&decoded.bytes) => {
                self.quoted_printable(bytes, |walk, content| walk.leaf(content))
            }
            _ => Vec::new(),
        }
    }

    /// Walks what quoted-printable stands for.
    pub(super) fn quoted_printable(
        &mut self,
        bytes: &[u8],
        inner: impl FnOnce(&mut Self, &[u8]) -> Vec<Edit>,
    ) -> Vec<Edit> {
        let Some(decoded) = quoted_printable_decoded(bytes) else {
            return self
                .layer(Layer::QuotedPrintable, |walk| inner(walk, bytes))
                .unwrap_or_default();
        };
        if !self.pay(decoded.bytes.len()) {
            return Vec::new();
        }
        let edits = self
            .layer(Layer::QuotedPrintable, |walk| inner(walk, &decoded.bytes))
            .unwrap_or_default();
        decoded.map.back(edits, quoted_printable_encoded)
    }

    /// The known people in `text`; patterns say nothing in a reading that is unlikely.
    pub(super) fn known_only(&mut self, text: &str) -> Vec<Edit> {
        self.known(|walk| walk.matched(text, Hint::None))
    }

    /// Walks percent escapes. `None`: there are none, or no layer is left.
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
        if let Some(charset) = Charset::utf_16_of(bytes) {
            return self.recoded(bytes, charset, |walk, text| walk.leaf(text));
        }
        let before = self.inspection.findings.len();
        let edits = self
            .magic(bytes)
            .or_else(|| self.utf_32_guess(bytes))
            .unwrap_or_else(|| self.binary(bytes));
        self.other_code_pages(before, bytes);
        edits
    }

    /// Text that is nothing else: matched, and its base64, hexadecimal and base32 tokens undone.
    fn plain(&mut self, text: &str, signs: Signs) -> Vec<Edit> {
        let mut edits = Vec::new();
        if signs.any(Signs::LONG_WORD) {
            edits.extend(self.base64_tokens(text, signs));
            edits.extend(self.radix_tokens(text));
        }
        edits.extend(self.rare_tokens(text, signs));
        edits.extend(self.matched_with(text, signs, self.trail.hint()));
        edits
    }

    /// What the matcher finds in `text`.
    pub(super) fn matched(&mut self, text: &str, hint: Hint) -> Vec<Edit> {
        self.matched_with(text, Signs::of(text.as_bytes()), hint)
    }

    fn matched_with(&mut self, text: &str, signs: Signs, hint: Hint) -> Vec<Edit> {
        self.inspection.bytes_read += text.len() as u64;
        let mut folded = std::mem::take(&mut self.folded);
        let map = fold_into(text, &mut folded);
        // Folding makes ASCII signs of others.
        let signs = map.as_ref().map_or(signs, |_| Signs::of(folded.as_bytes()));
        let hits = find(&folded, signs, hint, self.directory);
        self.folded = folded;
        let mut edits = Vec::new();
        for hit in hits {
            let source = map
                .as_ref()
                .map_or(hit.range.clone(), |map| map.source(hit.range.clone()));
            edits.extend(self.found_in(text, hit, source));
        }
        edits
    }

    pub(super) fn base64_tokens(&mut self, text: &str, signs: Signs) -> Vec<Edit> {
        let mut edits = Vec::new();
        for token in base64::tokens(text.as_bytes(), signs) {
            edits.extend(self.secret(text, &token));
            if base64::is_worded(&text.as_bytes()[token.clone()]) {
                continue;
            }
            edits.extend(self.digests(text.as_bytes(), token.clone()));
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
        let edits = self.layer(Layer::Base64, |walk| walk.token_content(decoded))?;
        if edits.is_empty() {
            return None;
        }
        Some(Edit {
            range,
            with: alphabet.encode(&apply(decoded, edits)),
        })
    }

    fn radix_tokens(&mut self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        for token in radix::tokens(text.as_bytes()) {
            edits.extend(self.radix_token(token));
        }
        edits
    }

    fn radix_token(&mut self, token: radix::Token) -> Option<Edit> {
        if let radix::Spelling::Rare(alphabet) = token.spelling {
            return self.rare_word(token.range, &token.decoded, alphabet);
        }
        if !self.pay(token.decoded.len()) {
            return None;
        }
        let layer = match token.spelling {
            radix::Spelling::Hex { .. } => Layer::Hex,
            radix::Spelling::Base32 { .. } | radix::Spelling::Rare(_) => Layer::Base32,
        };
        let edits = self.layer(layer, |walk| walk.token_content(&token.decoded))?;
        if edits.is_empty() {
            return None;
        }
        Some(Edit {
            range: token.range,
            with: token.spelling.encode(&apply(&token.decoded, edits)),
        })
    }

    /// A token holds UTF-16, text, or something compressed.
    pub(super) fn token_content(&mut self, decoded: &[u8]) -> Vec<Edit> {
        if let Some(charset) = Charset::utf_16_of(decoded) {
            return self.recoded(decoded, charset, |walk, text| walk.leaf(text));
        }
        if let Some(edits) = self.utf_32_guess(decoded) {
            return edits;
        }
        // What is short can be compressed, or a message whose lengths must stay true, and yet valid UTF-8.
        let marked = decoded.iter().any(|b| *b < b' ' || *b >= 0x80);
        let before = self.inspection.findings.len();
        if marked && let Some(edits) = self.unmarked(decoded) {
            return edits;
        }
        if marked && let Some(edits) = self.magic(decoded).or_else(|| self.structured(decoded)) {
            // A few letters are a message by chance: a name in UTF-8 has been CBOR.
            if std::str::from_utf8(decoded).is_ok() {
                self.also(before, |walk| walk.leaf(decoded));
            }
            return edits;
        }
        self.leaf(decoded)
    }
}
