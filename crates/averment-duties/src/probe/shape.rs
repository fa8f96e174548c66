//! What a stored value is written like: a password hash, a bare digest, something encrypted, or nothing of the kind.
//!
//! Source: the PHC string format; crypt(5); the documented forms of Django, Devise, passlib, Werkzeug, ASP.NET Identity and the
//! `scrypt` gem; RFC 7516 (JWE); the Fernet specification.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Bytes of the digests that are in use: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
const DIGEST_BYTES: [usize; 6] = [16, 20, 28, 32, 48, 64];

/// Bytes that are as long as a digest.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digested(pub Vec<u8>);

impl std::fmt::Debug for Digested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digested(<{} bytes>)", self.0.len())
    }
}

/// What a value is written like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Nothing, or what frameworks write where there is no password.
    Empty,
    /// bcrypt.
    Bcrypt,
    /// Argon2.
    Argon2,
    /// scrypt.
    Scrypt,
    /// PBKDF2, or another that is made slow by repeating a keyed digest.
    Pbkdf2,
    /// yescrypt and the slow ones of crypt(5) with SHA-2.
    Crypt,
    /// A fast digest with a salt beside it: whoever has both tries passwords by the billion.
    FastSalted,
    /// As long as a digest, and nothing beside it.
    Digest(Digested),
    /// What a program for encryption writes.
    Encrypted,
    /// Something else.
    Other,
}

impl Shape {
    /// What `value` is written like.
    pub fn of(value: &str) -> Self {
        let value = value.trim();
        // Django marks accounts without password with `!` and random letters; shadow(5) with `*` or `!`.
        if value.is_empty() || value == "*" || (value.starts_with('!') && value.len() <= 41) {
            return Self::Empty;
        }
        slow(value)
            .or_else(|| fast_salted(value).then_some(Self::FastSalted))
            .or_else(|| is_encrypted(value).then_some(Self::Encrypted))
            .or_else(|| digest(value).map(Self::Digest))
            .unwrap_or(Self::Other)
    }

    /// Whether it is made for passwords: slow, and with a salt.
    pub fn is_slow(&self) -> bool {
        matches!(
            self,
            Self::Bcrypt | Self::Argon2 | Self::Scrypt | Self::Pbkdf2 | Self::Crypt
        )
    }
}

type Is = fn(&str) -> bool;

fn slow(value: &str) -> Option<Shape> {
    // Django and LDAP write the name of the algorithm before what the algorithm writes.
    let bare = [
        "bcrypt$",
        "bcrypt_sha256$",
        "argon2",
        "{CRYPT}",
        "{BCRYPT}",
        "{bcrypt}",
        "{argon2}",
    ]
    .iter()
    .find_map(|name| value.strip_prefix(name).filter(|rest| rest.starts_with('$')))
    .unwrap_or(value);
    let checks: [(Is, Shape); 5] = [
        (is_bcrypt, Shape::Bcrypt),
        (is_argon2, Shape::Argon2),
        (is_scrypt, Shape::Scrypt),
        (is_pbkdf2, Shape::Pbkdf2),
        (is_crypt, Shape::Crypt),
    ];
    let found = checks.into_iter().find(|(is, _)| is(bare));
    found.map(|(_, shape)| shape)
}

/// Letters of crypt(3)'s base64.
fn is_crypt64(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'))
}

/// Letters of any base64, padding included.
fn is_base64(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'.' | b'='))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `$2b$12$` and 53 letters; passlib's `$bcrypt-sha256$v=2,t=2b,r=12$salt$digest`.
fn is_bcrypt(value: &str) -> bool {
    if let Some(rest) = value.strip_prefix("$bcrypt-sha256$") {
        let parts: Vec<&str> = rest.split('$').collect();
        return matches!(parts[..], [_, salt, digest] if salt.len() == 22 && digest.len() == 31 && is_crypt64(digest));
    }
    let parts: Vec<&str> = value.split('$').collect();
    let ["", version, cost, rest] = parts[..] else {
        return false;
    };
    ["2", "2a", "2b", "2x", "2y"].contains(&version)
        && cost.len() == 2
        && is_number(cost)
        && rest.len() == 53
        && is_crypt64(rest)
}

/// `$argon2id$v=19$m=65536,t=3,p=4$salt$digest`.
fn is_argon2(value: &str) -> bool {
    let parts: Vec<&str> = value.split('$').collect();
    let (name, settings, salt, digest) = match parts[..] {
        ["", name, version, settings, salt, digest] if version.starts_with("v=") => (name, settings, salt, digest),
        ["", name, settings, salt, digest] => (name, settings, salt, digest),
        _ => return false,
    };
    ["argon2i", "argon2d", "argon2id"].contains(&name)
        && settings.contains("m=")
        && is_base64(salt)
        && is_base64(digest)
        && digest.len() >= 16
}

/// PHC `$scrypt$ln=…$…`, crypt's `$7$`, Werkzeug's `scrypt:n:r:p$salt$hex`, Django's `scrypt$n$salt$r$p$digest`, the Ruby gem's
/// `400$8$36$salt$digest`.
fn is_scrypt(value: &str) -> bool {
    let parts: Vec<&str> = value.split('$').collect();
    match parts[..] {
        ["", "scrypt", settings, salt, digest] => settings.contains("ln=") && is_base64(salt) && is_base64(digest),
        ["", "7", first, digest] => first.len() > 11 && digest.len() == 43,
        ["", "7", settings, _, digest] => settings.len() >= 11 && digest.len() == 43,
        [settings, salt, digest] if settings.starts_with("scrypt:") => {
            settings.split(':').skip(1).all(is_number) && !salt.is_empty() && is_hex(digest, 64)
        }
        ["scrypt", n, salt, r, p, digest] => {
            [n, r, p].into_iter().all(is_number) && !salt.is_empty() && is_base64(digest)
        }
        [n, r, p, salt, digest] => {
            [n, r, p]
                .into_iter()
                .all(|part| !part.is_empty() && part.len() <= 8 && is_digits(part))
                && salt.len() >= 8
                && is_digits(salt)
                && digest.len() >= 40
                && is_digits(digest)
        }
        _ => false,
    }
}

/// PHC and passlib `$pbkdf2-sha256$…`, Django's `pbkdf2_sha256$n$salt$digest`, Werkzeug's `pbkdf2:sha256:n$salt$hex`,
/// `sha512$salt$n$hex`, ASP.NET Identity's third version, `{PBKDF2}` and `{PKCS5S2}`.
fn is_pbkdf2(value: &str) -> bool {
    if let Some(rest) = ["{PBKDF2", "{PKCS5S2}"]
        .iter()
        .find_map(|name| value.strip_prefix(name))
    {
        return rest.len() >= 40;
    }
    // A byte for the version, four each for digest, rounds and length of the salt: 61 bytes with what follows.
    if value.len() == 84 && value.starts_with("AQAAAA") {
        return STANDARD.decode(value).is_ok_and(|bytes| bytes.len() == 61);
    }
    let parts: Vec<&str> = value.split('$').collect();
    match parts[..] {
        ["", name, rounds, salt, digest] if name.starts_with("pbkdf2") => {
            is_number(rounds.trim_start_matches("i=").split(',').next().unwrap_or_default())
                && is_base64(salt)
                && is_base64(digest)
        }
        [name, rounds, salt, digest] if name.starts_with("pbkdf2_") => {
            is_number(rounds) && !salt.is_empty() && is_base64(digest)
        }
        [name, salt, digest] if name.starts_with("pbkdf2:") => {
            !salt.is_empty() && is_digits(digest) && digest.len() >= 40
        }
        ["sha256" | "sha512", salt, rounds, digest] => {
            !salt.is_empty() && is_number(rounds) && rounds.len() >= 4 && is_digits(digest) && digest.len() >= 64
        }
        _ => false,
    }
}

/// `$6$rounds=…$salt$digest`, `$5$`, and yescrypt's `$y$` and `$gy$`.
fn is_crypt(value: &str) -> bool {
    let parts: Vec<&str> = value.split('$').collect();
    let (["", name, _, digest] | ["", name, _, _, digest]) = parts[..] else {
        return false;
    };
    let length = match name {
        "5" | "y" | "gy" => 43,
        "6" => 86,
        _ => return false,
    };
    digest.len() == length && is_crypt64(digest)
}

/// Django's `sha1$salt$digest`, Werkzeug's `sha256$salt$digest`, LDAP's `{SSHA}`, crypt's `$1$`, and `salt:digest`.
fn fast_salted(value: &str) -> bool {
    let upper = value.get(..8).unwrap_or_default().to_ascii_uppercase();
    if upper.starts_with("{SSHA")
        || upper.starts_with("{SMD5}")
        || value.starts_with("$1$")
        || value.starts_with("$apr1$")
    {
        return true;
    }
    if let [name, salt, digest] = value.split('$').collect::<Vec<_>>()[..] {
        return ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"].contains(&name)
            && !salt.is_empty()
            && is_digits(digest);
    }
    matches!(value.split_once(':'), Some((salt, digest)) if (4..=32).contains(&salt.len()) && is_digits(salt) && bytes_of_digest(digest).is_some())
}

/// Fernet, JWE, PGP, Rails, Laravel, Vault, age, and ciphertexts with a name before them.
fn is_encrypted(value: &str) -> bool {
    let begins = [
        "gAAAAA",
        "-----BEGIN PGP MESSAGE",
        "vault:v",
        "age-encryption.org",
        "eyJpdiI6",
        "enc:",
        "ENC[",
        "AQICAH",
    ];
    let jwe = value.starts_with("eyJ") && value.split('.').count() == 5;
    // Active Record: {"p":"…","h":{"iv":"…","at":"…"}}; packets of OpenPGP in hexadecimal digits begin with their tags.
    let rails = value.starts_with("{\"p\":\"") && value.contains("\"iv\":");
    let pgp = ["c30d", "c1c0", "8c0d", "855e"]
        .iter()
        .any(|tag| value.starts_with(tag))
        && is_digits(value)
        && value.len() > 80;
    jwe || rails
        || pgp
        || begins
            .iter()
            .any(|begin| value.starts_with(begin) && value.len() > begin.len() + 16)
}

/// The bytes of a bare digest, with or without a short name and a separator before it.
fn digest(value: &str) -> Option<Digested> {
    let bare = bytes_of_digest(value);
    bare.or_else(|| {
        let at = value.rfind(['$', ':', '}', '-'])?;
        let name = &value[..at];
        let is_name = name.len() <= 24
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'{' | b'$' | b':'));
        bytes_of_digest(&value[at + 1..]).filter(|_| is_name)
    })
    .map(Digested)
}

fn bytes_of_digest(text: &str) -> Option<Vec<u8>> {
    if is_digits(text) && DIGEST_BYTES.contains(&(text.len() / 2)) && text.len().is_multiple_of(2) {
        let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
        return (0..text.len()).step_by(2).map(byte).collect();
    }
    // 21 letters and fewer are user names; a digest is never only letters of one case.
    if !(22..=88).contains(&text.len()) || !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()?;
    let mixed = text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_lowercase());
    (mixed && DIGEST_BYTES.contains(&decoded.len())).then_some(decoded)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == bytes * 2 && is_digits(text)
}

#[cfg(test)]
mod tests;
