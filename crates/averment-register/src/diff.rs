//! What changed between two charters, by meaning and not by text: who gets more, for longer, to more places, and which
//! claims promise more or less.
//!
//! Start at [`diff`]. `gather` puts both sides next to each other field by field, `term` compares rows cell by cell,
//! `claims` and `promise` compare claims, `change` works out direction, sentence and duties, `notice` writes to schools.
//!
//! Invariant: a diff is empty if and only if both charters mean the same. How rows are cut, categories spelled, rows and
//! claims numbered, and where a sentence was read does not count; a published sentence does. Seen from the other charter
//! it is its own inverse (property tests).

mod change;
mod claims;
mod duty;
mod facet;
mod gather;
mod notice;
mod phrase;
mod promise;
mod recipient;
mod school;
mod sentence;
mod store;
mod term;

use serde_json::{Value, json};

use crate::charter::{Charter, ControllerId};
use crate::digest::Digest;

pub use change::{Change, Direction, Subject};
pub use duty::Duty;
pub use notice::NoticeError;

/// The changes from one charter to another, in the order of their identifiers.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// Digest of the charter before.
    pub old: Digest,
    /// Digest of the charter after.
    pub new: Digest,
    /// What changed.
    pub changes: Vec<Change>,
}

/// Compares two charters.
pub fn diff(old: &Charter, new: &Charter) -> Diff {
    let both = gather::Both {
        old: old.content(),
        new: new.content(),
    };
    Diff::new(old.digest(), new.digest(), gather::all(both))
}

/// What one school changed: the register against the school's variant. None when the register does not declare it.
pub fn diff_for_controller(register: &Charter, id: &ControllerId) -> Option<Diff> {
    let variant = register.for_controller(id)?;
    // That the variant names its school and no other is what makes it a variant, not something that the school changed.
    let mut base = register.content().clone();
    base.controllers.clone_from(&variant.content().controllers);
    base.controller.clone_from(&variant.content().controller);
    let both = gather::Both {
        old: &base,
        new: variant.content(),
    };
    Some(Diff::new(register.digest(), variant.digest(), gather::all(both)))
}

impl Diff {
    fn new(old: Digest, new: Digest, mut changes: Vec<Change>) -> Self {
        changes.sort_by(|a, b| a.id.cmp(&b.id));
        Self { old, new, changes }
    }

    /// The same seen from the other charter: `diff(a, b).inverse() == diff(b, a)`.
    pub fn inverse(&self) -> Self {
        Self::new(self.new, self.old, self.changes.iter().map(Change::inverse).collect())
    }

    /// Whether both charters mean the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether something is let out, or a promise taken back, that was not before.
    pub fn is_wider(&self) -> bool {
        self.changes.iter().any(|change| change.direction.is_wider())
    }

    /// The machine form, schema `averment.diff/1`.
    pub fn to_json(&self) -> Value {
        json!({
            "schema": "averment.diff/1",
            "old": self.old,
            "new": self.new,
            "wider": self.is_wider(),
            "changes": self.changes.iter().map(Change::to_json).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests;
