//! The record as files that anybody can serve and check: tiles of hashes, bundles of entries, a checkpoint over them.
//!
//! Start at [`TileWriter`], which follows one log and writes its tiles, and at [`TileFolder`], which reads them. A folder of
//! tiles is laid out by C2SP tlog-tiles: `checkpoint`, `tile/<level>/<index>`, `tile/entries/<index>` (gzip).
//!
//! Invariant: what a checkpoint in such a folder needs is on disk before it; a file of a tile is never written over.

mod differing;
mod folder;
mod leaves;
mod write;
mod writer;

pub use differing::DifferingTile;
pub use folder::{TileFolder, TileReadError};
pub use leaves::{LogLeaves, LogReadError, read_leaves, tiles_of};
pub use writer::{TileContents, TileWriteError, TileWriter};
