//! Messages whose findings stand in several entries, put together again.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::entry::{Deed, Entry, Findings, Message};

/// Takes entries in the order of the log and gives each message whole.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Joiner {
    open: HashMap<String, Vec<Findings>>,
}

impl Joiner {
    /// Takes the next entry. None for findings that belong to a message which follows; that message then holds them.
    ///
    /// A message of which findings are missing says so: [`Message::preceded_by`] is then not 0 any more. Findings that no
    /// message follows were cut off with their gate, and nothing left on their strength; the next run forgets them.
    pub fn take(&mut self, mut entry: Entry) -> Option<Entry> {
        match &mut entry.deed {
            Deed::Findings(_) => {
                let Deed::Findings(findings) = entry.deed else {
                    return None;
                };
                self.open.entry(findings.id.clone()).or_default().push(findings);
                return None;
            }
            Deed::Intent(message) | Deed::Refusal(message) if message.preceded_by > 0 => self.complete(message),
            Deed::Run(_) => self.open.clear(),
            _ => {}
        }
        Some(entry)
    }

    fn complete(&mut self, message: &mut Message) {
        let before = self.open.remove(&message.id).unwrap_or_default();
        message.preceded_by = message
            .preceded_by
            .saturating_sub(u32::try_from(before.len()).unwrap_or(u32::MAX));
        let (mut findings, mut unreadable) = (Vec::new(), Vec::new());
        for piece in before {
            findings.extend(piece.findings);
            unreadable.extend(piece.unreadable);
        }
        findings.append(&mut message.findings);
        unreadable.append(&mut message.unreadable);
        (message.findings, message.unreadable) = (findings, unreadable);
    }
}
