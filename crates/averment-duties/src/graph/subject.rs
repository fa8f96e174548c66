//! The people that rows are looked for of: by the values that name them in columns.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;

/// One person or several, by the values that columns name them with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Subject(BTreeMap<ElementId, BTreeSet<String>>);

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = self.0.iter().map(|(element, values)| (element, values.len()));
        f.debug_map().entries(counts).finish()
    }
}

impl Subject {
    /// The element of a person's number at the platform: what `key` columns hold unless the data map says otherwise.
    pub fn number() -> ElementId {
        ElementId::new("account.id").expect("a name of the catalog")
    }

    /// People by their numbers at the platform.
    pub fn of(numbers: impl IntoIterator<Item = String>) -> Self {
        let mut subject = Self::default();
        for number in numbers {
            subject.add(Self::number(), number);
        }
        subject
    }

    /// Adds a value by which they are known: an e-mail address by which another table names them.
    pub fn add(&mut self, element: ElementId, value: String) {
        self.0.entry(element).or_default().insert(value);
    }

    /// The values of an element.
    pub fn values(&self, element: &ElementId) -> impl ExactSizeIterator<Item = &str> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.0.get(element).unwrap_or(&NONE).iter().map(String::as_str)
    }

    /// Elements of which something is known.
    pub fn elements(&self) -> impl Iterator<Item = &ElementId> {
        self.0.keys()
    }
}
