//! Who is under hold, as retention asks: where that cannot be read, why.

use averment_duties::retain::Holds as Asked;
use averment_register::Charter;
use averment_store::{DataFolder, Keys};

use crate::outcome::Failure;
use crate::under_hold::OfRequests;

/// Holds of a data folder; where they cannot be read, why.
pub(super) struct OfFolder(Result<OfRequests, String>);

impl OfFolder {
    /// Opens them.
    pub(super) fn open(folder: &DataFolder, keys: &Keys, charter: &Charter) -> Self {
        Self(OfRequests::open(folder, keys, charter).map_err(|failure| failure.in_one_line()))
    }

    fn ask<T>(&self, what: impl FnOnce(&OfRequests) -> Result<T, Failure>) -> Result<T, String> {
        let known = self.0.as_ref().map_err(String::clone)?;
        what(known).map_err(|failure| failure.in_one_line())
    }
}

impl Asked for OfFolder {
    fn version(&self) -> Result<u64, String> {
        self.ask(OfRequests::version)
    }

    fn are_any(&self) -> Result<bool, String> {
        self.ask(OfRequests::are_any)
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        self.ask(|known| known.is_held(number))
    }
}

#[cfg(test)]
mod tests;
