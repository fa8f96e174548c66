use super::other_spelling;

#[test]
fn hosts_have_both_spellings() {
    for (letters, ascii) in [
        ("schöl.example", "xn--schl-7qa.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("münchen.schule.example", "xn--mnchen-3ya.schule.example"),
        ("школа.example", "xn--80atdl2c.example"),
        ("学校.example", "xn--48s290a.example"),
    ] {
        assert_eq!(other_spelling(letters).as_deref(), Some(ascii));
        assert_eq!(other_spelling(ascii).as_deref(), Some(letters));
    }
    assert_eq!(other_spelling("school.example"), None);
    assert_eq!(other_spelling("xn--99999999999999.example"), None);
}
