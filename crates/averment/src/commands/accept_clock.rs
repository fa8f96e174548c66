//! `averment ledger accept-clock`: the clock ran ahead for a while, and is right again. Who says so, and why, is recorded.

use averment_ledger::{ClockAccepted, Deed};
use averment_store::{DataFolder, Journal, People, latest_time, trusted};
use clap::Args;

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::{clock, recording, texts};

#[derive(Debug, Args)]
pub(crate) struct AcceptClockArgs {
    /// Who says so: a role, not a name
    #[arg(long, value_name = "ROLE")]
    by: String,
    /// Why the ledger's newest times are wrong, in one sentence without names
    #[arg(long, value_name = "TEXT")]
    because: String,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &AcceptClockArgs) -> Result<Outcome, Failure> {
    let folders = &arguments.folders;
    // Nothing is made where there is no ledger.
    DataFolder::open_read(&folders.data)?;
    let (folder, keys) = DataFolder::open(&folders.data, &folders.keys)?;
    let latest = latest_time(&folder, trusted(&folder, &keys)?)?;
    let latest = latest.ok_or_else(|| Failure::new("the ledger holds no entry yet, so no clock runs behind it"))?;
    let given = [
        ("--by", Some(arguments.by.as_str())),
        ("--because", Some(arguments.because.as_str())),
    ];
    texts::check(&given, &mut People::open(&folder, &keys)?)?;
    let charter = recording::last_charter(&folder, &keys)?;
    let charter = charter.ok_or_else(|| Failure::new("the newest entry of the ledger names no charter"))?;
    let (journal, recovery) = Journal::open(&folder, &keys, clock::now, charter)?;
    if recovery.clock_behind_seconds == 0 {
        journal.close()?;
        return Err(Failure::new(format!(
            "the clock does not run behind the ledger, whose latest time is {latest:.0}: there is nothing to accept"
        )));
    }
    let accepted = ClockAccepted {
        id: recording::new_id()?,
        by: arguments.by.clone(),
        because: arguments.because.clone(),
        latest: latest.to_string(),
    };
    let number = journal.record_and_wait(None, &[], |_| Deed::ClockAccepted(accepted))?;
    journal.close()?;
    anstream::println!(
        "recorded as entry {number}: the clock, {} seconds before {latest:.0}, is right",
        recovery.clock_behind_seconds
    );
    Ok(Outcome::Holds)
}
