//! `averment check`: every finding about a register, or about a published page, in one run.

use std::path::Path;

use averment_register::{Diagnostic, Severity, Source, check_page, check_with_zones, json, sarif};
use jiff::tz::TimeZone;

use crate::cli::{CheckArgs, Report};
use crate::clock::today;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

pub(crate) fn run(arguments: &CheckArgs) -> Result<Outcome, Failure> {
    let checked = if arguments.register.is_file() {
        page(&arguments.register)?
    } else {
        register(&arguments.register)?
    };
    let shown: Vec<Diagnostic> = checked
        .findings
        .iter()
        .filter(|finding| arguments.all || finding.context.suppressed.is_none())
        .cloned()
        .collect();
    match arguments.format {
        Report::Text => print_text(&checked, &shown),
        Report::Json => anstream::println!("{:#}", json(&checked.findings, checked.digest.as_deref())),
        Report::Sarif => {
            anstream::println!(
                "{:#}",
                sarif(&checked.findings, &checked.folder, env!("CARGO_PKG_VERSION"))
            );
        }
    }
    Ok(if count(&checked.findings, Severity::Error) == 0 {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

/// What was looked at, and what was found.
struct Checked {
    /// As given.
    name: String,
    /// The folder that files of findings are in.
    folder: String,
    findings: Vec<Diagnostic>,
    digest: Option<String>,
    /// What to say last.
    last: String,
}

fn register(folder: &Path) -> Result<Checked, Failure> {
    let is_zone = |name: &str| TimeZone::get(name).is_ok();
    let compiled = check_with_zones(&Source::read(folder)?, today(), is_zone);
    let digest = compiled.charter.as_ref().map(|charter| charter.digest().to_string());
    let last = digest.as_ref().map_or_else(
        || "no charter: what cannot be read is never used".to_owned(),
        |digest| format!("charter {digest}"),
    );
    Ok(Checked {
        name: folder.display().to_string(),
        folder: folder.display().to_string(),
        findings: compiled.diagnostics,
        digest,
        last,
    })
}

fn page(file: &Path) -> Result<Checked, Failure> {
    let text = super::import::read(file)?;
    let name = file
        .file_name()
        .map_or_else(|| "page".to_owned(), |name| name.to_string_lossy().into_owned());
    let folder = file
        .parent()
        .map_or_else(String::new, |folder| folder.display().to_string());
    let findings = check_page(&name, &text, today())?;
    Ok(Checked {
        name: file.display().to_string(),
        folder,
        findings,
        digest: None,
        last: format!("next: `averment import {} --into register`", file.display()),
    })
}

fn count(findings: &[Diagnostic], severity: Severity) -> usize {
    let counts = |finding: &&Diagnostic| finding.severity == severity && finding.context.suppressed.is_none();
    findings.iter().filter(counts).count()
}

fn print_text(checked: &Checked, shown: &[Diagnostic]) {
    for finding in shown {
        anstream::println!("{}", folded(&finding.render(&checked.folder)));
    }
    let [errors, warnings, notes] =
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| count(&checked.findings, severity));
    let accepted = checked
        .findings
        .iter()
        .filter(|finding| finding.context.suppressed.is_some())
        .count();
    let accepted = match accepted {
        0 => String::new(),
        count => format!(", {count} accepted for a time (`--all` shows them)"),
    };
    anstream::println!(
        "{}: {errors} errors, {warnings} warnings, {notes} notes{accepted}",
        checked.name
    );
    anstream::println!("{}", checked.last);
    let hidden = |finding: &&Diagnostic| finding.severity == Severity::Error && finding.context.suppressed.is_some();
    match checked.findings.iter().filter(hidden).count() {
        0 => {}
        1 => anstream::println!("1 error is accepted for a time"),
        errors => anstream::println!("{errors} errors are accepted for a time"),
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
