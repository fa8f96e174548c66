//! Which files are read: everything below the root that version control keeps, or does not ignore; links never followed.
//!
//! Start at [`walk`]. A line in a `.gitignore` hides nothing that is in the repository: what git keeps ([`index`]) and the walk did not
//! meet is looked at behind it, or counted as not looked at. Files are handed to as many workers as there are processors, in no order; what comes of them is sorted
//! afterwards.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use averment_syntax::Language;
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::class::{Class, Disk, class_beside, class_of, closed, holds_packages, is_minified};
use super::index::{self, Checkout, Kept, Kind};
use super::kept::{Found, below};
use super::manifest;
use crate::observation::Spot;
use crate::seen::{Coverage, Unread};

/// How much is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes.
    pub file_max: u64,
    /// Largest manifest or lock file, in bytes.
    pub manifest_max: u64,
    /// All files together, in bytes.
    pub total_max: u64,
    /// Workers.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_max: 2 << 20,
            manifest_max: 64 << 20,
            total_max: 16 << 30,
            threads: std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 16)),
        }
    }
}

/// One file that was read.
#[derive(Debug)]
pub(super) struct Source {
    /// Path from the root, with `/`.
    pub(super) path: String,
    pub(super) class: Class,
    pub(super) bytes: Vec<u8>,
}

/// What a walk gave, worker by worker.
struct Shared<'a, T> {
    root: &'a Path,
    limits: Limits,
    total: AtomicU64,
    beside: Disk,
    results: Mutex<(Vec<T>, Coverage)>,
    /// Files that the walk met; none where nobody asks.
    met: Option<Mutex<HashSet<PathBuf>>>,
    read: &'a (dyn Fn(Source) -> T + Sync),
    tick: &'a (dyn Fn(u64) + Sync),
}

/// Reads every file below `root` and gives each to `read`; `tick` hears how many bytes a file had.
pub(super) fn walk<T: Send>(
    root: &Path,
    limits: Limits,
    read: &(dyn Fn(Source) -> T + Sync),
    tick: &(dyn Fn(u64) + Sync),
) -> (Vec<T>, Coverage) {
    let checkout = index::checkout(root).filter(|_| root.is_dir());
    let shared = Shared {
        met: checkout.is_some().then(Mutex::default),
        root,
        limits,
        total: AtomicU64::new(0),
        beside: Disk::new(root),
        results: Mutex::new((Vec::new(), Coverage::default())),
        read,
        tick,
    };
    let left_out: std::sync::Arc<Mutex<BTreeMap<String, u64>>> = std::sync::Arc::default();
    let folders = left_out.clone();
    let walker = WalkBuilder::new(root)
        .hidden(false)
        .parents(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .follow_links(false)
        .threads(limits.threads)
        .filter_entry(move |entry| enter(entry, &folders))
        .build_parallel();
    walker.run(|| {
        let mut worker = Worker::of(&shared);
        Box::new(move |entry| {
            worker.take(entry);
            WalkState::Continue
        })
    });
    if let Some(checkout) = checkout {
        also(&shared, &checkout);
    }
    let (results, mut coverage) = shared
        .results
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for (reason, count) in left_out.lock().map(|counts| counts.clone()).unwrap_or_default() {
        *coverage.left_out.entry(reason).or_default() += count;
    }
    coverage.unread.sort();
    (results, coverage)
}

/// What git keeps and the walk did not meet, by as many workers.
fn also<T: Send>(shared: &Shared<'_, T>, checkout: &Checkout) {
    let met = shared
        .met
        .as_ref()
        .and_then(|met| met.lock().ok().map(|mut met| std::mem::take(&mut *met)));
    let met = met.unwrap_or_default();
    let mut found = Found::default();
    below(checkout, shared.root, Path::new(""), &met, &mut found);
    drop(met);
    let Found { missed, unreadable, .. } = found;
    let mut worker = Worker::of(shared);
    for file in unreadable {
        worker.unread(file.display().to_string(), index::UNREADABLE);
    }
    drop(worker);
    let share = missed.len().div_ceil(shared.limits.threads.max(1)).max(1);
    std::thread::scope(|scope| {
        for part in missed.chunks(share) {
            scope.spawn(move || {
                let mut worker = Worker::of(shared);
                part.iter().for_each(|one| worker.take_kept(one));
            });
        }
    });
}

fn enter(entry: &DirEntry, left_out: &Mutex<BTreeMap<String, u64>>) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let reason = closed(&entry.file_name().to_string_lossy()).filter(|_| is_folder && entry.depth() > 0);
    if let (Some(reason), Ok(mut counts)) = (reason, left_out.lock()) {
        *counts.entry(reason.to_owned()).or_default() += 1;
    }
    reason.is_none()
}

/// One thread's share; handed over when the thread ends, so that no file waits for a lock.
struct Worker<'a, 's, T> {
    shared: &'s Shared<'a, T>,
    results: Vec<T>,
    coverage: Coverage,
    met: Vec<PathBuf>,
}

impl<T> Drop for Worker<'_, '_, T> {
    fn drop(&mut self) {
        if let Ok(mut all) = self.shared.results.lock() {
            all.0.append(&mut self.results);
            add(&mut all.1, std::mem::take(&mut self.coverage));
        }
        if let Some(mut met) = self.shared.met.as_ref().and_then(|met| met.lock().ok()) {
            met.extend(self.met.drain(..));
        }
    }
}

fn add(to: &mut Coverage, more: Coverage) {
    to.read += more.read;
    to.live += more.live;
    to.bytes += more.bytes;
    for (reason, count) in more.left_out {
        *to.left_out.entry(reason).or_default() += count;
    }
    for (reason, count) in more.not_looked_at {
        *to.not_looked_at.entry(reason).or_default() += count;
    }
    to.unread.extend(more.unread);
}

impl<'a, 's, T> Worker<'a, 's, T> {
    fn of(shared: &'s Shared<'a, T>) -> Self {
        Self {
            shared,
            results: Vec::new(),
            coverage: Coverage::default(),
            met: Vec::new(),
        }
    }

    fn take(&mut self, entry: Result<DirEntry, ignore::Error>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let file = path_of(&error).map(|path| self.relative(&path)).unwrap_or_default();
                return self.unread(file, "cannot be listed");
            }
        };
        let Some(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            return;
        }
        if !kind.is_file() {
            return self.leave_out(if kind.is_symlink() { "links" } else { "no plain files" });
        }
        if self.shared.met.is_some() {
            let below = entry.path().strip_prefix(self.shared.root);
            self.met.extend(below.ok().map(Path::to_path_buf));
        }
        let size = entry.metadata().map_err(std::io::Error::other).map(|about| about.len());
        self.take_file(entry.path(), size);
    }

    /// What git keeps and the walk did not meet: an ignore file names it, or it is in a folder that is not entered.
    fn take_kept(&mut self, kept: &Kept) {
        let full = self.shared.root.join(&kept.path);
        match kept.kind {
            Kind::Link => {}
            Kind::LeftOut => self.coverage.pass_by("in the repository, and left out of the checkout"),
            Kind::Submodule => {
                let mut inside = std::fs::read_dir(&full).into_iter().flatten();
                if inside.next().is_none() {
                    self.coverage.pass_by("submodules that are not there");
                }
            }
            Kind::File if in_packages(&kept.path) => self.pass_package(&self.relative(&full)),
            Kind::File => self.take_ignored(&full),
        }
    }

    /// The package manager itself and its archives are no part of any program.
    fn pass_package(&mut self, path: &str) {
        match is_binary_name(path) || path.contains(".yarn/releases/") {
            true => self.leave_out("vendored folders"),
            false => self.coverage.pass_by("in the repository, and in folders of packages"),
        }
    }

    /// Read like any other, if it is still there and no link leads out on the way to it.
    fn take_ignored(&mut self, full: &Path) {
        let Ok(about) = full.symlink_metadata() else { return };
        let folder = full.parent().and_then(|folder| folder.canonicalize().ok());
        let inside = folder.is_some_and(|folder| folder.starts_with(self.shared.root));
        if about.is_file() && inside {
            self.take_file(full, Ok(about.len()));
        }
    }

    fn take_file(&mut self, full: &Path, size: std::io::Result<u64>) {
        let path = self.relative(full);
        if is_binary_name(&path) {
            return self.leave_out("binary");
        }
        match size.and_then(|size| self.open(full, &path, size)) {
            Ok(Some(source)) => self.keep(source),
            Ok(None) => {}
            Err(_) => self.unread(path, "cannot be read"),
        }
    }

    fn open(&mut self, full: &Path, path: &str, size: u64) -> std::io::Result<Option<Source>> {
        let limits = self.shared.limits;
        let max = if manifest::is_manifest(path) {
            limits.manifest_max
        } else {
            limits.file_max
        };
        if size > max {
            self.leave_out("too large");
            return Ok(None);
        }
        if self.shared.total.fetch_add(size, Ordering::Relaxed) + size > limits.total_max {
            self.unread(path.to_owned(), "beyond the limit of all files together");
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        File::open(full)?.take(max + 1).read_to_end(&mut bytes)?;
        if is_binary(&bytes) {
            self.leave_out_binary(path);
            return Ok(None);
        }
        let class = match class_beside(path, &bytes, &self.shared.beside) {
            Class::Live if is_minified(path, &bytes) => Class::Vendored,
            class => class,
        };
        Ok(Some(Source {
            path: path.to_owned(),
            class,
            bytes,
        }))
    }

    fn keep(&mut self, source: Source) {
        self.coverage.read += 1;
        self.coverage.bytes += source.bytes.len() as u64;
        (self.shared.tick)(source.bytes.len() as u64);
        if source.class == Class::Live {
            self.coverage.live += 1;
        } else {
            self.leave_out_as_dead(source.class);
        }
        self.results.push((self.shared.read)(source));
    }

    /// Read, and counted by why it can show no flow.
    fn leave_out_as_dead(&mut self, class: Class) {
        self.leave_out(&format!("not live: {}", class.as_str()));
    }

    /// What is binary and called source is source in an encoding, or is hidden from a look.
    fn leave_out_binary(&mut self, path: &str) {
        let is_source = class_of(path, b"") == Class::Live && Language::of_path(path) != Language::Plain;
        match is_source {
            true => self.coverage.pass_by("binary, and named as source"),
            false => self.leave_out("binary"),
        }
    }

    fn leave_out(&mut self, reason: &str) {
        *self.coverage.left_out.entry(reason.to_owned()).or_default() += 1;
    }

    fn unread(&mut self, file: String, because: &str) {
        self.coverage.unread.push(Unread {
            spot: Spot {
                file,
                line: None,
                column: None,
            },
            because: because.to_owned(),
        });
    }

    fn relative(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.shared.root).unwrap_or(path);
        let relative = if relative.as_os_str().is_empty() {
            path.file_name().map(Path::new).unwrap_or(path)
        } else {
            relative
        };
        let relative = relative.to_string_lossy();
        // Elsewhere a backslash is a letter of a name, and a name never leads to another folder.
        if std::path::MAIN_SEPARATOR == '\\' {
            relative.replace('\\', "/")
        } else {
            relative.into_owned()
        }
    }
}

/// Whether something is below a folder of packages.
fn in_packages(path: &Path) -> bool {
    let mut folders = path.components().filter_map(|part| part.as_os_str().to_str());
    folders.any(holds_packages)
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// Endings of what is no text, so that it is not opened.
const BINARY: [&str; 62] = [
    "png", "jpg", "jpeg", "gif", "ico", "webp", "avif", "bmp", "tif", "tiff", "psd", "ai", "eps", "woff", "woff2",
    "ttf", "otf", "eot", "mp3", "mp4", "m4a", "m4v", "mov", "avi", "webm", "wav", "ogg", "ogv", "flac", "aac", "swf",
    "zip", "gz", "tgz", "bz2", "xz", "7z", "rar", "jar", "war", "class", "pyc", "so", "dylib", "dll", "exe", "a", "o",
    "wasm", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "sqlite", "db", "bin", "dat", "pack", "h5p",
];

fn is_binary_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| BINARY.contains(&ending.as_str()))
}

fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes.get(..8192).unwrap_or(bytes)).is_some()
}
