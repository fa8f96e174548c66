//! People row by row, from whatever source: clear values come in, digests go out.
//!
//! Every fault of a source is found in one run. A clear value lives only while its row is read.

use averment_detect::DirectoryKey;
use jiff::Timestamp;

use super::columns::Column;
use super::packed;
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
    pub(crate) unsure: Vec<Unsure>,
    pub(crate) ignored_columns: Vec<usize>,
    /// Whether an object had members that are not known.
    pub(crate) ignored_members: bool,
    /// Who is named as gone.
    pub(crate) removed: Vec<Departure>,
}

/// One row of the source.
pub(crate) struct NewPerson {
    pub(crate) line: u64,
    pub(crate) id: IdDigest,
    /// None when nothing says it.
    pub(crate) role: Option<Role>,
    pub(crate) age: Age,
    pub(crate) school: Option<Box<str>>,
    pub(crate) kept: Kept,
    /// Identifiers, see [`packed`].
    pub(crate) known_by: Box<[u8]>,
}

/// Somebody named as gone.
pub(crate) struct Departure {
    pub(crate) line: u64,
    pub(crate) id: IdDigest,
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
    /// What the source calls the column of ids.
    pub(super) id_column: &'static str,
    /// Of the row that is read: its identifiers, packed.
    pub(super) packed: Vec<u8>,
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
            id_column: "id",
            packed: Vec::new(),
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

    /// An empty one for some rows of the same source.
    pub(super) fn part(&self) -> Self {
        Self {
            directory: self.directory,
            id_key: self.id_key,
            this_year: self.this_year,
            country: None,
            file: self.file,
            id_column: self.id_column,
            packed: Vec::new(),
            rows: Rows::default(),
            faults: Vec::new(),
            total: 0,
        }
    }

    /// Takes in what was read of the rows that follow.
    pub(super) fn append(&mut self, part: Self) {
        self.rows.people.extend(part.rows.people);
        self.rows.removed.extend(part.rows.removed);
        self.rows.unsure.extend(part.rows.unsure);
        self.rows.ignored_members |= part.rows.ignored_members;
        let room = FAULTS_MAX - self.faults.len();
        self.faults.extend(part.faults.into_iter().take(room));
        self.total += part.total;
        self.id_column = part.id_column;
    }

    /// What was read, or every fault.
    pub(super) fn finish(mut self, source_name: &str) -> Result<Rows, LoadError> {
        self.find_same_ids();
        if self.total > 0 {
            self.faults.sort_by_key(|fault| (fault.file, fault.line));
            return Err(LoadError::Faults {
                source_name: source_name.to_owned(),
                faults: self.faults,
                total: self.total,
            });
        }
        self.find_shared();
        Ok(self.rows)
    }

    fn find_same_ids(&mut self) {
        let people = self.rows.people.iter().map(|person| (person.id, person.line));
        let removed = self.rows.removed.iter().map(|gone| (gone.id, gone.line));
        let mut ids: Vec<(IdDigest, u64)> = people.chain(removed).collect();
        ids.sort_unstable();
        let mut first = None;
        let mut same: Vec<(u64, u64)> = Vec::new();
        for (id, line) in ids {
            match first {
                Some((first_id, first_line)) if first_id == id => same.push((line, first_line)),
                _ => first = Some((id, line)),
            }
        }
        same.sort_unstable();
        let (file, column) = (self.file, Some(self.id_column));
        for (line, first) in same {
            let expected = format!("expected an id of its own, found the one of line {first}");
            self.fault(At { file, line, column }, expected);
        }
    }

    /// Finds identifiers that two people have.
    fn find_shared(&mut self) {
        let several = self.several_times();
        let mut shared = Vec::new();
        for person in &self.rows.people {
            let own = own(person).filter(|one| several.binary_search(&one.digest().fast).is_ok());
            shared.extend(own.map(|one| (one.digest().strong, one.digest().fast, person.line, one.kind())));
        }
        shared.sort_unstable();
        for pair in shared.windows(2) {
            let [(first, first_fast, first_line, _), (second, fast, line, kind)] = pair else {
                continue;
            };
            if (first, first_fast) == (second, fast) && first_line != line {
                self.rows.unsure.push(Unsure {
                    file: self.file,
                    line: *line,
                    column: Column::Identifier(*kind).name(),
                    reason: UnsureReason::Shared { line: *first_line },
                });
            }
        }
        self.rows
            .unsure
            .sort_by_key(|unsure| (unsure.file, unsure.line, unsure.column));
        self.rows.unsure.dedup();
    }

    /// Fast digests that come more than once, sorted: nearly all are seen once, and 8 bytes of each are enough to know.
    fn several_times(&self) -> Vec<u64> {
        let mut all: Vec<u64> = Vec::with_capacity(self.rows.people.len() * 6);
        for person in &self.rows.people {
            all.extend(own(person).map(|one| one.digest().fast));
        }
        all.sort_unstable();
        let mut several: Vec<u64> = all
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .map(|pair| pair[0])
            .collect();
        several.dedup();
        several
    }
}

fn own(person: &NewPerson) -> impl Iterator<Item = packed::Packed<'_>> {
    packed::each(&person.known_by).filter(|one| packed::is_own(one.kind()))
}
