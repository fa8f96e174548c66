//! `docs/erasure-vendors.md` says what the catalog's rows say; `REWRITE_CASES=1` writes its tables anew.

use std::fmt::Write as _;
use std::path::Path;

use averment_catalog::erasure::{Does, Erasure, Identifier, LooksAt, Way};
use averment_catalog::{Certainty, ThirdParty, catalog};

const BEGIN: &str = "<!-- from the catalog: begin -->\n";
const END: &str = "<!-- from the catalog: end -->\n";

fn rows() -> Vec<(&'static ThirdParty, &'static Erasure)> {
    let parties = catalog().third_parties();
    parties
        .filter_map(|party| Some((party, party.erasure.as_ref()?)))
        .collect()
}

/// What it knows people by, as steps name it.
fn goes_by(row: &Erasure) -> String {
    let steps: Vec<String> = row.steps.iter().map(|step| format!("{step:?}")).collect();
    let is_named = |kind: &Identifier| {
        let name = kind.name();
        steps
            .iter()
            .any(|step| step.contains(&format!("{{{name}}}")) || step.contains(&format!("{{{name}:")))
    };
    let kinds: Vec<&str> = Identifier::ALL
        .iter()
        .filter(|kind| is_named(kind))
        .map(|kind| kind.says())
        .collect();
    kinds.join(", ")
}

fn confirmed_by(row: &Erasure) -> &'static str {
    let has = |looks_at| {
        row.steps
            .iter()
            .any(|step| step.does == Does::Confirm && step.looks_at == looks_at)
    };
    match (row.way, has(LooksAt::Record), has(LooksAt::Job)) {
        (Way::ByHand, ..) => "somebody vouches for it",
        (Way::KeepsNothing, ..) => "nothing is kept there",
        (_, true, true) => "a look that finds nothing, and its own job",
        (_, true, false) => "a look that finds nothing",
        (_, false, true) => "its own job",
        (_, false, false) => "nothing: somebody vouches for it",
    }
}

fn known(row: &Erasure) -> &'static str {
    match (row.certainty, row.least_certain()) {
        (Certainty::Sourced, Certainty::Sourced) => "read",
        (Certainty::Sourced, Certainty::Memory) => "read, in part from memory",
        _ => "from memory",
    }
}

fn table() -> String {
    let mut text =
        String::from("| third party | goes by | confirmed by | takes up to | known |\n|---|---|---|---|---|\n");
    for (party, row) in rows() {
        let (by, how, takes) = (goes_by(row), confirmed_by(row), row.takes.as_str());
        let _ = writeln!(text, "| `{}` | {by} | {how} | {takes} | {} |", party.id, known(row));
    }
    text
}

fn list(text: &mut String, title: &str, items: &[String]) {
    if !items.is_empty() {
        let _ = writeln!(text, "- {title}: {}", items.join(" "));
    }
}

fn section(party: &ThirdParty, row: &Erasure) -> String {
    let mut text = format!("\n### {}\n\n", party.product);
    for (number, step) in row.steps.iter().enumerate() {
        let memory = if step.certainty == Some(Certainty::Memory) {
            " (from memory)"
        } else {
            ""
        };
        let _ = writeln!(text, "{}. {}{memory}", number + 1, step.says);
    }
    if !row.steps.is_empty() {
        text.push('\n');
    }
    let named = |all: &std::collections::BTreeMap<String, String>| {
        let each = all.iter().map(|(name, what)| format!("`{name}` ({what})"));
        each.collect::<Vec<_>>().join(", ")
    };
    for (title, all) in [
        ("Settings", &row.settings),
        ("Secrets", &row.secrets),
        ("Regions", &row.regions),
    ] {
        if !all.is_empty() {
            let _ = writeln!(text, "- {title}: {}.", named(all));
        }
    }
    list(&mut text, "Side effects", &row.side_effects);
    list(&mut text, "Stays", &row.keeps);
    for (title, what) in [
        ("By hand", &row.by_hand),
        ("Left to be done by hand", &row.rest_by_hand),
    ] {
        if !what.is_empty() {
            let _ = writeln!(text, "- {title}: {what}");
        }
    }
    let _ = writeln!(text, "- Known: {}; {}.", known(row), row.sources.join("; "));
    text
}

#[test]
fn the_page_says_what_the_catalog_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/erasure-vendors.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let sections: String = rows().into_iter().map(|(party, row)| section(party, row)).collect();
    let wanted = format!("{before}{BEGIN}\n{}{sections}\n{END}{after}", table());
    if std::env::var_os("REWRITE_CASES").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(
        page == wanted,
        "docs/erasure-vendors.md is not what the catalog says: REWRITE_CASES=1 writes it anew"
    );
}
