//! Who is under hold, asked of the requests in the data folder.

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
    under: UnderHold,
    people: People,
    /// Names that mean the same school.
    schools: Vec<[String; 2]>,
}

impl OfFolder {
    /// Reads them as of now.
    pub(super) fn read(folder: &DataFolder, keys: &Keys, charter: &Charter) -> Self {
        Self(Known::read(folder, keys, charter).map_err(|failure| failure.in_one_line()))
    }
}

impl Known {
    fn read(folder: &DataFolder, keys: &Keys, charter: &Charter) -> Result<Self, Failure> {
        let holds = Holds::open(folder, keys)?;
        let controllers = charter.content().controllers.values();
        Ok(Self {
            under: holds.everybody()?,
            holds,
            people: People::open(folder, keys)?,
            schools: controllers
                .map(|school| [school.id.to_string(), school.name.clone()])
                .collect(),
        })
    }

    fn is_held(&self, number: &str) -> Result<bool, Failure> {
        let Concerned::Person(person) = self.holds.person(number) else {
            return Ok(true);
        };
        let Some(school) = self.people.school_of(person)? else {
            // Somebody whose school is not known may be of one that is held.
            return Ok(!self.under.schools.is_empty() || self.under.holds(person, &[]));
        };
        let is_same = |names: &&[String; 2]| names.iter().any(|name| normal_name(name) == normal_name(&school));
        let others = self.schools.iter().filter(is_same).flatten().map(String::as_str);
        let names: Vec<&str> = std::iter::once(school.as_str()).chain(others).collect();
        Ok(self.under.holds(person, &names))
    }
}

impl Asked for OfFolder {
    fn are_any(&self) -> Result<bool, String> {
        let known = self.0.as_ref().map_err(String::clone)?;
        Ok(!known.under.people.is_empty() || !known.under.schools.is_empty())
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        let known = self.0.as_ref().map_err(String::clone)?;
        known.is_held(number).map_err(|failure| failure.in_one_line())
    }
}
