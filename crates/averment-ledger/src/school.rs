//! The school of a person in an entry, readable only with the person's own key: who is forgotten is of no school any more.
//!
//! Start at [`seal_school`] and [`open_school`]. A small school says much about the few who go there, so its name stands in
//! no entry beside them. Nothing here keeps it from being changed: the tree over the entries does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::reference::Reference;

/// Bytes that one HMAC covers; names of up to as many look alike.
const BLOCK: usize = 32;
/// Longest name, in bytes; of a longer one the beginning is kept.
const NAME_BYTES_MAX: usize = 8 * BLOCK;

/// The name, filled up with zeros to a multiple of 32 bytes, with each byte changed by a stream that nobody can make without
/// `key`: block *n* is HMAC-SHA-256 under it of `averment.school/1`, `reference` and *n* as one byte. Base64; none for an empty name.
///
/// `reference`: the one that the entry has for the person, which never comes again, so that no stream does.
pub fn seal_school(key: &[u8; 32], reference: &Reference, name: &str) -> Option<String> {
    let mut end = name.len().min(NAME_BYTES_MAX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let mut bytes = name.as_bytes()[..end].to_vec();
    bytes.resize(end.div_ceil(BLOCK) * BLOCK, 0);
    veil(key, reference, &mut bytes);
    (end > 0).then(|| STANDARD.encode(bytes))
}

/// The name that [`seal_school`] sealed; none when this is not what it makes, or was made with another key or reference.
pub fn open_school(key: &[u8; 32], reference: &Reference, sealed: &str) -> Option<String> {
    let mut bytes = STANDARD.decode(sealed).ok()?;
    if bytes.is_empty() || bytes.len() > NAME_BYTES_MAX || !bytes.len().is_multiple_of(BLOCK) {
        return None;
    }
    veil(key, reference, &mut bytes);
    let name = String::from_utf8(bytes).ok()?;
    let name = name.trim_end_matches('\0');
    (!name.is_empty() && !name.contains(char::is_control)).then(|| name.to_owned())
}

fn veil(key: &[u8; 32], reference: &Reference, bytes: &mut [u8]) {
    for (number, block) in (0_u8..).zip(bytes.chunks_mut(BLOCK)) {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(b"averment.school/1");
        mac.update(&reference.0);
        mac.update(&[number]);
        let stream: [u8; BLOCK] = mac.finalize().into_bytes().into();
        block.iter_mut().zip(stream).for_each(|(byte, own)| *byte ^= own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64_bytes::Base64;

    #[test]
    fn a_school_is_read_with_the_key_and_the_reference_and_with_nothing_else() {
        let long = "Ä".repeat(200);
        for name in [
            "Birch",
            "Birch Elementary",
            "a name of exactly thirty-two by.",
            "École à l’Étang",
            &long,
        ] {
            let sealed = seal_school(&[1; 32], &Base64([7; 16]), name).unwrap();
            let opened = open_school(&[1; 32], &Base64([7; 16]), &sealed).unwrap();
            assert!(name.starts_with(&opened) && (name.len() > NAME_BYTES_MAX || opened == name));
            assert_eq!(open_school(&[2; 32], &Base64([7; 16]), &sealed), None);
            assert_eq!(open_school(&[1; 32], &Base64([8; 16]), &sealed), None);
            assert!(!sealed.contains(&STANDARD.encode(name)));
        }
        assert_eq!(seal_school(&[1; 32], &Base64([7; 16]), ""), None);
        for junk in ["", "AAAA", "no base64", &STANDARD.encode([0; 4096])] {
            assert_eq!(open_school(&[1; 32], &Base64([7; 16]), junk), None, "{junk}");
        }
    }

    /// Two short names look alike, and the same name never comes twice.
    #[test]
    fn a_sealed_school_tells_neither_name_nor_whether_it_is_the_same() {
        let seal = |reference: u8, name| seal_school(&[1; 32], &Base64([reference; 16]), name).unwrap();
        assert_eq!(seal(1, "A").len(), seal(1, "Birch Elementary School").len());
        assert_ne!(seal(1, "Birch"), seal(2, "Birch"));
    }
}
