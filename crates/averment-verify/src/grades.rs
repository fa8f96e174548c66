//! The grades come out again: with every entry at hand, the verifier earns them anew instead of believing them.

use std::collections::BTreeSet;
use std::sync::Arc;

use averment_claims::{Fold, Graded, History, grade};
use averment_ledger::Joiner;
use averment_register::Charter;
use jiff::Timestamp;

use crate::check::Reason;
use crate::claims::{ClaimRow, EvidenceRow, Recorded};
use crate::manifest::{Level, Manifest};
use crate::proved::{Proved, ProvedEntry};
use crate::times;
use crate::verify::{Checked, Done, Fault};

pub(crate) fn check(manifest: &Manifest, charter: &Arc<Charter>, recorded: &Recorded, proved: &Proved) -> Checked<()> {
    let as_of = times::parse(&recorded.as_of)?;
    let mut fold = Fold::new(Arc::clone(charter));
    let from = match first_shown(manifest, proved, as_of, &fold) {
        Ok(from) => from,
        Err((reason, says)) => return Ok(((), Done::not_checked(reason, says))),
    };
    let (mut joiner, mut history) = (Joiner::default(), History::keeping(usize::MAX));
    let (before, behind) = (
        proved.entries.range(..recorded.until),
        proved.entries.range(recorded.until..),
    );
    fill(&mut fold, &mut joiner, &mut history, before);
    let graded = grade(charter, &fold.evidence(as_of), as_of);
    compare_all(recorded, &graded, &fold, &history, as_of, from == 0)?;
    fill(&mut fold, &mut joiner, &mut history, behind);
    let behind = not_broken_since(charter, &fold, recorded, proved, as_of)?;
    let says = format!(
        "all {} grades come out again from the entries {from} to {}{behind}",
        graded.len(),
        recorded.until.saturating_sub(1)
    );
    Ok(((), Done::holds(says)))
}

/// The first of the entries that are all shown; or why the grades cannot be earned anew from them.
fn first_shown(
    manifest: &Manifest,
    proved: &Proved,
    as_of: Timestamp,
    fold: &Fold,
) -> Result<u64, (Reason, &'static str)> {
    let (Level::Whole, Some(from)) = (manifest.level, proved.whole_from) else {
        return Err((
            Reason::StatementOnly,
            "only single entries are in this bundle, so the grades could not be earned anew",
        ));
    };
    if proved.withheld > 0 {
        return Err((
            Reason::EntriesWithheld,
            "of some entries only the hash is shown, so the grades could not be earned anew",
        ));
    }
    if from > 0 && !begins_early_enough(proved, from, as_of, fold) {
        return Err((
            Reason::WindowNotCovered,
            "the entries shown begin too late to earn the grades anew",
        ));
    }
    Ok(from)
}

/// `exactly`: every entry there is was read, so that counts and what was mended have to come out as well.
fn compare_all(
    recorded: &Recorded,
    graded: &[Graded],
    fold: &Fold,
    history: &History,
    as_of: Timestamp,
    exactly: bool,
) -> Result<(), Fault> {
    let watched = fold.watched(as_of);
    for row in &recorded.document.claims {
        let Some(again) = graded.iter().find(|graded| graded.claim.id.as_str() == row.id) else {
            continue;
        };
        compare(row, again, exactly)?;
        let mended = history.mended(again, as_of, watched).map(|change| change.entry);
        if exactly && mended != row.mended.as_ref().map(|mended| mended.entry) {
            let says = format!(
                "`{}` was broken before, and the document does not say so as it was",
                row.id
            );
            return Err(Fault::new(Reason::EvidenceDiffers, says));
        }
    }
    Ok(())
}

/// Whether the first entry of the range is older than anything that the grades rest on.
fn begins_early_enough(proved: &Proved, from: u64, as_of: Timestamp, fold: &Fold) -> bool {
    let first = proved
        .entries
        .get(&from)
        .and_then(|found| times::parse(&found.entry.at).ok());
    first.is_some_and(|first| as_of.duration_since(first) >= fold.window())
}

/// Takes entries, and the changes of grades among them.
fn fill<'a>(
    fold: &mut Fold,
    joiner: &mut Joiner,
    history: &mut History,
    entries: impl Iterator<Item = (&'a u64, &'a ProvedEntry)>,
) {
    for (number, found) in entries {
        if let Some(entry) = joiner.take(found.entry.clone()) {
            fold.push(&entry, *number);
            history.push(&entry, *number);
        }
    }
}

/// What came after the grades breaks no claim that is not shown as broken. Says up to where it was looked at.
fn not_broken_since(
    charter: &Arc<Charter>,
    fold: &Fold,
    recorded: &Recorded,
    proved: &Proved,
    as_of: Timestamp,
) -> Result<String, Fault> {
    let Some((last, found)) = proved
        .entries
        .last_key_value()
        .filter(|(last, _)| **last >= recorded.until)
    else {
        return Ok(String::new());
    };
    let now = times::parse(&found.entry.at)?.max(as_of);
    for again in grade(charter, &fold.evidence(now), now) {
        let id = again.claim.id.as_str();
        let shown = recorded.document.claims.iter().find(|row| row.id == id);
        if again.overall.as_str() == "broken" && shown.is_some_and(|row| row.grade != "broken") {
            let says = format!(
                "`{id}` is shown with a grade from before entry {}, and an entry from there to {last} breaks it",
                recorded.until
            );
            return Err(Fault::new(Reason::GradesOutdated, says));
        }
    }
    Ok(format!(", and none from there to {last} breaks a sentence"))
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
    let differ = || {
        let says = format!("the counts shown for `{}` are not those of the entries", row.id);
        Fault::new(Reason::EvidenceDiffers, says)
    };
    let planes: BTreeSet<&str> = row.planes.iter().map(|plane| plane.plane.as_str()).collect();
    if planes.len() != row.planes.len() || planes.len() != again.planes.len() {
        return Err(differ());
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
            return Err(differ());
        }
    }
    Ok(())
}
