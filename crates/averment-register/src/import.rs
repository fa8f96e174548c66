//! A published page in, register files out: one recipient per row, every sentence typed or kept.
//!
//! Start at [`import`]. `table` takes the document apart, `identify` finds third parties, `grammar` reads one sentence with
//! the `lexicon`, `recipient` puts a row together, `files` writes TOML, `report` says what became of every sentence.
//!
//! Invariant: no sentence is lost and none is mended. A row that contradicts itself is imported as it stands; compiling
//! the register says so.

mod files;
mod grammar;
mod identify;
mod lexicon;
mod recipient;
mod report;
mod sentence;
mod statement;
mod summary;
mod table;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::charter::{ClaimKind, RecipientId};
use crate::interchange::{self, InterchangeError};
use crate::model::UNKNOWN_ORGANISATION;
use crate::source::Source;

pub(crate) use summary::usual;

pub use report::{ImportProblem, ImportReport, Outcome, RecipientReport, SentenceReport};

/// Longest recipient identifier made from a name.
const ID_MAX: usize = 40;

/// A register made from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// `organisation.toml`, `recipients/*.toml`, `claims/list.toml`.
    pub source: Source,
    /// What became of every sentence.
    pub report: ImportReport,
}

/// Why a document could not be imported at all. A single row that cannot be used is a problem in the report instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// No table.
    #[error(
        "found no table: expected a heading, a line such as `---|---|---` below it, and rows with cells parted by `|`"
    )]
    NoTable,
    /// A table without usable rows.
    #[error("the table under line {line} has no row with recipient, purpose and information")]
    EmptyTable {
        /// Line of the heading.
        line: u32,
    },
    /// Headings that do not tell the columns.
    #[error(
        "no heading in line {line} says {missing}: found `{found}`, expected such as `Service provider | Purpose | Information shared`"
    )]
    Heading {
        /// Line of the heading.
        line: u32,
        /// What is missing.
        missing: &'static str,
        /// The headings.
        found: String,
    },
    /// A form of this program that cannot be read back.
    #[error(transparent)]
    Interchange(#[from] InterchangeError),
}

/// Makes a register from a document with a pipe table, or reads one back from a form that this program published.
///
/// `name`: the document's file name, which `said` will refer to. `text`: the document. The same text gives the same files,
/// byte for byte.
///
/// # Errors
/// [`ImportError`] when a published form cannot be read back; when the document has no table, no headings that tell the columns, or no usable row.
pub fn import(name: &str, text: &str) -> Result<Imported, ImportError> {
    if let Some(found) = interchange::read_back(name, text) {
        return Ok(found?);
    }
    let document = table::read(text)?;
    let publisher = organisation(&document);
    let organisation = publisher.clone().unwrap_or_default();
    let mut run = Run {
        name: document_name(name),
        organisation,
        ids: BTreeSet::new(),
        source: Source::default(),
        report: Vec::new(),
    };
    let mut sentences = Vec::new();
    let mut problems = document.problems;
    if publisher.is_none() {
        let message = "who publishes this is not said: fill in `organisation` in `organisation.toml`".to_owned();
        problems.push(ImportProblem { line: 1, message });
    }
    for row in document.rows {
        run.row(row, &mut sentences, &mut problems);
    }
    run.prose(&document.prose, &mut sentences);
    let named = publisher.unwrap_or_else(|| UNKNOWN_ORGANISATION.to_owned());
    run.source
        .insert("organisation.toml", files::organisation(&named, &run.name));
    sentences.sort_by_key(|sentence: &SentenceReport| sentence.line);
    problems.sort_by_key(|problem| problem.line);
    let report = ImportReport {
        document: run.name,
        organisation: named,
        recipients: run.report,
        sentences,
        problems,
    };
    Ok(Imported {
        source: run.source,
        report,
    })
}

struct Run {
    name: String,
    organisation: String,
    ids: BTreeSet<RecipientId>,
    source: Source,
    report: Vec<RecipientReport>,
}

impl Run {
    fn row(&mut self, row: table::Row, sentences: &mut Vec<SentenceReport>, problems: &mut Vec<ImportProblem>) {
        let line = row.line;
        let read = recipient::read(row, &self.organisation);
        let wanted = read
            .third_parties
            .first()
            .map_or_else(|| slug(&read.row.name), |id| id.to_string());
        let mut problem = |message: String| problems.push(ImportProblem { line, message });
        if read.third_parties.is_empty() {
            problem(format!(
                "`{}` is not in the catalog: its hosts are unknown",
                read.row.name
            ));
        }
        let id = self.free_id(&wanted);
        if id.as_str() != wanted {
            problem(format!(
                "`{wanted}` is named in an earlier row too; this one became `{id}`"
            ));
        }
        if read.discloses.is_empty() {
            problem(format!("no data element was recognised for `{id}`"));
        }
        self.source.insert(
            format!("recipients/{id}.toml"),
            files::recipient(&id, &read, &self.name),
        );
        self.report.push(RecipientReport {
            line,
            id: id.clone(),
            name: read.row.name.clone(),
            third_parties: read.third_parties.clone(),
            discloses: read.discloses.len(),
            claims: read.claims.iter().map(|claim| claim.kind.clone()).collect(),
        });
        let of_row = read.sentences.into_iter();
        sentences.extend(of_row.map(|(sentence, outcome)| SentenceReport {
            line,
            recipient: Some(id.clone()),
            sentence,
            outcome,
        }));
    }

    fn free_id(&mut self, wanted: &str) -> RecipientId {
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let words = std::iter::once(wanted.to_owned()).chain(numbered);
        let mut free = words
            .filter_map(|word| RecipientId::new(&word).ok())
            .filter(|id| !self.ids.contains(id));
        let id = free.next().expect("a slug is an identifier, and numbers do not end");
        self.ids.insert(id.clone());
        id
    }

    /// Text outside the rows: kept as statements about the list, or read as a claim that it is complete.
    fn prose(&mut self, prose: &[(u32, String)], sentences: &mut Vec<SentenceReport>) {
        let mut rows: Vec<(u32, recipient::ImportedClaim)> = Vec::new();
        for (line, text) in prose {
            for sentence in sentence::sentences(text) {
                let context = statement::Context {
                    organisation: &self.organisation,
                    ..Default::default()
                };
                let understood = statement::read(sentence, &context);
                let complete = understood
                    .iter()
                    .any(|said| matches!(said.kind, ClaimKind::ListComplete { .. }));
                let mut claim = recipient::ImportedClaim::statement(sentence);
                let outcome = match complete {
                    true => Outcome::Typed(vec!["claim list_complete".to_owned()]),
                    false => Outcome::Kept,
                };
                if complete {
                    "list_complete".clone_into(&mut claim.kind);
                }
                if !rows.iter().any(|(_, row)| *row == claim) {
                    rows.push((*line, claim));
                }
                sentences.push(SentenceReport {
                    line: *line,
                    recipient: None,
                    sentence: sentence.to_owned(),
                    outcome,
                });
            }
        }
        self.source.insert("claims/list.toml", files::list(&rows, &self.name));
    }
}

/// The publisher: the capitalised name that stands most often in the cells, never in lower case, at least once inside a
/// sentence, and that is no word of the lexicon. None when no name stands in two rows.
fn organisation(document: &table::Document) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let cells = || document.rows.iter().flat_map(|row| [&row.purpose, &row.information]);
    let bare = |word: &str| {
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .trim_end_matches("'s")
            .trim_end_matches("’s")
            .to_owned()
    };
    let lower: BTreeSet<String> = cells().flat_map(|cell| cell.split_whitespace()).map(bare).collect();
    // A sentence begins with a capital, whatever its first word is.
    let texts = || cells().flat_map(|cell| sentence::sentences(cell));
    let inside: BTreeSet<String> = texts()
        .flat_map(|text| text.split_whitespace().skip(1))
        .map(bare)
        .collect();
    let means_something = |word: &str| {
        let word = words::words(word);
        !lexicon::lexicon().nouns.find(&word).is_empty() || !lexicon::lexicon().purposes.find(&word).is_empty()
    };
    for row in &document.rows {
        let own: BTreeSet<String> = row.name.split_whitespace().map(bare).collect();
        let texts = [&row.purpose, &row.information]
            .into_iter()
            .flat_map(|cell| sentence::sentences(cell));
        let slogan = |sentence: &&str| {
            let claims = grammar::read(sentence, "").claims;
            claims.iter().any(|claim| claim.phrase.kind == "never_shares")
        };
        let seen: BTreeSet<String> = texts
            .filter(|sentence| !slogan(sentence))
            .flat_map(|text| text.split_whitespace())
            .map(bare)
            .collect();
        for word in seen
            .into_iter()
            .filter(|word| !own.contains(word) && word.chars().count() > 3)
        {
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            if capital && inside.contains(&word) && !lower.contains(&word.to_lowercase()) && !means_something(&word) {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    let best = counts.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
    best.filter(|(_, rows)| *rows >= 2).map(|(word, _)| word)
}

/// The last part of a path, in one line, never empty.
fn document_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.trim().is_empty() {
        "document".to_owned()
    } else {
        clean.trim().to_owned()
    }
}

/// A name as an identifier.
fn slug(name: &str) -> String {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let joined = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    let cut = joined.chars().take(ID_MAX).collect::<String>();
    if cut.is_empty() {
        "recipient".to_owned()
    } else {
        cut.trim_end_matches('-').to_owned()
    }
}
