//! Whether there is a backup: young enough, not empty, and whole as far as that can be told without restoring it.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use averment_register::{Engine, Period};
use jiff::{SignedDuration, Timestamp};

use super::{Drill, Drilled};

/// Bytes at the end of a dump in which its last line stands.
const END: u64 = 4096;
/// What `pg_dump` writes last.
const COMPLETE: &str = "PostgreSQL database dump complete";
const CLUSTER_COMPLETE: &str = "PostgreSQL database cluster dump complete";

/// A backup file.
pub(super) struct Found {
    pub(super) file: PathBuf,
    pub(super) at: Timestamp,
}

pub(super) fn look(drill: &Drill, period: Option<Period>, now: Timestamp, drilled: &mut Drilled) {
    let found = match youngest(drill) {
        Ok(found) => found,
        Err(because) => return drilled.probed.missed(1, because),
    };
    let Some(found) = found else {
        drilled.probed.saw(1);
        return drilled.probed.against(1, "there is no backup");
    };
    drilled.probed.saw(1);
    match fault(drill, &found, period, now) {
        Some(fault) => drilled.probed.against(1, fault),
        None => {
            // What was done is as old as the backup, so that it counts no longer than that.
            drilled.at = found.at;
            drilled.probed.note(format!("the youngest backup is of {}", found.at));
        }
    }
}

/// What is wrong with a backup, in a few words.
pub(super) fn fault(drill: &Drill, found: &Found, period: Option<Period>, now: Timestamp) -> Option<String> {
    let age = now.duration_since(found.at);
    if age < -SignedDuration::from_hours(1) {
        return Some("the youngest backup is of a time that is still to come".to_owned());
    }
    let allowed = drill.age.or(period);
    let seconds = allowed.map(|period| i64::try_from(period.approximate_seconds()).unwrap_or(i64::MAX));
    if seconds.is_some_and(|seconds| age.as_secs() > seconds) {
        return Some(format!("the youngest backup is {} hours old", age.as_hours()));
    }
    match is_whole(&found.file, drill) {
        Ok(None) => None,
        Ok(Some(fault)) => Some(format!("the youngest backup {fault}")),
        Err(_) => Some("the youngest backup cannot be read".to_owned()),
    }
}

/// The file, or the youngest in the folder.
pub(super) fn youngest(drill: &Drill) -> Result<Option<Found>, String> {
    let path = drill
        .file
        .as_deref()
        .ok_or("nothing says where the backups are: `file`")?;
    if !path.is_dir() {
        return Ok(found(path));
    }
    let entries = std::fs::read_dir(path).map_err(|_| format!("cannot read `{}`", path.display()))?;
    let mut youngest: Option<Found> = None;
    for entry in entries.flatten() {
        let ends = entry.file_name().to_string_lossy().ends_with(&drill.ending);
        let Some(one) = found(&entry.path()).filter(|_| ends) else {
            continue;
        };
        if youngest
            .as_ref()
            .is_none_or(|known| (known.at, &known.file) < (one.at, &one.file))
        {
            youngest = Some(one);
        }
    }
    Ok(youngest)
}

fn found(path: &Path) -> Option<Found> {
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let at = Timestamp::try_from(metadata.modified().ok()?).ok()?;
    Some(Found {
        file: path.to_owned(),
        at,
    })
}

/// What shows that a backup is not whole; none where nothing does.
fn is_whole(path: &Path, drill: &Drill) -> std::io::Result<Option<&'static str>> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(Some("is empty"));
    }
    if length < drill.bytes {
        return Ok(Some("is smaller than it may be"));
    }
    let mut beginning = [0; 16];
    let read = file.read(&mut beginning)?;
    let beginning = &beginning[..read];
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut end = Vec::new();
    file.take(END).read_to_end(&mut end)?;
    let end = String::from_utf8_lossy(&end);
    Ok(match drill.engine {
        Some(Engine::Sqlite) if !beginning.starts_with(b"SQLite format 3\0") => Some("is no SQLite file"),
        Some(Engine::Postgresql) if beginning.starts_with(b"PGDMP") => None,
        Some(Engine::Postgresql) if !end.contains(COMPLETE) && !end.contains(CLUSTER_COMPLETE) => {
            Some("breaks off: the last line of a dump is not there")
        }
        _ => None,
    })
}
