//! Whether the parent proxy lets anything through: told when that changes, and how many came to nothing meanwhile. A proxy that refuses
//! some hosts and not others changes with every request, so no more than once in a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing more is told.
const EVERY: Duration = Duration::from_secs(60);

/// Why it lets nothing through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::upstream) enum Refusal {
    /// Nobody answers at its address.
    Unreachable,
    /// It does not prove who it is.
    Tls,
    /// It answers with this; none: with nothing that is an answer.
    Status(Option<u16>),
    /// It asks for another login.
    Login,
}

impl Refusal {
    /// For the log.
    fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Status(_) => "status",
            Self::Login => "login",
        }
    }
}

/// What was told last.
#[derive(Debug, Default)]
pub(in crate::upstream) struct Standing(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    refusal: Option<Refusal>,
    at: Option<Instant>,
    /// How many came to nothing since.
    refused: u64,
}

impl Standing {
    /// It let something through.
    pub(in crate::upstream) fn opens(&self) {
        if let Some(refused) = self.note(None, Instant::now()) {
            tracing::info!(refused, "the parent proxy lets requests through again");
        }
    }

    /// It did not.
    pub(in crate::upstream) fn refuses(&self, refusal: Refusal) {
        if let Some(refused) = self.note(Some(refusal), Instant::now()) {
            let status = match refusal {
                Refusal::Status(status) => status,
                _ => None,
            };
            tracing::warn!(
                why = refusal.as_str(),
                status,
                refused,
                "the parent proxy opens no tunnel"
            );
        }
    }

    /// How many came to nothing, where that is to be told now.
    fn note(&self, refusal: Option<Refusal>, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.refused += u64::from(refusal.is_some());
        let is_soon = told.at.is_some_and(|at| now.duration_since(at) < EVERY);
        if refusal == told.refusal || is_soon {
            return None;
        }
        (told.refusal, told.at) = (refusal, Some(now));
        Some(std::mem::take(&mut told.refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_with_how_many_came_to_nothing() {
        let (standing, begun) = (Standing::default(), Instant::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        let forbidden = Some(Refusal::Status(Some(403)));
        assert_eq!(standing.note(None, begun), None, "it opens, as ever");
        assert_eq!(standing.note(forbidden, begun), Some(1));
        for second in 0..1_000 {
            assert_eq!(standing.note(forbidden, after(second)), None, "at {second} s");
        }
        assert_eq!(standing.note(Some(Refusal::Unreachable), after(1_000)), Some(1_001));
        assert_eq!(standing.note(None, after(1_001)), None, "a moment later");
        assert_eq!(standing.note(None, after(1_100)), Some(0));
    }

    #[test]
    fn one_that_refuses_some_hosts_only_is_told_of_once_in_a_while() {
        let (standing, begun) = (Standing::default(), Instant::now());
        let mut told = 0;
        for tenth in 0..6_000 {
            let now = begun + Duration::from_millis(tenth * 100);
            let refusal = (tenth % 2 == 0).then_some(Refusal::Status(Some(403)));
            told += u64::from(standing.note(refusal, now).is_some());
        }
        assert!((2..=10).contains(&told), "{told} times in ten minutes");
    }
}
