//! The header fields of a message on its way out, one by one: for what the gate puts in after inspection.

use std::sync::Arc;

use http::header::{ACCEPT_ENCODING, HeaderName, HeaderValue};

use super::Outgoing;
use crate::turn_back::{self, Exchanged};

impl Outgoing {
    /// Every field, in order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// The first field of this name, in lower case.
    pub(crate) fn field(&self, name: &str) -> Option<&HeaderValue> {
        let found = self.fields.iter().find(|(known, _)| known.as_str() == name);
        found.map(|(_, value)| value)
    }

    /// Puts `value` in the place of every field of this name.
    pub(crate) fn set_field(&mut self, name: &HeaderName, value: HeaderValue) {
        let place = self.fields.iter().position(|(known, _)| known == name);
        self.remove_field(name);
        let place = place.unwrap_or(self.fields.len());
        self.fields.insert(place, (name.clone(), value));
    }

    /// The same message, whose answer is to be turned back. Its sender then takes only encodings that the gate can undo.
    pub(crate) fn exchanging(mut self, exchanged: Exchanged) -> Self {
        if exchanged.is_empty() {
            return self;
        }
        if let Some(accepted) = turn_back::encodings(self.fields.iter().filter(|(name, _)| *name == ACCEPT_ENCODING)) {
            self.set_field(&ACCEPT_ENCODING, accepted);
        }
        self.exchanged = Some(Arc::new(exchanged));
        self
    }

    /// Takes every field of this name out.
    pub(crate) fn remove_field(&mut self, name: &HeaderName) {
        self.fields.retain(|(known, _)| known != name);
    }

    /// Scheme, authority and target.
    pub(crate) fn uri(&self) -> String {
        format!("{}{}", self.origin(), self.target)
    }
}
