//! The keys of the ledger's logs: the one in use, one that the next log begins with, and those of logs that have ended.
//!
//! | file | |
//! |---|---|
//! | `ledger.key` | signs the newest log |
//! | `ledger-next.key` | made on demand; the next log begins with it, and then it becomes `ledger.key` |
//! | `ledger-until-0001.key` | signed logs up to this one. Needed only to show which request an old entry is about |
//!
//! Which key signed a log is told by the log's file `verifier`, never by the names of these files: whatever moment a crash
//! comes at, the right key is found.

use std::path::{Path, PathBuf};

use averment_ledger::{SigningKey, VerifierKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

use super::{KEY_BYTES, KeyError, derive, make_key, read_key};

/// The key in use.
pub(super) const CURRENT: &str = "ledger.key";
const NEXT: &str = "ledger-next.key";
const UNTIL: &str = "ledger-until-";

/// One key.
pub(crate) struct LedgerKey {
    /// Under the name that a first log has.
    signing: SigningKey,
    request: [u8; KEY_BYTES],
}

/// All of them.
pub(super) struct LedgerKeys {
    dir: PathBuf,
    current: LedgerKey,
    next: Option<LedgerKey>,
    ended: Vec<LedgerKey>,
}

impl LedgerKey {
    fn new(seed: &[u8; KEY_BYTES]) -> Self {
        let signing = SigningKey::from_seed(&origin_of(seed), seed).expect("the name has no white space and no `+`");
        let request = derive(seed, "averment.request/1");
        Self { signing, request }
    }

    /// The key of digests of requests.
    pub(crate) fn request(&self) -> &[u8; KEY_BYTES] {
        &self.request
    }

    /// The public half, under the name that a first log has.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        self.signing.verifier()
    }

    /// The key as it signs log `number`.
    pub(crate) fn of_log(&self, number: u32) -> SigningKey {
        let base = self.verifier().name();
        let name = match number {
            1 => base.to_owned(),
            _ => format!("{base}/{number}"),
        };
        self.signing
            .named(&name)
            .expect("the name has no white space and no `+`")
    }

    /// The number of the log of this key that has the name `origin`.
    fn number_of(&self, origin: &str) -> Option<u32> {
        match origin.strip_prefix(self.verifier().name())? {
            "" => Some(1),
            rest => rest.strip_prefix('/')?.parse().ok().filter(|number| *number > 1),
        }
    }
}

impl Drop for LedgerKey {
    fn drop(&mut self) {
        self.request.zeroize();
    }
}

impl LedgerKeys {
    pub(super) fn read(dir: &Path) -> Result<Self, KeyError> {
        let read = |path: &Path| read_key(path).map(|seed| LedgerKey::new(&seed));
        let next = dir.join(NEXT);
        Ok(Self {
            dir: dir.to_owned(),
            current: read(&dir.join(CURRENT))?,
            next: next.exists().then(|| read(&next)).transpose()?,
            ended: ended_files(dir)?
                .iter()
                .map(|path| read(path))
                .collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn current(&self) -> &LedgerKey {
        &self.current
    }

    /// What the next log begins with: the key made for that, or the one in use.
    pub(super) fn for_next(&self) -> &LedgerKey {
        self.next.as_ref().unwrap_or(&self.current)
    }

    /// Newest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &LedgerKey> {
        self.next.iter().chain([&self.current]).chain(self.ended.iter().rev())
    }

    /// The key that signs the log with this origin and, if `verifier` is given, this public key; and the log's number.
    pub(super) fn of_origin(&self, origin: &str) -> Option<(&LedgerKey, u32)> {
        self.all().find_map(|key| Some((key, key.number_of(origin)?)))
    }

    /// Makes the key that the next log begins with, unless there is one already.
    pub(super) fn make_next(&self) -> Result<(), KeyError> {
        make_key(&self.dir, &self.dir.join(NEXT))
    }

    /// The log with the key `newest` has begun, and `until` is the one before it: when that key is the one made for a next
    /// log, it takes the place of the one in use, which is kept beside it.
    pub(super) fn settle(&self, newest: &VerifierKey, until: u32) -> Result<(), KeyError> {
        let next = self.next.as_ref().filter(|key| key.verifier().is_same_key(newest));
        if next.is_none() || !self.dir.join(NEXT).exists() {
            return Ok(());
        }
        let current = self.dir.join(CURRENT);
        let kept = self.dir.join(format!("{UNTIL}{until:04}.key"));
        let settled = match std::fs::hard_link(&current, &kept) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::rename(self.dir.join(NEXT), &current),
        };
        settled
            .and_then(|()| crate::folder::sync_dir(&self.dir))
            .map_err(|source| KeyError::File { path: current, source })
    }
}

fn ended_files(dir: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let error = |source| KeyError::File {
        path: dir.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(error)? {
        let name = entry.map_err(error)?.file_name();
        let is_key = |name: &str| name.starts_with(UNTIL) && name.ends_with(".key");
        if name.to_str().is_some_and(is_key) {
            found.push(dir.join(name));
        }
    }
    found.sort();
    Ok(found)
}

/// The name of a first log. It follows from the key, so that two installations never share one.
fn origin_of(seed: &[u8; KEY_BYTES]) -> String {
    let id = Sha256::digest(derive(seed, "averment.origin/1"));
    let hex: String = id[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("averment.local/log/{hex}")
}
