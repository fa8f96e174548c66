//! What a person is known by, in types that print none of it.

use std::collections::BTreeMap;

use averment_catalog::erasure::Identifier;
use serde::{Deserialize, Serialize};

/// A text that names somebody, or a secret: prints its length only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// Takes a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

/// What one recipient knows one person by. Give it nothing that the recipient does not have: a request with it is a disclosure.
#[derive(Debug, Clone, Default)]
pub struct Identifiers(BTreeMap<&'static str, Vec<Hidden>>);

impl Identifiers {
    /// Adds a value; an empty one, or one with control characters, is nobody's and is left out.
    #[must_use]
    pub fn with(mut self, kind: Identifier, value: &str) -> Self {
        let value = value.trim();
        if !value.is_empty() && !value.chars().any(char::is_control) {
            let values = self.0.entry(kind.name()).or_default();
            let value = Hidden::new(value);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        self
    }

    /// The values of what templates call `name`.
    pub(super) fn of(&self, name: &str) -> &[Hidden] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether templates' `name` is one of theirs.
    pub(super) fn is_name(name: &str) -> bool {
        Identifier::ALL.iter().any(|kind| kind.name() == name)
    }
}
