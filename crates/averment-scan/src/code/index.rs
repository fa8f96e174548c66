//! Which files git keeps, by its index: what is kept is part of the repository, whatever a `.gitignore` says of it.
//!
//! Start at [`kept`]. The index is read, and git is not run.
//!
//! Source: git, `gitformat-index`, versions 2 to 4; `gitrepository-layout`.

use std::io::Read as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// Largest index, in bytes: some hundred thousand files have 50 MB.
const BYTES_MAX: u64 = 1 << 28;

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

/// What git keeps below `root`; none where `root` is in no checkout.
///
/// # Errors
/// [`UNREADABLE`], with the path of the index.
pub(super) fn kept(root: &Path) -> Option<Result<Vec<Kept>, PathBuf>> {
    let (top, folder) = root.ancestors().find_map(|top| Some((top, repository(top)?)))?;
    let file = folder.join("index");
    let bytes = match read(&file) {
        Ok(bytes) => bytes,
        // Nothing was ever added.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(_) => return Some(Err(file)),
    };
    let hash = hash_length(&folder);
    let all = entries(&bytes, hash).and_then(|mut index| {
        if let Some(name) = index.shared.take() {
            let shared = read(&folder.join(format!("sharedindex.{name}"))).ok()?;
            index.kept.extend(entries(&shared, hash)?.kept);
        }
        Some(index.kept)
    });
    let below = root.strip_prefix(top).unwrap_or(Path::new(""));
    Some(all.ok_or(file).map(|all| within(all, below)))
}

/// The folder of the repository that `top` is a checkout of: `.git`, or what a file of that name points to.
fn repository(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    let about = git.symlink_metadata().ok()?;
    if about.is_dir() {
        return Some(git);
    }
    let text = read(&git).ok().filter(|_| about.is_file())?;
    let text = String::from_utf8(text).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Bytes of the names of objects. A second checkout has its settings in the first one's folder.
fn hash_length(folder: &Path) -> usize {
    let common = read(&folder.join("commondir"))
        .ok()
        .and_then(|text| String::from_utf8(text).ok());
    let common = common.map_or_else(|| folder.to_path_buf(), |text| folder.join(text.trim()));
    let settings = read(&common.join("config")).unwrap_or_default();
    let settings = String::from_utf8_lossy(&settings).to_lowercase();
    let mut lines = settings.lines().filter_map(|line| line.split_once('='));
    let sha256 = lines.any(|(key, value)| key.trim() == "objectformat" && value.trim() == "sha256");
    if sha256 { 32 } else { 20 }
}

fn within(all: Vec<Kept>, below: &Path) -> Vec<Kept> {
    let inside = |kept: Kept| {
        let path = kept.path.strip_prefix(below).ok()?.to_path_buf();
        Some(Kept { path, ..kept })
    };
    let mut all: Vec<Kept> = all.into_iter().filter_map(inside).collect();
    // Of a conflict there are up to three entries, one behind the other.
    all.dedup();
    all
}

/// What one file of an index says.
#[derive(Debug, Default)]
struct Index {
    kept: Vec<Kept>,
    /// The name of the file that holds the rest.
    shared: Option<String>,
}

fn entries(bytes: &[u8], hash: usize) -> Option<Index> {
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
    for _ in 0..count {
        let before = rest.0.len();
        let (mode, extended) = rest.entry(version, hash)?;
        rest.name(version, before, &mut name)?;
        index.kept.extend(kept_as(&name, mode, extended));
    }
    index.shared = rest.shared(hash)?;
    Some(index)
}

/// A name that leads out of the checkout, or to git's own folder, is none that git writes.
fn kept_as(name: &[u8], mode: u32, extended: u16) -> Option<Kept> {
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
    let path = PathBuf::from(std::ffi::OsString::from_vec(name.to_vec()));
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
