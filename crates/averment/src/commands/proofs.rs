//! `averment ledger prove`, `consistency`: what outsiders check a ledger with.
//!
//! Start at [`prove`]. Proofs come from the published tiles where those suffice and from the log otherwise; each is
//! verified against the signed checkpoint before it is printed.

use std::path::Path;

use averment_ledger::{
    Checkpoint, LogState, MemoryTiles, Nodes, NoteError, TileError, TileId, TileKind, TreeHash, Trusted, VerifierKey,
    consistency_from_tiles, empty_root, inclusion_from_tiles, leaf_hash, read_bundle, root_from_tiles,
    verify_consistency, verify_inclusion,
};
use averment_store::{Chain, DataFolder, Keys, TileFolder, read_leaves, tiles_of, trusted};
use serde_json::{Value, json};

use crate::cli::{Folders, ProofArgs};
use crate::commands::witness::verifier;
use crate::outcome::{Failure, Outcome};

/// Entries of a bundle.
const WIDTH: u64 = averment_ledger::TILE_WIDTH as u64;

/// Prints the proof that an entry is in the ledger: in one of its logs.
pub(crate) fn prove(entry: u64, with_entry: bool, arguments: &ProofArgs) -> Result<Outcome, Failure> {
    let (source, leaf, log) = match &arguments.tiles {
        Some(folder) => (Source::of_tiles(folder, arguments)?, entry, None),
        None => {
            let (folder, chain) = chain(&arguments.folders, arguments.verifier.as_deref())?;
            let (log, leaf) = locate(&chain, entry)?;
            let source = Source::of_log(&folder.log(log.number), &log.key, leaf + 1, Some(leaf))?;
            (source, leaf, Some(log.number))
        }
    };
    let (checkpoint, size) = (&source.checkpoint, source.checkpoint.size);
    if leaf >= size {
        return Err(Failure::new(format!(
            "there is no entry {leaf}: the log has {size} sealed entries, from 0"
        )));
    }
    let (hash, proof) = source.nodes.inclusion(leaf, size)?;
    verify_inclusion(&hash, leaf, size, &proof, &checkpoint.root)?;
    let mut found = json!({
        "schema": "averment.inclusion/1", "checkpoint": source.note, "leaf": leaf, "leaf_hash": hash, "proof": proof,
    });
    if let Some(log) = log {
        found["log"] = json!(log);
        found["entry"] = json!(entry);
    }
    if with_entry {
        let content = source.entry(leaf, &hash)?;
        found["content"] = json!(content);
    }
    anstream::println!("{found:#}");
    Ok(Outcome::Holds)
}

/// Prints the proof that a log of `from` entries is the beginning of that log now. `log`: its number, the newest when absent.
pub(crate) fn consistency(from: u64, log: Option<u32>, arguments: &ProofArgs) -> Result<Outcome, Failure> {
    let (source, log) = match &arguments.tiles {
        Some(folder) => (Source::of_tiles(folder, arguments)?, Value::Null),
        None => {
            let (folder, chain) = chain(&arguments.folders, arguments.verifier.as_deref())?;
            let log = numbered(&chain, log)?;
            let source = Source::of_log(&folder.log(log.number), &log.key, from, None)?;
            (source, json!(log.number))
        }
    };
    let (checkpoint, size) = (&source.checkpoint, source.checkpoint.size);
    if from > size {
        return Err(Failure::new(format!("the log has only {size} sealed entries"))
            .hint("`--log` names the log that an older checkpoint is of; its first line says which"));
    }
    let (root, proof) = source.nodes.consistency(from, size)?;
    verify_consistency((from, &root), (size, &checkpoint.root), &proof)?;
    let mut found = json!({
        "schema": "averment.consistency/1", "from": { "size": from, "root": root }, "checkpoint": source.note,
        "proof": proof,
    });
    if !log.is_null() {
        found["log"] = log;
    }
    anstream::println!("{found:#}");
    Ok(Outcome::Holds)
}

/// Where proofs come from, and the checkpoint that they are about.
struct Source {
    nodes: Tree,
    note: String,
    checkpoint: Checkpoint,
    /// The entry that was asked for, where the log was read.
    content: Option<Vec<u8>>,
}

enum Tree {
    Folder(TileFolder),
    Memory(MemoryTiles),
}

impl Source {
    /// The tiles in `folder`, which are of one log.
    fn of_tiles(folder: &Path, arguments: &ProofArgs) -> Result<Self, Failure> {
        let key = verifier(arguments.verifier.as_deref().unwrap_or_default())?;
        let missing =
            || Failure::new(format!("no checkpoint in `{}`", folder.display())).hint("it is the folder above `tile`");
        Self::of_folder(TileFolder::new(folder), &key)?.ok_or_else(missing)
    }

    /// The published tiles of the log in `log` if they reach to `size`, else the log, of which the content of `leaf` is kept.
    fn of_log(log: &Path, key: &VerifierKey, size: u64, leaf: Option<u64>) -> Result<Self, Failure> {
        match Self::of_folder(tiles_of(log), key)? {
            Some(source) if size <= source.checkpoint.size => Ok(source),
            _ => Self::of_entries(log, key.clone(), leaf),
        }
    }

    fn of_folder(folder: TileFolder, key: &VerifierKey) -> Result<Option<Self>, Failure> {
        let published = published(&folder, key)?;
        Ok(published.map(|(note, checkpoint)| Self {
            nodes: Tree::Folder(folder),
            note,
            checkpoint,
            content: None,
        }))
    }

    fn of_entries(log: &Path, key: VerifierKey, leaf: Option<u64>) -> Result<Self, Failure> {
        let (mut tiles, mut content) = (MemoryTiles::new(), None);
        let read = read_leaves(log, key, |index, hash, json| {
            tiles.push(hash);
            if Some(index) == leaf {
                content = Some(json.to_vec());
            }
        })?;
        let (Some(note), Some(checkpoint)) = (read.note(), read.checkpoint()) else {
            return Err(Failure::new(format!("nothing is sealed yet in `{}`", log.display())));
        };
        Ok(Self {
            nodes: Tree::Memory(tiles),
            note: note.to_owned(),
            checkpoint: checkpoint.clone(),
            content,
        })
    }

    /// The entry itself, leaf `leaf`, which must have the hash that was proven.
    fn entry(&self, leaf: u64, hash: &TreeHash) -> Result<String, Failure> {
        let content = match &self.nodes {
            Tree::Memory(_) => self.content.clone(),
            Tree::Folder(folder) => {
                let bundle = TileId::at(TileKind::Entries, leaf / WIDTH, self.checkpoint.size);
                let bundle = bundle.expect("the checkpoint has this entry");
                let bytes = folder.bundle(bundle)?;
                let entries = read_bundle(&bytes, bundle.width())?;
                let within = usize::try_from(leaf % WIDTH).expect("below 256");
                entries.get(within).map(|entry| entry.to_vec())
            }
        };
        let content = content.filter(|content| leaf_hash(content) == *hash);
        let text = content.and_then(|content| String::from_utf8(content).ok());
        text.ok_or_else(|| Failure::new(format!("the stored entry {leaf} is not the one that the log holds")))
    }
}

impl Tree {
    fn inclusion(&self, entry: u64, size: u64) -> Result<(TreeHash, Vec<TreeHash>), Failure> {
        match self {
            Self::Folder(folder) => inclusion(folder, entry, size),
            Self::Memory(tiles) => inclusion(tiles, entry, size),
        }
    }

    fn consistency(&self, from: u64, size: u64) -> Result<(TreeHash, Vec<TreeHash>), Failure> {
        match self {
            _ if from == 0 => Ok((empty_root(), Vec::new())),
            Self::Folder(folder) => consistent(folder, from, size),
            Self::Memory(tiles) => consistent(tiles, from, size),
        }
    }
}

fn inclusion<N: Nodes>(nodes: &N, entry: u64, size: u64) -> Result<(TreeHash, Vec<TreeHash>), Failure> {
    let proof = inclusion_from_tiles(nodes, entry, size)?;
    let tile = TileId::at(TileKind::Hashes { level: 0 }, entry / WIDTH, size).expect("the tree has this leaf");
    let hashes = nodes.tile(tile).map_err(|source| TileError::Read { tile, source })?;
    let within = usize::try_from(entry % WIDTH).expect("below 256");
    let leaf = hashes.get(within).copied();
    Ok((leaf.ok_or_else(|| Failure::new(format!("`{tile}` is cut off")))?, proof))
}

fn consistent<N: Nodes>(nodes: &N, from: u64, size: u64) -> Result<(TreeHash, Vec<TreeHash>), Failure> {
    Ok((
        root_from_tiles(nodes, from)?,
        consistency_from_tiles(nodes, from, size)?,
    ))
}

/// The published checkpoint, its signature checked.
fn published(folder: &TileFolder, key: &VerifierKey) -> Result<Option<(String, Checkpoint)>, Failure> {
    let Some(note) = folder.checkpoint()? else {
        return Ok(None);
    };
    let checkpoint = opened(&note, key)?;
    Ok(Some((note, checkpoint)))
}

/// The checkpoint in `note`, of a log that `key` signs under whatever name: logs of one key have names of their own.
pub(crate) fn opened(note: &str, key: &VerifierKey) -> Result<Checkpoint, Failure> {
    let origin = note.lines().next().unwrap_or_default();
    let named = key.named(origin).unwrap_or_else(|_| key.clone());
    Checkpoint::open(note, &named).map_err(|error| match error {
        NoteError::NotSigned { .. } => {
            Failure::new(format!("the log `{origin}` is not signed with the key as named")).hint(OTHER_KEY)
        }
        error => Failure::from(error),
    })
}

/// How to come by the key of another log.
pub(crate) const OTHER_KEY: &str = "each log of a ledger may have a key of its own: the last entry of a log holds the key \
                                    of the next one, the first entry that of the one before; `prove --with-entry` of \
                                    those, checked with the key that you have, gives the key of the log beside it";

/// The ledger and its logs: one of them is of the key as named, or else of that in the key folder, and the others follow
/// from it. An auditor may have neither: then the logs can only be held against each other.
pub(crate) fn chain(folders: &Folders, named: Option<&str>) -> Result<(DataFolder, Chain), Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let chain = match named {
        Some(named) => Chain::read_vouched(&folder, Some(&verifier(named)?))?,
        None if folders.keys.exists() => {
            let keys = Keys::read(&folders.keys)?;
            Chain::read_vouched(&folder, trusted(&folder, &keys)?)?
        }
        None => Chain::read(&folder, Trusted::default())?,
    };
    Ok((folder, chain))
}

/// The log that holds entry `entry` of the ledger, and which leaf of that log it is.
fn locate(chain: &Chain, entry: u64) -> Result<(&LogState, u64), Failure> {
    let found = chain.locate(entry).ok_or_else(|| {
        let entries = chain.entries();
        Failure::new(format!(
            "there is no entry {entry}: the ledger has {entries} sealed entries, from 0"
        ))
    });
    let (number, leaf) = found?;
    Ok((numbered(chain, Some(number))?, leaf))
}

/// Log `number`, or the newest.
fn numbered(chain: &Chain, number: Option<u32>) -> Result<&LogState, Failure> {
    let Some(number) = number else {
        return Ok(chain.newest());
    };
    let found = chain.logs().iter().find(|log| log.number == number);
    found.ok_or_else(|| {
        let newest = chain.newest().number;
        Failure::new(format!("there is no log {number}: the ledger has logs 1 to {newest}"))
    })
}
