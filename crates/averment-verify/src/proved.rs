//! From bytes to entries that stand in a signed log: keys, checkpoints, single entries with proofs, witnesses.

use std::collections::BTreeMap;

use averment_ledger::{Checkpoint, Entry, NoteError, TreeHash, VerifierKey, leaf_hash, verify_inclusion};
use serde::{Deserialize, Serialize};

use crate::check::Reason;
use crate::container::Zipped;
use crate::manifest::Manifest;
use crate::once::says_nothing_twice;
use crate::question::Question;
use crate::times;
use crate::verify::{Checked, Done, Fault};

/// One log whose newest checkpoint is signed by its key.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) name: String,
    /// Number of its first entry in the whole ledger, as the manifest says.
    pub(crate) first: u64,
    pub(crate) verifier: VerifierKey,
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
}

/// One entry that stands in a log.
#[derive(Debug, Clone)]
pub(crate) struct ProvedEntry {
    pub(crate) entry: Entry,
    /// The entry as any JSON, for kinds that are not of the entry format.
    pub(crate) json: serde_json::Value,
}

/// What was proved so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proved {
    /// By their number in the whole ledger.
    pub(crate) entries: BTreeMap<u64, ProvedEntry>,
    /// Number from which on every entry is here, or its hash.
    pub(crate) whole_from: Option<u64>,
    /// How many of these are hashes alone.
    pub(crate) withheld: u64,
}

/// A line of `entries.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryRow {
    pub(crate) leaf: u64,
    pub(crate) entry: String,
    pub(crate) proof: Vec<TreeHash>,
}

pub(crate) fn read_logs(files: &Zipped, manifest: &Manifest) -> Checked<Vec<Log>> {
    let logs: Vec<Log> = manifest
        .logs
        .iter()
        .map(|row| read_log(files, &row.name, row.first))
        .collect::<Result<_, _>>()?;
    let entries: u64 = logs.iter().map(|log| log.checkpoint.size).fold(0, u64::saturating_add);
    let keys: Vec<_> = logs.iter().map(|log| format!("`{}`", log.verifier.name())).collect();
    let says = format!(
        "the record's own summary of {entries} entries is signed with the key of {}",
        keys.join(", ")
    );
    Ok((logs, Done::holds(says)))
}

fn read_log(files: &Zipped, name: &str, first: u64) -> Result<Log, Fault> {
    let text = |file| {
        let bytes = files
            .get(&Manifest::log_file(name, file))
            .map_or(&[][..], Vec::as_slice);
        std::str::from_utf8(bytes).unwrap_or_default()
    };
    let key = text("verifier").strip_suffix('\n').unwrap_or_default();
    let verifier: VerifierKey = key.parse().map_err(|_| {
        let says = format!("the key of log `{name}` is no key");
        Fault::new(Reason::VerifierMalformed, says)
    })?;
    let note = text("checkpoint");
    let checkpoint = Checkpoint::open(note, &verifier).map_err(|error| signature_fault(&error, name))?;
    Ok(Log {
        name: name.to_owned(),
        first,
        verifier,
        note: note.to_owned(),
        checkpoint,
    })
}

fn signature_fault(error: &NoteError, log: &str) -> Fault {
    let (reason, says) = match error {
        NoteError::NotSigned { .. } => (Reason::NotSigned, "is not signed with its key"),
        NoteError::BadSignature { .. } => (
            Reason::BadSignature,
            "carries a signature that does not fit: it is forged or changed",
        ),
        _ => (Reason::CheckpointMalformed, "is no checkpoint of this log"),
    };
    Fault::new(reason, format!("the checkpoint of log `{log}` {says}"))
}

pub(crate) fn check_key(logs: &[Log], question: &Question) -> Checked<()> {
    if question.keys.is_empty() {
        let says = "no key was named, so nothing shows whose record this is; get it another way than this bundle (by letter, \
                    in the contract, from the published page) and name it when you check";
        return Ok(((), Done::not_checked(Reason::NoKey, says)));
    }
    // Each log gives its key another name; whose it is the key itself says.
    let known = |key: &VerifierKey| logs.iter().any(|log| log.verifier.is_same_key(key));
    if let Some(key) = question.keys.iter().find(|key| !known(key)) {
        let says = format!("it is not a record of the key that you named (`{}`)", key.name());
        return Err(Fault::new(Reason::OtherKey, says));
    }
    Ok(((), Done::holds("it is the record of the key that you named")))
}

pub(crate) fn read_entries(files: &Zipped, logs: &[Log], proved: &mut Proved) -> Checked<()> {
    for log in logs {
        let bytes = files.get(&Manifest::log_file(&log.name, "entries.jsonl"));
        let mut last = None;
        for line in lines(bytes.map_or(&[][..], Vec::as_slice)).ok_or_else(|| malformed(&log.name))? {
            let row: EntryRow = serde_json::from_slice(line).map_err(|_| malformed(&log.name))?;
            if last.is_some_and(|last| last >= row.leaf) {
                let says = format!("the entries of log `{}` are not in order", log.name);
                return Err(Fault::new(Reason::EntryOrder, says));
            }
            last = Some(row.leaf);
            log.prove(&row, proved)?;
        }
    }
    let says = match proved.entries.len() {
        1 => "the single entry is proved to stand at its place in the signed record".to_owned(),
        count => format!("each of {count} single entries is proved to stand at its place in the signed record"),
    };
    Ok(((), Done::holds(says)))
}

fn malformed(log: &str) -> Fault {
    let says = format!("the file with entries of log `{log}` is not as it must be");
    Fault::new(Reason::EntryMalformed, says)
}

/// Lines that each end with a newline; none where the last does not.
pub(crate) fn lines(bytes: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let whole = match bytes {
        [] => Some(None),
        _ => bytes.strip_suffix(b"\n").map(Some),
    };
    whole.map(|lines| lines.into_iter().flat_map(|lines| lines.split(|byte| *byte == b'\n')))
}

impl Log {
    fn prove(&self, row: &EntryRow, proved: &mut Proved) -> Result<(), Fault> {
        let leaf = leaf_hash(row.entry.as_bytes());
        let Checkpoint { size, root, .. } = &self.checkpoint;
        verify_inclusion(&leaf, row.leaf, *size, &row.proof, root).map_err(|_| {
            let says = format!(
                "entry {} of log `{}` is not in the signed record as it is shown",
                row.leaf, self.name
            );
            Fault::new(Reason::EntryNotInLog, says)
        })?;
        proved.add(self, row.leaf, row.entry.as_bytes())
    }
}

impl Proved {
    /// Reads an entry that stands in `log` under this leaf.
    pub(crate) fn add(&mut self, log: &Log, number: u64, bytes: &[u8]) -> Result<(), Fault> {
        let unreadable = || {
            let says = format!("entry {number} of log `{}` cannot be read", log.name);
            Fault::new(Reason::EntryUnreadable, says)
        };
        if !says_nothing_twice(bytes) {
            return Err(unreadable());
        }
        let json = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
        let entry: Entry = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
        self.entries
            .insert(log.first.saturating_add(number), ProvedEntry { entry, json });
        Ok(())
    }

    /// The newest entry for which `pick` gives something, with its number.
    pub(crate) fn newest<'a, T>(&'a self, pick: impl Fn(&'a Entry) -> Option<T>) -> Option<(u64, T)> {
        let mut newest = self.entries.iter().rev();
        newest.find_map(|(number, proved)| pick(&proved.entry).map(|found| (*number, found)))
    }
}

pub(crate) fn check_witnesses(logs: &[Log], question: &Question) -> Checked<()> {
    if question.witnesses.is_empty() {
        let says = "no witness was named, so nothing shows that others see the same record";
        return Ok(((), Done::not_checked(Reason::NoWitness, says)));
    }
    let note = logs.last().map_or("", |log| log.note.as_str());
    let mut oldest = question.now;
    for witness in &question.witnesses {
        let (reason, what) = match witness.verify(note).map(|found| times::of_seconds(found.time)) {
            Ok(Some(time)) if !times::is_to_come(time, question.now) => {
                oldest = oldest.min(time);
                continue;
            }
            Ok(_) => (
                Reason::CosignatureBad,
                "has signed the newest checkpoint at a time that has not come",
            ),
            Err(NoteError::NotSigned { .. }) => (
                Reason::CosignatureMissing,
                "has not signed the newest checkpoint of this bundle; it may not have been asked yet when the bundle was \
                 made: ask the vendor for one made with `--cosigned`",
            ),
            Err(_) => (
                Reason::CosignatureBad,
                "is said to have signed the newest checkpoint, and the signature does not fit",
            ),
        };
        return Err(Fault::new(reason, format!("the witness `{}` {what}", witness.name())));
    }
    let day = oldest.strftime("%Y-%m-%d");
    let says = match question.witnesses.len() {
        1 => format!("the witness that you named saw the same record on {day}"),
        count => format!("{count} witnesses that you named saw the same record, the first of them on {day}"),
    };
    Ok(((), Done::holds(says)))
}
