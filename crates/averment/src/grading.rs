//! What a running house records about its own claims: each change of a grade, and all grades with it and once a day.
//!
//! Start at [`record`]. What is recorded comes back with the ledger, and is shown from there like everything else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use averment_claims::{Turns, counts, document};
use averment_ledger::{Base64, Deed, GradeChange, Grades};
use averment_register::Digest;
use averment_store::{Journal, JournalError};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::live::{Live, Standing};

/// How often grades are looked at. A page shows them at once, whatever is recorded.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// All grades are recorded at least this often.
const PUBLISH_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// What was recorded so far.
struct Recorder {
    live: Arc<Live>,
    journal: Journal,
    started: Instant,
    turns: Turns,
    /// The register that `turns` are about; another one begins anew.
    charter: Option<Digest>,
}

/// Looks and records until `stop`.
pub(crate) async fn record(live: Arc<Live>, journal: Journal, stop: CancellationToken) {
    let mut recorder = Recorder {
        live,
        journal,
        started: Instant::now(),
        turns: Turns::default(),
        charter: None,
    };
    loop {
        let looked = tokio::task::spawn_blocking(move || {
            let noted = recorder.look();
            (recorder, noted)
        });
        match looked.await {
            Ok((back, Ok(()))) => recorder = back,
            // The gate lets nothing out any more, and says so itself.
            Ok((_, Err(error))) => return tracing::error!(%error, "grades are not recorded any more"),
            Err(_) => return tracing::error!("grading failed: grades are not recorded any more"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
            return;
        }
    }
}

impl Recorder {
    fn look(&mut self) -> Result<(), JournalError> {
        let standing = self.live.standing(clock::now());
        if self.charter != Some(standing.charter.digest()) {
            self.turns = Turns::after(&standing.history);
            self.charter = Some(standing.charter.digest());
        }
        let mut changes = self.turns.due(&standing.graded, self.started.elapsed());
        if changes.is_empty() && !is_due(&standing) {
            return Ok(());
        }
        changes.extend(self.turns.rest(&standing.graded, self.started.elapsed()));
        note(&self.journal, changes, &standing)
    }
}

/// Records all grades, for whoever runs no house: first each that is another than the ledger says.
pub(crate) fn note_all(journal: &Journal, standing: &Standing) -> Result<(), JournalError> {
    let changes = Turns::after(&standing.history).due(&standing.graded, Duration::ZERO);
    note(journal, changes, standing)
}

/// All grades stand behind the changes that led to them: whoever is shown the last that were recorded sees those too.
fn note(journal: &Journal, changes: Vec<GradeChange>, standing: &Standing) -> Result<(), JournalError> {
    for change in changes {
        journal.note(Deed::Grade(change))?;
    }
    journal.note(Deed::Grades(published(standing)))
}

/// Whether all grades have to be recorded: never were, not for a day, or by another register. A clock that was set back
/// does not keep them from it.
fn is_due(standing: &Standing) -> bool {
    let digest = standing.charter.digest().to_string();
    standing.history.last_published().is_none_or(|(as_of, charter)| {
        let since = standing.now.duration_since(as_of);
        charter != digest || since.abs() >= PUBLISH_EVERY
    })
}

/// What the ledger says of all grades: the digest of the document, and how many claims earned what.
pub(crate) fn published(standing: &Standing) -> Grades {
    let counts = counts(&standing.graded);
    Grades {
        as_of: standing.now.to_string(),
        sha256: Base64(Digest::of(json(standing).as_bytes()).bytes()),
        entries: standing.entries,
        counts: counts
            .into_iter()
            .map(|(grade, count)| (grade.to_owned(), count as u64))
            .collect(),
    }
}

/// The document `averment.claims/2`.
pub(crate) fn json(standing: &Standing) -> String {
    let Standing {
        charter,
        graded,
        history,
        watched,
        now,
        entries,
    } = standing;
    document(charter, graded, history, *watched, (*now, *entries))
}
