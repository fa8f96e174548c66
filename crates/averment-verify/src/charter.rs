//! The charter: the bytes give the digest, the register compiles to it and is what it gives, and the record says that it is
//! in force.

use std::sync::Arc;

use averment_ledger::{Deed, Entry};
use averment_register::{Charter, Digest, Source, compile};

use crate::check::Reason;
use crate::container::Zipped;
use crate::files::{CHARTER, REGISTER};
use crate::manifest::{Level, Manifest};
use crate::proved::Proved;
use crate::verify::{Checked, Done, Fault};

pub(crate) fn check(files: &Zipped, manifest: &Manifest, proved: &Proved) -> Checked<Arc<Charter>> {
    let canonical = files.get(CHARTER).map_or(&[][..], Vec::as_slice);
    if Digest::of(canonical).to_string() != manifest.charter {
        let says =
            "the charter in it is not the one whose digest the bundle names: a recipient or a sentence was changed";
        return Err(Fault::new(Reason::CharterDigest, says.to_owned()));
    }
    check_form(canonical)?;
    let charter = compiled(files).filter(|charter| charter.canonical().as_bytes() == canonical);
    let charter = charter.ok_or_else(|| {
        let says = format!(
            "the register files in it do not make this charter; it was made by {}, with another catalog perhaps",
            crate::verify::printable(&manifest.made_by)
        );
        Fault::new(Reason::CharterRegister, says)
    })?;
    check_register(files, &charter)?;
    check_in_force(manifest, proved)?;
    // What is not shown may say that another one followed.
    let seen = match (manifest.level, proved.withheld) {
        (Level::Whole, 0) => "the record has it",
        _ => "the entries shown have it",
    };
    let says = format!(
        "the charter is the one in force as {seen}: {} recipients, {} claims, digest {}",
        charter.content().recipients.len(),
        charter.content().claims.len(),
        manifest.charter
    );
    Ok((Arc::new(charter), Done::holds(says)))
}

fn check_form(canonical: &[u8]) -> Result<(), Fault> {
    let value: Option<serde_json::Value> = serde_json::from_slice(canonical).ok();
    let claims = value
        .as_ref()
        .and_then(|value| value.get("content")?.get("claims")?.as_object());
    let has_sentences = |claims: &serde_json::Map<String, serde_json::Value>| {
        claims
            .values()
            .all(|claim| claim.get("sentence").is_some_and(serde_json::Value::is_string))
    };
    if claims.is_some_and(has_sentences) {
        Ok(())
    } else {
        Err(Fault::new(
            Reason::CharterMalformed,
            "the charter in it cannot be read".to_owned(),
        ))
    }
}

fn compiled(files: &Zipped) -> Option<Charter> {
    let mut source = Source::default();
    for (name, bytes) in files {
        if let Some(name) = name.strip_prefix(REGISTER) {
            source.insert(name, std::str::from_utf8(bytes).ok()?);
        }
    }
    compile(&source).charter
}

/// The files are the text that the charter gives: whoever reads them reads nothing that the digest does not cover, such as a
/// comment.
fn check_register(files: &Zipped, charter: &Charter) -> Result<(), Fault> {
    let given = charter.to_source();
    let given = given.files().map(|(name, text)| (name, text.as_bytes()));
    let found = files
        .iter()
        .filter_map(|(name, bytes)| Some((name.strip_prefix(REGISTER)?, bytes.as_slice())));
    if found.eq(given) {
        return Ok(());
    }
    let says = "the register files in it say more than the charter, in a comment or in a file of their own";
    Err(Fault::new(Reason::CharterRegister, says.to_owned()))
}

fn check_in_force(manifest: &Manifest, proved: &Proved) -> Result<(), Fault> {
    let loaded = |entry: &'_ Entry| matches!(entry.deed, Deed::Charter(_)).then(|| entry.charter.clone());
    let recorded = |entry: &Entry| loaded(entry).filter(|digest| *digest == manifest.charter);
    if proved.newest(recorded).is_none() {
        let says = "no entry records that this charter came into force: it may be of another register";
        return Err(Fault::new(Reason::CharterNotRecorded, says.to_owned()));
    }
    if proved
        .newest(loaded)
        .is_some_and(|(_, digest)| digest != manifest.charter)
    {
        let says = "the record says that another charter came into force after this one";
        return Err(Fault::new(Reason::CharterNotInForce, says.to_owned()));
    }
    Ok(())
}
