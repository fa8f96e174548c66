//! Erasing people: what would go, that it goes, that it is gone, and what says so.
//!
//! Start at [`plan`] and [`Eraser`]. A run is written down before it changes anything ([`Journal`]), goes on after a crash
//! from where it was, and ends with a [`Certificate`] that names first what is not confirmed.
//!
//! Absent: erasing without an entry of the ledger, which the caller records before [`Eraser::erase`] and after; a person's
//! value in a plan, an error, a certificate.
//!
//! Source: GDPR Art. 17 and 19; 16 CFR 312.10; directive for disposition of the National Data Privacy Agreement, exhibit D.

mod after;
mod asked;
mod asks;
mod becomes;
mod bystanders;
mod certificate;
mod dependent;
mod execute;
mod harvest;
mod held;
mod journal;
mod measure;
mod numbers;
mod order;
mod plan;
mod replay;
mod run;
mod sql;
mod stores;
mod sweep;
mod thin;
mod third_parties;
mod tombstones;
mod work;

pub use after::Cleaned;
pub use asked::{Asked, Since};
pub use asks::{Ask, KnownBy, Names, Way, ask, known_by};
pub(crate) use becomes::mask;
pub use certificate::{Certificate, CertificateOf, StoreLine, ThirdPartyLine};
pub use dependent::Effect;
pub use execute::Counts;
pub(crate) use harvest::{harvest, told};
pub use held::{Held, HeldError, HeldLine, Hold};
pub use journal::{Journal, JournalError, Run, Stage};
pub use measure::{Measured, measures};
pub use numbers::unknown;
pub(crate) use numbers::{folded, is_known, known_among};
pub use plan::{ColumnPlan, DependentPlan, OthersPlan, Plan, PlanProblem, StorePlan, TablePlan, plan};
pub use replay::{LeftOut, Released, Replay, Visible, people_erased};
pub use run::{Asking, Concerned, Eraser, Mandate, MayErase, MayGo, PEOPLE_AT_ONCE, Point};
pub(crate) use sql::count;
pub use stores::{Kept, Opened, open_store};
pub use sweep::{Found, Swept};
pub use third_parties::{Recipient, RecipientState};
pub use tombstones::{TombstoneError, Tombstones};

use crate::connect::DatabaseError;
use crate::graph::Misfit;
use crate::objects::ObjectError;

/// Why people cannot be erased.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EraseError {
    /// A database.
    #[error("store `{store}`")]
    Database {
        /// Which.
        store: String,
        /// Why.
        source: DatabaseError,
    },
    /// Objects.
    #[error("store `{store}`")]
    Objects {
        /// Which.
        store: String,
        /// Why.
        source: ObjectError,
    },
    /// The data map and the database do not fit.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// How a store is reached is not said.
    #[error("store `{0}`: nothing says how it is reached; expected `[stores.{0}]` in the settings")]
    NotReached(String),
    /// What is written down about a run.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The list of who was erased.
    #[error(transparent)]
    Tombstones(#[from] TombstoneError),
    /// Rows cannot go as the data map says.
    #[error("{} things keep the plan from being run; the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Problems(Vec<PlanProblem>),
    /// What would be done is not what was planned.
    #[error("what would be done differs from the plan with the hash `{planned}`: now it is `{now}`")]
    OtherPlan {
        /// The hash that was asked for.
        planned: String,
        /// The hash of what would be done now.
        now: String,
    },
    /// A hold was placed before everything went: what went before stays gone, and nothing more goes.
    #[error("somebody of this run is held now: {}", .0.join(", "))]
    Held(Vec<String>),
    /// Rows of others came since it was planned, and nobody agreed that they go.
    #[error("{0} rows of others would go, too, which came since it was planned")]
    RowsOfOthers(u64),
    /// Who is held cannot be asked.
    #[error("whether somebody of this run is held cannot be asked: {0}")]
    HoldsUnread(String),
    /// What the journal sealed cannot be opened.
    #[error("what the journal of erasures keeps was sealed with another `directory.key`")]
    OtherKeys,
}

impl EraseError {
    pub(crate) fn database(store: &averment_register::StoreId) -> impl Fn(DatabaseError) -> Self {
        let store = store.to_string();
        move |source| Self::Database {
            store: store.clone(),
            source,
        }
    }

    pub(crate) fn objects(store: &averment_register::StoreId) -> impl Fn(ObjectError) -> Self {
        let store = store.to_string();
        move |source| Self::Objects {
            store: store.clone(),
            source,
        }
    }
}
