use super::super::TokenKey;
use super::{LENGTHS, Met, PLACES, WordOf};

fn key() -> TokenKey {
    TokenKey::new(&[7; 16])
}

fn hash(text: &str, what: WordOf) -> Option<u64> {
    Met::hash(text.as_bytes(), what, &key())
}

#[test]
fn only_words_of_programs_are_kept() {
    for word in ["event_type", "Level Started", "application/json", "$set", "en-US"] {
        assert!(hash(word, WordOf::Value).is_some(), "{word}");
    }
    for text in [
        "ada@school.example",
        "a%20b",
        "x=y",
        "\"ada\"",
        "{abc}",
        "añb",
        "ab",
        "line\nline",
        "a+b",
        "a:b",
    ] {
        assert_eq!(hash(text, WordOf::Name), None, "{text}");
    }
    assert_eq!(hash("level 7", WordOf::Value), None);
    assert!(hash("address1", WordOf::Name).is_some());
    assert_eq!(hash(&"a".repeat(LENGTHS.end() + 1), WordOf::Name), None);
}

#[test]
fn what_only_the_matcher_saw_is_another_word() {
    assert_ne!(hash("subject", WordOf::Header), hash("subject", WordOf::Name));
    assert_eq!(hash("subject", WordOf::Value), hash("subject", WordOf::Name));
}

#[test]
fn a_word_is_met_after_it_was_kept_and_forgotten_after_two_others() {
    let met = Met::none();
    let at = |nth: u64| 5 + nth * PLACES as u64;
    met.keep(at(0));
    met.keep(at(1));
    assert!(met.holds(at(0)) && met.holds(at(1)) && !met.holds(at(2)));
    met.keep(at(2));
    assert!(!met.holds(at(0)) && met.holds(at(1)) && met.holds(at(2)));
}
