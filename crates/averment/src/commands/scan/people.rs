//! Whom a look recognises: the people of the directory, when it is asked to.

use averment_detect::{Directory, DirectoryKey};
use averment_store::{DataFolder, Keys, People, Snapshot};
use clap::Args;

use super::consents::Known;
use super::options::ScanOptions;
use crate::cli::Folders;
use crate::clock;
use crate::outcome::Failure;

/// Whom to recognise in what is read.
#[derive(Debug, Args)]
pub(crate) struct KnownPeople {
    /// Recognise the people of the directory; without it only what has the look
    /// of an identifier is found
    #[arg(long)]
    with_people: bool,
}

impl KnownPeople {
    /// Those people and their consents; none where nobody asked for people.
    pub(super) fn known(&self, options: &ScanOptions) -> Result<Option<Known>, Failure> {
        self.with_people.then(|| Known::open(options)).transpose()
    }

    pub(super) fn directory(&self, folders: &Folders) -> Result<Directory, Failure> {
        if self.with_people {
            directory(folders, "`averment people load` fills the directory")
        } else {
            Ok(nobody())
        }
    }
}

/// Everybody of the data folder's directory. An empty one is refused: who asks for people must not get a look that knows none.
pub(super) fn directory(folders: &Folders, hint: &str) -> Result<Directory, Failure> {
    Ok(snapshot(folders, hint)?.directory)
}

/// The same, with what else is known of them.
pub(super) fn snapshot(folders: &Folders, hint: &str) -> Result<Snapshot, Failure> {
    let open = || -> Result<Snapshot, Failure> {
        let folder = DataFolder::open_read(&folders.data)?;
        let keys = Keys::read(&folders.keys)?;
        Ok(People::open(&folder, &keys)?.snapshot(clock::now())?)
    };
    let snapshot = open().map_err(|failure| failure.hint(hint))?;
    if snapshot.directory.people() == 0 {
        return Err(Failure::new(format!("the directory in `{}` is empty", folders.data.display())).hint(hint));
    }
    Ok(snapshot)
}

/// Nothing is ever looked up in an empty directory, so that its key does not matter.
pub(super) fn nobody() -> Directory {
    Directory::new(DirectoryKey::new([0; 32]), Vec::new(), [])
}
