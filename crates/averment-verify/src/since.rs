//! The record continues what the asker has seen of it: a vendor who began it anew, or shows an older state, is found out.

use averment_ledger::{Checkpoint, NoteError, verify_consistency};

use crate::check::Reason;
use crate::container::Zipped;
use crate::manifest::Manifest;
use crate::proved::Log;
use crate::question::Question;
use crate::range;
use crate::verify::{Checked, Done, Fault};

pub(crate) fn check(files: &Zipped, manifest: &Manifest, logs: &[Log], question: &Question) -> Checked<()> {
    let Some(note) = &question.since else {
        let says = "no older checkpoint was named, so nothing shows that this record continues one you saw before";
        return Ok(((), Done::not_checked(Reason::NoOlder, says)));
    };
    let origin = note.lines().next().unwrap_or_default();
    let log = logs
        .iter()
        .find(|log| log.checkpoint.origin == origin)
        .ok_or_else(another_history)?;
    let older = Checkpoint::open(note, &log.verifier).map_err(|error| match error {
        NoteError::NotSigned { .. } | NoteError::BadSignature { .. } => {
            let says = "the older checkpoint that you named is not signed with the key of this record".to_owned();
            Fault::new(Reason::SinceNotSigned, says)
        }
        _ => Fault::new(
            Reason::SinceMalformed,
            "the older checkpoint that you named is none".to_owned(),
        ),
    })?;
    let newer = &log.checkpoint;
    if older.size > newer.size {
        let says = format!(
            "you have seen more of this record already ({} entries) than the bundle shows ({}): it is an older state",
            older.size, newer.size
        );
        return Err(Fault::new(Reason::RolledBack, says));
    }
    if older.size == newer.size || older.size == 0 {
        let proof = &[];
        return hold(&older, newer, proof);
    }
    // Whoever has every entry from before then on needs no proof: the root of that time comes out.
    if let Some(root) = range::root_at(files, manifest, log, older.size) {
        return if root == older.root {
            Ok(((), continues(&older)))
        } else {
            Err(another_history())
        };
    }
    match &manifest.since {
        Some(since) if since.log == log.name && since.size == older.size => hold(&older, newer, &since.proof),
        _ => {
            let says = format!(
                "the bundle has no proof from the {} entries that you have seen; ask for one made with `--since`",
                older.size
            );
            Err(Fault::new(Reason::NoProof, says))
        }
    }
}

fn hold(older: &Checkpoint, newer: &Checkpoint, proof: &[averment_ledger::TreeHash]) -> Checked<()> {
    verify_consistency((older.size, &older.root), (newer.size, &newer.root), proof).map_err(|_| another_history())?;
    Ok(((), continues(older)))
}

fn continues(older: &Checkpoint) -> Done {
    Done::holds(format!(
        "it continues the record of {} entries that you saw before, none of them changed",
        older.size
    ))
}

fn another_history() -> Fault {
    let says = "it does not continue the record that you saw before: entries in it were changed or it was begun anew";
    Fault::new(Reason::AnotherHistory, says.to_owned())
}
