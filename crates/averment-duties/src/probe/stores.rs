//! The stores of the data map as probes reach them: each is opened once, when it is first asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use averment_register::{Store, StoreId};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::connect::{Database, Schema, open};
use crate::{Secret, Secrets};
use crate::{Settings, StoreAccess};

/// A database that is open.
pub struct Opened {
    /// The connection.
    pub database: Box<dyn Database>,
    /// Its tables.
    pub schema: Schema,
}

/// Stores that were opened, or why they could not be.
#[derive(Default)]
pub struct Stores(BTreeMap<StoreId, Result<Opened, String>>);

impl Stores {
    /// The database of a store; otherwise why it cannot be asked, without its address.
    ///
    /// # Errors
    /// In a few words.
    pub fn open(&mut self, store: &Store, settings: &Settings, secrets: &dyn Secrets) -> Result<&mut Opened, String> {
        let opened = self
            .0
            .entry(store.id.clone())
            .or_insert_with(|| reach(store, settings, secrets));
        opened.as_mut().map_err(|because| because.clone())
    }
}

fn reach(store: &Store, settings: &Settings, secrets: &dyn Secrets) -> Result<Opened, String> {
    let id = &store.id;
    if !store.engine.has_tables() {
        return Err(format!("store `{id}` keeps no tables"));
    }
    let access = settings.stores.get(id);
    let access = access.ok_or_else(|| format!("nothing says how store `{id}` is reached"))?;
    let address = address(id, access, secrets)?;
    let mut trust = Vec::new();
    for file in &access.trust {
        trust.extend(certificates(file)?);
    }
    let failed = |error: crate::connect::DatabaseError| format!("store `{id}`: {error}");
    let mut database = open(store.engine, &address, &trust).map_err(failed)?;
    let schema = database.schema().map_err(failed)?;
    Ok(Opened { database, schema })
}

/// The address of a store, which is never told.
fn address(id: &StoreId, access: &StoreAccess, secrets: &dyn Secrets) -> Result<String, String> {
    if let Some(path) = &access.path {
        return Ok(path.display().to_string());
    }
    let secret = Secret {
        env: access.url_env.clone(),
        file: access.url_file.clone(),
    };
    secrets.read(&secret).map_err(|error| format!("store `{id}`: {error}"))
}

/// The certificates of a PEM file.
pub(super) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let none = || format!("`{}` holds no certificate", file.display());
    let text = std::fs::read(file).map_err(|_| format!("cannot read `{}`", file.display()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_| none())?;
    match found.is_empty() {
        true => Err(none()),
        false => Ok(found),
    }
}

/// Of several files.
pub(super) fn all_certificates(files: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut all = Vec::new();
    for file in files {
        all.extend(certificates(file)?);
    }
    Ok(all)
}
