//! What the intents of one body say already, so that a look with nothing new in it needs none of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use averment_catalog::ElementId;
use averment_detect::{Inspection, UnreadableBecause, Whose};

use crate::terms::Terms;

/// What was recorded, and by which terms.
#[derive(Default)]
pub(super) struct Told {
    terms: Option<Arc<Terms>>,
    found: BTreeSet<(ElementId, Whose)>,
    unreadable: BTreeSet<UnreadableBecause>,
    own_mailbox: bool,
}

impl Told {
    /// Notes what `inspection` holds, and says whether anything of it was not noted before.
    pub(super) fn is_new(&mut self, terms: &Arc<Terms>, inspection: &Inspection) -> bool {
        if !self.terms.as_ref().is_some_and(|known| Arc::ptr_eq(known, terms)) {
            *self = Self {
                terms: Some(Arc::clone(terms)),
                ..Self::default()
            };
        }
        let mut is_new = false;
        for finding in &inspection.findings {
            is_new |= self.found.insert((finding.element.clone(), finding.whose.clone()));
        }
        for note in &inspection.unreadable {
            is_new |= self.unreadable.insert(note.because);
        }
        let own_mailbox = inspection.own_mailboxes > 0;
        is_new |= own_mailbox && !self.own_mailbox;
        self.own_mailbox |= own_mailbox;
        is_new
    }
}
