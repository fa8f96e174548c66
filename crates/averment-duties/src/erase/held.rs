//! Whose data must not go yet: an inspection that was asked for is open (34 CFR 99.10(e)), or a court wants them.

use std::collections::{BTreeMap, BTreeSet};

/// A hold on somebody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold {
    /// Why, for whoever asks on a terminal. What stands in a file may name somebody.
    pub says: String,
    /// Which, for the record: a ground with its request, or the line of a file. Names nobody.
    pub by: String,
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hold({})", self.by)
    }
}

/// People with the holds for which nothing of them may go.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Held(BTreeMap<String, BTreeSet<Hold>>);

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

/// A line of a list of holds.
pub struct HeldLine<'t> {
    /// From 1.
    pub line: usize,
    /// Whom it holds: their number at the platform.
    pub number: &'t str,
    /// Why.
    pub reason: &'t str,
}

impl std::fmt::Debug for HeldLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeldLine({}, <{} bytes>)", self.line, self.number.len())
    }
}

impl<'t> HeldLine<'t> {
    /// Reads lines `number,reason`; a mark of the byte order, with which spreadsheets begin a file, is none of them.
    ///
    /// # Errors
    /// [`HeldError`] with the first line that is something else.
    pub fn all(text: &'t str) -> Result<Vec<Self>, HeldError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = lines.map(|(index, text)| {
            let line = index + 1;
            let parts = text
                .split_once(',')
                .map(|(number, reason)| (number.trim(), reason.trim()));
            let parts = parts.filter(|(number, reason)| !number.is_empty() && !reason.is_empty());
            let (number, reason) = parts.ok_or(HeldError { line })?;
            Ok(Self { line, number, reason })
        });
        read.collect()
    }

    /// The hold that it is.
    pub fn hold(&self) -> Hold {
        Hold {
            says: self.reason.to_owned(),
            by: format!("line {} of a file of holds", self.line),
        }
    }
}

impl Held {
    /// Adds a hold.
    pub fn add(&mut self, number: &str, hold: Hold) {
        self.0.entry(number.to_owned()).or_default().insert(hold);
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of these people are held, by what is said of it.
    pub fn reasons(&self, numbers: &BTreeSet<String>) -> BTreeMap<String, u64> {
        let mut reasons = BTreeMap::new();
        for (_, holds) in self.0.iter().filter(|(number, _)| numbers.contains(*number)) {
            let says: BTreeSet<&String> = holds.iter().map(|hold| &hold.says).collect();
            for says in says {
                *reasons.entry(says.clone()).or_default() += 1;
            }
        }
        reasons
    }

    /// Every hold on one of these people.
    pub fn holds(&self, numbers: &BTreeSet<String>) -> BTreeSet<Hold> {
        let held = self.0.iter().filter(|(number, _)| numbers.contains(*number));
        held.flat_map(|(_, holds)| holds.iter().cloned()).collect()
    }

    /// Those who are not held.
    pub fn free(&self, numbers: &BTreeSet<String>) -> BTreeSet<String> {
        let free = numbers.iter().filter(|number| !self.0.contains_key(*number));
        free.cloned().collect()
    }
}
