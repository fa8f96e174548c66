//! The store room: the only one with engines. Data folder and its lock, keys, the directory of people, the journal.
//!
//! Start at [`DataFolder::open`]. [`Journal`] is what is written while traffic flows, [`Snapshot`] what the gate reads,
//! [`verify`] and [`entries`] how the record is read back, [`TileWriter`] how it is published.
//!
//! Absent: decisions. Nothing here says what may leave.

mod chain;
mod consents;
mod documents;
mod folder;
mod follow;
mod gaps;
mod inbox;
mod index;
mod journal;
mod keys;
mod leaves;
mod mysql;
mod people;
mod person;
mod persons;
mod policy_reports;
mod read;
pub mod requests;
mod snapshot;
mod tiles;
mod whose;
mod wrap;

pub use chain::Chain;
pub use consents::{
    About, Change, ConsentError, ConsentKind, ConsentState, Consents, GivenBy, NewChange, Proof, Said, Standing,
};
pub use documents::{Documents, Kept};
pub use folder::{DataFolder, FolderError};
pub use follow::Follower;
pub use gaps::{Gap, GapFold, GapKind, gaps};
pub use inbox::{Inbox, InboxError, Naming, Parcel, Receipt, Taken, Ticket, Under};
pub use index::{
    Affected, DisclosureRow, Disclosures, ElementReach, Entered, Followed, Headcount, Index, IndexError, ListError,
    ListedPerson, Progress, ProofError, Proofs, Proven, Question, Reach, Reaching, RecipientReach, SchoolReach, proofs,
};
pub use journal::{
    Cleared, Disk, Journal, JournalError, JournalOpenError, LogStart, NewLog, Record, Recovery, Request, Stats,
    latest_time, random_id, request_digest, request_digests,
};
pub use keys::{KeyError, Keys, ListMark, TombstoneDigests};
pub use leaves::{Leaf, LogEnd, leaves};
pub use mysql::{connect_mysql, mysql_fault};
pub use people::{
    Ambiguous, Currency, Extent, Fault, Forgotten, KnownPerson, LoadError, LoadReport, People, PeopleError,
    PeopleFormat, PeopleStatus, Refreshed, RoleStatus, Scope, Shrink, Source, SourceError, Unsure, UnsureReason,
    connect_postgres,
};
pub use person::{Corrected, Fate, PersonEntry, PersonError, person_entries};
pub use persons::{PersonId, Persons, PersonsBuilder};
pub use policy_reports::{
    CountedReport, KEPT as POLICY_REPORTS_KEPT, PolicyReport, PolicyReportError, PolicyReports,
    ROWS_MAX as POLICY_REPORTS_MAX,
};
pub use read::{Entries, Numbered, RawEntries, RawEntry, ReadError, entries, raw_entries, trusted, verify};
pub use requests::{Holds, RequestError, Requests};
pub use snapshot::{PersonKey, PersonKeys, Snapshot};
pub use tiles::{
    DifferingTile, LogLeaves, LogReadError, TileContents, TileFolder, TileReadError, TileWriteError, TileWriter,
    read_leaves, tiles_of,
};
pub use whose::{Group, Whose};
