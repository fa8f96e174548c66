use super::may_be_readable;

#[test]
fn text_and_compressed_bytes_are_worth_it() {
    for token in [
        "YWRhQHNjaG9vbC5leGFtcGxl", // ada@school.example
        "asO2cm4gw6VzdHLDtm0gw6k=", // björn åström é
        "H4sIAAAAAAAAA0tMSQQA",
        "eJxLTEkEAAJJASc=",
        "YQBkAGEAQABzAGMAaABvAG8AbAA=",
        "/v8AYQBkAGEAQAA=",
        "AGFkYV9sAHB3AA==",
        "T5JIYXJhIE1lZWhhbg==", // O’Hara Meehan in Windows-1252
        "MTIggCBmb3IgQW5uYQ==", // 12 € for Anna in Windows-1252
        "Qmr2cm4gxXN0cvZt",     // Björn Åström in Windows-1252
        "c2hvcnQ=",
        "YWRh\r\nYWRhYWRh",
    ] {
        assert!(may_be_readable(token.as_bytes()), "{token}");
    }
}

#[test]
fn words_and_keys_are_not() {
    for token in ["0123456789abcdef0123456789abcdef", "session-id-of-this"] {
        assert!(!may_be_readable(token.as_bytes()), "{token}");
    }
}

#[test]
fn an_unassigned_byte_is_no_windows_1252() {
    for byte in [0x81, 0x8d, 0x8f, 0x90, 0x9d] {
        assert!(!super::is_latin_high(byte));
    }
    assert_eq!((0x80..=0x9f).filter(|byte| super::is_latin_high(*byte)).count(), 27);
}
