//! People row by row, from whatever source: clear values come in, digests go out.
//!
//! Every fault of a source is found in one run. A clear value lives only while its row is read.

use std::collections::HashMap;

use averment_detect::normalise::IdentifierKind;
use averment_detect::{DirectoryKey, Form, IdentifierDigest};
use jiff::Timestamp;

use super::columns::Column;
use super::report::{FAULTS_MAX, Fault, LoadError, Unsure, UnsureReason};
use super::row::At;
use super::subject::{Age, Role, year_of};
use crate::keys::keyed_digest;

/// Digest of the platform's id of a person.
pub(crate) type IdDigest = [u8; 16];

/// A whole source, read.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) people: Vec<NewPerson>,
    pub(crate) identifiers: Vec<NewIdentifier>,
    pub(crate) unsure: Vec<Unsure>,
    pub(crate) ignored_columns: Vec<usize>,
    /// Whether an object had members that are not known.
    pub(crate) ignored_members: bool,
    /// Who is named as gone.
    pub(crate) removed: Vec<IdDigest>,
}

/// One row of the source.
pub(crate) struct NewPerson {
    pub(crate) line: u64,
    pub(crate) id: IdDigest,
    /// None when nothing says it.
    pub(crate) role: Option<Role>,
    pub(crate) age: Age,
    pub(crate) school: Option<String>,
    pub(crate) kept: Kept,
}

/// One identifier of a row.
pub(crate) struct NewIdentifier {
    /// Position in [`Rows::people`].
    pub(crate) person: usize,
    pub(crate) kind: IdentifierKind,
    pub(crate) form: Form,
    pub(crate) digest: IdentifierDigest,
}

/// The digest that the platform's id of a person is kept and found by.
pub(crate) fn id_digest(key: &[u8; 32], id: &str) -> IdDigest {
    *keyed_digest(key, &[id.trim().as_bytes()])
        .first_chunk()
        .expect("a digest has 32 bytes")
}

/// What of a person who is known already stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The row says everything about the person.
    Nothing,
    /// Role, age, school, guardians and date of birth where the row is silent: the changes in a bundle come in parts.
    Unsaid,
    /// All identifiers, and the person is changed only when present: a part of a bundle without the person's own row.
    Identifiers,
}

/// A source while it is read.
pub(super) struct Reading<'a> {
    pub(super) directory: &'a DirectoryKey,
    pub(super) id_key: &'a [u8; 32],
    pub(super) this_year: i16,
    /// Of the row that is read: where its school is.
    pub(super) country: Option<String>,
    /// The file of a bundle that people stand in.
    pub(super) file: Option<&'static str>,
    pub(super) lines_of_ids: HashMap<IdDigest, u64>,
    pub(super) rows: Rows,
    pub(super) faults: Vec<Fault>,
    pub(super) total: u64,
}

impl<'a> Reading<'a> {
    pub(super) fn new((directory, id_key): (&'a DirectoryKey, &'a [u8; 32]), now: Timestamp) -> Self {
        Self {
            directory,
            id_key,
            this_year: year_of(now),
            country: None,
            file: None,
            lines_of_ids: HashMap::new(),
            rows: Rows::default(),
            faults: Vec::new(),
            total: 0,
        }
    }

    pub(super) fn fault(&mut self, at: At, expected: impl Into<String>) {
        self.total += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault {
                file: at.file,
                line: at.line,
                column: at.column,
                expected: expected.into(),
            });
        }
    }

    /// What was read, or every fault.
    pub(super) fn finish(mut self, source_name: &str) -> Result<Rows, LoadError> {
        if self.total > 0 {
            return Err(LoadError::Faults {
                source_name: source_name.to_owned(),
                faults: self.faults,
                total: self.total,
            });
        }
        self.find_shared();
        Ok(self.rows)
    }

    /// Finds identifiers that two people have. Those of guardians are left out: brothers and sisters share them.
    fn find_shared(&mut self) {
        let of_guardian = |kind| {
            use IdentifierKind::{GuardianAddress, GuardianEmail, GuardianEmailDigest, GuardianName, GuardianPhone};
            // A household shares its address, and digests say nothing that the address does not.
            matches!(
                kind,
                GuardianEmail | GuardianName | GuardianPhone | GuardianAddress | GuardianEmailDigest
            )
        };
        let is_own = |kind: IdentifierKind| kind.field() == kind && kind != IdentifierKind::Address;
        let mut own: Vec<&NewIdentifier> = self
            .rows
            .identifiers
            .iter()
            .filter(|found| !of_guardian(found.kind) && is_own(found.kind))
            .collect();
        own.sort_by_key(|found| (found.digest.strong, found.person));
        for pair in own.windows(2) {
            let [first, second] = pair else { continue };
            if first.digest == second.digest && first.person != second.person {
                let line = |found: &NewIdentifier| self.rows.people[found.person].line;
                let column = Column::Identifier(second.kind).name();
                let reason = UnsureReason::Shared { line: line(first) };
                self.rows.unsure.push(Unsure {
                    file: self.file,
                    line: line(second),
                    column,
                    reason,
                });
            }
        }
        self.rows
            .unsure
            .sort_by_key(|unsure| (unsure.file, unsure.line, unsure.column));
        self.rows.unsure.dedup();
    }
}
