//! The engine: rows of the index into one file, and one file into answers.

use std::path::Path;

use averment_lake::segment::{About, about, write};
use averment_lake::{LakeError, Row};
use averment_store::{Chain, DisclosureRow, IndexError, Question, trusted};
use jiff::Timestamp;

use super::Answer;
use crate::commands::index::Asked;
use crate::outcome::Failure;

/// Writes what the question asks about to `path` and gives the number of rows.
pub(crate) fn export(asked: &Asked, question: Question, path: &Path) -> Result<u64, Failure> {
    let about = made_from(asked)?;
    put(asked, question, path, &about)
}

/// Answers `query` over everything in the ledger. The file in the data folder is made again when the ledger or the directory is
/// another than it was made from.
pub(crate) fn sql(asked: &Asked, query: &str, rows_max: usize) -> Result<Answer, Failure> {
    let folder = asked.folder.path().join("lake");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("cannot make `{}`", folder.display())).because(error))?;
    let path = folder.join("disclosures.parquet");
    let now = made_from(asked)?;
    // What cannot be read is made again like what is old.
    if about(&path).ok().flatten().as_ref() != Some(&now) {
        put(asked, Question::default(), &path, &now)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().build();
    let runtime = runtime.map_err(|error| Failure::new("cannot start the engine").because(error))?;
    let answer = runtime.block_on(averment_lake::sql(&folder, query, rows_max))?;
    Ok(Answer {
        columns: answer.columns,
        rows: answer.rows,
    })
}

fn made_from(asked: &Asked) -> Result<About, Failure> {
    let chain = Chain::read(&asked.folder, trusted(&asked.folder, &asked.keys)?)?;
    let newest = &chain.newest().checkpoint;
    Ok(About {
        origin: newest.origin.clone(),
        entries: asked.index.entries()?,
        root: newest.root.to_string(),
        directory: asked.people.version()?,
    })
}

fn put(asked: &Asked, question: Question, path: &Path, about: &About) -> Result<u64, Failure> {
    let rows = asked
        .index
        .disclosures(&asked.folder, &asked.keys, &asked.people, question)?;
    Ok(write(path, rows.map(row), about)?)
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
