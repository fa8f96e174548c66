//! The end of every look: held against the register and the baseline, printed, recorded, judged.

use std::path::Path;

use averment_scan::report::{self, Roots};
use averment_scan::{Drift, Report, Seen, drift};

use super::{ScanFormat, ScanOptions, accepting, recording};
use crate::clock;
use crate::commands::check::folded;
use crate::outcome::{Failure, Outcome};
use crate::register;

/// Compares, prints, and says how it ended. `extra`: drift that the look found of its own, besides the recipients: what its
/// columns, tables or messages say against the charter.
pub(crate) fn finish(seen: Seen, extra: Vec<Drift>, options: &ScanOptions) -> Result<Outcome, Failure> {
    if options.format == ScanFormat::Seen {
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
