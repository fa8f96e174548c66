//! Published documents to register files and reports.

use averment_register::{Severity, check, import};

use crate::case::{self, Case};

#[test]
fn documents_give_the_register_of_their_case() {
    case::each("import", |case: &Case| {
        let (heading, text) = &case.sections[0];
        let name = heading.strip_prefix("document ").unwrap_or(heading);
        case.judge(1, &outcome(name, text))
    });
}

fn outcome(name: &str, text: &str) -> Vec<(String, String)> {
    let imported = match import(name, text) {
        Ok(imported) => imported,
        Err(error) => return vec![("error".to_owned(), format!("{error}\n"))],
    };
    let mut found = vec![("report".to_owned(), imported.report.render())];
    found.extend(
        imported
            .source
            .files()
            .map(|(name, text)| (name.to_owned(), text.to_owned())),
    );
    let compiled = check(&imported.source, jiff::civil::date(2026, 11, 22));
    let serious = compiled
        .diagnostics
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning);
    let lines = serious.map(|finding| format!("{} {} {}\n", finding.severity.as_str(), finding.code, finding.file));
    found.push(("findings".to_owned(), lines.collect()));
    found
}

#[test]
fn a_report_fits_a_terminal_and_counts_every_sentence() {
    let text = include_str!("../../cases/import/table.txt");
    let document = text
        .split("-- report --")
        .next()
        .unwrap()
        .split_once(" --\n")
        .unwrap()
        .1;
    let report = import("list.txt", document).unwrap().report;
    assert!(report.render().lines().all(|line| line.chars().count() <= 80));
    assert_eq!(report.typed() + report.kept().count(), report.sentences.len());
    for sentence in &report.sentences {
        assert!(document.contains(&sentence.sentence), "{}", sentence.sentence);
    }
}
