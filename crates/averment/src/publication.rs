//! A folder of published files, replaced at once: everything is written to a draft beside it, and then the two change
//! places. What a person put into the folder stays.
//!
//! A list of files (`.well-known/averment-files.json`) says which files are ours. What it does not list is never
//! overwritten and never deleted; nor is a file of ours that somebody has changed and that the new site no longer has.

mod folder;
mod list;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::outcome::Failure;
use folder::{Identity, claimed, create_folders, create_private, exchange, link, remove_seen, same_access, walk};
use list::{List, PATH, of_bytes};

/// What was done.
pub(crate) struct Replaced {
    /// Files that are not of the site.
    pub(crate) kept: usize,
    /// The old folder, when it could not be removed because something new turned up in it.
    pub(crate) left_behind: Option<PathBuf>,
}

/// Makes `out` hold `files` (by path below it) and what was not ours before.
pub(crate) fn replace(out: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Replaced, Failure> {
    create_folders(out)?;
    let out = out.canonicalize().map_err(|error| cannot("find", out).because(error))?;
    let before = List::read(&out)?;
    let there = walk(&out)?;
    let kept: BTreeSet<PathBuf> = there
        .iter()
        .filter(|path| !goes(&out, path, &before, files))
        .cloned()
        .collect();
    refuse_to_overwrite(&out, &kept, files)?;
    let mut files = files.clone();
    files.insert(PATH.to_owned(), List::of(&files).to_bytes());
    let left_behind = match beside(&out) {
        Some(draft) => swapped(&out, &draft, &files, &kept, &there)?,
        None => {
            in_place(&out, &files, &before)?;
            None
        }
    };
    Ok(Replaced {
        kept: kept.len(),
        left_behind,
    })
}

/// Whether a file that is there goes: it is ours, and the new site has another in its place or nobody has changed it.
fn goes(out: &Path, path: &Path, before: &List, files: &BTreeMap<String, Vec<u8>>) -> bool {
    let name = list::name(path);
    if name == PATH {
        return true;
    }
    before.digest(&name).is_some_and(|written| {
        let replaced = files.contains_key(&name);
        replaced || std::fs::read(out.join(path)).is_ok_and(|bytes| of_bytes(&bytes) == *written)
    })
}

fn refuse_to_overwrite(out: &Path, kept: &BTreeSet<PathBuf>, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let ours: BTreeSet<&Path> = files.keys().map(Path::new).flat_map(Path::ancestors).collect();
    // A file of somebody else where one of ours, or a folder of ours, has to be; or a folder of theirs in a file's place.
    let in_the_way = kept.iter().find(|path| {
        ours.contains(path.as_path())
            || path
                .ancestors()
                .skip(1)
                .any(|above| files.contains_key(&list::name(above)))
    });
    match in_the_way {
        None => Ok(()),
        Some(path) => {
            let message = format!(
                "`{}` is there and `averment publish` did not write it",
                out.join(path).display()
            );
            Err(Failure::new(message).hint("move it away, or publish to another folder"))
        }
    }
}

/// Where the draft is written; none when it could not change places with `out`: at the root, or when this program, and so
/// the shell that started it, stands in the folder.
fn beside(out: &Path) -> Option<PathBuf> {
    let name = out.file_name()?.to_str()?;
    let inside = std::env::current_dir().is_ok_and(|here| here.starts_with(out));
    let draft = out.with_file_name(format!(".{name}.averment-draft-{}", std::process::id()));
    (!inside && create_private(&draft).is_ok()).then_some(draft)
}

fn swapped(
    out: &Path,
    draft: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    kept: &BTreeSet<PathBuf>,
    there: &BTreeSet<PathBuf>,
) -> Result<Option<PathBuf>, Failure> {
    let written = write_draft(out, draft, files, kept).and_then(|linked| match exchange(draft, out) {
        Ok(()) => Ok(linked),
        Err(error) => Err(cannot("put the new site into", out).because(error)),
    });
    match written {
        // The old folder has the draft's name now.
        Ok(linked) => Ok((!remove_seen(draft, there, &linked)).then(|| draft.to_owned())),
        Err(failure) => {
            // Nothing but our own files and further names of other files is in it.
            _ = std::fs::remove_dir_all(draft);
            Err(failure)
        }
    }
}

fn write_draft(
    out: &Path,
    draft: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    kept: &BTreeSet<PathBuf>,
) -> Result<BTreeMap<PathBuf, Identity>, Failure> {
    for (name, bytes) in files {
        let target = draft.join(name);
        write(&target, bytes).map_err(|error| cannot("write", &target).because(error))?;
    }
    let mut linked = BTreeMap::new();
    for path in kept {
        let identity = link(&out.join(path), &draft.join(path));
        let identity = identity.map_err(|error| cannot("keep", &out.join(path)).because(error))?;
        linked.extend(identity.map(|identity| (path.clone(), identity)));
    }
    // Until here the draft is its owner's alone, so that no private folder is open for a moment.
    same_access(out, draft).map_err(|error| cannot("keep the permissions of the folders in", out).because(error))?;
    Ok(linked)
}

/// Without a draft: each file is replaced whole, and what is no longer of the site goes last.
fn in_place(out: &Path, files: &BTreeMap<String, Vec<u8>>, before: &List) -> Result<(), Failure> {
    for (name, bytes) in files {
        let target = out.join(name);
        overwrite(&target, bytes).map_err(|error| cannot("write", &target).because(error))?;
    }
    for (name, digest) in before.files().filter(|(name, _)| !files.contains_key(*name)) {
        let target = out.join(name);
        if std::fs::read(&target).is_ok_and(|bytes| of_bytes(&bytes) == *digest) {
            std::fs::remove_file(&target).map_err(|error| cannot("remove", &target).because(error))?;
        }
    }
    Ok(())
}

/// Replaces one file whole, by way of a new file beside it.
fn overwrite(target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let (new, mut file) = claimed(target, |path| std::fs::File::create_new(path))?;
    let written = file.write_all(bytes).and_then(|()| std::fs::rename(&new, target));
    if written.is_err() {
        _ = std::fs::remove_file(&new);
    }
    written
}

fn write(target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(target, bytes)
}

fn cannot(what: &str, path: &Path) -> Failure {
    Failure::new(format!("cannot {what} `{}`", path.display()))
}

#[cfg(test)]
mod tests;
