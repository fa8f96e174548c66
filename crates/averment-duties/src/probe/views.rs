//! `crawl.views`: who sees what. Pages are opened as the people that a claim names, and what comes back is searched for values
//! of known subjects.
//!
//! Start at [`look`]. What is not seen counts only where the visitor was let in and saw what everybody in that place sees: a
//! failed sign-in, a server's fault or a time-out is no pass. How subjects, accounts and pages are named: [`ViewSettings`].

mod canary;
mod indexing;
mod journey;
mod judge;
mod reading;
mod settings;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, Plane};
use averment_register::ClaimKind;

use super::{Probed, World};
use journey::Walked;
pub(super) use journey::{Guests, guests};
use judge::Judge;

pub use settings::{Account, Control, Page, Step, SubjectSettings, ViewSettings};

pub(super) const BY: &str = "crawl.views";

/// What a viewer saw of a subject on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Saw {
    /// The visitor was let in, or turned away as they must be.
    These(Seen),
    /// The journey failed, in a few words.
    Failed(String),
}

/// Elements of a subject that stood in answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    /// What the visitor was told.
    told: BTreeSet<ElementId>,
    /// What the visitor had said themselves: a page that repeats it tells them nothing new, and shows it all the same.
    repeated: BTreeSet<ElementId>,
}

/// One page opened by one viewer of one subject.
#[derive(Debug, Clone)]
struct Look {
    page: String,
    subject: usize,
    viewer: String,
    saw: Saw,
}

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let about = |kind: &ClaimKind| match kind {
        ClaimKind::VisibleTo { viewers, .. } | ClaimKind::HiddenFrom { viewers, .. } => {
            viewers.iter().any(|viewer| viewer.as_str() != "recipient")
        }
        _ => false,
    };
    let claims: Vec<_> = charter
        .content()
        .claims
        .values()
        .filter(|claim| about(&claim.kind))
        .collect();
    if claims.is_empty() {
        return Vec::new();
    }
    let settings = &world.settings.views;
    if settings.base.is_none() {
        let unsaid = |claim| {
            let mut probed = Probed::new(claim, BY, Plane::Browser);
            probed.vouch_for_it("the section `[views]` names no pages to look at");
            probed
        };
        return claims.into_iter().map(unsaid).collect();
    }
    let subjects = values::subjects(world);
    let Walked { looks, notes } = journey::walk(world, &subjects);
    let judge = Judge {
        charter,
        settings: &world.settings.views,
        subjects: &subjects,
        looks: &looks,
        notes: &notes,
        mapped: values::mapped(charter),
    };
    claims.into_iter().map(|claim| judge.claim(claim)).collect()
}

/// A subject whose values are looked for.
#[derive(Default)]
struct Known {
    /// Values by element, as they are known.
    values: BTreeMap<ElementId, Vec<String>>,
    /// Why some could not be read.
    problems: Vec<String>,
}
