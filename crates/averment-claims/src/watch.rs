//! When a gate was watching, from its `watch` entries.

use jiff::{SignedDuration, Timestamp};

use crate::evidence::Watched;

/// A gate that says from time to time that it watches, and then is silent for longer than this, did not watch. Many
/// times the usual time between two of its heartbeats, so that a slow machine costs no grade.
const SILENCE: SignedDuration = SignedDuration::from_mins(30);

/// The stretches of time that a gate watched.
#[derive(Debug, Clone, Default)]
pub(crate) struct WatchLog {
    ended: Vec<(Timestamp, Timestamp)>,
    begun: Option<Timestamp>,
    last_entry: Option<Timestamp>,
    /// The gate that watches now says so from time to time.
    beats: bool,
    first: Option<Timestamp>,
}

impl WatchLog {
    /// An entry of the gate shows that it was alive then. The last in the ledger is the newest, whatever its time: one from
    /// when a clock ran ahead would be the newest for as long.
    pub(crate) fn alive(&mut self, at: Timestamp) {
        if self.begun.is_some() && self.was_silent(at) {
            self.close(self.last_entry);
            self.begun = Some(at);
        }
        self.last_entry = Some(at);
    }

    /// Whether a gate that says from time to time that it watches was silent up to `at`.
    fn was_silent(&self, at: Timestamp) -> bool {
        let silence = self.last_entry.map(|last| at.duration_since(last));
        self.beats && silence.is_some_and(|silence| silence > SILENCE)
    }

    /// A heartbeat: silences count from now on.
    pub(crate) fn beat(&mut self, at: Timestamp) {
        self.alive(at);
        self.beats = true;
        self.begun = self.begun.or(Some(at));
        self.first = self.first.into_iter().chain([at]).min();
    }

    pub(crate) fn begin(&mut self, at: Timestamp) {
        // A gate that was killed wrote no end. What lies between its last entry and this beginning was not watched.
        self.close(self.last_entry);
        self.beats = false;
        self.first = self.first.into_iter().chain([at]).min();
        self.begun = Some(at);
        self.last_entry = Some(at);
    }

    /// A gate that was held still and then stopped says goodbye without having watched.
    pub(crate) fn end(&mut self, at: Timestamp) {
        let watched_to = if self.was_silent(at) { self.last_entry } else { Some(at) };
        self.close(watched_to);
    }

    fn close(&mut self, end: Option<Timestamp>) {
        if let (Some(begun), Some(end)) = (self.begun.take(), end)
            && begun < end
        {
            self.ended.push((begun, end));
        }
    }

    /// How much of the window up to `now` was watched. Overlapping stretches count once.
    pub(crate) fn watched(&self, now: Timestamp, window: SignedDuration) -> Watched {
        let from = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        // Nobody knows when a clock that tells the future began to run ahead.
        let believed = now.checked_add(SILENCE).unwrap_or(Timestamp::MAX);
        let open = self.begun.zip(self.last_entry);
        let stretches = self.ended.iter().copied().chain(open);
        let mut stretches: Vec<_> = stretches.filter(|(_, end)| *end <= believed).collect();
        stretches.sort();
        let mut watched = SignedDuration::ZERO;
        let mut reached = from;
        for (begin, end) in stretches {
            let (begin, end) = (begin.max(reached), end.min(now));
            if begin < end {
                watched += end.duration_since(begin);
                reached = end;
            }
        }
        let since = self.first.filter(|first| *first <= now);
        let since_begun = since.map_or(SignedDuration::ZERO, |first| now.duration_since(first.max(from)));
        Watched {
            window,
            watched,
            since_begun,
        }
    }

    pub(crate) fn forget(&mut self, before: Timestamp) {
        self.ended.retain(|(_, end)| *end >= before);
    }
}
