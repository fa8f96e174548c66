//! Which logs the record is made of, and where in them an entry stands.
//!
//! Start at [`Chain::read`]. It reads the ends of the logs and not what is between: that the first entry of each names the
//! last checkpoint of the one before, under that log's signature. [`crate::verify`] reads everything.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use averment_ledger::{
    Break, Checkpoint, Deviation, Head, LedgerFile, Links, LogReader, LogState, NoteError, Signatures, Trusted,
    VerifierKey, read_verifier, write_checkpoint_line,
};

use crate::folder::DataFolder;
use crate::read::{ReadError, begun, content, log_error, raw_entries};

/// The logs of a record, as far as each had come.
#[derive(Debug, Clone)]
pub struct Chain {
    logs: Vec<LogState>,
}

impl Chain {
    /// Reads which logs there are. `trusted`: as for [`crate::verify`].
    ///
    /// A gate may be running meanwhile; the newest checkpoint is then that of a moment ago.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Self, ReadError> {
        Self::read_mending(folder, trusted, None).map(|(chain, _)| chain)
    }

    /// As [`Self::read`]. Where the newest log's file `checkpoint` holds no signed note, as a power failure may leave it,
    /// `mark` is gone by instead: a note of that log, which must at least be reached. Then also gives what is wrong.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn read_mending<'a>(
        folder: &DataFolder,
        trusted: impl Into<Trusted<'a>>,
        mark_note: Option<&[u8]>,
    ) -> Result<(Self, Option<Break>), ReadError> {
        let Trusted { key, mark } = trusted.into();
        begun(folder)?;
        let numbers = log_numbers(folder)?;
        let (mut logs, mut damaged): (Vec<LogState>, _) = (Vec::new(), None);
        let newest = numbers.last().copied().unwrap_or_default();
        for expected in 1..=newest {
            let log = read_log(folder, (expected, logs.last()), |found, key| {
                damaged = Some(found.clone());
                let mark = mark_note.filter(|_| expected == newest && is_no_note(&found.deviation));
                mark.and_then(|mark| Head::open(mark, key).ok()).ok_or(found)
            })?;
            if let Some(previous) = logs.last() {
                ends_with_its_checkpoint(folder, previous)?;
            }
            logs.push(log);
        }
        let chain = Self { logs };
        if let Some(trusted) = key.filter(|key| !chain.logs.iter().any(|log| log.key.is_same_key(key))) {
            let expected = trusted.name().to_owned();
            let found = Break::at_start(LedgerFile::Verifier, Deviation::OtherKey { expected });
            return Err(found.in_log(chain.newest().number).into());
        }
        chain.reaches(mark.as_ref())?;
        Ok((chain, damaged))
    }

    /// As [`Self::read`], for whoever goes by the keys of the logs. The ends show that each log vouches for those before it.
    /// Which log comes after stands in a log's last entry, and that this is under its root is seen only when all of it is
    /// read: done where the newest log is of another key than the trusted one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read_vouched<'a>(folder: &DataFolder, trusted: impl Into<Trusted<'a>>) -> Result<Self, ReadError> {
        let trusted = trusted.into();
        let chain = Self::read(folder, trusted.clone())?;
        if trusted.key.is_some_and(|key| !chain.newest().key.is_same_key(key)) {
            raw_entries(folder, trusted)?.try_for_each(|entry| entry.map(drop))?;
        }
        Ok(chain)
    }

    /// The logs, oldest first; at least one.
    pub fn logs(&self) -> &[LogState] {
        &self.logs
    }

    /// The log that is written to.
    pub fn newest(&self) -> &LogState {
        self.logs.last().expect("a chain holds at least one log")
    }

    /// Sealed entries of all logs.
    pub fn entries(&self) -> u64 {
        self.newest().first + self.newest().checkpoint.size
    }

    /// In which log entry number `index` of the ledger stands, and its number there; none beyond the newest checkpoint.
    pub fn locate(&self, index: u64) -> Option<(u32, u64)> {
        let after = self.logs.partition_point(|log| log.first <= index);
        let log = self.logs.get(after.checked_sub(1)?)?;
        let leaf = index - log.first;
        (leaf < log.checkpoint.size).then_some((log.number, leaf))
    }

    /// Checks that the log of `mark` is there, and that its end does not contradict it; whether it holds the mark is seen
    /// when it is read.
    fn reaches(&self, mark: Option<&Checkpoint>) -> Result<(), ReadError> {
        let Some(mark) = mark.filter(|mark| mark.group > 0) else {
            return Ok(());
        };
        let newest = self.newest().number;
        let Some(log) = self.logs.iter().find(|log| log.key.name() == mark.origin) else {
            let missing = Break::at_start(LedgerFile::Verifier, Deviation::LogMissing);
            return Err(missing.in_log(newest + 1).into());
        };
        let end = &log.checkpoint;
        if log.number < newest && (mark.group > end.group || (mark.group == end.group && mark != end)) {
            let found = Break::at_start(LedgerFile::Checkpoint, Deviation::NotTheMark { size: mark.size });
            return Err(found.in_log(log.number).into());
        }
        Ok(())
    }
}

/// The numbers of the logs that are there.
pub(crate) fn log_numbers(folder: &DataFolder) -> Result<Vec<u32>, ReadError> {
    folder.logs().map_err(|source| ReadError::File {
        path: folder.ledger(),
        source,
    })
}

/// Whether the file is empty, cut or of other bytes, and nobody's word.
fn is_no_note(deviation: &Deviation) -> bool {
    matches!(
        deviation,
        Deviation::Encoding | Deviation::Note(NoteError::Malformed { .. })
    )
}

/// Checkpoint and key of log `number`, and that it goes on from `previous`. `damaged`: gives what else to go by where the
/// file `checkpoint` cannot be used.
fn read_log(
    folder: &DataFolder,
    (number, previous): (u32, Option<&LogState>),
    damaged: impl FnOnce(Break, &VerifierKey) -> Result<Head, Break>,
) -> Result<LogState, ReadError> {
    let broken = |found: Break| found.in_log(number);
    let key = read_verifier(content(folder, number, LedgerFile::Verifier)?.as_deref(), None).map_err(broken)?;
    let missing = || broken(Break::at_start(LedgerFile::Checkpoint, Deviation::Missing));
    let head = content(folder, number, LedgerFile::Checkpoint)?.ok_or_else(missing)?;
    let head = Head::open(&head, &key).or_else(|found| damaged(broken(found), &key))?;
    let log = LogState {
        number,
        first: previous.map_or(0, |previous| previous.first + previous.checkpoint.size),
        checkpoint: head.checkpoint().clone(),
        note: head.note().to_owned(),
        key,
    };
    if let Some(previous) = previous {
        goes_on(folder, &log, head, previous)?;
    }
    Ok(log)
}

/// The first entry of `log` is sealed alone, so that it can be believed without reading the rest.
fn goes_on(folder: &DataFolder, log: &LogState, head: Head, previous: &LogState) -> Result<(), ReadError> {
    let number = log.number;
    let file = open_log(folder, number)?;
    let mut reader = LogReader::new(BufReader::new(file), log.key.clone(), head, Signatures::Every).in_log(number);
    let not_begun = || {
        let deviation = Deviation::NotBegun {
            previous: previous.number,
        };
        Break::at_start(LedgerFile::Log, deviation).in_log(number)
    };
    let group = reader.next_group().map_err(|error| log_error(folder, number, error))?;
    let line = group.and_then(|group| group.lines().next()).ok_or_else(not_begun)?;
    let deed = line.entry()?.deed;
    let taken = Links::after(previous).take(0, &deed);
    Ok(taken.map_err(|deviation| line.broken(deviation))?)
}

/// The cheapest look at a log that ended: the checkpoint that the next one names is the last thing in it.
fn ends_with_its_checkpoint(folder: &DataFolder, log: &LogState) -> Result<(), ReadError> {
    let mut expected = Vec::new();
    write_checkpoint_line(&mut expected, &log.note);
    let mut file = open_log(folder, log.number)?;
    let mut found = Vec::new();
    let length = file.metadata().map(|metadata| metadata.len());
    let read = length.and_then(|length| {
        let start = length.saturating_sub(expected.len() as u64);
        file.seek(SeekFrom::Start(start))?;
        file.take(expected.len() as u64).read_to_end(&mut found)
    });
    read.map_err(|source| ReadError::File {
        path: folder.log_file(log.number, LedgerFile::Log),
        source,
    })?;
    if found == expected {
        return Ok(());
    }
    let size = log.checkpoint.size;
    let deviation = Deviation::NotTheHead { size };
    Err(Break::at_start(LedgerFile::Log, deviation).in_log(log.number).into())
}

/// Opens a log for reading.
pub(crate) fn open_log(folder: &DataFolder, number: u32) -> Result<File, ReadError> {
    let path = folder.log_file(number, LedgerFile::Log);
    match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let missing = Break::at_start(LedgerFile::Log, Deviation::Missing);
            Err(missing.in_log(number).into())
        }
        opened => opened.map_err(|source| ReadError::File { path, source }),
    }
}
