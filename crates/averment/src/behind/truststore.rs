//! A Java trust store, without a Java.
//!
//! Source: the JKS format as OpenJDK's `sun.security.provider.JavaKeyStore` reads and writes it.

use sha1::{Digest as _, Sha1};

/// What Java calls every trust store's password. It protects nothing: the content is public.
pub(super) const PASSWORD: &str = "changeit";

const MAGIC: u32 = 0xFEED_FEED;
const VERSION: u32 = 2;
const TRUSTED_CERTIFICATE: u32 = 2;
/// Mixed into the check sum before the content.
const SALT: &[u8] = b"Mighty Aphrodite";

/// A store with these certificates (DER). Entries carry no date, so that the same certificates give the same bytes.
pub(super) fn jks(certificates: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for number in [MAGIC, VERSION, certificates.len() as u32] {
        out.extend(number.to_be_bytes());
    }
    for (number, certificate) in certificates.iter().enumerate() {
        out.extend(TRUSTED_CERTIFICATE.to_be_bytes());
        text(&mut out, &format!("averment-{number}"));
        out.extend(0_u64.to_be_bytes());
        text(&mut out, "X.509");
        out.extend((certificate.len() as u32).to_be_bytes());
        out.extend_from_slice(certificate);
    }
    let mut sum = Sha1::new();
    for unit in PASSWORD.encode_utf16() {
        sum.update(unit.to_be_bytes());
    }
    sum.update(SALT);
    sum.update(&out);
    out.extend(sum.finalize());
    out
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}
