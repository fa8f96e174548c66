use std::hash::Hasher as _;

use proptest::prelude::*;
use siphasher::sip::SipHasher13;

use super::TokenKey;

proptest! {
    #[test]
    fn it_is_siphash_1_3(key in any::<[u8; 16]>(), text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut judge = SipHasher13::new_with_key(&key);
        judge.write(&text);
        prop_assert_eq!(TokenKey::new(&key).hash(&text), judge.finish());
    }

    #[test]
    fn an_atom_hashes_like_its_lower_case(before in "[ -~]{0,9}", atom in "[A-Za-z0-9é☃]{0,20}", after in "[ -~]{0,9}") {
        let text = format!("{before}{atom}{after}");
        let key = TokenKey::new(&[7; 16]);
        let hash = key.hash_atom(text.as_bytes(), before.len(), before.len() + atom.len());
        prop_assert_eq!(hash.token, key.hash(atom.to_ascii_lowercase().as_bytes()));
        prop_assert_eq!(hash.is_ascii, atom.is_ascii());
        prop_assert_eq!(hash.has_digit, atom.bytes().any(|b| b.is_ascii_digit()));
    }
}
