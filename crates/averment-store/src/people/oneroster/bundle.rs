//! The files of a bundle: in a folder, or in a zip archive that is read in place and never unpacked.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::super::limited::Limited;

/// Most bytes that one file of a bundle may have, unpacked: ten times a million people.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// How many times its packed bytes a file of an archive may have: tables pack five to twenty times, and what packs much
/// better was made to fill memory.
const RATIO_MAX: u64 = 100;
/// Bytes that a file may have however well it packs.
const SMALL_BYTES: u64 = 64 << 20;

/// A folder or an archive.
pub(super) enum Bundle {
    Folder(PathBuf),
    Zip(ZipArchive<File>),
}

impl Bundle {
    /// # Errors
    /// When there is nothing at `path` that can be read.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let archive = ZipArchive::new(File::open(path)?);
        Ok(Self::Zip(archive.map_err(zip_error)?))
    }

    /// The file `name`, at the top or in the one folder that an archive may have around its files; none when it is not
    /// there.
    pub(super) fn file(&mut self, name: &str) -> std::io::Result<Option<Box<dyn Read + '_>>> {
        match self {
            Self::Folder(path) => match File::open(path.join(name)) {
                Ok(file) => Ok(Some(Box::new(Limited::new(file, FILE_BYTES_MAX)))),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
            Self::Zip(archive) => {
                let names: Result<Vec<_>, _> = archive.file_names().collect();
                let names: Vec<String> = names.map_err(zip_error)?.into_iter().map(Into::into).collect();
                let mut found = names.iter().filter(|entry| entry.rsplit('/').next() == Some(name));
                let Some(entry) = found.next() else { return Ok(None) };
                if found.next().is_some() {
                    return Err(invalid(format!("expected `{name}` in the archive once, found several")));
                }
                let entry = archive.by_name(entry).map_err(zip_error)?;
                let most = entry.compressed_size().saturating_mul(RATIO_MAX);
                let most = most.clamp(SMALL_BYTES, FILE_BYTES_MAX);
                Ok(Some(Box::new(Limited::new(entry, most))))
            }
        }
    }
}

fn zip_error(error: zip::result::ZipError) -> std::io::Error {
    match error {
        zip::result::ZipError::Io(error) => error,
        _ => invalid("expected a zip archive that is whole and not encrypted".to_owned()),
    }
}

fn invalid(text: String) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, text)
}
