//! Words that need no second look, see [`crate::directory::Met`].

use super::Walk;
use crate::directory::{Met, WordOf};
use crate::span::Edit;

/// Encodings around a word that is kept: none, or those of a document.
const LAYERS_MAX: usize = 1;

impl Walk<'_> {
    /// Looks at `text` unless it is a word in which nothing was found before. `what`: none where the name of the place says
    /// something of it, or it is spelled in another way.
    pub(super) fn unless_met(
        &mut self,
        text: &[u8],
        what: Option<WordOf>,
        look: impl FnOnce(&mut Self) -> Vec<Edit>,
    ) -> Vec<Edit> {
        // What is found in an unlikely reading is less than what is there.
        let is_likely = self.known_only == 0 && self.guesses == 0 && self.trail.layers.len() <= LAYERS_MAX;
        let key = self.directory.token_key();
        let Some(hash) = what.filter(|_| is_likely).and_then(|what| Met::hash(text, what, key)) else {
            return look(self);
        };
        if self.directory.met().holds(hash) {
            self.inspection.bytes_read += text.len() as u64;
            return Vec::new();
        }
        let before = self.noted();
        let edits = look(self);
        // Where much was found or noted, more may be left out: only a message that is clean so far says that a word is.
        let is_clean = self.inspection.findings.is_empty() && self.inspection.unreadable.is_empty();
        if is_clean && self.noted() == before {
            self.directory.met().keep(hash);
        }
        edits
    }
}
