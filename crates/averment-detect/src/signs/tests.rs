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
