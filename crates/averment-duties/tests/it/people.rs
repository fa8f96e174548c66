//! Fictional people whom the directory of a test knows.

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, PersonNumber};

pub(crate) fn nobody() -> Directory {
    Directory::new(DirectoryKey::new([0; 32]), Vec::new(), [])
}

/// Maya, a student.
pub(crate) fn directory() -> Directory {
    let key = DirectoryKey::new([7; 32]);
    let mut rows = Vec::new();
    for (kind, text) in [
        (IdentifierKind::Email, "maya.lindqvist@birch.example"),
        (IdentifierKind::EmailDigest, "maya.lindqvist@birch.example"),
        (IdentifierKind::FullName, "Maya Lindqvist"),
    ] {
        for (form, normal) in identifiers(kind, text).unwrap() {
            rows.push(DirectoryRow {
                digest: key.digest(form, &normal),
                element: kind.element(),
                person: PersonNumber(1),
            });
        }
    }
    Directory::new(key, rows, [(PersonNumber(1), SubjectId::new("student").unwrap())])
}
