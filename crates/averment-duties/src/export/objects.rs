//! Objects of the person in folders and buckets: those whose names have what they are known by where the prefix says.
//!
//! Each is copied into the spool as it comes, with its size and digest, so that an export that was broken off does not ask for it
//! again and none is held in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _, Write};

use averment_catalog::ElementId;
use averment_register::StoreTable;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::spool::Spool;
use super::{ExportError, Summary};
use crate::erase::{Kept, Opened, folded, is_known, known_among};
use crate::graph::Subject;
use crate::objects::{Copied, Listed, ObjectError, Pattern, element_of, objects_of};

/// Largest object that is taken in: 4 GiB.
const BYTES_MAX: u64 = 4 << 30;
/// Elements that are secrets wherever they are.
const SECRETS: [&str; 3] = ["account.password", "account.password_hash", "account.session_token"];

/// An object that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) store: String,
    /// Name in the store, `/` between its parts.
    pub(super) name: String,
    /// Its file in the spool.
    pub(super) spooled: String,
    pub(super) bytes: u64,
    /// SHA-256, hexadecimal.
    pub(super) sha256: String,
}

/// An object of the person, and what else its name can be read as.
struct Found {
    store: usize,
    listed: Listed,
    others: BTreeSet<Reading>,
}

/// What a part of a name would be, and of which element.
type Reading = (ElementId, String);

/// Takes the person's objects into the spool. What is left out is told: names that can be read as those of somebody else, too, links,
/// what is too large or cannot be read, prefixes that do not say whose their objects are. A store that does not answer any more ends it.
pub(super) fn take(
    stores: &mut [Opened],
    subject: &Subject,
    spool: &Spool,
    summary: &mut Summary,
) -> Result<(), ExportError> {
    let mut found = Vec::new();
    for (index, opened) in stores.iter_mut().enumerate() {
        if let Err(error) = find(index, opened, subject, &mut found, summary) {
            found.retain(|one: &Found| one.store != index);
            let id = opened.store.id.to_string();
            summary.not_reached.push((id, told(&error)));
        }
    }
    let readings: BTreeSet<Reading> = found.iter().flat_map(|one| one.others.iter().cloned()).collect();
    let people = people_among(stores, &readings);
    for (index, opened) in stores.iter_mut().enumerate() {
        let of_store = found.iter().filter(|one| one.store == index);
        let (own, of_two): (Vec<&Found>, Vec<&Found>) = of_store.partition(|one| one.others.is_disjoint(&people));
        tell(
            opened,
            of_two.len(),
            "names of files can be read as those of somebody else, too",
            summary,
        );
        if matches!(opened.kept, Kept::Objects(_)) {
            copy_all(opened, &own, spool, summary)?;
        }
    }
    Ok(())
}

fn tell(opened: &Opened, count: usize, what: &str, summary: &mut Summary) {
    if count > 0 {
        let id = opened.store.id.to_string();
        summary.not_reached.push((id, format!("{count} {what}")));
    }
}

/// The outer text and the cause, neither of which names an object.
fn told(error: &ObjectError) -> String {
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    format!("{error}{cause}")
}

/// What a store has of the person.
fn find(
    index: usize,
    opened: &mut Opened,
    subject: &Subject,
    found: &mut Vec<Found>,
    summary: &mut Summary,
) -> Result<(), ObjectError> {
    let Kept::Objects(objects) = &mut opened.kept else {
        return Ok(());
    };
    let maps = || opened.store.tables.iter().filter(|map| map.is_personal());
    // Where in `found` each of its objects is.
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let secret: Vec<Pattern> = maps().filter(|map| is_secret(map)).map(Pattern::of).collect();
    for map in maps() {
        let id = opened.store.id.to_string();
        if is_secret(map) {
            summary.secrets.push(format!("{id}.{}", map.name()));
            continue;
        }
        let Some(key) = map.key.as_ref().filter(|key| Pattern::of(map).has(key)) else {
            let because = format!("nothing says whose the objects under `{}` are", map.name());
            summary.not_reached.push((id, because));
            continue;
        };
        let (pattern, element) = (Pattern::of(map), element_of(map).unwrap_or_else(Subject::number));
        for listed in objects_of(objects.as_mut(), map, subject)? {
            // A prefix of secrets may lie within a wider one.
            if secret.iter().any(|pattern| pattern.fits(&listed.name)) {
                continue;
            }
            let readings = pattern.readings(key, &listed.name).into_iter();
            let others = readings.filter(|value| !is_known(subject, &element, value));
            let others = others.map(|value| (element.clone(), folded(&element, value)));
            let known = places.entry(listed.name.clone()).or_insert(found.len());
            match found.get_mut(*known) {
                Some(known) => known.others.extend(others),
                None => found.push(Found {
                    store: index,
                    others: others.collect(),
                    listed,
                }),
            }
        }
    }
    Ok(())
}

/// Whether a prefix keeps nothing but what nobody is given.
fn is_secret(map: &StoreTable) -> bool {
    let mut elements = map.elements.iter();
    !map.elements.is_empty() && elements.all(|element| SECRETS.contains(&element.as_str()))
}

/// By which of these somebody is known; all where a store does not say.
fn people_among(stores: &mut [Opened], readings: &BTreeSet<Reading>) -> BTreeSet<Reading> {
    let mut found = BTreeSet::new();
    if readings.is_empty() {
        return found;
    }
    for opened in stores {
        let Kept::Tables { database, graph } = &mut opened.kept else {
            continue;
        };
        match known_among(database.as_mut(), graph, readings) {
            Ok(known) => found.extend(known),
            Err(_) => return readings.clone(),
        }
    }
    found
}

fn copy_all(opened: &mut Opened, own: &[&Found], spool: &Spool, summary: &mut Summary) -> Result<(), ExportError> {
    let id = opened.store.id.to_string();
    let (mut noted, mut links, mut large, mut unreadable) = (Vec::new(), 0, 0, 0);
    for one in own {
        match &one.listed {
            listed if listed.is_link => links += 1,
            listed if listed.bytes > BYTES_MAX => large += 1,
            listed => match copied(opened, listed, spool)? {
                Spooled::Whole(one) => noted.push(one),
                Spooled::TooLarge => large += 1,
                Spooled::Unreadable => unreadable += 1,
                Spooled::Gone => {}
            },
        }
    }
    noted.sort_by(|one, other| one.name.cmp(&other.name));
    tell(opened, links, "names are links, which are not followed", summary);
    tell(
        opened,
        large,
        &format!("objects are larger than {BYTES_MAX} bytes"),
        summary,
    );
    tell(opened, unreadable, "objects cannot be read", summary);
    let written = spool.create(&format!("{id}.files"));
    let written = written.and_then(|file| Ok(serde_json::to_writer(file, &noted)?));
    written.map_err(|source| ExportError::File { path: id, source })
}

/// What became of an object.
enum Spooled {
    Whole(Noted),
    TooLarge,
    Gone,
    /// It, and not the whole store, cannot be read.
    Unreadable,
}

/// An object in the spool: the one that is there already, or a copy.
fn copied(opened: &mut Opened, listed: &Listed, spool: &Spool) -> Result<Spooled, ExportError> {
    let store = opened.store.id.to_string();
    let failed = |because: String| ExportError::Objects {
        store: store.clone(),
        because,
    };
    let Kept::Objects(objects) = &mut opened.kept else {
        return Ok(Spooled::Gone);
    };
    let spooled = format!("{store}.{}.object", hex(&Sha256::digest(listed.name.as_bytes())[..16]));
    let write = |source: io::Error| failed(format!("its objects cannot be written ({})", source.kind()));
    if !spool.has(&spooled) {
        let draft = format!("{spooled}.draft");
        let mut file = spool.create(&draft).map_err(write)?;
        let copied = objects.copy(&listed.name, BYTES_MAX, &mut file);
        let left_out = match copied {
            Ok(Copied::Whole(_)) => None,
            Ok(Copied::TooLarge) => Some(Spooled::TooLarge),
            Ok(Copied::Gone) => Some(Spooled::Gone),
            Err(ObjectError::Object { .. } | ObjectError::Outside(_)) => Some(Spooled::Unreadable),
            Err(error) => return Err(failed(told(&error))),
        };
        if let Some(left_out) = left_out {
            std::fs::remove_file(spool.path(&draft)).map_err(write)?;
            return Ok(left_out);
        }
        file.sync_all().map_err(write)?;
        std::fs::rename(spool.path(&draft), spool.path(&spooled)).map_err(write)?;
    }
    let (sha256, bytes) = digest(spool, &spooled).map_err(write)?;
    Ok(Spooled::Whole(Noted {
        store,
        name: listed.name.clone(),
        spooled,
        bytes,
        sha256: hex(&sha256),
    }))
}

/// SHA-256 and size of a file of the spool.
pub(super) fn digest(spool: &Spool, name: &str) -> io::Result<([u8; 32], u64)> {
    let (mut file, mut hasher) = (File::open(spool.path(name))?, Sha256::new());
    let (mut chunk, mut bytes) = (vec![0; 1 << 16], 0);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((hasher.finalize().into(), bytes)),
            read => {
                hasher.update(&chunk[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Every object of every store.
pub(super) fn noted(spool: &Spool) -> io::Result<Vec<Noted>> {
    let mut all = Vec::new();
    for name in spool.names(".files")? {
        let some: Vec<Noted> = serde_json::from_reader(File::open(spool.path(&name))?)?;
        all.extend(some);
    }
    Ok(all)
}

/// Copies an object out of the spool.
pub(super) fn give(spool: &Spool, noted: &Noted, out: &mut impl Write) -> io::Result<()> {
    io::copy(&mut File::open(spool.path(&noted.spooled))?, out).map(drop)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
