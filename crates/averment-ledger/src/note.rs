//! Signed notes: text, a blank line, and who signed it.
//!
//! Start at [`SigningKey::sign`] and [`VerifierKey::open`]. Parsing is strict: what could be read in two ways is refused.
//!
//! Source: C2SP signed-note (<https://c2sp.org/signed-note>); Ed25519 by RFC 8032.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};

/// Signature type of plain Ed25519 in key identifiers.
const ED25519: u8 = 1;
/// An em dash and a space begin every signature line.
const SIGNATURE_START: &str = "— ";
/// More signatures than any checkpoint carries; bounds the work on a hostile note.
const SIGNATURES_MAX: usize = 100;

/// Why a note or key was refused. Notes hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// Not the form of a note.
    #[error("not a signed note: expected {expected}")]
    Malformed {
        /// What was expected.
        expected: &'static str,
    },
    /// Signed, but not with this key.
    #[error("no signature of `{name}`")]
    NotSigned {
        /// Name of the key.
        name: String,
    },
    /// The signature does not fit the text.
    #[error("the signature of `{name}` does not fit the text")]
    BadSignature {
        /// Name of the key.
        name: String,
    },
    /// Not the form of a verifier key.
    #[error("not a verifier key: expected {expected}")]
    Key {
        /// What was expected.
        expected: &'static str,
    },
}

/// The public half of a key, as handed to whoever checks the log.
///
/// Text form `name+hash+key`: hash is 8 hex digits, key is base64 of the signature type and the 32 key bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: ed25519_dalek::VerifyingKey,
}

impl VerifierKey {
    /// Name of the key; for a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the 32 key bytes are the same, whatever the names: logs of one installation have names of their own.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The same key under another name.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name is empty or holds white space or `+`.
    pub fn named(&self, name: &str) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key {
                expected: "a name without white space and `+`",
            });
        }
        Ok(Self {
            name: name.to_owned(),
            id: key_id(name, &self.key),
            key: self.key,
        })
    }

    /// Checks the signature of this key on `note` and gives the text, its last newline included.
    ///
    /// # Errors
    /// [`NoteError`]. Signatures of other keys are left alone, as the format asks.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let note = Note::parse(note)?;
        let mut own = note
            .signatures
            .iter()
            .filter(|s| s.name == self.name && s.key_id == self.id);
        let signature = own.next().ok_or_else(|| NoteError::NotSigned {
            name: self.name.clone(),
        })?;
        let bytes: &[u8; 64] = signature
            .bytes
            .as_slice()
            .try_into()
            .map_err(|_| self.bad_signature())?;
        let signature = ed25519_dalek::Signature::from_bytes(bytes);
        self.key
            .verify_strict(note.text.as_bytes(), &signature)
            .map_err(|_| self.bad_signature())?;
        Ok(note.text)
    }

    fn bad_signature(&self) -> NoteError {
        NoteError::BadSignature {
            name: self.name.clone(),
        }
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            u32::from_be_bytes(self.id),
            STANDARD.encode(key)
        )
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let expected = |expected| NoteError::Key { expected };
        let (name, rest) = text.split_once('+').ok_or(expected("`name+hash+key`"))?;
        let (hash, key) = rest.split_once('+').ok_or(expected("`name+hash+key`"))?;
        if !is_name(name) {
            return Err(expected("a name without white space and `+`"));
        }
        let bytes = STANDARD.decode(key).map_err(|_| expected("the key as base64"))?;
        let Some((&ED25519, bytes)) = bytes.split_first() else {
            return Err(expected("a key of type 1 (Ed25519)"));
        };
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| expected("a key of 32 bytes"))?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| expected("a point of the curve"))?;
        let id = key_id(name, &key);
        // Compared as text, so that each key has exactly one spelling.
        if hash != format!("{:08x}", u32::from_be_bytes(id)) {
            return Err(expected("a hash that fits name and key"));
        }
        Ok(Self {
            name: name.to_owned(),
            id,
            key,
        })
    }
}

/// The secret half. Whoever has it can sign checkpoints of a forged log.
pub struct SigningKey {
    verifier: VerifierKey,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// Makes a key from 32 secret random bytes and the name that signatures carry.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name is empty or holds white space or `+`.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key {
                expected: "a name without white space and `+`",
            });
        }
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = key.verifying_key();
        let verifier = VerifierKey {
            name: name.to_owned(),
            id: key_id(name, &public),
            key: public,
        };
        Ok(Self { verifier, key })
    }

    /// The same key under another name.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name is empty or holds white space or `+`.
    pub fn named(&self, name: &str) -> Result<Self, NoteError> {
        Ok(Self {
            verifier: self.verifier.named(name)?,
            key: self.key.clone(),
        })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs `text`, which ends with a newline, and gives the whole note.
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.verifier.id.to_vec();
        signature.extend_from_slice(&self.key.sign(text.as_bytes()).to_bytes());
        format!(
            "{text}\n{SIGNATURE_START}{} {}\n",
            self.verifier.name,
            STANDARD.encode(signature)
        )
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.verifier.name)
    }
}

/// A note taken apart; nothing verified yet.
#[derive(Debug)]
pub(crate) struct Note<'a> {
    /// The signed text with its last newline.
    pub(crate) text: &'a str,
    pub(crate) signatures: Vec<NoteSignature<'a>>,
}

#[derive(Debug)]
pub(crate) struct NoteSignature<'a> {
    name: &'a str,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

impl<'a> Note<'a> {
    pub(crate) fn parse(note: &'a str) -> Result<Self, NoteError> {
        let malformed = |expected| NoteError::Malformed { expected };
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(malformed("no control characters but newlines"));
        }
        let blank = note
            .rfind("\n\n")
            .ok_or(malformed("a blank line before the signatures"))?;
        let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
        let lines = signatures.strip_suffix('\n').ok_or(malformed("a newline at the end"))?;
        let signatures: Vec<_> = lines
            .split('\n')
            .take(SIGNATURES_MAX + 1)
            .map(NoteSignature::parse)
            .collect::<Result<_, _>>()?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(malformed("at most 100 signatures"));
        }
        Ok(Self { text, signatures })
    }
}

impl<'a> NoteSignature<'a> {
    fn parse(line: &'a str) -> Result<Self, NoteError> {
        let malformed = NoteError::Malformed {
            expected: "signature lines `— name base64`",
        };
        let parts = line.strip_prefix(SIGNATURE_START).and_then(|rest| rest.split_once(' '));
        let (name, signature) = parts
            .filter(|(name, _)| is_name(name))
            .ok_or_else(|| malformed.clone())?;
        let bytes = STANDARD.decode(signature).map_err(|_| malformed.clone())?;
        let (key_id, bytes) = bytes
            .split_first_chunk::<4>()
            .filter(|(_, rest)| !rest.is_empty())
            .ok_or(malformed)?;
        Ok(Self {
            name,
            key_id: *key_id,
            bytes: bytes.to_vec(),
        })
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
fn key_id(name: &str, key: &ed25519_dalek::VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    *hash.first_chunk().expect("a hash has 32 bytes")
}
