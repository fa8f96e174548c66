//! The grades come out again: with every entry at hand, the verifier earns them anew instead of believing them.

use std::sync::Arc;

use averment_claims::{Fold, Graded, grade};
use averment_ledger::Joiner;
use averment_register::Charter;
use jiff::Timestamp;

use crate::check::Reason;
use crate::claims::{ClaimRow, EvidenceRow, Recorded};
use crate::manifest::{Level, Manifest};
use crate::proved::{Log, Proved};
use crate::times;
use crate::verify::{Checked, Done, Fault};

pub(crate) fn check(
    manifest: &Manifest,
    charter: &Arc<Charter>,
    logs: &[Log],
    recorded: &Recorded,
    proved: &Proved,
) -> Checked<()> {
    let not = |reason, says: &str| Ok(((), Done::not_checked(reason, says)));
    let from = match (manifest.level, proved.whole_from) {
        (Level::Whole, Some(from)) => from,
        _ => {
            return not(
                Reason::StatementOnly,
                "only single entries are in this bundle, so the grades could not be earned anew",
            );
        }
    };
    if proved.withheld > 0 {
        return not(
            Reason::EntriesWithheld,
            "of some entries only the hash is shown, so the grades could not be earned anew",
        );
    }
    let as_of = times::parse(&recorded.as_of)?;
    let mut fold = Fold::new(Arc::clone(charter));
    let covered = from == 0 || begins_early_enough(proved, from, as_of, &fold);
    if !covered {
        return not(
            Reason::WindowNotCovered,
            "the entries shown begin too late to earn the grades anew",
        );
    }
    fill(&mut fold, recorded, proved);
    let graded = grade(charter, &fold.evidence(as_of), as_of);
    for row in &recorded.document.claims {
        let again = graded.iter().find(|graded| graded.claim.id.as_str() == row.id);
        again.map_or(Ok(()), |again| compare(row, again, from == 0))?;
    }
    let entries: u64 = logs.iter().map(|log| log.checkpoint.size).sum();
    let says = format!(
        "all {} grades come out again from the entries {from} to {}",
        graded.len(),
        entries.saturating_sub(1)
    );
    Ok(((), Done::holds(says)))
}

/// Whether the first entry of the range is older than anything that the grades rest on.
fn begins_early_enough(proved: &Proved, from: u64, as_of: Timestamp, fold: &Fold) -> bool {
    let first = proved
        .entries
        .get(&from)
        .and_then(|found| times::parse(&found.entry.at).ok());
    first.is_some_and(|first| as_of.duration_since(first) >= fold.window())
}

fn fill(fold: &mut Fold, recorded: &Recorded, proved: &Proved) {
    let limit = recorded
        .document
        .entries
        .map_or(recorded.number, |entries| entries.min(recorded.number));
    let mut joiner = Joiner::default();
    for (number, found) in proved.entries.range(..limit) {
        if let Some(entry) = joiner.take(found.entry.clone()) {
            fold.push(&entry, *number);
        }
    }
}

fn compare(row: &ClaimRow, again: &Graded, exactly: bool) -> Result<(), Fault> {
    if again.overall.as_str() != row.grade {
        let says = format!(
            "`{}` is shown as {}, and the entries earn it {}",
            row.id,
            row.grade,
            again.overall.as_str()
        );
        return Err(Fault::new(Reason::GradeDiffers, crate::verify::printable(&says)));
    }
    if !exactly {
        return Ok(());
    }
    for plane in &row.planes {
        let found = again.planes.iter().find(|found| found.plane.as_str() == plane.plane);
        let evidence = found
            .and_then(|found| found.evidence.as_ref())
            .map(|evidence| EvidenceRow {
                observed: evidence.observed,
                contrary: evidence.contrary,
                unreadable: evidence.unreadable,
            });
        let same_grade = found.is_some_and(|found| found.grade.as_str() == plane.grade);
        if !same_grade || evidence != plane.evidence {
            let says = format!("the counts shown for `{}` are not those of the entries", row.id);
            return Err(Fault::new(Reason::EvidenceDiffers, says));
        }
    }
    Ok(())
}
