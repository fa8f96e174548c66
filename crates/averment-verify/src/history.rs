//! What changes and people say about the grades: the last change led here, and who vouches does so still.

use std::collections::BTreeMap;

use averment_claims::{Attested, Standing};
use averment_ledger::{Deed, GradeChange};
use averment_register::Charter;

use crate::check::Reason;
use crate::claims::Recorded;
use crate::proved::Proved;
use crate::times;
use crate::verify::{Checked, Done, Fault, printable};

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
            return Err(Fault::new(Reason::GradesOutdated, printable(&says)));
        }
    }
    Ok(())
}

/// Who vouches for what is shown as attested does so on the day of the grades: read as the grades are earned.
pub(crate) fn check_attestations(recorded: &Recorded, charter: &Charter, proved: &Proved) -> Checked<()> {
    let standings = standings(recorded, charter, proved)?;
    let day = printable(recorded.as_of.get(..10).unwrap_or_default());
    let mut attested = 0_u64;
    for row in recorded.document.claims.iter().filter(|row| row.grade == "attested") {
        stands(standings.get(row.id.as_str())).map_err(|(reason, what)| {
            Fault::new(
                reason,
                format!("`{}` is shown as vouched for, and {what}", printable(&row.id)),
            )
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

/// How every claim stands at the time of the grades, by what people say of it in the entries shown.
fn standings(recorded: &Recorded, charter: &Charter, proved: &Proved) -> Result<BTreeMap<String, Standing>, Fault> {
    let mut attested = Attested::default();
    for (number, found) in &proved.entries {
        attested.push(&found.entry, *number);
    }
    let due = attested.due(charter, times::parse(&recorded.as_of)?);
    Ok(due
        .into_iter()
        .map(|due| (due.claim.to_string(), due.standing))
        .collect())
}

fn stands(standing: Option<&Standing>) -> Result<(), (Reason, &'static str)> {
    match standing {
        Some(Standing::Ahead) => Ok(()),
        Some(Standing::Overdue) => Err((Reason::AttestationExpired, "what shows it had run out")),
        Some(Standing::Denied) => Err((
            Reason::AttestationContrary,
            "whoever looked last says that it does not hold",
        )),
        Some(Standing::Never) | None => Err((
            Reason::AttestationMissing,
            "no entry shows who does, as it is worded now",
        )),
    }
}
