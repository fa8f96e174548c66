//! One deed at a time: a lock in the data folder that says who has it, so that two runs of the same never meet.
//!
//! Start at [`DeedLock::take`]. The lock is the operating system's (advisory, on `<deed>.lock`) and goes with the process that
//! has it, however that ends. What stands in the file is only told: who has it, and since when.
//!
//! Absent: arguments. Of the command line only the names of commands are kept, because numbers of people may follow.
//!
//! Lost: two runs can meet. Forged: whoever can write the data folder can keep everybody else out, or name somebody else.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use averment_store::DataFolder;
use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::clock;
use crate::outcome::Failure;

/// Longest line about a holder that is told.
const TOLD_MAX: u64 = 200;

/// The lock of one deed, held until it is dropped.
#[derive(Debug)]
pub(crate) struct DeedLock(File);

/// Why a lock was not got.
#[derive(Debug)]
pub(crate) enum NoLock {
    /// Somebody else has it, and who: it is free once they have ended.
    Taken(Failure),
    /// The file cannot be used: waiting does not help.
    Unusable(Failure),
}

impl From<NoLock> for Failure {
    fn from(why: NoLock) -> Self {
        match why {
            NoLock::Taken(failure) | NoLock::Unusable(failure) => failure,
        }
    }
}

impl DeedLock {
    /// Takes the lock of `deed`, a word such as `erase`, and writes down who has it.
    ///
    /// # Errors
    /// [`NoLock`]: somebody else has it, or the file cannot be used.
    pub(crate) fn take(folder: &DataFolder, deed: &str) -> Result<Self, NoLock> {
        let path = folder.path().join(format!("{deed}.lock"));
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(unusable(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NoLock::Taken(taken(file, deed, &path))),
            Err(TryLockError::Error(error)) => return Err(unusable(&path)(error)),
        }
        let mut lock = Self(file);
        lock.name_holder().map_err(unusable(&path))?;
        Ok(lock)
    }

    fn name_holder(&mut self) -> std::io::Result<()> {
        let (command, process, now) = (command(), std::process::id(), clock::now());
        self.0.set_len(0)?;
        self.0.rewind()?;
        writeln!(self.0, "`averment {command}`, process {process}, since {now:.0}")
    }
}

impl Drop for DeedLock {
    fn drop(&mut self) {
        // A name that stays behind misleads nobody: it is told only where the lock is held.
        let _ = self.0.set_len(0);
    }
}

fn unusable(path: &Path) -> impl Fn(std::io::Error) -> NoLock + use<> {
    let path: PathBuf = path.to_owned();
    move |error| NoLock::Unusable(Failure::new(format!("cannot use the lock `{}`", path.display())).because(error))
}

fn taken(file: File, deed: &str, path: &Path) -> Failure {
    let mut told = String::new();
    // Who has it may be about to write: then nobody is named.
    let read = file.take(TOLD_MAX).read_to_string(&mut told);
    let holder = match (read, told.trim()) {
        (Ok(_), holder) if !holder.is_empty() => holder,
        _ => "another averment",
    };
    Failure::new(format!("{holder}, is at work on this data folder")).hint(format!(
        "one `{deed}` at a time: wait until it has ended; the lock `{}` goes with its process",
        path.display()
    ))
}

/// The commands of the command line, such as `erase run`, without what follows them.
#[expect(clippy::disallowed_methods, reason = "the outermost room reads arguments")]
fn command() -> String {
    let (mut known, mut words) = (Cli::command(), Vec::new());
    for word in std::env::args().skip(1) {
        let Some(next) = known.find_subcommand(&word).cloned() else {
            break;
        };
        words.push(word);
        known = next;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests;
