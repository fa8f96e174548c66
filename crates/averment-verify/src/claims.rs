//! The document with the grades: the very bytes were recorded, and its sentences are those of the charter.

use std::collections::{BTreeMap, BTreeSet};

use averment_claims::DOCUMENT_SCHEMA;
use averment_ledger::{Deed, Entry, Grades};
use averment_register::{Charter, Claim};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::check::Reason;
use crate::container::Zipped;
use crate::files::CLAIMS;
use crate::manifest::Manifest;
use crate::once::says_nothing_twice;
use crate::proved::Proved;
use crate::times;
use crate::verify::{Checked, Done, Fault, printable};

/// What of `averment claims --format json` is held against the record. Members that it has besides are passed over.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClaimsDocument {
    schema: String,
    charter: String,
    #[serde(default)]
    as_of: Option<String>,
    #[serde(default)]
    entries: Option<u64>,
    #[serde(default)]
    grades: Option<BTreeMap<String, u64>>,
    pub(crate) claims: Vec<ClaimRow>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClaimRow {
    pub(crate) id: String,
    sentence: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    recipient: Option<String>,
    pub(crate) grade: String,
    #[serde(default)]
    pub(crate) mended: Option<MendedRow>,
    #[serde(default)]
    pub(crate) planes: Vec<PlaneRow>,
}

/// That it was broken and is not any more.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct MendedRow {
    pub(crate) entry: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PlaneRow {
    pub(crate) plane: String,
    pub(crate) grade: String,
    #[serde(default)]
    pub(crate) evidence: Option<EvidenceRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct EvidenceRow {
    pub(crate) observed: u64,
    pub(crate) contrary: u64,
    pub(crate) unreadable: u64,
}

/// The document and the entry that records it.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) document: ClaimsDocument,
    pub(crate) number: u64,
    pub(crate) as_of: String,
    /// The grades rest on the entries before this one.
    pub(crate) until: u64,
}

pub(crate) fn check(files: &Zipped, manifest: &Manifest, proved: &Proved) -> Checked<Recorded> {
    let bytes = files.get(CLAIMS).map_or(&[][..], Vec::as_slice);
    let newest = proved.newest(|entry| match &entry.deed {
        Deed::Grades(grades) => Some((grades, entry)),
        _ => None,
    });
    let (number, (grades, entry)) = newest.ok_or_else(|| {
        let says = "no entry records these grades: the vendor could change them tomorrow".to_owned();
        Fault::new(Reason::ClaimsNotRecorded, says)
    })?;
    is_recorded(bytes, grades)?;
    let document = read(bytes).ok_or_else(malformed)?;
    hold_against(&document, grades, entry, manifest)?;
    let until = until(proved, number);
    nothing_ignored(proved, until..number, &grades.as_of)?;
    let says = format!(
        "the grades of {} are those that entry {number} of the record holds the digest of: {}",
        printable(&grades.as_of),
        in_words(&document)
    );
    let as_of = grades.as_of.clone();
    Ok((
        Recorded {
            document,
            number,
            as_of,
            until,
        },
        Done::holds(says),
    ))
}

/// How many entries the grades rest on, where their entry says so; it was made a moment later.
fn until(proved: &Proved, number: u64) -> u64 {
    let said = proved
        .entries
        .get(&number)
        .and_then(|found| found.json.get("entries")?.as_u64());
    said.filter(|said| *said > 0).map_or(number, |said| said.min(number))
}

/// Entries behind those that the grades rest on were recorded while they were earned: what was there before counts.
fn nothing_ignored(proved: &Proved, behind: std::ops::Range<u64>, as_of: &str) -> Result<(), Fault> {
    let as_of = times::parse(as_of)?;
    for (number, found) in proved.entries.range(behind) {
        if as_of.duration_since(times::parse(&found.entry.at)?) > times::GRADING {
            let says = format!("entry {number} was there when the grades were earned, and they do not rest on it");
            return Err(Fault::new(Reason::EntriesIgnored, says));
        }
    }
    Ok(())
}

fn is_recorded(bytes: &[u8], grades: &Grades) -> Result<(), Fault> {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    if digest == grades.sha256.0 {
        return Ok(());
    }
    let says = "the document with the grades is not the newest that was recorded: a grade or a sentence in it was changed, or \
                it is an older one";
    Err(Fault::new(Reason::ClaimsChanged, says.to_owned()))
}

fn read(bytes: &[u8]) -> Option<ClaimsDocument> {
    let document: ClaimsDocument = serde_json::from_slice(bytes).ok()?;
    let ids: BTreeSet<&str> = document.claims.iter().map(|claim| claim.id.as_str()).collect();
    let is_one = document.schema == DOCUMENT_SCHEMA && ids.len() == document.claims.len() && says_nothing_twice(bytes);
    is_one.then_some(document)
}

fn hold_against(document: &ClaimsDocument, grades: &Grades, entry: &Entry, manifest: &Manifest) -> Result<(), Fault> {
    if entry.charter != manifest.charter || document.charter != manifest.charter {
        let says = "the grades were earned by another charter than the one shown".to_owned();
        return Err(Fault::new(Reason::ClaimsAnotherCharter, says));
    }
    let another_time = document.as_of.as_ref().is_some_and(|as_of| *as_of != grades.as_of)
        || document.entries.is_some_and(|entries| entries != grades.entries);
    if another_time {
        let says = "the document says that its grades are of another moment than the record has them of".to_owned();
        return Err(Fault::new(Reason::ClaimsAnotherTime, says));
    }
    let own = document.grades.as_ref().unwrap_or(&grades.counts);
    if is_above_0(&grades.counts) == counts(document) && is_above_0(own) == counts(document) {
        Ok(())
    } else {
        let says = "the record counts other grades than the document has".to_owned();
        Err(Fault::new(Reason::ClaimsCounts, says))
    }
}

fn is_above_0(counts: &BTreeMap<String, u64>) -> BTreeMap<&str, u64> {
    let counts = counts.iter().map(|(grade, count)| (grade.as_str(), *count));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn counts(document: &ClaimsDocument) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for claim in &document.claims {
        *counts.entry(claim.grade.as_str()).or_default() += 1;
    }
    counts
}

/// What holds may be bad news: how many sentences have each grade, and which are broken.
fn in_words(document: &ClaimsDocument) -> String {
    let counts = counts(document).into_iter();
    let counts: Vec<String> = counts
        .map(|(grade, count)| format!("{count} {}", printable(grade)))
        .collect();
    let broken = document.claims.iter().filter(|claim| claim.grade == "broken");
    let broken: Vec<String> = broken
        .take(20)
        .map(|claim| format!("`{}`", printable(&claim.id)))
        .collect();
    match broken.is_empty() {
        true => counts.join(", "),
        false => format!("{}; broken: {}", counts.join(", "), broken.join(", ")),
    }
}

fn malformed() -> Fault {
    Fault::new(
        Reason::ClaimsMalformed,
        "the document with the grades cannot be read".to_owned(),
    )
}

impl ClaimRow {
    /// Whether it says of itself what the charter does. Kind and recipient may be left out, together.
    fn is_of(&self, claim: &Claim) -> bool {
        let is_same_kind = |kind: &String| {
            *kind == claim.kind.as_str() && self.recipient.as_deref() == claim.recipient.as_ref().map(|id| id.as_str())
        };
        self.sentence == claim.sentence && self.kind.as_ref().is_none_or(is_same_kind)
    }
}

pub(crate) fn check_sentences(recorded: &Recorded, charter: &Charter) -> Checked<()> {
    let rows = recorded.document.claims.iter();
    let shown: BTreeMap<&str, &ClaimRow> = rows.map(|row| (row.id.as_str(), row)).collect();
    for claim in charter.content().claims.values() {
        let (reason, what) = match shown.get(claim.id.as_str()) {
            Some(row) if row.is_of(claim) => continue,
            Some(_) => (
                Reason::SentenceChanged,
                "is graded under another sentence, kind or recipient than the charter's",
            ),
            None => (Reason::ClaimMissing, "is in the charter and has no grade"),
        };
        return Err(Fault::new(reason, format!("`{}` {what}", claim.id)));
    }
    let ids: BTreeSet<&str> = charter.content().claims.keys().map(|id| id.as_str()).collect();
    if let Some(id) = shown.keys().find(|id| !ids.contains(*id)) {
        let says = format!("`{}` has a grade and is not in the charter", printable(id));
        return Err(Fault::new(Reason::ClaimAdded, says));
    }
    let says = format!(
        "all {} sentences of the charter have a grade, word for word",
        shown.len()
    );
    Ok(((), Done::holds(says)))
}
