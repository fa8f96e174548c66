//! By whose calendar days are counted: a school's own zone, else that of the ledger, else universal time; and what has to be
//! said of that.

use std::collections::BTreeMap;

use averment_register::{Controller, ControllerId};
use jiff::tz::TimeZone;

/// A time zone by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) zone: TimeZone,
}

/// The zones of one breach.
#[derive(Debug, Clone)]
pub(super) struct Zones {
    house: Zone,
    schools: BTreeMap<ControllerId, Zone>,
    /// What people should know of it, in sentences.
    pub(super) notes: Vec<String>,
}

impl Zones {
    /// `house`: the `[ledger] zone` of the settings; none without settings. `schools`: those that are affected.
    pub(super) fn of_breach(house: Option<&TimeZone>, schools: &[&Controller]) -> Self {
        let named = house.and_then(|zone| {
            Some(Zone {
                name: zone.iana_name()?.to_owned(),
                zone: zone.clone(),
            })
        });
        let mut zones = Self {
            house: named.clone().unwrap_or_else(universal),
            schools: BTreeMap::new(),
            notes: Vec::new(),
        };
        let mut without = schools.is_empty();
        for school in schools {
            let Some(name) = &school.zone else {
                without = true;
                continue;
            };
            match TimeZone::get(name) {
                Ok(zone) => {
                    _ = zones.schools.insert(
                        school.id.clone(),
                        Zone {
                            name: name.clone(),
                            zone,
                        },
                    )
                }
                Err(_) => {
                    let note = format!(
                        "`{name}`, the zone of `{}` in the register, is not known here: days are counted in {} for it.",
                        school.id, zones.house.name
                    );
                    zones.notes.push(note);
                }
            }
        }
        if without && named.is_none() {
            let note = "Days are counted in universal time where the register names no `zone` of the school: name the ledger's with \
                        `--settings FILE` (`[ledger]` `zone`).";
            zones.notes.push(note.to_owned());
        }
        zones
    }

    /// The calendar of the house.
    pub(super) fn house(&self) -> &TimeZone {
        &self.house.zone
    }

    /// The same with its name.
    pub(super) fn house_zone(&self) -> &Zone {
        &self.house
    }

    /// The zone of a school.
    pub(super) fn of(&self, school: &ControllerId) -> &Zone {
        self.schools.get(school).unwrap_or(&self.house)
    }

    /// The house's and all of affected schools.
    pub(super) fn all(&self) -> impl Iterator<Item = &Zone> {
        std::iter::once(&self.house).chain(self.schools.values())
    }
}

fn universal() -> Zone {
    Zone {
        name: "UTC".to_owned(),
        zone: TimeZone::UTC,
    }
}
