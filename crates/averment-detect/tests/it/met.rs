//! Words that were met before are not looked at again; what is found stays the same.

use std::collections::HashSet;

use averment_catalog::SubjectId;
use averment_detect::normalise::IdentifierKind;
use averment_detect::{
    Directory, DirectoryKey, DirectoryRow, Form, Inspection, Limits, Message, PersonNumber, inspect,
};
use proptest::prelude::*;

use crate::people::KEY;

/// User names of three people, then words that nobody has.
const WORDS: [&str; 8] = [
    "quietowl",
    "starfox",
    "oakley",
    "subject",
    "Level Started",
    "lesson",
    "ip",
    "password",
];
const KNOWN: usize = 3;

fn rows(words: &[&str]) -> Vec<DirectoryRow> {
    let key = DirectoryKey::new(KEY);
    let row = |(person, word): (u32, &&str)| DirectoryRow {
        digest: key.digest(Form::Word, word),
        element: IdentifierKind::Username.element(),
        person: PersonNumber(person),
    };
    (0..).zip(words).map(row).collect()
}

fn people(count: usize) -> Vec<(PersonNumber, SubjectId)> {
    let student = SubjectId::new("student").unwrap();
    (0..count as u32)
        .map(|number| (PersonNumber(number), student.clone()))
        .collect()
}

fn directory() -> Directory {
    Directory::new(DirectoryKey::new(KEY), rows(&WORDS[..KNOWN]), people(KNOWN))
}

fn look(directory: &Directory, limits: &Limits, header: (&str, &str), body: &str) -> Inspection {
    let headers = [
        ("content-type", b"application/json".as_slice()),
        (header.0, header.1.as_bytes()),
    ];
    let message = Message {
        authority: "sink.example",
        target: "/v1/x",
        headers: &headers,
        body: body.as_bytes(),
    };
    inspect(&message, directory, limits)
}

#[test]
fn somebody_new_is_found_under_a_word_that_was_met() {
    let before = Directory::new(DirectoryKey::new(KEY), rows(&[]), people(1));
    let body = r#"{"note":"quietowl","quietowl":["quietowl"]}"#;
    for _ in 0..2 {
        assert_eq!(
            look(&before, &Limits::default(), ("x-tag", "quietowl"), body)
                .findings
                .len(),
            0
        );
    }
    let after = before.with_changes(HashSet::from([PersonNumber(0)]), rows(&WORDS[..1]), people(1));
    for _ in 0..2 {
        assert_eq!(
            look(&after, &Limits::default(), ("x-tag", "quietowl"), body)
                .findings
                .len(),
            4
        );
    }
}

#[test]
fn what_a_full_list_of_findings_leaves_out_is_not_met() {
    let directory = directory();
    let few = Limits {
        parts_max: 1,
        ..Limits::default()
    };
    let body = r#"["quietowl","starfox","oakley"]"#;
    assert_eq!(look(&directory, &few, ("x-tag", "oakley"), body).findings.len(), 1);
    assert_eq!(
        look(&directory, &Limits::default(), ("x-tag", "oakley"), body)
            .findings
            .len(),
        4
    );
}

#[test]
fn what_the_name_of_a_field_says_counts_after_the_word_was_met() {
    let directory = directory();
    let body = |name: &str| format!(r#"{{"{name}":"correcthorse"}}"#);
    for _ in 0..2 {
        assert_eq!(
            look(&directory, &Limits::default(), ("x-tag", "a"), &body("note"))
                .findings
                .len(),
            0
        );
        assert_eq!(
            look(&directory, &Limits::default(), ("x-tag", "a"), &body("password"))
                .findings
                .len(),
            1
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_was_looked_at_before_changes_nothing(
        messages in proptest::collection::vec((0..WORDS.len(), 0..WORDS.len(), proptest::collection::vec((0..WORDS.len(), 0..WORDS.len()), 0..6)), 1..12),
    ) {
        let used = directory();
        for (name, value, pairs) in messages {
            let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{{\"{}\":\"{}\"}}", WORDS[*name], WORDS[*value])).collect();
            let body = format!("[{}]", pairs.join(","));
            let name = WORDS[name].replace(' ', "-").to_ascii_lowercase();
            let header = (name.as_str(), WORDS[value]);
            let seen = look(&used, &Limits::default(), header, &body);
            let anew = look(&directory(), &Limits::default(), header, &body);
            prop_assert_eq!(&seen.findings, &anew.findings);
            prop_assert_eq!(&seen.unreadable, &anew.unreadable);
            prop_assert_eq!(seen.bytes_read, anew.bytes_read);
        }
    }
}
