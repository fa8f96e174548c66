//! What is rarely written: the one place where the walk through a text asks for all of it.
//!
//! Tokens stand in a text and are put back where they stood. Readings are of the text as a whole, where no other reading
//! found anything; of most of them only known people count.

use super::Walk;
use super::text::GUESSES_MAX;
use super::{css, folded, nested, rtf, utf7};
use crate::signs::Signs;
use crate::span::Edit;

/// Longest text that may be read as another code page: each reading costs as much as the first.
const CODE_PAGES_MAX: usize = 1 << 20;

impl Walk<'_> {
    /// A text that is of a format of its own, by its first bytes. `None`: it is not.
    pub(super) fn sniffed_text(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let deep = self.trail.layers.len() >= self.limits.layers_max;
        if !deep && nested::is_mail(bytes) {
            let before = self.inspection.findings.len();
            let edits = self.nested_message(bytes);
            // It may be a text that only begins like one.
            self.raw_too(before, bytes);
            return Some(edits);
        }
        folded::is_folded(bytes).then(|| self.folded_text(bytes))
    }

    /// What stands in `text` in a rare notation.
    pub(super) fn rare_tokens(&mut self, text: &str, signs: Signs) -> Vec<Edit> {
        let mut edits = self.list_tokens(text.as_bytes());
        if signs.any(Signs::BRACKET) {
            self.called_letters(text.as_bytes());
        }
        edits.extend(self.rare_words(text, signs));
        if signs.any(Signs::LINE_END) {
            self.uuencoded(text.as_bytes());
        }
        if signs.any(Signs::COLON.or(Signs::EQUALS)) {
            edits.extend(self.names_in_text(text.as_bytes()));
        }
        if signs.all(Signs::COLON.or(Signs::AT)) {
            edits.extend(self.location_passwords(text));
        }
        edits
    }

    /// What all of a text may be as well.
    pub(super) fn rare_readings(&mut self, bytes: &[u8], before: usize, mut edits: Vec<Edit>) -> Vec<Edit> {
        if self.guesses >= GUESSES_MAX {
            return edits;
        }
        self.guesses += 1;
        if let Some(decoded) = css::decoded(bytes).filter(|decoded| self.pay(decoded.bytes.len())) {
            edits = self.or_else(before, edits, |walk| {
                let inner = walk.known(|walk| walk.leaf(&decoded.bytes));
                decoded.map.back(inner, css::encoded)
            });
        }
        for marker in [b'+', b'&'] {
            let found = utf7::decoded(bytes, marker).filter(|decoded| self.pay(decoded.bytes.len()));
            let Some(decoded) = found else { continue };
            edits = self.or_else(before, edits, |walk| {
                let inner = walk.known(|walk| walk.charset_layer(&decoded.bytes));
                decoded.map.back(inner, |bytes| utf7::encoded(bytes, marker))
            });
        }
        if rtf::is_rtf(bytes) {
            self.rtf_too(before, bytes);
        }
        // Signs of base85 and of files in a text that were taken for escapes.
        if memchr::memchr2(b'%', b'&', bytes).is_some()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            let signs = Signs::of(bytes);
            edits = self.or_else(before, edits, |walk| walk.known(|walk| walk.rare_tokens(text, signs)));
        }
        self.guesses -= 1;
        edits
    }

    fn charset_layer(&mut self, bytes: &[u8]) -> Vec<Edit> {
        self.layer(crate::Layer::Charset, |walk| walk.leaf(bytes))
            .unwrap_or_default()
    }

    /// Known people in bytes that are not UTF-8 as the code pages of other languages read them.
    pub(super) fn other_code_pages(&mut self, before: usize, bytes: &[u8]) {
        if bytes.len() > CODE_PAGES_MAX {
            return;
        }
        for text in super::code_pages::readings(bytes) {
            if self.pay(text.len()) {
                self.also(before, |walk| walk.known(|walk| walk.charset_layer(text.as_bytes())));
            }
        }
    }
}
