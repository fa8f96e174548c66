//! Whom a replay leaves as they are: people under hold, and those with whose rows something of theirs would go. The others go on.
//!
//! Start at [`Visible::leave_out`]. Groups are asked about first, and halved where somebody is held, so that a few holds among thousands
//! of people are a few more looks at the stores.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_ledger::LeftByHold;
use averment_store::Keys;

use super::Visible;
use super::again::tie;
use crate::erase::harvest::{Known, harvest};
use crate::erase::plan::hex;
use crate::erase::run::{Concerned, PEOPLE_AT_ONCE};
use crate::erase::stores::Opened;
use crate::erase::{EraseError, Held, Hold};

/// Bytes of a keyed digest by which a report names somebody.
const REFERENCE_BYTES: usize = 6;

/// Somebody who was erased, is visible, and stays.
#[derive(Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The directory's keyed digest of the person, 16 bytes; none of a name that is nobody's number.
    pub person: Option<[u8; 16]>,
    /// How many of the names that were met stay with it.
    pub names: usize,
    /// Why.
    pub holds: Vec<Hold>,
}

impl LeftOut {
    /// By what a report names them, which says nobody who they are: hexadecimal digits of their keyed digest.
    pub fn reference(&self) -> Option<String> {
        self.person.map(|digest| hex(&digest[..REFERENCE_BYTES]))
    }

    /// How many of these are left out, by the holds that keep them, for the record: nobody is named.
    pub fn counted(all: &[Self]) -> Vec<LeftByHold> {
        let mut counted: BTreeMap<Vec<String>, LeftByHold> = BTreeMap::new();
        for one in all {
            let holds: BTreeSet<&String> = one.holds.iter().map(|hold| &hold.by).collect();
            let holds: Vec<String> = holds.into_iter().cloned().collect();
            let row = counted.entry(holds.clone()).or_insert(LeftByHold {
                holds,
                people: 0,
                names: 0,
            });
            row.people += u64::from(one.person.is_some());
            row.names += one.names as u64;
        }
        counted.into_values().collect()
    }
}

impl std::fmt::Debug for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LeftOut(<{} names>)", self.names)
    }
}

/// A name on the list that was met beside nobody's number.
type Value = (ElementId, String);

/// Says why something of people may not go now; nothing where nobody is held.
type WhyHeld<'a, E> = &'a mut dyn FnMut(Concerned) -> Result<Vec<Hold>, E>;

impl Visible {
    /// Leaves out everybody who is held, and each number and value with which something of somebody would go who is. `held`: who is;
    /// `why` is asked about others whose rows would go, too.
    ///
    /// # Errors
    /// What `why` gives, and [`EraseError`] when a store does not answer.
    pub fn leave_out<E: From<EraseError>>(
        &mut self,
        stores: &mut [Opened],
        held: &Held,
        keys: &Keys,
        why: WhyHeld<'_, E>,
    ) -> Result<Vec<LeftOut>, E> {
        let mut sorting = Sorting {
            stores,
            keys,
            left_out: Vec::new(),
            going: Vec::new(),
        };
        let free = held.free(&self.numbers);
        for number in self.numbers.difference(&free).cloned().collect::<Vec<_>>() {
            let alone = BTreeSet::from([number]);
            let holds = held.holds(&alone).into_iter().collect();
            // What others have as well is theirs, too: it stays with them.
            let known = harvest(sorting.stores, &alone, &alone)?;
            sorting.stays(self, &known, holds);
        }
        let numbers: Vec<String> = self.numbers.iter().cloned().collect();
        for group in numbers.chunks(PEOPLE_AT_ONCE) {
            sorting.people(self, group, why)?;
        }
        let values = self.values.iter().flat_map(|(element, values)| {
            let values = values.iter();
            values.map(move |value| (element.clone(), value.clone()))
        });
        // What is of somebody who goes was asked about with them.
        let is_theirs = |(element, value): &Value| sorting.going.iter().any(|known| known.has(element, value));
        let values: Vec<Value> = values.filter(|value| !is_theirs(value)).collect();
        for group in values.chunks(PEOPLE_AT_ONCE) {
            sorting.values(self, group, why)?;
        }
        Ok(sorting.left_out)
    }

    fn without(&mut self, known: &Known) {
        self.numbers.retain(|number| !known.numbers.contains(number));
        for (element, values) in &mut self.values {
            values.retain(|value| !known.has(element, value));
        }
        self.values.retain(|_, values| !values.is_empty());
    }
}

/// People who were met, while it is asked who of them goes.
struct Sorting<'a> {
    stores: &'a mut [Opened],
    keys: &'a Keys,
    left_out: Vec<LeftOut>,
    going: Vec<Known>,
}

impl Sorting<'_> {
    fn people<E: From<EraseError>>(
        &mut self,
        visible: &mut Visible,
        group: &[String],
        why: WhyHeld<'_, E>,
    ) -> Result<(), E> {
        let numbers: BTreeSet<String> = group.iter().cloned().collect();
        let mut known = harvest(self.stores, &numbers, &visible.numbers)?;
        for (element, values) in &visible.values {
            let theirs = values.iter().filter(|value| known.has(element, value));
            let theirs: BTreeSet<String> = theirs.cloned().collect();
            known.name(element, &theirs);
        }
        let holds = self.holds(&mut known, &numbers, why)?;
        if holds.is_empty() {
            self.going.push(known);
        } else if group.len() == 1 {
            self.stays(visible, &known, holds);
        } else {
            let (one, other) = group.split_at(group.len() / 2);
            self.people(visible, one, why)?;
            self.people(visible, other, why)?;
        }
        Ok(())
    }

    fn values<E: From<EraseError>>(
        &mut self,
        visible: &mut Visible,
        group: &[Value],
        why: WhyHeld<'_, E>,
    ) -> Result<(), E> {
        let mut known = Known::default();
        for (element, value) in group {
            known.name(element, &BTreeSet::from([value.clone()]));
        }
        let holds = self.holds(&mut known, &visible.numbers, why)?;
        if group.len() == 1 && !holds.is_empty() {
            self.stays(visible, &known, holds);
        } else if !holds.is_empty() {
            let (one, other) = group.split_at(group.len() / 2);
            self.values(visible, one, why)?;
            self.values(visible, other, why)?;
        }
        Ok(())
    }

    /// Why these may not go, asked also about everybody but `themselves` who has one of the values or rows that go.
    fn holds<E: From<EraseError>>(
        &mut self,
        known: &mut Known,
        themselves: &BTreeSet<String>,
        why: WhyHeld<'_, E>,
    ) -> Result<Vec<Hold>, E> {
        tie(self.stores, known, themselves)?;
        why(Concerned::of(self.stores, std::slice::from_ref(known), themselves)?)
    }

    fn stays(&mut self, visible: &mut Visible, known: &Known, holds: Vec<Hold>) {
        let before = visible.count();
        visible.without(known);
        self.left_out.push(LeftOut {
            person: known.numbers.first().map(|number| self.keys.person_digest(number)),
            names: before - visible.count(),
            holds,
        });
    }
}
