//! What stood where a pseudonym is put, for whoever turns answers back.

use std::ops::Range;

use super::Walk;
use crate::matcher::Hit;
use crate::pseudonym::is_pseudonym;
use crate::replace::Pseudonymised;
use crate::span::Edit;

impl Walk<'_> {
    /// Notes a hit at `source` of `text`, gives its edit, and tells of the pseudonym where it is one.
    pub(super) fn found_in(&mut self, text: &str, hit: Hit, source: Range<usize>) -> Option<Edit> {
        if self.known_only == 0 && self.is_own(text, &hit, &source) {
            self.inspection.own_mailboxes = self.inspection.own_mailboxes.saturating_add(1);
            return None;
        }
        let value = text.get(source.clone());
        let edit = self.found(hit, source)?;
        if let Some(value) = value {
            self.tell_pseudonym(value, &edit);
        }
        Some(edit)
    }

    /// Tells that `edit` puts a pseudonym in the place of `value`, where it does.
    pub(super) fn tell_pseudonym(&self, value: &str, edit: &Edit) {
        let Some(reveal) = self.replacer.and_then(|replacer| replacer.reveal) else {
            return;
        };
        let pseudonym = std::str::from_utf8(&edit.with).unwrap_or_default();
        if is_pseudonym(pseudonym) {
            let field = self.trail.field();
            reveal(&Pseudonymised {
                pseudonym,
                value,
                field,
            });
        }
    }
}
