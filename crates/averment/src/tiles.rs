//! Beside a running gate: the tiles of the ledger's logs are kept up to date, witnesses asked, checkpoints published.
//!
//! Start at [`keep`]. Nothing of it holds up the gate: it runs on a thread of its own, and what fails is logged and tried
//! again. Killed at any moment it goes on after the next start.
//!
//! Invariant: no log is published whose key does not follow from that of the key folder.

mod asking;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use averment_gate::Gate;
use averment_ledger::{LogState, TileId, TileKind, VerifierKey, verify_tiles};
use averment_store::{
    Chain, DataFolder, LogReadError, ReadError, TileContents, TileFolder, TileReadError, TileWriteError, TileWriter,
    tiles_of,
};
use averment_witness::AskError;
use tokio_util::sync::CancellationToken;

use self::asking::Asking;
pub(crate) use self::asking::Witnesses;

/// How often is looked for new entries.
const EVERY: Duration = Duration::from_secs(5);
/// How long a log whose tiles cannot be written, or a chain that cannot be believed, is left alone.
const REST: Duration = Duration::from_secs(60);

/// What is kept, and on whose word.
pub(crate) struct Kept {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The key in the key folder: one log of the chain is of it, and the others follow from that one.
    pub(crate) trusted: VerifierKey,
    pub(crate) witnesses: Witnesses,
    pub(crate) gate: Gate,
}

/// Keeps the tiles of every log of the ledger until `stop`.
pub(crate) async fn keep(kept: Kept, stop: CancellationToken) {
    let (running, stopped) = channel::<()>();
    let mut keeper = Keeper {
        kept,
        chain: None,
        logs: BTreeMap::new(),
        whole: BTreeSet::new(),
        resting: BTreeMap::new(),
    };
    // A thread of its own and nobody waits for it: a witness may take ten seconds to answer, the end of the program not.
    let started = std::thread::Builder::new().name("tiles".to_owned()).spawn(move || {
        loop {
            keeper.round();
            if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
    });
    if let Err(error) = started {
        tracing::error!(%error, "no tiles are written");
    }
    stop.cancelled().await;
    drop(running);
}

struct Keeper {
    kept: Kept,
    /// As it was when there last was another log than before.
    chain: Option<Chain>,
    logs: BTreeMap<u32, Log>,
    /// Logs that have ended, of which nothing more is to be written or signed.
    whole: BTreeSet<u32>,
    /// Logs that are left alone, and until when; 0 is the chain.
    resting: BTreeMap<u32, Instant>,
}

/// One log whose tiles are kept.
struct Log {
    key: VerifierKey,
    writer: TileWriter,
    asked: Vec<Asking>,
}

impl Keeper {
    fn round(&mut self) {
        if !self.rests(0)
            && let Err(error) = self.look_for_logs()
        {
            // Those that were believed before are gone on with: their entries are checked against their keys.
            tracing::error!(error = %told(&error), "no further log of the ledger is published");
            self.resting.insert(0, Instant::now() + REST);
        }
        let logs = self
            .chain
            .as_ref()
            .map(|chain| chain.logs().to_vec())
            .unwrap_or_default();
        let newest = logs.last().map_or(0, |log| log.number);
        for log in logs {
            let number = log.number;
            if self.whole.contains(&number) || self.rests(number) {
                continue;
            }
            match self.publish(&log, number < newest) {
                Ok(()) => _ = self.resting.remove(&number),
                // The process that hands over still has them.
                Err(Trouble::Tiles(TileWriteError::Locked { .. })) => {}
                Err(error) => {
                    tracing::error!(error = %told(&error), log = number, "the tiles cannot be written");
                    self.resting.insert(number, Instant::now() + REST);
                }
            }
        }
    }

    fn rests(&self, number: u32) -> bool {
        self.resting.get(&number).is_some_and(|until| Instant::now() < *until)
    }

    /// Reads the chain again when there is another log: then the one before has ended, and its checkpoint is its last.
    fn look_for_logs(&mut self) -> Result<(), Trouble> {
        let folder = DataFolder::open_read(&self.kept.data)?;
        let numbers = folder.logs().map_err(|source| ReadError::File {
            path: folder.ledger(),
            source,
        })?;
        let newest = self.chain.as_ref().map(|chain| chain.newest().number);
        if newest != numbers.last().copied() {
            self.chain = Some(Chain::read_vouched(&folder, Some(&self.kept.trusted))?);
        }
        Ok(())
    }

    /// Publishes what there is of `log`. Of one that `has_ended` nothing is kept in memory when that is all there will be.
    fn publish(&mut self, log: &LogState, has_ended: bool) -> Result<(), Trouble> {
        let (number, witnesses) = (log.number, &self.kept.witnesses);
        let folder = DataFolder::open_read(&self.kept.data)?.log(number);
        if !self.logs.contains_key(&number) {
            if has_ended && is_whole(&tiles_of(&folder), log, witnesses)? {
                self.whole.insert(number);
                return Ok(());
            }
            self.logs.insert(number, Log::open(&folder, &log.key, witnesses)?);
        }
        let kept = self.logs.get_mut(&number).expect("just put there");
        let published = kept.publish(&self.kept.gate)?;
        if has_ended && is_last(&published, log, witnesses) {
            self.whole.insert(number);
            self.logs.remove(&number);
        }
        Ok(())
    }
}

/// Whether `published` is the last checkpoint of `log`, which has ended, signed by all witnesses.
fn is_last(published: &str, log: &LogState, witnesses: &Witnesses) -> bool {
    published.starts_with(&log.note) && witnesses.have_signed(published)
}

/// Whether everything of `log`, which has ended, is published: then its entries need not be read once more. Hashes are held
/// against the signed root. Of bundles, which nobody is served, it is only seen that they are there.
fn is_whole(tiles: &TileFolder, log: &LogState, witnesses: &Witnesses) -> Result<bool, TileReadError> {
    let Some(published) = tiles.checkpoint()? else {
        return Ok(false);
    };
    let size = log.checkpoint.size;
    let mut bundles = (0..).map_while(|index| TileId::at(TileKind::Entries, index, size));
    Ok(is_last(&published, log, witnesses)
        && bundles.all(|bundle| tiles.file(bundle).exists())
        && verify_tiles(tiles, size, &log.checkpoint.root).is_ok())
}

/// Why a log is not published.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Tiles(#[from] TileWriteError),
    #[error(transparent)]
    Log(#[from] LogReadError),
    #[error(transparent)]
    Read(#[from] TileReadError),
    #[error(transparent)]
    Chain(#[from] ReadError),
    #[error(transparent)]
    Folder(#[from] averment_store::FolderError),
    #[error(transparent)]
    Witness(#[from] AskError),
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl Log {
    fn open(folder: &Path, key: &VerifierKey, witnesses: &Witnesses) -> Result<Self, Trouble> {
        let tiles = tiles_of(folder);
        let writer = TileWriter::open(folder, key, tiles.path(), TileContents::HashesAndEntries)?;
        let asked = witnesses.asked(&tiles.checkpoint()?.unwrap_or_default())?;
        let key = key.clone();
        Ok(Self { key, writer, asked })
    }

    /// Tiles first, then the witnesses, then the checkpoint with what they signed; gives what is published then.
    fn publish(&mut self, gate: &Gate) -> Result<String, Trouble> {
        let Some(note) = self.writer.catch_up()?.map(str::to_owned) else {
            return Ok(String::new());
        };
        let published = self.writer.folder().checkpoint()?.unwrap_or_default();
        let (key, tiles) = (&self.key, self.writer.folder().clone());
        let lines: Vec<String> = std::thread::scope(|scope| {
            let asking: Vec<_> = self
                .asked
                .iter_mut()
                .map(|asking| scope.spawn(|| asking.line(&note, key, &tiles, &published, gate)))
                .collect();
            asking
                .into_iter()
                .filter_map(|line| line.join().ok().flatten())
                .collect()
        });
        let now = format!("{note}{}", lines.concat());
        if published != now {
            self.writer.publish(&lines)?;
        }
        Ok(now)
    }
}
