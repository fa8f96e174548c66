//! What is said about running systems, looked at: how values are stored, what is not stored, who sees what, how it travels
//! and rests.
//!
//! Start at [`run`]. Each probe gives one [`Probed`] per claim and plane: what it looked at, what of it goes against the claim,
//! and what it could not see. Invariant: what could not be measured is never a pass, and no value of anybody is in what is told.

mod aggregates;
mod at_rest;
mod buckets;
mod candidates;
mod collects;
mod not_stored;
mod offers;
mod page;
mod probed;
mod region;
mod settings;
mod shape;
mod stored_as;
mod stores;
mod target;
mod transit;
mod trial;
mod views;

use averment_detect::Directory;
use averment_register::Charter;
use jiff::Timestamp;

use crate::{Secrets, Settings};

pub use buckets::BucketAccess;
pub use offers::Offer;
pub use page::PageSettings;
pub use probed::Probed;
pub use settings::ProbeSettings;
pub use shape::{Digested, Shape};
pub use stores::{Opened, Stores};
pub use transit::Endpoint;
pub use views::{Account, Control, Page, Step, SubjectSettings, ViewSettings};

/// Everything that a probe may look at.
pub struct World<'a> {
    /// What is said.
    pub charter: &'a Charter,
    /// How things are reached.
    pub settings: &'a Settings,
    /// Whom values belong to.
    pub directory: &'a Directory,
    /// Where secrets are read.
    pub secrets: &'a dyn Secrets,
    /// Stores, opened when they are first asked.
    pub stores: Stores,
    /// Now.
    pub now: Timestamp,
}

/// A probe by its name.
#[derive(Clone, Copy)]
pub struct Probe {
    /// As `--only` takes it, without the `probe.` or `crawl.` of what it records as.
    pub name: &'static str,
    look: fn(&mut World<'_>) -> Vec<Probed>,
}

/// All probes, in the order in which they run.
pub const PROBES: [Probe; 10] = [
    Probe {
        name: "stored_as",
        look: stored_as::look,
    },
    Probe {
        name: "not_stored",
        look: not_stored::look,
    },
    Probe {
        name: "views",
        look: views::look,
    },
    Probe {
        name: "transit",
        look: transit::look,
    },
    Probe {
        name: "collects",
        look: collects::look,
    },
    Probe {
        name: "offers",
        look: offers::look,
    },
    Probe {
        name: "page",
        look: page::look,
    },
    Probe {
        name: "at_rest",
        look: at_rest::look,
    },
    Probe {
        name: "region",
        look: region::look,
    },
    Probe {
        name: "aggregates",
        look: aggregates::look,
    },
];

/// Runs the probes of these names, all where none is named. What they give is in the order of the probes, then of the claims.
pub fn run(world: &mut World<'_>, only: &[String]) -> Vec<Probed> {
    let wanted = |probe: &&Probe| only.is_empty() || only.iter().any(|name| name == probe.name);
    let mut all = Vec::new();
    for probe in PROBES.iter().filter(wanted) {
        all.extend((probe.look)(world));
    }
    all
}

/// What nothing can measure. Beside something that was measured it is a part of the whole that was not seen; alone it is left to
/// whoever vouches for it.
fn unknowns(unknown: Vec<String>, probed: &mut Probed) {
    let alone = !probed.is_recorded();
    for because in unknown {
        match alone {
            true => probed.vouch_for_it(because),
            false => probed.missed(1, because),
        }
    }
}
