//! A person's key at rest: wrapped under a key that follows from `directory.key`, bound to its person.
//!
//! Source: AES-GCM-SIV, RFC 8452: a nonce that repeats by bad luck gives nothing away but equality.

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use zeroize::Zeroizing;

use crate::PersonKey;

/// Bytes of the nonce before the sealed key.
const NONCE_BYTES: usize = 12;

/// Seals bytes, bound to `place`: a nonce, then what was sealed.
pub(crate) fn seal(key: &[u8; 32], bytes: &[u8], place: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce)?;
    let sealed = cipher(key).encrypt(&Nonce::from(nonce), Payload { msg: bytes, aad: place });
    let mut all = nonce.to_vec();
    all.extend(sealed.expect("memory holds fewer bytes than the cipher takes"));
    Ok(all)
}

/// Opens what was sealed for `place`; none when it is anything else.
pub(crate) fn open_sealed(key: &[u8; 32], sealed: &[u8], place: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload {
        msg: sealed,
        aad: place,
    };
    cipher(key).decrypt(&Nonce::from(*nonce), payload).ok()
}

/// Makes a new key for the person with the digest `id` and gives it wrapped.
pub(crate) fn wrap_new_person_key(wrapping_key: &[u8; 32], id: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
    let mut random = Zeroizing::new([0; NONCE_BYTES + 32]);
    getrandom::fill(&mut *random)?;
    let (nonce, key) = random
        .split_first_chunk::<NONCE_BYTES>()
        .expect("there are more bytes than the nonce");
    let sealed = cipher(wrapping_key).encrypt(&Nonce::from(*nonce), Payload { msg: key, aad: id });
    let mut wrapped = nonce.to_vec();
    wrapped.extend(sealed.expect("32 bytes are fewer than the cipher takes"));
    Ok(wrapped)
}

/// Unwraps the key of the person with the digest `id`; none when it is not what was wrapped for that person.
pub(crate) fn unwrap_person_key(wrapping_key: &[u8; 32], id: &[u8], wrapped: &[u8]) -> Option<PersonKey> {
    let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_BYTES>()?;
    let key = cipher(wrapping_key)
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: id })
        .ok()?;
    let key = Zeroizing::new(key);
    key.as_slice().try_into().ok().map(PersonKey::new)
}

fn cipher(wrapping_key: &[u8; 32]) -> Aes256GcmSiv {
    Aes256GcmSiv::new(&(*wrapping_key).into())
}
