//! Why a deletion is not done, in words that name nobody.

use serde::{Deserialize, Serialize};

/// Why a deletion is not done. `step` is what the catalog says the request was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "why", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trouble {
    /// The third party goes by other identifiers.
    #[error("the third party goes by {wants}, and none is known")]
    NoIdentifier {
        /// In words.
        wants: String,
    },
    /// Nobody set how it is reached.
    #[error("no access to the third party is set")]
    NoAccess,
    /// A setting or secret is missing.
    #[error("the access lacks {what}")]
    AccessLacks {
        /// Its name.
        what: String,
    },
    /// It answered so.
    #[error("{step}: answered with status {status}")]
    Status {
        /// What for.
        step: String,
        /// HTTP status.
        status: u16,
    },
    /// It does not take the secret.
    #[error("{step}: does not accept the access that is set (status {status})")]
    Login {
        /// What for.
        step: String,
        /// HTTP status.
        status: u16,
    },
    /// It points elsewhere.
    #[error("{step}: answered with a redirect, which is not followed")]
    Redirect {
        /// What for.
        step: String,
    },
    /// A page for people came, perhaps one to sign in.
    #[error("{step}: answered with a web page")]
    WebPage {
        /// What for.
        step: String,
    },
    /// The answer is none that is documented.
    #[error("{step}: the answer is not the one that is documented, it lacks `{at}`")]
    Shape {
        /// What for.
        step: String,
        /// Member of the answer.
        at: String,
    },
    /// It says that it will not, or that its job failed.
    #[error("{step}: refused")]
    Refused {
        /// What for.
        step: String,
    },
    /// No answer in time.
    #[error("{step}: no answer in time")]
    TimedOut {
        /// What for.
        step: String,
    },
    /// No answer.
    #[error("{step}: {how}")]
    NotReached {
        /// What for.
        step: String,
        /// How.
        how: String,
    },
    /// Records are found after they were deleted.
    #[error("{step}: records are still found")]
    StillFound {
        /// What for.
        step: String,
    },
    /// The third party's job is not done.
    #[error("{step}: its job is not done yet")]
    Pending {
        /// What for.
        step: String,
    },
    /// A look that must find something does not: no look is believed.
    #[error("{step}: what must be found is not, so that nothing is found shows nothing")]
    Control {
        /// What for.
        step: String,
    },
    /// It has been accepted, and there is no way to look.
    #[error("the third party offers no look that would confirm it")]
    NothingConfirms,
    /// Part of it is done by hand.
    #[error("what requests can do is confirmed, the rest is done by hand: {rest}")]
    Rest {
        /// What.
        rest: String,
    },
    /// It is done by hand.
    #[error("there is no API for it: {how}")]
    ByHand {
        /// How.
        how: String,
    },
    /// The catalog says that nothing is kept.
    #[error("nothing about a person is kept there, says the catalog")]
    KeepsNothing,
    /// The catalog has no row.
    #[error("the catalog does not say how people are erased there")]
    Unknown,
    /// A value cannot stand where it should.
    #[error("`{name}` has a value that no request can hold")]
    Unusable {
        /// Name of the value.
        name: String,
    },
    /// The row is wrong.
    #[error("the catalog's row is wrong: {what}")]
    Row {
        /// What.
        what: String,
    },
}

impl Trouble {
    pub(super) fn row(what: String) -> Self {
        Self::Row { what }
    }
}
