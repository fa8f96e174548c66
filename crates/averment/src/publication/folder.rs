//! Deeds on folders: walk, give files a second name, change places, remove what was seen.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::outcome::Failure;

/// Makes `out` with all folders above it.
pub(super) fn create_folders(out: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot make the folder `{}`", out.display())).because(error);
    std::fs::create_dir_all(out).map_err(failed)
}

/// Every file and symbolic link below `out`, and every empty folder, by its path below `out`.
pub(super) fn walk(out: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let failed = |path: &Path, error| Failure::new(format!("cannot read `{}`", path.display())).because(error);
    let (mut found, mut open) = (BTreeSet::new(), vec![PathBuf::new()]);
    while let Some(folder) = open.pop() {
        let at = out.join(&folder);
        let entries = std::fs::read_dir(&at).map_err(|error| failed(&at, error))?;
        let mut empty = true;
        for entry in entries {
            let entry = entry.map_err(|error| failed(&at, error))?;
            let path = folder.join(entry.file_name());
            empty = false;
            match entry
                .file_type()
                .map_err(|error| failed(&entry.path(), error))?
                .is_dir()
            {
                true => open.push(path),
                false => _ = found.insert(path),
            }
        }
        if empty && folder != Path::new("") {
            found.insert(folder);
        }
    }
    Ok(found)
}

/// Gives a file a second name; copies it where the file system knows no second names.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let kind = std::fs::symlink_metadata(from)?.file_type();
    if kind.is_dir() {
        return std::fs::create_dir_all(to);
    }
    if kind.is_symlink() {
        return symbolic_link(&std::fs::read_link(from)?, to);
    }
    std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(|_| ()))
}

#[cfg(unix)]
fn symbolic_link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symbolic_link(target: &Path, link: &Path) -> io::Result<()> {
    std::fs::copy(target, link).map(|_| ())
}

/// `draft` and `out` change places: in one step where the system can, in two renames where it cannot.
pub(super) fn exchange(draft: &Path, out: &Path) -> io::Result<()> {
    at_once(draft, out).or_else(|_| {
        let aside = draft.with_extension("old");
        std::fs::rename(out, &aside)?;
        if let Err(error) = std::fs::rename(draft, out) {
            std::fs::rename(&aside, out)?;
            return Err(error);
        }
        std::fs::rename(&aside, draft)
    })
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn at_once(draft: &Path, out: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, draft, CWD, out, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn at_once(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes the files that were seen, and every folder that is empty then. False when something is left: it came after the
/// folder was walked.
pub(super) fn remove_seen(folder: &Path, seen: &BTreeSet<PathBuf>) -> bool {
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    for path in seen {
        _ = std::fs::remove_file(folder.join(path)).or_else(|_| std::fs::remove_dir(folder.join(path)));
        folders.extend(path.ancestors().skip(1));
    }
    // The deepest first: a folder sorts before what is in it.
    folders.insert(Path::new(""));
    folders
        .iter()
        .rev()
        .for_each(|path| _ = std::fs::remove_dir(folder.join(path)));
    !folder.exists()
}
