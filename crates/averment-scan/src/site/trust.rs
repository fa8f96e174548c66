//! Certificates that a browser is to believe besides the system's, by the digest of their key: the one way in which Chromium takes
//! them without a store of its own. A server must send a certificate with that key in its chain.
//!
//! Source: RFC 7468 (PEM), RFC 5280 section 4.1 (where the key stands), X.690 section 8.1 (lengths).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const SEQUENCE: u8 = 0x30;
/// `[0]`, with the version; a certificate of version 1 has none.
const VERSION: u8 = 0xa0;

/// SHA-256 of the key of each certificate in a PEM text, in base64 as Chromium wants it; none where the text holds none, or one
/// that cannot be read.
pub fn key_digests(pem: &str) -> Option<Vec<String>> {
    let parts = pem.split(BEGIN).skip(1);
    let digests: Option<Vec<String>> = parts.map(digest).collect();
    digests.filter(|digests| !digests.is_empty())
}

fn digest(part: &str) -> Option<String> {
    let text: String = part.split(END).next()?.split_ascii_whitespace().collect();
    let certificate = STANDARD.decode(text).ok()?;
    Some(STANDARD.encode(Sha256::digest(key(&certificate)?)))
}

/// The `SubjectPublicKeyInfo` of a certificate, with its tag and length.
fn key(certificate: &[u8]) -> Option<&[u8]> {
    let (tag, signed, _) = element(certificate)?;
    let (signed_tag, mut rest, _) = element(signed)?;
    if (tag, signed_tag) != (SEQUENCE, SEQUENCE) {
        return None;
    }
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    // Serial number, algorithm, issuer, validity, subject.
    for _ in 0..5 {
        rest = element(rest)?.2;
    }
    let (tag, _, behind) = element(rest)?;
    (tag == SEQUENCE).then(|| &rest[..rest.len() - behind.len()])
}

/// Tag, content, and what stands behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let bytes = usize::from(first & 0x7f);
        let digits = rest.get(..bytes).filter(|_| (1..=4).contains(&bytes))?;
        length = digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
        rest = &rest[bytes..];
    }
    (length <= rest.len()).then(|| {
        let (content, behind) = rest.split_at(length);
        (tag, content, behind)
    })
}

#[cfg(test)]
mod tests;
