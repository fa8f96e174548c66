//! Rules: what each finds, what it does not, and that each is documented.
//!
//! A case under `cases/lint` names its rules in a line `# rules:` and shows only their findings. `near-x` holds near
//! misses of the rules of `x`: none of them may fire. `examples/` holds what is found in the bundled examples.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use averment_register::{Diagnostic, Severity, Source, check, json, rules, sarif};
use jiff::civil::date;

use crate::case::{self, Case};

const ORGANISATION: &str =
    "organisation = \"Lantern\"\n\n[[documents]]\nid = \"list.txt\"\ntitle = \"Service providers\"\n";

fn named(case: &Case) -> BTreeSet<String> {
    let line = case.head.lines().find_map(|line| line.strip_prefix("# rules:"));
    line.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn input(case: &Case) -> (Source, usize) {
    let inputs = case.sections.iter().position(|(name, _)| name == "findings");
    let inputs = inputs.unwrap_or(case.sections.len());
    let mut source = Source::default();
    source.insert("organisation.toml", ORGANISATION);
    for (name, text) in &case.sections[..inputs] {
        source.insert(name.as_str(), text.as_str());
    }
    (source, inputs)
}

/// One line: severity, place, where it was said, code, message.
fn line(finding: &Diagnostic) -> String {
    let at = finding.at.as_ref();
    let place = at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
    let said = finding.context.said.as_ref();
    let said = said.map_or_else(String::new, |said| format!(" (line {})", said.line));
    let accepted = if finding.context.suppressed.is_some() {
        "accepted "
    } else {
        ""
    };
    let severity = finding.severity.as_str();
    format!(
        "{accepted}{severity} {}{place}{said} {}: {}\n",
        finding.file, finding.code, finding.message
    )
}

#[test]
fn each_rule_finds_what_its_case_says_and_no_near_miss() {
    case::each("lint", |case| {
        let (source, inputs) = input(case);
        let compiled = check(&source, date(2026, 11, 22));
        let codes: BTreeSet<&str> = rules().map(|rule| rule.code).collect();
        let unread = compiled
            .diagnostics
            .iter()
            .filter(|finding| !codes.contains(finding.code));
        let unread: String = unread
            .filter(|finding| finding.severity == Severity::Error)
            .map(line)
            .collect();
        if !unread.is_empty() {
            return Err(format!("{}: {unread}", case.name()));
        }
        let rules = named(case);
        let of_case = compiled
            .diagnostics
            .iter()
            .filter(|finding| rules.contains(finding.code));
        let findings: String = of_case.map(line).collect();
        let near = case.name().starts_with("near-") && !case.name().starts_with("near-suppressions");
        if near && !findings.is_empty() {
            return Err(format!(
                "{} fires
{findings}",
                case.name()
            ));
        }
        case.judge(inputs, &[("findings".to_owned(), findings)])
    });
}

#[test]
fn every_rule_has_a_case_that_fires_one_that_does_not_and_a_row_in_the_documentation() {
    let mut fires: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    let mut rule_sets: BTreeSet<String> = BTreeSet::new();
    case::each("lint", |case| {
        let (source, _) = input(case);
        let found = check(&source, date(2026, 11, 22)).diagnostics;
        for rule in named(case) {
            let fired = found.iter().any(|finding| finding.code == rule);
            FIRES.with_borrow_mut(|fires| fires.entry(rule).or_default().insert(fired));
        }
        Ok(())
    });
    FIRES.with_borrow(|found| fires.clone_from(found));
    let documentation = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint.md"));
    let documentation = documentation.unwrap();
    for rule in rules() {
        assert!(
            rule_sets.insert(rule.code.to_owned()),
            "`{}` stands in two rows",
            rule.code
        );
        let seen = fires.get(rule.code).cloned().unwrap_or_default();
        assert!(seen.contains(&true), "no case fires `{}`", rule.code);
        assert!(seen.contains(&false), "no case is a near miss of `{}`", rule.code);
        assert!(
            documentation.contains(&format!("`{}`", rule.code)),
            "docs/lint.md lacks `{}`",
            rule.code
        );
        for id in rule.ids {
            assert!(documentation.contains(id), "docs/lint.md lacks {id} of `{}`", rule.code);
        }
        assert!(!rule.hint.is_empty(), "`{}` has no hint", rule.code);
    }
}

std::thread_local! {
    static FIRES: std::cell::RefCell<BTreeMap<String, BTreeSet<bool>>> = const { std::cell::RefCell::new(BTreeMap::new()) };
}

/// The findings about the bundled examples, of which nobody needs to be told twice what is a fact of configuration.
#[test]
fn the_examples_hold_exactly_the_findings_that_were_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("cases/lint/examples");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let source = Source::read(&root.join("../../examples").join(&name)).unwrap();
        let found: String = check(&source, date(2026, 11, 22))
            .diagnostics
            .iter()
            .map(line)
            .collect();
        if std::env::var_os("REWRITE_CASES").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap();
        assert_eq!(found, expected, "{name}");
    }
}

fn suppressed() -> Vec<Diagnostic> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/lint/suppressions.txt");
    let (source, _) = input(&Case::read(folder));
    check(&source, date(2026, 11, 22)).diagnostics
}

#[test]
fn json_carries_place_rules_where_it_was_said_and_what_is_accepted() {
    let document = json(&suppressed(), Some("digest"));
    assert_eq!(document["schema"], "averment.check/2");
    let findings = document["findings"].as_array().unwrap();
    let accepted = findings
        .iter()
        .find(|finding| !finding["suppressed"].is_null())
        .unwrap();
    assert_eq!(accepted["code"], "open-ended-elements");
    assert_eq!(accepted["rules"][0], "SEED-b");
    assert_eq!(accepted["suppressed"]["until"], "2027-01-31");
    assert_eq!(accepted["said"]["document"], "list.txt");
    assert_eq!(accepted["words"], "etc");
    let (from, to) = (
        accepted["column"].as_u64().unwrap(),
        accepted["end_column"].as_u64().unwrap(),
    );
    assert_eq!(to - from, 3);
}

/// The fields that code scanning needs, as its documentation of SARIF support lists them.
#[test]
fn sarif_has_the_fields_that_code_scanning_needs() {
    let log = sarif(&suppressed(), "register", "0.1.0");
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    let run = &log["runs"][0];
    assert_eq!(run["originalUriBaseIds"]["REGISTER"]["uri"], "register/");
    let driver = &run["tool"]["driver"];
    assert_eq!(
        (driver["name"].as_str(), driver["semanticVersion"].as_str()),
        (Some("averment"), Some("0.1.0"))
    );
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule}");
        }
        assert!(["note", "warning", "error"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
    }
    let results = run["results"].as_array().unwrap();
    let mut prints = BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uriBaseId"], "REGISTER");
        assert!(!place["artifactLocation"]["uri"].as_str().unwrap().starts_with('/'));
        assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
        assert!(
            prints.insert(result["partialFingerprints"]["averment/v1"].to_string()),
            "{result}"
        );
    }
    assert!(
        results
            .iter()
            .any(|result| result["suppressions"][0]["kind"] == "external")
    );
}

#[test]
fn a_page_is_checked_by_its_own_lines() {
    let page = "Lantern's helpers\n\nService provider | Purpose | Information shared\n---|---|---\n\
                Zendesk | To answer questions of Lantern users. | Lantern sends the email address, etc. |\n\
                WebPurify | To find rude words for Lantern. | Text of students' projects. No Student Records. |\n";
    let found = averment_register::check_page("page.txt", page, date(2026, 11, 22)).unwrap();
    let open = found
        .iter()
        .find(|finding| finding.code == "open-ended-elements")
        .unwrap();
    let at = open.at.as_ref().unwrap();
    assert_eq!((open.file.as_str(), at.line, at.length), ("page.txt", 5, 3));
    assert!(at.excerpt.starts_with("Zendesk |"));
    let content = found
        .iter()
        .find(|finding| finding.code == "no-student-records-beside-content")
        .unwrap();
    assert_eq!(content.at.as_ref().unwrap().line, 6);
    assert!(
        found
            .iter()
            .all(|finding| finding.file == "page.txt" && finding.code != "mode-report")
    );
}
