//! Every file under `cases/`: a register, a message's findings, the expected verdict. Adding one needs no Rust.

use std::fmt::Write as _;
use std::path::Path;

use averment_detect::PersonNumber;
use averment_policy::{Facts, Observation, decide};

use crate::world::{charter_with_list, finding, inspection};

#[test]
fn every_case_gives_its_verdict() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 10, "only {} cases", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(run(&text), section(&text, "verdict"), "{}", file.display());
    }
}

fn section<'a>(text: &'a str, name: &str) -> &'a str {
    let Some(start) = text.find(&format!("-- {name} --\n")).map(|at| at + name.len() + 7) else {
        return "";
    };
    let rest = &text[start..];
    let end = if rest.starts_with("-- ") {
        0
    } else {
        rest.find("\n-- ").map_or(rest.len(), |at| at + 1)
    };
    &rest[..end]
}

fn run(text: &str) -> String {
    let settings = section(text, "settings");
    let setting = |name: &str| {
        settings
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let unknown_hosts = setting("unknown hosts").unwrap_or("enforce");
    let mode = setting("mode").unwrap_or("enforce");
    let charter = charter_with_list(unknown_hosts, mode, section(text, "recipient"), section(text, "list"));
    let findings: Vec<_> = section(text, "findings").lines().map(finding).collect();
    let inspection = inspection(findings, setting("unreadable").is_some());
    let mut facts = Facts::default();
    if let Some((person, kind)) = setting("consent").and_then(|consent| consent.split_once(' ')) {
        facts
            .consents
            .insert((PersonNumber(person.parse().expect("a number")), kind.to_owned()));
    }
    let host = setting("host").unwrap_or("desk.example");
    let decision = decide(
        &charter,
        &Observation {
            host,
            inspection: &inspection,
        },
        &facts,
    );
    let verdict = decision.verdict();
    let mut out = format!("{} (judged {})\n", verdict.action.as_str(), verdict.judged.as_str());
    for (finding, ruling) in inspection.findings.iter().zip(&verdict.rulings) {
        let rule = ruling.reason.rule().unwrap_or("no rule");
        let _ = writeln!(
            out,
            "{}: {} {} ({rule})",
            finding.element,
            ruling.treatment.as_str(),
            ruling.reason.as_str()
        );
    }
    out
}
