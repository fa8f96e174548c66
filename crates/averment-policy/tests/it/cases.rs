//! Every file under `cases/`: a register, a message's findings, the expected verdict. Adding one needs no Rust.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use averment_detect::PersonNumber;
use averment_policy::{Caller, CutOff, Facts, Observation, Sender, Variants, decide};
use averment_register::Charter;

use crate::world::{Parts, charter_with, finding, inspection};

#[test]
fn every_case_gives_its_verdict() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 25, "only {} cases", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let verdict = run(&text);
        if std::env::var_os("REWRITE_CASES").is_some() {
            let head = text.split("-- verdict --").next().unwrap_or_default();
            std::fs::write(&file, format!("{head}-- verdict --\n{verdict}")).unwrap();
        } else {
            assert_eq!(verdict, section(&text, "verdict"), "{}", file.display());
        }
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
    let settings = Settings(section(text, "settings"));
    let charter = charter_with(&Parts {
        unknown_hosts: settings.first("unknown hosts").unwrap_or("enforce"),
        mode: settings.first("mode").unwrap_or("enforce"),
        recipient: section(text, "recipient"),
        other: section(text, "other recipient"),
        list: section(text, "list"),
        school: section(text, "school"),
    });
    let findings: Vec<_> = section(text, "findings").lines().map(finding).collect();
    let inspection = inspection(findings, settings.first("unreadable").is_some());
    let facts = settings.facts(&charter);
    let host = settings.first("host").unwrap_or("desk.example");
    let decision = decide(
        &charter,
        &Observation {
            host,
            inspection: &inspection,
        },
        &facts,
    );
    let verdict = decision.verdict();
    let mut out = format!("{} (judged {})", verdict.action.as_str(), verdict.judged.as_str());
    if let Some(stop) = verdict.stopped {
        let _ = write!(out, ", stopped: {}", stop.as_str());
    }
    out.push('\n');
    for (finding, ruling) in inspection.findings.iter().zip(&verdict.rulings) {
        let rule = ruling.reason.rule().unwrap_or("no rule");
        let school = ruling.school.as_ref().map(|id| format!(", {id}")).unwrap_or_default();
        let consent = ruling.reason.consent_version();
        let consent = consent
            .map(|version| {
                let of_school = if ruling.reason.consent_of_school() {
                    " of the school"
                } else {
                    ""
                };
                format!(", consent {version}{of_school}")
            })
            .unwrap_or_default();
        let basis: String = ruling.reason.basis().map(|word| format!(", {word}")).collect();
        let (treatment, reason) = (ruling.treatment.as_str(), ruling.reason.as_str());
        let _ = writeln!(
            out,
            "{}: {treatment} {reason} ({rule}{school}{consent}{basis})",
            finding.element
        );
    }
    out
}

/// Lines of `name: words`.
struct Settings<'a>(&'a str);

impl<'a> Settings<'a> {
    fn all(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .lines()
            .filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn first(&self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Lines that begin with the number of a person.
    fn of_people(&self, name: &'a str) -> impl Iterator<Item = (PersonNumber, &'a str)> {
        self.all(name).map(|line| {
            let (number, rest) = line.split_once(' ').unwrap_or((line, ""));
            (PersonNumber(number.parse().expect("a number")), rest)
        })
    }

    fn facts(&self, charter: &Charter) -> Facts {
        let words = |name| {
            self.first(name)
                .map(|line| line.split(' ').map(str::to_owned).collect())
        };
        let ids = |line: &str| line.split(' ').map(|id| id.parse().expect("an identifier")).collect();
        let sender = Sender {
            service: self.first("service").map(str::to_owned),
            when: self
                .all("declares")
                .map(|when| when.parse().expect("a condition"))
                .collect(),
            purpose: self.first("purpose").map(|id| id.parse().expect("a purpose")),
        };
        let mut facts = Facts {
            caller: Caller {
                sender,
                recipients: self.first("may send to").map(ids),
                conditions: words("may declare"),
            },
            service_required: self.first("services required").is_some(),
            conditions_required: self.first("conditions required").is_some(),
            cut_off: CutOff {
                all: self.first("cut off") == Some("all"),
                recipients: self
                    .first("cut off")
                    .filter(|word| *word != "all")
                    .map(ids)
                    .unwrap_or_default(),
            },
            ..Facts::default()
        };
        self.people(&mut facts, &Variants::new(Arc::new(charter.clone())));
        facts
    }

    fn people(&self, facts: &mut Facts, variants: &Variants) {
        for (number, consent) in self.of_people("consent") {
            let (kind, version) = consent.split_once(' ').unwrap_or((consent, "1"));
            let version = version.parse().expect("a version");
            let person = facts.people.entry(number).or_default();
            person.consents.insert(kind.to_owned(), version);
        }
        for (number, consent) in self.of_people("school consent") {
            let (kind, version) = consent.split_once(' ').unwrap_or((consent, "1"));
            let version = version.parse().expect("a version");
            let person = facts.people.entry(number).or_default();
            person.school_consents.insert(kind.to_owned(), version);
        }
        for (number, _) in self.of_people("opted out") {
            facts.people.entry(number).or_default().directory_opt_out = true;
        }
        for (number, recipient) in self.of_people("objects to") {
            let recipient = recipient.parse().expect("an identifier");
            facts.people.entry(number).or_default().objections.insert(recipient);
        }
        for (number, _) in self.of_people("restricted") {
            facts.people.entry(number).or_default().restricted = true;
        }
        for (number, _) in self.of_people("canary") {
            facts.people.entry(number).or_default().canary = true;
        }
        for (number, name) in self.of_people("school of") {
            facts.people.entry(number).or_default().schools = variants.schools(name);
        }
        for (number, shared) in self.of_people("shares") {
            let (element, other) = shared.split_once(' ').expect("element and person");
            let key = (number, element.parse().expect("an element"));
            let others = facts.shared.entry(key).or_default();
            others.insert(PersonNumber(other.parse().expect("a number")));
        }
    }
}
