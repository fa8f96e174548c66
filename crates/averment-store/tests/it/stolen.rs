//! A stolen data folder gives nobody away, least of all somebody who was forgotten.

mod attack;
mod forgotten;

#[test]
fn without_the_key_no_candidate_is_confirmed() {
    let place = tempfile::tempdir().unwrap();
    let spoils = attack::attack(place.path(), 200, 4000);
    assert_eq!((spoils.confirmed, spoils.confirmed_with_key), (0, 200));
    assert!(spoils.bytes > 200 * 100, "the folder was searched");
}

#[test]
fn of_people_who_were_forgotten_no_guess_is_confirmed_not_even_with_the_directorys_key() {
    let place = tempfile::tempdir().unwrap();
    let remains = forgotten::attack_after_forgetting(place.path(), 200, 4000);
    assert!(remains.holds, "the record is what it was");
    assert_eq!((remains.forgotten, remains.confirmed), (20, 0));
    assert_eq!((remains.confirmed_with_key, remains.others_with_key), (0, 180));
    // Whoever has the ledger's key and guesses a whole request can confirm that it was sent: docs/ledger.md says so.
    assert_eq!(remains.bodies_with_key, 20, "the test knows how requests are digested");
    assert!(remains.bytes > 200 * 1000, "the folder was searched");
}
