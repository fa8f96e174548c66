//! The published documents against fixtures, and what must hold of every page.
//!
//! `fixtures/` holds documents as they are made from one example; `REWRITE_CASES=1` writes them anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod changes;
mod escaping;
mod example;
mod forms;
mod html;

use std::path::Path;

use crate::example::example_site;

/// What is compared with fixtures: every form, and one page of each kind.
const FIXTURES: [&str; 14] = [
    ".well-known/averment.txt",
    "changes.html",
    "changes.json",
    "claims.csv",
    "content-security-policy.json",
    "content-security-policy.txt",
    "feed.atom",
    "index.html",
    "page.json",
    "parents.html",
    "recipients.csv",
    "recipients/amplitude.html",
    "register.md",
    "schools.html",
];

#[test]
fn the_documents_are_those_of_the_fixtures() {
    let site = example_site();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for name in FIXTURES {
        let bytes = without_style(&site[name]);
        let path = folder.join(name.trim_start_matches('.').replace('/', "-"));
        if std::env::var_os("REWRITE_CASES").is_some() {
            std::fs::write(&path, &bytes).unwrap();
        }
        let expected = std::fs::read(&path).unwrap_or_default();
        assert!(
            expected == bytes.as_bytes(),
            "{name} differs from its fixture; look at the difference with REWRITE_CASES=1"
        );
    }
}

/// A page without its style sheet and the shapes of the grades, which are the same on all of them.
fn without_style(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    let cut = |text: &str, from: &str, to: &str| match (text.find(from), text.find(to)) {
        (Some(start), Some(end)) => format!("{}{}", &text[..start], &text[end..]),
        _ => text.to_owned(),
    };
    let text = cut(text, "<style>", "</style>");
    let text = cut(&text, "<svg class=\"shapes\"", "<a class=\"skip\"");
    let source = averment_publish::style_source(averment_publish::style());
    text.replace(&source, "'sha256-…'")
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(example_site(), example_site());
}
