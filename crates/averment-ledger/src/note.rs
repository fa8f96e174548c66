//! Signed notes: text, a blank line, and who signed it.
//!
//! Start at [`SigningKey::sign`] and [`VerifierKey::open`]. Parsing is strict: what could be read in two ways is refused.
//!
//! Source: C2SP signed-note (<https://c2sp.org/signed-note>); Ed25519 by RFC 8032.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::named_key::{NamedKey, is_name};
use crate::signer::Signer;

/// Signature type of plain Ed25519 in key identifiers.
const ED25519: u8 = 1;
/// An em dash and a space begin every signature line.
pub(crate) const SIGNATURE_START: &str = "— ";
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
pub struct VerifierKey(NamedKey);

impl VerifierKey {
    /// Name of the key; for a log, its origin.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Whether the 32 key bytes are the same, whatever the names: logs of one installation have names of their own.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.0.is_same_key(&other.0)
    }

    /// The same key under another name.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name is empty or holds white space or `+`.
    pub fn named(&self, name: &str) -> Result<Self, NoteError> {
        self.0.named(name).map(Self)
    }

    /// Checks the signature of this key on `note` and gives the text, its last newline included.
    ///
    /// # Errors
    /// [`NoteError`]. Signatures of other keys are left alone, as the format asks.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let note = Note::parse(note)?;
        self.checked(&note)?;
        Ok(note.text)
    }

    /// The line of `note` with the signature of this key, which is checked; its newline included.
    pub(crate) fn signature_line(&self, note: &str) -> Result<String, NoteError> {
        let bytes = self.checked(&Note::parse(note)?)?;
        Ok(self.0.signature_line(&bytes))
    }

    /// The signature of this key. Where it stands several times each must fit.
    fn checked(&self, note: &Note<'_>) -> Result<[u8; 64], NoteError> {
        let mut found = None;
        for signature in note.signatures_of(&self.0) {
            let bytes: [u8; 64] = signature
                .bytes
                .as_slice()
                .try_into()
                .map_err(|_| self.0.bad_signature())?;
            self.0.verify(note.text.as_bytes(), &bytes)?;
            found = Some(bytes);
        }
        found.ok_or_else(|| self.0.not_signed())
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        NamedKey::parse(text, ED25519, "a key of type 1 (Ed25519)").map(Self)
    }
}

/// The secret half. Whoever has it can sign checkpoints of a forged log.
pub struct SigningKey {
    verifier: VerifierKey,
    key: Signer,
}

impl SigningKey {
    /// Makes a key from 32 secret random bytes and the name that signatures carry.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name is empty or holds white space or `+`.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let verifier = VerifierKey(NamedKey::new(name, ED25519, Signer::verifying_key(seed))?);
        Ok(Self {
            verifier,
            key: Signer::new(seed),
        })
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
        let signature = self.key.sign(text.as_bytes());
        format!("{text}\n{}", self.verifier.0.signature_line(&signature))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.verifier.name())
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
    pub(crate) name: &'a str,
    pub(crate) key_id: [u8; 4],
    pub(crate) bytes: Vec<u8>,
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

    /// The signatures that carry name and identifier of `key`.
    pub(crate) fn signatures_of(&self, key: &NamedKey) -> impl Iterator<Item = &NoteSignature<'a>> {
        let own = |signature: &&NoteSignature<'a>| signature.name == key.name() && signature.key_id == key.id();
        self.signatures.iter().filter(own)
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
