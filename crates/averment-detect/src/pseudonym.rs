//! Pseudonyms of known people: the same for one recipient, another for the next, and turned back by whoever holds the key.
//!
//! `p1_` and 32 hexadecimal digits: 12 bytes of HMAC-SHA-256 over recipient and person, and the person's number (4 bytes)
//! under a stream made of those 12. Turned back, the 12 bytes are made again and compared, so that a changed pseudonym,
//! one of another recipient and one made up are none.
//!
//! Source: GDPR Art. 4(5); RFC 5297 for the construction (a tag that is also the nonce).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{PersonNumber, ReplacementKey};

const PREFIX: &str = "p1_";
/// Hexadecimal digits of the tag, and of all.
const TAG_DIGITS: usize = 24;
const DIGITS: usize = 32;

/// The pseudonym of `person` for the key's recipient: what [`averment_catalog::Treatment::Pseudonym`] puts in the place of a value.
pub fn pseudonym(key: &ReplacementKey<'_>, person: PersonNumber) -> String {
    let tag = tag(key, person);
    let number = person.0 ^ stream(key, tag);
    let mut out = PREFIX.to_owned();
    for byte in tag.iter().chain(&number.to_be_bytes()) {
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// Whether `text` has the form of a pseudonym.
pub(crate) fn is_pseudonym(text: &str) -> bool {
    let digits = text.strip_prefix(PREFIX).unwrap_or_default();
    digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The person whose pseudonym `text` is, as [`averment_catalog::Treatment::Pseudonym`] made it with the same key for the
/// same recipient.
///
/// `text`: `p1_` and 32 hexadecimal digits, in either letter case, nothing around. `None`: it is no pseudonym of this
/// recipient, or one of somebody who was not in the directory, which says nothing of a value.
pub fn reveal_pseudonym(key: &ReplacementKey<'_>, text: &str) -> Option<PersonNumber> {
    let (prefix, digits) = text.split_at_checked(PREFIX.len())?;
    let sound = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if !prefix.eq_ignore_ascii_case(PREFIX) || !sound {
        return None;
    }
    let (tag_digits, number) = digits.split_at(TAG_DIGITS);
    let mut claimed = [0; TAG_DIGITS / 2];
    for (at, byte) in claimed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&tag_digits[2 * at..2 * at + 2], 16).ok()?;
    }
    let number = u32::from_str_radix(number, 16).ok()?;
    let person = PersonNumber(number ^ stream(key, claimed));
    // Without a branch on the bytes: how far they agree must not show in the time.
    let differ = tag(key, person)
        .iter()
        .zip(&claimed)
        .fold(0, |differ, (a, b)| differ | (a ^ b));
    (differ == 0).then_some(person)
}

/// Every pseudonym in `text`, with the person where it is one of this recipient's: where it stands, and whose it is.
pub fn pseudonyms<'t>(
    key: &'t ReplacementKey<'_>,
    text: &'t [u8],
) -> impl Iterator<Item = (std::ops::Range<usize>, PersonNumber)> + 't {
    memchr::memmem::find_iter(text, PREFIX).filter_map(|at| {
        let range = at..at + PREFIX.len() + DIGITS;
        let written = std::str::from_utf8(text.get(range.clone())?).ok()?;
        let goes_on = text.get(range.end).is_some_and(u8::is_ascii_alphanumeric);
        let person = reveal_pseudonym(key, written).filter(|_| !goes_on)?;
        Some((range, person))
    })
}

fn tag(key: &ReplacementKey<'_>, person: PersonNumber) -> [u8; TAG_DIGITS / 2] {
    let digest = keyed(key, b"averment.pseudonym/2 tag", &person.0.to_be_bytes());
    *digest.first_chunk().expect("a digest is longer")
}

fn stream(key: &ReplacementKey<'_>, tag: [u8; TAG_DIGITS / 2]) -> u32 {
    let digest = keyed(key, b"averment.pseudonym/2 number", &tag);
    u32::from_be_bytes(*digest.first_chunk().expect("a digest is longer"))
}

/// Each part is preceded by its length, so that no two lists of parts are the same text.
fn keyed(key: &ReplacementKey<'_>, label: &[u8], content: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.key).expect("HMAC takes keys of any length");
    for part in [label, key.recipient.as_bytes(), content] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
