//! What was read and is not in the archive yet: a file per table in a folder beside it.
//!
//! A table is there whole under its name or not at all. Lost: the export begins again. Forged: the archive is, too; the folder is
//! its owner's alone.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Whose;

/// What a file of rows begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heading {
    pub(super) store: String,
    pub(super) table: String,
    pub(super) whose: Whose,
    pub(super) columns: Vec<Described>,
}

/// A column of a table, as the archive describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Described {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) element: Option<String>,
    pub(super) label: String,
    /// Whether it says when something happened.
    #[serde(default)]
    pub(super) time: bool,
    /// Whether it only says whose the row is.
    #[serde(default)]
    pub(super) link: bool,
}

/// How a file of rows ends: without it the table was not read to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) somebody_else: u64,
    pub(super) masked: u64,
}

/// The folder.
pub(super) struct Spool {
    folder: PathBuf,
    /// Held as long as the export is at work: two into one folder would mix what is held about two people.
    _lock: File,
}

impl Spool {
    /// Opens the folder of an archive, for nobody else at the same time; one of another person, or that is not to be gone on with, is
    /// begun anew.
    pub(super) fn open(out: &Path, fingerprint: &str, resume: bool) -> io::Result<Self> {
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let folder = out.with_file_name(name);
        let mark = folder.join("of");
        DirBuilder::new().mode(0o700).recursive(true).create(&folder)?;
        let lock = locked(&folder)?;
        if !(resume && fs::read_to_string(&mark).is_ok_and(|found| found == fingerprint)) {
            clear(&folder, &mark)?;
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        // An export that has just ended may have put its archive there.
        if out.exists() {
            fs::remove_dir_all(&folder)?;
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("`{}` is there already", out.display()),
            ));
        }
        let spool = Self { folder, _lock: lock };
        spool.create("of")?.write_all(fingerprint.as_bytes())?;
        Ok(spool)
    }

    /// A file of one's own.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(self.folder.join(name))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether a table was read to its end.
    pub(super) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Writes a table, under its name when it is whole.
    pub(super) fn table(&self, name: &str) -> io::Result<Rows> {
        let draft = format!("{name}.draft");
        Ok(Rows {
            file: BufWriter::new(self.create(&draft)?),
            from: self.folder.join(draft),
            to: self.folder.join(name),
        })
    }

    /// The names of all that were read, in order.
    pub(super) fn names(&self, ending: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(ending) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Reads a table: its heading, then each row to `each`; how it ends.
    pub(super) fn read(
        &self,
        name: &str,
        each: &mut dyn FnMut(&Heading, &[serde_json::Value]) -> io::Result<()>,
    ) -> io::Result<(Heading, Counts)> {
        let mut lines = BufReader::new(File::open(self.folder.join(name))?).lines();
        let broken = || io::Error::other("a file of rows is not as it was written");
        let heading: Heading = serde_json::from_str(&lines.next().ok_or_else(broken)??)?;
        for line in lines {
            let line = line?;
            if line.starts_with('{') {
                return Ok((heading, serde_json::from_str(&line)?));
            }
            let row: Vec<serde_json::Value> = serde_json::from_str(&line)?;
            each(&heading, &row)?;
        }
        Err(broken())
    }

    /// Removes the folder.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

/// The lock on the folder, which goes with the process.
fn locked(folder: &Path) -> io::Result<File> {
    use std::os::unix::fs::MetadataExt as _;
    let at_work = || {
        let text = format!("another export is at work in `{}`", folder.display());
        io::Error::new(io::ErrorKind::ResourceBusy, text)
    };
    let lock = File::open(folder)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Err(at_work()),
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    // One that has just ended took the folder away, and somebody else may have made another.
    match fs::metadata(folder) {
        Ok(now) if now.ino() == lock.metadata()?.ino() => Ok(lock),
        _ => Err(at_work()),
    }
}

/// Empties the folder of an export, which has its mark; one of something else stays. The mark goes last.
fn clear(folder: &Path, mark: &Path) -> io::Result<()> {
    let mut others = Vec::new();
    for entry in fs::read_dir(folder)? {
        others.push(entry?.path());
    }
    if !others.is_empty() && !mark.is_file() {
        let text = format!("`{}` is there and is not of an export", folder.display());
        return Err(io::Error::other(text));
    }
    for path in others.iter().filter(|path| path.as_path() != mark) {
        match path.is_dir() && !path.is_symlink() {
            true => fs::remove_dir_all(path)?,
            false => fs::remove_file(path)?,
        }
    }
    match mark.is_file() {
        true => fs::remove_file(mark),
        false => Ok(()),
    }
}

/// A table that is being read.
pub(super) struct Rows {
    file: BufWriter<File>,
    from: PathBuf,
    to: PathBuf,
}

impl Rows {
    pub(super) fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, value)?;
        self.file.write_all(b"\n")
    }

    pub(super) fn end(mut self, counts: Counts) -> io::Result<()> {
        self.line(&counts)?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&self.from, &self.to)
    }
}
