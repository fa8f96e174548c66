//! What may not be destroyed, and what may not be used: holds that follow from requests, and holds placed by hand.
//!
//! Start at [`Holds::of`]; [`Holds::everybody`] gives all of them at once. Whoever destroys, or processes, asks just before.
//! A hold that cannot be read is an error, and whoever gets one destroys nothing.
//!
//! Source: 34 CFR 99.10(e) (no destruction while a request to inspect is outstanding); GDPR Art. 18(1)-(2) (restriction).

use std::collections::{BTreeSet, HashSet};

use averment_ledger::RequestKind;
use jiff::Timestamp;

use super::request::{Concerned, State};
use super::step::Progress;
use super::{RequestError, Requests, database};
use crate::folder::DataFolder;
use crate::keys::Keys;
use crate::persons::PersonId;

/// Why something is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// A request to inspect it is outstanding, 34 CFR 99.10(e).
    Inspection,
    /// Somebody has to keep it for a lawsuit, an order, an audit.
    Legal,
    /// Somebody asks that it is only stored, and who they are is not checked yet.
    RestrictionAsked,
    /// It is only stored, GDPR Art. 18(2).
    Restriction,
}

impl Ground {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Inspection, Self::Legal, Self::RestrictionAsked, Self::Restriction];

    /// The word in the database and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inspection => "inspection",
            Self::Legal => "legal",
            Self::RestrictionAsked => "restriction_asked",
            Self::Restriction => "restriction",
        }
    }

    /// Whether it bars processing other than storage. Every ground bars destruction.
    pub fn bars_use(self) -> bool {
        self == Self::Restriction
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == text)
    }

    /// The grounds that a request gives as it stands.
    pub(super) fn of(kind: RequestKind, progress: &Progress) -> Vec<Self> {
        let state = progress.state();
        let inspects = matches!(
            kind,
            RequestKind::Access | RequestKind::Portability | RequestKind::SchoolExport
        );
        let restricts = kind == RequestKind::Restriction && state != State::Refused && !progress.is_released();
        let checked = progress.right().is_some();
        let grounds = [
            (Self::Inspection, inspects && state.is_open()),
            (
                Self::Legal,
                state == State::OnHold || kind == RequestKind::LegalHold && state.is_open(),
            ),
            (Self::RestrictionAsked, restricts && !checked),
            (Self::Restriction, restricts && checked),
        ];
        let given = grounds.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(ground, _)| ground).collect()
    }
}

/// One hold in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub ground: Ground,
    /// The request that it follows from.
    pub request: String,
    /// About whom: one person, or everybody of a school.
    pub about: Concerned,
    /// Since when.
    pub since: Timestamp,
}

/// Everybody who is under hold at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnderHold {
    /// People who are under hold themselves.
    pub people: HashSet<PersonId>,
    /// Schools of which everybody is, as [`averment_policy::normal_name`] spells them.
    pub schools: BTreeSet<String>,
}

impl UnderHold {
    /// Whether nothing of a person may be destroyed. `schools`: every name of their school.
    pub fn holds(&self, person: PersonId, schools: &[&str]) -> bool {
        let of_school = |name: &&str| self.schools.contains(&averment_policy::normal_name(name));
        self.people.contains(&person) || schools.iter().any(of_school)
    }
}

/// The holds of one data folder.
#[derive(Debug, Clone)]
pub struct Holds {
    requests: Requests,
}

impl Holds {
    /// Opens what holds follow from.
    ///
    /// # Errors
    /// [`RequestError`]: nothing may be destroyed then.
    pub fn open(folder: &DataFolder, keys: &Keys) -> Result<Self, RequestError> {
        Ok(Self {
            requests: Requests::open(folder, keys)?,
        })
    }

    /// Every hold on one person, or on a whole school, in the order of the requests; none: it may be destroyed.
    ///
    /// `schools`: every name of the person's school, in the directory and in the register, since a school is held under any
    /// of them; for a school its other names. What is held of a single person of a school is no hold on the school.
    ///
    /// # Errors
    /// [`RequestError`]: nothing may be destroyed then.
    pub fn of(&self, about: &Concerned, schools: &[&str]) -> Result<Vec<Hold>, RequestError> {
        let mut asked = BTreeSet::from([about.clone()]);
        asked.extend(schools.iter().map(|name| Concerned::school(name)));
        let connection = self.requests.connection()?;
        let mut holds = Vec::new();
        for one in &asked {
            holds.extend(database::holds_on(&connection, one)?);
        }
        holds.sort_by(|(a, one), (b, other)| (a, one.ground).cmp(&(b, other.ground)));
        holds.dedup_by(|(a, one), (b, other)| (*a, one.ground) == (*b, other.ground));
        Ok(holds.into_iter().map(|(_, hold)| hold).collect())
    }

    /// Everybody who is under hold, and every school. One pass over the holds, not over the people.
    ///
    /// # Errors
    /// [`RequestError`]: nothing may be destroyed then.
    pub fn everybody(&self) -> Result<UnderHold, RequestError> {
        let connection = self.requests.connection()?;
        database::under_hold(&connection, false)
    }

    /// A number that is another one once somebody else has written what holds follow from. Cheap: for every batch of what is
    /// destroyed.
    ///
    /// # Errors
    /// [`RequestError`], among others because another file is in the place of the one that is open: nothing may be destroyed
    /// then.
    pub fn written(&self) -> Result<i64, RequestError> {
        database::data_version(&*self.requests.opened()?)
    }

    /// Everybody whose data may only be stored, GDPR Art. 18(2).
    ///
    /// # Errors
    /// [`RequestError`]: nobody's data may be used then.
    pub fn restricted(&self) -> Result<UnderHold, RequestError> {
        let connection = self.requests.connection()?;
        database::under_hold(&connection, true)
    }

    /// How the person with this identifier at the platform is named here.
    pub fn person(&self, id: &str) -> Concerned {
        Concerned::Person(self.requests.person_id(id))
    }
}
