//! What loading people gave, or why nothing was loaded. Lines, columns and counts; never a value.

use std::collections::BTreeMap;

use averment_catalog::SubjectId;
use averment_detect::Form;
use averment_detect::normalise::NotMatchable;

use super::PeopleError;
use super::sync::SourceError;

/// Most faults that one error names; the rest is counted.
pub(crate) const FAULTS_MAX: usize = 50;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadReport {
    /// People by kind of data subject, at the time of loading.
    pub people: BTreeMap<SubjectId, u64>,
    /// Identifiers by the shape that they are matched in. One value may have several (a telephone number with and
    /// without its country code).
    pub identifiers: BTreeMap<Form, u64>,
    /// Values that are not or not surely recognised, by line.
    pub unsure: Vec<Unsure>,
    /// Columns, from 1, whose header is not known. Nothing in them is recognised. By number: in a file without a header
    /// the names would be somebody's data.
    pub ignored_columns: Vec<usize>,
    /// Whether objects had members whose name is not known. Nothing in them is recognised.
    pub ignored_members: bool,
    /// People who were not in the directory before.
    pub new: u64,
    /// People who are no longer recognised: not in the file, or removed by it. Entries about them can still be found until
    /// they are erased.
    pub departed: u64,
    /// People in the directory afterwards.
    pub present: u64,
}

/// A value that is not or not surely recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsure {
    /// File of a bundle of several.
    pub file: Option<&'static str>,
    /// Line in the file, from 1.
    pub line: u64,
    /// Name of the column.
    pub column: &'static str,
    /// Why.
    pub reason: UnsureReason,
}

/// Why a value is not or not surely recognised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsureReason {
    /// It would match by chance, or could never match: it is not looked for.
    #[error("not looked for: {0}")]
    NotMatchable(NotMatchable),
    /// Somebody else has the same: it is looked for, and counts as the stricter kind of data subject's.
    #[error("the same as in line {line}: counts as the stricter kind of person's")]
    Shared {
        /// Line of the other person.
        line: u64,
    },
    /// Nothing says what the person is.
    #[error("no role, so the person counts as a student")]
    NoRole,
}

/// Why nothing was loaded. The directory is what it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file is not a people file.
    #[error("{}", faults_text(source_name, faults, *total))]
    Faults {
        /// Name of the file.
        source_name: String,
        /// The first of them.
        faults: Vec<Fault>,
        /// How many there are.
        total: u64,
    },
    /// The file cannot be read.
    #[error("cannot read `{source_name}`, nothing was loaded")]
    Read {
        /// Name of the file.
        source_name: String,
        /// Why.
        source: std::io::Error,
    },
    /// Most likely the file is not whole.
    #[error(
        "`{source_name}` has {found} people and would take {departed} of {before} out of the directory, more than {limit_percent} %: nothing was loaded"
    )]
    Shrinks {
        /// Name of the file.
        source_name: String,
        /// People in the directory now.
        before: u64,
        /// People in the file.
        found: u64,
        /// People in the directory who are not in the file.
        departed: u64,
        /// The declared share.
        limit_percent: u8,
    },
    /// The directory is declared to refuse identifiers that two people have.
    #[error(
        "line {line} of `{source_name}` has an address, user name or number that somebody else has, too (lines: {total}); `--ambiguous refuse` was declared, and nothing was loaded"
    )]
    Shared {
        /// Name of the file.
        source_name: String,
        /// The first line.
        line: u64,
        /// How many lines have one.
        total: u64,
    },
    /// A bundle is not what its format says.
    #[error("`{source_name}` is not a people file that can be read: {expected}")]
    Bundle {
        /// Name of the file or folder.
        source_name: String,
        /// What was expected.
        expected: String,
    },
    /// A database or an API cannot be read.
    #[error("nothing was loaded")]
    Source(#[from] SourceError),
    /// The directory cannot be written.
    #[error("nothing was loaded")]
    Store(#[from] PeopleError),
}

/// What is wrong with a place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// File of a bundle of several.
    pub file: Option<&'static str>,
    /// Line, from 1. Of an answer of a database or an API: the position of the person in it, a heading counted.
    pub line: u64,
    /// Name of the column, when one is meant.
    pub column: Option<&'static str>,
    /// What was expected, and what was found if that is no value.
    pub expected: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(file) = self.file {
            write!(f, "{file}, ")?;
        }
        match self.column {
            Some(column) => write!(f, "line {}, column `{column}`: {}", self.line, self.expected),
            None => write!(f, "line {}: {}", self.line, self.expected),
        }
    }
}

fn faults_text(source_name: &str, faults: &[Fault], total: u64) -> String {
    let noun = if total == 1 { "fault" } else { "faults" };
    let mut text = format!("`{source_name}` has {total} {noun}, nothing was loaded");
    for fault in faults {
        text.push_str(&format!("\n  {fault}"));
    }
    if total > faults.len() as u64 {
        text.push_str(&format!("\n  and {} more", total - faults.len() as u64));
    }
    text
}
