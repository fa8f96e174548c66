//! What files gave, by their path and content, kept between runs.
//!
//! What is lost if the file is lost: time. What can be forged if it is forged: findings, which is why it is in the user's own
//! folder, readable by nobody else, and never in the repository that is looked at. A file that is broken, of another version or
//! of another catalog is thrown away.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use averment_catalog::catalog;
use sha2::{Digest as _, Sha256};

use super::finding::FileFindings;

/// Raised when what a file gives is computed in another way.
const VERSION: u32 = 9;

/// Largest file of a cache, in bytes.
const BYTES_MAX: u64 = 1 << 29;

/// Key of an entry.
pub(super) type Key = [u8; 32];

/// The cache of one run.
#[derive(Debug)]
pub(super) struct Cache {
    file: Option<PathBuf>,
    old: HashMap<Key, String>,
    new: Mutex<HashMap<Key, String>>,
}

impl Cache {
    /// The cache in `folder`; an empty one when there is none, or it cannot be trusted.
    pub(super) fn open(folder: Option<&Path>) -> Self {
        let file = folder.map(|folder| folder.join("code-scan"));
        let old = file.as_deref().and_then(read).unwrap_or_default();
        Self {
            file,
            old,
            new: Mutex::default(),
        }
    }

    pub(super) fn key(path: &str, content: &[u8]) -> Key {
        let mut digest = Sha256::new();
        digest.update((path.len() as u64).to_le_bytes());
        digest.update(path.as_bytes());
        digest.update(content);
        digest.finalize().into()
    }

    /// The key of what a file gives when it is held against the functions of the whole repository.
    /// `functions`: the digest of all of them, made once.
    pub(super) fn second_key(first: &Key, functions: &Key) -> Key {
        let mut digest = Sha256::new();
        digest.update(first);
        digest.update(functions);
        digest.finalize().into()
    }

    pub(super) fn get(&self, key: &Key) -> Option<FileFindings> {
        let text = self.old.get(key)?;
        let given = if text.is_empty() {
            FileFindings::default()
        } else {
            serde_json::from_str(text).ok()?
        };
        self.keep(*key, text.clone());
        Some(given)
    }

    pub(super) fn put(&self, key: Key, given: &FileFindings) {
        if self.file.is_none() {
            return;
        }
        let empty = *given == FileFindings::default();
        let text = if empty {
            Some(String::new())
        } else {
            serde_json::to_string(given).ok()
        };
        if let Some(text) = text {
            self.keep(key, text);
        }
    }

    fn keep(&self, key: Key, text: String) {
        if let Ok(mut new) = self.new.lock() {
            new.insert(key, text);
        }
    }

    /// Writes what this run used. That it cannot be written only costs time, and is no failure.
    pub(super) fn save(&self) {
        let (Some(file), Ok(entries)) = (&self.file, self.new.lock()) else {
            return;
        };
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort();
        let mut body = String::new();
        for (key, text) in sorted {
            body.push_str(&hex(key));
            body.push(' ');
            body.push_str(text);
            body.push('\n');
        }
        let whole = format!("{}\n{}\n{body}", head(), hex(&Sha256::digest(body.as_bytes()).into()));
        let _ = write(file, whole.as_bytes());
    }
}

/// Written beside and renamed, so that a run that is cut off leaves the old one; for this user only.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    if let Some(folder) = file.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let beside = file.with_extension(format!("{}.part", std::process::id()));
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    std::io::Write::write_all(&mut &opened, bytes)?;
    std::fs::rename(beside, file)
}

fn read(file: &Path) -> Option<HashMap<Key, String>> {
    if std::fs::metadata(file).ok()?.len() > BYTES_MAX {
        return None;
    }
    let whole = std::fs::read_to_string(file).ok()?;
    let (first, rest) = whole.split_once('\n')?;
    let (digest, body) = rest.split_once('\n')?;
    if first != head() || digest != hex(&Sha256::digest(body.as_bytes()).into()) {
        return None;
    }
    body.lines().map(entry).collect()
}

fn entry(line: &str) -> Option<(Key, String)> {
    let (key, text) = line.split_once(' ')?;
    Some((unhex(key)?, text.to_owned()))
}

/// Version of this program, of what files give, and of the catalog.
fn head() -> String {
    let mut digest = Sha256::new();
    for party in catalog().third_parties() {
        digest.update(format!("{party:?}"));
    }
    digest.update(include_str!("../../data/names.toml"));
    format!(
        "averment code scan {VERSION} {} {}",
        env!("CARGO_PKG_VERSION"),
        hex(&digest.finalize().into())
    )
}

fn hex(bytes: &Key) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Key> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let digits = digits?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .filter_map(|pair| Some(pair.first()? << 4 | pair.get(1)?))
        .collect();
    (digits.len() == 64).then(|| bytes.try_into().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_was_changed_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path()));
        let key = Cache::key("a.rb", b"x");
        let given = FileFindings {
            declared: vec!["+stripe".to_owned()],
            ..FileFindings::default()
        };
        cache.put(key, &given);
        cache.save();
        assert_eq!(Cache::open(Some(folder.path())).get(&key), Some(given));
        let file = folder.path().join("code-scan");
        let text = std::fs::read_to_string(&file).unwrap();
        for broken in [
            text.replace("stripe", "stripf"),
            text.replace(&format!("scan {VERSION}"), "scan 0"),
            String::new(),
            "\n\n".to_owned(),
        ] {
            std::fs::write(&file, broken).unwrap();
            assert_eq!(Cache::open(Some(folder.path())).get(&key), None);
        }
    }

    #[test]
    fn content_and_place_make_the_key() {
        assert_ne!(Cache::key("a", b"bc"), Cache::key("ab", b"c"));
        assert_ne!(Cache::key("a", b"x"), Cache::key("b", b"x"));
    }
}
