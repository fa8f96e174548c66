//! The end of every look: held against the register and the baseline, printed, recorded, judged.

use std::collections::BTreeMap;
use std::path::Path;

use averment_register::Source;
use averment_scan::report::{self, Roots, visible_json};
use averment_scan::{Drift, Report, Seen, drift};

use super::options::FailOn;
use super::recording::Besides;
use super::{ScanFormat, ScanOptions, accepting, recording};
use crate::clock;
use crate::commands::check::folded;
use crate::outcome::{Failure, Outcome};
use crate::register;

/// Compares, prints, and says how it ended. `extra`: drift that the look found of its own, besides the recipients: what its
/// columns, tables or messages say against the charter.
pub(crate) fn finish(seen: Seen, extra: Vec<Drift>, options: &ScanOptions) -> Result<Outcome, Failure> {
    finish_with(seen, extra, Besides::default(), options)
}

/// As [`finish`], for a look that says more about claims than its report does.
pub(super) fn finish_with(
    mut seen: Seen,
    extra: Vec<Drift>,
    besides: Besides,
    options: &ScanOptions,
) -> Result<Outcome, Failure> {
    if options.format == ScanFormat::Seen {
        compares_nothing(options)?;
        if !extra.is_empty() {
            anstream::eprintln!("not in it: what this look says of its own; `--format json` has that");
        }
        seen.set_aside(&options.own_domains());
        put(&as_seen(&seen)?, options.out.as_deref())?;
        return Ok(outcome(&seen, false, options));
    }
    let (folder, register) = options.opened()?;
    if options.register.is_none() {
        anstream::eprintln!("held against `{}`", folder.display());
    }
    let mut report = drift(&register.charter, seen, &options.own_domains());
    report.drift.extend(extra);
    report.sort();
    let added = accepting::accept(&mut report, options, clock::today())?;
    print(&report, &Written::of(&folder, options)?, options)?;
    if let Some(added) = added {
        anstream::eprintln!("{added}");
    }
    if options.record {
        let said = recording::record(&report, besides, &register, options)?;
        anstream::eprintln!("{said}");
    }
    let contrary = report.open().any(|one| one.severity >= options.fail_on.least());
    Ok(outcome(&report.seen, contrary, options))
}

/// What was seen is printed without being held against anything: options that ask for that would be passed over in silence.
pub(super) fn compares_nothing(options: &ScanOptions) -> Result<(), Failure> {
    let asked = [
        ("--record", options.record),
        ("--baseline", options.baseline.is_some()),
        ("--write-baseline", options.write_baseline),
        ("--also", !options.also.is_empty()),
        ("--fail-on warning", options.fail_on == FailOn::Warning),
    ];
    match asked.iter().find(|(_, is_asked)| *is_asked) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::new(format!(
            "`--format seen` holds nothing against the register, so that `{option}` cannot be with it"
        ))
        .hint("write it with `--out`, and hold it against the register with `averment scan seen`")),
    }
}

fn as_seen(seen: &Seen) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(seen);
    let text = text.map_err(|error| Failure::new("cannot write it").because(error))?;
    Ok(visible_json(&text) + "\n")
}

/// What a report is written with.
struct Written<'a> {
    options: &'a ScanOptions,
    /// Of the register, from here where it is below.
    folder: String,
    recipients: BTreeMap<String, String>,
}

impl<'a> Written<'a> {
    fn of(folder: &Path, options: &'a ScanOptions) -> Result<Self, Failure> {
        let source = Source::read(folder)?;
        let here = std::env::current_dir().ok();
        let below = here.and_then(|here| folder.strip_prefix(here).ok());
        Ok(Self {
            options,
            folder: below.unwrap_or(folder).display().to_string(),
            recipients: register::files_of_recipients(&source),
        })
    }

    fn text(&self, report: &Report) -> String {
        folded(&report::text(report, self.options.places))
    }

    fn in_format(&self, report: &Report, format: ScanFormat) -> Result<String, Failure> {
        let roots = Roots {
            read: &self.options.root,
            register: Some(&self.folder),
            recipients: Some(&self.recipients),
            name: self.options.name.as_deref(),
        };
        Ok(match format {
            ScanFormat::Text => self.text(report),
            ScanFormat::Json => visible_json(&format!("{:#}\n", report::json(report))),
            ScanFormat::Sarif => {
                let log = report::sarif(report, roots, env!("CARGO_PKG_VERSION"));
                visible_json(&format!("{log:#}\n"))
            }
            ScanFormat::Markdown => report::markdown(report, self.options.places),
            ScanFormat::Seen => as_seen(&report.seen)?,
        })
    }
}

fn print(report: &Report, written: &Written<'_>, options: &ScanOptions) -> Result<(), Failure> {
    for (format, file) in &options.also {
        put(&written.in_format(report, *format)?, Some(file))?;
    }
    put(&written.in_format(report, options.format)?, options.out.as_deref())?;
    if options.out.is_some() && !options.is_for_people() {
        anstream::print!("{}", written.text(report));
    }
    Ok(())
}

fn put(text: &str, file: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = file else {
        anstream::print!("{text}");
        return Ok(());
    };
    std::fs::write(file, text)
        .map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))
}

/// Drift before blindness: what was found stands whatever else could not be read.
fn outcome(seen: &Seen, contrary: bool, options: &ScanOptions) -> Outcome {
    let blind = !seen.coverage.saw_something() || (options.strict && !seen.coverage.is_whole());
    match (contrary, blind) {
        (true, _) => Outcome::Contrary,
        (false, false) => Outcome::Holds,
        (false, true) => Outcome::CouldNotMeasure,
    }
}
