//! `averment ledger tiles`, `prove`, `consistency`: what outsiders check a ledger with.
//!
//! Start at [`prove`]. Proofs come from the published tiles where those suffice and from the log otherwise; each is
//! verified against the signed checkpoint before it is printed.

use std::path::{Component, Path, PathBuf};

use averment_ledger::{
    Checkpoint, MemoryTiles, Nodes, TileError, TileId, TileKind, TreeHash, VerifierKey, consistency_from_tiles,
    empty_root, inclusion_from_tiles, leaf_hash, read_bundle, root_from_tiles, verify_bundle, verify_consistency,
    verify_inclusion, verify_tiles,
};
use averment_store::{
    DataFolder, Keys, TileContents, TileFolder, TileWriter, log_folders, log_key, read_leaves, tiles_of,
};
use serde_json::json;

use crate::cli::{Folders, ProofArgs, TilesArgs};
use crate::commands::witness::verifier;
use crate::outcome::{Failure, Outcome};

/// Entries of a bundle.
const WIDTH: u64 = averment_ledger::TILE_WIDTH as u64;

/// Writes every log to `<out>/<origin>`, tiles first, checkpoint last.
pub(crate) fn tiles(arguments: &TilesArgs) -> Result<Outcome, Failure> {
    for log in logs(&arguments.folders)? {
        let key = own_key(&log, &arguments.folders)?;
        let out = arguments.out.join(relative(key.name())?);
        let contents = if arguments.entries {
            TileContents::HashesAndEntries
        } else {
            TileContents::Hashes
        };
        let mut writer = TileWriter::open(&log, &key, &out, contents)?;
        let Some(note) = writer.catch_up()?.map(str::to_owned) else {
            anstream::println!("{}  nothing is sealed yet", key.name());
            continue;
        };
        let cosignatures = held_cosignatures(&log, &note)?;
        writer.publish(&cosignatures)?;
        let size = Checkpoint::open(&note, &key)?.size;
        anstream::println!("{}  {size} entries, {} cosignatures", out.display(), cosignatures.len());
    }
    Ok(Outcome::Holds)
}

/// What witnesses signed below `note`, if a running gate has published it.
fn held_cosignatures(log: &Path, note: &str) -> Result<Vec<String>, Failure> {
    let published = tiles_of(log).checkpoint()?.unwrap_or_default();
    let lines = published.strip_prefix(note).unwrap_or_default();
    Ok(lines.lines().map(|line| format!("{line}\n")).collect())
}

/// A log's name as a path below a folder: names are not told from paths that lead elsewhere.
fn relative(origin: &str) -> Result<PathBuf, Failure> {
    let path = PathBuf::from(origin);
    if path.components().all(|part| matches!(part, Component::Normal(_))) {
        Ok(path)
    } else {
        Err(Failure::new(format!(
            "the log's name `{origin}` is no path to write to"
        )))
    }
}

/// Checks a folder of tiles, as an outsider has it.
pub(crate) fn check_tiles(folder: &Path, key: &VerifierKey) -> Result<Outcome, Failure> {
    let tiles = TileFolder::new(folder);
    let (note, checkpoint) = published(&tiles, key)?.ok_or_else(|| {
        Failure::new(format!("no checkpoint in `{}`", folder.display())).hint("it is the folder above `tile`")
    })?;
    anstream::println!("entries      {}", checkpoint.size);
    anstream::println!("root         {}", checkpoint.root);
    anstream::println!("signatures   {}", note.matches("\n— ").count());
    let bundles = verify_tiles(&tiles, checkpoint.size, &checkpoint.root)
        .map_err(|error| error.to_string())
        .and_then(|()| check_bundles(&tiles, checkpoint.size));
    match bundles {
        Ok(bundles) => {
            anstream::println!("bundles      {bundles}");
            anstream::println!("The tiles hold.");
            Ok(Outcome::Holds)
        }
        Err(found) => {
            anstream::println!("broken       {found}");
            anstream::println!("The tiles do not hold.");
            Ok(Outcome::Contrary)
        }
    }
}

/// Holds the entry bundles that are there against the tiles of leaf hashes; gives their number.
fn check_bundles(tiles: &TileFolder, size: u64) -> Result<u64, String> {
    let mut found = 0;
    for index in 0..size.div_ceil(WIDTH) {
        let (Some(bundle), Some(hashes)) = (
            TileId::at(TileKind::Entries, index, size),
            TileId::at(TileKind::Hashes { level: 0 }, index, size),
        ) else {
            break;
        };
        if !tiles.file(bundle).exists() {
            continue;
        }
        let hashes = tiles.tile(hashes).map_err(|error| error.to_string())?;
        let entries = tiles.bundle(bundle).map_err(|error| error.to_string())?;
        verify_bundle(&entries, &hashes).map_err(|error| format!("`{bundle}`: {error}"))?;
        found += 1;
    }
    Ok(found)
}

/// Prints the proof that an entry is in the log.
pub(crate) fn prove(entry: u64, with_entry: bool, arguments: &ProofArgs) -> Result<Outcome, Failure> {
    let source = Source::open(arguments, |checkpoint| entry < checkpoint.size, Some(entry))?;
    let (checkpoint, size) = (&source.checkpoint, source.checkpoint.size);
    if entry >= size {
        return Err(Failure::new(format!(
            "there is no entry {entry}: the log has {size} sealed entries, from 0"
        )));
    }
    let (leaf, proof) = source.nodes.inclusion(entry, size)?;
    verify_inclusion(&leaf, entry, size, &proof, &checkpoint.root)?;
    let mut found = json!({
        "schema": "averment.inclusion/1", "checkpoint": source.note, "entry": entry, "leaf_hash": leaf, "proof": proof,
    });
    if with_entry {
        let content = source.entry(entry, &leaf)?;
        found["content"] = json!(content);
    }
    anstream::println!("{found:#}");
    Ok(Outcome::Holds)
}

/// Prints the proof that the log of `from` entries is the beginning of the log now.
pub(crate) fn consistency(from: u64, arguments: &ProofArgs) -> Result<Outcome, Failure> {
    let source = Source::open(arguments, |checkpoint| from <= checkpoint.size, None)?;
    let (checkpoint, size) = (&source.checkpoint, source.checkpoint.size);
    if from > size {
        return Err(Failure::new(format!("the log has only {size} sealed entries")));
    }
    let (root, proof) = source.nodes.consistency(from, size)?;
    verify_consistency((from, &root), (size, &checkpoint.root), &proof)?;
    let found = json!({
        "schema": "averment.consistency/1", "from": { "size": from, "root": root }, "checkpoint": source.note,
        "proof": proof,
    });
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
    /// The tiles as named, else the published ones if they are `enough`, else the log, of which the content of `entry` is
    /// kept.
    fn open(arguments: &ProofArgs, enough: impl Fn(&Checkpoint) -> bool, entry: Option<u64>) -> Result<Self, Failure> {
        if let Some(folder) = &arguments.tiles {
            let key = verifier(arguments.verifier.as_deref().unwrap_or_default())?;
            let missing = || Failure::new(format!("no checkpoint in `{}`", folder.display()));
            return Self::of_folder(TileFolder::new(folder), &key)?.ok_or_else(missing);
        }
        let log = logs(&arguments.folders)?
            .pop()
            .ok_or_else(|| no_ledger(&arguments.folders))?;
        let key = match &arguments.verifier {
            Some(named) => verifier(named)?,
            None => own_key(&log, &arguments.folders)?,
        };
        match Self::of_folder(tiles_of(&log), &key)? {
            Some(source) if enough(&source.checkpoint) => Ok(source),
            _ => Self::of_log(&log, key, entry),
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

    fn of_log(log: &Path, key: VerifierKey, entry: Option<u64>) -> Result<Self, Failure> {
        let (mut tiles, mut content) = (MemoryTiles::new(), None);
        let read = read_leaves(log, key, |index, hash, json| {
            tiles.push(hash);
            if Some(index) == entry {
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

    /// The entry itself, which must have the hash that was proven.
    fn entry(&self, entry: u64, leaf: &TreeHash) -> Result<String, Failure> {
        let content = match &self.nodes {
            Tree::Memory(_) => self.content.clone(),
            Tree::Folder(folder) => {
                let bundle = TileId::at(TileKind::Entries, entry / WIDTH, self.checkpoint.size);
                let bundle = bundle.expect("the checkpoint has this entry");
                let bytes = folder.bundle(bundle)?;
                let entries = read_bundle(&bytes, bundle.width())?;
                let within = usize::try_from(entry % WIDTH).expect("below 256");
                entries.get(within).map(|entry| entry.to_vec())
            }
        };
        let content = content.filter(|content| leaf_hash(content) == *leaf);
        let text = content.and_then(|content| String::from_utf8(content).ok());
        text.ok_or_else(|| Failure::new(format!("the stored entry {entry} is not the one that the log holds")))
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
    let checkpoint = Checkpoint::open(&note, key)?;
    Ok(Some((note, checkpoint)))
}

/// The folders of logs, oldest first; at least one.
fn logs(folders: &Folders) -> Result<Vec<PathBuf>, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let ledger = folder.ledger();
    let logs = if ledger.is_dir() {
        log_folders(&ledger)?
    } else {
        Vec::new()
    };
    if logs.is_empty() {
        return Err(no_ledger(folders));
    }
    Ok(logs)
}

fn no_ledger(folders: &Folders) -> Failure {
    Failure::new(format!("no ledger in `{}` yet", folders.data.display()))
        .hint("`averment up` or `averment gate` begins one")
}

/// The key of a log, which is that of the key folder where there is one.
fn own_key(log: &Path, folders: &Folders) -> Result<VerifierKey, Failure> {
    let key = log_key(log)?;
    if folders.keys.exists() && *Keys::read(&folders.keys)?.verifier() != key {
        return Err(Failure::new(format!(
            "the log in `{}` is of another key than `{}`",
            log.display(),
            folders.keys.display()
        )));
    }
    Ok(key)
}
