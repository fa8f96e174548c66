//! Deeds on folders: walk, give files a second name, change places, remove what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
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

/// Which file a name stood for when it was linked or copied.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    file: FileNumber,
    /// Length and time of change, for what was copied: a second name shows what is written later, a copy does not.
    copied: Option<(u64, Option<std::time::SystemTime>)>,
}

#[cfg(unix)]
type FileNumber = (u64, u64);
#[cfg(not(unix))]
type FileNumber = ();

#[cfg(unix)]
fn number(known: &Metadata) -> FileNumber {
    use std::os::unix::fs::MetadataExt;
    (known.dev(), known.ino())
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> FileNumber {}

impl Identity {
    fn linked(known: &Metadata) -> Self {
        Self {
            file: number(known),
            copied: None,
        }
    }

    fn copied(known: &Metadata) -> Self {
        Self {
            file: number(known),
            copied: Some((known.len(), known.modified().ok())),
        }
    }

    fn is_of(&self, path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|known| match self.copied {
            None => *self == Self::linked(&known),
            Some(_) => *self == Self::copied(&known),
        })
    }
}

/// Gives a file a second name; copies it where the file system knows no second names. Returns which file `to` now has; none
/// for an empty folder.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<Option<Identity>> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let known = std::fs::symlink_metadata(from)?;
    if known.is_dir() {
        return std::fs::create_dir_all(to).map(|()| None);
    }
    if known.is_symlink() {
        return symbolic_link(&std::fs::read_link(from)?, to).map(|()| Some(Identity::copied(&known)));
    }
    match std::fs::hard_link(from, to) {
        Ok(()) => Ok(Some(Identity::linked(&std::fs::symlink_metadata(to)?))),
        Err(_) => std::fs::copy(from, to).map(|_| Some(Identity::copied(&known))),
    }
}

/// Gives every folder of `draft` that `out` has too, and `draft` itself, the owner and the permissions it has there.
pub(super) fn same_access(out: &Path, draft: &Path) -> io::Result<()> {
    let (mut folders, mut open) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(draft.join(&folder))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(folder.join(entry.file_name()));
            }
        }
        folders.push(folder);
    }
    // The deepest first: a folder that nobody may enter hides those in it.
    for folder in folders.iter().rev() {
        if let Ok(known) = std::fs::symlink_metadata(out.join(folder))
            && known.is_dir()
        {
            let folder = draft.join(folder);
            same_owner(&known, &folder)?;
            std::fs::set_permissions(&folder, known.permissions())?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn same_owner(known: &Metadata, folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let new = std::fs::metadata(folder)?;
    match (new.uid(), new.gid()) == (known.uid(), known.gid()) {
        true => Ok(()),
        false => chown(folder, Some(known.uid()), Some(known.gid())),
    }
}

#[cfg(not(unix))]
fn same_owner(_: &Metadata, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a folder that only its owner may enter.
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
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
    at_once(draft, out).or_else(|_| in_renames(draft, out))
}

pub(super) fn in_renames(draft: &Path, out: &Path) -> io::Result<()> {
    let aside = claimed(draft, create_private)?.0;
    let named = |error: io::Error| {
        let text = format!("what was in the folder is in `{}` now: {error}", aside.display());
        io::Error::new(error.kind(), text)
    };
    // The claimed folder is empty, and a folder may take the place of an empty one.
    if let Err(error) = std::fs::rename(out, &aside) {
        _ = std::fs::remove_dir(&aside);
        return Err(error);
    }
    if let Err(error) = std::fs::rename(draft, out) {
        std::fs::rename(&aside, out).map_err(named)?;
        return Err(error);
    }
    std::fs::rename(&aside, draft).map_err(named)
}

/// A hidden name beside `path` that nothing had, with what `create` made there; `create` must refuse a name that is taken.
pub(super) fn claimed<T>(path: &Path, create: impl Fn(&Path) -> io::Result<T>) -> io::Result<(PathBuf, T)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_start_matches('.');
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..100 {
        let free = path.with_file_name(format!(".{name}.averment-{}-{attempt}", std::process::id()));
        match create(&free) {
            Ok(made) => return Ok((free, made)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
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

/// Removes the files that were seen, and every folder that is empty then; a name of `linked` only while it stands for the
/// file that was linked. False when something is left: it came after the folder was walked.
pub(super) fn remove_seen(folder: &Path, seen: &BTreeSet<PathBuf>, linked: &BTreeMap<PathBuf, Identity>) -> bool {
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    for path in seen {
        let replaced = linked
            .get(path)
            .is_some_and(|identity| !identity.is_of(&folder.join(path)));
        if replaced {
            continue;
        }
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
