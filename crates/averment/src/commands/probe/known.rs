//! Whom probes recognise: the people of the directory, where there is one.

use averment_detect::{Directory, DirectoryKey};
use averment_store::{DataFolder, Keys, People};

use crate::cli::Folders;
use crate::clock;
use crate::outcome::Failure;

/// The directory, and what to say about it.
pub(crate) struct Known {
    pub(crate) directory: Directory,
    pub(crate) notice: Option<&'static str>,
}

/// The directory of the data folder; nobody where there is no data folder.
pub(crate) fn directory(folders: &Folders) -> Result<Known, Failure> {
    if !folders.data.exists() {
        return Ok(nobody(
            "no directory of people was found: only what has the look of an identifier is recognised",
        ));
    }
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let directory = People::open(&folder, &keys)?.snapshot(clock::now())?.directory;
    let is_empty = directory.people() == 0;
    let notice =
        is_empty.then_some("the directory of people is empty: only what has the look of an identifier is recognised");
    Ok(Known { directory, notice })
}

/// Nothing is ever looked up in an empty directory, so that its key does not matter.
fn nobody(notice: &'static str) -> Known {
    Known {
        directory: Directory::new(DirectoryKey::new([0; 32]), Vec::new(), []),
        notice: Some(notice),
    }
}
