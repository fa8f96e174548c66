//! Changes of consents in the ledger: the command line enters them in the database, the running gate tells the ledger.
//!
//! An entry may be repeated when the gate is killed between the two; its version says that it is the same change.

use std::sync::Arc;
use std::time::Duration;

use averment_ledger::Deed;
use averment_store::{ConsentError, Journal, JournalError};

use crate::gate::Shared;
use crate::lifetime::Lifetime;
use crate::terms::Terms;

/// How often the database is asked. What a decision goes by does not wait for it.
const EVERY: Duration = Duration::from_millis(500);

/// Why a change is not told yet.
#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error(transparent)]
    Consents(#[from] ConsentError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Tells the ledger of every change until it is time to stop.
pub(crate) fn start(shared: &Arc<Shared>, lifetime: &Lifetime) {
    let (shared, stopping) = (Arc::clone(shared), lifetime.clone());
    lifetime.spawn(async move {
        let (mut failing, mut told_up_to) = (false, None);
        loop {
            let (journal, terms) = (shared.journal.clone(), shared.terms());
            let told = tokio::task::spawn_blocking(move || tell(&journal, &terms, told_up_to)).await;
            let failed = !matches!(told, Ok(Ok(_)));
            told_up_to = told.ok().and_then(Result::ok).flatten();
            // Once is enough: requests that name somebody are refused in the meantime, and say so each.
            if failed && !failing {
                tracing::error!("changes of consents are not in the ledger yet");
            }
            failing = failed;
            tokio::select! {
                () = stopping.stopped() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

/// Tells what is new, and gives up to which change. `told_up_to`: what was told a round ago and is on disk by now; only then
/// it counts as recorded.
fn tell(journal: &Journal, terms: &Terms, told_up_to: Option<u64>) -> Result<Option<u64>, Untold> {
    let consents = &terms.consents;
    if let Some(number) = told_up_to {
        consents.set_recorded(number)?;
    }
    let mut told = None;
    for change in &consents.unrecorded()? {
        let person = change.person.and_then(|id| terms.snapshot.persons.number(id));
        let named = person.and_then(|number| Some((number, terms.snapshot.person_keys.get(number)?)));
        let noted = journal.note_about(named.as_slice(), |references| {
            Deed::Consent(change.entry(references.first().copied()))
        });
        match noted {
            // The rest comes with the next round.
            Err(JournalError::Full) => break,
            noted => noted?,
        }
        told = Some(change.number);
    }
    Ok(told)
}
