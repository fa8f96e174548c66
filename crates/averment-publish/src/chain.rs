//! Chains of recipients: whom data reaches over others, further than one step.
//!
//! Start at [`Chain::from`]. A chain may lead back to where it began; nobody is visited twice.

use std::collections::{BTreeSet, VecDeque};

use averment_register::RecipientId;
use serde::Serialize;

use crate::context::{Context, Other};

/// Recipients that one chain names at most: many on one host would otherwise be named on each other's pages, all of them.
const MOST: usize = 50;

/// Recipients that are more than one step away, the nearest first.
#[derive(Debug, Serialize)]
pub(crate) struct Chain {
    links: Vec<Link>,
    /// Whether there are more than are named.
    more: bool,
}

/// A recipient at the end of a chain.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Link {
    recipient: Other,
    /// The last one before it.
    by_way_of: Other,
}

impl Chain {
    /// Whom data can reach over `id`: what it passes on, and where that is kept.
    pub(crate) fn onwards<'a>(context: &Context<'a>, id: &'a RecipientId) -> Self {
        Self::from(context, id, |id| {
            let keeps = context.charter.recipient(id).map(|recipient| &recipient.runs_on);
            let passes = context.passes_to.get(id).into_iter().flatten().copied();
            passes.chain(keeps.into_iter().flatten()).collect()
        })
    }

    /// From whom data can reach `id` over others.
    pub(crate) fn backwards<'a>(context: &Context<'a>, id: &'a RecipientId) -> Self {
        Self::from(context, id, |id| {
            let through = context.charter.recipient(id).map(|recipient| &recipient.through);
            let carried = context.carries.get(id).into_iter().flatten().copied();
            through.into_iter().flatten().chain(carried).collect()
        })
    }

    fn from<'a>(
        context: &Context<'a>,
        start: &'a RecipientId,
        next: impl Fn(&'a RecipientId) -> Vec<&'a RecipientId>,
    ) -> Self {
        let mut found = further(start, next, MOST + 1);
        let more = found.len() > MOST;
        found.truncate(MOST);
        let link = |(recipient, by_way_of)| Link {
            recipient: context.other(recipient),
            by_way_of: context.other(by_way_of),
        };
        Self {
            links: found.into_iter().map(link).collect(),
            more,
        }
    }
}

/// Whoever is two steps or more from `start`, each once with the one before it, the nearest first; at most `most`.
fn further<'a, T: Ord + ?Sized>(start: &'a T, next: impl Fn(&'a T) -> Vec<&'a T>, most: usize) -> Vec<(&'a T, &'a T)> {
    let mut seen = BTreeSet::from([start]);
    let near = next(start).into_iter().filter(|id| seen.insert(id));
    let mut to_visit: VecDeque<&T> = near.collect();
    let mut found = Vec::new();
    while let Some(id) = to_visit.pop_front() {
        for one in next(id) {
            if found.len() == most {
                return found;
            }
            if seen.insert(one) {
                found.push((one, id));
                to_visit.push_back(one);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
