//! What can be wrong with consents.

use std::path::{Path, PathBuf};

use super::ConsentKind;
use crate::people::PeopleError;
use crate::requests::RequestError;

/// Why consents cannot be used. The gate must then let nothing out that names anybody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// The database failed.
    #[error("cannot use the consents")]
    Database(#[from] rusqlite::Error),
    /// The database's file is gone or cannot be made.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database was made with another key: everybody's consents would be somebody else's or nobody's.
    #[error("the consents belong to another `directory.key`: put that key back")]
    OtherKey,
    /// Written by another version of this program.
    #[error("the consents have format {found}, expected {expected}: use the averment that wrote them")]
    Format {
        /// Format of the file.
        found: i64,
        /// Format of this program.
        expected: i64,
    },
    /// A row is not what was written.
    #[error("the consents are damaged: {what} is not one that is written")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// Another file was put in place that knows less than this program has read: opt-outs may be missing from it.
    #[error("the consents were put back to an older state: start again if that is meant")]
    PutBack,
    /// The directory cannot be asked.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Whose data may only be stored cannot be known.
    #[error(transparent)]
    Requests(#[from] RequestError),
    /// Nobody by that id was ever loaded. The id is not repeated.
    #[error("nobody in the directory has this id")]
    UnknownPerson,
    /// The person was erased.
    #[error("this person was forgotten: nothing can be entered for them any more")]
    Forgotten,
    /// Directory information is opted out of by each for themselves, 34 CFR 99.37(a)(2).
    #[error(
        "a school objects to recipients and consents for its pupils: nobody but a parent or student speaks on `{kind}`"
    )]
    NotForSchools {
        /// What was found.
        kind: ConsentKind,
    },
    /// Nobody but a school consents, objects or takes that back for all its people.
    #[error("for everybody of a school nobody speaks but the school: expected `school`, found `{by}`")]
    NotBySchool {
        /// Whose word it is.
        by: &'static str,
    },
    /// Whoever speaks has no right to give this.
    #[error("{because}")]
    NotTheirs {
        /// Why, with the provision.
        because: &'static str,
    },
    /// The operating system gave no random bytes.
    #[error("cannot get random bytes for an entry")]
    Random(#[source] getrandom::Error),
}

impl ConsentError {
    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
