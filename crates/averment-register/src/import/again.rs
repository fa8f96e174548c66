//! x
use super::{ImportError, ImportReport};
use crate::source::Source;
/// x
#[derive(Debug)]
pub struct Change;
/// x
#[derive(Debug)]
pub struct Reimported {
    /** x */
    pub source: Source,
    /** x */
    pub changes: Vec<Change>,
    /** x */
    pub reports: Vec<ImportReport>,
}
/// x
pub fn reimport(existing: &Source, documents: &[(&str, &str)]) -> Result<Reimported, ImportError> {
    let _ = existing;
    let all = super::import_all(documents)?;
    Ok(Reimported {
        source: all.source,
        changes: vec![],
        reports: all.reports,
    })
}
pub(super) fn lock(_s: &mut Source) {}
