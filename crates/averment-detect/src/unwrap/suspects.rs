//! Which places of a document are worth a closer look.
//!
//! A JSON document is mostly short strings with nothing in them. Looking at each by itself costs more than looking at the
//! document as one text, quotes and all: no candidate of the matcher, and nothing that is encoded, reaches across a quote
//! or a bracket. So the whole is scanned once, with the matcher's own rules, and only strings that hold a mark are walked
//! into, where everything is decided.
//!
//! Invariant: what a walk into a string without escapes would find or note begins at a byte that is marked.

use std::ops::Range;

use super::base64;
use super::mime::quoted;
use super::radix;
use super::references::references;
use crate::mask::{Special, mask_at};
use crate::matcher::{Code, Hint, NumberSink, Spelling, candidates, embedded, numbers};
use crate::{Directory, Form};

/// One bit per byte of the document.
#[derive(Default)]
pub(super) struct Suspects(Vec<u64>);

impl Suspects {
    /// Marks what is in `text`, and forgets what was marked before.
    pub(super) fn mark(&mut self, text: &[u8], directory: &Directory) {
        self.0.clear();
        // Addresses, percent escapes, and letters whose folding is another text.
        let blocks = (0..=text.len()).step_by(64);
        self.0.extend(blocks.map(|base| mask_at::<Special>(text, base)));
        candidates(text, Spelling::Raw, directory, &mut |candidate| {
            candidate.marks(text, &mut |at| self.set(at))
        });
        embedded(text, directory, &mut |_, range| self.set(range.start));
        numbers(
            text,
            Hint::None,
            &mut Numbers {
                suspects: self,
                directory,
            },
        );
        for token in base64::tokens(text) {
            if !base64::readable(text, token.clone()).is_empty() || super::secrets::told(text, &token).is_some() {
                self.set(token.start);
            }
        }
        radix::tokens(text).for_each(|token| self.set(token.range.start));
        references(text).for_each(|(at, _, _)| self.set(at));
        // Encoded words are written with the same sign.
        quoted(text).for_each(|(at, _, _)| self.set(at));
        memchr::memmem::find_iter(text, b"=?").for_each(|at| self.set(at));
        super::rarer::marks(text, &mut |at| self.set(at));
    }

    /// Whether something in `range` is marked.
    #[inline]
    pub(super) fn any(&self, range: &Range<usize>) -> bool {
        let (first, last) = (range.start >> 6, range.end >> 6);
        let from_start = u64::MAX << (range.start & 63);
        let to_end = (1 << (range.end & 63)) - 1;
        if first == last {
            return self.0[first] & from_start & to_end != 0;
        }
        self.0[first] & from_start != 0
            || self.0[last] & to_end != 0
            || self.0[first + 1..last].iter().any(|marks| *marks != 0)
    }

    fn set(&mut self, at: usize) {
        self.0[at >> 6] |= 1 << (at & 63);
    }
}

struct Numbers<'a> {
    suspects: &'a mut Suspects,
    directory: &'a Directory,
}

impl NumberSink for Numbers<'_> {
    fn known(&mut self, digits: &str, range: Range<usize>) -> bool {
        let known = self.directory.may_know(Form::Phone, digits);
        if known {
            self.suspects.set(range.start);
        }
        known
    }

    fn pattern(&mut self, range: Range<usize>) {
        self.suspects.set(range.start);
    }

    fn code(&mut self, code: Code) {
        self.suspects.set(code.range.start);
    }

    fn date(&mut self, at: usize) {
        self.suspects.set(at);
    }
}
