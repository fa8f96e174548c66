//! Which entries go into a bundle.
//!
//! Start at [`pick`]. What the vendor committed to goes in always; messages only where all entries are asked for or where a
//! school asks for its own.

use std::collections::{BTreeMap, BTreeSet};

use averment_ledger::{Deed, Document, Entry};
use averment_policy::normal_name;
use averment_register::Charter;
use averment_store::{DataFolder, Group, Keys, Leaf, LogEnd, People, Snapshot, Whose, leaves, trusted};
use averment_verify::LogContents;
use jiff::Timestamp;

use crate::outcome::Failure;
use crate::{clock, school};

use super::cosigned::{self, Cosigned};

/// Kinds that say what the vendor committed to, how the record hangs together and when it was kept; they name nobody.
const COMMITMENTS: [&str; 13] = [
    "attestation",
    "begun",
    "charter",
    "correction",
    "cut_off",
    "directory",
    "ended",
    "fault",
    "grade",
    "grades",
    "measurement",
    "run",
    "watch",
];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    pub(crate) whole: bool,
    pub(crate) from: Option<Timestamp>,
    pub(crate) school: Option<&'a str>,
    /// The newest log ends here, whatever there is behind it.
    pub(crate) cosigned: Option<&'a Cosigned>,
}

/// What goes in.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    /// The school's identifier in the register, or its name as given.
    pub(crate) school: Option<String>,
    pub(crate) logs: Vec<LogContents>,
    pub(crate) ends: Vec<LogEnd>,
    /// What the attestations shown rest on, by SHA-256.
    pub(crate) documents: BTreeMap<[u8; 32], Document>,
    pub(crate) shown: u64,
    pub(crate) withheld: u64,
    pub(crate) left_out: u64,
    /// Entries behind the cosigned checkpoint at which it ends.
    pub(crate) behind: u64,
}

pub(crate) fn pick(
    folder: &DataFolder,
    keys: &Keys,
    charter: &Charter,
    selection: &Selection<'_>,
) -> Result<Picked, Failure> {
    let mut school = selection.school.map(|name| School::of(name, charter));
    let snapshot = school.as_ref().map(|_| directory(folder, keys)).transpose()?;
    if let (Some(school), Some(snapshot)) = (&mut school, &snapshot) {
        school.spell(snapshot);
    }
    let group = match (&school, &snapshot) {
        (Some(school), Some(snapshot)) => Some(school.people(snapshot)?),
        _ => None,
    };
    let mut picking = Picking {
        selection,
        school: school.as_ref(),
        group,
        logs: BTreeMap::new(),
        begun: false,
        picked: Picked::default(),
    };
    let mut unreadable = None;
    let ends = leaves(folder, trusted(folder, keys)?, |leaf| {
        unreadable = unreadable.take().or(picking.take(leaf).err());
    })?;
    if let Some(error) = unreadable {
        return Err(Failure::new("an entry of the ledger cannot be read").because(error));
    }
    let mut picked = picking.finish(folder, ends)?;
    picked.school = school.map(|school| school.id);
    Ok(picked)
}

fn directory(folder: &DataFolder, keys: &Keys) -> Result<Snapshot, Failure> {
    Ok(People::open(folder, keys)?.snapshot(clock::now())?)
}

/// A school by all its names.
struct School {
    id: String,
    is_registered: bool,
    names: BTreeSet<String>,
}

impl School {
    /// The directory may call it as the register does, by identifier or by name.
    fn of(name: &str, charter: &Charter) -> Self {
        let declared = school::declared(name, charter).last();
        Self {
            id: declared.map_or_else(|| name.to_owned(), |school| school.id.to_string()),
            is_registered: declared.is_some(),
            names: school::all_names(name, charter),
        }
    }

    /// A school that the register does not know is called as the directory calls it, however it was typed: whoever verifies
    /// compares letter by letter, and so does the next bundle with the entry that this one was given.
    fn spell(&mut self, snapshot: &Snapshot) {
        if self.is_registered {
            return;
        }
        let theirs = snapshot
            .persons
            .of_school(|name| self.names.contains(&normal_name(name)));
        if let Some(name) = theirs.first().and_then(|number| snapshot.persons.school(*number)) {
            self.id = name.to_owned();
        }
    }

    fn people<'a>(&self, snapshot: &'a Snapshot) -> Result<Group<'a>, Failure> {
        let group = Group::of_school(snapshot, |name| self.names.contains(&normal_name(name)));
        if group.is_empty() {
            let message = format!("nobody in the directory is of the school `{}`", self.id);
            return Err(Failure::new(message).hint("name the school as the people file or the register does"));
        }
        Ok(group)
    }

    /// Whether an entry names another school, be it without any person. Only the identifier counts: whoever verifies knows
    /// no other name of the school.
    fn is_foreign(&self, deed: &Deed) -> bool {
        let foreign = |school: &Option<String>| school.as_ref().is_some_and(|school| *school != self.id);
        match deed {
            Deed::Intent(message) | Deed::Refusal(message) => {
                message.findings.iter().any(|found| foreign(&found.school))
            }
            Deed::Findings(part) => part.findings.iter().any(|found| foreign(&found.school)),
            Deed::Consent(change) => foreign(&change.school),
            Deed::Export(export) => foreign(&export.school),
            Deed::RequestChange(change) => foreign(&change.school),
            _ => false,
        }
    }
}

/// The choice while the ledger is read.
struct Picking<'a> {
    selection: &'a Selection<'a>,
    school: Option<&'a School>,
    group: Option<Group<'a>>,
    logs: BTreeMap<u32, LogContents>,
    /// All entries from here on.
    begun: bool,
    picked: Picked,
}

impl Picking<'_> {
    fn take(&mut self, leaf: Leaf<'_>) -> Result<(), serde_json::Error> {
        let is_behind = |end: &Cosigned| leaf.log == end.log && leaf.leaf >= end.size;
        if self.selection.cosigned.is_some_and(is_behind) {
            self.picked.behind += 1;
            return Ok(());
        }
        let entry: Entry = serde_json::from_slice(leaf.json)?;
        let begins = self.selection.whole && !self.begun && self.is_late_enough(&entry);
        self.begun |= begins;
        let is_shown = self.is_shown(&entry, leaf.json)?;
        let (begun, selection) = (self.begun, self.selection);
        let log = self.logs.entry(leaf.log).or_insert_with(|| LogContents {
            name: log_name(leaf.log),
            first: 0,
            verifier: String::new(),
            checkpoint: String::new(),
            leaves: Vec::new(),
            shown: BTreeMap::new(),
            range: None,
        });
        log.leaves.push(leaf.hash);
        if begins || begun && selection.whole && leaf.leaf == 0 {
            log.range = Some(leaf.leaf);
        }
        if is_shown {
            log.shown
                .insert(leaf.leaf, String::from_utf8_lossy(leaf.json).into_owned());
            self.picked.shown += 1;
            self.picked.enclose(entry.deed);
        } else if begun {
            self.picked.withheld += 1;
        }
        Ok(())
    }

    fn is_late_enough(&self, entry: &Entry) -> bool {
        let at = entry.at.parse::<Timestamp>().ok();
        self.selection.from.is_none_or(|from| at.is_some_and(|at| at >= from))
    }

    fn is_shown(&mut self, entry: &Entry, json: &[u8]) -> Result<bool, serde_json::Error> {
        let committed = COMMITMENTS.contains(&kind(json)?.as_str());
        let (Some(school), Some(group)) = (self.school, self.group.as_mut()) else {
            return Ok(committed || self.begun);
        };
        Ok(match group.whose(entry) {
            Whose::Theirs => !school.is_foreign(&entry.deed),
            Whose::Nobodys => (committed || self.begun || of_school(&entry.deed)) && !school.is_foreign(&entry.deed),
            Whose::Others => false,
            Whose::Both => {
                self.picked.left_out += 1;
                false
            }
        })
    }

    fn finish(mut self, folder: &DataFolder, ends: Vec<LogEnd>) -> Result<Picked, Failure> {
        if self.selection.whole && !self.begun {
            return Err(Failure::new("no entry is as late as that").hint("name an earlier time with `--from`"));
        }
        for end in &ends {
            let name = log_name(end.log);
            let log = self.logs.remove(&end.log).unwrap_or_else(|| LogContents {
                name,
                first: end.first,
                verifier: String::new(),
                checkpoint: String::new(),
                leaves: Vec::new(),
                shown: BTreeMap::new(),
                range: self.selection.whole.then_some(0),
            });
            let cosigned = self.selection.cosigned.filter(|cosigned| cosigned.log == end.log);
            self.picked.logs.push(LogContents {
                first: end.first,
                verifier: format!("{}\n", end.key),
                checkpoint: match cosigned {
                    Some(cosigned) => cosigned.note.clone(),
                    None => cosigned::note_of(folder, end)?,
                },
                ..log
            });
        }
        self.picked.ends = ends;
        Ok(self.picked)
    }
}

impl Picked {
    fn enclose(&mut self, deed: Deed) {
        if let Deed::Attestation(attestation) = deed
            && let Some(document) = attestation.document
        {
            self.documents.insert(document.sha256.0, document);
        }
    }
}

/// An objection of a school and a bundle given to it name nobody, and are about the school.
fn of_school(deed: &Deed) -> bool {
    match deed {
        Deed::Consent(change) => change.school.is_some(),
        Deed::Export(export) => export.school.is_some(),
        Deed::RequestChange(change) => change.school.is_some(),
        _ => false,
    }
}

fn kind(json: &[u8]) -> Result<String, serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    serde_json::from_slice::<Kind>(json).map(|read| read.kind)
}

pub(crate) fn log_name(log: u32) -> String {
    format!("{log:04}")
}
