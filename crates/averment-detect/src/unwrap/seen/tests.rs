use super::Seen;

#[test]
fn a_string_is_seen_where_every_byte_is_the_same() {
    // Of the same length, with the same first and last eight bytes.
    let document = b"aaaaaaaa1bbbbbbbb aaaaaaaa2bbbbbbbb aaaaaaaa1bbbbbbbb";
    let mut seen = Seen::new(document, 0);
    assert_eq!(seen.get(&(0..17)), None);
    seen.keep(&(0..17), 1);
    assert_eq!(seen.get(&(18..35)), None);
    seen.keep(&(18..35), 2);
    assert_eq!(seen.get(&(36..53)).copied(), Some(1));
    assert_eq!(seen.get(&(18..35)).copied(), Some(2));
}

#[test]
fn what_is_met_again_stays() {
    let document: Vec<u8> = (0..200_u8).flat_map(|number| [b'a', number]).collect();
    let mut seen = Seen::new(&document, 0);
    seen.keep(&(0..2), 1);
    for at in (2..400).step_by(2) {
        seen.keep(&(at..at + 2), 2);
        assert_eq!(seen.get(&(0..2)).copied(), Some(1), "{at}");
    }
}

#[test]
fn long_strings_and_empty_ones_are_not_kept() {
    let document = [b'a'; 200];
    let mut seen = Seen::new(&document, ());
    seen.keep(&(0..65), ());
    assert!(seen.get(&(65..130)).is_none());
    seen.keep(&(0..64), ());
    assert!(seen.get(&(65..129)).is_some());
}
