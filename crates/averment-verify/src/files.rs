//! Every file is as listed, every file is listed, and each is one of those that a bundle has.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::check::Reason;
use crate::container::Zipped;
use crate::manifest::{FileRow, LogRow, MANIFEST, Manifest};
use crate::verify::{Checked, Done, Fault};

/// Name of the charter.
pub(crate) const CHARTER: &str = "charter.json";
/// Name of the document with the grades.
pub(crate) const CLAIMS: &str = "claims.json";
/// Folder of register files.
pub(crate) const REGISTER: &str = "register/";
/// Folder of documents.
pub(crate) const DOCUMENTS: &str = "documents/";

pub(crate) fn check(files: &Zipped, manifest: &Manifest) -> Checked<()> {
    let mut listed: BTreeMap<&str, &FileRow> = BTreeMap::new();
    for row in &manifest.files {
        if row.name == MANIFEST || listed.insert(&row.name, row).is_some() {
            let says = "the list of contents names a file twice, or itself".to_owned();
            return Err(Fault::new(Reason::ManifestMalformed, says));
        }
    }
    for row in listed.values() {
        let content = files.get(&row.name).ok_or_else(|| {
            let says = format!("`{}` is listed and not there", crate::verify::printable(&row.name));
            Fault::new(Reason::FileMissing, says)
        })?;
        if content.len() as u64 != row.bytes || sha256_hex(content) != row.sha256 {
            let says = format!("`{}` has other content than the list says", row.name);
            return Err(Fault::new(Reason::FileChanged, says));
        }
    }
    let unlisted = files
        .keys()
        .find(|name| *name != MANIFEST && !listed.contains_key(name.as_str()));
    if let Some(name) = unlisted {
        let says = format!("`{name}` is in the file and not listed");
        return Err(Fault::new(Reason::FileUnlisted, says));
    }
    check_kinds(files, manifest)?;
    let says = format!("all {} files are as listed, and no other is there", listed.len());
    Ok(((), Done::holds(says)))
}

/// No file but those of the format, and those that must be there.
fn check_kinds(files: &Zipped, manifest: &Manifest) -> Result<(), Fault> {
    let unknown = |name: &str, what: &str| Fault::new(Reason::FileUnknown, format!("`{name}` {what}"));
    if let Some(name) = files.keys().find(|name| !is_known(name, manifest)) {
        return Err(unknown(name, "is not a file of a bundle"));
    }
    let of_log = |row: &LogRow| {
        let range = row.range.as_ref().map(|_| "range.jsonl");
        let names = ["verifier", "checkpoint"].into_iter().chain(range);
        names
            .map(|name| Manifest::log_file(&row.name, name))
            .collect::<Vec<_>>()
    };
    let own = [CHARTER.to_owned(), CLAIMS.to_owned()];
    let wanted = own.into_iter().chain(manifest.logs.iter().flat_map(of_log));
    let missing = wanted.into_iter().find(|name| !files.contains_key(name));
    missing.map_or(Ok(()), |name| Err(unknown(&name, "is missing from the bundle")))
}

fn is_known(name: &str, manifest: &Manifest) -> bool {
    if [MANIFEST, CHARTER, CLAIMS].contains(&name) || name.starts_with(REGISTER) {
        return true;
    }
    if let Some(hex) = name.strip_prefix(DOCUMENTS) {
        return hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    }
    let of_log = name.strip_prefix("ledger/").and_then(|rest| rest.split_once('/'));
    of_log.is_some_and(|(log, file)| {
        let row = manifest.logs.iter().find(|row| row.name == log);
        let single = ["verifier", "checkpoint", "entries.jsonl"].contains(&file);
        row.is_some_and(|row| single || file == "range.jsonl" && row.range.is_some())
    })
}

/// SHA-256 as 64 hex digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
