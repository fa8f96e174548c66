use super::{is_codice_fiscale, is_curp, is_dni, is_nino, is_pan, told};

#[test]
fn published_examples_have_right_check_digits() {
    assert!(is_dni(b"12345678Z") && is_dni(b"X1234567L") && !is_dni(b"12345678A"));
    assert!(is_codice_fiscale(b"RSSMRA85T10A562S") && !is_codice_fiscale(b"RSSMRA85T10A562T"));
    assert!(is_curp(b"HEGG560427MVZRRL04") && !is_curp(b"HEGG560427MVZRRL05"));
    assert!(is_nino(b"AB123456C") && !is_nino(b"QQ123456C") && !is_nino(b"BG123456A"));
    assert!(is_pan(b"ABCPE1234F") && !is_pan(b"ABCDE1234F"));
}

#[test]
fn shapes_are_told_and_look_alikes_are_not() {
    let is_told = |text: &str, word: &str| {
        let at = text.find(word).unwrap();
        told(text.as_bytes(), &(at..at + word.len())).is_some()
    };
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    assert!(is_told(&format!("key {key}"), &key));
    let token = format!("ghp_{}", "a1B2".repeat(9));
    assert!(is_told(&token, &token));
    assert!(is_told("DNI: 12345678Z", "12345678Z"));
    assert!(!is_told("order 12345678Z", "12345678Z"));
    assert!(!is_told("AKIAIOSFODNN", "AKIAIOSFODNN"));
    let words = format!("ghp_{}", "abcdefgh_".repeat(4));
    assert!(!is_told(&words, &words));
    assert!(!is_told("RSSMRA85T10A562S", "RSSMRA85T10A562S"), "nothing names it");
}
