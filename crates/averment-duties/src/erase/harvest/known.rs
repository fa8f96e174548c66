//! What people are known by, and what is done with it: what leads to them, what is looked for, what recipients know.

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{DirectoryKey, DirectoryRow, IdentifierDigest, PersonNumber};

use super::{Known, kinds};
use crate::erase::asks::Names;
use crate::erase::folded;
use crate::graph::Subject;
use crate::vendor::Hidden;

impl Known {
    pub(super) fn add(&mut self, element: &ElementId, value: &str, linking: &BTreeSet<ElementId>) {
        let is_shared = (self.shared.get(element)).is_some_and(|shared| shared.contains(value));
        if linking.contains(element) && !is_shared {
            self.values.entry(element.clone()).or_default().insert(value.to_owned());
        }
        if !kinds(element).is_empty() {
            self.looked_for
                .entry(element.clone())
                .or_default()
                .insert(value.to_owned());
        }
    }

    /// Takes a value, whatever its case, from those that lead to people.
    pub(super) fn share(&mut self, element: &ElementId, value: &str) {
        let alike = |known: &str| known.trim().to_lowercase() == value.trim().to_lowercase();
        let Some(values) = self.values.get_mut(element) else {
            return;
        };
        let taken: Vec<String> = values.iter().filter(|known| alike(known)).cloned().collect();
        values.retain(|known| !alike(known));
        self.shared.entry(element.clone()).or_default().extend(taken);
    }

    pub(super) fn full_name(&mut self, name: &str) {
        let element = IdentifierKind::FullName.element();
        self.looked_for.entry(element).or_default().insert(name.to_owned());
    }

    /// Adds values by which tables name them.
    pub(in crate::erase) fn name(&mut self, element: &ElementId, values: &BTreeSet<String>) {
        self.values
            .entry(element.clone())
            .or_default()
            .extend(values.iter().cloned());
        if !kinds(element).is_empty() {
            self.looked_for
                .entry(element.clone())
                .or_default()
                .extend(values.iter().cloned());
        }
    }

    /// Whether they are known by this value, others as well or not.
    pub(in crate::erase) fn has(&self, element: &ElementId, value: &str) -> bool {
        let all = [&self.values, &self.shared, &self.looked_for].into_iter();
        let mut theirs = all.filter_map(|known| known.get(element)).flatten();
        theirs.any(|known| folded(element, known) == folded(element, value))
    }

    /// The people, by everything that tables name them by.
    pub(crate) fn subject(&self) -> Subject {
        let mut subject = Subject::of(self.numbers.iter().cloned());
        for (element, values) in &self.values {
            for value in values {
                subject.add(element.clone(), value.clone());
            }
        }
        subject
    }

    /// What they are called in the stores, and their numbers.
    pub(in crate::erase) fn names(&self) -> Names {
        let numbers = std::iter::once((Subject::number(), self.numbers.clone()));
        let all = self.looked_for.clone().into_iter().chain(numbers);
        let mut names = Names::new();
        for (element, values) in all {
            names
                .entry(element)
                .or_default()
                .extend(values.into_iter().map(Hidden::new));
        }
        names
    }

    /// The same with what others have as well; none where there is no such value.
    pub(crate) fn or_others(&self) -> Option<Subject> {
        let mut subject = self.subject();
        for (element, values) in &self.shared {
            values
                .iter()
                .for_each(|value| subject.add(element.clone(), value.clone()));
        }
        (!self.shared.is_empty()).then_some(subject)
    }

    /// Each person alone, by number.
    pub(in crate::erase) fn each(&self) -> impl Iterator<Item = (&str, Subject)> {
        self.numbers
            .iter()
            .map(|number| (number.as_str(), Subject::of([number.clone()])))
    }

    /// Values that can be searched for byte by byte: no names, which others have too, and none of the elements `kept`.
    pub(in crate::erase) fn needles(&self, kept: &[ElementId]) -> Vec<Vec<u8>> {
        let named = |element: &ElementId| {
            let kinds = kinds(element);
            let of_many = [
                IdentifierKind::AccountId,
                IdentifierKind::FullName,
                IdentifierKind::GuardianName,
            ];
            !kinds.iter().any(|kind| of_many.contains(kind)) && !kept.contains(element)
        };
        let values = self.looked_for.iter().filter(|(element, _)| named(element));
        let values = values.flat_map(|(_, values)| values);
        values
            .filter(|value| value.len() > 5)
            .map(|value| value.clone().into_bytes())
            .collect()
    }

    /// Digests of what is looked for, under the directory's key.
    pub(in crate::erase) fn rows(&self, key: &DirectoryKey) -> Vec<DirectoryRow> {
        let numbers = (Subject::number(), self.numbers.clone());
        let all = self
            .looked_for
            .iter()
            .map(|(element, values)| (element.clone(), values.clone()));
        let mut rows = Vec::new();
        for (element, values) in all.chain([numbers]) {
            for value in &values {
                for kind in kinds(&element) {
                    let kinds = std::iter::once(kind).chain(kind.derived());
                    let forms = kinds.flat_map(|kind| identifiers(kind, value).unwrap_or_default());
                    rows.extend(forms.map(|(form, normal)| row(key.digest(form, &normal), &element)));
                }
            }
        }
        rows
    }
}

fn row(digest: IdentifierDigest, element: &ElementId) -> DirectoryRow {
    DirectoryRow {
        digest,
        element: element.clone(),
        // Whose exactly does not matter: nothing of any of them is to be found.
        person: PersonNumber(1),
    }
}
