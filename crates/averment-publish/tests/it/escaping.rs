//! A text of a register is text in every form, whatever it holds.

use std::collections::BTreeMap;

use averment_publish::{Previous, Site};
use proptest::prelude::*;

use crate::example::{hostile, meta, of_texts};
use crate::html::without_register;

fn site_of(text: &str) -> BTreeMap<String, String> {
    let (charter, graded) = of_texts(&inside_toml(text));
    // Told from a register of other texts, so that the changes hold them too.
    let (before, _) = of_texts("before");
    let files = Site::new(&charter, &graded, &meta(), Some(&Previous::of_register(&before))).files();
    files
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
        .collect()
}

/// `text` as the inside of a TOML string in quotes.
fn inside_toml(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '"' | '\\' => format!("\\{letter}"),
            letter if letter.is_control() => format!("\\U{:08X}", u32::from(letter)),
            letter => letter.to_string(),
        })
        .collect()
}

/// The tags of a page and the names of their attributes: what a browser would build.
fn skeleton(html: &str) -> Vec<String> {
    let html = without_register(html);
    let body = html.split("</style>").last().unwrap();
    let tags = body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap());
    let names = tags.map(|tag| {
        let quoted = tag.split('"').step_by(2);
        quoted.collect::<Vec<_>>().join("\"")
    });
    names.filter(|tag| !tag.contains("!doctype")).collect()
}

#[test]
fn the_text_of_a_register_is_never_markup() {
    let (charter, graded) = hostile();
    let (before, _) = of_texts("before");
    for (path, bytes) in Site::new(&charter, &graded, &meta(), Some(&Previous::of_register(&before))).files() {
        let text = String::from_utf8(bytes).unwrap();
        if path.ends_with(".html") || path.ends_with(".atom") {
            let text = without_register(&text);
            let body = text.split("</style>").last().unwrap();
            for forbidden in ["<script", "</style> ", "javascript:", " onmouseover=\"", " 49 "] {
                assert!(!body.contains(forbidden), "{path}: {forbidden}");
            }
            assert!(text.contains("&lt;script&gt;"), "{path}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// The pages of a register full of any text have the same tags as those of one full of a plain word.
    /// No text is a language or an address: those are meant to make a difference.
    #[test]
    fn any_text_leaves_the_markup_as_it_is(text in r#"[a-z]{9} ([ -~\u{a0}-\u{2ff}<>&"'{}%#\n\t]){0,40}[a-z]"#) {
        let (plain, other) = (site_of("word"), site_of(&text));
        for (path, html) in plain.iter().filter(|(path, _)| path.ends_with(".html")) {
            prop_assert_eq!(skeleton(html), skeleton(&other[path]), "{}", path);
        }
        prop_assert_eq!(plain["feed.atom"].matches('<').count(), other["feed.atom"].matches('<').count());
        prop_assert_eq!(lines(&plain, ".well-known/averment.txt"), lines(&other, ".well-known/averment.txt"));
        prop_assert_eq!(lines(&plain, "content-security-policy.txt"), 1);
        prop_assert_eq!(records(&plain["claims.csv"]), records(&other["claims.csv"]));
        for name in ["page.json", "register.json", "charter.json", "changes.json", ".well-known/averment.json"] {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&other[name]).is_ok());
        }
        prop_assert_eq!(markdown_blocks(&plain["register.md"]), markdown_blocks(&other["register.md"]));
    }
}

fn lines(site: &BTreeMap<String, String>, name: &str) -> usize {
    site[name].lines().count()
}

fn records(csv: &str) -> Vec<usize> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|record| record.unwrap().len()).collect()
}

/// How each line of a Markdown document begins, and how many stars are not escaped.
fn markdown_blocks(text: &str) -> Vec<(String, usize)> {
    let opening = |line: &str| {
        line.chars()
            .take_while(|letter| !letter.is_alphanumeric())
            .collect::<String>()
    };
    let bare = |line: &str| line.replace("\\*", "").matches('*').count();
    // Behind the fence stands the register itself, as JSON.
    let text = text.split("\n```").next().unwrap();
    let lines = text.lines().filter(|line| !line.contains("In plain words"));
    lines
        .map(|line| (opening(line).replace('\\', ""), bare(line)))
        .collect()
}
