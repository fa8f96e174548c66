//! The real published documents: imported, and held against the figures that a person counted in them.
//!
//! The documents are other people's texts and not part of this project, so the folder is an argument.

use std::path::Path;

use averment_register::{SentenceReport, Severity, compile, import};

use crate::run::Step;

/// A document, and what a person counted in it.
struct Seed {
    file: &'static str,
    recipients: usize,
    never_shares: usize,
}

const SEEDS: [Seed; 1] = [Seed {
    file: "codeorg-service-providers.txt",
    recipients: 44,
    never_shares: 30,
}];

/// Imports every seed in `folder` and fails where a figure is not met.
pub(crate) fn check(folder: &Path) -> Step {
    SEEDS.iter().try_for_each(|seed| check_seed(folder, seed))
}

fn check_seed(folder: &Path, seed: &Seed) -> Step {
    let path = folder.join(seed.file);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let imported = import(seed.file, &text).map_err(|error| format!("`{}`: {error}", seed.file))?;
    let report = &imported.report;
    println!("{}", report.render());
    let compiled = compile(&imported.source);
    let errors = compiled
        .diagnostics
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let rows = |test: &dyn Fn(&averment_register::Recipient) -> bool| {
        compiled.charter.as_ref().map_or(0, |charter| {
            charter.content().recipients.values().filter(|r| test(r)).count()
        })
    };
    expect(seed, "recipients", report.recipients.len(), seed.recipients)?;
    expect(
        seed,
        "recipients known to the catalog",
        report.resolved(),
        seed.recipients,
    )?;
    expect(
        seed,
        "claims that no student records are shared",
        report.claims("never_shares"),
        seed.never_shares,
    )?;
    expect(seed, "errors in the register", errors, 0)?;
    expect(
        seed,
        "recipients with purpose and plane",
        rows(&|r| !r.purposes.is_empty() && !r.planes.is_empty()),
        seed.recipients,
    )?;
    lost_sentences(seed, &text, &report.sentences)
}

fn expect(seed: &Seed, what: &str, found: usize, expected: usize) -> Step {
    if found == expected {
        println!("{}: {what}: {found}", seed.file);
        return Ok(());
    }
    Err(format!("{}: {what}: expected {expected}, found {found}", seed.file))
}

/// The sentences reported for a line must be, one after another, the very text of its cells: nothing lost, nothing made up.
fn lost_sentences(seed: &Seed, text: &str, sentences: &[SentenceReport]) -> Step {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let mut compared = 0;
    for (index, line) in text.lines().enumerate() {
        let reported = sentences.iter().filter(|sentence| sentence.line as usize == index + 1);
        let reported: String = reported.map(|sentence| squeeze(&sentence.sentence)).collect();
        if reported.is_empty() {
            continue;
        }
        // The first two cells are the number of the row and the name of the provider.
        let cells: String = line.split('|').skip(2).map(squeeze).collect();
        if reported != cells {
            return Err(format!(
                "{}: line {}: the sentences reported are not its text",
                seed.file,
                index + 1
            ));
        }
        compared += 1;
    }
    expect(
        seed,
        "lines whose sentences are all typed or kept",
        compared,
        seed.recipients,
    )
}
