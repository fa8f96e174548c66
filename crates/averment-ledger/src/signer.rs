//! Ed25519 signatures of checkpoints, one for every group of entries.
//!
//! By the library that TLS goes by, which takes less than half as long as the one that verifies. In a browser, where it cannot be
//! built, the latter signs, too: a key and a text have one signature only (RFC 8032 5.1.6).

use ed25519_dalek::{SigningKey, VerifyingKey};

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::Signer;
#[cfg(target_family = "wasm")]
pub(crate) use portable::Signer;

impl Signer {
    /// The public half of the key with this seed.
    pub(crate) fn verifying_key(seed: &[u8; 32]) -> VerifyingKey {
        SigningKey::from_bytes(seed).verifying_key()
    }
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::sync::Arc;

    use aws_lc_rs::signature::Ed25519KeyPair;

    /// A secret key. Its memory is wiped by the library when the last copy is dropped.
    #[derive(Clone)]
    pub(crate) struct Signer(Arc<Ed25519KeyPair>);

    impl Signer {
        pub(crate) fn new(seed: &[u8; 32]) -> Self {
            let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("every 32 bytes are a seed (RFC 8032 5.1.5)");
            Self(Arc::new(pair))
        }

        pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
            let signature = self.0.sign(text);
            *signature.as_ref().first_chunk().expect("a signature has 64 bytes")
        }
    }
}

/// Built everywhere for tests, which hold the two against each other.
#[cfg(any(test, target_family = "wasm"))]
mod portable {
    use ed25519_dalek::{Signer as _, SigningKey};

    /// A secret key, wiped when it is dropped.
    #[derive(Clone)]
    pub(crate) struct Signer(SigningKey);

    impl Signer {
        pub(crate) fn new(seed: &[u8; 32]) -> Self {
            Self(SigningKey::from_bytes(seed))
        }

        pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
            self.0.sign(text).to_bytes()
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use proptest::prelude::*;

    use super::{native, portable};

    proptest! {
        #[test]
        fn both_sign_alike(seed: [u8; 32], text: Vec<u8>) {
            prop_assert_eq!(native::Signer::new(&seed).sign(&text), portable::Signer::new(&seed).sign(&text));
        }
    }
}
