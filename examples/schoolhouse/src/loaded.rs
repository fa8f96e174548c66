//! What pages load from others, and whose accounts people may sign up with, as a file says. Nothing by itself.
//!
//! Start at [`Loaded::read`]. The file is the operator's: what it says is put into pages as it is.

use std::error::Error;
use std::path::Path;

use serde::Deserialize;

use crate::elsewhere::provider;
use crate::vendors::Subprocessor;

/// What pages load from others.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Loaded {
    /// HTML for the head of every page.
    pub(crate) head: String,
    /// Where people may have the accounts that they sign up with.
    pub(crate) accounts: Vec<String>,
    /// HTML for the privacy page.
    pub(crate) privacy: String,
    /// Address of the video call of a class, with `{room}`.
    pub(crate) call: Option<String>,
    /// Rows of the public list.
    pub(crate) listed: Vec<Subprocessor>,
}

impl Loaded {
    /// Reads the file, TOML; nothing is loaded without one.
    ///
    /// # Errors
    /// A file that cannot be read or says something else.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Some(file) = file else { return Ok(Self::default()) };
        let loaded: Self = toml::from_str(&std::fs::read_to_string(file)?)?;
        match loaded.accounts.iter().find(|name| provider(name).is_none()) {
            Some(unknown) => Err(format!("`{unknown}` is nobody whose accounts are known").into()),
            None => Ok(loaded),
        }
    }
}
