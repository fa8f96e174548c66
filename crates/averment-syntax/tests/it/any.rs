//! Whatever the text: reading it ends, its spans lie in it, and a second look sees the same.

use averment_syntax::{Facts, Language, PARSED_MAX, Span, facts};
use proptest::prelude::*;

use crate::cases;

/// All spans of facts.
fn spans(facts: &Facts) -> Vec<Span> {
    let mut spans: Vec<Span> = facts.imports.iter().map(|import| import.span.clone()).collect();
    spans.extend(facts.calls.iter().map(|call| call.span.clone()));
    spans.extend(
        facts
            .calls
            .iter()
            .flat_map(|call| call.arguments.iter().map(|argument| argument.span.clone())),
    );
    spans.extend(facts.definitions.iter().map(|definition| definition.span.clone()));
    spans.extend(facts.texts.iter().map(|text| text.span.clone()));
    spans.extend(facts.tags.iter().map(|tag| tag.span.clone()));
    spans.extend(facts.keys.iter().map(|key| key.span.clone()));
    spans
}

fn holds(language: Language, text: &str) {
    let found = facts(language, text);
    for span in spans(&found) {
        assert!(
            text.get(span.clone()).is_some(),
            "{language:?}: {span:?} is not in {text:?}"
        );
    }
    assert_eq!(found, facts(language, text));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,300}") {
        for (_, language) in cases::LANGUAGES {
            holds(language, &text);
        }
    }

    #[test]
    fn any_text_of_marks_is_read(text in "(<%|%>|<%=|\\{\\{|\\}\\}|\\{%|%\\}|<|>|</|\\{|\\}|\\(|\\)|\"|'|`|#|//|/\\*|\\*/|=|:|é|\u{e000}|\n| |a|if|do|end|%|<\\?php|\\?>|<script>|</script>|<<~X){0,60}") {
        for (_, language) in cases::LANGUAGES {
            holds(language, &text);
        }
    }

    #[test]
    fn mutated_sources_are_read(case in 0usize..1000, cut in any::<prop::sample::Index>(), length in 0usize..40, other in any::<prop::sample::Index>(), put in "\\PC{0,6}") {
        let all = cases::all();
        let (language, _, source) = &all[case % all.len()];
        let letters: Vec<char> = source.chars().collect();
        let (from, copied) = (cut.index(letters.len()), other.index(letters.len()));
        let to = (from + length).min(letters.len());
        let copy = &letters[copied..(copied + length).min(letters.len())];
        let text: String = letters[..from].iter().chain(copy).copied().chain(put.chars()).chain(letters[to..].iter().copied()).collect();
        holds(*language, &text);
    }
}

#[test]
fn deep_sources_are_read() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("f(", ")"),
        ("<div>", "</div>"),
        ("a.b(", ")"),
        ("if x {", "}"),
        ("- ", "\n"),
        ("!", ""),
        ("{{", "}}"),
        ("x => ", ""),
    ] {
        let text = format!("{}1{}", open.repeat(800), close.repeat(800));
        for (_, language) in cases::LANGUAGES {
            let _ = facts(language, &text);
        }
    }
}

#[test]
fn long_chains_do_not_take_the_square_of_their_length() {
    let text = format!("x{};", ".then(y)".repeat(5_000));
    let found = facts(Language::JavaScript, &text);
    assert!(found.calls.iter().all(|call| call.path.len() < 1_000));
    let text = format!("f({});", "g(a, ".repeat(1_500) + &")".repeat(1_500));
    assert!(
        facts(Language::JavaScript, &text)
            .calls
            .iter()
            .all(|call| call.arguments.len() <= 256)
    );
}

#[test]
fn what_is_too_long_is_read_as_text() {
    let text = "call(1);\n".repeat(PARSED_MAX / 9 + 1);
    let found = facts(Language::JavaScript, &text);
    assert!(found.calls.is_empty());
    assert_eq!(found.texts.len(), PARSED_MAX / 9 + 1);
}

#[test]
fn what_is_broken_is_counted_and_the_rest_is_read() {
    let found = facts(
        Language::JavaScript,
        "track('before');\nlet = = ;;; ) {\ntrack('after');\n",
    );
    assert!(found.broken > 0);
    assert!(found.texts.iter().any(|text| text.text == "before"));
    assert!(found.texts.iter().any(|text| text.text.contains("after")));
}

#[test]
fn sources_beyond_what_a_scanner_can_hold_are_read_as_text() {
    let python: String = (0..400).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    assert_eq!(facts(Language::Python, &python).broken, 1);
    let heredocs: String = (0..90).map(|number| format!("f(<<LONG_NAME_{number})\n")).collect();
    assert_eq!(facts(Language::Ruby, &heredocs).broken, 1);
    let long = format!("f(<<{})\n", "X".repeat(300));
    assert_eq!(facts(Language::Ruby, &long).broken, 1);
    let yaml = "- ".repeat(100_000);
    let _ = facts(Language::Yaml, &yaml);
}

/// How many bytes facts take, roughly.
fn weight(found: &Facts) -> usize {
    let calls = found.calls.iter().map(|call| {
        let arguments = call.arguments.iter().map(|argument| {
            let parts = argument.names.iter().chain(&argument.texts);
            argument.name.len() + parts.map(String::len).sum::<usize>()
        });
        call.path.len() + call.resolved.len() + call.within.len() + arguments.sum::<usize>()
    });
    let texts = found
        .texts
        .iter()
        .map(|text| text.text.len() + text.given_to.len() + text.argument_of.len());
    let definitions = found.definitions.iter().map(|definition| definition.name.len());
    calls.sum::<usize>() + texts.sum::<usize>() + definitions.sum::<usize>()
}

#[test]
fn a_small_file_does_not_make_large_facts() {
    let name = "n".repeat(20_000);
    let sources = [
        format!("const {name} = make();\n{}", format!("{name}.x();\n").repeat(20)),
        format!("const a = {name}();\n{}", "a.x(a);\n".repeat(1_000)),
        format!("const t = \"{name}\";\n{}", "f(t);\n".repeat(1_000)),
        format!(
            "const o = {{ {name}: [{}] }};\n{}",
            "\"x\",".repeat(2_000),
            "f(o);\n".repeat(500)
        ),
        format!("class {name} {{ m() {{ {} }} }}", "f();".repeat(1_000)),
        format!("{}{}", "class A { m() {".repeat(500), "f();".repeat(500)),
        format!("{}{}", "(() => {".repeat(500), "x.y();".repeat(500)),
        format!("const o = {{ {} }};\n{}", "k: v, ".repeat(250), "f(o);\n".repeat(1_000)),
    ];
    for (place, source) in sources.iter().enumerate() {
        let weight = weight(&facts(Language::JavaScript, source));
        assert!(
            weight < 600 * source.len(),
            "source {place}: {weight} bytes from {}",
            source.len()
        );
    }
}
