use proptest::prelude::*;

use super::{Base64, Dial, Digit, Finder, Kind, StringEnd, Word, long_runs, mask};

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn is_dial(byte: u8) -> bool {
    byte.is_ascii_digit() || b" .-()/_~".contains(&byte)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

fn is_string_end(byte: u8) -> bool {
    byte < 0x20 || b"\"\\".contains(&byte)
}

fn agrees<K: Kind>(is: fn(u8) -> bool) {
    for (at, byte) in (0..=255).enumerate().map(|(at, byte)| (at % 64, byte)) {
        let mut block = [b'!'; 64];
        block[at] = byte;
        assert_eq!(mask::<K>(&block), u64::from(is(byte)) << at, "{byte}");
    }
}

#[test]
fn masks_are_of_their_kinds() {
    agrees::<Word>(is_word);
    agrees::<Dial>(is_dial);
    agrees::<Digit>(|byte| byte.is_ascii_digit());
    agrees::<Base64>(is_base64);
    agrees::<StringEnd>(is_string_end);
}

proptest! {
    #[test]
    fn a_finder_finds_what_a_loop_finds(text in "[a-z ]{0,200}", at in 0_usize..210) {
        let text = text.as_bytes();
        let mut finder = Finder::<Word>::new(text);
        let next = (at..text.len()).find(|i| is_word(text[*i]));
        prop_assert_eq!(finder.next(at), next);
        let end = (at..text.len()).find(|i| !is_word(text[*i])).unwrap_or(text.len());
        prop_assert_eq!(finder.end(at), end);
    }

    #[test]
    fn long_runs_are_the_runs_that_are_long(text in "([a-z]{0,12}[ .]{1,3}){0,30}[a-z]{0,80}") {
        let text = text.as_bytes();
        let is_start = |at: &usize| is_word(text[*at]) && (*at == 0 || !is_word(text[at - 1]));
        let long = |at: &usize| text[*at..].iter().take_while(|b| is_word(**b)).count() >= 6;
        let runs: Vec<usize> = (0..text.len()).filter(is_start).filter(long).collect();
        prop_assert_eq!(long_runs::<Word>(text, 6).collect::<Vec<usize>>(), runs);
    }
}
