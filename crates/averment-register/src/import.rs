//! Published pages in, register files out: one recipient per party, every sentence typed or kept.
//!
//! Start at [`import_all`]. `document` takes a page of any form apart, `page` goes through it and finds recipients, `merge`
//! puts what speaks of one party together, `recipient` reads the sentences about it with the `grammar`, `statement` the
//! others, `files` writes TOML, `report` says what became of every sentence. `again` brings a later page into a register
//! that people have edited.
//!
//! Invariant: no sentence is lost and none is mended. A row that contradicts itself is imported as it stands; compiling
//! the register says so.

mod again;
mod context;
mod dates;
mod document;
mod files;
mod grammar;
mod headings;
mod identify;
mod lexicon;
mod merge;
mod names;
mod page;
mod places;
mod prose;
mod publisher;
mod recipient;
mod report;
mod row;
mod sentence;
mod statement;
mod summary;
mod table;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use self::page::{Loose, Page};
use self::recipient::ImportedClaim;
use crate::charter::{ClaimKind, RecipientId, Words};
use crate::interchange::{self, InterchangeError};
use crate::model::UNKNOWN_ORGANISATION;
use crate::source::Source;

pub(crate) use again::LOCK;
pub use again::{Change, ChangeKind, Reimported, reimport};
pub use report::{Finding, ImportProblem, ImportReport, Outcome, RecipientReport, SentenceReport};
pub(crate) use summary::usual;

/// Longest recipient identifier made from a name.
const ID_MAX: usize = 40;
/// Largest document, in bytes: a published page is a thousand times smaller.
pub const DOCUMENT_MAX_BYTES: usize = 16 * 1024 * 1024;

/// A register made from one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// `organisation.toml`, `recipients/*.toml`, `claims/<document>.toml`, `import.lock`.
    pub source: Source,
    /// What became of every sentence.
    pub report: ImportReport,
}

/// A register made from several documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedAll {
    /// The files.
    pub source: Source,
    /// What became of every sentence, by document, in the order given.
    pub reports: Vec<ImportReport>,
}

/// Why documents could not be imported at all. What cannot be used in a document is a problem in its report instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// No words.
    #[error("`{name}` holds no text: expected a published page as text, Markdown, HTML, CSV, JSON or YAML")]
    Empty {
        /// Which document.
        name: String,
    },
    /// Too large.
    #[error("`{name}` has {bytes} bytes: expected at most {DOCUMENT_MAX_BYTES}")]
    TooLarge {
        /// Which document.
        name: String,
        /// How large it is.
        bytes: usize,
    },
    /// Two documents of the same name, which `said` could not tell apart.
    #[error("two documents are named `{name}`: rename one of them")]
    SameName {
        /// The name.
        name: String,
    },
    /// Files of the register that a later import would overwrite unseen.
    #[error("the register has files that cannot be read: {}; expected UTF-8 text before pages are imported again", names.join(", "))]
    Unread {
        /// Their names, in backticks.
        names: Vec<String>,
    },
    /// A form of this program that cannot be read back.
    #[error(transparent)]
    Interchange(#[from] InterchangeError),
}

/// The text of a saved page: UTF-8, UTF-16 with a byte-order mark, or Windows-1252; every sequence of bytes is some text.
pub fn decode(bytes: &[u8]) -> String {
    document::encoding::decode(bytes)
}

/// Makes a register from one document, or reads one back from a form that this program published.
///
/// `name`: the document's file name, which `said` will refer to. `text`: the document, in any of the forms that
/// `docs/register.md` lists. The same text gives the same files, byte for byte.
///
/// # Errors
/// [`ImportError`] when the document holds no text or is too large, and for a published form that cannot be read back. A
/// page that names no recipient is imported with its sentences as claims, and the report says so.
pub fn import(name: &str, text: &str) -> Result<Imported, ImportError> {
    let all = import_all(&[(name, text)])?;
    let report = all.reports.into_iter().next().expect("one document has one report");
    Ok(Imported {
        source: all.source,
        report,
    })
}

/// Makes one register from several documents: a recipient that several name has one file, with the sentences of all.
///
/// # Errors
/// As [`import`]; [`ImportError::SameName`] too.
pub fn import_all(documents: &[(&str, &str)]) -> Result<ImportedAll, ImportError> {
    if let [(name, text)] = documents
        && let Some(found) = interchange::read_back(name, text)
    {
        let Imported { source, report } = found?;
        return Ok(ImportedAll {
            source,
            reports: vec![report],
        });
    }
    let mut names = BTreeSet::new();
    let mut read = Vec::new();
    for (name, text) in documents {
        let name = document_name(name);
        if text.len() > DOCUMENT_MAX_BYTES {
            return Err(ImportError::TooLarge {
                name,
                bytes: text.len(),
            });
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Err(ImportError::Empty { name });
        }
        if !names.insert(name.clone()) {
            return Err(ImportError::SameName { name });
        }
        let document = document::read(&name, text);
        read.push((name, document));
    }
    let mut run = Run::default();
    let publishers: Vec<Option<String>> = read
        .iter()
        .map(|(_, document)| publisher::publisher(document))
        .collect();
    run.organisation = publishers.iter().flatten().next().cloned();
    let publisher = run.organisation.clone().unwrap_or_default();
    let mut titles = Vec::new();
    let mut pages = Vec::new();
    for (name, document) in read {
        let title = document
            .title
            .as_ref()
            .map_or_else(|| name.clone(), |title| title.plain.clone());
        titles.push((name.clone(), title));
        let page = page::read(document, &name, &publisher);
        pages.push((name, page));
    }
    run.documents(pages, &titles, &publisher);
    let reports = run.reports;
    let mut source = run.source;
    again::lock(&mut source);
    Ok(ImportedAll { source, reports })
}

#[derive(Default)]
struct Run {
    organisation: Option<String>,
    ids: BTreeSet<RecipientId>,
    /// The last number given to a word that several recipients want as their identifier.
    numbers: BTreeMap<String, usize>,
    source: Source,
    reports: Vec<ImportReport>,
}

impl Run {
    fn documents(&mut self, pages: Vec<(String, Page)>, titles: &[(String, String)], publisher: &str) {
        let named = self
            .organisation
            .clone()
            .unwrap_or_else(|| UNKNOWN_ORGANISATION.to_owned());
        let mut rows = Vec::new();
        let mut starts = Vec::new();
        let mut loose: Vec<Vec<Loose>> = Vec::new();
        for (name, page) in pages {
            starts.push(rows.len());
            rows.extend(page.rows);
            loose.push(page.loose);
            self.reports.push(report(&name, &named, page.layout, page.problems));
        }
        let merged = merge::merge(rows);
        let mut ids = Vec::new();
        for row in merged.rows {
            ids.push(self.recipient(row, publisher));
        }
        self.source
            .insert("organisation.toml", files::organisation(&named, titles));
        let mut said = BTreeSet::new();
        for (index, loose) in loose.into_iter().enumerate() {
            let whose = |row: &usize| {
                merged
                    .places
                    .get(starts[index] + row)
                    .and_then(|place| ids.get(*place))
                    .cloned()
            };
            self.prose(index, &loose, &whose, publisher, &mut said);
        }
        for report in &mut self.reports {
            report.sentences.sort_by_key(|sentence| sentence.line);
            report.problems.sort_by_key(|problem| problem.line);
            report.recipients.sort_by_key(|recipient| recipient.line);
        }
    }

    /// Reads one recipient, writes its file, and reports its sentences with the documents in which they stand.
    fn recipient(&mut self, row: row::Row, publisher: &str) -> RecipientId {
        let read = recipient::read(row, publisher);
        let slug = slug(&read.row.name);
        let wanted = read
            .third_parties
            .first()
            .map_or_else(|| slug.clone(), ToString::to_string);
        let id = self.free_id(&wanted, &slug);
        let line = read.row.said.line;
        let row = &read.row;
        let document = row.said.document.clone();
        if read.third_parties.is_empty() {
            let what = if row.class {
                "names no party"
            } else {
                "is not in the catalog"
            };
            self.problem(&document, line, format!("`{}` {what}: its hosts are unknown", row.name));
        }
        if read.discloses.is_empty() {
            self.problem(&document, line, format!("no data element was recognised for `{id}`"));
        }
        if row.purpose.is_empty() && row.topic.is_none() {
            self.problem(&document, line, format!("what `{id}` is for is not said"));
        }
        self.source
            .insert(format!("recipients/{id}.toml"), files::recipient(&id, &read));
        let found = RecipientReport {
            line,
            id: id.clone(),
            name: row.name.clone(),
            third_parties: read.third_parties.clone(),
            discloses: read.discloses.len(),
            claims: read.claims.iter().map(|claim| claim.kind.as_str().to_owned()).collect(),
        };
        if let Some(report) = self.report(&document) {
            report.recipients.push(found);
        }
        for (said, sentence, outcome) in read.sentences {
            let recipient = Some(id.clone());
            if let Some(report) = self.report(&said.document) {
                report.sentences.push(SentenceReport {
                    line: said.line,
                    recipient,
                    sentence,
                    outcome,
                });
            }
        }
        id
    }

    fn report(&mut self, document: &str) -> Option<&mut ImportReport> {
        self.reports.iter_mut().find(|report| report.document == document)
    }

    fn problem(&mut self, document: &str, line: u32, message: String) {
        if let Some(report) = self.report(document) {
            report.problems.push(ImportProblem { line, message });
        }
    }

    /// The identifier that is wanted, else the one made of the name, else a numbered one.
    fn free_id(&mut self, wanted: &str, slug: &str) -> RecipientId {
        let plain = [wanted, slug]
            .into_iter()
            .filter_map(|word| RecipientId::new(word).ok());
        if let Some(id) = plain.into_iter().find(|id| !self.ids.contains(id)) {
            self.ids.insert(id.clone());
            return id;
        }
        loop {
            let number = self.numbers.entry(slug.to_owned()).or_insert(1);
            *number += 1;
            let id = RecipientId::new(&format!("{slug}-{number}")).ok();
            if let Some(id) = id.filter(|id| !self.ids.contains(id)) {
                self.ids.insert(id.clone());
                return id;
            }
        }
    }

    /// Sentences that are about no recipient alone: claims about the organisation, typed or kept.
    fn prose(
        &mut self,
        index: usize,
        loose: &[Loose],
        whose: &impl Fn(&usize) -> Option<RecipientId>,
        publisher: &str,
        said: &mut BTreeSet<(String, String)>,
    ) {
        let mut rows: Vec<ImportedClaim> = Vec::new();
        let exceptions = exceptions(loose, publisher);
        for sentence in loose {
            let context = statement::Context {
                organisation: publisher,
                topic: sentence.topic.as_deref(),
                opening: sentence.opening.as_deref(),
            };
            let mut found: Vec<Finding> = Vec::new();
            let recipients: Vec<RecipientId> = sentence.rows.iter().filter_map(whose).collect();
            for id in &recipients {
                found.push(Finding::new(&format!("recipient {id}"), sentence.rule));
            }
            let heard = statement::read(&sentence.text, &context);
            for mut understood in heard.into_iter().filter(|said| has_place(&said.kind)) {
                if let (ClaimKind::ListComplete { unless }, Some(opening)) = (&mut understood.kind, &sentence.opening) {
                    match exceptions.get(opening) {
                        Some(all) => unless.clone_from(all),
                        // One of the exceptions is not understood: the claim would say more than the page does.
                        None => continue,
                    }
                }
                found.push(Finding::new(
                    &format!("claim {}", describe(&understood.kind)),
                    understood.rule,
                ));
                let (text, place) = (sentence.text.clone(), sentence.said.clone());
                let one_of_several = sentence.opening.is_some()
                    && matches!(understood.kind, ClaimKind::ListComplete { .. })
                    && rows.iter().any(|row| row.kind == understood.kind);
                if one_of_several {
                    continue;
                }
                rows.push(ImportedClaim {
                    kind: understood.kind,
                    sentence: text,
                    said: place,
                });
            }
            let outcome = match found.is_empty() {
                true => {
                    rows.push(ImportedClaim::statement(&sentence.text, &sentence.said));
                    Outcome::Kept
                }
                false => Outcome::Typed(found),
            };
            self.reports[index].sentences.push(SentenceReport {
                line: sentence.said.line,
                recipient: recipients.into_iter().next(),
                sentence: sentence.text.clone(),
                outcome,
            });
        }
        // The same sentence says the same thing wherever it stands.
        rows.retain(|row| said.insert((describe(&row.kind), row.sentence.clone())));
        let name = claims_file(&self.reports[index].document, &self.source);
        self.source.insert(name, files::claims(&rows));
    }
}

/// For each sentence that opens a list of exceptions ("to nobody, unless:") what all of its items except together. An opening
/// of which an item is not understood is left out.
fn exceptions(loose: &[Loose], publisher: &str) -> BTreeMap<String, Words> {
    let mut items: BTreeMap<(&str, u32), Option<Words>> = BTreeMap::new();
    for sentence in loose {
        let Some(opening) = &sentence.opening else { continue };
        let context = statement::Context {
            organisation: publisher,
            topic: sentence.topic.as_deref(),
            opening: Some(opening),
        };
        let item = items.entry((opening, sentence.said.line)).or_default();
        for understood in statement::read(&sentence.text, &context) {
            if let ClaimKind::ListComplete { unless } = understood.kind {
                item.get_or_insert_default().extend(unless);
            }
        }
    }
    let mut all: BTreeMap<String, Option<Words>> = BTreeMap::new();
    for ((opening, _), unless) in items {
        let known = all.entry(opening.to_owned()).or_insert_with(|| Some(Words::new()));
        *known = known.take().zip(unless).map(|(mut known, unless)| {
            known.extend(unless);
            known
        });
    }
    all.into_iter()
        .filter_map(|(opening, unless)| Some((opening, unless?)))
        .collect()
}

/// The claims that may stand where no recipient is named.
fn has_place(kind: &ClaimKind) -> bool {
    !matches!(
        kind,
        ClaimKind::Shares | ClaimKind::RetiredSince { .. } | ClaimKind::EmbedsOnly { .. }
    )
}

/// A claim in one line: its kind and parameters.
fn describe(kind: &ClaimKind) -> String {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(kind) else {
        return kind.as_str().to_owned();
    };
    let mut out = kind.as_str().to_owned();
    for (key, value) in fields.iter().filter(|(key, _)| *key != "kind") {
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(items) => {
                let items: Vec<&str> = items.iter().filter_map(|item| item.as_str()).collect();
                items.join(",")
            }
            other => other.to_string(),
        };
        out.push_str(&format!(" {key}={value}"));
    }
    out
}

fn report(name: &str, organisation: &str, layout: Vec<document::Text>, problems: Vec<(u32, String)>) -> ImportReport {
    let mut problems: Vec<ImportProblem> = problems
        .into_iter()
        .map(|(line, message)| ImportProblem { line, message })
        .collect();
    if organisation == UNKNOWN_ORGANISATION {
        let message = "who publishes this is not said: fill in `organisation` in `organisation.toml`".to_owned();
        problems.push(ImportProblem { line: 1, message });
    }
    ImportReport {
        document: name.to_owned(),
        organisation: organisation.to_owned(),
        recipients: Vec::new(),
        sentences: Vec::new(),
        problems,
        layout: layout.into_iter().map(|text| (text.line, text.plain)).collect(),
    }
}

/// `claims/<document>.toml`, free in `source`.
fn claims_file(document: &str, source: &Source) -> String {
    let stem = document.rsplit_once('.').map_or(document, |(stem, _)| stem);
    let stem = slug(stem);
    let numbered = (2..).map(|number| format!("claims/{stem}-{number}.toml"));
    let mut names = std::iter::once(format!("claims/{stem}.toml")).chain(numbered);
    names
        .find(|name| source.get(name).is_none())
        .expect("numbers do not end")
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
