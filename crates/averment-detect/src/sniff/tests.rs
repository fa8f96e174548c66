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
        "Qmr2cm4gxXN0cvZt", // Björn Åström in Windows-1252
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
