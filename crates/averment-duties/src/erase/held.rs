//! Whose data must not go yet: an inspection that was asked for is open (34 CFR 99.10(e)), or a court wants them.

use std::collections::{BTreeMap, BTreeSet};

/// People with the reasons why nothing of them may go.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Held(BTreeMap<String, BTreeSet<String>>);

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Held(<{} people>)", self.0.len())
    }
}

/// A list of holds that cannot be read. Nothing may then go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the holds: expected a number and the reason, with a comma between")]
pub struct HeldError {
    /// From 1.
    pub line: usize,
}

impl Held {
    /// Reads lines `number,reason`; a mark of the byte order, with which spreadsheets begin a file, is none of them.
    ///
    /// # Errors
    /// [`HeldError`] with the first line that is something else.
    pub fn read(text: &str) -> Result<Self, HeldError> {
        let mut held = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let parts = line
                .split_once(',')
                .map(|(number, reason)| (number.trim(), reason.trim()));
            match parts.filter(|(number, reason)| !number.is_empty() && !reason.is_empty()) {
                Some((number, reason)) => held.add(number, reason),
                None => return Err(HeldError { line: index + 1 }),
            }
        }
        Ok(held)
    }

    /// Adds a hold.
    pub fn add(&mut self, number: &str, reason: &str) {
        self.0.entry(number.to_owned()).or_default().insert(reason.to_owned());
    }

    /// Adds those of another list.
    pub fn extend(&mut self, other: Self) {
        for (number, reasons) in other.0 {
            self.0.entry(number).or_default().extend(reasons);
        }
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of these people are held, by reason.
    pub fn reasons(&self, numbers: &BTreeSet<String>) -> BTreeMap<String, u64> {
        let mut reasons = BTreeMap::new();
        for (_, why) in self.0.iter().filter(|(number, _)| numbers.contains(*number)) {
            for reason in why {
                *reasons.entry(reason.clone()).or_default() += 1;
            }
        }
        reasons
    }

    /// Those who are not held.
    pub fn free(&self, numbers: &BTreeSet<String>) -> BTreeSet<String> {
        let free = numbers.iter().filter(|number| !self.0.contains_key(*number));
        free.cloned().collect()
    }
}
