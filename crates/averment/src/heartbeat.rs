//! A gate that has nothing to record says so, so that silence in the ledger means that no gate was watching.

use std::time::{Duration, Instant};

use averment_ledger::{Deed, Heartbeat};
use averment_store::{Journal, JournalError};
use tokio_util::sync::CancellationToken;

/// Looks per heartbeat: silence lasts at most a quarter longer than it should.
const LOOKS: u32 = 4;

/// Records a heartbeat whenever nothing else was recorded for `every`, until `stop`. With zero nothing is recorded.
pub(crate) async fn keep(journal: Journal, every: Duration, stop: CancellationToken) {
    if every.is_zero() {
        return;
    }
    let begun = Instant::now();
    let (mut entries, mut changed) = (journal.stats().entries, begun);
    while stop
        .run_until_cancelled(tokio::time::sleep(every / LOOKS))
        .await
        .is_some()
    {
        let now = journal.stats().entries;
        if now != entries {
            (entries, changed) = (now, Instant::now());
        } else if changed.elapsed() >= every {
            let up_s = begun.elapsed().as_secs();
            match journal.note(Deed::Heartbeat(Heartbeat { up_s })) {
                // It was there, but the disk is not: with the next look.
                Ok(()) | Err(JournalError::Full) => {}
                Err(error) => {
                    tracing::error!(%error, "no heartbeat can be recorded");
                    return;
                }
            }
        }
    }
}
