//! What can be wrong with requests.

use std::path::{Path, PathBuf};

use averment_ledger::RequestKind;

use super::request::State;
use crate::people::PeopleError;

/// Why requests cannot be used, or a step cannot be taken. Whoever would destroy anything must then not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The database failed.
    #[error("cannot use the requests")]
    Database(#[from] rusqlite::Error),
    /// A file is gone or cannot be made.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database was made with another key: everybody's requests would be somebody else's or nobody's.
    #[error("the requests belong to another `directory.key`: put that key back")]
    OtherKey,
    /// Written by another version of this program.
    #[error("the requests have format {found}, expected {expected}: use the averment that wrote them")]
    Format {
        /// Format of the file.
        found: i64,
        /// Format of this program.
        expected: i64,
    },
    /// A row is not what was written.
    #[error("the requests are damaged: {what} is not one that is written")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// The file knows less than was entered: holds may be missing from it.
    #[error(
        "`requests.db` was put back to an older state or is gone: it has {found} steps and had {expected}; put the newer \
         file back, or remove `{}` if the older state is meant",
        mark.display()
    )]
    PutBack {
        /// Steps in the file.
        found: u64,
        /// Steps that it had at least.
        expected: u64,
        /// Where that is written.
        mark: PathBuf,
    },
    /// What says how much was entered cannot be read.
    #[error("`{}` is not what was written: expected a number of steps", path.display())]
    Mark {
        /// The file.
        path: PathBuf,
    },
    /// The directory cannot be asked.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Nobody by that id was ever loaded. The id is not repeated.
    #[error("nobody in the directory has this id")]
    UnknownPerson,
    /// The person was erased.
    #[error("this person was forgotten: nothing can be entered for them any more")]
    Forgotten,
    /// About a person or a school, where it must be the other.
    #[error("a request for {kind} is about {}", if *.of_a_school { "a school" } else { "a person" })]
    About {
        /// What is asked for.
        kind: RequestKind,
        /// What it has to be about.
        of_a_school: bool,
    },
    /// No such request.
    #[error("no request `{id}`")]
    Unknown {
        /// What was asked for.
        id: String,
    },
    /// That cannot happen to a request that stands so.
    #[error("request `{id}` is {}: it cannot be {event} now", state.as_str().replace('_', " "))]
    Step {
        /// The request.
        id: String,
        /// How it stands.
        state: State,
        /// What was tried.
        event: &'static str,
    },
    /// Nothing is done before somebody has checked who asks, and with which right.
    #[error(
        "request `{id}` was never verified: identity and right of whoever asks must be checked before anything is done"
    )]
    Unverified {
        /// The request.
        id: String,
    },
    /// What would be destroyed is under hold.
    #[error("request `{id}` destroys what is under hold: {}", holds.join(", "))]
    Held {
        /// The request.
        id: String,
        /// Ground and request of each hold.
        holds: Vec<String>,
    },
    /// The operating system gave no random bytes.
    #[error("cannot get random bytes for a request")]
    Random,
}

impl RequestError {
    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
