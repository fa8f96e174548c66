//! Who is affected, one person a line: personal data, in a file that only its owner can read.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use averment_store::{Affected, People};

use super::super::export::{private_file, record};
use crate::outcome::Failure;

const HEADING: [&str; 7] = ["school", "id", "subject", "extent", "elements", "first_at", "last_at"];

/// Writes the list of what each ledger says, by school and identifier; gives how many people stand in it.
pub(super) fn write<'a>(
    ledgers: impl Iterator<Item = (&'a People, &'a Affected)>,
    ids: &Path,
    out: &Path,
) -> Result<u64, Failure> {
    let mut listed = Vec::new();
    for (people, affected) in ledgers {
        listed.extend(affected.listed(people, ids)?);
    }
    listed.sort_by(|a, b| (&a.school, &a.id).cmp(&(&b.school, &b.id)));
    let mut text = record(HEADING.into_iter());
    for person in &listed {
        let elements = person.elements.iter().map(|(element, (extent, is_as_it_was))| {
            let changed = if *is_as_it_was { "" } else { ", changed" };
            format!("{element} ({}{changed})", extent.word())
        });
        let elements = elements.collect::<Vec<_>>().join("; ");
        let fields = [
            person.school.as_deref().unwrap_or_default(),
            &person.id,
            &person.subject,
            person.extent.word(),
            &elements,
            &person.first_at,
            &person.last_at,
        ];
        text.push_str(&record(fields.into_iter()));
    }
    let mut file = private_file(out)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| Failure::new(format!("cannot write `{}`", out.display())).because(error))?;
    let people: BTreeSet<&str> = listed.iter().map(|person| person.id.as_str()).collect();
    Ok(people.len() as u64)
}
