use super::*;

#[test]
fn finds_whole_words_in_any_letter_case_and_joins_what_overlaps() {
    let text = Text::of("Names, etc. AND OTHER contact information; fetched, maybe.");
    let found = text.hits(&["etc", "and other", "other contact information", "may"], |_| true);
    assert_eq!(found, ["etc", "AND OTHER contact information"]);
}

#[test]
fn a_phrase_knows_its_sentence() {
    let text = Text::of("We ask (e.g. for mail). They may only look. We store it.");
    let found = text.hits(&["may"], |hit| {
        assert_eq!(hit.word_before(), "they");
        assert_eq!(hit.next_words(2).collect::<Vec<_>>(), ["only", "look"]);
        assert!(!hit.beside("store") && !hit.beside("ask"));
        true
    });
    assert_eq!(found, ["may"]);
    let all: Vec<&str> = text.sentences().map(|(_, raw)| raw.trim()).collect();
    assert_eq!(all, ["We ask (e.g. for mail).", "They may only look.", "We store it."]);
}

#[test]
fn letters_of_any_script_are_no_trouble() {
    let text = Text::of("Schüler’s Daten – may könnten… may.");
    assert_eq!(text.hits(&["may"], |_| true).len(), 2);
    let long = "ß ".repeat(2_000) + "etc.";
    assert_eq!(Text::of(&long).first(&["etc"]), Some("etc"));
}
