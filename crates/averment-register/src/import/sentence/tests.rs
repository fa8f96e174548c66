use proptest::prelude::*;

use super::*;

#[test]
fn a_full_stop_inside_a_sentence_does_not_end_it() {
    let cases: [(&str, &[&str]); 11] = [
        (
            "Never shared: names. Addresses. We share ages.",
            &["Never shared: names. Addresses.", "We share ages."],
        ),
        (
            "We do not share the following. Names. Ages.",
            &["We do not share the following. Names. Ages."],
        ),
        ("Shared: names. Addresses.", &["Shared: names.", "Addresses."]),
        ("One. Two.", &["One.", "Two."]),
        (
            "Clicks (e.g. on links, etc.). No more.",
            &["Clicks (e.g. on links, etc.).", "No more."],
        ),
        ("Names, etc. Some more.", &["Names, etc.", "Some more."]),
        ("Names, etc.. Some more", &["Names, etc..", "Some more"]),
        (
            "Linked to bill.com. By Bill.com Inc. It is.",
            &["Linked to bill.com.", "By Bill.com Inc. It is."],
        ),
        (
            "It asks (like this. Or this). Then ends.",
            &["It asks (like this. Or this).", "Then ends."],
        ),
        (
            "An open bracket ( here. Next one.",
            &["An open bracket ( here.", "Next one."],
        ),
        (
            "Ends so: 1.5 million! Really? “Yes.” Fine.",
            &["Ends so: 1.5 million!", "Really?", "“Yes.” Fine."],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(sentences(text), expected);
    }
}

#[test]
fn clauses_part_at_semicolons_and_before_but() {
    assert_eq!(
        clauses("We keep it; they do not, but nobody asks."),
        ["We keep it", "they do not", "nobody asks."]
    );
}

#[test]
fn a_text_without_spaces_or_with_many_stops_takes_no_longer_than_its_length() {
    for piece in ["x.\n", "a.", ". ", "(", "not: a. "] {
        let text = piece.repeat(200_000 / piece.len());
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        assert_eq!(sentences(&text).into_iter().map(letters).sum::<usize>(), letters(&text));
    }
}

proptest! {
    #[test]
    fn no_letter_of_a_text_is_lost(text in "([A-Za-z(). !?“”’\n]|\\PC){0,80}") {
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(sentences(&text).into_iter().map(letters).collect::<String>(), letters(&text));
    }
}
