//! What the law or good sense asks about a register although its files are well-formed.
//!
//! Start at [`lint`]. Every rule is one row ([`Rule`]) in the table of its family: stable code, the rules of law that it
//! comes from, severity, paragraph, hint, and the function that looks. A rule gives a message and a place for each thing
//! that it finds. `docs/lint.md` lists all rules, and those that a register cannot answer.
//!
//! Invariants: each rule looks at the register once, through the index of [`look::Register`], so that the work grows with
//! the register and not with its square; an error means that the statement cannot stand.
//!
//! Source: FERPA 34 CFR Part 99; COPPA 16 CFR Part 312; GDPR; state laws; an engineering reading.

mod clocks;
mod contract;
mod contradiction;
mod controllers;
mod data;
mod facts;
mod ferpa;
mod graph;
mod instruments;
mod look;
mod own_use;
mod page;
mod phrase;
mod promise;
mod references;
mod retention;
mod rule;
mod students;
mod suppress;
mod transfer;
mod wording;

use std::collections::BTreeMap;

use jiff::civil::Date;

use self::look::Register;
use self::rule::{Found, Rule};
use crate::charter::CharterContent;
use crate::compile::Files;
use crate::diagnostic::{Context, Diagnostic, Lines, RuleHelp};
use crate::source::Source;

pub use self::page::check_page;

/// A register as compiled and as read.
pub(crate) struct Look<'a> {
    /// What could be compiled.
    pub(crate) content: &'a CharterContent,
    /// The files, for places.
    pub(crate) files: &'a Files,
    /// Their texts.
    pub(crate) source: &'a Source,
    /// What has run out is decided by this day.
    pub(crate) today: Date,
    /// Something could not be compiled, so that the rules do not see everything.
    pub(crate) broken: bool,
}

/// The tables, one per family.
const FAMILIES: &[&[Rule]] = &[
    students::RULES,
    wording::RULES,
    promise::RULES,
    facts::RULES,
    references::RULES,
    graph::RULES,
    instruments::RULES,
    contract::RULES,
    ferpa::RULES,
    own_use::RULES,
    retention::RULES,
    clocks::RULES,
    contradiction::RULES,
    transfer::RULES,
    controllers::RULES,
    data::RULES,
];

/// What every rule is about.
pub fn rules() -> impl Iterator<Item = RuleHelp> {
    FAMILIES.iter().copied().flatten().map(Rule::help).chain(suppress::HELP)
}

/// Everything that the rules find; what the register accepts for a time is marked.
pub(crate) fn lint(look: &Look<'_>) -> Vec<Diagnostic> {
    let register = Register::of(look);
    let mut texts = Texts::default();
    let mut findings = Vec::new();
    let asked = |rule: &&Rule| !(look.broken && rule.whole);
    for rule in FAMILIES.iter().copied().flatten().filter(asked) {
        let found = rule.eyes.over(&register).into_iter();
        findings.extend(found.map(|found| texts.finding(look.source, rule, found)));
    }
    suppress::apply(look, &mut findings);
    findings
}

/// The lines of the files in which something was found.
#[derive(Default)]
struct Texts<'a> {
    lines: BTreeMap<String, Lines<'a>>,
}

impl<'a> Texts<'a> {
    fn finding(&mut self, source: &'a Source, rule: &Rule, found: Found) -> Diagnostic {
        let text = || Lines::of(source.get(&found.file).unwrap_or_default());
        let lines = self.lines.entry(found.file.clone()).or_insert_with(text);
        let hint = found.hint.unwrap_or_else(|| rule.hint.to_owned());
        Diagnostic {
            code: rule.code,
            severity: rule.severity,
            message: found.message,
            at: found.span.map(|span| lines.position(span)),
            file: found.file,
            hint: Some(hint),
            cite: rule.cite,
            context: Context {
                ids: rule.ids,
                unverified: rule.unverified,
                said: found.said,
                words: found.words,
                page: rule.page,
                suppressed: None,
            },
        }
    }
}
