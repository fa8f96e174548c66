//! Passwords, tokens and digests.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha2::{Digest as _, Sha256};

/// Thirty-two bytes that nobody can guess.
pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// A token that nobody can guess, of letters that may stand in addresses.
pub(crate) fn token() -> String {
    URL_SAFE_NO_PAD.encode(random())
}

/// A password as it is stored.
pub(crate) fn hash_password(password: &str) -> String {
    let salt = &random()[..16];
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    hash.expect("any password can be hashed").to_string()
}

/// A password of a seeded person: the same each time, and cheap, because there are many.
pub(crate) fn hash_seeded(password: &str) -> String {
    let salt = &Sha256::digest(password.as_bytes())[..16];
    let cheap = Params::new(64, 1, 1, None).expect("the least that Argon2 takes");
    let hash =
        Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap).hash_password_with_salt(password.as_bytes(), salt);
    hash.expect("any password can be hashed").to_string()
}

/// Whether it is the password that was stored.
pub(crate) fn is_password(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// What a token is stored as: whoever reads the table cannot sign in with it.
pub(crate) fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// PKCE's challenge for a verifier, RFC 7636 section 4.2.
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// By what an e-mail address is found without comparing it: keyed, so that it says nothing to others.
pub(crate) fn lookup(key: &[u8], email: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(email.trim().to_lowercase().as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// The digest by which Gravatar knows somebody.
pub(crate) fn md5(email: &str) -> String {
    hex(&Md5::digest(email.trim().to_lowercase().as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
