//! A stolen data folder gives nobody away.

mod attack;

#[test]
fn without_the_key_no_candidate_is_confirmed() {
    let place = tempfile::tempdir().unwrap();
    let spoils = attack::attack(place.path(), 200, 4000);
    assert_eq!((spoils.confirmed, spoils.confirmed_with_key), (0, 200));
    assert!(spoils.bytes > 200 * 100, "the folder was searched");
}
