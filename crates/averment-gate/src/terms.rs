//! What a request is judged by: charter, directory, settings and what was cut off, as one value.

use std::collections::BTreeSet;
use std::sync::Arc;

use averment_policy::Variants;
use averment_register::{Charter, RecipientId};
use averment_store::{Consents, PersonId, Snapshot};

use crate::credentials::Credentials;
use crate::settings::{CutOff, Settings};

/// What is in force.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) charter: Arc<Charter>,
    /// The charter's schools; made once for a charter.
    pub(crate) variants: Arc<Variants>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) settings: Arc<Settings>,
    /// The secrets that the settings name.
    pub(crate) credentials: Arc<Credentials>,
    /// How the directory names the settings' canaries.
    pub(crate) canaries: Arc<BTreeSet<PersonId>>,
    pub(crate) consents: Consents,
    /// Cut off while the gate runs, besides what the settings say.
    pub(crate) cut_off: CutOff,
}

impl Terms {
    /// A canary that is not in the directory is looked for by nobody.
    pub(crate) fn warn_of_missing_canaries(&self) {
        let canaries = self.canaries.iter();
        let missing = canaries.filter(|id| !self.snapshot.persons.holds(**id)).count();
        if missing > 0 {
            tracing::warn!(
                missing,
                "canaries of the settings are not in the directory: load people with them"
            );
        }
    }

    /// Whether nobody gets anything.
    pub(crate) fn cuts_off_all(&self) -> bool {
        self.settings.cut_off.all || self.cut_off.all
    }

    fn cuts_off_recipient(&self, id: &RecipientId) -> bool {
        self.settings.cut_off.recipients.contains(id) || self.cut_off.recipients.contains(id)
    }

    /// Who is cut off, by the settings or while the gate runs.
    pub(crate) fn all_cut_off(&self) -> CutOff {
        let (fixed, now) = (&self.settings.cut_off, &self.cut_off);
        CutOff {
            all: self.cuts_off_all(),
            recipients: fixed.recipients.union(&now.recipients).cloned().collect(),
        }
    }

    /// Whether with `new` somebody gets nothing who gets something with these.
    pub(crate) fn narrows_to(&self, new: &Self) -> bool {
        let lost = |id| self.serves(id) && !new.serves(id);
        (new.cuts_off_all() && !self.cuts_off_all())
            || self.charter.content().recipients.keys().any(lost)
            || (!Arc::ptr_eq(&self.charter, &new.charter) && self.hosts_changed(new))
    }

    fn hosts_changed(&self, new: &Self) -> bool {
        let (before, after) = (&self.charter.content().recipients, &new.charter.content().recipients);
        before
            .iter()
            .any(|(id, old)| after.get(id).is_none_or(|new| new.hosts != old.hosts))
    }

    /// Whether a recipient that `host` leads to gets nothing with `new`, or is not behind that host any more.
    pub(crate) fn loses(&self, new: &Self, host: &str) -> bool {
        if new.cuts_off_all() && !self.cuts_off_all() {
            return true;
        }
        let after = new.charter.recipients_of_host(host);
        self.charter
            .recipients_of_host(host)
            .iter()
            .any(|old| self.serves(&old.id) && !(new.serves(&old.id) && after.iter().any(|new| new.id == old.id)))
    }

    fn serves(&self, id: &RecipientId) -> bool {
        self.charter.content().recipients.contains_key(id) && !self.cuts_off_recipient(id)
    }
}
