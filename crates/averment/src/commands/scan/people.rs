//! Whom a look recognises: the people of the directory, when it is asked to.

use averment_detect::{Directory, DirectoryKey};
use averment_store::{DataFolder, Keys, People};
use clap::Args;

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
    let open = || -> Result<Directory, Failure> {
        let folder = DataFolder::open_read(&folders.data)?;
        let keys = Keys::read(&folders.keys)?;
        Ok(People::open(&folder, &keys)?.snapshot(clock::now())?.directory)
    };
    let directory = open().map_err(|failure| failure.hint(hint))?;
    if directory.people() == 0 {
        return Err(Failure::new(format!("the directory in `{}` is empty", folders.data.display())).hint(hint));
    }
    Ok(directory)
}

/// Nothing is ever looked up in an empty directory, so that its key does not matter.
pub(super) fn nobody() -> Directory {
    Directory::new(DirectoryKey::new([0; 32]), Vec::new(), [])
}
