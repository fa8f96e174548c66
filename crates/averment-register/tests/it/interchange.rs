//! Published forms of real registers: the example and every case that compiles.

use std::path::Path;

use averment_register::interchange::{csv, html_block, json, markdown_block, read};
use averment_register::{Charter, ImportError, Outcome, Source, compile, import};

use crate::{case, compile_cases};

fn example() -> Charter {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/codeorg");
    compile(&Source::read(&folder).unwrap()).charter.unwrap()
}

/// Every form, as it is, with CRLF, and without spaces at the ends of lines.
fn round_trips(charter: &Charter) -> Result<(), String> {
    for text in [
        json(charter),
        csv(charter),
        html_block(charter),
        markdown_block(charter),
    ] {
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        for text in [text.clone(), lines.join("\r\n"), lines.join("\n")] {
            let back = read("page", &text)
                .ok_or("not recognised")?
                .map_err(|error| error.to_string())?;
            let again = compile(&back).charter.ok_or("does not compile")?;
            if again.digest() != charter.digest() {
                return Err(format!("another charter of\n{text}"));
            }
        }
    }
    Ok(())
}

#[test]
fn the_example_reads_back_from_every_form() {
    round_trips(&example()).unwrap();
}

#[test]
fn every_case_that_compiles_reads_back_from_every_form() {
    let charters = std::cell::Cell::new(0);
    case::each("compile", |case| {
        let inputs = case
            .sections
            .iter()
            .position(|(name, _)| name == "findings")
            .unwrap_or(case.sections.len());
        let Some(charter) = compile(&compile_cases::register(case, inputs)).charter else {
            return Ok(());
        };
        charters.set(charters.get() + 1);
        round_trips(&charter)
    });
    assert!(charters.get() >= 3);
}

#[test]
fn importing_what_was_published_leaves_nothing_to_type() {
    let charter = example();
    let table = "Provider | Purpose | Information\n---|---|---\nTwilio | To send. | A number.\n";
    let page = format!("<h1>Providers</h1>\n{table}\n{}", html_block(&charter));
    let imported = import("page.html", &page).unwrap();
    assert_eq!(compile(&imported.source).charter.unwrap().digest(), charter.digest());
    let report = &imported.report;
    assert_eq!((report.recipients.len(), report.kept().count()), (44, 0));
    assert!(
        report
            .sentences
            .iter()
            .all(|sentence| matches!(sentence.outcome, Outcome::Typed(_)))
    );
    assert_eq!(report.organisation, charter.content().organisation);
    let said = format!("published by this program; charter {} read back", charter.digest());
    assert_eq!(report.problems[0].message, said);
    assert!(report.render().lines().all(|line| line.chars().count() <= 80));
    let edited = page.replace("\"enforce\"", "\"report\"");
    assert!(matches!(
        import("page.html", &edited).unwrap_err(),
        ImportError::Interchange(_)
    ));
}
