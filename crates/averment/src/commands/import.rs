//! `averment import`: a published page becomes a register; what was not understood is listed.

use std::path::Path;

use averment_register::{Severity, check, import, write};

use crate::cli::ImportArgs;
use crate::outcome::{Failure, Outcome};

pub(crate) fn run(arguments: &ImportArgs) -> Result<Outcome, Failure> {
    let [file] = arguments.files.as_slice() else {
        let hint = "import each page into a folder of its own; merging several comes in a later version";
        return Err(Failure::new("expected one page").hint(hint));
    };
    let text = read(file)?;
    let name = file
        .file_name()
        .map_or_else(|| "document".to_owned(), |name| name.to_string_lossy().into_owned());
    let imported = import(&name, &text)?;
    write(&imported.source, &arguments.into)?;
    anstream::print!("{}", imported.report.render());
    let compiled = check(&imported.source, crate::clock::today());
    let count = |severity| {
        compiled
            .diagnostics
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let into = arguments.into.display();
    anstream::println!("\nWritten to {into}. Next: `averment check {into}`");
    anstream::println!(
        "({} errors, {} warnings, {} notes)",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note)
    );
    Ok(if compiled.charter.is_some() {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

fn read(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Failure::new(format!(
            "`{}` is not UTF-8: line {line} holds other bytes",
            file.display()
        ))
        .hint("save the page as UTF-8 text")
    })
}
