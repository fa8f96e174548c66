//! What recipients got of somebody, for their archive.

use std::collections::BTreeMap;

use averment_duties::export::Received;
use averment_store::{DataFolder, Keys, PersonEntry, ReadError, entries, trusted};

use crate::cli::Folders;
use crate::commands::index::Asked;
use crate::outcome::Failure;

/// What recipients got, from the ledger; nothing of somebody whom the directory never knew.
pub(super) fn recipients(person: &str, folders: &Folders, is_known: bool) -> Result<Vec<Received>, Failure> {
    let folder = DataFolder::open_read(&folders.data)?;
    let keys = Keys::read(&folders.keys)?;
    let ledger = trusted(&folder, &keys).and_then(|trusted| entries(&folder, trusted));
    if !is_known || matches!(ledger, Err(ReadError::NoLedger { .. })) {
        return Ok(Vec::new());
    }
    let asked = Asked::open(folders)?;
    let entries = asked.index.person(&asked.people, person)?;
    let mut all: BTreeMap<String, Vec<&PersonEntry>> = BTreeMap::new();
    for entry in entries
        .iter()
        .filter(|entry| !entry.void && !matches!(entry.fate.word(), "refused" | "not_sent"))
    {
        let party = entry.entered.as_ref().and_then(|entered| entered.party.clone());
        let name = entry.recipient.clone().or(party).or_else(|| entry.host.clone());
        all.entry(name.unwrap_or_else(|| "*".to_owned()))
            .or_default()
            .push(entry);
    }
    Ok(all
        .into_iter()
        .map(|(recipient, entries)| received(recipient, &entries))
        .collect())
}

fn received(recipient: String, entries: &[&PersonEntry]) -> Received {
    let findings = || entries.iter().flat_map(|entry| &entry.findings);
    let set = |words: &mut dyn Iterator<Item = String>| {
        words.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    let times = || entries.iter().map(|entry| entry.at.clone());
    Received {
        recipient,
        elements: set(&mut findings().map(|finding| finding.element.clone())),
        times: entries.len() as u64,
        first: times().min().unwrap_or_default(),
        last: times().max().unwrap_or_default(),
        basis: set(&mut findings().flat_map(|finding| finding.basis.clone())),
    }
}
