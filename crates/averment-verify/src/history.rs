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
    for row in &recorded.document.claims {
        if last.get(row.id.as_str()).is_some_and(|change| change.to != row.grade) {
            let says = format!(
                "the last recorded change of `{}` led to another grade than the one shown",
                row.id
            );
            return Err(Fault::new(Reason::HistoryContradicts, says));
        }
    }
    not_outdated(recorded, proved)?;
    let says = match last.len() {
        0 => {
            let says = "no change of a grade is shown";
            return Ok(((), Done::not_checked(Reason::NoHistory, says)));
        }
        1 => "the last recorded change of a claim led to the grade shown".to_owned(),
        count => format!("the last recorded changes of {count} claims led to the grades shown"),
    };
    Ok(((), Done::holds(says)))
}

/// Whoever shows grades shows those that hold: a claim that changed after they were recorded says so in the same ledger.
fn not_outdated(recorded: &Recorded, proved: &Proved) -> Result<(), Fault> {
    let mut now: BTreeMap<&str, (u64, &GradeChange)> = BTreeMap::new();
    for (number, found) in proved.entries.range(recorded.number..) {
        if let Deed::Grade(change) = &found.entry.deed {
            now.insert(&change.claim, (*number, change));
        }
    }
    for row in &recorded.document.claims {
        let changed = now.get(row.id.as_str()).filter(|(_, change)| change.to != row.grade);
        if let Some((number, change)) = changed {
            let says = format!(
                "`{}` is shown as {}, and entry {number} says that it is {} since: ask for a bundle with newer grades",
                row.id, row.grade, change.to
            );
            return Err(Fault::new(Reason::GradesOutdated, crate::verify::printable(&says)));
        }
    }
    Ok(())
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
