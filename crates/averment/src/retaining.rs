//! What is due goes by itself while a gate runs: in a thread of its own, so that no message waits for it.
//!
//! Each time the register and the settings are read again. What it records goes through the inbox, as a command's deed does.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use averment_duties::retain::Report;
use jiff::Timestamp;

use crate::cli::Folders;
use crate::clock;
use crate::commands::retain::Doing;
use crate::duties::DutiesOptions;
use crate::outcome::Failure;

/// How often it is looked whether a run is due.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// How far this machine's clock may go otherwise than time does.
const JUMP: Duration = Duration::from_secs(300);
/// The file that is read when none is named.
const DEFAULT: &str = "averment-duties.toml";

/// Starts the thread, where settings are there and say how often. It ends with the process: a run that is broken off is gone on
/// with by the next.
pub(crate) fn start(register: &Path, duties: Option<&Path>, folders: &Folders) -> Result<(), Failure> {
    let duties = match duties {
        Some(named) => named.to_owned(),
        None if Path::new(DEFAULT).is_file() => PathBuf::from(DEFAULT),
        None => return Ok(()),
    };
    let again = Again {
        register: register.to_owned(),
        duties: DutiesOptions { duties },
        folders: folders.clone(),
        began: (clock::now(), Instant::now()),
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
}

impl Again {
    fn keep(&self) {
        let mut next = None;
        loop {
            std::thread::sleep(LOOK_EVERY);
            if next.is_some_and(|next| clock::now() < next) {
                continue;
            }
            next = match self.look(next.is_some()) {
                Ok(next) => next,
                Err(failure) => {
                    tracing::error!(error = failure.in_one_line(), "what is due could not be let go");
                    Some(clock::now() + jiff::SignedDuration::from_hours(1))
                }
            };
        }
    }

    /// Runs when a run is due, and says when the next is.
    fn look(&self, is_due: bool) -> Result<Option<Timestamp>, Failure> {
        let doing = Doing::open(&self.register, &self.duties, &self.folders)?;
        let next = doing.next_run(doing.last_run()?)?;
        // The first look of all runs only what was missed before.
        if !is_due && next.is_none_or(|next| next > clock::now()) {
            return Ok(next);
        }
        told(&doing.run(false, true, self.jumped())?);
        doing.next_run(Some(clock::now()))
    }

    /// Whether the clock was set while this program ran.
    fn jumped(&self) -> Option<String> {
        let by_clock = clock::now().duration_since(self.began.0);
        let elapsed = jiff::SignedDuration::try_from(self.began.1.elapsed()).ok()?;
        let allowed = jiff::SignedDuration::try_from(JUMP).ok()?;
        ((by_clock - elapsed).abs() > allowed).then(|| "this clock was set while the program ran".to_owned())
    }
}

fn told(report: &Report) {
    let (ended, overdue) = (report.ended(), report.overdue());
    match &report.refused {
        Some(because) => tracing::error!(because, overdue, "nothing that is due went"),
        None if overdue > 0 => tracing::error!(ended, overdue, "not everything that is due went"),
        None => tracing::info!(ended, "what is due went"),
    }
}
