//! Follows one log and keeps a folder of its tiles. Killed at any moment it goes on where it was.
//!
//! Start at [`TileWriter::catch_up`], then [`TileWriter::publish`]. After a start the log is read from its first entry and
//! what is on disk is held against it, so that neither needs to be believed. Nothing is published of which the disk does
//! not give back what was signed: every entry is read from there and hashed once more.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use averment_ledger::{
    BundleError, Checkpoint, NoteError, TILE_WIDTH, TileEdge, TileId, TileKind, VerifierKey, partial_tiles,
    write_bundle_entry,
};

use super::differing::{Differing, DifferingTile, put, put_aside};
use super::folder::{TileFolder, TileReadError};
use super::leaves::{LogLeaves, LogReadError};
use super::write::Files;

/// Full tiles and bundles that are brought to disk together at most.
const ROUND_FILES: usize = 64;
/// Their bytes, of bundles before packing: they stay in memory until they are on disk.
const ROUND_BYTES: usize = 4 << 20;

/// Why tiles cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileWriteError {
    /// The log cannot be read or believed.
    #[error(transparent)]
    Log(#[from] LogReadError),
    /// The file system failed.
    #[error("cannot write `{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is there cannot be read.
    #[error(transparent)]
    Read(#[from] TileReadError),
    /// Another program writes tiles there.
    #[error("another averment writes the tiles in `{}`", path.display())]
    Locked {
        /// The folder of tiles.
        path: PathBuf,
    },
    /// The folder is of another log, or its checkpoint was changed.
    #[error("`{}` is not a checkpoint of this log", path.display())]
    OtherLog {
        /// The published checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        source: NoteError,
    },
    /// The log was cut back.
    #[error("a checkpoint of {published} entries is published, the log has {found}")]
    Behind {
        /// Entries that were published.
        published: u64,
        /// Entries in the log.
        found: u64,
    },
    /// The log is another than the published one.
    #[error("the published checkpoint of {published} entries is of another history than the log")]
    Forked {
        /// Entries of it.
        published: u64,
    },
    /// A tile is never changed, so this one is not replaced.
    #[error(
        "`{}` is not what the log says: `averment ledger verify --repair` puts such files aside and makes them anew where the \
         log holds",
        path.display()
    )]
    Differs {
        /// Which file.
        path: PathBuf,
    },
    /// No bundle holds it.
    #[error("entry {index} does not fit into an entry bundle")]
    TooLarge {
        /// Number of the entry.
        index: u64,
        /// Its size.
        source: BundleError,
    },
}

/// What is written besides the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileContents {
    /// Hash tiles, in which nobody can read anything.
    Hashes,
    /// Entries too; their references are personal data while keys exist.
    HashesAndEntries,
}

/// Keeps the tiles of one log.
#[derive(Debug)]
pub struct TileWriter {
    leaves: LogLeaves,
    folder: TileFolder,
    contents: TileContents,
    edge: TileEdge,
    /// The entries behind the last full bundle.
    bundle: Vec<u8>,
    /// Full tiles and bundles that are not on disk yet.
    pending: Vec<(TileId, Vec<u8>)>,
    files: Files,
    differing: Differing,
    /// Of the published checkpoint, tiles and bundle that were not full; only where differing ones are told.
    of_published: Vec<(TileId, Vec<u8>)>,
    published: Option<Checkpoint>,
    /// What must not be gone on with: an entry that fits into no bundle, or another history.
    fault: Option<Fault>,
    /// Full tiles whose narrower ones go when a checkpoint is published that does not need them.
    filled: Vec<TileId>,
    _lock: File,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    TooLarge(u64, BundleError),
    Forked(u64),
}

impl TileWriter {
    /// Keeps the tiles of the log in `log`, which must be of `key`, in the folder `out`, which is made.
    ///
    /// # Errors
    /// [`TileWriteError::Locked`], [`TileWriteError::OtherLog`], [`TileWriteError::File`].
    pub fn open(log: &Path, key: &VerifierKey, out: &Path, contents: TileContents) -> Result<Self, TileWriteError> {
        let folder = TileFolder::new(out);
        let _lock = lock(out)?;
        let published = folder
            .checkpoint()?
            .map(|note| Checkpoint::open(&note, key))
            .transpose();
        let published = published.map_err(|source| TileWriteError::OtherLog {
            path: folder.checkpoint_file(),
            source,
        })?;
        Ok(Self {
            leaves: LogLeaves::new(log, key.clone()).from_disk(),
            files: Files::new(out),
            differing: Differing::default(),
            of_published: Vec::new(),
            folder,
            contents,
            edge: TileEdge::new(),
            bundle: Vec::new(),
            pending: Vec::new(),
            published,
            fault: None,
            filled: Vec::new(),
            _lock,
        })
    }

    /// The same, which leaves files that are there and are not what the log says and tells them, instead of stopping at the
    /// first.
    #[must_use]
    pub fn telling(self) -> Self {
        let differing = Differing::Told(Vec::new());
        Self { differing, ..self }
    }

    /// What it found so far that is not what the log says.
    pub fn told(&self) -> &[DifferingTile] {
        match &self.differing {
            Differing::Stops => &[],
            Differing::Told(told) => told,
        }
    }

    /// Moves the files told to `aside`, where they keep their names. Those that are full are written again by the next
    /// [`Self::catch_up`] of another writer.
    ///
    /// # Errors
    /// [`TileWriteError::File`].
    pub fn put_aside(&mut self, aside: &Path) -> Result<(), TileWriteError> {
        let Self {
            files,
            folder,
            differing,
            ..
        } = self;
        match differing {
            Differing::Stops => Ok(()),
            Differing::Told(told) => put_aside(files, folder, told, aside),
        }
    }

    /// The folder of tiles.
    pub fn folder(&self) -> &TileFolder {
        &self.folder
    }

    /// Reads what was sealed since the last call and puts on disk every tile that the newest checkpoint needs. Gives that
    /// checkpoint, a note; none while the log has none.
    ///
    /// # Errors
    /// [`TileWriteError`]; the next call goes on where this one stopped.
    pub fn catch_up(&mut self) -> Result<Option<&str>, TileWriteError> {
        self.hold_at_fault()?;
        // Of a call that failed; what it had put is pending still.
        self.files.forget();
        while self.read_more()? {
            if self.is_round_full() {
                self.put_pending()?;
                self.name()?;
            }
        }
        self.put_pending()?;
        let found = self.edge.size();
        if let Some(published) = self
            .published
            .as_ref()
            .map(|published| published.size)
            .filter(|size| *size > found)
        {
            return Err(TileWriteError::Behind { published, found });
        }
        self.put_partial()?;
        self.name()?;
        Ok(self.leaves.note())
    }

    /// Publishes the checkpoint that [`Self::catch_up`] gave last, with `cosignatures`: lines of a note. Then removes the
    /// partial tiles that are part of full ones.
    ///
    /// # Errors
    /// [`TileWriteError::File`]; whatever was published stays so then.
    pub fn publish(&mut self, cosignatures: &[String]) -> Result<(), TileWriteError> {
        let (Some(note), Some(checkpoint)) = (self.leaves.note(), self.leaves.checkpoint()) else {
            return Ok(());
        };
        let (note, checkpoint) = (format!("{note}{}", cosignatures.concat()), checkpoint.clone());
        let path = self.folder.checkpoint_file();
        let file_error = |source| TileWriteError::File {
            path: path.clone(),
            source,
        };
        // The tiles first: whoever sees the checkpoint finds them, also after a power failure.
        self.files.sync().map_err(file_error)?;
        self.files.put(&path, note.as_bytes()).map_err(file_error)?;
        self.files.name().map_err(|(_, source)| file_error(source))?;
        self.files.sync().map_err(file_error)?;
        self.published = Some(checkpoint);
        self.remove_superseded();
        Ok(())
    }

    fn read_more(&mut self) -> Result<bool, TileWriteError> {
        let Self {
            leaves,
            edge,
            bundle,
            pending,
            fault,
            contents,
            published,
            differing,
            of_published,
            ..
        } = self;
        let more = leaves.next(|hash, entry| {
            let index = edge.size();
            if *contents == TileContents::HashesAndEntries
                && let Err(error) = write_bundle_entry(bundle, entry)
            {
                fault.get_or_insert(Fault::TooLarge(index, error));
            }
            pending.extend(edge.push(hash).into_iter().map(|tile| (tile.id, tile.bytes())));
            let size = edge.size();
            if size % u64::from(TILE_WIDTH) == 0 && *contents == TileContents::HashesAndEntries {
                pending.push((bundle_id(index, size), std::mem::take(bundle)));
            }
            if published.as_ref().is_none_or(|published| published.size != size) {
                return;
            }
            if published
                .as_ref()
                .is_some_and(|published| published.root != edge.root())
            {
                fault.get_or_insert(Fault::Forked(size));
            }
            if matches!(differing, Differing::Told(_)) {
                of_published.extend(edge.partial().map(|tile| (tile.id, tile.bytes())));
                let partial = partial_bundle(size).filter(|_| *contents == TileContents::HashesAndEntries);
                of_published.extend(partial.map(|tile| (tile, bundle.clone())));
            }
        })?;
        self.hold_at_fault()?;
        Ok(more)
    }

    fn hold_at_fault(&self) -> Result<(), TileWriteError> {
        match self.fault {
            None => Ok(()),
            Some(Fault::TooLarge(index, source)) => Err(TileWriteError::TooLarge { index, source }),
            Some(Fault::Forked(published)) => Err(TileWriteError::Forked { published }),
        }
    }

    fn is_round_full(&self) -> bool {
        let bytes: usize = self.pending.iter().map(|(_, content)| content.len()).sum();
        self.pending.len() >= ROUND_FILES || bytes >= ROUND_BYTES
    }

    fn put_pending(&mut self) -> Result<(), TileWriteError> {
        let mut pending = self.pending.iter();
        pending.try_for_each(|(tile, content)| put(&mut self.files, &self.folder, &mut self.differing, *tile, content))
    }

    /// Brings everything to disk that was put, and gives it its name.
    fn name(&mut self) -> Result<(), TileWriteError> {
        let named = self.files.name();
        named.map_err(|(path, source)| TileWriteError::File { path, source })?;
        self.filled.extend(self.pending.drain(..).map(|(tile, _)| tile));
        Ok(())
    }

    fn put_partial(&mut self) -> Result<(), TileWriteError> {
        for tile in self.edge.partial() {
            put(
                &mut self.files,
                &self.folder,
                &mut self.differing,
                tile.id,
                &tile.bytes(),
            )?;
        }
        for (tile, content) in &self.of_published {
            put(&mut self.files, &self.folder, &mut self.differing, *tile, content)?;
        }
        let bundle = partial_bundle(self.edge.size());
        match bundle.filter(|_| self.contents == TileContents::HashesAndEntries) {
            Some(tile) => put(&mut self.files, &self.folder, &mut self.differing, tile, &self.bundle),
            None => Ok(()),
        }
    }

    /// Best effort: what stays needs room and is removed after the next start.
    fn remove_superseded(&mut self) {
        for tile in self.filled.drain(..) {
            _ = std::fs::remove_dir_all(self.folder.path().join(format!("{tile}.p")));
        }
        // Partial bundles are large and not served, so only the newest stays. Hash tiles of earlier checkpoints are what
        // their readers still ask for.
        let bundle = partial_bundle(self.edge.size());
        let Some(newest) = bundle else { return };
        let older = (1..newest.width()).filter_map(|width| newest.of_width(width));
        for older in older {
            _ = std::fs::remove_file(self.folder.file(older));
        }
    }
}

/// The bundle behind the last full one.
fn partial_bundle(size: u64) -> Option<TileId> {
    partial_tiles(size).find(|tile| tile.kind() == TileKind::Entries)
}

fn bundle_id(index: u64, size: u64) -> TileId {
    TileId::at(TileKind::Entries, index / u64::from(TILE_WIDTH), size).expect("the bundle was just filled")
}

/// Makes the folder and takes it for this writer alone.
fn lock(out: &Path) -> Result<File, TileWriteError> {
    let file_error = |source| TileWriteError::File {
        path: out.to_owned(),
        source,
    };
    std::fs::create_dir_all(out).map_err(file_error)?;
    let folder = File::open(out).map_err(file_error)?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(TileWriteError::Locked { path: out.to_owned() }),
        Err(TryLockError::Error(source)) => Err(file_error(source)),
    }
}
