use proptest::prelude::*;

use super::*;

/// One sentence of the case file with what stands around it.
#[derive(Default)]
struct Sentence {
    organisation: Option<String>,
    topic: Option<String>,
    opening: Option<String>,
    text: String,
}

impl Sentence {
    fn read(block: &str) -> Self {
        let mut read = Self::default();
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("organisation", text)) => read.organisation = Some(text.to_owned()),
                Some(("topic", text)) => read.topic = Some(text.to_owned()),
                Some(("opening", text)) => read.opening = Some(text.to_owned()),
                _ if line.starts_with("  ") => {}
                _ => line.clone_into(&mut read.text),
            }
        }
        read
    }

    fn written(&self) -> String {
        let mut out = String::new();
        let around = [
            ("organisation", &self.organisation),
            ("topic", &self.topic),
            ("opening", &self.opening),
        ];
        for (name, text) in around {
            out.extend(text.iter().map(|text| format!("{name}: {text}\n")));
        }
        out.push_str(&self.text);
        out.push('\n');
        let context = Context {
            organisation: self.organisation.as_deref().unwrap_or("Lantern"),
            topic: self.topic.as_deref(),
            opening: self.opening.as_deref(),
        };
        let understood = read(&self.text, &context);
        if understood.is_empty() {
            out.push_str("  kept\n");
        }
        for said in understood {
            let json = serde_json::to_string(&said.kind).expect("a claim is written as JSON");
            out.push_str(&format!("  {}: {json}\n", said.rule));
        }
        out
    }
}

/// Each block of a case file is a sentence, published by Lantern if not said otherwise, with what stands around it, and indented, what it says.
#[test]
fn sentences_say_what_their_case_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/statement");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    names.sort();
    for path in names {
        let text = std::fs::read_to_string(&path).expect("a case can be read");
        let blocks = text.split("\n\n").map(str::trim_end).filter(|block| !block.is_empty());
        let found: Vec<String> = blocks
            .map(|block| match block.starts_with('#') {
                true => format!("{block}\n"),
                false => Sentence::read(block).written(),
            })
            .collect();
        let found = found.join("\n");
        if std::env::var_os("REWRITE_CASES").is_some() {
            std::fs::write(&path, found).expect("a case can be written");
        } else {
            assert!(
                text == found,
                "{} says otherwise: rewrite it and read the diff\n{found}",
                path.display()
            );
        }
    }
}

#[test]
fn a_text_that_is_longer_than_a_sentence_is_kept_and_costs_no_more_than_its_length() {
    let context = Context {
        organisation: "Lantern",
        topic: Some("Who can see student data?"),
        opening: None,
    };
    for piece in [
        "we never share names and ",
        "stored in the US, ",
        "unless (",
        "No, ",
        "and ",
        "a",
        "90 days ",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        assert_eq!(read(&text, &context), []);
        let long = Context {
            opening: Some(&text),
            topic: Some(&text),
            ..context
        };
        assert_eq!(read("names of students", &long), []);
    }
}

/// What sentences about data are made of.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "we collect",
        "is stored in",
        "Ireland",
        "not",
        "never",
        "unless",
        "if",
        "students",
        "teachers",
        "email address",
        "and",
        "but",
        ";",
        "can see",
        "visible to",
        "for 90 days",
        "until the account is deleted",
        "deleted",
        "Yes,",
        "No.",
        "without consent",
        "we do not share",
        "with third parties",
        "passwords",
        "hashed",
        "outside of the EU",
        "weekly",
        "backups",
        "ISO 27001 certified",
        "GDPR",
        "complies with",
        "(",
        ")",
        ",",
    ];
    prop_oneof![
        3 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ]
}

fn prose() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..30).prop_map(|words| words.join(" "))
}

/// What a sentence may promise or allow.
const PERMISSIONS: [&str; 12] = [
    "all data is encrypted at rest",
    "Lantern complies with GDPR",
    "Lantern is ISO 27001 certified",
    "teachers can see email addresses",
    "user content is visible to anyone with the link",
    "data is stored in Ireland",
    "we collect email addresses",
    "backups are made weekly",
    "data is kept for 90 days",
    "data is erased when the account is deleted",
    "passwords are stored as bcrypt hashes",
    "we act as a processor",
];

/// What takes it back.
const DENIALS: [&str; 6] = [
    "It is not so that",
    "Never say that",
    "Nobody says that",
    "We cannot say that",
    "It isn't true that",
    "None of us believes that",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sentence_that_denies_makes_no_permission(said in prop::sample::select(PERMISSIONS.to_vec()), denial in prop::sample::select(DENIALS.to_vec())) {
        let context = Context { organisation: "Lantern", ..Context::default() };
        let affirmed = read(&format!("{said}."), &context);
        prop_assert!(!affirmed.is_empty(), "{}", said);
        let denied = read(&format!("{denial} {said}."), &context);
        prop_assert!(!denied.iter().any(|one| affirmed.iter().any(|other| one.kind == other.kind)), "{} {}: {:?}", denial, said, denied);
    }

    #[test]
    fn reading_never_panics_and_is_deterministic(text in prose(), topic in prop::option::of(prose()), opening in prop::option::of(prose()), organisation in "[A-Z][a-z]{0,8}( Inc)?|") {
        let context = Context { organisation: &organisation, topic: topic.as_deref(), opening: opening.as_deref() };
        prop_assert_eq!(read(&text, &context), read(&text, &context));
    }
}
