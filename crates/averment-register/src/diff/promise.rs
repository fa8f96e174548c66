//! What a claim promises, and which of two promises is more.
//!
//! Start at [`direction`]. Most kinds promise that something does not happen: the more they speak of, the more they
//! promise. `collects` and `visible_to` say that something does happen, so more of them is wider.

use std::collections::BTreeSet;

use averment_catalog::ElementId;

use super::change::Direction;
use super::recipient::role_rank;
use crate::charter::{Claim, ClaimKind, Condition, Period, RecipientRole};
use crate::reach;

/// The claim with every name as what it covers, so that two spellings of one meaning are equal.
pub(super) fn meaning(kind: &ClaimKind) -> ClaimKind {
    let mut meaning = kind.clone();
    let (elements, subjects) = reach_of(&mut meaning);
    if let Some(elements) = elements {
        *elements = reach::elements(elements);
    }
    if let Some(subjects) = subjects {
        *subjects = reach::subjects(subjects);
    }
    match &mut meaning {
        ClaimKind::ErasedOn { elements, except, .. } => {
            *elements = reach::without_elements(elements, except);
            except.clear();
        }
        ClaimKind::StoredIn { places, .. } => *places = reach::places(places),
        _ => {}
    }
    meaning
}

type Reach<'a> = (
    Option<&'a mut BTreeSet<ElementId>>,
    Option<&'a mut BTreeSet<averment_catalog::SubjectId>>,
);

/// Of which elements and subjects a claim speaks.
fn reach_of(kind: &mut ClaimKind) -> Reach<'_> {
    match kind {
        // No elements means all that no `visible_to` claim shows, which is not the same as all.
        ClaimKind::HiddenFrom { elements, subjects, .. } => {
            let listed = !elements.is_empty();
            (listed.then_some(elements), Some(subjects))
        }
        ClaimKind::NeverShares { elements, subjects }
        | ClaimKind::AggregatesOnly { elements, subjects }
        | ClaimKind::Collects { elements, subjects, .. }
        | ClaimKind::NotStored { elements, subjects }
        | ClaimKind::StoredAs { elements, subjects, .. }
        | ClaimKind::StoredIn { elements, subjects, .. }
        | ClaimKind::RetainedFor { elements, subjects, .. }
        | ClaimKind::ErasedOn { elements, subjects, .. }
        | ClaimKind::VisibleTo { elements, subjects, .. }
        | ClaimKind::NeedsConsent { elements, subjects, .. } => (Some(elements), Some(subjects)),
        ClaimKind::EncryptedInTransit { elements } | ClaimKind::EncryptedAtRest { elements } => (Some(elements), None),
        ClaimKind::ExemptFrom { subjects, .. } => (None, Some(subjects)),
        _ => (None, None),
    }
}

/// Which way a claim moved.
pub(super) fn direction(old: Option<&Claim>, new: Option<&Claim>) -> Direction {
    match (old, new) {
        (Some(old), Some(new)) => {
            let shift = compare(&meaning(&old.kind), &meaning(&new.kind));
            if says_that_it_happens(&new.kind) {
                shift.direction(Direction::Narrower, Direction::Wider)
            } else {
                shift.direction(Direction::PromisesMore, Direction::PromisesLess)
            }
        }
        (None, Some(new)) => coming(&new.kind),
        // Of a sentence that fits no kind nobody knows what it promised: its going counts as less.
        (Some(old), None) if old.kind == ClaimKind::Statement => Direction::PromisesLess,
        (Some(old), None) => coming(&old.kind).reversed(),
        (None, None) => Direction::Other,
    }
}

fn says_that_it_happens(kind: &ClaimKind) -> bool {
    matches!(kind, ClaimKind::Collects { .. } | ClaimKind::VisibleTo { .. })
}

fn coming(kind: &ClaimKind) -> Direction {
    match kind {
        ClaimKind::Statement => Direction::Other,
        ClaimKind::ContractSays { term } if term.as_str() == "unilateral_change" => Direction::PromisesLess,
        kind if says_that_it_happens(kind) => Direction::Wider,
        _ => Direction::PromisesMore,
    }
}

/// What a longer list or a higher number of a parameter means for the promise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bigger {
    IsMore,
    IsLess,
}

/// How a promise moved, parameter by parameter.
#[derive(Default)]
struct Shift {
    more: bool,
    less: bool,
}

impl Shift {
    fn direction(&self, more: Direction, less: Direction) -> Direction {
        match (self.more, self.less) {
            (true, true) => Direction::Mixed,
            (true, false) => more,
            (false, true) => less,
            (false, false) => Direction::Other,
        }
    }

    fn add(mut self, grew: bool, shrank: bool, bigger: Bigger) -> Self {
        let (more, less) = if bigger == Bigger::IsMore {
            (grew, shrank)
        } else {
            (shrank, grew)
        };
        self.more |= more;
        self.less |= less;
        self
    }

    fn sets<T: Ord>(self, old: &BTreeSet<T>, new: &BTreeSet<T>, bigger: Bigger) -> Self {
        self.add(!new.is_subset(old), !old.is_subset(new), bigger)
    }

    fn ranks<T: Ord>(self, old: T, new: T, bigger: Bigger) -> Self {
        self.add(new > old, new < old, bigger)
    }

    /// Another word: the old promise is not made any more, and a new one is.
    fn words<T: PartialEq>(mut self, old: T, new: T) -> Self {
        self.more |= old != new;
        self.less |= old != new;
        self
    }

    fn conditions(self, old: &Condition, new: &Condition, bigger: Bigger) -> Self {
        let covers = |one: &Condition, other: &Condition| one == other || *one == Condition::Always;
        self.add(!covers(old, new), !covers(new, old), bigger)
    }

    /// Lists of elements where an empty one means all that nothing else shows: more than any list.
    fn open_sets(self, old: &BTreeSet<ElementId>, new: &BTreeSet<ElementId>) -> Self {
        match (old.is_empty(), new.is_empty()) {
            (false, false) => self.sets(old, new, Bigger::IsMore),
            (before, after) => self.ranks(before, after, Bigger::IsMore),
        }
    }
}

/// How often: no period means all the time.
fn interval(period: Option<Period>) -> u64 {
    period.map_or(0, Period::approximate_seconds)
}

fn role(role: RecipientRole) -> i64 {
    role_rank(role)
}

fn compare(old: &ClaimKind, new: &ClaimKind) -> Shift {
    use Bigger::{IsLess, IsMore};
    use ClaimKind as Kind;
    let shift = reached(old, new);
    match (old, new) {
        (Kind::ListComplete { unless: a }, Kind::ListComplete { unless: b }) => shift.sets(a, b, IsLess),
        (Kind::Collects { when: a, .. }, Kind::Collects { when: b, .. }) => shift.conditions(a, b, IsLess),
        (Kind::StoredAs { form: a, .. }, Kind::StoredAs { form: b, .. }) => shift.words(a, b),
        (Kind::StoredIn { places: a, .. }, Kind::StoredIn { places: b, .. }) => shift.sets(a, b, IsLess),
        (
            Kind::RetainedFor {
                duration: a, after: c, ..
            },
            Kind::RetainedFor {
                duration: b, after: d, ..
            },
        )
        | (
            Kind::ErasedOn {
                duration: a, after: c, ..
            },
            Kind::ErasedOn {
                duration: b, after: d, ..
            },
        ) => shift.ranks(a, b, IsLess).words(c, d),
        (
            Kind::VisibleTo {
                viewers: a,
                when: c,
                off_by: e,
                ..
            },
            Kind::VisibleTo {
                viewers: b,
                when: d,
                off_by: f,
                ..
            },
        ) => {
            let shift = shift.sets(a, b, IsLess).conditions(c, d, IsLess);
            match (e, f) {
                (Some(e), Some(f)) => shift.words(e, f),
                (e, f) => shift.ranks(e.is_some(), f.is_some(), IsMore),
            }
        }
        (
            Kind::HiddenFrom {
                elements: a,
                viewers: c,
                unless: e,
                ..
            },
            Kind::HiddenFrom {
                elements: b,
                viewers: d,
                unless: f,
                ..
            },
        ) => shift.open_sets(a, b).sets(c, d, IsMore).sets(e, f, IsLess),
        (
            Kind::NeedsConsent {
                consent: a, giver: c, ..
            },
            Kind::NeedsConsent {
                consent: b, giver: d, ..
            },
        ) => shift.words(a, b).words(c, d),
        (Kind::ExemptFrom { activity: a, .. }, Kind::ExemptFrom { activity: b, .. }) => shift.words(a, b),
        (Kind::PerformedEvery { activity: a, period: c }, Kind::PerformedEvery { activity: b, period: d }) => {
            shift.words(a, b).ranks(interval(*c), interval(*d), IsLess)
        }
        (
            Kind::HoldsCertificate {
                certificate: a,
                until: c,
            },
            Kind::HoldsCertificate {
                certificate: b,
                until: d,
            },
        ) => match (c, d) {
            (Some(c), Some(d)) => shift.words(a, b).ranks(c, d, IsMore),
            _ => shift.words(a, b),
        },
        (Kind::CompliesWith { regimes: a }, Kind::CompliesWith { regimes: b }) => shift.sets(a, b, IsMore),
        (Kind::ActsAs { role: a }, Kind::ActsAs { role: b }) => shift.ranks(role(*a), role(*b), IsLess),
        (Kind::RetiredSince { date: a }, Kind::RetiredSince { date: b }) => shift.ranks(a, b, IsLess),
        (Kind::EmbedsOnly { host: a }, Kind::EmbedsOnly { host: b }) => shift.words(a, b),
        (Kind::ContractSays { term: a }, Kind::ContractSays { term: b }) => shift.words(a, b),
        (Kind::Offers { offer: a, .. }, Kind::Offers { offer: b, .. }) => shift.words(a, b),
        _ => shift,
    }
}

/// The elements and subjects that both speak of: more of them is more of what the claim says.
fn reached(old: &ClaimKind, new: &ClaimKind) -> Shift {
    let bigger = if says_that_it_happens(new) {
        Bigger::IsLess
    } else {
        Bigger::IsMore
    };
    let (mut old, mut new) = (old.clone(), new.clone());
    let open = matches!((&old, &new), (ClaimKind::HiddenFrom { .. }, _));
    let ((elements, subjects), (other_elements, other_subjects)) = (reach_of(&mut old), reach_of(&mut new));
    let mut shift = Shift::default();
    if let (Some(a), Some(b), false) = (elements, other_elements, open) {
        shift = shift.sets(a, b, bigger);
    }
    if let (Some(a), Some(b)) = (subjects, other_subjects) {
        shift = shift.sets(a, b, bigger);
    }
    shift
}
