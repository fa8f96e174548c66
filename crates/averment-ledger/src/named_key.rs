//! Public keys with a name, a signature type and an identifier: what note signatures and cosignatures are checked with.
//!
//! Source: C2SP signed-note, "Verifier keys".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::note::{NoteError, SIGNATURE_START};

/// A public key of Ed25519 with its name and what it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedKey {
    name: String,
    /// The signature type.
    kind: u8,
    id: [u8; 4],
    key: VerifyingKey,
}

impl NamedKey {
    pub(crate) fn new(name: &str, kind: u8, key: VerifyingKey) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key {
                expected: "a name without white space and `+`",
            });
        }
        let id = key_id(name, kind, &key);
        let name = name.to_owned();
        Ok(Self { name, kind, id, key })
    }

    /// Reads `name+hash+key`. `of_kind` says in words which type is wanted.
    pub(crate) fn parse(text: &str, kind: u8, of_kind: &'static str) -> Result<Self, NoteError> {
        let expected = |expected| NoteError::Key { expected };
        let (name, rest) = text.split_once('+').ok_or(expected("`name+hash+key`"))?;
        let (hash, key) = rest.split_once('+').ok_or(expected("`name+hash+key`"))?;
        if !is_name(name) {
            return Err(expected("a name without white space and `+`"));
        }
        let bytes = STANDARD.decode(key).map_err(|_| expected("the key as base64"))?;
        let (_, bytes) = bytes
            .split_first()
            .filter(|(found, _)| **found == kind)
            .ok_or(expected(of_kind))?;
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| expected("a key of 32 bytes"))?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| expected("a point of the curve"))?;
        let key = Self::new(name, kind, key)?;
        // Compared as text, so that each key has exactly one spelling.
        if hash == format!("{:08x}", u32::from_be_bytes(key.id)) {
            Ok(key)
        } else {
            Err(expected("a hash that fits name and key"))
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The line of a note that carries `signature` of this key, its newline included.
    pub(crate) fn signature_line(&self, signature: &[u8]) -> String {
        let encoded = STANDARD.encode([&self.id, signature].concat());
        format!("{SIGNATURE_START}{} {encoded}\n", self.name)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), NoteError> {
        let signature = Signature::from_bytes(signature);
        let verified = self.key.verify_strict(message, &signature);
        verified.map_err(|_| self.bad_signature())
    }

    pub(crate) fn bad_signature(&self) -> NoteError {
        NoteError::BadSignature {
            name: self.name.clone(),
        }
    }

    pub(crate) fn not_signed(&self) -> NoteError {
        NoteError::NotSigned {
            name: self.name.clone(),
        }
    }
}

impl std::fmt::Display for NamedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = [&[self.kind], self.key.as_bytes().as_slice()].concat();
        let id = u32::from_be_bytes(self.id);
        write!(f, "{}+{id:08x}+{}", self.name, STANDARD.encode(key))
    }
}

pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
fn key_id(name: &str, kind: u8, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', kind])
        .chain_update(key.as_bytes())
        .finalize();
    *hash.first_chunk().expect("a hash has 32 bytes")
}
