//! The unwrapper: one recursive walk through every place of a message and every encoding in it.
//!
//! Start at [`Walk::message`]. Each layer decodes, lets the inner text be walked, and turns the [`Edit`]s that come back
//! into edits of its own bytes; a layer without edits is never wrapped again. Looking is the same walk without edits.
//!
//! Invariant: every decoded byte is paid for from one budget, and whatever is given up on is noted as unreadable.

mod base64;
mod binary;
mod body;
mod bson;
mod calls;
mod cbor;
mod charset;
mod code_pages;
mod compression;
mod css;
mod digests;
mod envelope;
mod escapes;
mod folded;
mod form;
mod grpc;
mod image;
mod items;
mod json;
mod json_walk;
mod lists;
mod markup;
mod met;
mod mime;
mod msgpack;
mod multipart;
mod names;
mod nested;
mod pairs;
mod pdf;
mod places;
mod plist;
mod protobuf;
mod pseudonymised;
mod radix;
mod rarer;
mod readings;
mod references;
mod rtf;
mod secrets;
mod seen;
mod tables;
mod text;
mod unmarked;
mod utf32;
mod utf7;
mod uuencode;
mod words;
mod zip;

pub use image::strip_metadata;

pub(crate) use base64::base64_value;
pub(crate) use charset::is_upper_half;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::matcher::{Hit, is_whole_address};
use crate::pointer::{Step, Trail};
use crate::replace::{Replaced, Replacer};
use crate::span::{Edit, apply};
use crate::{
    Directory, Finding, Form, Inspection, KnownBy, Layer, Limits, Message, Part, RewriteError, Rewritten, Unreadable,
    UnreadableBecause, Whose,
};

/// Is told of each finding with its value.
pub(crate) type Reveal<'a> = dyn Fn(&Finding, &str) + 'a;

/// One walk through one message.
pub(crate) struct Walk<'a> {
    directory: &'a Directory,
    limits: &'a Limits,
    own: Option<&'a BTreeSet<String>>,
    replacer: Option<&'a Replacer<'a>>,
    reveal: Option<&'a Reveal<'a>>,
    trail: Trail,
    /// Decoded bytes that may still be made.
    budget: usize,
    /// Above zero: inside something that can be looked at but not put together again.
    frozen: usize,
    /// Above zero: inside a reading so unlikely that only known people count.
    known_only: usize,
    /// Readings that nothing asks for, inside each other.
    guesses: usize,
    folded: String,
    inspection: Inspection,
    fault: Option<RewriteError>,
}

/// What a walk gave.
pub(crate) struct Walked {
    pub(crate) inspection: Inspection,
    /// Whether there was more to decode than the limits allow.
    pub(crate) is_cut_short: bool,
    pub(crate) rewritten: Result<Rewritten, RewriteError>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(directory: &'a Directory, limits: &'a Limits, replacer: Option<&'a Replacer<'a>>) -> Self {
        Self {
            directory,
            limits,
            own: None,
            replacer,
            reveal: None,
            trail: Trail::new(Part::Authority),
            budget: limits.decoded_max_bytes,
            frozen: 0,
            known_only: 0,
            guesses: 0,
            folded: String::new(),
            inspection: Inspection::default(),
            fault: None,
        }
    }

    pub(crate) fn revealing(self, reveal: &'a Reveal<'a>) -> Self {
        Self {
            reveal: Some(reveal),
            ..self
        }
    }

    /// `own`: see [`Look::own`](crate::Look).
    pub(crate) fn passing_own(self, own: &'a BTreeSet<String>) -> Self {
        Self {
            own: Some(own).filter(|own| !own.is_empty()),
            ..self
        }
    }

    /// Whether `hit` at `source` of `text` is a mailbox of the platform's own: never what the directory knows somebody by, and
    /// only where it is written as the register has it. The matcher leaves out what an address may begin with (`o'news@…`)
    /// and folds letters; such an address is somebody else's.
    fn is_own(&self, text: &str, hit: &Hit, source: &Range<usize>) -> bool {
        let is_address = hit.whose == Whose::Unknown && hit.form == Form::Email;
        is_address
            && self.own.is_some_and(|own| own.contains(&hit.normal))
            && text
                .get(source.clone())
                .is_some_and(|raw| raw.eq_ignore_ascii_case(&hit.normal))
            && is_whole_address(text.as_bytes(), source)
    }

    /// Walks all places of `message`, in its order.
    pub(crate) fn message(mut self, message: &Message<'_>) -> Walked {
        let rewritten = self.places(message);
        let rewritten = self.fault.map_or(Ok(rewritten), Err);
        let mut notes = self.inspection.unreadable.iter();
        // What was left out may have been all that there was, and then there is no note.
        let is_cut_short = self.budget == 0 || notes.any(|note| note.because == UnreadableBecause::TooLarge);
        Walked {
            is_cut_short,
            inspection: self.inspection,
            rewritten,
        }
    }

    /// Notes a hit at `source` (in the innermost decoded text) and gives its edit.
    fn found(&mut self, hit: Hit, source: Range<usize>) -> Option<Edit> {
        if self.known_only > 0 && hit.known_by == KnownBy::Pattern {
            return None;
        }
        if self.inspection.findings.len() >= self.limits.parts_max {
            self.too_many_findings();
            return None;
        }
        let finding = Finding {
            element: hit.element.clone(),
            whose: hit.whose.clone(),
            known_by: hit.known_by,
            place: self.trail.place(),
            layers: self.trail.layers.clone(),
            span: source.clone(),
        };
        let replaced = self
            .replacer
            .map_or(Replaced::Keep, |replacer| replacer.replace(&finding, &hit));
        if let Some(reveal) = self.reveal {
            reveal(&finding, &hit.normal);
        }
        self.inspection.findings.push(finding);
        match replaced {
            Replaced::Keep => None,
            Replaced::With(text) if self.frozen == 0 => Some(Edit {
                range: source,
                with: text.into_bytes(),
            }),
            Replaced::With(_) | Replaced::Refused => {
                self.cannot_rewrite();
                None
            }
        }
    }

    /// So many findings that keeping all would itself be a flood: the rest counts as unreadable.
    fn too_many_findings(&mut self) {
        self.unreadable(UnreadableBecause::TooMany);
        if self.replacer.is_some() {
            self.cannot_rewrite();
        }
    }

    fn cannot_rewrite(&mut self) {
        if self.fault.is_none() {
            self.fault = Some(RewriteError::NotRewritable {
                place: self.trail.place(),
            });
        }
    }

    fn unreadable(&mut self, because: UnreadableBecause) {
        let unreadable = Unreadable {
            place: self.trail.place(),
            because,
        };
        let noted = &self.inspection.unreadable;
        if noted.last() != Some(&unreadable) && noted.len() < self.limits.parts_max {
            self.inspection.unreadable.push(unreadable);
        }
    }

    /// Goes one layer down. `None`, and a note, when that is one layer too many.
    fn layer(&mut self, layer: Layer, walk: impl FnOnce(&mut Self) -> Vec<Edit>) -> Option<Vec<Edit>> {
        if self.trail.layers.len() >= self.limits.layers_max {
            self.unreadable(UnreadableBecause::TooDeep);
            return None;
        }
        self.trail.layers.push(layer);
        let edits = walk(self);
        self.trail.layers.pop();
        Some(edits)
    }

    /// Walks something under a name.
    fn step(&mut self, step: Step, walk: impl FnOnce(&mut Self) -> Vec<Edit>) -> Vec<Edit> {
        self.trail.steps.push(step);
        let edits = walk(self);
        self.trail.steps.pop();
        edits
    }

    /// Looks at something that cannot be put together again: a finding to be replaced in it is a fault.
    fn frozen(&mut self, walk: impl FnOnce(&mut Self) -> Vec<Edit>) {
        self.frozen += 1;
        let _ = walk(self);
        self.frozen -= 1;
    }

    /// `bytes` with `edits`; nothing where nobody rewrites and wants to have a copy.
    fn applied(&self, bytes: &[u8], edits: Vec<Edit>) -> Vec<u8> {
        self.replacer.map_or_else(Vec::new, |_| apply(bytes, edits))
    }

    /// Pays for decoded bytes. `false`, and a note, when the budget is used up.
    fn pay(&mut self, bytes: usize) -> bool {
        if bytes > self.budget {
            self.unreadable(UnreadableBecause::TooLarge);
            return false;
        }
        self.budget -= bytes;
        true
    }
}
