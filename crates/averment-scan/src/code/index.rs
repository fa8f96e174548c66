//! Which files git keeps, by its index: what is kept is part of the repository, whatever a `.gitignore` says of it.
//!
//! Start at [`checkout`]. The index is read, and git is not run. Whoever made the folder made the index, too: only plain files are read, a
//! path in one of them is followed only where it comes back, and what is kept in memory is bounded.
//!
//! Source: git, `gitformat-index`, versions 2 to 4; `gitrepository-layout`.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::plain;

/// Largest index, in bytes: some hundred thousand files have 50 MB.
const BYTES_MAX: u64 = 1 << 28;

/// Longest name, in bytes: no system opens a longer one.
const NAME_MAX: usize = 4096;

/// All names of a file together, in bytes. Version 4 writes a name in a few bytes that repeats the one before.
const NAMES_MAX: usize = 1 << 28;

/// One thing that git keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// From the root that was asked for.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A file, or a folder, that a sparse checkout leaves out.
    LeftOut,
    /// Another repository.
    Submodule,
    Link,
}

/// Why an index cannot be read.
pub(super) const UNREADABLE: &str = "is no index of git that can be read";

/// A checkout, and where its index is.
#[derive(Debug)]
pub(super) struct Checkout {
    folder: PathBuf,
    /// From the top of the checkout to the root that was asked for.
    below: PathBuf,
    /// What is named when the index cannot be read: never a path that a file points to.
    named: PathBuf,
    is_known: bool,
}

/// The checkout that `root` is in; none where it is in none, and where nothing was ever added.
pub(super) fn checkout(root: &Path) -> Option<Checkout> {
    let top = root
        .ancestors()
        .find(|top| top.join(".git").symlink_metadata().is_ok())?;
    let git = top.join(".git");
    let own = git.symlink_metadata().is_ok_and(|about| about.is_dir());
    let folder = if own { Some(git.clone()) } else { linked(&git) };
    let is_known = folder.is_some();
    let folder = folder.unwrap_or_else(|| git.clone());
    let index = folder.join("index").symlink_metadata();
    if is_known && index.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return None;
    }
    Some(Checkout {
        below: root.strip_prefix(top).unwrap_or(Path::new("")).to_path_buf(),
        named: if own { git.join("index") } else { git },
        folder,
        is_known,
    })
}

/// The folder that a file `.git` points to, if that folder says the same of the file: a second checkout's does, and a submodule's.
fn linked(git: &Path) -> Option<PathBuf> {
    let top = git.parent()?;
    let folder = top.join(line(git)?.strip_prefix("gitdir:")?.trim());
    let folder = folder.canonicalize().ok()?;
    let back = line(&folder.join("gitdir")).map(|back| folder.join(back.trim()));
    let is_second = back.is_some_and(|back| is_same(&back, git));
    let settings = settings(&folder);
    let work = value(&settings, "worktree").map(|work| folder.join(work));
    let is_submodule = || work.is_some_and(|work| is_same(&work, top));
    (is_second || is_submodule()).then_some(folder)
}

fn is_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().ok();
    whole(one).is_some_and(|one| whole(other) == Some(one))
}

/// The text of a small file that holds one path.
fn line(file: &Path) -> Option<String> {
    const LINE_MAX: u64 = 8 << 10;
    String::from_utf8(plain::read(file, LINE_MAX).ok()?).ok()
}

/// The settings of a repository; none where they cannot be read.
fn settings(folder: &Path) -> String {
    const SETTINGS_MAX: u64 = 1 << 20;
    let bytes = plain::read(&folder.join("config"), SETTINGS_MAX).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn value<'a>(settings: &'a str, wanted: &str) -> Option<&'a str> {
    let mut lines = settings.lines().filter_map(|line| line.split_once('='));
    lines
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim())
}

/// Bytes of the names of objects. A second checkout, `worktrees/NAME` of a repository, has its settings in that one's folder.
fn hash_length(folder: &Path) -> usize {
    let above = folder.parent().filter(|above| above.ends_with("worktrees"));
    let common = line(&folder.join("commondir")).map(|text| folder.join(text.trim()));
    let common = above
        .and_then(Path::parent)
        .filter(|above| common.is_some_and(|common| is_same(&common, above)));
    let settings = settings(common.unwrap_or(folder));
    let sha256 = value(&settings, "objectformat").is_some_and(|format| format.eq_ignore_ascii_case("sha256"));
    if sha256 { 32 } else { 20 }
}

impl Checkout {
    /// What git keeps below the root that was asked for, without what the walk met there.
    ///
    /// # Errors
    /// The path of what cannot be read ([`UNREADABLE`]).
    pub(super) fn kept(&self, met: &HashSet<PathBuf>) -> Result<Vec<Kept>, PathBuf> {
        let wanted = Wanted {
            below: &self.below,
            met,
        };
        self.is_known
            .then(|| self.read(&wanted))
            .flatten()
            .ok_or_else(|| self.named.clone())
    }

    fn read(&self, wanted: &Wanted<'_>) -> Option<Vec<Kept>> {
        let hash = hash_length(&self.folder);
        let bytes = plain::read(&self.folder.join("index"), BYTES_MAX).ok()?;
        let mut index = entries(&bytes, hash, wanted)?;
        if let Some(name) = index.shared.take() {
            let file = self.folder.join(format!("sharedindex.{name}"));
            let shared = plain::read(&file, BYTES_MAX).ok()?;
            index.kept.extend(entries(&shared, hash, wanted)?.kept);
        }
        Some(index.kept)
    }
}

/// Which of the names in an index matter: the others are not kept in memory.
struct Wanted<'a> {
    below: &'a Path,
    met: &'a HashSet<PathBuf>,
}

impl Wanted<'_> {
    /// From the root that was asked for.
    fn path(&self, name: &[u8]) -> Option<PathBuf> {
        let path = Path::new(OsStr::from_bytes(name)).strip_prefix(self.below).ok()?;
        (!self.met.contains(path)).then(|| path.to_path_buf())
    }
}

/// What one file of an index says.
#[derive(Debug, Default)]
struct Index {
    kept: Vec<Kept>,
    /// The name of the file that holds the rest.
    shared: Option<String>,
}

fn entries(bytes: &[u8], hash: usize, wanted: &Wanted<'_>) -> Option<Index> {
    let mut rest = Rest(bytes.get(..bytes.len().checked_sub(hash)?)?);
    if rest.take(4)? != b"DIRC" {
        return None;
    }
    let version = rest.number()?;
    let count = rest.number()?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut index = Index::default();
    let mut name: Vec<u8> = Vec::new();
    let mut left = NAMES_MAX;
    for _ in 0..count {
        let before = rest.0.len();
        let (mode, extended) = rest.entry(version, hash)?;
        rest.name(version, before, &mut name)?;
        left = left.checked_sub(name.len())?;
        let one = kept_as(&name, mode, extended, wanted);
        // Of a conflict there are up to three entries, one behind the other.
        index.kept.extend(one.filter(|one| index.kept.last() != Some(one)));
    }
    index.shared = rest.shared(hash)?;
    Some(index)
}

/// A name that leads out of the checkout, or to git's own folder, is none that git writes.
fn kept_as(name: &[u8], mode: u32, extended: u16, wanted: &Wanted<'_>) -> Option<Kept> {
    const SKIP_WORKTREE: u16 = 0x4000;
    let is_folder = mode == 0o040_000;
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let outside = |part: &[u8]| part.is_empty() || part == b".." || part == b"." || part == b".git";
    if name.split(|byte| *byte == b'/').any(outside) {
        return None;
    }
    let kind = match mode >> 12 {
        _ if is_folder || extended & SKIP_WORKTREE != 0 => Kind::LeftOut,
        0o16 => Kind::Submodule,
        0o12 => Kind::Link,
        _ => Kind::File,
    };
    let path = wanted.path(name)?;
    Some(Kept { path, kind })
}

/// What is left to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn flags(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// Up to the name: mode and the flags that only some entries have.
    fn entry(&mut self, version: u32, hash: usize) -> Option<(u32, u16)> {
        const EXTENDED: u16 = 0x4000;
        self.take(24)?;
        let mode = self.number()?;
        self.take(12 + hash)?;
        let flags = self.flags()?;
        let more = if version >= 3 && flags & EXTENDED != 0 {
            self.flags()?
        } else {
            0
        };
        Some((mode, more))
    }

    /// The name of an entry that began when `before` bytes were left. Version 4 writes what differs from the name before.
    fn name(&mut self, version: u32, before: usize, name: &mut Vec<u8>) -> Option<()> {
        let kept = match version {
            4 => name.len().checked_sub(self.shortened()?)?,
            _ => 0,
        };
        name.truncate(kept);
        let length = memchr::memchr(0, self.0)?;
        if kept + length > NAME_MAX {
            return None;
        }
        name.extend_from_slice(self.take(length)?);
        let read = before - self.0.len();
        // Filled up to eight bytes, and one zero at least.
        let filling = if version == 4 { 1 } else { 8 - read % 8 };
        self.take(filling).map(|_| ())
    }

    /// A number in groups of seven bits, the first ones first, each but the last counted from one.
    fn shortened(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let byte = *self.take(1)?.first()?;
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }

    /// The extension `link` names another file by its digest; zeros name none.
    fn shared(&mut self, hash: usize) -> Option<Option<String>> {
        while !self.0.is_empty() {
            let signature = self.take(4)?;
            let length = usize::try_from(self.number()?).ok()?;
            let content = self.take(length)?;
            if signature == b"link" {
                let digest = content.get(..hash)?;
                let name = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                return Some(digest.iter().any(|byte| *byte != 0).then_some(name));
            }
        }
        Some(None)
    }
}

#[cfg(test)]
mod tests;
