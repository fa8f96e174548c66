//! Whether what an import names is used, and as what.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use averment_syntax::{Facts, Import, Language, Span, Surroundings};

use super::types::{has_types, is_asked, is_type, variable};

/// Longest file that is searched for what has a type, in bytes: each variable is looked for in all of it.
const TEXT_MAX: usize = 256 << 10;

/// Which names stand outside of imports and comments: each is looked for once, however often it is imported.
pub(super) struct Uses<'f> {
    text: &'f str,
    /// Imports and comments, sorted, none inside another.
    silent: Vec<Span>,
    known: RefCell<BTreeMap<&'f str, bool>>,
}

impl<'f> Uses<'f> {
    pub(super) fn of(text: &'f str, facts: &Facts) -> Self {
        let comments = facts
            .texts
            .iter()
            .filter(|text| text.surroundings != Surroundings::Live);
        let mut spans: Vec<Span> = comments.map(|text| text.span.clone()).collect();
        spans.extend(facts.imports.iter().map(|import| import.span.clone()));
        spans.sort_by_key(|span| (span.start, Reverse(span.end)));
        let mut silent: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            if silent.last().is_none_or(|last| last.end < span.end) {
                silent.push(span);
            }
        }
        Self {
            text,
            silent,
            known: RefCell::default(),
        }
    }

    /// Whether a name of the import stands anywhere else in code that runs.
    pub(super) fn has(&self, import: &'f Import) -> bool {
        let locals = import
            .names
            .iter()
            .map(|(local, _)| local.rsplit(['.', '\\']).next().unwrap_or(local));
        locals.filter(|local| !local.is_empty()).any(|local| {
            let known = self.known.borrow().get(local).copied();
            known.unwrap_or_else(|| {
                let used = words_at(self.text, local).any(|at| !self.is_silent(at));
                self.known.borrow_mut().insert(local, used);
                used
            })
        })
    }

    /// Whether the names of the import stand outside of it, everywhere where the language has a type, and nothing is called on what
    /// has that type.
    pub(super) fn are_types(&self, language: Language, import: &'f Import) -> bool {
        if !has_types(language) || import.names.is_empty() {
            return false;
        }
        let locals = import.names.iter().map(|(local, _)| local.as_str());
        let mut places = locals
            .filter(|local| !local.is_empty())
            .flat_map(|local| words_at(self.text, local).map(move |at| (at, local)))
            .filter(|(at, _)| !self.is_silent(*at))
            .peekable();
        places.peek().is_some()
            && places.all(|(at, local)| {
                is_type(self.text, language, at, local) && !self.is_asked_through(language, at, local)
            })
    }

    /// Whether a name of the import is called: `Config(…)` makes a value of what may be a type elsewhere.
    pub(super) fn makes(&self, import: &'f Import) -> bool {
        let locals = import.names.iter().map(|(local, _)| local.as_str());
        let mut places = locals.filter(|local| !local.is_empty()).flat_map(|local| {
            let ends = words_at(self.text, local).filter(|at| !self.is_silent(*at));
            ends.map(move |at| at + local.len())
        });
        places.any(|end| self.text.get(end..).is_some_and(|rest| rest.starts_with('(')))
    }

    /// Whether something is called on what is declared with the type at `at`. TypeScript's types are gone at run time, and what has them
    /// came from elsewhere.
    fn is_asked_through(&self, language: Language, at: usize, local: &str) -> bool {
        if matches!(language, Language::TypeScript | Language::Tsx) {
            return false;
        }
        if self.text.len() > TEXT_MAX {
            return true;
        }
        let Some(variable) = variable(self.text, language, at, local) else {
            return false;
        };
        words_at(self.text, variable)
            .filter(|at| !self.is_silent(*at))
            .any(|at| is_asked(self.text, language, at, variable))
    }

    fn is_silent(&self, at: usize) -> bool {
        let after = self.silent.partition_point(|span| span.start <= at);
        after.checked_sub(1).is_some_and(|before| self.silent[before].end > at)
    }
}

/// Places where `word` stands as a word of its own.
pub(in crate::code) fn words_at<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let edge = |byte: Option<&u8>| byte.is_none_or(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
    memchr::memmem::find_iter(text.as_bytes(), word).filter(move |at| {
        let bytes = text.as_bytes();
        edge(at.checked_sub(1).and_then(|before| bytes.get(before))) && edge(bytes.get(at + word.len()))
    })
}
