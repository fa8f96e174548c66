use std::collections::BTreeSet;

use averment_catalog::catalog;

use super::*;

fn guessed(identifier: &str) -> Option<(String, Confidence)> {
    element_of(identifier).map(|guess| (guess.element.to_string(), guess.confidence))
}

#[test]
fn identifiers_are_split_in_any_case() {
    for (identifier, words) in [
        ("parentEmail", "parent email"),
        ("PARENT_EMAIL", "parent email"),
        ("user-agent", "user agent"),
        ("HTTPServerURL", "http server url"),
        ("user.firstName", "user first name"),
        ("__dob__", "dob"),
        ("", ""),
    ] {
        assert_eq!(split(identifier).join(" "), words, "{identifier}");
    }
}

#[test]
fn the_whole_name_counts_most_and_the_last_words_less() {
    use Confidence::{Certain, Likely, Possible};
    for (identifier, element, confidence) in [
        ("email", "contact.email", Certain),
        ("userEmail", "contact.email", Certain),
        ("billing_email", "contact.email", Likely),
        ("parent_email", "guardian.email", Certain),
        ("student.parentEmail", "guardian.email", Certain),
        ("FIRST_NAME", "identity.name.first", Certain),
        ("user.name", "account.username", Likely),
        ("name", "identity.name.full", Possible),
        ("dob", "demographic.date_of_birth", Certain),
        ("currentSignInIp", "tech.ip_address", Certain),
        ("school_id", "edu.school", Likely),
        ("grade", "edu.grade_level", Possible),
        ("user_id", "account.id", Likely),
        ("locale", "tech.locale", Likely),
    ] {
        assert_eq!(
            guessed(identifier),
            Some((element.to_owned(), confidence)),
            "{identifier}"
        );
    }
}

#[test]
fn names_that_only_hold_such_a_word_mean_nothing() {
    for identifier in [
        "email_template_id",
        "file_name",
        "className",
        "is_email_enabled",
        "upgrade",
        "description",
        "zip_file",
        "message",
        "recipe",
        &"email_".repeat(1000),
    ] {
        assert_eq!(guessed(identifier), None, "{identifier}");
    }
}

#[test]
fn subjects_are_read_where_they_are_named() {
    assert_eq!(
        subject_of("studentEmail").map(|id| id.to_string()).as_deref(),
        Some("student")
    );
    assert_eq!(
        subject_of("parent.phone").map(|id| id.to_string()).as_deref(),
        Some("guardian")
    );
    assert_eq!(subject_of("email"), None);
}

#[test]
fn every_row_names_an_element_and_no_name_stands_twice() {
    let file: File = toml::from_str(include_str!("../../data/names.toml")).unwrap();
    let (mut whole, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for row in &file.name {
        assert!(catalog().element(&row.element).is_some(), "{}", row.element);
        for words in &row.whole {
            assert!(whole.insert(words.clone()), "`{words}` stands twice in `whole`");
            assert_eq!(&split(words).join(" "), words);
        }
        for words in &row.ends {
            assert!(ends.insert(words.clone()), "`{words}` stands twice in `ends`");
            assert_eq!(&split(words).join(" "), words);
        }
    }
    for subject in file.subjects.values() {
        assert!(catalog().subject(subject).is_some(), "{subject}");
    }
}
