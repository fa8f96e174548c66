//! The files of SQLite, byte by byte: what is in pages that no row is in, and in the files beside.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use averment_catalog::ElementId;

use super::Swept;
use crate::erase::harvest::Known;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// Bytes by which a needle is found.
const BEGINNING: usize = 4;

/// What is searched for, byte by byte.
pub(super) struct Needles {
    by_beginning: HashMap<[u8; BEGINNING], Vec<Vec<u8>>>,
    longest: usize,
    /// What stands in live values, where other eyes see it: it may be a part of what is somebody else's.
    live: HashSet<Vec<u8>>,
}

impl Needles {
    /// Values that name the people of `batches`, but for elements that are to stay.
    pub(super) fn of(batches: &[Known], kept: &[ElementId]) -> Self {
        Self::new(batches.iter().flat_map(|known| known.needles(kept)))
    }

    fn new(needles: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut all = Self {
            by_beginning: HashMap::new(),
            longest: 0,
            live: HashSet::new(),
        };
        for needle in needles {
            if let Some(beginning) = needle.first_chunk::<BEGINNING>().copied() {
                all.longest = all.longest.max(needle.len());
                all.by_beginning.entry(beginning).or_default().push(needle);
            }
        }
        all
    }

    fn at<'a>(&'a self, bytes: &'a [u8], at: usize) -> impl Iterator<Item = &'a Vec<u8>> {
        let beginning = bytes[at..].first_chunk::<BEGINNING>();
        let begun = beginning.and_then(|beginning| self.by_beginning.get(beginning));
        let begun = begun.into_iter().flatten();
        begun.filter(move |needle| bytes[at..].starts_with(needle))
    }

    /// Notes what stands in live values.
    pub(super) fn see(&mut self, text: &[u8]) {
        if self.by_beginning.is_empty() {
            return;
        }
        let seen: Vec<Vec<u8>> = (0..text.len()).flat_map(|at| self.at(text, at)).cloned().collect();
        self.live.extend(seen);
    }

    /// Searches the file and its write-ahead log, shared memory and rollback journal.
    pub(super) fn search(&self, file: &Path, swept: &mut Swept) {
        if self.by_beginning.is_empty() {
            return;
        }
        for (ending, place) in [
            ("", "the database's file"),
            ("-wal", "the write-ahead log"),
            ("-shm", "the shared memory"),
            ("-journal", "the rollback journal"),
        ] {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            match self.count(&PathBuf::from(name)) {
                Ok(count) => swept.found(place, None, count),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => swept.unreadable += 1,
            }
        }
    }

    /// How many places of a file hold what no live value holds.
    fn count(&self, file: &Path) -> std::io::Result<u64> {
        let mut file = File::open(file)?;
        let (mut buffer, mut count): (Vec<u8>, u64) = (Vec::new(), 0);
        loop {
            let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
            let is_last = read == 0;
            // What begins near the end is looked at when more was read.
            let until = if is_last {
                buffer.len()
            } else {
                buffer.len().saturating_sub(self.longest)
            };
            for at in 0..until {
                let found = self.at(&buffer, at).filter(|needle| !self.live.contains(*needle));
                count += found.count() as u64;
            }
            if is_last {
                return Ok(count);
            }
            buffer.drain(..until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_are_found_across_what_is_read_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        let mut bytes = vec![b'.'; 3 * CHUNK];
        for at in [0, CHUNK - 3, 2 * CHUNK - 1, 3 * CHUNK - 6] {
            bytes[at..at + 6].copy_from_slice(b"canary");
        }
        std::fs::write(&file, bytes).unwrap();
        let mut needles = Needles::new([b"canary".to_vec(), b"canter".to_vec()].into_iter());
        assert_eq!(needles.count(&file).unwrap(), 4);
        needles.see(b"a canary that somebody keeps");
        assert_eq!(needles.count(&file).unwrap(), 0);
    }
}
