//! Findings that the register accepts for a time: `[[suppressions]]` of `organisation.toml`, each with reason and last day
//! (a row without them is not read).
//!
//! A suppression that has run out is an error that names the finding again; one that matches nothing is a warning. Nothing
//! is accepted for longer than [`LONGEST_DAYS`], and no error in all files at once. What keeps the register from compiling
//! cannot be suppressed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::ToSpan;
use toml::Spanned;

use super::Look;
use super::look::ORGANISATION;
use crate::compile::nearest;
use crate::diagnostic::{Context, Diagnostic, Position, RuleHelp, Severity, Suppressed};
use crate::model::SuppressionRow;

/// How many days from today a finding can be accepted at most: a year, also one with a leap day.
const LONGEST_DAYS: i64 = 366;

/// The codes that suppressions themselves can give.
pub(super) const HELP: [RuleHelp; 5] = [
    help(
        "suppression-unknown",
        Severity::Error,
        "name the code of a rule, as findings print it",
    ),
    help(
        "suppression-expired",
        Severity::Error,
        "mend what it hid, or give a new last day and say why",
    ),
    help(
        "suppression-unused",
        Severity::Warning,
        "remove the row: nothing is found there any more",
    ),
    help(
        "suppression-too-long",
        Severity::Error,
        "give a last day within 366 days, and decide again then",
    ),
    help(
        "suppression-without-file",
        Severity::Error,
        "name the `file` that the error is in; one row for each file",
    ),
];

const fn help(code: &'static str, severity: Severity, hint: &'static str) -> RuleHelp {
    RuleHelp {
        code,
        ids: &[],
        severity,
        hint,
        cite: None,
        unverified: false,
    }
}

/// Marks what is accepted, and says which rows are wrong.
pub(super) fn apply(look: &Look<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(organisation) = &look.files.organisation else {
        return;
    };
    let text = look.source.get(ORGANISATION).unwrap_or_default();
    let mut by_code: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        by_code.entry(finding.code).or_default().push(at);
    }
    let mut said = Vec::new();
    for row in &organisation.suppressions {
        let rule = row.get_ref().rule.get_ref().as_str();
        let wanted = row.get_ref().file.as_ref().map(|file| file.get_ref().as_str());
        let matches = by_code.get(rule).into_iter().flatten().copied();
        let matches: Vec<usize> = matches
            .filter(|at| wanted.is_none_or(|file| findings[*at].file == file))
            .collect();
        match wrong(look, row, &matches, findings) {
            Some((code, message, span, hint)) => said.push(finding(text, code, message, span, hint)),
            None => accept(row.get_ref(), &matches, findings),
        }
    }
    findings.extend(said);
}

fn accept(row: &SuppressionRow, matches: &[usize], findings: &mut [Diagnostic]) {
    for at in matches {
        findings[*at].context.suppressed = Some(Suppressed {
            reason: row.reason.clone(),
            until: row.until,
        });
    }
}

type Wrong = (usize, String, Range<usize>, Option<String>);

/// What is wrong with a row: the place in [`HELP`], message, span, hint.
fn wrong(look: &Look<'_>, row: &Spanned<SuppressionRow>, matches: &[usize], findings: &[Diagnostic]) -> Option<Wrong> {
    let (span, row) = (row.span(), row.get_ref());
    let rule = row.rule.get_ref().as_str();
    let codes: BTreeSet<&str> = super::rules().map(|rule| rule.code).collect();
    if !codes.contains(rule) || HELP.iter().any(|help| help.code == rule) {
        let message = format!("`{rule}` is not a rule whose findings can be accepted");
        let hint = nearest(rule, codes.into_iter()).map(|near| format!("did you mean `{near}`?"));
        let fallback = "what keeps a register from being read cannot be suppressed".to_owned();
        return Some((0, message, row.rule.span(), hint.or(Some(fallback))));
    }
    if row.until > look.today.saturating_add(LONGEST_DAYS.days()) {
        let message = format!("accepted until {}: more than {LONGEST_DAYS} days from today", row.until);
        return Some((3, message, span, None));
    }
    let first = matches.first().and_then(|at| findings.get(*at));
    match first {
        Some(found) if row.until < look.today => {
            let again = matches.len() - 1;
            let more = if again > 0 {
                format!(" (and {again} more)")
            } else {
                String::new()
            };
            let message = format!("accepted only until {}: {}{more}", row.until, found.message);
            Some((1, message, span, None))
        }
        Some(_) if row.file.is_none() && matches.iter().any(|at| findings[*at].severity == Severity::Error) => {
            let message = format!("`{rule}` finds errors, and the row names no file to accept them in");
            Some((4, message, span, None))
        }
        Some(_) => None,
        // A register that does not compile hides findings: nothing can be said then.
        None if look.broken => None,
        None => Some((2, format!("no finding of `{rule}` is left to accept"), span, None)),
    }
}

fn finding(text: &str, which: usize, message: String, span: Range<usize>, hint: Option<String>) -> Diagnostic {
    let help = HELP[which];
    Diagnostic {
        code: help.code,
        severity: help.severity,
        message,
        file: ORGANISATION.to_owned(),
        at: Some(Position::of(text, span)),
        hint: hint.or_else(|| Some(help.hint.to_owned())),
        cite: None,
        context: Context::default(),
    }
}
