use super::{Alphabet, readable};

fn encoded(bytes: &[u8]) -> Vec<u8> {
    Alphabet::of(b"AAAA").encode(bytes)
}

#[test]
fn windows_1252_with_signs_is_undone() {
    for text in [
        &b"O\x92Hara, Niamh"[..],
        b"Niamh O\x92Hara",
        b"Niamh \x97 niamh@school.example",
        b"12 \x80 for Anna",
    ] {
        let token = encoded(text);
        let found = readable(&token, 0..token.len());
        assert_eq!(
            found,
            [(0..token.len(), text.to_vec())],
            "{}",
            String::from_utf8_lossy(&token)
        );
    }
}

#[test]
fn utf_16_that_begins_with_other_letters_is_undone() {
    for text in [
        "東京都新宿区立学校 ada@school.example",
        "서울학교학생들 ada@school.example",
        "Ян Петров, ada@school.example",
        "ŁÓdź ada",
    ] {
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            let token = encoded(&bytes);
            assert_eq!(readable(&token, 0..token.len()), [(0..token.len(), bytes)], "{text}");
        }
    }
}

#[test]
fn paths_and_sentences_are_worded_and_base64_is_not() {
    for words in [
        "the+loop+repeats+until",
        "courses/loops-and-lists/lessons/3/levels/12",
        "Thanks-I-think-that-works",
    ] {
        assert!(super::is_worded(words.as_bytes()), "{words}");
    }
    for token in [
        "YWRhQHNjaG9vbC5leGFtcGxl",
        "courses/lessons3/levels/12",
        "the+loop+rePeats+until",
        "short+words",
        "the+loop+repeats=",
        "AB+the+loop+repeats",
    ] {
        assert!(!super::is_worded(token.as_bytes()), "{token}");
    }
}
