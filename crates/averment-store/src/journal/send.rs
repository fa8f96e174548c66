//! From a deed to an order for the thread. Whatever can be done outside the thread is done here, by whoever records.

use std::sync::Arc;

use averment_detect::PersonNumber;
use averment_ledger::{Deed, ENTRY_BYTES_MAX, Message, ReadyEntry, Reference};
use averment_policy::Verdict;
use averment_register::Digest;

use super::answer::Reply;
use super::giving_up::Claim;
use super::naming::Naming;
use super::writer::Order;
use super::{Journal, JournalError, Record, message, random_id, split};
use crate::PersonKey;

impl Journal {
    /// Gives the identifier, and by what the order can be withdrawn: none when it names somebody.
    pub(super) fn send_message(
        &self,
        verdict: &Verdict,
        record: &Record<'_>,
        part_of: Option<&str>,
        deed: fn(Message) -> Deed,
        reply: Reply,
    ) -> Result<(String, Option<Arc<Claim>>), JournalError> {
        // Before people are named: nobody waits while a body is hashed.
        let request = message::digest_request(&self.shared.request_key, &record.request);
        let id = random_id()?;
        let naming = Naming::new(&self.shared.references, message::people_of(record)?);
        let message = message::message_of(verdict, record, part_of, (id.clone(), request), &naming)?;
        let claim: Option<Arc<Claim>> = naming.is_of_nobody().then(Arc::default);
        let reply = reply.claimed(claim.clone());
        self.send_named(naming, verdict.charter, deed(message), Some(reply))?;
        Ok((id, claim))
    }

    pub(super) fn send_about(
        &self,
        people: &[(PersonNumber, &PersonKey)],
        make: impl FnOnce(&[Reference]) -> Deed,
        reply: Option<Reply>,
    ) -> Result<(), JournalError> {
        self.send_about_under(self.charter(), people, make, reply)
    }

    pub(super) fn send_about_under(
        &self,
        charter: Digest,
        people: &[(PersonNumber, &PersonKey)],
        make: impl FnOnce(&[Reference]) -> Deed,
        reply: Option<Reply>,
    ) -> Result<(), JournalError> {
        let naming = Naming::new(&self.shared.references, people.to_vec());
        let named: Vec<Reference> = people.iter().filter_map(|(person, _)| naming.of(*person)).collect();
        self.send_named(naming, charter, make(&named), reply)
    }

    fn send_named(
        &self,
        naming: Naming<'_>,
        charter: Digest,
        deed: Deed,
        reply: Option<Reply>,
    ) -> Result<(), JournalError> {
        naming.announce(|run| self.send(charter, run, None))?;
        self.send(charter, deed, reply)?;
        naming.recorded();
        Ok(())
    }

    /// Everything that can be done outside the thread is done here: it is the one place that all requests pass.
    pub(super) fn send(&self, charter: Digest, deed: Deed, reply: Option<Reply>) -> Result<(), JournalError> {
        if let Some(failure) = self.shared.state.failure() {
            return Err(failure);
        }
        let accepts_clock = matches!(deed, Deed::ClockAccepted(_));
        let mut entry = self.shared.frame.entry_under(charter, deed);
        let ready = ReadyEntry::new(&entry);
        if ready.json_bytes() <= ENTRY_BYTES_MAX {
            self.order(ready, reply)?;
            if accepts_clock {
                // Not before: whatever is dated by it must stand behind it.
                self.shared.frame.accept_clock();
            }
            return Ok(());
        }
        let mut pieces = Vec::new();
        for deed in split::split(entry.deed) {
            entry.deed = deed;
            let ready = ReadyEntry::new(&entry);
            let bytes = ready.json_bytes();
            if bytes > ENTRY_BYTES_MAX {
                return Err(JournalError::TooLarge { bytes });
            }
            pieces.push(ready);
        }
        // A part of it cannot be withdrawn without the others.
        let reply = reply.map(Reply::unclaimed);
        let last = pieces.pop().expect("a deed is at least one piece");
        let before = pieces.into_iter().map(|entry| Order::Write { entry, reply: None });
        let last = Order::Write { entry: last, reply };
        let sent = self.shared.sender.send_behind(before.collect(), last);
        sent.map_err(|refused| self.refused(refused))
    }

    fn order(&self, entry: ReadyEntry, reply: Option<Reply>) -> Result<(), JournalError> {
        let order = Order::Write { entry, reply };
        let sent = self.shared.sender.send(order);
        sent.map_err(|refused| self.refused(refused))
    }
}
