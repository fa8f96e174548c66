//! What is due goes by itself while a gate runs: in a thread of its own, so that no message waits for it.
//!
//! Each time the register and the settings are read again. What it records goes through the inbox, as a command's deed does.
//!
//! Invariant: the thread does not end unseen. Whatever keeps it from its work, a panic too, is logged, counted and put on record, and
//! it tries again, later each time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use averment_duties::retain::Report;
use averment_gate::Gate;
use jiff::{SignedDuration, Timestamp};

use crate::cli::Folders;
use crate::clock;
use crate::commands::retain::{Doing, failed};
use crate::duties::DutiesOptions;
use crate::outcome::Failure;

/// How often it is looked whether a run is due.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// How far this machine's clock may go otherwise than time does.
const JUMP: Duration = Duration::from_secs(300);
/// The first wait after a failure; each of the next is twice as long, up to an hour.
const AGAIN_MIN: i64 = 1;
const AGAIN_MAX: i64 = 60;
/// So many minutes it is waited for a run of somebody else, which then is in the way.
const PATIENCE: u32 = 120;
/// The file that is read when none is named.
const DEFAULT: &str = "averment-duties.toml";

/// Starts the thread, where settings are there and say how often. It ends with the process: a run that is broken off is gone on
/// with by the next.
pub(crate) fn start(register: &Path, duties: Option<&Path>, folders: &Folders, gate: &Gate) -> Result<(), Failure> {
    let duties = match duties {
        Some(named) => named.to_owned(),
        None if Path::new(DEFAULT).is_file() => PathBuf::from(DEFAULT),
        None => return Ok(()),
    };
    let gate = gate.clone();
    let mut again = Again {
        register: register.to_owned(),
        duties: DutiesOptions { duties },
        folders: folders.clone(),
        began: (clock::now(), Instant::now()),
        count: Box::new(move |result| gate.count_retention(result)),
        failures: 0,
        waited: 0,
    };
    // A slip in the settings is told at once, not in the night.
    if crate::duties::Duties::open(&again.duties)?
        .settings
        .retention
        .every
        .is_none()
    {
        return Ok(());
    }
    let started = std::thread::Builder::new()
        .name("retention".to_owned())
        .spawn(move || again.keep());
    started.map_err(|error| Failure::new("cannot start the thread that lets go what is due").because(error))?;
    Ok(())
}

struct Again {
    register: PathBuf,
    duties: DutiesOptions,
    folders: Folders,
    /// The clock, and time itself, when it was started.
    began: (Timestamp, Instant),
    /// Counts what came of a run.
    count: Box<dyn Fn(&'static str) + Send>,
    /// How often it failed in a row.
    failures: u32,
    /// Minutes for which somebody else's run was waited for.
    waited: u32,
}

impl Again {
    fn keep(&mut self) {
        let mut next = None;
        loop {
            std::thread::sleep(LOOK_EVERY);
            if next.is_none_or(|next| next <= clock::now()) {
                next = self.turn(|again| again.look(next.is_some()));
            }
        }
    }

    /// Looks, and says when the next look is; when it fails, it is told, and the next is later each time.
    fn turn(&mut self, look: impl FnOnce(&mut Self) -> Result<Option<Timestamp>, Failure>) -> Option<Timestamp> {
        // What a panic says may hold a value; where it was stands in the log.
        let looked = catch_unwind(AssertUnwindSafe(|| look(self)));
        let because = match looked {
            Ok(Ok(next)) => {
                self.failures = 0;
                return next;
            }
            Ok(Err(failure)) => failure.in_one_line(),
            Err(_) => "the program failed while it looked for what is due".to_owned(),
        };
        self.failures = self.failures.saturating_add(1);
        (self.count)("failed");
        tracing::error!(
            error = because,
            failures = self.failures,
            "what is due could not be let go"
        );
        match catch_unwind(AssertUnwindSafe(|| failed(&self.folders, &because))) {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => {
                tracing::error!(
                    error = failure.in_one_line(),
                    "that it failed could not be put on record"
                );
            }
            Err(_) => tracing::error!("that it failed could not be put on record"),
        }
        Some(clock::now() + later(self.failures))
    }

    /// Runs when a run is due, and says when the next is.
    fn look(&mut self, is_due: bool) -> Result<Option<Timestamp>, Failure> {
        let doing = Doing::open(&self.register, &self.duties, &self.folders)?;
        let next = doing.next_run(doing.last_run()?)?;
        // The first look of all runs only what was missed before.
        if !is_due && next.is_none_or(|next| next > clock::now()) {
            return Ok(next);
        }
        let lock = match doing.lock() {
            Err(taken) if self.waited < PATIENCE => {
                self.waited += 1;
                tracing::info!(because = taken.in_one_line(), "what is due goes later");
                return Ok(Some(clock::now() + SignedDuration::from_mins(1)));
            }
            lock => lock?,
        };
        self.waited = 0;
        (self.count)(told(&doing.run(&lock, false, true, self.jumped())?));
        doing.next_run(Some(clock::now()))
    }

    /// Whether the clock was set while this program ran.
    fn jumped(&self) -> Option<String> {
        let by_clock = clock::now().duration_since(self.began.0);
        let elapsed = SignedDuration::try_from(self.began.1.elapsed()).ok()?;
        let allowed = SignedDuration::try_from(JUMP).ok()?;
        ((by_clock - elapsed).abs() > allowed).then(|| "this clock was set while the program ran".to_owned())
    }
}

/// How long after so many failures in a row the next try is.
fn later(failures: u32) -> SignedDuration {
    let doubled = AGAIN_MIN << failures.saturating_sub(1).min(16);
    SignedDuration::from_mins(doubled.min(AGAIN_MAX))
}

/// Logs what came of a run, and says it in a word.
fn told(report: &Report) -> &'static str {
    let (ended, overdue) = (report.ended(), report.overdue());
    match &report.refused {
        Some(because) => {
            tracing::error!(because, overdue, "nothing that is due went");
            "refused"
        }
        None if overdue > 0 => {
            tracing::error!(ended, overdue, "not everything that is due went");
            if ended > 0 { "incomplete" } else { "failed" }
        }
        None => {
            tracing::info!(ended, "what is due went");
            "done"
        }
    }
}

#[cfg(test)]
mod tests;
