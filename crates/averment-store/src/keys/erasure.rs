//! What erasing people needs of the keys: digests that outlive a person's own key, values in the place of others, sealing
//! what must survive a crash, and signing what is given out.
//!
//! Beside the keys lies `tombstones.mark`: how long the list of who was erased was at least, and how it ended then. Lost: an older list,
//! or another one, passes for the newest, as far as the ledger does not tell of it. Forged: the same, or no list is taken until it is
//! removed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use averment_ledger::VerifierKey;

use super::{KeyError, Keyed, Keys, derive, digest_with, keyed, keyed_digest};
use crate::inbox::write_whole;
use crate::people::id_digest;
use crate::wrap::{open_sealed, seal};

/// Name of the mark of the list in the key folder.
const LIST_MARK: &str = "tombstones.mark";

/// Name of the file in which somebody says that the list is lost for good: what the ledger tells of it.
const LIST_LOST: &str = "tombstones.lost";

/// How long the list of who was erased was, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListMark {
    /// Lines, without the first, which says what it is.
    pub lines: u64,
    /// The check of the last of them, hexadecimal; nothing where there is none.
    pub head: String,
}

impl Keys {
    /// What the list of who was erased must at least be; none where nobody was ever put on one.
    ///
    /// # Errors
    /// [`KeyError::File`] and [`KeyError::ListMark`].
    pub fn list_mark(&self) -> Result<Option<ListMark>, KeyError> {
        read_mark(self.list_mark_path())
    }

    /// Which list somebody says is lost for good, so that another one may be begun; none where nobody says so.
    ///
    /// # Errors
    /// As [`Keys::list_mark`].
    pub fn list_lost(&self) -> Result<Option<ListMark>, KeyError> {
        read_mark(self.mark.with_file_name(LIST_LOST))
    }

    /// Keeps how long the list is, and returns when that is on disk.
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn keep_list_mark(&self, mark: &ListMark) -> Result<(), KeyError> {
        let path = self.list_mark_path();
        let text = format!("{} {}\n", mark.lines, mark.head);
        let folder = path.parent().unwrap_or(Path::new("."));
        write_whole(folder, LIST_MARK, text.as_bytes()).map_err(|source| KeyError::File { path, source })
    }

    fn list_mark_path(&self) -> PathBuf {
        self.mark.with_file_name(LIST_MARK)
    }

    /// The digest by which an erased person is known again in a restored backup. Still personal data: whoever has
    /// `directory.key` can test guesses.
    pub fn tombstone(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.tombstones().digest(parts)
    }

    /// Makes such digests, many after each other.
    pub fn tombstones(&self) -> TombstoneDigests {
        let key = derive(&self.person, "averment.tombstone/1");
        TombstoneDigests(keyed(&key))
    }

    /// What stands in the place of a value: the same for the same parts, and nothing that says which they are.
    pub fn in_place_of(&self, parts: &[&[u8]]) -> [u8; 32] {
        keyed_digest(&derive(&self.replacement, "averment.erased/1"), parts)
    }

    /// The keyed digest of the platform's identifier of a person, by which the directory knows them.
    pub fn person_digest(&self, id: &str) -> [u8; 16] {
        id_digest(&self.id, id)
    }

    /// Seals what must not lie on disk for anybody to read, bound to `place`.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn seal(&self, bytes: &[u8], place: &[u8]) -> Result<Vec<u8>, KeyError> {
        seal(&derive(&self.person, "averment.sealed/1"), bytes, place).map_err(KeyError::Random)
    }

    /// Opens what was sealed for `place`; none when it is anything else.
    pub fn open_sealed(&self, sealed: &[u8], place: &[u8]) -> Option<Vec<u8>> {
        open_sealed(&derive(&self.person, "averment.sealed/1"), sealed, place)
    }

    /// Signs a document with the key of the ledger: a signed note (C2SP `signed-note`). `text` ends with a newline and must
    /// not begin with the name of a log, so that it can never be taken for a checkpoint.
    pub fn sign_document(&self, text: &str) -> String {
        self.ledger.current().of_log(1).sign(text)
    }

    /// The text of a note that one of the ledger's keys signed; none of any other.
    pub fn open_document<'a>(&self, note: &'a str) -> Option<&'a str> {
        let verifiers: Vec<&VerifierKey> = self.ledger.all().map(super::LedgerKey::verifier).collect();
        verifiers.into_iter().find_map(|verifier| verifier.open(note).ok())
    }
}

fn read_mark(path: PathBuf) -> Result<Option<ListMark>, KeyError> {
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(KeyError::File { path, source }),
        Ok(text) => text,
    };
    let read = text.trim_end().split_once(' ').and_then(|(lines, head)| {
        let lines = lines.parse().ok()?;
        let head = head.to_owned();
        (!head.is_empty()).then_some(ListMark { lines, head })
    });
    read.map(Some).ok_or(KeyError::ListMark { path })
}

/// Makes the digests of [`Keys::tombstone`]; the key is derived once.
#[derive(Clone)]
pub struct TombstoneDigests(Keyed);

impl std::fmt::Debug for TombstoneDigests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TombstoneDigests(<key>)")
    }
}

impl TombstoneDigests {
    /// As [`Keys::tombstone`].
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        digest_with(self.0.clone(), parts)
    }
}
