//! The store room: the only one with engines. Data folder and its lock, keys, the directory of people, the journal.
//!
//! Start at [`DataFolder::open`]. [`Journal`] is what is written while traffic flows, [`Snapshot`] what the gate reads,
//! [`verify`] and [`entries`] how the record is read back, [`TileWriter`] how it is published.
//!
//! Absent: decisions. Nothing here says what may leave.

mod consents;
mod folder;
mod follow;
mod index;
mod journal;
mod keys;
mod people;
mod person;
mod persons;
mod read;
mod snapshot;
mod tiles;
mod wrap;

pub use consents::{
    About, Change, ConsentError, ConsentKind, ConsentState, Consents, GivenBy, NewChange, Proof, Standing,
};
pub use folder::{DataFolder, FolderError};
pub use follow::Follower;
pub use index::{
    Affected, DisclosureRow, Disclosures, ElementReach, Entered, Followed, Headcount, Index, IndexError, ListError,
    ListedPerson, Progress, ProofError, Proofs, Proven, Question, Reach, Reaching, SchoolReach, proofs,
};
pub use journal::{
    Cleared, Disk, Journal, JournalError, JournalOpenError, Record, Recovery, Request, Stats, request_digest,
};
pub use keys::{KeyError, Keys};
pub use people::{
    Ambiguous, Currency, Extent, Fault, LoadError, LoadReport, People, PeopleError, PeopleFormat, PeopleStatus,
    Refreshed, RoleStatus, Scope, Shrink, Source, SourceError, Unsure, UnsureReason,
};
pub use person::{Corrected, Fate, PersonEntry, PersonError, person_entries};
pub use persons::{PersonId, Persons, PersonsBuilder};
pub use read::{Entries, Numbered, ReadError, entries, trusted, verify};
pub use snapshot::{PersonKey, PersonKeys, Snapshot};
pub use tiles::{
    LogLeaves, LogReadError, TileContents, TileFolder, TileReadError, TileWriteError, TileWriter, log_folders, log_key,
    read_leaves, tiles_of,
};
