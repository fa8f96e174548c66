//! What programs measured about one claim on one plane.

use averment_catalog::Plane;
use jiff::{SignedDuration, Timestamp};

use crate::testimony::{About, Look};

/// The looks of every program on one plane.
pub(crate) struct PlaneLooks<'a> {
    /// Per program: its looks in their order, and whether they count for the claim.
    programs: Vec<(&'a [Look], bool)>,
    now: Timestamp,
}

/// What programs found where none of them found anything against the claim.
pub(crate) enum Measured<'a> {
    /// No program whose measurements count looked.
    Never,
    /// The last look is too long ago.
    Stale(&'a Look),
    /// Something could not be read or was not looked at, or there was nothing to look at.
    InPart(&'a Look),
    /// Everything was looked at.
    Clean(&'a Look),
    /// The same, and what goes against the claim is kept from happening.
    Enforcing(&'a Look),
}

impl<'a> PlaneLooks<'a> {
    /// `here`: whether a look that names this plane, or none, is of this plane. `counts`: whether looks of a program count
    /// for the claim.
    pub(crate) fn new(
        about: Option<&'a About>,
        now: Timestamp,
        here: impl Fn(Option<Plane>) -> bool,
        counts: impl Fn(&str, Option<Plane>) -> bool,
    ) -> Self {
        let all = about.into_iter().flat_map(|about| &about.looks);
        let programs = all.filter_map(|((by, named), looks)| {
            let counts = counts(by, *named);
            let says_something = counts || looks.iter().any(|look| look.contrary > 0);
            (here(*named) && says_something).then_some((looks.as_slice(), counts))
        });
        Self {
            programs: programs.collect(),
            now,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }

    /// The newest look against the claim that no later one of the same program mends. That time passes mends nothing, and
    /// nothing that is not whole does.
    pub(crate) fn against(&self) -> Option<&'a Look> {
        let of_program = |(looks, _): &(&'a [Look], bool)| unmended(looks, self.now);
        self.programs
            .iter()
            .filter_map(of_program)
            .max_by_key(|look| look.order())
    }

    /// What those programs found whose measurements count, the worst of them first.
    pub(crate) fn measured(&self, fresh_for: SignedDuration, now: Timestamp) -> Measured<'a> {
        let counting = self.programs.iter().filter(|(_, counts)| *counts);
        let last: Vec<&Look> = counting.filter_map(|(looks, _)| last(looks, now)).collect();
        let is_fresh = |look: &&&Look| look.until.is_some_and(|until| now.duration_since(until) <= fresh_for);
        let newest = |looks: &mut dyn Iterator<Item = &'a Look>| looks.max_by_key(|look| look.order());
        let fresh = || last.iter().filter(is_fresh).copied();
        if let Some(look) = newest(&mut fresh().filter(|look| !look.is_clean())) {
            return Measured::InPart(look);
        }
        if let Some(look) = newest(&mut fresh().filter(|look| look.enforcing)) {
            return Measured::Enforcing(look);
        }
        match (newest(&mut fresh()), newest(&mut last.iter().copied())) {
            (Some(look), _) => Measured::Clean(look),
            (None, Some(look)) => Measured::Stale(look),
            (None, None) => Measured::Never,
        }
    }

    /// What a reader is shown: the last look of each program, and the last one against the claim where it is not mended.
    pub(crate) fn shown(&self) -> Vec<Look> {
        let mut shown: Vec<&Look> = self
            .programs
            .iter()
            .flat_map(|(looks, _)| last(looks, self.now).into_iter().chain(unmended(looks, self.now)))
            .collect();
        shown.sort_by_key(|look| look.entry);
        shown.dedup_by_key(|look| look.entry);
        shown.into_iter().cloned().collect()
    }
}

/// The last look that is not in the future.
fn last(looks: &[Look], now: Timestamp) -> Option<&Look> {
    looks.iter().rfind(|look| look.is_past(now))
}

fn unmended(looks: &[Look], now: Timestamp) -> Option<&Look> {
    let mended_to = looks.iter().rposition(|look| look.is_clean() && look.is_past(now));
    let later = &looks[mended_to.map_or(0, |place| place + 1)..];
    later.iter().rfind(|look| look.contrary > 0)
}
