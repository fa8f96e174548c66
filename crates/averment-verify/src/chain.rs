//! The logs of a ledger follow each other: the old one names the next one's key, the next one what it continues.

use averment_ledger::{Checkpoint, TreeHash};
use serde::Deserialize;

use crate::check::Reason;
use crate::proved::{Log, Proved};
use crate::verify::{Checked, Done, Fault};

/// The last entry of a log that another one continues.
#[derive(Deserialize)]
struct Ended {
    origin: String,
    verifier: String,
}

/// The first entry of a log that continues another one.
#[derive(Deserialize)]
struct Begun {
    first: u64,
    previous: Previous,
}

#[derive(Deserialize)]
struct Previous {
    origin: String,
    verifier: String,
    size: u64,
    root: TreeHash,
}

pub(crate) fn check(logs: &[Log], proved: &Proved) -> Checked<()> {
    let mut next = 0_u64;
    for (number, log) in (1..).zip(logs) {
        if log.name != format!("{number:04}") || log.first != next {
            let says = format!("a log of the ledger is missing before log `{}`", log.name);
            return Err(Fault::new(Reason::LogMissing, says));
        }
        next = next.saturating_add(log.checkpoint.size);
    }
    logs.windows(2)
        .try_for_each(|pair| check_link(&pair[0], &pair[1], proved))?;
    let says = match logs.len() {
        1 => "the record is one log from its beginning".to_owned(),
        count => format!("the record is {count} logs, each of which names the next and is named by it"),
    };
    Ok(((), Done::holds(says)))
}

fn check_link(older: &Log, newer: &Log, proved: &Proved) -> Result<(), Fault> {
    let fault = |reason, what: &str| {
        let says = format!("log `{}` {what} log `{}`", newer.name, older.name);
        Fault::new(reason, says)
    };
    let missing = || fault(Reason::LinkMissing, "is not tied to");
    let last = newer.first.checked_sub(1).ok_or_else(missing)?;
    let ended: Ended = read(proved, last, "ended").ok_or_else(missing)?;
    let begun: Begun = read(proved, newer.first, "begun").ok_or_else(missing)?;
    if begun.goes_on(older, newer) && ended.leads_to(newer) {
        Ok(())
    } else {
        Err(fault(Reason::LinkBroken, "continues another log than"))
    }
}

impl Ended {
    fn leads_to(&self, newer: &Log) -> bool {
        self.origin == newer.checkpoint.origin && self.verifier == newer.verifier.to_string()
    }
}

impl Begun {
    fn goes_on(&self, older: &Log, newer: &Log) -> bool {
        let Previous {
            origin,
            verifier,
            size,
            root,
        } = &self.previous;
        let Checkpoint {
            origin: older_origin,
            size: older_size,
            root: older_root,
            ..
        } = &older.checkpoint;
        let same_state = (origin, size, root) == (older_origin, older_size, older_root);
        same_state && *verifier == older.verifier.to_string() && self.first == newer.first
    }
}

/// The entry with this number, when it is of this kind.
fn read<T: for<'de> Deserialize<'de>>(proved: &Proved, number: u64, kind: &str) -> Option<T> {
    let json = &proved.entries.get(&number)?.json;
    (json.get("kind")?.as_str()? == kind).then(|| T::deserialize(json).ok())?
}
