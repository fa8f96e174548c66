//! What holds for all text: nothing panics, nothing is lost, and layout does not change a charter.

use averment_register::{Severity, Source, check, compile, import};
use proptest::prelude::*;

/// Words that documents are made of, so that arbitrary text is not only refused.
fn prose() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("No Student Records.".to_owned()),
        Just("email address".to_owned()),
        Just("students'".to_owned()),
        Just("(e.g.,".to_owned()),
        Just("etc.).".to_owned()),
        Just("does not store the phone number;".to_owned()),
        Just("may include".to_owned()),
        Just("Or when we".to_owned()),
        Just("stored as one-way hashes".to_owned()),
        Just("may incidentally contain personal information".to_owned()),
        Just("Lantern.org".to_owned()),
        Just("“quoted” \\ \"text\"".to_owned()),
        "[A-Za-z]{1,12}[.,;:!?]?",
        "\\PC{0,6}",
        any::<char>().prop_map(|letter| letter.to_string()),
    ];
    prop::collection::vec(word, 0..25).prop_map(|words| words.join(" "))
}

/// Words that turn a sentence round, as people write them.
fn negator() -> impl Strategy<Value = String> {
    let words = [
        "no",
        "No",
        "not",
        "never",
        "Never",
        "none of",
        "neither",
        "nor",
        "without",
        "does not",
        "cannot",
        "don't",
        "doesn’t",
        "nothing like",
        "except",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

/// What sentences about data are made of: elements, people, verbs, conditions, and the joints between clauses.
fn spoken_word() -> impl Strategy<Value = String> {
    let words = [
        "names",
        "email addresses",
        "students'",
        "pupil names",
        "of teachers",
        "phone number",
        "passwords",
        "photos",
        "and",
        "or",
        "we share",
        "is sent",
        "personal data",
        "all user personal data",
        "is shared",
        "may contain",
        "; grades",
        ", but",
        "the user's age",
        "if a user chooses",
        "entered directly by the user",
        "users provide information directly to ZenDesk",
        "IP address,",
        "Student records",
        "such as",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

/// Pieces of pages of every form, in any order.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "<th colspan=3>",
        "</table>",
        "<ul>",
        "<li>",
        "</ul>",
        "<dl><dt>",
        "<dd>",
        "<h2>",
        "</h2>",
        "<p>",
        "<a href=\"https://x.example\">",
        "</a>",
        "<b>",
        "</b>",
        "<nav>",
        "</nav>",
        "<span class=badge>",
        "&amp;",
        "<!--",
        "-->",
        "**",
        "*",
        "_",
        "[a](b)",
        "[",
        "](",
        "`",
        "\n",
        "\n\n",
        "  ",
        "\t",
        "- ",
        "• ",
        "1. ",
        "# ",
        "## ",
        "> ",
        "|",
        "\n---|---\n",
        "---\n",
        "===\n",
        "+---+---+\n",
        "```\n",
        "name: ",
        "purpose: ",
        "\n- ",
        "{",
        "}",
        "]",
        "\"",
        ":",
        ",",
        ";",
        "null",
        "(",
        ")",
        "&x: ",
        "*x",
        "Stripe",
        "Lark Mail",
        "Lark, Inc.",
        "payment processing",
        "we use ",
        "Lantern uses ",
        "our subprocessors:",
        "shared: email address",
        "as of 2019-01-01 no longer used",
        "Sub-processor",
        "Purpose",
        "Location",
        "Ireland",
        "é",
        "…",
        " by ",
        ". ",
        "?",
        "\u{feff}",
        "’s ",
    ];
    prop_oneof![6 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,4}"]
}

fn document() -> impl Strategy<Value = String> {
    let row = (prose(), prose(), prose()).prop_map(|(name, why, what)| format!("{name} | {why} | {what} |"));
    let line = prop_oneof![3 => row, 1 => prose()];
    prop::collection::vec(line, 0..12).prop_map(|lines| {
        format!(
            "Service provider | Purpose | Information |\n---|---|---|\n{}\n",
            lines.join("\n")
        )
    })
}

/// Register files with pieces that fit and pieces that do not.
fn toml() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("recipient = \"twilio\"".to_owned()),
        Just("purpose = \"To send.\"".to_owned()),
        Just("information = \"A number.\"".to_owned()),
        Just("planes = [\"gateway\"]".to_owned()),
        Just("role = \"processor\"".to_owned()),
        Just("student_records = \"none\"".to_owned()),
        Just("[[discloses]]".to_owned()),
        Just("elements = [\"contact.phone\"]".to_owned()),
        Just("subjects = [\"teacher\"]".to_owned()),
        Just("[[claims]]".to_owned()),
        Just("kind = \"stored_as\"".to_owned()),
        Just("sentence = \"x\"".to_owned()),
        Just("said = { document = \"l.txt\", line = 1 }".to_owned()),
        "[a-z_]{1,12} = (\"[a-z.]{0,8}\"|[0-9-]{1,20}|\\[\\]|\\[1, \"x\"\\]|\\{\\}|true|1979-05-27|\\{ a = 1 \\})",
        "\\PC{0,30}",
    ];
    prop::collection::vec(line, 0..20).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn import_never_panics_and_loses_no_sentence(text in document()) {
        if let Ok(imported) = import("list.txt", &text) {
            let report = &imported.report;
            prop_assert_eq!(report.typed() + report.kept().count(), report.sentences.len());
            prop_assert!(report.render().lines().all(|line| line.chars().count() <= 80));
            let compiled = compile(&imported.source);
            let unreadable = compiled.diagnostics.iter().find(|finding| {
                finding.severity == Severity::Error && finding.code != "row-contradicts-claim"
            });
            prop_assert!(unreadable.is_none(), "{}", unreadable.map(|finding| finding.render("")).unwrap_or_default());
            prop_assert_eq!(&import("list.txt", &text).unwrap(), &imported);
        }
    }

    #[test]
    fn a_sentence_that_negates_lets_nothing_leave(words in prop::collection::vec(spoken_word(), 0..8), negator in negator(), at in 0..8_usize) {
        let mut words: Vec<String> = words;
        words.insert(at.min(words.len()), negator);
        let text = format!("Provider | Purpose | Information |\n---|---|---|\nTwilio | To send. | {}. |\n", words.join(" "));
        let imported = import("list.txt", &text).unwrap();
        prop_assert_eq!(imported.report.discloses(), 0, "{}", text);
        let sentence = |sentence: &averment_register::SentenceReport| sentence.recipient.is_some() && sentence.sentence != "To send.";
        // "No student records" is a claim of its own; everything else is kept for a person to read.
        let claimed = imported.report.claims("never_shares") > 0;
        prop_assert!(claimed || imported.report.kept().any(sentence), "{}", text);
    }

    #[test]
    fn import_never_panics_on_any_text(name in ".*", text in "(.|\n|\\|){0,200}") {
        _ = import(&name, &text);
    }

    #[test]
    fn import_never_panics_on_any_form(ending in prop::sample::select(vec!["md", "txt", "html", "json", "yml", "csv", "tsv", "rst"]), pieces in prop::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        if let Ok(imported) = import(&format!("subprocessors.{ending}"), &text) {
            let report = &imported.report;
            prop_assert_eq!(report.typed() + report.kept().count(), report.sentences.len());
            // What is written can always be read back, whatever the page held.
            let contradicts = |finding: &averment_register::Diagnostic| finding.code == "row-contradicts-claim";
            let mut found = compile(&imported.source).diagnostics.into_iter();
            let broken = found.find(|finding| finding.severity == Severity::Error && !contradicts(finding));
            prop_assert!(broken.is_none(), "{:?} {}", broken, text);
            prop_assert_eq!(import(&format!("subprocessors.{ending}"), &text).unwrap(), imported);
        }
    }

    #[test]
    fn compile_never_panics(organisation in toml(), recipient in toml(), claims in toml()) {
        let mut source = Source::default();
        source.insert("organisation.toml", organisation);
        source.insert("recipients/twilio.toml", recipient);
        source.insert("claims/list.toml", claims);
        prop_assert_eq!(compile(&source).charter.is_some(), compile(&source).count(Severity::Error) == 0);
        let compiled = check(&source, jiff::civil::date(2026, 11, 22));
        for finding in &compiled.diagnostics {
            _ = finding.render("register");
        }
    }

    #[test]
    fn the_digest_does_not_see_layout(order in Just(LINES.to_vec()).prop_shuffle(), comment in "[ -~]{0,40}", blank in 0..4_usize) {
        let layout = |lines: &[&str]| format!("# {comment}\n{}{}\n{ROWS}", "\n".repeat(blank), lines.join("  # why\n"));
        let digest = |text: String| {
            let mut source = Source::default();
            source.insert("organisation.toml", "organisation = \"Lantern\"");
            source.insert("recipients/twilio.toml", text);
            compile(&source).charter.map(|charter| charter.digest())
        };
        let plain = digest(format!("{}\n{ROWS}", LINES.join("\n")));
        prop_assert!(plain.is_some());
        prop_assert_eq!(digest(layout(&order)), plain);
        let other = digest(format!("{}\n{ROWS}", LINES.join("\n").replace("A number", "Two numbers")));
        prop_assert_ne!(other, plain);
    }
}

const LINES: [&str; 8] = [
    "recipient = \"twilio\"",
    "purpose = \"To send.\"",
    "purposes = [ \"service.notify_sms\" ]",
    "information = \"A number.\"",
    "planes = [\"gateway\", \"vendor_form\"]",
    "role = \"processor\"",
    "student_records = \"possible\"",
    "mode = \"enforce\"",
];

const ROWS: &str = "[[discloses]]\nelements = [\"contact.phone\"]\nsubjects = [\"student\"]\n";
