//! What a text holds of elements that must not be there.

use std::collections::BTreeMap;

use averment_catalog::ElementId;
use averment_detect::{Directory, Finding, Limits, Message, Whose, inspect};
use averment_register::{Elements, Subjects};

use super::internet::{holds_address, is_address};
use crate::picture::all_but_pixels_read;
use crate::probe::target::{meet, speaks_of};

/// Elements that something recognises: by the directory, or by how they are written.
const RECOGNISED: [&str; 14] = [
    "contact.email",
    "contact.email_hash",
    "contact.phone",
    "contact.address.postal",
    "identity.name.full",
    "account.username",
    "account.id",
    "edu.student_id.local",
    "guardian.email",
    "guardian.phone",
    "guardian.name",
    "finance.payment_card",
    "finance.bank_account",
    "tech.ip_address",
];

/// Of them, those that nothing but the directory recognises.
const BY_DIRECTORY: [&str; 7] = [
    "contact.email_hash",
    "contact.address.postal",
    "identity.name.full",
    "account.username",
    "account.id",
    "edu.student_id.local",
    "guardian.name",
];

/// What is searched for.
pub(in crate::probe) struct Search<'a> {
    pub(in crate::probe) elements: &'a Elements,
    pub(in crate::probe) subjects: &'a Subjects,
    directory: &'a Directory,
}

/// What was found in the values of one column or in one file: how many of them hold each element.
#[derive(Default)]
pub(super) struct Found {
    /// Of nobody whom the directory knows.
    pub(super) against: BTreeMap<ElementId, u64>,
    /// Of people whom it knows, of a kind that the claim speaks of.
    pub(super) of_people: BTreeMap<ElementId, u64>,
    /// Values that hold one of them, or several.
    pub(super) values: u64,
    /// Values that hold one of people whom it knows.
    pub(super) values_of_people: u64,
    /// Values that could not be read to their end.
    pub(super) unreadable: u64,
    /// Pictures, of which all but the pixels was read.
    pub(super) pictures: u64,
}

impl<'a> Search<'a> {
    pub(in crate::probe) fn new(elements: &'a Elements, subjects: &'a Subjects, directory: &'a Directory) -> Self {
        Self {
            elements,
            subjects,
            directory,
        }
    }

    /// What nothing recognises, and so is held against the data map only.
    pub(super) fn blind(&self) -> Vec<String> {
        let is_empty = self.directory.people() == 0;
        let because = |element: &ElementId| {
            let mut known = RECOGNISED
                .iter()
                .filter(|id| ElementId::new(id).is_ok_and(|known| element.covers(&known) || known.covers(element)));
            let only = "it is held against the data map only";
            match known.clone().next() {
                None => Some(format!("nothing recognises `{element}` in a text: {only}")),
                Some(_) if is_empty && known.all(|id| BY_DIRECTORY.contains(id)) => Some(format!(
                    "the directory of people is empty, and nothing else recognises `{element}`: {only}"
                )),
                Some(_) => None,
            }
        };
        self.elements.iter().filter_map(because).collect()
    }

    /// Looks at one value.
    pub(super) fn value(&self, value: &str, found: &mut Found) {
        let kind: &[u8] = match value.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => b"application/json",
            _ => b"text/plain",
        };
        self.bytes(value.as_bytes(), kind, found);
    }

    /// The same for bytes of a type.
    pub(super) fn bytes(&self, bytes: &[u8], kind: &[u8], found: &mut Found) {
        let message = Message {
            authority: "",
            target: "/",
            headers: &[("content-type", kind)],
            body: bytes,
        };
        let inspection = inspect(&message, self.directory, &Limits::default());
        if all_but_pixels_read(&inspection, bytes) {
            found.pictures += 1;
        } else {
            found.unreadable += u64::from(!inspection.unreadable.is_empty());
        }
        let mut here: BTreeMap<(bool, ElementId), ()> = BTreeMap::new();
        for finding in &inspection.findings {
            if let Some(of_people) = self.counts(finding) {
                here.insert((of_people, finding.element.clone()), ());
            }
        }
        let internet = ElementId::new("tech.ip_address").expect("a name of the catalog");
        if speaks_of(self.elements, &internet) && std::str::from_utf8(bytes).is_ok_and(is_or_holds_address) {
            here.insert((false, internet), ());
        }
        found.values += u64::from(!here.is_empty());
        found.values_of_people += u64::from(here.keys().any(|(of_people, _)| *of_people));
        for (of_people, element) in here.into_keys() {
            let counts = if of_people {
                &mut found.of_people
            } else {
                &mut found.against
            };
            *counts.entry(element).or_default() += 1;
        }
    }

    /// Whether a finding goes against the claim, and whether it is of somebody known.
    fn counts(&self, finding: &Finding) -> Option<bool> {
        if !self.elements.iter().any(|element| element.covers(&finding.element)) {
            return None;
        }
        match &finding.whose {
            Whose::Unknown => Some(false),
            Whose::Person { subject, .. } => {
                let spoken_of = self.subjects.is_empty() || self.subjects.iter().any(|one| meet(one, subject));
                spoken_of.then_some(true)
            }
        }
    }
}

/// Columns for addresses write them as nothing else does, also those of networks that no message comes from.
fn is_or_holds_address(text: &str) -> bool {
    is_address(text) || holds_address(text)
}
