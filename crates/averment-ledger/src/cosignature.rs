//! Cosignatures: a witness says that it saw this checkpoint, when, and that it fits every one it saw before.
//!
//! Start at [`CosigningKey::cosign`] and [`CosignerKey::verify`]. What is signed is the text of the checkpoint behind a line
//! that says which statement it is and one with the time, so that no cosignature can be taken for a log's own signature.
//!
//! Source: C2SP tlog-cosignature (<https://c2sp.org/tlog-cosignature>), Ed25519, `cosignature/v1`.

use ed25519_dalek::Signer as _;

use crate::named_key::NamedKey;
use crate::note::{Note, NoteError};

/// Signature type of timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 4;
/// Time (8 bytes) and signature.
const BYTES: usize = 8 + 64;
/// Times above this are in no cosignature.
const TIME_MAX: u64 = i64::MAX as u64;

/// The public half of a witness's key.
///
/// Text form `name+hash+key`: hash is 8 hex digits, key is base64 of 0x04 and the 32 key bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignerKey(NamedKey);

/// A cosignature whose signature fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness made it, seconds since 1970 UTC.
    pub time: u64,
    /// The line of the note that carries it, its newline included.
    pub line: String,
}

impl CosignerKey {
    /// Name of the witness.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The newest cosignature of this key on `note`. Signatures of others are left alone.
    ///
    /// # Errors
    /// [`NoteError`]; also when one of several cosignatures of this key does not fit.
    pub fn verify(&self, note: &str) -> Result<Cosignature, NoteError> {
        let note = Note::parse(note)?;
        let mut newest = None;
        for signature in note.signatures_of(&self.0) {
            let found = self.check(note.text, &signature.bytes)?;
            newest = newest
                .filter(|held: &Cosignature| held.time >= found.time)
                .or(Some(found));
        }
        newest.ok_or_else(|| self.0.not_signed())
    }

    fn check(&self, text: &str, bytes: &[u8]) -> Result<Cosignature, NoteError> {
        let bytes: &[u8; BYTES] = bytes.try_into().map_err(|_| self.0.bad_signature())?;
        let (time, signature) = bytes.split_first_chunk::<8>().expect("72 bytes");
        let time = u64::from_be_bytes(*time);
        let signature = signature.try_into().expect("64 bytes are left");
        // A time of zero is one that was left out, which a witness must not do.
        if time == 0 || time > TIME_MAX {
            return Err(self.0.bad_signature());
        }
        self.0.verify(message(text, time).as_bytes(), signature)?;
        let line = self.0.signature_line(bytes);
        Ok(Cosignature { time, line })
    }
}

impl std::fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for CosignerKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        NamedKey::parse(text, COSIGNATURE, "a key of type 4 (cosignatures)").map(Self)
    }
}

/// The secret half. Whoever has it can say that this witness saw what it did not see.
pub struct CosigningKey {
    cosigner: CosignerKey,
    key: ed25519_dalek::SigningKey,
}

impl CosigningKey {
    /// Makes a key from 32 secret random bytes and the witness's name. The bytes must be of no other key: what is signed
    /// does not say the name.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name is empty or holds white space or `+`.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let cosigner = CosignerKey(NamedKey::new(name, COSIGNATURE, key.verifying_key())?);
        Ok(Self { cosigner, key })
    }

    /// The public half.
    pub fn cosigner(&self) -> &CosignerKey {
        &self.cosigner
    }

    /// The signature line over `text`, a checkpoint with its last newline. `time`: seconds since 1970 UTC, above 0.
    pub fn cosign(&self, text: &str, time: u64) -> String {
        let signature = self.key.sign(message(text, time).as_bytes()).to_bytes();
        let bytes = [time.to_be_bytes().as_slice(), &signature].concat();
        self.cosigner.0.signature_line(&bytes)
    }
}

impl std::fmt::Debug for CosigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CosigningKey({})", self.cosigner.name())
    }
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
