//! The document with the grades: the very bytes were recorded, and its sentences are those of the charter.

use std::collections::{BTreeMap, BTreeSet};

use averment_ledger::{Deed, Entry, Grades};
use averment_register::Charter;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::check::Reason;
use crate::container::Zipped;
use crate::files::CLAIMS;
use crate::manifest::Manifest;
use crate::proved::Proved;
use crate::verify::{Checked, Done, Fault, printable};

const SCHEMA_START: &str = "averment.claims/";

/// What of `averment claims --format json` is held against the record. Members that it has besides are passed over.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClaimsDocument {
    schema: String,
    charter: String,
    /// How many entries of the ledger the grades rest on.
    #[serde(default)]
    pub(crate) entries: Option<u64>,
    pub(crate) claims: Vec<ClaimRow>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClaimRow {
    pub(crate) id: String,
    sentence: String,
    pub(crate) grade: String,
    #[serde(default)]
    pub(crate) planes: Vec<PlaneRow>,
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
}

pub(crate) fn check(files: &Zipped, manifest: &Manifest, proved: &Proved) -> Checked<Recorded> {
    let bytes = files.get(CLAIMS).map_or(&[][..], Vec::as_slice);
    let document: ClaimsDocument = serde_json::from_slice(bytes).map_err(|_| malformed())?;
    let ids: BTreeSet<&str> = document.claims.iter().map(|claim| claim.id.as_str()).collect();
    if !document.schema.starts_with(SCHEMA_START) || ids.len() != document.claims.len() {
        return Err(malformed());
    }
    let newest = proved.newest(|entry| match &entry.deed {
        Deed::Grades(grades) => Some((grades, entry)),
        _ => None,
    });
    let (number, (grades, entry)) = newest.ok_or_else(|| {
        let says = "no entry records these grades: the vendor could change them tomorrow".to_owned();
        Fault::new(Reason::ClaimsNotRecorded, says)
    })?;
    hold_against(bytes, &document, grades, entry, manifest)?;
    let says = format!(
        "the grades of {} are those that entry {number} of the record holds the digest of",
        printable(&grades.as_of)
    );
    let as_of = grades.as_of.clone();
    Ok((
        Recorded {
            document,
            number,
            as_of,
        },
        Done::holds(says),
    ))
}

fn hold_against(
    bytes: &[u8],
    document: &ClaimsDocument,
    grades: &Grades,
    entry: &Entry,
    manifest: &Manifest,
) -> Result<(), Fault> {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    if digest != grades.sha256.0 {
        let says = "the document with the grades is not the newest that was recorded: a grade or a sentence in it was changed, or \
                    it is an older one";
        return Err(Fault::new(Reason::ClaimsChanged, says.to_owned()));
    }
    if entry.charter != manifest.charter || document.charter != manifest.charter {
        let says = "the grades were earned by another charter than the one shown".to_owned();
        return Err(Fault::new(Reason::ClaimsAnotherCharter, says));
    }
    let recorded: BTreeMap<&str, u64> = grades
        .counts
        .iter()
        .map(|(grade, count)| (grade.as_str(), *count))
        .collect();
    let recorded: BTreeMap<&str, u64> = recorded.into_iter().filter(|(_, count)| *count > 0).collect();
    if recorded == counts(document) {
        Ok(())
    } else {
        let says = "the record counts other grades than the document has".to_owned();
        Err(Fault::new(Reason::ClaimsCounts, says))
    }
}

fn counts(document: &ClaimsDocument) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for claim in &document.claims {
        *counts.entry(claim.grade.as_str()).or_default() += 1;
    }
    counts
}

fn malformed() -> Fault {
    Fault::new(
        Reason::ClaimsMalformed,
        "the document with the grades cannot be read".to_owned(),
    )
}

pub(crate) fn check_sentences(recorded: &Recorded, charter: &Charter) -> Checked<()> {
    let shown: BTreeMap<&str, &str> = recorded
        .document
        .claims
        .iter()
        .map(|row| (row.id.as_str(), row.sentence.as_str()))
        .collect();
    for claim in charter.content().claims.values() {
        let (reason, what) = match shown.get(claim.id.as_str()) {
            Some(sentence) if *sentence == claim.sentence => continue,
            Some(_) => (
                Reason::SentenceChanged,
                "is graded under another sentence than the charter's",
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
