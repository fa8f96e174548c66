use proptest::prelude::*;

use super::{pseudonym, pseudonyms, reveal_pseudonym};
use crate::{PersonNumber, ReplacementKey};

fn key<'a>(bytes: &'a [u8; 32], recipient: &'a str) -> ReplacementKey<'a> {
    ReplacementKey { key: bytes, recipient }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn is_turned_back_by_the_same_key_and_recipient_alone(number in any::<u32>(), bytes in any::<[u8; 32]>()) {
        let person = PersonNumber(number);
        let text = pseudonym(&key(&bytes, "desk"), person);
        prop_assert_eq!(text.len(), 35);
        prop_assert_eq!(reveal_pseudonym(&key(&bytes, "desk"), &text), Some(person));
        prop_assert_eq!(reveal_pseudonym(&key(&bytes, "desk2"), &text), None);
        let mut other = bytes;
        other[0] ^= 1;
        prop_assert_eq!(reveal_pseudonym(&key(&other, "desk"), &text), None);
        prop_assert_ne!(pseudonym(&key(&bytes, "desk2"), person), text);
    }

    #[test]
    fn one_changed_digit_makes_it_none(number in any::<u32>(), at in 3_usize..35) {
        let key = key(&[3; 32], "desk");
        let mut text = pseudonym(&key, PersonNumber(number)).into_bytes();
        text[at] = if text[at] == b'0' { b'1' } else { b'0' };
        prop_assert_eq!(reveal_pseudonym(&key, std::str::from_utf8(&text).unwrap()), None);
    }

    #[test]
    fn what_is_none_is_none(text in "\\PC{0,40}") {
        prop_assert_eq!(reveal_pseudonym(&key(&[3; 32], "desk"), &text), None);
    }
}

#[test]
fn all_in_a_text_are_given() {
    let key = key(&[3; 32], "desk");
    let (one, two) = (pseudonym(&key, PersonNumber(1)), pseudonym(&key, PersonNumber(70_000)));
    let text = format!("to {one}, p1_0123 and \"{two}\" {one}0");
    let found: Vec<u32> = pseudonyms(&key, text.as_bytes()).map(|(_, person)| person.0).collect();
    assert_eq!(found, [1, 70_000]);
}
