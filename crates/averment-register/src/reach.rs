//! What a declared name covers: categories to the elements of the catalog, kinds of people to the kinds below them, and
//! back to the shortest names.
//!
//! Start at [`elements`] and [`subjects`]. An element is told apart by the catalog's leaves. A kind of people stands for
//! itself too: somebody known only as a student, of unknown age, is covered by `student` and not by `student.under13`.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, Region, SubjectId, catalog};

use crate::charter::{Elements, Subjects};

/// The elements of the catalog that one of `named` covers; all when it names none.
pub(crate) fn elements(named: &Elements) -> Elements {
    let known = catalog().elements().map(|element| &element.id);
    let covered = known.filter(|leaf| named.is_empty() || named.iter().any(|name| name.covers(leaf)));
    covered.cloned().collect()
}

/// The same where naming none means none.
pub(crate) fn elements_of(named: &Elements) -> Elements {
    if named.is_empty() {
        Elements::new()
    } else {
        elements(named)
    }
}

/// The kinds of people of the catalog that one of `named` covers, themselves included; all when it names none.
pub(crate) fn subjects(named: &Subjects) -> Subjects {
    let known = catalog().subjects().map(|subject| &subject.id);
    let covered = known.filter(|kind| named.is_empty() || named.iter().any(|name| name.covers(kind)));
    covered.cloned().collect()
}

/// Countries, with `EU` and `EEA` as their members.
pub(crate) fn places(named: &BTreeSet<String>) -> BTreeSet<String> {
    let members = |union: &str| -> BTreeSet<String> {
        let inside = catalog().countries().filter(|country| country.region == Region::Eea);
        let outside_the_union = ["IS", "LI", "NO"];
        let inside = inside.filter(|country| union == "EEA" || !outside_the_union.contains(&country.code.as_str()));
        inside.map(|country| country.code.clone()).collect()
    };
    named
        .iter()
        .flat_map(|place| match place.as_str() {
            "EU" | "EEA" => members(place),
            _ => BTreeSet::from([place.clone()]),
        })
        .collect()
}

/// The names of `named` without what `minus` covers. A name above something in `minus` is replaced by what is left of it.
pub(crate) fn without_elements(named: &Elements, minus: &Elements) -> Elements {
    let leaves = |name: &ElementId| elements(&BTreeSet::from([name.clone()]));
    without(named, minus, ElementId::covers, leaves)
}

/// The same for kinds of people. What is left of `student` without `student.under13` holds the other ages, and nobody
/// whose age is not known.
pub(crate) fn without_subjects(named: &Subjects, minus: &Subjects) -> Subjects {
    let kinds = |name: &SubjectId| subjects(&BTreeSet::from([name.clone()]));
    without(named, minus, SubjectId::covers, kinds)
}

fn without<T: Ord + Clone>(
    named: &BTreeSet<T>,
    minus: &BTreeSet<T>,
    covers: impl Fn(&T, &T) -> bool,
    below: impl Fn(&T) -> BTreeSet<T>,
) -> BTreeSet<T> {
    let mut left = BTreeSet::new();
    for name in named {
        if minus.iter().any(|gone| covers(gone, name)) {
            continue;
        }
        if minus.iter().any(|gone| covers(name, gone)) {
            let touched = |one: &T| minus.iter().any(|gone| covers(gone, one) || covers(one, gone));
            left.extend(below(name).into_iter().filter(|one| !touched(one)));
        } else {
            left.insert(name.clone());
        }
    }
    left
}

/// The part of `named` that `mask` covers, in the narrower of the two names.
pub(crate) fn common_elements(named: &Elements, mask: &Elements) -> Elements {
    let mut common = BTreeSet::new();
    for name in named {
        if mask.iter().any(|masking| masking.covers(name)) {
            common.insert(name.clone());
        } else {
            common.extend(mask.iter().filter(|masking| name.covers(masking)).cloned());
        }
    }
    common
}

/// Leaves of the catalog in the shortest names: a category where all of its elements are in `leaves`.
pub(crate) fn short_elements(leaves: &Elements) -> Elements {
    let known: Vec<&ElementId> = catalog().elements().map(|element| &element.id).collect();
    let whole = |name: &ElementId| {
        let mut inside = known.iter().filter(|leaf| name.covers(leaf)).peekable();
        inside.peek().is_some() && inside.all(|leaf| leaves.contains(*leaf))
    };
    let shortest = |leaf: &ElementId| {
        let dots = leaf.as_str().match_indices('.');
        let above = dots.filter_map(|(dot, _)| ElementId::new(&leaf.as_str()[..dot]).ok());
        above.into_iter().find(whole).unwrap_or_else(|| leaf.clone())
    };
    leaves.iter().map(shortest).collect()
}

/// Kinds of people in the shortest names: `student` for a student of any age.
///
/// Where only somebody of that kind without a kind below it is meant, the name says so: `student (age not known)`.
pub(crate) fn short_subjects(kinds: &Subjects) -> BTreeSet<String> {
    let all_below = |name: &SubjectId| subjects(&BTreeSet::from([name.clone()])).is_subset(kinds);
    let has_below = |name: &SubjectId| subjects(&BTreeSet::from([name.clone()])).len() > 1;
    let above = |kind: &SubjectId| {
        kinds
            .iter()
            .any(|name| name != kind && name.covers(kind) && all_below(name))
    };
    let shown = kinds.iter().filter(|kind| !above(kind));
    shown
        .map(|kind| match has_below(kind) && !all_below(kind) {
            true => format!("{kind} (age not known)"),
            false => kind.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
