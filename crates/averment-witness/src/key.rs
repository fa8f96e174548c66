//! The witness's own key: 32 random bytes in a file that only its owner may read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use averment_ledger::CosigningKey;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::keeper::{KeeperError, SIGNED};

/// Bytes of the key file.
const KEY_BYTES: usize = 32;
const FILE: &str = "witness.key";

/// Opens the key in the folder `keys`, or makes it where neither a key nor anything signed is there yet. `name`: the
/// witness's name; one that follows from the key when absent.
///
/// # Errors
/// [`KeeperError`]; above all when only one of key and `data` is there.
pub fn open_key(keys: &Path, data: &Path, name: Option<&str>) -> Result<CosigningKey, KeeperError> {
    let (path, signed) = (keys.join(FILE), data.join(SIGNED));
    if is_inside(keys, data) {
        return Err(KeeperError::KeysInside { keys: keys.to_owned() });
    }
    if !path.try_exists().map_err(KeeperError::of(&path))? {
        if has_files(&signed).map_err(KeeperError::of(&signed))? {
            return Err(KeeperError::NoKey { path });
        }
        // The folder first: a key without it is then always a record that was lost, never a half-made start.
        make_private_dir(&signed).map_err(KeeperError::of(&signed))?;
        make_key(keys, &path).map_err(KeeperError::of(&path))?;
    } else if !signed.is_dir() {
        return Err(KeeperError::NoRecord {
            path: signed,
            key: path,
        });
    }
    let seed = read_key(&path)?;
    let own = own_name(&seed);
    CosigningKey::from_seed(name.unwrap_or(&own), &seed).map_err(|source| KeeperError::Name { source })
}

/// It follows from the key, so that two witnesses never share one.
fn own_name(seed: &[u8; KEY_BYTES]) -> String {
    let id = Sha256::new()
        .chain_update("averment.witness-name/1")
        .chain_update(seed)
        .finalize();
    let hex: String = id[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("averment.local/witness/{hex}")
}

fn is_inside(keys: &Path, data: &Path) -> bool {
    let (keys, data) = (std::path::absolute(keys), std::path::absolute(data));
    keys.ok()
        .zip(data.ok())
        .is_some_and(|(keys, data)| keys.starts_with(data))
}

fn has_files(folder: &Path) -> std::io::Result<bool> {
    match std::fs::read_dir(folder) {
        Ok(mut files) => Ok(files.next().is_some()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn read_key(path: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeeperError> {
    let mut file = File::open(path).map_err(KeeperError::of(path))?;
    let metadata = file.metadata().map_err(KeeperError::of(path))?;
    if metadata.mode() & 0o077 != 0 {
        let (path, mode) = (path.to_owned(), metadata.mode() & 0o777);
        return Err(KeeperError::Mode { path, mode });
    }
    if metadata.len() != KEY_BYTES as u64 {
        let (path, found) = (path.to_owned(), metadata.len());
        return Err(KeeperError::Length { path, found });
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    file.read_exact(&mut *key).map_err(KeeperError::of(path))?;
    Ok(key)
}

/// Makes a key so that it is there whole or not at all, and durable.
fn make_key(folder: &Path, path: &Path) -> std::io::Result<()> {
    make_private_dir(folder)?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *key).map_err(std::io::Error::other)?;
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(&*key)?;
    file.sync_all()?;
    // Not renamed: a key that another program made meanwhile stays.
    std::fs::hard_link(&new, path)?;
    std::fs::remove_file(&new)?;
    File::open(folder)?.sync_all()
}

/// Makes `path` and what is above it, durable; only its owner may enter.
fn make_private_dir(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
