//! Published documents to register files and reports.

use averment_register::{Severity, check, import, import_all};

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
            // Fingerprints: they are held against edits in the tests of `again`.
            .filter(|(name, _)| *name != "import.lock")
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
        // What stands under another heading is told with it.
        let behind = sentence.sentence.split_once(": ").map_or("", |(_, behind)| behind);
        let there = document.contains(&sentence.sentence) || !behind.is_empty() && document.contains(behind);
        assert!(there, "{}", sentence.sentence);
    }
    let explained = report.explain();
    assert!(explained.lines().all(|line| line.chars().count() <= 80), "{explained}");
    assert_eq!(explained.matches("\nline ").count() + 1, report.sentences.len());
}

#[test]
fn two_documents_make_one_register_with_one_file_for_each_party() {
    let list = (
        "list.md",
        "# Subprocessors of Lantern\n\n| Name | Purpose |\n|---|---|\n| Lark Mail | Sending letters |\n",
    );
    let faq = (
        "faq.txt",
        "Who sends your letters?\nWe use Lark Mail to send e-mail and Wren Logs for error tracking.\n",
    );
    let all = import_all(&[list, faq]).unwrap();
    let names: Vec<&str> = all
        .source
        .files()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("recipients/"))
        .collect();
    assert_eq!(names, ["recipients/lark-mail.toml", "recipients/wren-logs.toml"]);
    let lark = all.source.get("recipients/lark-mail.toml").unwrap();
    assert!(lark.contains("purpose = \"Sending letters; to send e-mail\""), "{lark}");
    assert!(all.source.get("claims/list.toml").is_some() && all.source.get("claims/faq.toml").is_some());
    assert_eq!(
        check(&all.source, jiff::civil::date(2026, 11, 22)).count(Severity::Error),
        0
    );
}

#[test]
fn every_word_of_a_page_is_in_a_sentence_or_in_the_layout() {
    for case in ["lists", "sections", "prose", "questions", "markdown", "further-columns"] {
        let path = format!("{}/cases/import/{case}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let (head, rest) = text.split_once(" --\n").unwrap();
        let document = rest.split("\n-- report --").next().unwrap();
        let name = head.rsplit(' ').next().unwrap();
        let report = import(name, document).unwrap().report;
        let sentences = report.sentences.iter().map(|sentence| sentence.sentence.as_str());
        let mut words: Vec<String> = Vec::new();
        for text in sentences.chain(report.layout.iter().map(|(_, text)| text.as_str())) {
            words.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        }
        for word in document
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            let at = words.iter().position(|known| known == word);
            assert!(at.is_some(), "{case}: `{word}` is lost");
            at.map(|at| words.swap_remove(at));
        }
    }
}
