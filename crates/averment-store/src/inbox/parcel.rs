//! What is put into the inbox: a deed, and the people whom it names, who have no references yet.

use averment_ledger::{Base64, Deed, NamedPerson, Reference};
use averment_register::Digest;
use serde::{Deserialize, Serialize};

use crate::persons::PersonId;

/// Version of the file.
const VERSION: u32 = 1;

/// A deed on its way into the ledger. References to people are made when it is recorded; until then they are named by the
/// keyed digest of the platform's identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    v: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    people: Vec<Addressee>,
    /// Digest of the charter that the deed is about; none in parcels about no register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charter: Option<String>,
    deed: Deed,
}

/// One person of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Addressee {
    person: Base64<16>,
    subject: String,
}

impl Parcel {
    /// A deed that names nobody.
    pub fn new(deed: Deed) -> Self {
        Self::about(Vec::new(), deed)
    }

    /// A deed about people, each with the kind of data subject that they are. Whoever is named twice counts once.
    pub fn about(people: Vec<(PersonId, String)>, deed: Deed) -> Self {
        let mut named: Vec<Addressee> = Vec::new();
        let mut met = std::collections::HashSet::new();
        for (person, subject) in people {
            if met.insert(person) {
                let person = Base64(person.0);
                named.push(Addressee { person, subject });
            }
        }
        Self {
            v: VERSION,
            people: named,
            charter: None,
            deed,
        }
    }

    /// The same, about this charter.
    pub fn under(self, charter: Digest) -> Self {
        Self {
            charter: Some(charter.to_string()),
            ..self
        }
    }

    /// The charter that the deed is about, where it says one.
    pub(super) fn charter(&self) -> Option<Digest> {
        self.charter.as_deref().and_then(|charter| charter.parse().ok())
    }

    /// The deed, in which nobody is named yet.
    pub fn deed(&self) -> &Deed {
        &self.deed
    }

    /// Reads a parcel. Only deeds of people and programs come this way: what a gate sees it records itself.
    ///
    /// # Errors
    /// Where and what was expected, without what was found.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let parcel: Self = serde_json::from_slice(bytes)
            .map_err(|error| format!("line {}, column {}: expected a deed", error.line(), error.column()))?;
        if parcel.charter.is_some() && parcel.charter().is_none() {
            return Err("expected the digest of a charter".to_owned());
        }
        match parcel.deed {
            _ if parcel.v != VERSION => Err(format!("its version is {}, expected {VERSION}", parcel.v)),
            Deed::Manual(_)
            | Deed::Correction(_)
            | Deed::Erasure(_)
            | Deed::Retention(_)
            | Deed::Repair(_)
            | Deed::Export(_)
            | Deed::Attestation(_)
            | Deed::Measurement(_)
            | Deed::RequestChange(_)
            | Deed::Grade(_)
            | Deed::Grades(_) => Ok(parcel),
            _ => Err("expected a deed of a person or a program; a gate records the others itself".to_owned()),
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a parcel holds only strings, numbers and lists")
    }

    pub(super) fn people(&self) -> impl Iterator<Item = PersonId> {
        self.people.iter().map(|named| PersonId(named.person.0))
    }

    /// The deed with a reference for everybody who has one; none for whoever was forgotten since.
    pub(super) fn named(&self, references: &[Option<Reference>]) -> Deed {
        let mut deed = self.deed.clone();
        match &mut deed {
            Deed::Manual(manual) => {
                let named = self.people.iter().zip(references).filter_map(|(one, reference)| {
                    let (person, subject) = ((*reference)?, one.subject.clone());
                    Some(NamedPerson { person, subject })
                });
                manual.people = named.collect();
                manual.forgotten = self.people.len().saturating_sub(manual.people.len()) as u64;
            }
            Deed::Export(export) => export.person = references.first().copied().flatten(),
            Deed::RequestChange(change) => change.person = references.first().copied().flatten(),
            _ => {}
        }
        deed
    }
}
