//! A disk that fails when it is told to.

use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use averment_store::{Disk, LogStart};

/// What the disk does from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// No byte is taken.
    Write(ErrorKind),
    /// Every byte is taken, and syncing fails.
    Sync,
    /// One byte of what is read back is another than was written.
    WrongByte,
    /// What was written cannot be read back.
    Unreadable,
    /// Half of the bytes are taken.
    Half,
    /// The log is written; the file `checkpoint` cannot be replaced.
    Checkpoint,
    /// Everything works, late.
    Slow(Duration),
    /// A defect in the thread that writes.
    Panic,
}

/// Lets the disk of one gate fail.
#[derive(Clone, Default)]
pub(crate) struct Plant(Arc<Mutex<Option<Trouble>>>);

impl Plant {
    pub(crate) fn begin(&self, trouble: Trouble) {
        *self.0.lock().unwrap() = Some(trouble);
    }

    fn now(&self) -> Option<Trouble> {
        *self.0.lock().unwrap()
    }

    pub(crate) fn on(&self, disk: Box<dyn Disk>) -> Box<dyn Disk> {
        Box::new(Faulty {
            disk,
            plant: self.clone(),
        })
    }
}

struct Faulty {
    disk: Box<dyn Disk>,
    plant: Plant,
}

impl Disk for Faulty {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self.plant.now() {
            Some(Trouble::Write(kind)) => Err(kind.into()),
            Some(Trouble::Half) => {
                self.disk.append(&bytes[..bytes.len() / 2])?;
                Err(ErrorKind::StorageFull.into())
            }
            Some(Trouble::Slow(time)) => {
                std::thread::sleep(time);
                self.disk.append(bytes)
            }
            Some(Trouble::Panic) => panic!("a defect planted by a test"),
            _ => self.disk.append(bytes),
        }
    }

    fn read_back(&mut self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        self.disk.read_back(offset, bytes)?;
        match self.plant.now() {
            Some(Trouble::WrongByte) => bytes[bytes.len() / 2] ^= 1,
            Some(Trouble::Unreadable) => return Err(Error::other("input/output error while reading")),
            _ => {}
        }
        Ok(())
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.disk.sync()?;
        match self.plant.now() {
            Some(Trouble::Sync) => Err(Error::other("input/output error while syncing")),
            _ => Ok(()),
        }
    }

    fn replace_checkpoint(&mut self, note: &str) -> std::io::Result<()> {
        match self.plant.now() {
            Some(Trouble::Checkpoint) => Err(ErrorKind::PermissionDenied.into()),
            _ => self.disk.replace_checkpoint(note),
        }
    }

    fn replace_mark(&mut self, note: &str) -> std::io::Result<()> {
        self.disk.replace_mark(note)
    }

    fn begin_log(&mut self, start: &LogStart) -> std::io::Result<()> {
        self.disk.begin_log(start)
    }
}
