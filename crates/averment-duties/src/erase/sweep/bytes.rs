//! The files of SQLite, byte by byte: what is in pages that no row is in, and in the files beside.

use std::collections::HashMap;
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

/// Searches the file and its write-ahead log, shared memory and rollback journal.
pub(super) fn search(file: &Path, batches: &[Known], kept: &[ElementId], swept: &mut Swept) {
    let needles: Vec<Vec<u8>> = batches.iter().flat_map(|known| known.needles(kept)).collect();
    if needles.is_empty() {
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
        match count(&PathBuf::from(name), &needles) {
            Ok(count) => swept.found(place, None, count),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => swept.unreadable += 1,
        }
    }
}

/// How many places of a file hold one of the needles.
fn count(file: &Path, needles: &[Vec<u8>]) -> std::io::Result<u64> {
    let mut by_beginning: HashMap<&[u8], Vec<&[u8]>> = HashMap::new();
    let mut longest = 0;
    for needle in needles.iter().filter(|needle| needle.len() >= BEGINNING) {
        by_beginning.entry(&needle[..BEGINNING]).or_default().push(needle);
        longest = longest.max(needle.len());
    }
    let mut file = File::open(file)?;
    let (mut buffer, mut count): (Vec<u8>, u64) = (Vec::new(), 0);
    loop {
        let before = buffer.len();
        let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
        let is_last = read == 0;
        // What begins near the end is looked at when more was read.
        let until = if is_last {
            buffer.len()
        } else {
            buffer.len().saturating_sub(longest)
        };
        for (at, window) in buffer.windows(BEGINNING).enumerate().take_while(|(at, _)| *at < until) {
            let begun = by_beginning.get(window).map(Vec::as_slice).unwrap_or_default();
            count += begun.iter().filter(|needle| buffer[at..].starts_with(needle)).count() as u64;
        }
        if is_last {
            return Ok(count);
        }
        debug_assert!(before <= until || read < CHUNK);
        buffer.drain(..until);
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
        assert_eq!(count(&file, &[b"canary".to_vec(), b"canter".to_vec()]).unwrap(), 4);
    }
}
