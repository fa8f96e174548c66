//! What changed between two registers: cases as text files, and what holds for any two.

use std::collections::BTreeSet;

use averment_register::{Charter, Diff, Source, compile, diff};
use proptest::prelude::*;

use crate::case;

fn compiled(source: &Source) -> Charter {
    let compiled = compile(source);
    let findings: String = compiled.diagnostics.iter().map(|finding| finding.render("")).collect();
    compiled.charter.ok_or(findings).unwrap()
}

/// The files of a case: those of one side, over those of both.
fn side(sections: &[(String, String)], name: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lantern\"\n");
    for (section, text) in sections {
        match section.split_once(": ") {
            None => source.insert(section, text.as_str()),
            Some((side, file)) if side == name => source.insert(file, text.as_str()),
            Some(_) => {}
        }
    }
    compiled(&source)
}

fn shown(diff: &Diff) -> String {
    let line = |change: &averment_register::Change| {
        let duties: Vec<&str> = change.duties.iter().map(|duty| duty.id()).collect();
        let duties = if duties.is_empty() {
            String::new()
        } else {
            format!("    {}\n", duties.join(", "))
        };
        format!(
            "{}: {}\n    {}\n{duties}",
            change.direction.as_str(),
            change.id,
            change.sentence
        )
    };
    diff.changes.iter().map(line).collect()
}

#[test]
fn two_registers_give_the_changes_of_their_case() {
    case::each("diff", |case| {
        let inputs = case
            .sections
            .iter()
            .position(|(name, _)| name == "changes")
            .unwrap_or(case.sections.len());
        let (old, new) = (
            side(&case.sections[..inputs], "old"),
            side(&case.sections[..inputs], "new"),
        );
        let found = diff(&old, &new);
        assert_eq!(found.inverse(), diff(&new, &old));
        let ids: BTreeSet<&str> = found.changes.iter().map(|change| change.id.as_str()).collect();
        assert_eq!(ids.len(), found.changes.len(), "identifiers are used twice");
        let mut sections = vec![("changes".to_owned(), shown(&found))];
        if case.sections.iter().any(|(name, _)| name == "notice") {
            let notice = found.notice(&new, Some(jiff::civil::date(2026, 11, 22)));
            let text = notice.unwrap().unwrap_or_else(|| "nothing to tell\n".to_owned());
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            sections.push(("notice".to_owned(), text));
        }
        case.judge(inputs, &sections)
    });
}

/// The register that has every field of every file.
fn whole_model() -> Source {
    let text = include_str!("../../cases/compile/model.txt");
    let mut source = Source::default();
    let mut open: Option<(String, String)> = None;
    for line in text.lines().chain(["-- findings --"]) {
        match line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            Some(name) => {
                if let Some((name, body)) = open.replace((name.to_owned(), String::new())) {
                    source.insert(name, body);
                }
                if name == "findings" {
                    break;
                }
            }
            None => {
                if let Some((_, body)) = &mut open {
                    *body += &format!("{line}\n");
                }
            }
        }
    }
    source
}

/// Fields that are no part of what a register means: where a sentence was read, and what a claim is numbered.
const NO_MEANING: [&str; 2] = ["said = ", "id = "];

#[test]
fn every_field_of_the_model_counts() {
    let source = whole_model();
    let whole = compiled(&source);
    let mut compared = 0;
    for (name, text) in source.files() {
        for gone in 0..text.lines().count() {
            let kept: Vec<&str> = text
                .lines()
                .enumerate()
                .filter(|(at, _)| *at != gone)
                .map(|(_, line)| line)
                .collect();
            let line = text.lines().nth(gone).unwrap();
            let mut without = source.clone();
            without.insert(name, kept.join("\n"));
            let Some(other) = compile(&without)
                .charter
                .filter(|other| other.digest() != whole.digest())
            else {
                continue;
            };
            compared += 1;
            let same = diff(&whole, &other).is_empty();
            assert_eq!(
                same,
                NO_MEANING.iter().any(|field| line.starts_with(field)),
                "{name}:{}: {line}",
                gone + 1
            );
            assert_eq!(diff(&whole, &other).inverse(), diff(&other, &whole), "{line}");
        }
    }
    assert!(compared > 60, "only {compared} lines could be left out");
}

const ELEMENTS: [&str; 7] = [
    "location",
    "location.precise",
    "location.coarse",
    "contact",
    "contact.email",
    "edu.school",
    "control",
];
const SUBJECTS: [&str; 6] = [
    "student",
    "student.under13",
    "student.minor",
    "student.eligible",
    "teacher",
    "guardian",
];
const TREATMENTS: [&str; 5] = ["pass", "mask", "hash", "drop", "block"];
const CONDITIONS: [&str; 4] = ["always", "incidental", "consent:photo", "subject_chooses"];

/// One row: elements, subjects, condition, treatment; no two have the first three in common.
type Row = ((Vec<&'static str>, Vec<&'static str>, &'static str), &'static str);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let some = |of: &'static [&'static str]| prop::sample::subsequence(of.to_vec(), 1..4);
    let key = (
        some(&ELEMENTS),
        some(&SUBJECTS),
        prop::sample::select(CONDITIONS.to_vec()),
    );
    prop::collection::btree_map(key, prop::sample::select(TREATMENTS.to_vec()), 0..5)
        .prop_map(|rows| rows.into_iter().collect())
}

fn register(rows: &[Row], head: &str, claims: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lantern\"\n");
    let row = |((elements, subjects, when), treatment): &Row| {
        format!(
            "[[discloses]]\nelements = {elements:?}\nsubjects = {subjects:?}\nwhen = \"{when}\"\ntreatment = \"{treatment}\"\n"
        )
    };
    let rows: String = rows.iter().map(row).collect();
    let fixed = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                 student_records = \"possible\"\n";
    source.insert("recipients/desk.toml", format!("{fixed}{head}{rows}"));
    source.insert("claims/list.toml", claims);
    compiled(&source)
}

const HEAD: &str = "planes = [\"gateway\"]\nrole = \"processor\"\n";

fn head() -> impl Strategy<Value = String> {
    let some = |of: &[&'static str]| prop::sample::subsequence(of.to_vec(), 0..=of.len());
    let one = |of: &[&'static str]| prop::sample::select(of.to_vec());
    (
        one(&["processor", "subprocessor", "controller", "conduit"]),
        some(&["US", "IE", "IN"]),
        some(&["train", "improve"]),
        one(&["report", "enforce"]),
        prop::option::of(one(&["P1D", "PT72H", "P30D"])),
    )
        .prop_map(|(role, countries, own_use, mode, breach)| {
            let breach = breach.map_or_else(String::new, |time| format!("[contract]\nbreach_notice = \"{time}\"\n"));
            format!(
                "planes = [\"gateway\"]\nrole = \"{role}\"\ncountries = {countries:?}\nown_use = {own_use:?}\nmode = \"{mode}\"\n{breach}"
            )
        })
}

fn claims() -> impl Strategy<Value = String> {
    let claim = prop_oneof![
        (1..5_u32).prop_map(|days| format!("kind = \"retained_for\"\nduration = \"P{days}D\"\n")),
        prop::sample::subsequence(ELEMENTS.to_vec(), 1..4)
            .prop_map(|elements| format!("kind = \"never_shares\"\nelements = {elements:?}\nsubjects = [\"donor\"]\n")),
        Just("kind = \"list_complete\"\n".to_owned()),
        Just("kind = \"statement\"\n".to_owned()),
    ];
    prop::collection::btree_set((claim, 0..4_u32), 0..5).prop_map(|claims| {
        claims
            .iter()
            .map(|(claim, words)| format!("[[claims]]\n{claim}sentence = \"{words}\"\n"))
            .collect()
    })
}

/// The leaves and kinds of people that a name covers, without any of the register's code.
fn below(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The rule book read aloud: the mildest treatment of every cell in every situation; five is nothing.
fn naive(rows: &[Row]) -> Vec<usize> {
    let catalog = averment_catalog::catalog();
    let mut found = Vec::new();
    // The categories that rows here can name, and one that they cannot.
    let named = |id: &str| {
        ["location", "contact", "edu", "control", "finance"]
            .iter()
            .any(|name| below(name, id))
    };
    for element in catalog.elements().filter(|element| named(element.id.as_str())) {
        for subject in catalog.subjects() {
            for situation in CONDITIONS {
                let applies = |((elements, subjects, when), _): &&Row| {
                    elements.iter().any(|name| below(name, element.id.as_str()))
                        && subjects.iter().any(|name| below(name, subject.id.as_str()))
                        && (*when == "always" || *when == situation)
                };
                let treatment = |row: &Row| TREATMENTS.iter().position(|word| *word == row.1).unwrap();
                found.push(rows.iter().filter(applies).map(treatment).min().unwrap_or(4));
            }
        }
    }
    found
}

/// The same rows cut otherwise: each row once per subject, each category as its elements, in another order.
fn recut(rows: &[Row]) -> Vec<Row> {
    let mut cut = Vec::new();
    for ((elements, subjects, when), treatment) in rows.iter().rev() {
        for subject in subjects {
            let leaves = averment_catalog::catalog()
                .elements()
                .map(|element| element.id.as_str());
            let elements: Vec<&'static str> = leaves
                .filter(|leaf| elements.iter().any(|name| below(name, leaf)))
                .collect();
            let key = (elements, vec![*subject], *when);
            // A register that says a thing twice does not compile; the milder of the two holds.
            let rank = |word: &str| TREATMENTS.iter().position(|other| *other == word);
            match cut.iter_mut().find(|(other, _): &&mut Row| *other == key) {
                Some((_, other)) if rank(other) > rank(treatment) => *other = *treatment,
                Some(_) => {}
                None => cut.push((key, *treatment)),
            }
        }
    }
    cut
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_is_its_own_inverse(
        old in (rows(), head(), claims()),
        new in (rows(), head(), claims()),
    ) {
        let (a, b) = (register(&old.0, &old.1, &old.2), register(&new.0, &new.1, &new.2));
        prop_assert!(diff(&a, &a).is_empty());
        let there = diff(&a, &b);
        prop_assert_eq!(&there.inverse(), &diff(&b, &a));
        prop_assert_eq!(&there.inverse().inverse(), &there);
        prop_assert_eq!(there.to_json().to_string(), diff(&a, &b).to_json().to_string());
        let ids: BTreeSet<&str> = there.changes.iter().map(|change| change.id.as_str()).collect();
        prop_assert_eq!(ids.len(), there.changes.len());
    }

    #[test]
    fn how_rows_are_cut_is_no_change(rows in rows()) {
        let (a, b) = (register(&rows, HEAD, ""), register(&recut(&rows), HEAD, ""));
        prop_assert_eq!(shown(&diff(&a, &b)), "");
    }

    #[test]
    fn rows_differ_if_and_only_if_something_else_leaves(old in rows(), new in rows()) {
        let found = diff(&register(&old, HEAD, ""), &register(&new, HEAD, ""));
        let (before, after) = (naive(&old), naive(&new));
        prop_assert_eq!(found.is_empty(), before == after, "{}", shown(&found));
        // Taken out and refused both reach nobody.
        let reaches = |treatment: usize| treatment.min(3);
        let wider = before.iter().zip(&after).any(|(before, after)| reaches(*after) < reaches(*before));
        prop_assert_eq!(found.is_wider(), wider, "{}", shown(&found));
    }
}
