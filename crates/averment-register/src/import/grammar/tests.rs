use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// What a sentence says, one thing to a line.
fn written(sentence: &str) -> String {
    let reading = read(sentence, "Lantern");
    let mut out = format!("{sentence}\n");
    let list = |items: &BTreeSet<ElementId>| items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let people = |items: &BTreeSet<SubjectId>| match items {
        all if *all == everybody() => " of everybody".to_owned(),
        none if none.is_empty() => String::new(),
        some => format!(
            " of {}",
            some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
    };
    for group in &reading.groups {
        let generic = if group.generic { " (generic)" } else { "" };
        _ = writeln!(
            out,
            "  leaves {}{}{generic}",
            list(&group.elements),
            people(&group.subjects)
        );
    }
    for claim in &reading.claims {
        let term = claim.phrase.term.as_ref().or(claim.phrase.form.as_ref());
        let parts = [term.cloned().unwrap_or_default(), list(&claim.elements)].join(" ");
        _ = writeln!(
            out,
            "  claims {} {}{}",
            claim.phrase.kind,
            parts.trim(),
            people(&claim.subjects)
        );
    }
    for purpose in &reading.purposes {
        _ = writeln!(out, "  for {purpose}");
    }
    if let Some(when) = &reading.when {
        _ = writeln!(out, "  when {when}");
    }
    if reading.possible {
        out.push_str("  possibly\n");
    }
    for item in &reading.unread {
        _ = writeln!(out, "  not understood: {item}");
    }
    if reading.denies {
        out.push_str("  denies: kept\n");
    }
    out
}

/// Each line of a case that is not indented is a sentence; indented below it, what it says.
#[test]
fn sentences_of_provider_lists_say_what_their_case_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/grammar/provider-lists.txt");
    let text = std::fs::read_to_string(path).expect("the case can be read");
    let lines = text.lines().filter(|line| !line.starts_with("  "));
    let found: String = lines
        .map(|line| match line.starts_with('#') || line.is_empty() {
            true => format!("{line}\n"),
            false => written(line),
        })
        .collect();
    if std::env::var_os("REWRITE_CASES").is_some() {
        std::fs::write(path, found).expect("the case can be written");
    } else {
        assert!(
            text == found,
            "the case says otherwise: rewrite it and read the diff\n{found}"
        );
    }
}

#[test]
fn what_is_longer_than_a_sentence_is_kept_unread() {
    let text = "email address, names and never a phone number; ".repeat(3_000);
    let reading = read(&text, "Lantern");
    assert!(reading.denies && reading.groups.is_empty() && reading.claims.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_never_panics_and_is_deterministic(text in "([a-z ,.;()'’-]|email|name|not|share|student|\\PC){0,120}", name in "\\PC{0,12}") {
        prop_assert_eq!(format!("{:?}", read(&text, &name)), format!("{:?}", read(&text, &name)));
    }
}
