//! What a gate has been doing, for whoever runs it: counts per recipient and the last verdicts, without any value.
//!
//! This is a view of the ledger like the evidence, and like it incremental; it grades nothing.

use std::collections::{BTreeMap, VecDeque};

use averment_ledger::{Deed, Entry, FindingEntry, Message};
use serde::Serialize;

/// Verdicts that are kept.
const KEPT: usize = 20;

/// Recipients are few; hosts that nobody declares are counted together.
pub const UNLISTED: &str = "hosts that are not on the list";

/// What a gate has been doing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Activity {
    /// Counts by identifier of the recipient, or [`UNLISTED`].
    pub recipients: BTreeMap<String, Counts>,
    /// The last verdicts, newest first.
    pub last: VecDeque<VerdictLine>,
    /// Times that the gate could not do its work and let nothing out.
    pub faults: u64,
    /// What it said the last time.
    pub last_fault: Option<String>,
}

/// Messages to one recipient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Messages that were looked at.
    pub seen: u64,
    /// Messages that were refused.
    pub refused: u64,
    /// Messages that went out in report mode and would be refused in enforce mode.
    pub would_refuse: u64,
}

/// One verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictLine {
    /// Number of its entry in the ledger.
    pub entry: u64,
    /// When, as recorded.
    pub at: String,
    /// The recipient.
    pub recipient: Option<String>,
    /// The host, or `*`.
    pub host: String,
    /// `report` or `enforce`.
    pub mode: String,
    /// What was done: `forward`, `rewrite` or `refuse`.
    pub action: String,
    /// What enforcement does, or would have done.
    pub judged: String,
    /// What was found: element, whose kind, how often, where, and why it was ruled on as it was.
    pub findings: Vec<FindingLine>,
    /// Places that could not be read.
    pub unreadable: usize,
    /// What became of it; none while nobody knows.
    pub outcome: Option<String>,
    #[serde(skip)]
    id: String,
}

/// One finding of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingLine {
    /// Data element.
    pub element: String,
    /// Kind of data subject; none for somebody outside the directory.
    pub subject: Option<String>,
    /// How many.
    pub count: u32,
    /// Part of the message and pointer into it, without values.
    pub place: String,
    /// What was done to it.
    pub treated: String,
    /// Why.
    pub reason: String,
    /// Disclosure or claim that the reason rests on.
    pub rule: Option<String>,
}

impl Activity {
    /// Takes the next entry of the ledger; `index` is its number, from 0.
    pub fn push(&mut self, entry: &Entry, index: u64) {
        match &entry.deed {
            Deed::Intent(message) => self.message(message, entry, index, false),
            Deed::Refusal(message) => self.message(message, entry, index, true),
            Deed::Outcome(outcome) => {
                if let Some(line) = self.last.iter_mut().find(|line| line.id == outcome.id) {
                    line.outcome = Some(outcome.result.clone());
                }
            }
            Deed::Fault(fault) => {
                self.faults += 1;
                self.last_fault = Some(fault.fault.clone());
            }
            _ => {}
        }
    }

    fn message(&mut self, message: &Message, entry: &Entry, index: u64, refused: bool) {
        let name = message.recipient.as_deref().unwrap_or(UNLISTED);
        if !self.recipients.contains_key(name) {
            self.recipients.insert(name.to_owned(), Counts::default());
        }
        if let Some(counts) = self.recipients.get_mut(name) {
            counts.seen += 1;
            counts.refused += u64::from(refused);
            counts.would_refuse += u64::from(!refused && message.judged == "refuse");
        }
        self.last.truncate(KEPT - 1);
        self.last.push_front(verdict_line(message, entry, index, refused));
    }
}

fn verdict_line(message: &Message, entry: &Entry, index: u64, refused: bool) -> VerdictLine {
    VerdictLine {
        entry: index,
        at: entry.at.clone(),
        recipient: message.recipient.clone(),
        host: message.host.clone(),
        mode: message.mode.clone(),
        action: message.action.clone(),
        judged: message.judged.clone(),
        findings: message.findings.iter().map(finding_line).collect(),
        unreadable: message.unreadable.len(),
        outcome: refused.then(|| "refused".to_owned()),
        id: message.id.clone(),
    }
}

fn finding_line(finding: &FindingEntry) -> FindingLine {
    FindingLine {
        element: finding.element.clone(),
        subject: finding.subject.clone(),
        count: finding.count,
        place: format!("{} {}", finding.part, finding.pointer).trim_end().to_owned(),
        treated: finding.treated.clone(),
        reason: finding.reason.clone(),
        rule: finding.rule.clone(),
    }
}
