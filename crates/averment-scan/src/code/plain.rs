//! Files that are read beside those of the walk: plain ones only, and never more than was asked for.
//!
//! Start at [`read`]. A link, a pipe or a device of such a name is refused, and nothing waits for whoever writes into it.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// The content of the plain file `path`, which has `max` bytes at most.
///
/// # Errors
/// Whatever the system says; `InvalidInput` for what is no plain file, `FileTooLarge` for what has more bytes.
pub(super) fn read(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let bytes = begin(path, max + 1)?;
    match bytes.len() as u64 > max {
        true => Err(Error::from(ErrorKind::FileTooLarge)),
        false => Ok(bytes),
    }
}

/// The first `max` bytes of a plain file.
pub(super) fn begin(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the name is may change between the question and the opening: the flags hold then, too.
fn open(path: &Path) -> std::io::Result<File> {
    if !path.symlink_metadata()?.is_file() {
        return Err(Error::from(ErrorKind::InvalidInput));
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(Error::from(ErrorKind::InvalidInput)),
    }
}
