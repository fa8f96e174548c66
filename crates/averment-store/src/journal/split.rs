//! An entry that is too large as several: findings first, the message last.

use averment_ledger::{Deed, ENTRY_BYTES_MAX, FindingEntry, Findings, Message, UnreadableEntry};

/// Room for what an entry holds besides its lists: times, digests, names, the fields of a message.
const FRAME_BYTES: usize = 8 * 1024;
/// Most bytes of a list in one entry.
const LIST_BYTES: usize = ENTRY_BYTES_MAX - FRAME_BYTES;

/// The same deed as entries of which each fits, in the order in which they are recorded. Of anything but a message, and of
/// a message that is too large without its lists, the deed itself.
pub(super) fn split(deed: Deed) -> Vec<Deed> {
    match deed {
        Deed::Intent(message) => split_message(message, Deed::Intent),
        Deed::Refusal(message) => split_message(message, Deed::Refusal),
        other => vec![other],
    }
}

fn split_message(mut message: Message, whole: fn(Message) -> Deed) -> Vec<Deed> {
    let findings = in_pieces(std::mem::take(&mut message.findings));
    let unreadable = in_pieces(std::mem::take(&mut message.unreadable));
    let id = || message.id.clone();
    let mut deeds: Vec<Deed> = Vec::with_capacity(findings.len() + unreadable.len() + 1);
    deeds.extend(findings.into_iter().map(|findings: Vec<FindingEntry>| {
        Deed::Findings(Findings {
            id: id(),
            findings,
            unreadable: Vec::new(),
        })
    }));
    deeds.extend(unreadable.into_iter().map(|unreadable: Vec<UnreadableEntry>| {
        Deed::Findings(Findings {
            id: id(),
            findings: Vec::new(),
            unreadable,
        })
    }));
    message.preceded_by = u32::try_from(deeds.len()).expect("a message holds fewer findings than that");
    deeds.push(whole(message));
    deeds
}

/// `list` in its order, in pieces of at most [`LIST_BYTES`] as JSON.
fn in_pieces<T: serde::Serialize>(list: Vec<T>) -> Vec<Vec<T>> {
    let mut pieces: Vec<Vec<T>> = Vec::new();
    let mut room = 0;
    for one in list {
        let bytes = serde_json::to_vec(&one).map_or(LIST_BYTES, |json| json.len()) + 1;
        match pieces.last_mut().filter(|_| bytes <= room) {
            Some(piece) => piece.push(one),
            None => {
                pieces.push(vec![one]);
                room = LIST_BYTES;
            }
        }
        room = room.saturating_sub(bytes);
    }
    pieces
}
