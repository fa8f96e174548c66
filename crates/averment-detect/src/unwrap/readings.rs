//! Second readings: what a text may be beside what it certainly is.
//!
//! Invariant: a second reading adds findings and takes none away, and what it cannot make sense of is not noted, because
//! the first reading could. Limits that it runs into are noted.

use std::collections::BTreeSet;

use averment_catalog::ElementId;

use super::Walk;
use super::escapes::hex_pair;
use super::references::references;
use crate::span::Edit;
use crate::{Finding, KnownBy, UnreadableBecause, Whose};

impl Walk<'_> {
    /// Another reading of what was looked at since `before`, which gave `edits`. Where nothing had been found, what this
    /// one finds can be put back; else see [`Self::also`].
    pub(super) fn or_else(
        &mut self,
        before: usize,
        edits: Vec<Edit>,
        walk: impl FnOnce(&mut Self) -> Vec<Edit>,
    ) -> Vec<Edit> {
        if self.inspection.findings.len() > before {
            self.also(before, walk);
            return edits;
        }
        let notes = self.inspection.unreadable.len();
        let read = self.inspection.bytes_read;
        let second = walk(self);
        self.inspection.bytes_read = read;
        self.forget_guesses(notes);
        second
    }

    /// Walks where only known people count.
    pub(super) fn known(&mut self, walk: impl FnOnce(&mut Self) -> Vec<Edit>) -> Vec<Edit> {
        self.known_only += 1;
        let edits = walk(self);
        self.known_only -= 1;
        edits
    }

    /// See [`Self::raw_too`]; only where an escape stands for what would make a word longer.
    pub(super) fn before_escapes(&mut self, before: usize, bytes: &[u8]) {
        if hides_word_end(bytes) {
            self.raw_too(before, bytes);
        }
    }

    /// The known people in bytes as they stand, escapes and all: whoever does not undo the escapes reads them so.
    pub(super) fn raw_too(&mut self, before: usize, bytes: &[u8]) {
        if let Ok(text) = std::str::from_utf8(bytes) {
            self.also(before, |walk| walk.known_only(text));
        }
    }

    /// Notes since `notes` that only say that a guess was wrong.
    fn forget_guesses(&mut self, notes: usize) {
        let since = self.inspection.unreadable.split_off(notes);
        let is_limit = |because| {
            matches!(
                because,
                UnreadableBecause::TooLarge | UnreadableBecause::TooDeep | UnreadableBecause::TooMany
            )
        };
        let limits = since.into_iter().filter(|note| is_limit(note.because));
        self.inspection.unreadable.extend(limits);
    }

    /// Another reading of what was looked at since `before`. What it alone finds counts, and cannot be put back.
    pub(super) fn also(&mut self, before: usize, walk: impl FnOnce(&mut Self) -> Vec<Edit>) {
        let between = self.inspection.findings.len();
        let read = self.inspection.bytes_read;
        let notes = self.inspection.unreadable.len();
        let fault = self.fault.take();
        self.frozen(walk);
        self.forget_guesses(notes);
        self.inspection.bytes_read = read;
        let again = self.fault.take();
        self.fault = match self.keep_better(before, between) {
            Added::Something => fault.or(again),
            Added::Nothing => fault,
        };
    }

    /// Of two looks at the same value: the second's known people replace the first's patterns (`tag@host` is a part of
    /// `ada+tag@host`), and what both found counts once.
    pub(super) fn keep_better(&mut self, before: usize, between: usize) -> Added {
        let second = self.inspection.findings.split_off(between);
        if second.is_empty() {
            return Added::Nothing;
        }
        let first = self.inspection.findings.split_off(before);
        let key = |finding: &Finding| (finding.element.clone(), finding.whose.clone());
        let mut has: BTreeSet<(ElementId, Whose)> = first.iter().map(key).collect();
        let known = second
            .iter()
            .any(|finding| finding.known_by == KnownBy::Exact && !has.contains(&key(finding)));
        let patterns = |found: &[Finding]| found.iter().filter(|f| f.known_by == KnownBy::Pattern).count();
        let better = known || patterns(&second) > patterns(&first);
        let mut kept: Vec<Finding> = first
            .into_iter()
            .filter(|f| !better || f.known_by == KnownBy::Exact)
            .collect();
        for finding in second {
            let wanted = match finding.known_by {
                KnownBy::Exact => has.insert(key(&finding)),
                KnownBy::Pattern => better,
            };
            if wanted {
                kept.push(finding);
            }
        }
        self.inspection.findings.extend(kept);
        if better { Added::Something } else { Added::Nothing }
    }
}

/// Whether a second look found something that the first did not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Something,
    Nothing,
}

/// Whether a percent escape or a character reference behind a word stands for more of a word.
fn hides_word_end(bytes: &[u8]) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | 0x80..);
    let behind_word = |at: usize| at > 0 && is_part(bytes[at - 1]);
    // `%uXXXX` may stand for anything.
    let percent = |at: usize| behind_word(at) && hex_pair(bytes, at + 1).is_none_or(is_part);
    memchr::memchr_iter(b'%', bytes).any(percent)
        || references(bytes).any(|(at, _, character)| behind_word(at) && u8::try_from(character).map_or(true, is_part))
}
