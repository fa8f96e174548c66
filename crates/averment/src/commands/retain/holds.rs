//! Who is under hold, asked of the data folder.

use averment_duties::retain::Holds;
use averment_store::DataFolder;

/// File with requests and holds in the data folder.
const REQUESTS: &str = "requests.db";

/// Holds of a data folder.
pub(super) struct OfFolder<'a>(pub(super) &'a DataFolder);

impl Holds for OfFolder<'_> {
    /// Where requests are kept that cannot be read here, somebody may be under hold.
    fn are_any(&self) -> Result<bool, String> {
        match self.0.path().join(REQUESTS).try_exists() {
            Ok(false) => Ok(false),
            Ok(true) => Err(format!("`{REQUESTS}` is there, and its holds cannot be read")),
            Err(_) => Err(format!("`{REQUESTS}` cannot be looked for")),
        }
    }

    fn is_held(&self, _: &str) -> Result<bool, String> {
        self.are_any()
    }
}
