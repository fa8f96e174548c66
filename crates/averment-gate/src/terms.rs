//! What a request is judged by: charter, directory, settings and what was cut off, as one value.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use averment_catalog::Treatment;
use averment_detect::Form;
use averment_policy::{Reach, Variants};
use averment_register::{Charter, RecipientId};
use averment_store::{Consents, PersonId, Snapshot};

use crate::credentials::Credentials;
use crate::front::FrontTls;
use crate::gate::Prepared;
use crate::host::Destination;
use crate::reach;
use crate::settings::{CutOff, Settings};

/// What is in force.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) charter: Arc<Charter>,
    /// The charter's schools; made once for a charter.
    pub(crate) variants: Arc<Variants>,
    pub(crate) snapshot: Arc<Snapshot>,
    /// With everybody in `cut_off` who is cut off, by the file or while the gate runs.
    pub(crate) settings: Arc<Settings>,
    /// As the file has them.
    given: Arc<Settings>,
    /// The secrets that the settings name.
    pub(crate) credentials: Arc<Credentials>,
    /// How callers are spoken to; none: in clear.
    pub(crate) tls: Option<Arc<FrontTls>>,
    /// How the directory names the settings' canaries.
    pub(crate) canaries: Arc<BTreeSet<PersonId>>,
    pub(crate) consents: Consents,
    /// Cut off while the gate runs.
    cut_off: CutOff,
    /// How many own mailboxes were last said to be somebody's; of all copies of these terms.
    held_told: Arc<AtomicUsize>,
}

impl Terms {
    /// `credentials`: the secrets that the settings name.
    pub(crate) fn new(
        (charter, snapshot, settings): (Arc<Charter>, Arc<Snapshot>, Arc<Settings>),
        credentials: Credentials,
        tls: Option<FrontTls>,
        consents: Consents,
    ) -> Self {
        Self {
            variants: Arc::new(Variants::new(Arc::clone(&charter))),
            charter,
            snapshot,
            canaries: canaries(&settings, &consents),
            given: Arc::clone(&settings),
            settings,
            credentials: Arc::new(credentials),
            tls: tls.map(Arc::new),
            consents,
            cut_off: CutOff::default(),
            held_told: Arc::default(),
        }
    }

    /// Takes another charter.
    pub(crate) fn take_charter(&mut self, charter: Arc<Charter>) {
        self.variants = Arc::new(Variants::new(Arc::clone(&charter)));
        self.charter = charter;
    }

    /// Takes other settings with their secrets; what was cut off while the gate runs stays so.
    pub(crate) fn take_settings(&mut self, prepared: Prepared) {
        self.credentials = Arc::new(prepared.credentials);
        self.tls = prepared.tls.map(Arc::new);
        self.canaries = canaries(&prepared.settings, &self.consents);
        self.given = prepared.settings;
        self.settle();
    }

    /// Tells what of the settings and the register the directory speaks against.
    pub(crate) fn warn(&self) {
        self.warn_of_missing_canaries();
        self.warn_of_missing_recipients();
        if let Some(held) = self.newly_held().filter(|held| *held > 0) {
            tracing::warn!(
                held,
                "own mailboxes of the register are somebody's in the directory, and count as theirs"
            );
        }
    }

    /// How many own mailboxes are somebody's in the directory, where it is another number than when this was last asked: a
    /// directory is loaded again and again.
    fn newly_held(&self) -> Option<usize> {
        let directory = &self.snapshot.directory;
        let mailboxes = self.charter.content().about.own_mailboxes.iter();
        let held = mailboxes.filter(|mailbox| directory.look_up(Form::Email, mailbox).is_some());
        let held = held.count();
        (self.held_told.swap(held, Ordering::Relaxed) != held).then_some(held)
    }

    /// A canary that is not in the directory is looked for by nobody.
    fn warn_of_missing_canaries(&self) {
        let canaries = self.canaries.iter();
        let missing = canaries.filter(|id| !self.snapshot.persons.holds(**id)).count();
        if missing > 0 {
            tracing::warn!(
                missing,
                "canaries of the settings are not in the directory: load people with them"
            );
        }
    }

    /// What is set for somebody who is not in the register is set for nobody.
    fn warn_of_missing_recipients(&self) {
        let rows = self.settings.timeouts.recipients.iter();
        for row in rows.filter(|row| self.charter.recipient(&row.recipient).is_none()) {
            let recipient = row.recipient.as_str();
            tracing::warn!(
                recipient,
                "the register has no such recipient, which `[timeouts]` of the settings names"
            );
        }
    }

    /// Takes who is cut off besides what the settings say.
    pub(crate) fn take_cut_off(&mut self, cut_off: CutOff) {
        self.cut_off = cut_off;
        self.settle();
    }

    /// Who is cut off besides what the settings say.
    pub(crate) fn own_cut_off(&self) -> &CutOff {
        &self.cut_off
    }

    fn settle(&mut self) {
        if self.cut_off == CutOff::default() {
            self.settings = Arc::clone(&self.given);
            return;
        }
        let mut settings = Settings::clone(&self.given);
        settings.cut_off.all |= self.cut_off.all;
        settings
            .cut_off
            .recipients
            .extend(self.cut_off.recipients.iter().cloned());
        self.settings = Arc::new(settings);
    }

    /// How a message for `destination` would reach it.
    pub(crate) fn reach(&self, destination: &Destination) -> Reach {
        reach::of(&self.charter, &self.settings, destination)
    }

    /// Whether a message to `host` may have to be rewritten: the register has a treatment for it that is neither to pass nor
    /// to refuse.
    pub(crate) fn may_rewrite_for(&self, host: &str) -> bool {
        let recipients = self.charter.recipients_of_host(host);
        let mut rows = recipients.iter().flat_map(|recipient| &recipient.discloses);
        rows.any(|row| !matches!(row.treatment, Treatment::Pass | Treatment::Block))
    }

    /// Whether the gate signs what goes to a recipient of `host`, which takes the whole body.
    pub(crate) fn signs_for(&self, host: &str) -> bool {
        let recipients = self.charter.recipients_of_host(host);
        recipients
            .iter()
            .any(|recipient| self.credentials.sign_for(&recipient.id))
    }

    /// Whether nobody gets anything.
    pub(crate) fn cuts_off_all(&self) -> bool {
        self.settings.cut_off.all
    }

    fn cuts_off_recipient(&self, id: &RecipientId) -> bool {
        self.settings.cut_off.recipients.contains(id)
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

fn canaries(settings: &Settings, consents: &Consents) -> Arc<BTreeSet<PersonId>> {
    Arc::new(settings.canaries.iter().map(|id| consents.person_id(id)).collect())
}

#[cfg(test)]
mod tests;
