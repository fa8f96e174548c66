//! New register files to fill in: what the catalog knows is written, what only people know is left open.
//!
//! Start at [`recipient`], [`school`], [`store`] and [`register`]; [`write()`] puts a draft in its place and never over another file.
//!
//! Invariant: a draft is not a statement. Until its sentences are written, compiling reports it and makes no charter of it.

mod recipient;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use averment_catalog::{ThirdParty, ThirdPartyId, catalog};

use crate::charter::{ControllerId, Engine, StoreId};
use crate::compile::suggest;
use crate::emit::{ORGANISATION_FILE, controller_file, data_file, quoted, recipient_file};
use crate::model::UNKNOWN_ORGANISATION;
use crate::source::{Source, SourceError};

/// Most names that are offered for one that is not known.
const NEAR_MAX: usize = 5;

/// One file to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name in the register.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Why no draft could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// A name that the catalog does not have.
    #[error("third party `{id}` is not in the catalog")]
    UnknownThirdParty {
        /// The name.
        id: String,
        /// Identifiers that may be meant, the nearest first.
        near: Vec<String>,
    },
    /// A name that no school can have.
    #[error("`{id}` is not an identifier of a school: expected lower-case letters, digits, `-` and `_`")]
    SchoolId {
        /// The name.
        id: String,
    },
    /// A name that no store can have.
    #[error("`{id}` is not an identifier of a store: expected lower-case letters, digits, `-` and `_`")]
    StoreId {
        /// The name.
        id: String,
    },
}

/// The file of a recipient, from what the catalog says about the third party `id`.
///
/// # Errors
/// [`DraftError::UnknownThirdParty`] with the names that may be meant.
pub fn recipient(id: &str) -> Result<Draft, DraftError> {
    let known = ThirdPartyId::new(id).ok().and_then(|id| catalog().third_party(&id));
    let party = known.ok_or_else(|| DraftError::UnknownThirdParty {
        id: id.to_owned(),
        near: near(id),
    })?;
    Ok(Draft {
        file: recipient_file(party.id.as_str()),
        text: recipient::text(party),
    })
}

/// The file of a school with the identifier `id`.
///
/// # Errors
/// [`DraftError::SchoolId`] when `id` is none.
pub fn school(id: &str) -> Result<Draft, DraftError> {
    let known = ControllerId::new(id)
        .ok()
        .filter(|id| !id.as_str().contains(['/', '.']));
    let known = known.ok_or_else(|| DraftError::SchoolId { id: id.to_owned() })?;
    let text = SCHOOL.replace("{id}", &quoted(known.as_str()));
    Ok(Draft {
        file: controller_file(known.as_str()),
        text,
    })
}

/// The file of the data map for the store with the identifier `id`.
///
/// # Errors
/// [`DraftError::StoreId`] when `id` is none.
pub fn store(id: &str, engine: Engine) -> Result<Draft, DraftError> {
    let known = StoreId::new(id).ok().filter(|id| !id.as_str().contains(['/', '.']));
    let known = known.ok_or_else(|| DraftError::StoreId { id: id.to_owned() })?;
    let rows = if engine.has_tables() {
        STORE_TABLES
    } else {
        STORE_OBJECTS
    };
    let head = STORE.replace("{id}", &quoted(known.as_str()));
    let head = head.replace("{engine}", &quoted(engine.as_str()));
    Ok(Draft {
        file: data_file(known.as_str()),
        text: head + rows,
    })
}

/// The files of a register that lists nobody yet.
pub fn register() -> Source {
    let mut source = Source::default();
    source.insert(
        ORGANISATION_FILE,
        ORGANISATION.replace("{name}", &quoted(UNKNOWN_ORGANISATION)),
    );
    source.insert("claims/list.toml", LIST);
    source
}

/// Puts `draft` into the register in `folder` and returns its path.
///
/// # Errors
/// [`SourceError::NotARegister`] without `organisation.toml`; [`SourceError::Exists`] when the file is there, which is then
/// untouched; [`SourceError::Write`] otherwise.
pub fn write(draft: &Draft, folder: &Path) -> Result<PathBuf, SourceError> {
    if std::fs::symlink_metadata(folder.join(ORGANISATION_FILE)).is_err() {
        let path = folder.to_owned();
        return Err(SourceError::NotARegister { path });
    }
    let path = folder.join(&draft.file);
    match create(&path, &draft.text) {
        Ok(()) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(SourceError::Exists { path }),
        Err(source) => Err(SourceError::Write { path, source }),
    }
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // The file is ours and holds a part of a draft: if it cannot be removed the first error is still the one to tell.
        _ = std::fs::remove_file(path);
    }
    written
}

/// Identifiers of third parties that may be meant: by spelling, then by a name that people use, rightly spelled or not.
fn near(word: &str) -> Vec<String> {
    let ids = catalog().third_parties().map(|party| party.id.as_str());
    let mut near: Vec<String> = suggest::nearest(word, ids).map(str::to_owned).into_iter().collect();
    let word = word.to_lowercase();
    near.extend(named(&word));
    if near.is_empty() {
        let names: Vec<String> = catalog().third_parties().flat_map(names).collect();
        let words = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
        let meant = suggest::nearest(&word, words.filter(|word| word.chars().count() > 2));
        near.extend(meant.map(named).unwrap_or_default());
    }
    let mut seen = BTreeSet::new();
    near.retain(|id| seen.insert(id.clone()));
    near.truncate(NEAR_MAX);
    near
}

/// Third parties of which a name holds `word`, in lower case. What is also a common word is meant by whole words only: `mind` is
/// not Remind.
fn named(word: &str) -> Vec<String> {
    let parties = catalog().third_parties().filter(|_| word.chars().count() > 2);
    let holds = |party: &ThirdParty, name: &str| match party.common_word {
        true => name.split(|c: char| !c.is_alphanumeric()).any(|part| part == word) || name == word,
        false => name.contains(word),
    };
    let named = parties.filter(|party| names(party).any(|name| holds(party, &name)));
    let mut named: Vec<&ThirdParty> = named.collect();
    // Who is called so comes before the many products of a company that is called so.
    named.sort_by_key(|party| (!party.id.as_str().contains(word), &party.id));
    named.into_iter().map(|party| party.id.to_string()).collect()
}

/// What a third party is called, in lower case.
fn names(party: &ThirdParty) -> impl Iterator<Item = String> {
    let names = party.aliases.iter().chain([&party.company, &party.product]);
    names
        .map(String::as_str)
        .chain([party.id.as_str()])
        .map(str::to_lowercase)
}

const ORGANISATION: &str = "\
# Who makes the statements of this register.
organisation = {name}

# More for the forms that schools ask for.
# [about]
# role = \"processor\"
# contact = \"privacy@school-platform.example\"
# country = \"US\"
# page = \"https://school-platform.example/privacy\"
# updated = 2026-01-01

[defaults]
# report: forward what is not declared and record it; enforce: refuse it.
mode = \"report\"
unknown_hosts = \"report\"

# The published documents that `said` refers to.
# [[documents]]
# id = \"privacy.html\"
# title = \"Our service providers\"
# url = \"https://school-platform.example/privacy\"
";

const LIST: &str = "\
# Claims about the list as a whole, each with its published sentence.

# [[claims]]
# kind = \"list_complete\"
# sentence = \"These are all who receive personal data from us.\"
";

const SCHOOL: &str = "\
# A school or district with what it asks for. It may only narrow what the register says.
controller = {id}
# Yours to write: its name.
name = \"\"
# contact = \"office@school.example\"
# country = \"US\"

# Recipients that are switched off for it.
# off = [\"zendesk\"]

# What it has designated as directory information, 34 CFR 99.37(a).
# directory_information = [\"identity.name.full\"]

# [agreement]
# form = \"ndpa\"
# signed = 2026-01-01
# breach_notice = \"PT72H\"

# What does not leave for it: to nobody, or not to these recipients.
# [[removes]]
# elements = [\"contact.phone\"]
# subjects = [\"student\"]

# Who of the viewers does not see what of its people.
# [[hides]]
# elements = [\"identity.avatar\"]
# viewers = [\"peer\"]
";

const STORE: &str = "\
# What is stored here, column by column, and by which column a person is found.
store = {id}
engine = {engine}

# On whose behalf: person, school or organisation.
# owner = \"school\"
# region = \"eu-central-1\"
# countries = [\"DE\"]

# Recipients of this register that run it.
# runs_on = [\"amazon-web-services\"]
";

const STORE_TABLES: &str = "
# `averment scan schema --propose` writes these rows from the database itself.
# [[tables]]
# table = \"users\"
# subjects = [\"student\", \"teacher\"]
# key = \"id\"
#
# [tables.columns]
# id = { element = \"account.id\" }
# email = { element = \"contact.email\" }
# password_digest = { holds = \"secret\" }
# created_at = { none = \"when the row was made\" }
#
# [[tables]]
# table = \"messages\"
# belongs_to = { user_id = \"users.id\" }
#
# [tables.columns]
# user_id = { element = \"account.id\" }
# body = { holds = \"free_text\" }
";

const STORE_OBJECTS: &str = "
# [[tables]]
# prefix = \"uploads/{user}/\"
# subjects = [\"student\"]
# key = \"user\"
# elements = [\"content.work\"]
";
