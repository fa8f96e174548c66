//! The times in which no gate was watching, as the ledger tells them.
//!
//! Start at [`gaps`]. A gate that has nothing to record records a heartbeat; between the beginning and the end of its watch
//! longer silence means that it was not there, whatever the reason.

use averment_ledger::{Deed, Entry, Trusted};
use jiff::{SignedDuration, Timestamp};

use crate::folder::DataFolder;
use crate::read::{ReadError, entries};

/// Clocks are corrected by moments.
const CORRECTION_MAX: SignedDuration = SignedDuration::from_secs(5);

/// A time in which no gate was watching, or of which nobody can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What happened.
    pub kind: GapKind,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; none when it lasts.
    pub until: Option<Timestamp>,
    /// Number of the last entry before it.
    pub after: u64,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GapKind {
    /// A gate ended its watch, and another one began later.
    Stopped,
    /// A gate ended without saying so, and another one began later.
    CutOff,
    /// A gate that was watching recorded nothing, not even a heartbeat.
    Silent,
    /// The clock went back: `until` is before `from`, and times around here may be wrong.
    ClockBack,
}

impl GapKind {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::CutOff => "cut_off",
            Self::Silent => "silent",
            Self::ClockBack => "clock_back",
        }
    }
}

/// The gaps of the whole record, oldest first. `silence_max`: how long a gate may record nothing; `now`: up to when to look.
///
/// # Errors
/// [`ReadError`].
pub fn gaps<'a>(
    folder: &DataFolder,
    trusted: impl Into<Trusted<'a>>,
    silence_max: SignedDuration,
    now: Timestamp,
) -> Result<Vec<Gap>, ReadError> {
    let mut fold = GapFold::new(silence_max);
    for numbered in entries(folder, trusted)? {
        let numbered = numbered?;
        fold.push(numbered.index, &numbered.entry);
    }
    Ok(fold.finish(now))
}

/// Finds gaps while entries are read in order.
#[derive(Debug, Clone)]
pub struct GapFold {
    silence_max: SignedDuration,
    watch: Watching,
    last: Option<(Timestamp, u64)>,
    /// The last entry before those that a starting gate writes, and how many gaps were known then.
    before_start: Option<((Timestamp, u64), usize)>,
    found: Vec<Gap>,
}

/// Whether a gate is watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watching {
    Never,
    Yes,
    No(Timestamp, u64),
}

impl GapFold {
    /// Nothing read yet.
    pub fn new(silence_max: SignedDuration) -> Self {
        Self {
            silence_max,
            watch: Watching::Never,
            last: None,
            before_start: None,
            found: Vec::new(),
        }
    }

    /// Takes the next entry and its number.
    pub fn push(&mut self, index: u64, entry: &Entry) {
        let Ok(at) = entry.at.parse::<Timestamp>() else { return };
        if let Some((last, after)) = self.last.filter(|(last, _)| last.duration_since(at) > CORRECTION_MAX) {
            self.gap(GapKind::ClockBack, (last, after), Some(at));
        }
        match &entry.deed {
            Deed::Watch(watch) if watch.watch == "begun" => self.begun(at),
            Deed::Watch(watch) if watch.watch == "ended" => {
                self.silence(at);
                self.watch = Watching::No(at, index);
            }
            Deed::Run(_) | Deed::Charter(_) | Deed::Directory(_) | Deed::Begun(_) | Deed::Ended(_) => {
                let known = self.found.len();
                self.before_start = self.before_start.or(self.last.map(|last| (last, known)));
                self.silence(at);
            }
            _ => {
                self.before_start = None;
                self.silence(at);
            }
        }
        self.last = Some((at, index));
    }

    /// What was found, up to `now`.
    pub fn finish(mut self, now: Timestamp) -> Vec<Gap> {
        match (self.watch, self.last) {
            (Watching::No(from, after), _) => self.gap(GapKind::Stopped, (from, after), None),
            (Watching::Yes, Some((from, after))) if now.duration_since(from) > self.silence_max => {
                self.gap(GapKind::Silent, (from, after), None);
            }
            _ => {}
        }
        self.found
    }

    fn begun(&mut self, at: Timestamp) {
        match self.watch {
            Watching::Never => {}
            Watching::No(from, after) => self.gap(GapKind::Stopped, (from, after), Some(at)),
            Watching::Yes => {
                // What a gate loads before it begins to watch is no sign of one that was watching.
                if let Some((before, known)) = self.before_start.take() {
                    self.found.truncate(known);
                    self.last = Some(before);
                }
                if let Some(last) = self.last {
                    self.gap(GapKind::CutOff, last, Some(at));
                }
            }
        }
        self.before_start = None;
        self.watch = Watching::Yes;
    }

    fn silence(&mut self, at: Timestamp) {
        if self.watch != Watching::Yes {
            return;
        }
        if let Some(last) = self
            .last
            .filter(|(last, _)| at.duration_since(*last) > self.silence_max)
        {
            self.gap(GapKind::Silent, last, Some(at));
        }
    }

    fn gap(&mut self, kind: GapKind, (from, after): (Timestamp, u64), until: Option<Timestamp>) {
        self.found.push(Gap {
            kind,
            from,
            until,
            after,
        });
    }
}

#[cfg(test)]
mod tests;
