//! The store room: the only one with engines. Data folder and its lock, keys, the directory of people, the journal.
//!
//! Start at [`DataFolder::open`]. [`Journal`] is what is written while traffic flows, [`Snapshot`] what the gate reads,
//! [`verify`] and [`entries`] how the record is read back.
//!
//! Absent: decisions. Nothing here says what may leave.

mod consents;
mod folder;
mod follow;
mod journal;
mod keys;
mod leaves;
mod people;
mod person;
mod persons;
mod read;
mod snapshot;
mod whose;
mod wrap;

pub use consents::{
    About, Change, ConsentError, ConsentKind, ConsentState, Consents, GivenBy, NewChange, Proof, Standing,
};
pub use folder::{DataFolder, FolderError};
pub use follow::Follower;
pub use journal::{
    Cleared, Disk, Journal, JournalError, JournalOpenError, Record, Recovery, Request, Stats, request_digest,
};
pub use keys::{KeyError, Keys};
pub use leaves::{Leaf, LogEnd, leaves};
pub use people::{
    Ambiguous, Currency, Extent, Fault, LoadError, LoadReport, People, PeopleError, PeopleFormat, PeopleStatus,
    Refreshed, RoleStatus, Scope, Shrink, Source, SourceError, Unsure, UnsureReason,
};
pub use person::{Fate, PersonEntry, PersonError, person_entries};
pub use persons::{PersonId, Persons, PersonsBuilder};
pub use read::{Entries, Numbered, ReadError, entries, trusted, verify};
pub use snapshot::{PersonKey, PersonKeys, Snapshot};
pub use whose::{Group, Whose};
