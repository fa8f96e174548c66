//! A schema accepts what compiles and refuses wrong fields.

use std::collections::BTreeMap;

use jsonschema::{Draft, JSONSchema};
use proptest::prelude::*;
use serde_json::Value;

use super::FileKind;
use crate::any_register::any_register;
use crate::compile::claims::KINDS;
use crate::compile::compile;
use crate::compile::shape::{self, Holds, Shape};
use crate::diagnostic::Severity;
use crate::source::Source;

fn validators() -> BTreeMap<FileKind, JSONSchema> {
    let validator = |kind: FileKind| {
        let schema: Value = serde_json::from_str(&kind.schema()).unwrap();
        let compiled = JSONSchema::options().with_draft(Draft::Draft202012).compile(&schema);
        compiled.map_err(|error| error.to_string()).unwrap()
    };
    FileKind::ALL.into_iter().map(|kind| (kind, validator(kind))).collect()
}

/// A TOML text as editors hand it to a validator: dates as text.
fn value(text: &str) -> Option<Value> {
    fn plain(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(date) => date.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(plain).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, item)| (key, plain(item))).collect())
            }
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(truth) => truth.into(),
        }
    }
    toml::from_str::<toml::Table>(text)
        .ok()
        .map(|table| plain(toml::Value::Table(table)))
}

/// Findings that a schema can make: those that need no other file and no meaning.
const OF_SCHEMA: [&str; 18] = [
    "unknown-field",
    "missing-field",
    "wrong-type",
    "unknown-word",
    "empty-text",
    "empty-list",
    "unknown-element",
    "unknown-subject",
    "unknown-purpose",
    "unknown-country",
    "unknown-condition",
    "unknown-consent",
    "unknown-claim-kind",
    "claim-place",
    "missing-parameter",
    "foreign-parameter",
    "recipient-id",
    "controller-id",
];

/// What is wrong about the schemas' judgement of a register.
fn misjudged(source: &Source, validators: &BTreeMap<FileKind, JSONSchema>) -> Vec<String> {
    let compiled = compile(source);
    let mut wrong = Vec::new();
    for (name, text) in source.files() {
        let (Some(kind), Some(value)) = (FileKind::of(name), value(text)) else {
            continue;
        };
        let errors = compiled
            .diagnostics
            .iter()
            .filter(|finding| finding.severity == Severity::Error && finding.file == name);
        let codes: Vec<&str> = errors.map(|finding| finding.code).collect();
        let refused: Vec<String> = match validators[&kind].validate(&value) {
            Ok(()) => Vec::new(),
            Err(errors) => errors
                .map(|error| format!("{error} at {}", error.instance_path))
                .collect(),
        };
        let must_refuse = codes.iter().any(|code| OF_SCHEMA.contains(code));
        if must_refuse && refused.is_empty() {
            wrong.push(format!("{name} is accepted and has {codes:?}\n{text}"));
        }
        if codes.is_empty() && !refused.is_empty() {
            wrong.push(format!("{name} compiles and is refused: {refused:?}\n{text}"));
        }
    }
    wrong
}

/// The sections of every case file that are register files.
fn cases() -> Vec<Source> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/compile");
    let texts = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    texts.map(|text| case(&text)).collect()
}

fn case(text: &str) -> Source {
    let mut source = Source::default();
    let organisation = "organisation = \"Lantern\"\n\n[[documents]]\nid = \"list.txt\"\ntitle = \"List\"\n";
    source.insert("organisation.toml", organisation);
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            Some(name) => sections.push((name, String::new())),
            None => sections
                .last_mut()
                .into_iter()
                .for_each(|(_, body)| *body += &format!("{line}\n")),
        }
    }
    for (name, body) in sections.into_iter().filter(|(name, _)| FileKind::of(name).is_some()) {
        source.insert(name, body);
    }
    source
}

#[test]
fn the_example_and_every_case_are_judged_as_compiling_judges_them() {
    let validators = validators();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/codeorg");
    let example = Source::read(&folder).unwrap();
    let wrong: Vec<String> = cases()
        .iter()
        .chain([&example])
        .flat_map(|source| misjudged(source, &validators))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let refused = cases()
        .iter()
        .flat_map(|source| compile(source).diagnostics)
        .filter(|finding| OF_SCHEMA.contains(&finding.code))
        .count();
    assert!(refused > 20, "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_compiles_is_accepted_and_a_wrong_field_is_not(source in any_register(), at in any::<prop::sample::Index>(), field in "[a-z_]{3,12}", value in prop_oneof![Just("1"), Just("\"no-such-word\""), Just("[]"), Just("[\"no-such-word\"]"), Just("\" \""), Just("{}"), Just("true")]) {
        let validators = validators();
        prop_assert_eq!(misjudged(&source, &validators), Vec::<String>::new());
        // One line is replaced: by an unknown field, or by a value that may not fit.
        let files: Vec<(String, String)> = source.files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let (name, text) = &files[at.index(files.len())];
        let lines: Vec<&str> = text.lines().collect();
        let line = at.index(lines.len());
        for key in [lines[line].split(" = ").next().unwrap_or_default(), field.as_str()] {
            let mut lines = lines.clone();
            let new = format!("{key} = {value}");
            if !lines[line].starts_with('[') {
                lines[line] = &new;
            }
            let mut source = source.clone();
            source.insert(name.as_str(), lines.join("\n"));
            prop_assert_eq!(misjudged(&source, &validators), Vec::<String>::new());
        }
    }
}

/// A value of a parameter, as TOML.
fn parameter(name: &str) -> &'static str {
    match name {
        "elements" | "except" => "[\"edu\"]",
        "subjects" => "[\"student\"]",
        "when" => "\"always\"",
        "unless" => "[\"consent\"]",
        "form" => "\"bcrypt\"",
        "places" => "[\"IE\"]",
        "duration" | "period" => "\"P1Y\"",
        "after" => "\"collection\"",
        "viewers" => "[\"peer\"]",
        "off_by" | "giver" => "\"school\"",
        "consent" => "\"photo\"",
        "activity" => "\"backup\"",
        "certificate" => "\"iso_27001\"",
        "until" | "date" => "2026-01-01",
        "regimes" => "[\"gdpr\"]",
        "role" => "\"processor\"",
        "term" => "\"no_training\"",
        "host" => "\"www.school.example\"",
        "offer" => "\"public_list\"",
        "url" => "\"https://school.example\"",
        _ => "",
    }
}

#[test]
fn each_kind_of_claim_takes_its_own_parameters_and_no_others() {
    let validators = validators();
    let recipient = "recipient = \"twilio\"\npurpose = \"a\"\ninformation = \"b\"\nplanes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"none\"\n";
    let parameters = shape::CLAIM
        .fields
        .iter()
        .map(|field| field.name)
        .filter(|name| !parameter(name).is_empty());
    let parameters: Vec<&str> = parameters.collect();
    let (mut accepted, mut refused) = (0, 0);
    for kind in KINDS {
        for changed in &parameters {
            // Every parameter that it needs, with one taken away or added.
            let given = parameters
                .iter()
                .filter(|name| kind.needs.contains(name) != (*name == changed));
            let given: String = given.map(|name| format!("{name} = {}\n", parameter(name))).collect();
            let row = format!("[[claims]]\nkind = \"{}\"\nsentence = \"x\"\n{given}", kind.word);
            for (file, text) in [
                ("claims/x.toml", row.clone()),
                ("recipients/twilio.toml", format!("{recipient}{row}")),
            ] {
                let mut source = Source::default();
                source.insert("organisation.toml", "organisation = \"Lantern\"");
                source.insert(file, text);
                assert_eq!(misjudged(&source, &validators), Vec::<String>::new());
                *(if compile(&source).charter.is_some() {
                    &mut accepted
                } else {
                    &mut refused
                }) += 1;
            }
        }
    }
    assert!(accepted > 50 && refused > 500, "{accepted} {refused}");
}

#[test]
fn every_field_is_described() {
    fn walk(shape: &'static Shape, missing: &mut Vec<String>) {
        for field in shape.fields {
            if field.doc.is_empty() || !field.doc.ends_with('.') {
                missing.push(format!("{}: {}", shape.of, field.name));
            }
            if let Holds::Table(inner) | Holds::Rows(inner) = field.holds {
                walk(inner, missing);
            }
        }
    }
    let mut missing = Vec::new();
    for shape in [
        &shape::ORGANISATION,
        &shape::RECIPIENT,
        &shape::CLAIMS,
        &shape::CONTROLLER,
    ] {
        walk(shape, &mut missing);
    }
    assert!(missing.is_empty(), "{missing:?}");
}
