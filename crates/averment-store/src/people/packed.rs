//! All identifiers of one person in one run of bytes: a row per person instead of one per identifier, which is what makes
//! a million people quick to load and to read.
//!
//! Each has [`BYTES`]: a code of what it is, the fast digest (big-endian), the strong one.

use averment_catalog::ElementId;
use averment_detect::normalise::IdentifierKind;
use averment_detect::{Form, IdentifierDigest};

use super::PeopleError;

/// Bytes of one identifier.
pub(super) const BYTES: usize = 1 + 8 + 16;

/// On disk, so never changed: the position is the code.
const KINDS: [IdentifierKind; 14] = [
    IdentifierKind::Email,
    IdentifierKind::GuardianEmail,
    IdentifierKind::Username,
    IdentifierKind::AccountId,
    IdentifierKind::StudentId,
    IdentifierKind::Phone,
    IdentifierKind::GuardianPhone,
    IdentifierKind::FullName,
    IdentifierKind::GuardianName,
    IdentifierKind::Address,
    IdentifierKind::GuardianAddress,
    IdentifierKind::EmailDigest,
    IdentifierKind::GuardianEmailDigest,
    IdentifierKind::NameAndBirthDate,
];

/// Puts an identifier behind the others.
pub(super) fn push(packed: &mut Vec<u8>, kind: IdentifierKind, digest: &IdentifierDigest) {
    packed.push(code(kind) as u8);
    packed.extend_from_slice(&digest.fast.to_be_bytes());
    packed.extend_from_slice(&digest.strong);
}

fn code(kind: IdentifierKind) -> usize {
    let position = KINDS.iter().position(|known| *known == kind);
    position.expect("the test `every_kind_has_a_code` packs each")
}

/// One identifier as it is packed.
#[derive(Clone, Copy)]
pub(super) struct Packed<'a>(&'a [u8; BYTES]);

impl Packed<'_> {
    pub(super) fn kind(self) -> IdentifierKind {
        KINDS[self.code()]
    }

    /// Position in [`elements`].
    pub(super) fn code(self) -> usize {
        usize::from(self.0[0])
    }

    pub(super) fn digest(self) -> IdentifierDigest {
        let (fast, strong) = self.0[1..].split_first_chunk().expect("24 bytes follow the code");
        IdentifierDigest {
            fast: u64::from_be_bytes(*fast),
            strong: *strong.first_chunk().expect("16 bytes follow the fast digest"),
        }
    }

    /// The shape that it is matched in: it stands in the two lowest bits of the fast digest.
    pub(super) fn form(self) -> Form {
        Form::from_code((self.0[8] & 3) + 1).expect("there are four forms")
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0
    }
}

/// The identifiers of a person, as this program packed them.
pub(super) fn each(packed: &[u8]) -> impl Iterator<Item = Packed<'_>> {
    packed.as_chunks().0.iter().map(Packed)
}

/// The identifiers of a person, as they were read from disk.
///
/// # Errors
/// [`PeopleError::Damaged`] when they were not packed by this program.
pub(super) fn checked(packed: &[u8]) -> Result<impl Iterator<Item = Packed<'_>>, PeopleError> {
    let (whole, rest) = packed.as_chunks::<BYTES>();
    if rest.is_empty() && whole.iter().all(|one| usize::from(one[0]) < KINDS.len()) {
        Ok(each(packed))
    } else {
        Err(PeopleError::Damaged {
            what: "an identifier is not known",
        })
    }
}

/// The element of each code. Making one checks its text, which would be most of the work for some millions.
pub(super) fn elements() -> Vec<ElementId> {
    KINDS.iter().map(|kind| kind.element()).collect()
}

/// Whether it is the person's own, so that somebody else with the same is worth a word. A household shares its address and
/// guardians; digests and birth dates say nothing that the field they are made of does not.
pub(super) fn is_own(kind: IdentifierKind) -> bool {
    use IdentifierKind::{AccountId, Email, FullName, Phone, StudentId, Username};
    matches!(kind, Email | Username | AccountId | StudentId | Phone | FullName)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_code() {
        for kind in IdentifierKind::ALL {
            for kind in [Some(kind), kind.derived(), Some(IdentifierKind::NameAndBirthDate)] {
                let Some(kind) = kind else { continue };
                for form in [Form::Email, Form::Phone, Form::Word, Form::Name] {
                    let digest = averment_detect::DirectoryKey::new([3; 32]).digest(form, "ada");
                    let mut packed = Vec::new();
                    push(&mut packed, kind, &digest);
                    let found: Vec<_> = checked(&packed).unwrap().collect();
                    assert_eq!(
                        (found[0].kind(), found[0].digest(), found[0].form()),
                        (kind, digest, form)
                    );
                }
            }
        }
    }

    #[test]
    fn what_nobody_packed_is_damaged() {
        assert!(checked(&[1; BYTES - 1]).is_err());
        assert!(checked(&[200; BYTES]).is_err());
        assert_eq!(checked(&[]).unwrap().count(), 0);
    }
}
