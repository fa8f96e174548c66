//! Who is under hold, asked of the requests in the data folder: as of now, however long whoever asks is at work.
//!
//! Start at [`OfRequests::is_held`]. Whoever destroys, by retention or by erasure, asks here, so that both read a hold on a school alike:
//! under every name that the directory or the register has for it. Somebody whose school is not known may be of one that is held.

use std::cell::{Ref, RefCell};

use averment_duties::erase::Hold;
use averment_policy::normal_name;
use averment_register::Charter;
use averment_store::requests::{Concerned, UnderHold};
use averment_store::{DataFolder, Holds, Keys, People, PersonId};

use crate::outcome::Failure;

/// Why somebody is held of whom only that is known.
const PERHAPS: &str = "a school is held, and theirs is not known";

/// Holds of a data folder.
pub(crate) struct OfRequests {
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

impl OfRequests {
    /// Opens them.
    pub(crate) fn open(folder: &DataFolder, keys: &Keys, charter: &Charter) -> Result<Self, Failure> {
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

    /// A number that is another one once somebody else has written what holds follow from.
    pub(crate) fn written(&self) -> Result<i64, Failure> {
        Ok(self.holds.written()?)
    }

    /// A number that is another one once somebody has come under hold or left it.
    pub(crate) fn version(&self) -> Result<u64, Failure> {
        Ok(self.now()?.version)
    }

    /// Whether anybody is held.
    pub(crate) fn are_any(&self) -> Result<bool, Failure> {
        let seen = self.now()?;
        Ok(!seen.under.people.is_empty() || !seen.under.schools.is_empty())
    }

    /// Whether the person with this number at the platform is held.
    pub(crate) fn is_held(&self, number: &str) -> Result<bool, Failure> {
        let Concerned::Person(person) = self.holds.person(number) else {
            return Ok(true);
        };
        let seen = self.now()?;
        match self.school_names(person)? {
            Some(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                Ok(seen.under.holds(person, &names))
            }
            None => Ok(!seen.under.schools.is_empty() || seen.under.holds(person, &[])),
        }
    }

    /// The holds on the person with this number; none where they are not held.
    pub(crate) fn on(&self, number: &str) -> Result<Vec<Hold>, Failure> {
        let about = self.holds.person(number);
        if !self.is_held(number)? {
            return Ok(Vec::new());
        }
        let names = match &about {
            Concerned::Person(person) => self.school_names(*person)?.unwrap_or_default(),
            Concerned::School(_) => Vec::new(),
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let placed = self.holds.of(&about, &names)?;
        let perhaps = || Hold {
            says: PERHAPS.to_owned(),
            by: PERHAPS.to_owned(),
        };
        let holds: Vec<Hold> = placed.iter().map(of_request).collect();
        Ok(if holds.is_empty() { vec![perhaps()] } else { holds })
    }

    /// Every name of the person's school, in the directory and in the register; none where it is not known.
    fn school_names(&self, person: PersonId) -> Result<Option<Vec<String>>, Failure> {
        let Some(school) = self.people.school_of(person)? else {
            return Ok(None);
        };
        let is_same = |names: &&[String; 2]| names.iter().any(|name| normal_name(name) == normal_name(&school));
        let others = self.schools.iter().filter(is_same).flatten().cloned();
        Ok(Some(others.chain([school.clone()]).collect()))
    }
}

fn of_request(placed: &averment_store::requests::Hold) -> Hold {
    let ground = placed.ground.as_str();
    Hold {
        says: ground.to_owned(),
        by: format!("{ground}, request {}", placed.request),
    }
}
