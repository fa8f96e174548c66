//! Register files to findings.

use averment_register::{Source, check, compile};

use crate::case;

const ORGANISATION: &str =
    "organisation = \"Lantern\"\n\n[[documents]]\nid = \"list.txt\"\ntitle = \"Service providers\"\n";

/// The register in the first sections of a case.
pub(crate) fn register(case: &case::Case, inputs: usize) -> Source {
    let mut source = Source::default();
    source.insert("organisation.toml", ORGANISATION);
    for (name, text) in &case.sections[..inputs] {
        match name.as_str() {
            "no organisation.toml" => source = Source::default(),
            name => source.insert(name, text.as_str()),
        }
    }
    source
}

#[test]
fn registers_give_the_findings_of_their_case() {
    case::each("compile", |case| {
        let inputs = case
            .sections
            .iter()
            .position(|(name, _)| name == "findings")
            .unwrap_or(case.sections.len());
        let source = register(case, inputs);
        let compiled = check(&source, jiff::civil::date(2026, 11, 22));
        let mut findings: String = compiled
            .diagnostics
            .iter()
            .map(|finding| finding.render("") + "\n")
            .collect();
        if let Some(charter) = &compiled.charter {
            let again = compile(&charter.to_source());
            let again = again.charter.ok_or("what is written back does not compile").unwrap();
            assert_eq!(again.canonical(), charter.canonical());
        }
        findings += if compiled.charter.is_some() {
            "a charter\n"
        } else {
            "no charter\n"
        };
        case.judge(inputs, &[("findings".to_owned(), findings)])
    });
}

#[test]
fn deep_nesting_and_many_rows_are_read_or_refused_and_nothing_is_dropped() {
    let mut source = Source::default();
    source.insert("organisation.toml", format!("organisation = {}", "[".repeat(100_000)));
    assert!(compile(&source).charter.is_none());
    source.insert("organisation.toml", ORGANISATION);
    let rows: String = (0..3_000)
        .map(|n| format!("[[claims]]\nkind = \"statement\"\nsentence = \"{n}\"\n"))
        .collect();
    source.insert("claims/list.toml", rows);
    assert_eq!(compile(&source).charter.unwrap().content().claims.len(), 3_000);
}
