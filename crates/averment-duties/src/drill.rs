//! Drills: what is said to be done once in a while is done, and looked at. Backups are there and young; one of them is restored
//! into a scratch database; other programs are run.
//!
//! Start at [`run`]. A backup that was never restored is a hope: [`Kind::Restore`] restores it, brings back nobody who was erased
//! since ([`Erased`]), counts rows, and looks for rows that must be there. Nothing is ever restored into a store of the data map.

mod backup;
mod command;
mod postgres;
mod remembered;
mod restored;
mod scratch;
mod script;
mod settings;

use std::collections::BTreeMap;

use averment_catalog::Plane;
use averment_register::{Charter, Claim, ClaimKind, Period};
use jiff::Timestamp;
use serde::Serialize;

use crate::Secrets;
use crate::erase::Opened;
use crate::probe::Probed;

pub use remembered::Remembered;
pub use settings::{Canary, Drill, Kind, Newest};

/// Everything that a drill needs.
pub struct Ground<'a> {
    /// What is said.
    pub charter: &'a Charter,
    /// Where secrets are read.
    pub secrets: &'a dyn Secrets,
    /// Who was erased, or why nothing knows.
    pub erased: Result<&'a mut dyn Erased, String>,
    /// Rows by drill and table that the drill before this counted.
    pub before: &'a BTreeMap<String, BTreeMap<String, u64>>,
    /// Now.
    pub now: Timestamp,
}

/// Whoever remembers who was erased, outside of all backups.
pub trait Erased {
    /// Erases them again from a restored database, and looks who is left.
    ///
    /// # Errors
    /// In a few words without values: then nobody can say who is back.
    fn replay(&mut self, opened: &mut Opened) -> Result<Replayed, String>;
}

/// What erasing again did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Numbers and other names of erased people that the backup held.
    pub came_back: u64,
    /// Of them, those that are still there.
    pub still_there: u64,
}

/// What a drill found out about a claim.
#[derive(Debug, Clone, Serialize)]
pub struct Drilled {
    /// Which drill.
    pub drill: String,
    /// Program by which it is recorded: `probe.drill.weekly`.
    pub by: String,
    /// What it saw; its own `by` is that of all drills.
    pub probed: Probed,
    /// When what was found was done: a backup's own time.
    pub at: Timestamp,
    /// Rows by table after a restore.
    pub rows: BTreeMap<String, u64>,
    /// What a program said.
    pub said: Vec<String>,
}

const BY: &str = "probe.drill";

/// Holds the drills of these kinds, all where none is named, and records each for every claim about its activity.
pub fn run(drills: &[Drill], only: &[Kind], ground: &mut Ground<'_>) -> Vec<Drilled> {
    let mut all = Vec::new();
    for drill in drills
        .iter()
        .filter(|drill| only.is_empty() || only.contains(&drill.kind))
    {
        let charter = ground.charter;
        let claims: Vec<(&Claim, Option<Period>)> = charter
            .content()
            .claims
            .values()
            .filter_map(|claim| match &claim.kind {
                ClaimKind::PerformedEvery { activity, period } if *activity == drill.activity() => {
                    Some((claim, *period))
                }
                _ => None,
            })
            .collect();
        let Some((first, _)) = claims.first() else { continue };
        // The strictest of the periods decides which backup is too old.
        let periods = claims.iter().filter_map(|(_, period)| *period);
        let period = periods.min_by_key(|period| period.approximate_seconds());
        let mut drilled = Drilled {
            drill: drill.name.clone(),
            by: format!("{BY}.{}", drill.name),
            probed: Probed::new(first, BY, Plane::Infrastructure),
            at: ground.now,
            rows: BTreeMap::new(),
            said: Vec::new(),
        };
        match drill.kind {
            Kind::Backup => backup::look(drill, period, ground.now, &mut drilled),
            Kind::Restore => scratch::restore(drill, ground, &mut drilled),
            Kind::Command => command::run(drill, &mut drilled),
        }
        for (claim, _) in claims {
            let mut told = drilled.clone();
            told.probed.claim = claim.id.clone();
            all.push(told);
        }
    }
    all
}
