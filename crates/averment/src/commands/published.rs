//! `averment ledger tiles`, `verify --tiles`, `check`: a ledger as it is published, and what an outsider makes of it.
//!
//! Start at [`check`]. Nothing here but [`tiles`] needs a data folder or a key that is not public.

use std::path::{Component, Path, PathBuf};

use averment_ledger::{
    Checkpoint, CosignerKey, Deed, Entry, Nodes as _, NoteError, TILE_WIDTH, TileId, TileKind, TreeHash, VerifierKey,
    leaf_hash, verify_bundle, verify_consistency, verify_inclusion, verify_tiles,
};
use averment_store::{TileContents, TileFolder, TileWriter, tiles_of};
use jiff::Timestamp;
use serde::Deserialize;

use crate::cli::{OutsiderArgs, TilesArgs};
use crate::commands::proofs::{OTHER_KEY, chain};
use crate::commands::witness::verifier;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

/// Writes every log to `<out>/<origin>`, tiles first, checkpoint last.
pub(crate) fn tiles(arguments: &TilesArgs) -> Result<Outcome, Failure> {
    let (folder, chain) = chain(&arguments.folders, None)?;
    for state in chain.logs() {
        let (log, key) = (folder.log(state.number), &state.key);
        let out = arguments.out.join(relative(key.name())?);
        let contents = if arguments.entries {
            TileContents::HashesAndEntries
        } else {
            TileContents::Hashes
        };
        let mut writer = TileWriter::open(&log, key, &out, contents)?;
        let Some(note) = writer.catch_up()?.map(str::to_owned) else {
            anstream::println!("{}  nothing is sealed yet", key.name());
            continue;
        };
        let cosignatures = held_cosignatures(&log, &note)?;
        writer.publish(&cosignatures)?;
        let size = Checkpoint::open(&note, key)?.size;
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

/// A log's name as a path below a folder, never one that leads elsewhere.
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

/// What an outsider knows: the log's key, and those of witnesses that must have signed.
struct Outsider {
    key: VerifierKey,
    witnesses: Vec<CosignerKey>,
}

impl Outsider {
    fn new(arguments: &OutsiderArgs) -> Result<Self, Failure> {
        let witnesses = arguments.witnesses.iter().map(|key| {
            let hint = "`averment witness` prints its key";
            key.parse().map_err(|error: NoteError| Failure::from(error).hint(hint))
        });
        Ok(Self {
            key: verifier(&arguments.verifier)?,
            witnesses: witnesses.collect::<Result<_, _>>()?,
        })
    }

    /// The log's key as it signs the log `origin`: logs of one key have names of their own.
    fn key_of(&self, origin: &str) -> VerifierKey {
        self.key.named(origin).unwrap_or_else(|_| self.key.clone())
    }

    /// The checkpoint in `note`, signed by everybody who must have; what is wrong otherwise.
    fn open(&self, note: &str) -> Result<Checkpoint, String> {
        let origin = note.lines().next().unwrap_or_default();
        let checkpoint = Checkpoint::open(note, &self.key_of(origin)).map_err(|error| match error {
            NoteError::NotSigned { .. } => format!("no signature of `{origin}` with the key as named: {OTHER_KEY}"),
            error => error.to_string(),
        })?;
        anstream::println!("log          {}", checkpoint.origin);
        anstream::println!("entries      {}", checkpoint.size);
        anstream::println!("root         {}", checkpoint.root);
        for witness in &self.witnesses {
            let signed = witness.verify(note).map_err(|error| error.to_string())?;
            let at = i64::try_from(signed.time)
                .ok()
                .and_then(|time| Timestamp::from_second(time).ok());
            let at = at.map_or_else(|| "an unknown time".to_owned(), |at| at.to_string());
            anstream::println!("witness      {} at {at}", witness.name());
        }
        Ok(checkpoint)
    }
}

/// Says whether it holds, and what does not.
fn told(found: Result<String, String>, what: &str) -> Outcome {
    match found {
        Ok(said) => {
            anstream::println!("{said}");
            anstream::println!("The {what} hold.");
            Outcome::Holds
        }
        Err(wrong) => {
            anstream::println!("broken       {}", wrap(&wrong, 79, "             "));
            anstream::println!("The {what} do not hold.");
            Outcome::Contrary
        }
    }
}

/// Checks a folder of tiles.
pub(crate) fn check_tiles(folder: &Path, arguments: &OutsiderArgs) -> Result<Outcome, Failure> {
    let (outsider, tiles) = (Outsider::new(arguments)?, TileFolder::new(folder));
    let note = tiles.checkpoint()?.ok_or_else(|| {
        Failure::new(format!("no checkpoint in `{}`", folder.display())).hint("it is the folder above `tile`")
    })?;
    let found = outsider.open(&note).and_then(|checkpoint| {
        verify_tiles(&tiles, checkpoint.size, &checkpoint.root).map_err(|error| error.to_string())?;
        let bundles = check_bundles(&tiles, checkpoint.size)?;
        Ok(format!("bundles      {bundles}"))
    });
    Ok(told(found, "tiles"))
}

/// Holds the entry bundles that are there against the tiles of leaf hashes; gives their number.
fn check_bundles(tiles: &TileFolder, size: u64) -> Result<u64, String> {
    let mut found = 0;
    let of = |kind, index| TileId::at(kind, index, size);
    for index in 0..size.div_ceil(u64::from(TILE_WIDTH)) {
        let (bundle, hashes) = (of(TileKind::Entries, index), of(TileKind::Hashes { level: 0 }, index));
        let Some((bundle, hashes)) = bundle.zip(hashes).filter(|(bundle, _)| tiles.file(*bundle).exists()) else {
            continue;
        };
        let hashes = tiles.tile(hashes).map_err(|error| error.to_string())?;
        let entries = tiles.bundle(bundle).map_err(|error| error.to_string())?;
        verify_bundle(&entries, &hashes).map_err(|error| format!("`{bundle}`: {error}"))?;
        found += 1;
    }
    Ok(found)
}

/// A proof as `prove` and `consistency` print it.
#[derive(Debug, Deserialize)]
#[serde(tag = "schema")]
enum Printed {
    #[serde(rename = "averment.inclusion/1")]
    Inclusion {
        checkpoint: String,
        leaf: u64,
        entry: Option<u64>,
        leaf_hash: TreeHash,
        proof: Vec<TreeHash>,
        content: Option<String>,
    },
    #[serde(rename = "averment.consistency/1")]
    Consistency {
        checkpoint: String,
        from: Older,
        proof: Vec<TreeHash>,
    },
}

#[derive(Debug, Deserialize)]
struct Older {
    size: u64,
    root: TreeHash,
}

/// Checks a printed proof. `since`: a file with the older checkpoint that a consistency proof must begin at.
pub(crate) fn check(file: &Path, since: Option<&Path>, arguments: &OutsiderArgs) -> Result<Outcome, Failure> {
    let outsider = Outsider::new(arguments)?;
    let printed: Printed = serde_json::from_str(&text(file)?).map_err(|error| {
        let hint = "expected what `averment ledger prove` or `consistency` prints";
        Failure::new(format!("`{}` is no proof", file.display()))
            .because(error)
            .hint(hint)
    })?;
    let found = match printed {
        Printed::Inclusion {
            checkpoint,
            leaf,
            entry,
            leaf_hash,
            proof,
            content,
        } => outsider.open(&checkpoint).and_then(|checkpoint| {
            check_inclusion(&checkpoint, (leaf, &leaf_hash), &proof, content.as_deref())?;
            Ok(format!(
                "proven       entry {leaf} of this log is in it{}{}",
                entry.map_or_else(String::new, number_as_told),
                content.as_deref().map_or_else(String::new, beside)
            ))
        }),
        Printed::Consistency {
            checkpoint,
            from,
            proof,
        } => {
            let since = since.map(text).transpose()?;
            check_consistency(&outsider, &checkpoint, &from, &proof, since.as_deref())
        }
    };
    Ok(told(found, "signatures and proof"))
}

fn check_inclusion(
    checkpoint: &Checkpoint,
    (leaf, hash): (u64, &TreeHash),
    proof: &[TreeHash],
    content: Option<&str>,
) -> Result<(), String> {
    if content.is_some_and(|content| leaf_hash(content.as_bytes()) != *hash) {
        return Err("the entry that is shown is not the one that is proven".to_owned());
    }
    let verified = verify_inclusion(hash, leaf, checkpoint.size, proof, &checkpoint.root);
    verified.map_err(|error| error.to_string())
}

/// No hash is over the number in the whole ledger.
fn number_as_told(entry: u64) -> String {
    format!("\n             (entry {entry} of the ledger, if `first` in the first entry of this log bears that out)")
}

/// What a proven entry says about the log beside its own.
fn beside(content: &str) -> String {
    let told = |which: &str, verifier: &str| format!("\n{which}  {verifier}");
    match serde_json::from_str::<Entry>(content).map(|entry| entry.deed) {
        Ok(Deed::Ended(ended)) => told("next log   ", &ended.verifier),
        Ok(Deed::Begun(begun)) => {
            let previous = told("log before ", &begun.previous.verifier);
            format!("{previous}\nfirst        entry {} of the ledger", begun.first)
        }
        _ => String::new(),
    }
}

fn check_consistency(
    outsider: &Outsider,
    note: &str,
    from: &Older,
    proof: &[TreeHash],
    since: Option<&str>,
) -> Result<String, String> {
    let checkpoint = outsider.open(note)?;
    if let Some(since) = since {
        let older = Checkpoint::open(since, &outsider.key_of(&checkpoint.origin))
            .map_err(|error| format!("the older checkpoint: {error}"))?;
        if (older.size, older.root) != (from.size, from.root) {
            return Err(format!(
                "the proof is not about the older checkpoint of {} entries",
                older.size
            ));
        }
    }
    let newer = (checkpoint.size, &checkpoint.root);
    verify_consistency((from.size, &from.root), newer, proof).map_err(|error| error.to_string())?;
    let begins = format!(
        "proven       it begins with the {} entries of root {}",
        from.size, from.root
    );
    Ok(match since {
        Some(_) => begins,
        None => format!("{begins}\n             (is that the root that you have kept? `--since FILE` compares)"),
    })
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))
}
