//! The ledger room: what happened, so that nobody can change it unseen.
//!
//! Start at [`Entry`] for what is recorded, at [`LogReader`] for how it is read back and at [`ChainAudit`] for the whole check.
//! [`Frontier`] is the Merkle tree, [`Checkpoint`] what is signed, [`verify_inclusion`] and [`verify_consistency`] what
//! outsiders need; [`TileId`] says how the tree is published, [`Witness`] how others vouch for it.
//!
//! Nothing here opens a file: everything is a function over bytes.
//!
//! Absent: clear personal data. An entry names a person by a keyed reference and never holds a payload value.
//!
//! Source: RFC 9162 (tree, proofs); C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature and tlog-witness
//! (checkpoints, tiles, witnesses); 34 CFR 99.32 (what to record).

mod audit;
mod base64_bytes;
mod bundle;
mod chain;
mod checkpoint;
mod cosignature;
mod deeds;
mod edge;
mod entry;
mod follow;
mod group;
mod head;
mod join;
mod line;
mod named_key;
mod nodes;
mod note;
mod proof;
mod reader;
mod reference;
mod request;
mod school;
mod signer;
mod stamp;
mod submission;
mod tile;
mod tree;
mod tree_head;
mod witness;

pub use audit::{Audit, AuditedLog, ChainAudit, LogContent, Trusted, audit, read_verifier};
pub use base64_bytes::Base64;
pub use bundle::{BUNDLE_ENTRY_BYTES_MAX, BundleError, read_bundle, verify_bundle, write_bundle_entry};
pub use chain::{Begun, Ended, Links, LogState, PreviousLog};
pub use checkpoint::Checkpoint;
pub use cosignature::{Cosignature, CosignerKey, CosigningKey};
pub use deeds::{
    Attestation, Authority, ClockAccepted, Confirmed, Correction, Document, Erasure, Export, GradeChange, Grades,
    Heartbeat, LeftByHold, Listed, ManualDisclosure, Measurement, NamedPerson, Released, Repair, Retention,
};
pub use edge::{Tile, TileEdge, tile_hashes};
pub use entry::{
    CharterLoaded, ConsentChange, CutOffSet, Deed, DirectoryLoaded, ENTRY_VERSION, Entry, Fault, FindingEntry,
    Findings, Message, Outcome, Run, UnreadableEntry, Watch,
};
pub use follow::{Follow, FollowPlace};
pub use group::{EntryLine, Group};
pub use head::Head;
pub use join::Joiner;
pub use line::{
    Break, Deviation, ENTRY_BYTES_MAX, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, LedgerFile, ReadyEntry,
    write_checkpoint_line, write_entry_line,
};
pub use nodes::{
    MemoryTiles, NoSuchTile, Nodes, TileError, consistency_from_tiles, inclusion_from_tiles, root_from_tiles,
    verify_tiles,
};
pub use note::{NoteError, SigningKey, VerifierKey};
pub use proof::{ProofError, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
pub use reader::{LogError, LogReader, Sealed, Signatures, Tail};
pub use reference::{Reference, References, reference};
pub use request::{RequestChange, RequestKind};
pub use school::{open_school, seal_school};
pub use stamp::Stamp;
pub use submission::{
    ADD_CHECKPOINT_BYTES_MAX, AddCheckpoint, AnswerError, SubmissionError, TREE_SIZE_TYPE, WITNESS_ANSWER_BYTES_MAX,
    WitnessAnswer, read_answer,
};
pub use tile::{TILE_WIDTH, TileId, TileKind, TilePathError, partial_tiles};
pub use tree::{Frontier, TreeHash, empty_root, leaf_hash, node_hash};
pub use tree_head::TreeHead;
pub use witness::{Considered, Refusal, Signed, Witness};
