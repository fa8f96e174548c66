//! What is fuzzed: one function for each language, over any text. Each reads it twice; a panic, an abort of a grammar's scanner, a
//! span that is not in the text, or a second look that sees something else is a fault.
//!
//! `AVERMENT_FUZZ_CRATE=averment-syntax scripts/fuzz.sh` runs them under libFuzzer; the cases are the seeds.

use averment_syntax::{Language, Span, facts};

/// A target.
pub(crate) type Target = fn(&[u8]);

/// Name and function of every target.
pub(crate) const TARGETS: [(&str, Target); 16] = [
    ("javascript", |data| read(Language::JavaScript, data)),
    ("typescript", |data| read(Language::TypeScript, data)),
    ("tsx", |data| read(Language::Tsx, data)),
    ("python", |data| read(Language::Python, data)),
    ("ruby", |data| read(Language::Ruby, data)),
    ("erb", |data| read(Language::Erb, data)),
    ("haml", |data| read(Language::Haml, data)),
    ("slim", |data| read(Language::Slim, data)),
    ("pug", |data| read(Language::Pug, data)),
    ("go", |data| read(Language::Go, data)),
    ("java", |data| read(Language::Java, data)),
    ("kotlin", |data| read(Language::Kotlin, data)),
    ("php", |data| read(Language::Php, data)),
    ("rust", |data| read(Language::Rust, data)),
    ("html", |data| read(Language::Html, data)),
    ("yaml", |data| read(Language::Yaml, data)),
];

fn read(language: Language, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let found = facts(language, &text);
    let inside = |span: &Span| assert!(text.get(span.clone()).is_some(), "a span is not in the text");
    found.imports.iter().for_each(|import| inside(&import.span));
    found.calls.iter().for_each(|call| inside(&call.span));
    found.calls.iter().flat_map(|call| &call.arguments).for_each(|argument| inside(&argument.span));
    found.definitions.iter().for_each(|definition| inside(&definition.span));
    found.texts.iter().for_each(|text| inside(&text.span));
    found.tags.iter().for_each(|tag| inside(&tag.span));
    found.keys.iter().for_each(|key| inside(&key.span));
    assert_eq!(found, facts(language, &text), "a second look sees something else");
}
