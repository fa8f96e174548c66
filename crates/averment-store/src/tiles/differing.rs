//! A tile at its place: found there, put there, or in the way of what the log says.
//!
//! Start at [`put`]. Nothing is ever written over: what differs stops the writer, or is told and put aside when somebody asks.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use averment_ledger::{TILE_WIDTH, TileId, TileKind};
use averment_register::Digest;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::folder::{TileFolder, unpack};
use super::write::Files;
use super::writer::TileWriteError;
use crate::folder::sync_dir;

/// A file that is there and is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferingTile {
    /// Its name in the folder of tiles: `tile/0/x001/234`.
    pub name: String,
    /// SHA-256 of the file as it is.
    pub sha256: [u8; 32],
    tile: TileId,
    /// What the log says, of a tile that is not full: a log that has grown would not give it again.
    partial: Option<Vec<u8>>,
}

/// What becomes of such files.
#[derive(Debug, Default)]
pub(super) enum Differing {
    /// Nothing more is written: people have to look at the first of them.
    #[default]
    Stops,
    /// They stay and are told.
    Told(Vec<DifferingTile>),
}

/// Puts `content`, unpacked, in the place of `tile`, or finds it there.
pub(super) fn put(
    files: &mut Files,
    folder: &TileFolder,
    differing: &mut Differing,
    tile: TileId,
    content: &[u8],
) -> Result<(), TileWriteError> {
    let path = folder.file(tile);
    let file_error = file_error(&path);
    let stored = match File::open(&path) {
        Ok(file) => Some(stored(tile, file).map_err(file_error)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(file_error(error)),
    };
    match (stored, differing) {
        (Some(stored), _) if stored == content => {
            files.found(&path);
            Ok(())
        }
        (Some(_), Differing::Stops) => Err(TileWriteError::Differs { path }),
        (Some(_), Differing::Told(told)) => {
            let bytes = std::fs::read(&path).map_err(file_error)?;
            let found = DifferingTile {
                name: tile.to_string(),
                sha256: Digest::of(&bytes).bytes(),
                tile,
                partial: (tile != tile.full()).then(|| content.to_vec()),
            };
            // A round that failed is put again.
            if !told.contains(&found) {
                told.push(found);
            }
            Ok(())
        }
        (None, _) => files.put(&path, &as_stored(tile, content)?).map_err(file_error),
    }
}

/// Moves what was told from `folder` to `aside`, where each keeps its name, and puts what the log says in the place of those
/// that are not full. The full ones are missing then, and written again by whoever writes next.
pub(super) fn put_aside(
    files: &mut Files,
    folder: &TileFolder,
    told: &[DifferingTile],
    aside: &Path,
) -> Result<(), TileWriteError> {
    for found in told {
        let (path, to) = (folder.file(found.tile), free(&aside.join(&found.name)));
        let file_error = file_error(&path);
        let parent = to.parent().unwrap_or(aside);
        std::fs::create_dir_all(parent).map_err(file_error)?;
        std::fs::rename(&path, &to)
            .and_then(|()| sync_dir(parent))
            .map_err(file_error)?;
        if let Some(content) = &found.partial {
            files.put(&path, &as_stored(found.tile, content)?).map_err(file_error)?;
        }
    }
    files
        .name()
        .map_err(|(path, source)| TileWriteError::File { path, source })?;
    files.sync().map_err(file_error(folder.path()))
}

/// `path`, or the first of `path.2`, `path.3` … that is free: what was put aside before stays.
fn free(path: &Path) -> PathBuf {
    let numbered = (2..).map(|number| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!("{name}.{number}"))
    });
    std::iter::once(path.to_owned())
        .chain(numbered)
        .find(|path| std::fs::symlink_metadata(path).is_err())
        .expect("numbers do not end")
}

fn file_error(path: &Path) -> impl Fn(std::io::Error) -> TileWriteError + Copy {
    move |source| TileWriteError::File {
        path: path.to_owned(),
        source,
    }
}

/// What is in `file`, unpacked; nothing when it is not what is written there.
fn stored(tile: TileId, file: File) -> std::io::Result<Vec<u8>> {
    if tile.kind() == TileKind::Entries {
        return Ok(unpack(file).unwrap_or_default());
    }
    let (mut bytes, most) = (Vec::new(), 32 * u64::from(TILE_WIDTH) + 1);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `content` as it is written: bundles are packed.
fn as_stored(tile: TileId, content: &[u8]) -> Result<Vec<u8>, TileWriteError> {
    if tile.kind() != TileKind::Entries {
        return Ok(content.to_vec());
    }
    // A gate serves meanwhile: the usual packing takes twice as long and saves a tenth.
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = packed.write_all(content).and_then(|()| packed.finish());
    packed.map_err(file_error(Path::new(&tile.to_string())))
}
