//! Drift that people accept for a time: `averment-baseline.toml`, kept beside the code that it is about.
//!
//! Start at [`Baseline::read`] and [`Baseline::apply`]. [`additions`] drafts entries that are refused until somebody writes why.
//!
//! Invariant: nothing is accepted without a reason and a last day, at most a year ahead; what has ended counts again.

mod draft;
mod entry;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::drift::{Accepted, Drift, Report};
use crate::report::visible;

pub use draft::additions;
use entry::Entry;

/// The usual name of the file.
pub const BASELINE_FILE: &str = "averment-baseline.toml";

/// Most entries of one file.
const ENTRIES_MAX: usize = 10_000;

/// What is accepted, each entry checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// What is wrong with a baseline, with its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct BaselineError {
    /// Line, from 1.
    pub line: usize,
    /// What was found and what was expected.
    pub wrong: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Spanned<Row>>,
}

/// `[[accepted]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    rule: String,
    subject: String,
    reason: String,
    until: toml::value::Datetime,
    #[serde(default)]
    mistaken: bool,
    #[serde(default)]
    paths: Vec<String>,
}

impl Baseline {
    /// Reads the text of a baseline as of `today`.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of lines: no TOML, an unknown field or rule, no reason, a last day more than a
    /// year ahead, a mistake of the look without the places where it is one, two entries for the same drift. Of a file with an error nothing is accepted.
    pub fn read(text: &str, today: Date) -> Result<Self, Vec<BaselineError>> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let wrong = visible(error.message());
            vec![BaselineError {
                line: line_of(text, at),
                wrong,
            }]
        })?;
        let (mut entries, mut wrong) = (Vec::new(), Vec::new());
        let mut known = BTreeSet::new();
        for row in file.accepted {
            let line = line_of(text, row.span().start);
            let read = Entry::read(row.into_inner(), line, today);
            let read = read.and_then(|entry| match known.insert(entry.key()) {
                true => Ok(entry),
                false => Err("the same rule and subject are accepted twice".to_owned()),
            });
            match read {
                Ok(entry) => entries.push(entry),
                Err(because) => wrong.push(BaselineError { line, wrong: because }),
            }
        }
        if entries.len() > ENTRIES_MAX {
            let because = format!("it has {} entries, expected at most {ENTRIES_MAX}", entries.len());
            wrong.push(BaselineError {
                line: 1,
                wrong: because,
            });
        }
        if wrong.is_empty() {
            Ok(Self { entries })
        } else {
            Err(wrong)
        }
    }

    /// Marks drift as accepted, and says in [`Report::notices`] which entries have ended, which nothing fits, and which say that the
    /// look is wrong.
    ///
    /// Entries with paths speak of the places below them: drift is accepted where each of its places is spoken of.
    pub fn apply(&self, report: &mut Report, today: Date) {
        let mut used = BTreeSet::new();
        for drift in &mut report.drift {
            let named: Vec<&Entry> = self.entries.iter().filter(|entry| entry.names(drift)).collect();
            if covering(&named, drift).is_none() {
                continue;
            }
            let speaking = named.iter().filter(|entry| entry.speaks_of(drift));
            used.extend(speaking.map(|entry| entry.line));
            let lasting: Vec<&Entry> = named.into_iter().filter(|entry| entry.until >= today).collect();
            drift.accepted = covering(&lasting, drift).and_then(|entries| together(&entries));
        }
        for entry in &self.entries {
            report.notices.extend(entry.notice(used.contains(&entry.line), today));
        }
    }
}

impl Baseline {
    /// Whether entries speak of all of a drift, also such as have ended.
    fn speaks_of(&self, drift: &Drift) -> bool {
        let named: Vec<&Entry> = self.entries.iter().filter(|entry| entry.names(drift)).collect();
        covering(&named, drift).is_some()
    }
}

/// The first entry for each place of a drift, each once; `None` where a place is nobody's.
fn covering<'a>(entries: &[&'a Entry], drift: &Drift) -> Option<Vec<&'a Entry>> {
    if let Some(whole) = entries.iter().find(|entry| entry.covers(drift)) {
        return Some(vec![whole]);
    }
    let mut found: Vec<&Entry> = Vec::new();
    for place in &drift.places {
        let entry = entries.iter().find(|entry| entry.is_above(&place.file))?;
        if !found.iter().any(|one| one.line == entry.line) {
            found.push(entry);
        }
    }
    (!found.is_empty()).then_some(found)
}

/// What several entries accept together: every reason, until the first of them ends.
fn together(entries: &[&Entry]) -> Option<Accepted> {
    let reasons: BTreeSet<&str> = entries.iter().map(|entry| entry.reason.as_str()).collect();
    Some(Accepted {
        reason: Vec::from_iter(reasons).join("; "),
        until: entries.iter().map(|entry| entry.until).min()?,
        mistaken: entries.iter().all(|entry| entry.mistaken),
    })
}

/// The last day that may be named.
pub(crate) fn latest(today: Date) -> Date {
    today.saturating_add(1.year())
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}
