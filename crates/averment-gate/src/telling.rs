//! How much refusals tell. Each that names a finding about a person tells its caller that this person is in the directory;
//! a caller that collects many of them is told less, so that the gate is no cheap way to ask who is a student.
//!
//! What stays: whether a message was refused at all. Every refusal is an entry with its service.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time that telling refusals are counted in.
const WINDOW: Duration = Duration::from_secs(60);

/// Refusals that told, by caller.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    windows: Mutex<HashMap<String, Window>>,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    told: u32,
}

impl Telling {
    /// Whether a refusal may say what was found. `caller`: name of the service, empty for callers without one, of which
    /// there are no more than services are declared. `reveals`: whether what was found is about somebody in the directory.
    ///
    /// Beyond `most` telling refusals no refusal tells, whatever was found: otherwise silence would tell.
    pub(crate) fn may_tell(&self, caller: &str, reveals: bool, most: u32, now: Instant) -> bool {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window { began: now, told: 0 };
        let window = windows.entry(caller.to_owned()).or_insert(fresh);
        if now.duration_since(window.began) >= WINDOW {
            *window = Window { began: now, told: 0 };
        }
        if window.told >= most {
            return false;
        }
        window.told += u32::from(reveals);
        if window.told == most {
            tracing::warn!(
                caller,
                most,
                "a caller collects refusals about people: it is told less for a minute"
            );
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_collects_many_is_told_less_until_the_minute_is_over() {
        let (telling, now) = (Telling::default(), Instant::now());
        assert!(telling.may_tell("mailer", true, 2, now));
        assert!(telling.may_tell("mailer", false, 2, now));
        assert!(telling.may_tell("mailer", true, 2, now));
        assert!(!telling.may_tell("mailer", true, 2, now));
        assert!(
            !telling.may_tell("mailer", false, 2, now),
            "silence about people only would tell"
        );
        assert!(telling.may_tell("", true, 2, now));
        assert!(telling.may_tell("mailer", true, 2, now + WINDOW));
        assert!(!telling.may_tell("other", false, 0, now));
    }
}
