//! What changes and people say about the grades: the last change led here, and who vouches does so still.

use std::collections::{BTreeMap, BTreeSet};

use averment_ledger::{Attestation, Deed, GradeChange};

use crate::check::Reason;
use crate::claims::Recorded;
use crate::proved::Proved;
use crate::verify::{Checked, Done, Fault};

pub(crate) fn check(recorded: &Recorded, proved: &Proved) -> Checked<()> {
    let mut last: BTreeMap<&str, &GradeChange> = BTreeMap::new();
    for found in proved.entries.range(..recorded.number).map(|(_, found)| found) {
        if let Deed::Grade(change) = &found.entry.deed {
            last.insert(&change.claim, change);
        }
    }
    if last.is_empty() {
        let says = "no change of a grade is shown";
        return Ok(((), Done::not_checked(Reason::NoHistory, says)));
    }
    for row in &recorded.document.claims {
        if last.get(row.id.as_str()).is_some_and(|change| change.to != row.grade) {
            let says = format!(
                "the last recorded change of `{}` led to another grade than the one shown",
                row.id
            );
            return Err(Fault::new(Reason::HistoryContradicts, says));
        }
    }
    let says = match last.len() {
        1 => "the last recorded change of a claim led to the grade shown".to_owned(),
        count => format!("the last recorded changes of {count} claims led to the grades shown"),
    };
    Ok(((), Done::holds(says)))
}

pub(crate) fn check_attestations(recorded: &Recorded, proved: &Proved) -> Checked<()> {
    let void = void_entries(proved);
    let day = recorded.as_of.get(..10).unwrap_or_default();
    let mut attested = 0_u64;
    for row in recorded.document.claims.iter().filter(|row| row.grade == "attested") {
        hold(newest_of(&row.id, proved, &void), day).map_err(|(reason, what)| {
            Fault::new(reason, format!("`{}` is shown as vouched for, and {what}", row.id))
        })?;
        attested += 1;
    }
    let says = match attested {
        0 => "no grade rests on somebody's word".to_owned(),
        1 => format!("somebody vouches for a claim, and what shows it had not run out on {day}"),
        attested => format!("somebody vouches for each of {attested} claims, and none of it had run out on {day}"),
    };
    Ok(((), Done::holds(says)))
}

/// The newest attestation of a claim that counts.
fn newest_of<'a>(claim: &str, proved: &'a Proved, void: &BTreeSet<u64>) -> Option<&'a Attestation> {
    let mut newest = proved.entries.iter().rev();
    newest.find_map(|(number, found)| match &found.entry.deed {
        Deed::Attestation(attestation) if attestation.claim == claim && !void.contains(number) => Some(attestation),
        _ => None,
    })
}

fn hold(newest: Option<&Attestation>, day: &str) -> Result<(), (Reason, &'static str)> {
    let Some(attestation) = newest else {
        return Err((Reason::AttestationMissing, "no entry shows who does"));
    };
    if attestation.finds != "holds" {
        return Err((
            Reason::AttestationContrary,
            "whoever looked last says that it does not hold",
        ));
    }
    match &attestation.valid_until {
        Some(until) if until.as_str() < day => Err((Reason::AttestationExpired, "what shows it had run out")),
        _ => Ok(()),
    }
}

/// Numbers of entries that a correction takes back.
fn void_entries(proved: &Proved) -> BTreeSet<u64> {
    let voids = proved.entries.values().filter_map(|found| match &found.entry.deed {
        Deed::Correction(correction) if correction.void => {
            let meant = proved.entries.get(&correction.entry)?;
            (meant.leaf == correction.leaf).then_some(correction.entry)
        }
        _ => None,
    });
    voids.collect()
}
