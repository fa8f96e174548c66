//! Bodies that a recording keeps in files of their own: members of the same archive, or files beside it.
//!
//! Start at [`Attachments::body`]. Names come from the recording, so they lead nowhere but below the recording's own folder.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use super::file::Budget;
use super::model::{BODY_MAX_BYTES, PostData};

/// Names of attachments that are remembered, so that they are not taken for recordings.
const NAMES_MAX: usize = 100_000;

/// Where the files of a recording lie.
pub(super) enum Attachments<'a> {
    /// There are none: it came from no file.
    Nowhere,
    /// In the folder of the recording.
    Beside(PathBuf),
    /// In the archive, below the folder of the recording's member.
    Within {
        archive: &'a mut ZipArchive<BufReader<File>>,
        folder: String,
        budget: &'a Budget,
        /// What the recording names, as members.
        named: &'a mut BTreeSet<String>,
    },
}

impl Attachments<'_> {
    /// Remembers that the recording names a file.
    pub(super) fn name(&mut self, file: &str) {
        if let Self::Within { folder, named, .. } = self
            && named.len() < NAMES_MAX
        {
            named.extend(members(folder, file));
        }
    }

    /// The body that `data` says is in a file of its own, and whether it is cut; none where that file is not there.
    pub(super) fn body(&mut self, data: &PostData) -> Option<(Vec<u8>, bool)> {
        let files = [data.file.as_str(), data.sha1.as_str()];
        files
            .into_iter()
            .filter(|file| is_below(file))
            .find_map(|file| self.read(file))
    }

    fn read(&mut self, file: &str) -> Option<(Vec<u8>, bool)> {
        match self {
            Self::Nowhere => None,
            Self::Beside(folder) => {
                let folder = folder.canonicalize().ok()?;
                let path = folder.join(file).canonicalize().ok()?;
                let is_there = path.starts_with(&folder) && path.is_file();
                whole(File::open(path).ok().filter(|_| is_there)?)
            }
            Self::Within {
                archive,
                folder,
                budget,
                ..
            } => {
                let there = members(folder, file)
                    .into_iter()
                    .find_map(|name| archive.index_for_name(&name));
                whole(budget.bounded(archive.by_index(there?).ok()?))
            }
        }
    }
}

/// Names that a file of a recording in `folder` may have in the archive.
fn members(folder: &str, file: &str) -> [String; 4] {
    let resource = format!("resources/{file}");
    [
        format!("{folder}{file}"),
        format!("{folder}{resource}"),
        file.to_owned(),
        resource,
    ]
}

fn is_below(file: &str) -> bool {
    let is_name = |part: Component<'_>| matches!(part, Component::Normal(_));
    !file.is_empty() && Path::new(file).components().all(is_name)
}

fn whole(source: impl Read) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    source.take(BODY_MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    let is_cut = bytes.len() > BODY_MAX_BYTES;
    bytes.truncate(BODY_MAX_BYTES);
    Some((bytes, is_cut))
}
