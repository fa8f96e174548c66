use super::Signs;

#[test]
fn signs_are_those_of_all_bytes() {
    let signs = Signs::of("a%3d é".as_bytes());
    assert_eq!(signs, Signs::PERCENT.or(Signs::DIGIT).or(Signs::SPACE).or(Signs::HIGH));
    assert!(signs.all(Signs::PERCENT.or(Signs::HIGH)));
    assert!(!signs.all(Signs::PERCENT.or(Signs::AT)));
    assert!(signs.any(Signs::PERCENT.or(Signs::AT)));
    assert!(!signs.any(Signs::AT.or(Signs::EQUALS)));
    assert_eq!(Signs::of(b"abc"), Signs::NONE);
}

#[test]
fn a_long_word_is_eight_characters_together() {
    for (text, is_long) in [
        ("seven77", false),
        ("eight_88", true),
        ("four four four", false),
        ("a (eight88)", true),
        ("ééééééééé", false),
    ] {
        assert_eq!(Signs::of(text.as_bytes()).any(Signs::LONG_WORD), is_long, "{text}");
    }
}
