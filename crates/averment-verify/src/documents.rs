//! Documents that entries name by digest, and whose school the entries are about.

use std::collections::BTreeSet;

use averment_ledger::{Deed, Document};

use crate::check::Reason;
use crate::container::Zipped;
use crate::files::{DOCUMENTS, hex, sha256_hex};
use crate::manifest::Manifest;
use crate::proved::Proved;
use crate::question::Question;
use crate::verify::{Checked, Done, Fault, printable};

pub(crate) fn check(files: &Zipped, proved: &Proved) -> Checked<()> {
    let deeds = || proved.entries.values().map(|found| &found.entry.deed);
    let named: BTreeSet<String> = deeds().filter_map(document_of).map(name_of).collect();
    let mut enclosed = BTreeSet::new();
    for (name, bytes) in files {
        let Some(digest) = name.strip_prefix(DOCUMENTS) else {
            continue;
        };
        if sha256_hex(bytes) != digest {
            let says = "an enclosed document is not the one that its digest is of: it was exchanged".to_owned();
            return Err(Fault::new(Reason::DocumentChanged, says));
        }
        if !named.contains(digest) {
            let says =
                "a document is enclosed that no entry names: it may be exchanged, or of something else".to_owned();
            return Err(Fault::new(Reason::DocumentUnknown, says));
        }
        enclosed.insert(digest);
    }
    let attested = deeds().filter(|deed| matches!(deed, Deed::Attestation(_)));
    let missing: BTreeSet<String> = attested.filter_map(document_of).map(name_of).collect();
    let missing = missing.iter().filter(|name| !enclosed.contains(name.as_str())).count();
    if missing > 0 {
        let says = match missing {
            1 => "a document that somebody's word rests on is not enclosed; its digest is recorded".to_owned(),
            _ => format!(
                "{missing} documents that somebody's word rests on are not enclosed; their digests are recorded"
            ),
        };
        return Ok(((), Done::not_checked(Reason::DocumentNotEnclosed, says)));
    }
    let says = match enclosed.len() {
        0 => "no document is enclosed, and none is needed".to_owned(),
        1 => "one document is enclosed, the one that an entry names".to_owned(),
        count => format!("{count} documents are enclosed, each the one that an entry names"),
    };
    Ok(((), Done::holds(says)))
}

fn name_of(document: &Document) -> String {
    hex(&document.sha256.0)
}

/// The document that a deed names.
pub(crate) fn document_of(deed: &Deed) -> Option<&Document> {
    match deed {
        Deed::Manual(deed) => deed.document.as_ref(),
        Deed::Erasure(deed) => deed.document.as_ref(),
        Deed::Export(deed) => deed.document.as_ref(),
        Deed::Retention(deed) => deed.document.as_ref(),
        Deed::Attestation(deed) => deed.document.as_ref(),
        Deed::Measurement(deed) => deed.document.as_ref(),
        _ => None,
    }
}

pub(crate) fn check_school(manifest: &Manifest, proved: &Proved, question: &Question) -> Checked<()> {
    if let Some(expected) = &question.school
        && manifest.school.as_ref() != Some(expected)
    {
        let says = format!("the bundle is not for the school `{}`", printable(expected));
        return Err(Fault::new(Reason::AnotherSchool, says));
    }
    let Some(school) = &manifest.school else {
        return Ok(((), Done::holds("it is for everybody")));
    };
    for (number, found) in &proved.entries {
        if schools_of(&found.entry.deed)
            .iter()
            .any(|named| *named != school.as_str())
        {
            let says = format!("entry {number} is about another school");
            return Err(Fault::new(Reason::NamesAnotherSchool, says));
        }
    }
    let says = format!(
        "it is for the school `{}`, and no entry names another",
        printable(school)
    );
    Ok(((), Done::holds(says)))
}

/// Schools that a deed names.
pub(crate) fn schools_of(deed: &Deed) -> Vec<&str> {
    match deed {
        Deed::Intent(message) | Deed::Refusal(message) => message
            .findings
            .iter()
            .filter_map(|finding| finding.school.as_deref())
            .collect(),
        Deed::Findings(part) => part
            .findings
            .iter()
            .filter_map(|finding| finding.school.as_deref())
            .collect(),
        Deed::Consent(change) => change.school.as_deref().into_iter().collect(),
        Deed::Export(export) => export.school.as_deref().into_iter().collect(),
        Deed::RequestChange(change) => change.school.as_deref().into_iter().collect(),
        _ => Vec::new(),
    }
}
