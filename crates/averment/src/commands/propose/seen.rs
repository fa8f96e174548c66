//! What the ledger says was sent, gathered by who got it.

use std::collections::{BTreeMap, BTreeSet};

use averment_ledger::{Deed, Entry, FindingEntry, Message};

/// Places named per element; a program that sends it everywhere needs no longer list.
const PLACES_MAX: usize = 5;

/// Element and kind of subject; no subject for somebody outside the directory.
pub(super) type What = (String, Option<String>);

/// Everything seen.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// By recipient of the register.
    pub(super) known: BTreeMap<String, Flow>,
    /// By host that no recipient declares.
    pub(super) unknown: BTreeMap<String, Flow>,
}

/// What went to one of them.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub(super) messages: Span,
    /// What no row declares.
    pub(super) undeclared: BTreeMap<What, Span>,
    /// What a published sentence rules out, by the sentence's claim.
    pub(super) barred: BTreeMap<(What, String), Span>,
}

/// How often, when and where.
#[derive(Debug, Default)]
pub(super) struct Span {
    pub(super) count: u64,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) places: BTreeSet<String>,
}

impl Span {
    fn add(&mut self, count: u64, at: &str, place: Option<String>) {
        // Times are RFC 3339 in universal time with the same precision, so text order is time order.
        if self.count == 0 || at < self.first.as_str() {
            at.clone_into(&mut self.first);
        }
        if at > self.last.as_str() {
            at.clone_into(&mut self.last);
        }
        self.count += count;
        if self.places.len() < PLACES_MAX {
            self.places.extend(place);
        }
    }
}

impl Traffic {
    /// Takes the next entry.
    pub(super) fn take(&mut self, entry: Entry) {
        let (Deed::Intent(message) | Deed::Refusal(message)) = entry.deed else {
            return;
        };
        let Some(flow) = self.flow(&message) else { return };
        flow.messages.add(1, &entry.at, None);
        for finding in message.findings {
            flow.add(finding, &entry.at);
        }
    }

    /// None for a host whose name itself holds a finding: it is not on record.
    fn flow(&mut self, message: &Message) -> Option<&mut Flow> {
        match &message.recipient {
            Some(recipient) => Some(self.known.entry(recipient.clone()).or_default()),
            None if message.host == "*" => None,
            None => Some(self.unknown.entry(message.host.clone()).or_default()),
        }
    }
}

impl Flow {
    fn add(&mut self, finding: FindingEntry, at: &str) {
        let place = format!("{} {}", finding.part, finding.pointer).trim_end().to_owned();
        let what = (finding.element, finding.subject);
        let span = match (finding.reason.as_str(), finding.rule) {
            ("undeclared" | "unknown_host", _) => self.undeclared.entry(what).or_default(),
            ("barred", Some(claim)) => self.barred.entry((what, claim)).or_default(),
            _ => return,
        };
        span.add(finding.count.into(), at, Some(place));
    }
}
