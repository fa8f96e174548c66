//! Messages that stand in the ledger twice, so that they count once.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use averment_ledger::Message;

/// Messages that are remembered twice over; a repetition after a crash follows soon.
const REMEMBERED: usize = 1 << 17;

/// The messages seen last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeated {
    new: HashSet<u128>,
    old: HashSet<u128>,
}

impl Repeated {
    /// Whether this very message was seen before; from now on it was. One with the same identifier that says something
    /// else is another message: what goes against a claim is never taken for a repetition.
    pub(crate) fn is_known(&mut self, message: &Message, refused: bool) -> bool {
        let mark = (u128::from(digest(message, refused, 0)) << 64) | u128::from(digest(message, refused, 1));
        if self.new.len() == REMEMBERED {
            self.old = std::mem::take(&mut self.new);
        }
        self.old.contains(&mark) || !self.new.insert(mark)
    }
}

/// Of everything in a message that grades are made from.
fn digest(message: &Message, refused: bool, salt: u8) -> u64 {
    let mut hasher = DefaultHasher::new();
    (
        salt,
        refused,
        &message.id,
        &message.recipient,
        &message.host,
        &message.plane,
    )
        .hash(&mut hasher);
    (
        &message.mode,
        &message.purpose,
        message.preceded_by,
        message.unreadable.len(),
    )
        .hash(&mut hasher);
    for finding in &message.findings {
        (&finding.element, &finding.subject, &finding.treated, &finding.treatment).hash(&mut hasher);
        (&finding.reason, &finding.rule, finding.consent_version).hash(&mut hasher);
    }
    hasher.finish()
}
