use super::encoded;
use super::truststore::jks;

#[test]
fn a_token_with_anything_in_it_stays_one_part_of_the_address() {
    assert_eq!(encoded("a-Z.9_~"), "a-Z.9_~");
    assert_eq!(encoded("p@ss:w/rd%\u{e9}"), "p%40ss%3Aw%2Frd%25%C3%A9");
}

#[test]
fn a_trust_store_is_the_same_for_the_same_certificates() {
    let store = jks(&[b"one", b"two"]);
    assert_eq!(store, jks(&[b"one", b"two"]));
    assert_eq!(&store[..12], [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 2]);
    let entry = 4 + 2 + "averment-0".len() + 8 + 2 + "X.509".len() + 4 + 3;
    assert_eq!(store.len(), 12 + 2 * entry + 20);
}
