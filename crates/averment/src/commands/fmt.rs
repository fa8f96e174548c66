//! `averment fmt`: register files in one layout.

use averment_register::{Source, format};

use crate::cli::FmtArgs;
use crate::outcome::{Failure, Outcome};

pub(crate) fn run(arguments: &FmtArgs) -> Result<Outcome, Failure> {
    let folder = &arguments.register;
    let root = folder.display().to_string();
    let formatted = format::files(&Source::read(folder)?);
    if !arguments.check {
        format::write(&formatted, folder)?;
    }
    for finding in &formatted.left {
        anstream::println!("{}", super::check::folded(&finding.render(&root)));
    }
    for name in formatted.changed.keys() {
        anstream::println!("{}/{name}", root.trim_end_matches('/'));
    }
    let (changed, count) = (formatted.changed.len(), formatted.count);
    let said = if arguments.check { "would change" } else { "changed" };
    anstream::println!(
        "{root}: {changed} of {count} files {said}, {} left alone",
        formatted.left.len()
    );
    Ok(match (formatted.left.is_empty(), arguments.check && changed > 0) {
        (false, _) => Outcome::CouldNotMeasure,
        (true, true) => Outcome::Contrary,
        (true, false) => Outcome::Holds,
    })
}
