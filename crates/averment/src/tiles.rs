//! Beside a running gate: the ledger's tiles are kept up to date, witnesses asked, checkpoints published.
//!
//! Start at [`keep`]. Nothing of it holds up the gate: it runs on a thread of its own, and what fails is logged and tried
//! again. Killed at any moment it goes on after the next start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use averment_gate::{Gate, Settings, read_certificates};
use averment_ledger::{CosignerKey, VerifierKey};
use averment_store::{TileContents, TileWriteError, TileWriter, log_folders, log_key, tiles_of};
use averment_witness::{AskError, Asked};
use rustls::pki_types::CertificateDer;
use tokio_util::sync::CancellationToken;

use crate::outcome::Failure;

/// How often is looked for new entries.
const EVERY: Duration = Duration::from_secs(5);
/// How long a witness that failed, or a log whose tiles cannot be written, is left alone.
const REST: Duration = Duration::from_secs(60);

/// The witnesses that the settings declare.
#[derive(Debug, Clone)]
pub(crate) struct Witnesses {
    declared: Vec<Declared>,
    trust: Vec<CertificateDer<'static>>,
}

#[derive(Debug, Clone)]
struct Declared {
    name: String,
    url: String,
    key: CosignerKey,
}

impl Witnesses {
    /// Those of `settings`, reached with the system's roots and those in the files `trust`.
    pub(crate) fn of(settings: &Settings, trust: &[PathBuf]) -> Result<Self, Failure> {
        let mut roots = Vec::new();
        for file in trust {
            roots.extend(read_certificates(file)?);
        }
        let mut declared = Vec::new();
        for witness in &settings.witnesses {
            Asked::new(&witness.url, witness.key.clone(), &[])
                .map_err(|error| Failure::new(format!("cannot ask the witness `{}`", witness.name)).because(error))?;
            let (name, url, key) = (witness.name.clone(), witness.url.clone(), witness.key.clone());
            declared.push(Declared { name, url, key });
        }
        let trust = roots;
        Ok(Self { declared, trust })
    }
}

/// Keeps the tiles of every log in `ledger`, the folder of the record, until `stop`.
pub(crate) async fn keep(ledger: PathBuf, witnesses: Witnesses, gate: Gate, stop: CancellationToken) {
    let (running, stopped) = channel::<()>();
    let mut keeper = Keeper {
        ledger,
        witnesses,
        gate,
        logs: BTreeMap::new(),
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
    ledger: PathBuf,
    witnesses: Witnesses,
    gate: Gate,
    logs: BTreeMap<PathBuf, Log>,
    /// Logs that are left alone, and until when.
    resting: BTreeMap<PathBuf, Instant>,
}

/// One log whose tiles are kept.
struct Log {
    key: VerifierKey,
    writer: TileWriter,
    asked: Vec<Asking>,
}

/// A witness, asked about one log.
struct Asking {
    name: String,
    witness: Asked,
    not_before: Option<Instant>,
}

impl Keeper {
    fn round(&mut self) {
        let folders = log_folders(&self.ledger).unwrap_or_else(|error| {
            tracing::warn!(%error, "the folder of the ledger cannot be read");
            Vec::new()
        });
        for folder in folders {
            if self.resting.get(&folder).is_some_and(|until| Instant::now() < *until) {
                continue;
            }
            match self.publish(&folder) {
                Ok(()) => _ = self.resting.remove(&folder),
                // The process that hands over still has them.
                Err(Trouble::Tiles(TileWriteError::Locked { .. })) => {}
                Err(error) => {
                    tracing::error!(error = %told(&error), log = %folder.display(), "the tiles cannot be written");
                    self.resting.insert(folder, Instant::now() + REST);
                }
            }
        }
    }

    fn publish(&mut self, folder: &Path) -> Result<(), Trouble> {
        if !self.logs.contains_key(folder) {
            let log = Log::open(folder, &self.witnesses)?;
            self.logs.insert(folder.to_owned(), log);
        }
        let log = self.logs.get_mut(folder).expect("just put there");
        log.publish(&self.gate)
    }
}

/// Why a log is not published.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Tiles(#[from] TileWriteError),
    #[error(transparent)]
    Log(#[from] averment_store::LogReadError),
    #[error(transparent)]
    Read(#[from] averment_store::TileReadError),
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
    fn open(folder: &Path, witnesses: &Witnesses) -> Result<Self, Trouble> {
        let key = log_key(folder)?;
        let tiles = tiles_of(folder);
        let writer = TileWriter::open(folder, &key, tiles.path(), TileContents::HashesAndEntries)?;
        let published = tiles.checkpoint()?.unwrap_or_default();
        let asked = witnesses.declared.iter().map(|declared| {
            let mut witness = Asked::new(&declared.url, declared.key.clone(), &witnesses.trust)?;
            if let Some(size) = cosigned_size(&published, &declared.key) {
                witness.has_signed(size);
            }
            let (name, not_before) = (declared.name.clone(), None);
            Ok(Asking {
                name,
                witness,
                not_before,
            })
        });
        let asked = asked.collect::<Result<_, AskError>>()?;
        Ok(Self { key, writer, asked })
    }

    /// Tiles first, then the witnesses, then the checkpoint with what they signed.
    fn publish(&mut self, gate: &Gate) -> Result<(), Trouble> {
        let Some(note) = self.writer.catch_up()?.map(str::to_owned) else {
            return Ok(());
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
        if published != format!("{note}{}", lines.concat()) {
            self.writer.publish(&lines)?;
        }
        Ok(())
    }
}

/// Size of the checkpoint in `published`, if `key` has signed it.
fn cosigned_size(published: &str, key: &CosignerKey) -> Option<u64> {
    key.verify(published).ok()?;
    let (text, _) = published.split_once("\n\n")?;
    averment_ledger::TreeHead::parse(&format!("{text}\n"))
        .ok()
        .map(|head| head.size)
}

impl Asking {
    /// Its signature line below `note`: the one that is published already, or a new one. None when it does not sign.
    fn line(
        &mut self,
        note: &str,
        key: &VerifierKey,
        tiles: &averment_store::TileFolder,
        published: &str,
        gate: &Gate,
    ) -> Option<String> {
        if published.starts_with(note)
            && let Ok(held) = self.witness.key().verify(published)
        {
            return Some(held.line);
        }
        if self.not_before.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        match self.witness.cosign(note, key, tiles) {
            Ok(cosignature) => {
                gate.count_witness(&self.name, "cosigned");
                self.not_before = None;
                Some(cosignature.line)
            }
            Err(error) => {
                gate.count_witness(&self.name, "failed");
                tracing::warn!(witness = self.name, error = %told(&error), "no cosignature");
                self.not_before = Some(Instant::now() + REST);
                None
            }
        }
    }
}
