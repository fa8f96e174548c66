//! Which program this is: what the ledger says about who decided.

use std::fs::File;
use std::io::Read as _;
use std::sync::OnceLock;

use averment_register::Digest as CharterDigest;
use averment_store::{DataFolder, Journal, Keys, Recovery};
use sha2::{Digest as _, Sha256};

use crate::clock;
use crate::outcome::Failure;

/// SHA-256 of the file that this process runs, read once; none where it cannot be read. Nor of a build for debugging: it is
/// nobody's gate, and so large that each command would take a second longer.
pub(crate) fn build() -> Option<[u8; 32]> {
    static BUILD: OnceLock<Option<[u8; 32]>> = OnceLock::new();
    *BUILD.get_or_init(|| {
        if cfg!(debug_assertions) {
            return None;
        }
        let digest = digest_of_own_file();
        digest
            .inspect_err(|error| tracing::warn!(%error, "the ledger cannot say which build this is"))
            .ok()
    })
}

fn digest_of_own_file() -> std::io::Result<[u8; 32]> {
    // Where the system has it: the file that runs, also when another one has taken its place since.
    let mut file = File::open("/proc/self/exe").or_else(|_| File::open(std::env::current_exe()?))?;
    let (mut digest, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(digest.finalize().into()),
            length => digest.update(&piece[..length]),
        }
    }
}

/// Opens the journal; the first thing that it records is which program this is.
pub(crate) fn open_journal(
    folder: &DataFolder,
    keys: &Keys,
    charter: CharterDigest,
) -> Result<(Journal, Recovery), Failure> {
    let (journal, recovery) = Journal::open(folder, keys, clock::now, charter)?;
    journal.announce(build())?;
    Ok((journal, recovery))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_file_that_runs() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let expected: [u8; 32] = Sha256::digest(file).into();
        assert_eq!(digest_of_own_file().unwrap(), expected);
    }
}
