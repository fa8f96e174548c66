//! The ledger room: what happened, so that nobody can change it unseen.
//!
//! Start at [`Entry`] for what is recorded, at [`LogReader`] for how it is read back and at [`audit`] for the whole check.
//! [`Frontier`] is the Merkle tree, [`Checkpoint`] what is signed, [`verify_inclusion`] and [`verify_consistency`] what
//! outsiders need.
//!
//! Nothing here opens a file: everything is a function over bytes.
//!
//! Absent: clear personal data. An entry names a person by a keyed reference and never holds a payload value.
//!
//! Source: RFC 9162 (tree, proofs); C2SP signed-note and tlog-checkpoint (checkpoints); 34 CFR 99.32 (what to record).

mod audit;
mod base64_bytes;
mod checkpoint;
mod deeds;
mod entry;
mod follow;
mod group;
mod head;
mod join;
mod line;
mod note;
mod proof;
mod reader;
mod reference;
mod tree;

pub use audit::{Audit, Trusted, audit, read_verifier};
pub use base64_bytes::Base64;
pub use checkpoint::Checkpoint;
pub use deeds::{
    Attestation, Authority, Correction, Document, Erasure, Export, GradeChange, Grades, Heartbeat, ManualDisclosure,
    Measurement, NamedPerson,
};
pub use entry::{
    CharterLoaded, ConsentChange, CutOffSet, Deed, DirectoryLoaded, ENTRY_VERSION, Entry, Fault, FindingEntry,
    Findings, Message, Outcome, Run, UnreadableEntry, Watch,
};
pub use follow::{Follow, FollowPlace};
pub use group::{EntryLine, Group};
pub use head::Head;
pub use join::Joiner;
pub use line::{
    Break, Deviation, ENTRY_BYTES_MAX, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, LedgerFile, write_checkpoint_line,
    write_entry_line,
};
pub use note::{NoteError, SigningKey, VerifierKey};
pub use proof::{ProofError, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
pub use reader::{LogError, LogReader, Sealed, Signatures, Tail};
pub use reference::{Reference, References, reference};
pub use tree::{Frontier, TreeHash, empty_root, leaf_hash, node_hash};
