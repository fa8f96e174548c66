//! `averment check`: every finding about a register, in one run.

use averment_register::{Diagnostic, Severity, Source, check};
use serde_json::json;

use crate::cli::{CheckArgs, Format};
use crate::clock::today;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

pub(crate) fn run(arguments: &CheckArgs) -> Result<Outcome, Failure> {
    let source = Source::read(&arguments.register)?;
    let compiled = check(&source, today());
    let digest = compiled.charter.as_ref().map(|charter| charter.digest().to_string());
    match arguments.format {
        Format::Text => print_text(&arguments.register.display().to_string(), &compiled.diagnostics, digest),
        Format::Json => print_json(&compiled.diagnostics, digest),
    }
    Ok(if compiled.count(Severity::Error) == 0 {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

fn print_text(root: &str, diagnostics: &[Diagnostic], digest: Option<String>) {
    for finding in diagnostics {
        anstream::println!("{}", folded(&finding.render(root)));
    }
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(count);
    anstream::println!("{root}: {errors} errors, {warnings} warnings, {notes} notes");
    match digest {
        Some(digest) => anstream::println!("charter {digest}"),
        None => anstream::println!("no charter: what cannot be read is never used"),
    }
}

/// The prose lines of a finding broken at 80 columns; excerpts are clipped already.
pub(crate) fn folded(rendered: &str) -> String {
    let fold = |line: &str| match line.split_once(": ") {
        Some((label, text)) if !label.contains(' ') => {
            format!("{label}: {}", wrap(text, 80, &" ".repeat(label.len() + 2)))
        }
        _ => line.to_owned(),
    };
    rendered.lines().map(|line| fold(line) + "\n").collect()
}

fn print_json(diagnostics: &[Diagnostic], digest: Option<String>) {
    let findings: Vec<_> = diagnostics
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code,
                "severity": finding.severity.as_str(),
                "message": finding.message,
                "file": finding.file,
                "line": finding.at.as_ref().map(|at| at.line),
                "column": finding.at.as_ref().map(|at| at.column),
                "hint": finding.hint,
                "cite": finding.cite,
            })
        })
        .collect();
    anstream::println!(
        "{:#}",
        json!({ "schema": "averment.check/1", "charter": digest, "findings": findings })
    );
}
