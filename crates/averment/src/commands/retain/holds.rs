//! Who is under hold, asked of the requests in the data folder: as of now, however long a run takes.

use std::cell::{Ref, RefCell};

use averment_duties::retain::Holds as Asked;
use averment_policy::normal_name;
use averment_register::Charter;
use averment_store::requests::{Concerned, UnderHold};
use averment_store::{DataFolder, Holds, Keys, People};

use crate::outcome::Failure;

/// Holds of a data folder; where they cannot be read, why.
pub(super) struct OfFolder(Result<Known, String>);

struct Known {
    holds: Holds,
    seen: RefCell<Seen>,
    people: People,
    /// Names that mean the same school.
    schools: Vec<[String; 2]>,
}

/// What was read last.
struct Seen {
    /// What [`Holds::written`] said just before.
    written: i64,
    under: UnderHold,
    /// Counts how often it was something else.
    version: u64,
}

impl OfFolder {
    /// Opens them.
    pub(super) fn open(folder: &DataFolder, keys: &Keys, charter: &Charter) -> Self {
        Self(Known::open(folder, keys, charter).map_err(|failure| failure.in_one_line()))
    }

    fn ask<T>(&self, what: impl FnOnce(&Known) -> Result<T, Failure>) -> Result<T, String> {
        let known = self.0.as_ref().map_err(String::clone)?;
        what(known).map_err(|failure| failure.in_one_line())
    }
}

impl Known {
    fn open(folder: &DataFolder, keys: &Keys, charter: &Charter) -> Result<Self, Failure> {
        let holds = Holds::open(folder, keys)?;
        let controllers = charter.content().controllers.values();
        Ok(Self {
            seen: RefCell::new(Seen {
                written: holds.written()?,
                under: holds.everybody()?,
                version: 0,
            }),
            holds,
            people: People::open(folder, keys)?,
            schools: controllers
                .map(|school| [school.id.to_string(), school.name.clone()])
                .collect(),
        })
    }

    /// Who is under hold now: read again when something was written since.
    fn now(&self) -> Result<Ref<'_, Seen>, Failure> {
        let written = self.holds.written()?;
        if self.seen.borrow().written != written {
            let under = self.holds.everybody()?;
            let mut seen = self.seen.borrow_mut();
            seen.version += u64::from(seen.under != under);
            seen.under = under;
            seen.written = written;
        }
        Ok(self.seen.borrow())
    }

    fn is_held(&self, number: &str) -> Result<bool, Failure> {
        let Concerned::Person(person) = self.holds.person(number) else {
            return Ok(true);
        };
        let seen = self.now()?;
        let Some(school) = self.people.school_of(person)? else {
            // Somebody whose school is not known may be of one that is held.
            return Ok(!seen.under.schools.is_empty() || seen.under.holds(person, &[]));
        };
        let is_same = |names: &&[String; 2]| names.iter().any(|name| normal_name(name) == normal_name(&school));
        let others = self.schools.iter().filter(is_same).flatten().map(String::as_str);
        let names: Vec<&str> = std::iter::once(school.as_str()).chain(others).collect();
        Ok(seen.under.holds(person, &names))
    }
}

impl Asked for OfFolder {
    fn version(&self) -> Result<u64, String> {
        self.ask(|known| Ok(known.now()?.version))
    }

    fn are_any(&self) -> Result<bool, String> {
        self.ask(|known| {
            let seen = known.now()?;
            Ok(!seen.under.people.is_empty() || !seen.under.schools.is_empty())
        })
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        self.ask(|known| known.is_held(number))
    }
}

#[cfg(test)]
mod tests;
