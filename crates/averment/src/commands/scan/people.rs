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
        if !self.with_people {
            // Nothing is ever looked up in an empty directory, so that its key does not matter.
            return Ok(Directory::new(DirectoryKey::new([0; 32]), Vec::new(), []));
        }
        let folder = DataFolder::open_read(&folders.data)?;
        let keys = Keys::read(&folders.keys)?;
        Ok(People::open(&folder, &keys)?.snapshot(clock::now())?.directory)
    }
}
