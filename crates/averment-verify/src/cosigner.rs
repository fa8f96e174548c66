//! Cosignatures of witnesses: somebody else saw this checkpoint, and that it fits every one seen before.
//!
//! Source: C2SP tlog-cosignature (<https://c2sp.org/tlog-cosignature>), Ed25519, `cosignature/v1`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Signature type of timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 4;
/// An em dash and a space begin every signature line.
const SIGNATURE_START: &str = "— ";

/// Not the key of a witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a witness's key: expected `name+hash+key` of type 4 (cosignatures)")]
pub struct CosignerKeyError;

/// The public half of a witness's key. Text form `name+hash+key` as for verifier keys, with type 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignerKey {
    name: String,
    id: [u8; 4],
    key: ed25519_dalek::VerifyingKey,
}

/// What a note shows of one witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cosigned {
    /// It signed.
    Yes,
    /// It did not.
    Missing,
    /// A signature in its name does not fit.
    Bad,
}

impl CosignerKey {
    /// Name of the witness.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Looks for this witness's signature on a note whose form is known to be right.
    pub(crate) fn look(&self, note: &str) -> Cosigned {
        let Some(blank) = note.rfind("\n\n") else {
            return Cosigned::Missing;
        };
        let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
        let own: Vec<Vec<u8>> = signatures.lines().filter_map(|line| self.own(line)).collect();
        match own.as_slice() {
            [] => Cosigned::Missing,
            own if own.iter().all(|bytes| self.fits(text, bytes)) => Cosigned::Yes,
            _ => Cosigned::Bad,
        }
    }

    /// The bytes behind the key identifier, in a line of this witness.
    fn own(&self, line: &str) -> Option<Vec<u8>> {
        let (name, signature) = line.strip_prefix(SIGNATURE_START)?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, rest) = bytes.split_first_chunk::<4>()?;
        (name == self.name && *id == self.id).then(|| rest.to_vec())
    }

    fn fits(&self, text: &str, bytes: &[u8]) -> bool {
        let Some((time, signature)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let Ok(signature) = <&[u8; 64]>::try_from(signature) else {
            return false;
        };
        let time = u64::from_be_bytes(*time);
        let signed = format!("cosignature/v1\ntime {time}\n{text}");
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        // A time of zero is one that was left out, which a witness must not do.
        time > 0 && i64::try_from(time).is_ok() && self.key.verify_strict(signed.as_bytes(), &signature).is_ok()
    }
}

impl std::str::FromStr for CosignerKey {
    type Err = CosignerKeyError;

    fn from_str(text: &str) -> Result<Self, CosignerKeyError> {
        parse(text).ok_or(CosignerKeyError)
    }
}

fn parse(text: &str) -> Option<CosignerKey> {
    let (name, rest) = text.split_once('+')?;
    let (hash, key) = rest.split_once('+')?;
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let bytes = STANDARD.decode(key).ok()?;
    let (&COSIGNATURE, key) = bytes.split_first()? else {
        return None;
    };
    let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n'])
        .chain_update(&bytes)
        .finalize();
    let id = *digest.first_chunk::<4>()?;
    // Compared as text, so that each key has exactly one spelling.
    (hash == format!("{:08x}", u32::from_be_bytes(id))).then(|| CosignerKey {
        name: name.to_owned(),
        id,
        key,
    })
}
