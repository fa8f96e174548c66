//! A later page into a register that was edited.

use super::{ChangeKind, LOCK, reimport};
use crate::import::import_all;
use crate::source::Source;

const PAGE: &str = "Provider | Reason | Information |\n---|---|---|\nLark Mail | To send e-mail. | The email address of teachers. |\nWren Maps | To show maps. | The city. |\n";

fn first() -> Source {
    import_all(&[("list.md", PAGE)]).unwrap().source
}

fn kinds(source: &Source, page: &str) -> Vec<(String, String, ChangeKind)> {
    let again = reimport(source, &[("list.md", page)]).unwrap();
    again
        .changes
        .into_iter()
        .map(|change| (change.file, change.place, change.kind))
        .collect()
}

fn with(source: &Source, name: &str, from: &str, to: &str) -> Source {
    let mut edited = source.clone();
    let text = source.get(name).unwrap();
    assert!(text.contains(from), "{text}");
    edited.insert(name, text.replace(from, to));
    edited
}

const LARK: &str = "recipients/lark-mail.toml";

#[test]
fn the_same_page_changes_nothing_whatever_was_edited() {
    let edited = with(&first(), LARK, "role = \"processor\"", "role = \"subprocessor\"");
    for source in [first(), edited] {
        let again = reimport(&source, &[("list.md", PAGE)]).unwrap();
        assert_eq!(again.source, source);
        assert_eq!(again.changes, []);
    }
}

#[test]
fn a_line_above_moves_what_follows_and_changes_nothing_else() {
    let page = format!("# Who helps us\n\n{PAGE}");
    let again = kinds(&first(), &page);
    assert_eq!(
        again,
        [("organisation.toml".into(), "documents".into(), ChangeKind::Changed)]
    );
}

#[test]
fn what_was_edited_stays_and_what_the_page_changed_is_taken() {
    let edited = with(
        &first(),
        LARK,
        "role = \"processor\" # not said in the document: check",
        "role = \"subprocessor\" # asked them",
    );
    let page = PAGE.replace("To send e-mail.", "To send letters.");
    let again = reimport(&edited, &[("list.md", &page)]).unwrap();
    let text = again.source.get(LARK).unwrap();
    assert!(text.contains("purpose = \"To send letters.\""), "{text}");
    assert!(text.contains("role = \"subprocessor\" # asked them"), "{text}");
    assert!(
        again
            .changes
            .iter()
            .any(|change| change.place == "purpose" && change.kind == ChangeKind::Changed)
    );
    assert!(!again.changes.iter().any(|change| change.kind == ChangeKind::Conflict));
}

#[test]
fn both_changed_is_a_conflict_that_keeps_the_hand_and_lists_the_page() {
    let edited = with(&first(), LARK, "purpose = \"To send e-mail.\"", "purpose = \"Mail\"");
    let page = PAGE.replace("To send e-mail.", "To send letters.");
    let again = reimport(&edited, &[("list.md", &page)]).unwrap();
    assert!(again.source.get(LARK).unwrap().contains("purpose = \"Mail\""));
    let conflict = again
        .changes
        .iter()
        .find(|change| change.kind == ChangeKind::Conflict)
        .unwrap();
    assert_eq!(
        (conflict.place.as_str(), conflict.page.as_deref()),
        ("purpose", Some("\"To send letters.\""))
    );
}

#[test]
fn who_vanished_is_told_every_time_and_stays() {
    let page = PAGE.replace("Wren Maps | To show maps. | The city. |\n", "");
    let vanished = (
        "recipients/wren-maps.toml".to_owned(),
        String::new(),
        ChangeKind::Vanished,
    );
    let once = reimport(&first(), &[("list.md", &page)]).unwrap();
    assert!(once.source.get("recipients/wren-maps.toml").is_some());
    assert_eq!(kinds(&first(), &page), std::slice::from_ref(&vanished));
    assert_eq!(kinds(&once.source, &page), [vanished]);
}

#[test]
fn claims_added_by_hand_stay_and_new_ones_come_behind_them() {
    let mut edited = first();
    let hand = format!(
        "{}\n[[claims]]\nkind = \"statement\"\nsentence = \"Ours.\"\n",
        edited.get(LARK).unwrap()
    );
    edited.insert(LARK, hand);
    let page = PAGE.replace("of teachers. |", "of teachers. Nothing like it elsewhere. |");
    let again = reimport(&edited, &[("list.md", &page)]).unwrap();
    let text = again.source.get(LARK).unwrap();
    let (ours, new) = (
        text.find("\"Ours.\"").unwrap(),
        text.find("\"Nothing like it elsewhere.\"").unwrap(),
    );
    assert!(ours < new, "{text}");
    assert!(crate::compile(&again.source).charter.is_some(), "{text}");
}

#[test]
fn the_lock_is_no_part_of_the_register() {
    let source = first();
    assert!(source.get(LOCK).is_some());
    assert_eq!(
        crate::compile(&source)
            .diagnostics
            .iter()
            .filter(|finding| finding.code == "stray-file")
            .count(),
        0
    );
}

#[test]
fn a_conflict_is_told_until_register_and_page_agree() {
    let edited = with(&first(), LARK, "purpose = \"To send e-mail.\"", "purpose = \"Mail\"");
    let page = PAGE.replace("To send e-mail.", "To send letters.");
    let expected = vec![(LARK.to_owned(), "purpose".to_owned(), ChangeKind::Conflict)];
    let once = reimport(&edited, &[("list.md", &page)]).unwrap().source;
    let twice = reimport(&once, &[("list.md", &page)]).unwrap().source;
    assert_eq!(twice, once);
    assert_eq!(kinds(&twice, &page), expected);
    let agreed = with(&twice, LARK, "purpose = \"Mail\"", "purpose = \"To send letters.\"");
    assert_eq!(kinds(&agreed, &page), []);
}

#[test]
fn a_deleted_file_that_the_page_changed_is_told_every_time() {
    let mut deleted = Source::default();
    let all = first();
    all.files()
        .filter(|(name, _)| *name != LARK)
        .for_each(|(name, text)| deleted.insert(name, text));
    let page = PAGE.replace("To send e-mail.", "To send letters.");
    let once = reimport(&deleted, &[("list.md", &page)]).unwrap().source;
    assert_eq!(
        kinds(&once, &page),
        [(LARK.to_owned(), String::new(), ChangeKind::Conflict)]
    );
}

#[test]
fn some_of_the_pages_leave_the_documents_of_the_others() {
    let other = "# Answers\n\nWe use Wren Logs for error tracking. We never sell data.\n";
    let both = import_all(&[("list.md", PAGE), ("faq.md", other)]).unwrap().source;
    for given in [("faq.md", other), ("list.md", PAGE)] {
        let again = reimport(&both, &[given]).unwrap();
        assert!(crate::compile(&again.source).charter.is_some());
        assert_eq!(again.source.get("organisation.toml"), both.get("organisation.toml"));
        let gone = again
            .changes
            .iter()
            .filter(|change| change.place.starts_with("document "));
        assert_eq!(gone.count(), 1);
    }
}

#[test]
fn rows_lists_and_fields_with_a_comment_by_hand_stay() {
    let page = PAGE.replace("The email address of teachers.", "The city of students.");
    let row = with(
        &first(),
        LARK,
        "[[discloses]]\n",
        "[[discloses]]\n# agreed with them on the phone\n",
    );
    let again = reimport(&row, &[("list.md", &page)]).unwrap();
    let text = again.source.get(LARK).unwrap();
    assert!(text.contains("# agreed with them on the phone"), "{text}");
    let conflict = (LARK.to_owned(), "discloses".to_owned(), ChangeKind::Conflict);
    assert!(kinds(&row, &page).contains(&conflict));
    assert!(kinds(&again.source, &page).contains(&conflict), "told once");

    let text = first();
    let line = text
        .get(LARK)
        .unwrap()
        .lines()
        .find(|line| line.starts_with("purposes = ["))
        .unwrap();
    let several = line.replace(']', ", # why this one\n]");
    let list = with(&first(), LARK, line, &several);
    let page = PAGE.replace("To send e-mail.", "To show maps.");
    let again = reimport(&list, &[("list.md", &page)]).unwrap();
    assert!(again.source.get(LARK).unwrap().contains("# why this one"));
}

#[test]
fn a_claim_with_a_comment_by_hand_stays_when_the_page_drops_it() {
    let page = PAGE.replace("of teachers. |", "of teachers. Nothing like it elsewhere. |");
    let source = import_all(&[("list.md", &page)]).unwrap().source;
    let commented = with(
        &source,
        LARK,
        "sentence = \"Nothing like it elsewhere.\"",
        "# ask them\nsentence = \"Nothing like it elsewhere.\"",
    );
    let again = reimport(&commented, &[("list.md", PAGE)]).unwrap();
    assert!(again.source.get(LARK).unwrap().contains("# ask them"));
    let told = |source: &Source| {
        kinds(source, PAGE)
            .iter()
            .any(|(_, _, kind)| *kind == ChangeKind::Conflict)
    };
    assert!(told(&commented) && told(&again.source));
}
