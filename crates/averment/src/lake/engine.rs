//! The engine: rows of the index into one file for each log, and those files into answers.

use std::ops::Range;
use std::path::Path;

use averment_lake::segment::{About, about, write};
use averment_lake::{LakeError, Row};
use averment_ledger::LogState;
use averment_store::{Chain, DisclosureRow, IndexError, Question, trusted};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Answer;
use crate::commands::index::Asked;
use crate::outcome::Failure;

/// The file that says what the segments beside it were last held against. Lost or forged: each is looked at again, or is not.
const MADE: &str = "segments.json";

/// The state of ledger and directory. While it is the same no segment needs a look.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    origin: String,
    entries: u64,
    root: String,
    directory: u64,
}

/// Writes what the question asks about to `path` and gives the number of rows.
pub(crate) fn export(asked: &Asked, question: Question, path: &Path) -> Result<u64, Failure> {
    let chain = chain(asked)?;
    let all = 0..asked.index.entries()?;
    let state = asked.index.states(&asked.people, std::slice::from_ref(&all))?;
    let about = about_of(chain.newest(), &all, state.concat());
    let rows = asked
        .index
        .disclosures(&asked.folder, &asked.keys, &asked.people, question)?;
    Ok(write(path, rows.map(row), &about)?)
}

/// Brings the segments in `folder` up to date, a file for each log, and gives how many were written. That of a log that has
/// ended stays as it is until what became of its messages, or which school is whose, has changed.
pub(crate) fn segments(asked: &Asked, folder: &Path) -> Result<usize, Failure> {
    let (chain, known) = (chain(asked)?, asked.index.entries()?);
    let logs = chain.logs();
    // A gate may have recorded more than the index has.
    let range = |log: &LogState| log.first..(log.first + log.checkpoint.size).min(known).max(log.first);
    let ranges: Vec<Range<u64>> = logs.iter().map(range).collect();
    let states = asked.index.states(&asked.people, &ranges)?;
    let mut written = 0;
    for ((log, range), state) in logs.iter().zip(&ranges).zip(states) {
        let (path, now) = (folder.join(file_of(log)), about_of(log, range, state));
        // What cannot be read is made again like what is old.
        if about(&path).ok().flatten().as_ref() != Some(&now) {
            put(asked, log, &path, &now)?;
            written += 1;
        }
    }
    Ok(written)
}

/// Answers `query` over everything in the ledger, from segments in the data folder.
pub(crate) fn sql(asked: &Asked, query: &str, rows_max: usize) -> Result<Answer, Failure> {
    let folder = asked.folder.path().join("lake");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("cannot make `{}`", folder.display())).because(error))?;
    bring_up_to_date(asked, &folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().build();
    let runtime = runtime.map_err(|error| Failure::new("cannot start the engine").because(error))?;
    let answer = runtime.block_on(averment_lake::sql(&folder, query, rows_max))?;
    Ok(Answer {
        columns: answer.columns,
        rows: answer.rows,
    })
}

fn bring_up_to_date(asked: &Asked, folder: &Path) -> Result<(), Failure> {
    let chain = chain(asked)?;
    let newest = &chain.newest().checkpoint;
    let now = Made {
        origin: newest.origin.clone(),
        entries: asked.index.entries()?,
        root: newest.root.to_string(),
        directory: asked.people.version()?,
    };
    let files: Vec<String> = chain.logs().iter().map(file_of).collect();
    let made = std::fs::read(folder.join(MADE)).ok();
    let made = made.and_then(|json| serde_json::from_slice::<Made>(&json).ok());
    if made.as_ref() == Some(&now) && files.iter().all(|file| folder.join(file).exists()) {
        return Ok(());
    }
    let failure = |error| Failure::new(format!("cannot use `{}`", folder.display())).because(error);
    remove_others(folder, &files).map_err(failure)?;
    segments(asked, folder)?;
    std::fs::write(folder.join(MADE), serde_json::to_vec(&now)?).map_err(failure)
}

/// Every file with this ending is a part of the table.
fn remove_others(folder: &Path, files: &[String]) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap_or_default();
        if name.ends_with(".parquet") && !files.contains(&name) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn chain(asked: &Asked) -> Result<Chain, Failure> {
    Ok(Chain::read(&asked.folder, trusted(&asked.folder, &asked.keys)?)?)
}

/// The file of a log in a folder of segments.
fn file_of(log: &LogState) -> String {
    format!("{:04}.parquet", log.number)
}

fn about_of(log: &LogState, entries: &Range<u64>, state: String) -> About {
    About {
        origin: log.checkpoint.origin.clone(),
        entries: entries.end,
        root: log.checkpoint.root.to_string(),
        state,
    }
}

/// Writes the segment of one log. Its first message can have findings in the log before, and hardly ever in one before that.
fn put(asked: &Asked, log: &LogState, path: &Path, about: &About) -> Result<u64, Failure> {
    let put_from = |from| {
        let rows = asked
            .index
            .disclosures_of(&asked.folder, &asked.keys, &asked.people, (log, from))?;
        Ok::<_, Failure>(write(path, rows.map(row), about))
    };
    let before = log.number.saturating_sub(1).max(1);
    match put_from(before)? {
        Err(LakeError::Rows(_)) if before > 1 => Ok(put_from(1)??),
        written => Ok(written?),
    }
}

fn row(row: Result<DisclosureRow, IndexError>) -> Result<Row, LakeError> {
    let row = row.map_err(|error| LakeError::Rows(error.into()))?;
    let at: Timestamp = row
        .at
        .parse()
        .map_err(|error: jiff::Error| LakeError::Rows(error.into()))?;
    Ok(Row {
        entry: row.entry,
        at_us: at.as_microsecond(),
        request: row.request,
        part_of: row.part_of,
        plane: row.plane,
        recipient: row.recipient,
        party: row.party,
        charter: row.charter,
        mode: row.mode,
        action: row.action,
        judged: row.judged,
        fate: row.fate,
        void: row.void,
        person: row.person,
        subject: row.subject,
        school: row.school,
        element: row.element,
        count: row.count,
        treated: row.treated,
        treatment: row.treatment,
        reason: row.reason,
        rule: row.rule,
        basis: (!row.basis.is_empty()).then(|| row.basis.join(" ")),
        record_required: row.record_required,
        consent_version: row.consent_version,
        service: row.service,
        purpose: row.purpose,
    })
}
