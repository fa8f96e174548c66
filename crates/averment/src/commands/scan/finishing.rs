//! The end of every look: held against the register and the baseline, printed, recorded, judged.

use std::path::Path;

use averment_scan::report::{self, Roots};
use averment_scan::{Drift, Report, Seen, drift};

use super::options::FailOn;
use super::{ScanFormat, ScanOptions, accepting, recording};
use crate::clock;
use crate::commands::check::folded;
use crate::outcome::{Failure, Outcome};
use crate::register;

/// Compares, prints, and says how it ended. `extra`: drift that the look found of its own, besides the recipients: what its
/// columns, tables or messages say against the charter.
pub(crate) fn finish(seen: Seen, extra: Vec<Drift>, options: &ScanOptions) -> Result<Outcome, Failure> {
    if options.format == ScanFormat::Seen {
        compares_nothing(options)?;
        if !extra.is_empty() {
            anstream::eprintln!("not in it: what this look says of its own; `--format json` has that");
        }
        let text =
            serde_json::to_string_pretty(&seen).map_err(|error| Failure::new("cannot write it").because(error))?;
        put(&(text + "\n"), options.out.as_deref())?;
        return Ok(outcome(&seen, false, options));
    }
    let register = register::open(options.register.as_deref())?;
    let mut report = drift(&register.charter, seen, &options.own_domains());
    report.drift.extend(extra);
    report.sort();
    let added = accepting::accept(&mut report, options, clock::today())?;
    print(&report, options)?;
    if let Some(added) = added {
        anstream::eprintln!("{added}");
    }
    if options.record {
        let said = recording::record(&report, &register, options)?;
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

fn print(report: &Report, options: &ScanOptions) -> Result<(), Failure> {
    let roots = Roots {
        read: &options.root,
        register: options.register.as_deref().and_then(Path::to_str),
    };
    let text = || folded(&report::text(report, options.places));
    let written = match options.format {
        ScanFormat::Text | ScanFormat::Seen => text(),
        ScanFormat::Json => format!("{:#}\n", report::json(report)),
        ScanFormat::Sarif => format!("{:#}\n", report::sarif(report, roots, env!("CARGO_PKG_VERSION"))),
        ScanFormat::Markdown => report::markdown(report, options.places),
    };
    put(&written, options.out.as_deref())?;
    if options.out.is_some() && !options.is_for_people() {
        anstream::print!("{}", text());
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
