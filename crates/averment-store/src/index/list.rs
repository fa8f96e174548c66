//! Who is affected, by name of the platform: the directory keeps digests of identifiers, so that a file with the
//! identifiers themselves has to be held against it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fold::{Affected, AffectedPerson};
use super::one_person::time;
use super::{IndexError, reach::Reaching};
use crate::People;
use crate::people::PeopleError;

/// Why nobody can be listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// The file cannot be read, or is no CSV.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// The file has no identifiers.
    #[error("`{}` has no column `id`: expected the people file, as for `averment people load`", path.display())]
    NoIds {
        /// The file.
        path: PathBuf,
    },
    /// The directory cannot be used.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// One affected person. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct ListedPerson {
    /// The platform's identifier.
    pub id: String,
    /// The school, as the directory named it then where the entries say so.
    pub school: Option<String>,
    /// Kind of data subject.
    pub subject: String,
    /// How surely something left about them.
    pub extent: Reaching,
    /// Elements that left or may have left, with how surely and whether as they were.
    pub elements: BTreeMap<String, (Reaching, bool)>,
    /// The first and the last message, RFC 3339 UTC.
    pub first_at: String,
    /// See `first_at`.
    pub last_at: String,
}

impl std::fmt::Debug for ListedPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListedPerson(<id of {} bytes>)", self.id.len())
    }
}

impl Affected {
    /// Those of whom something left or may have left and who stand in the CSV file `ids` with a column `id`, in the order
    /// of the file; who was of several schools once for each.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn listed(&self, people: &People, ids: &Path) -> Result<Vec<ListedPerson>, ListError> {
        let path = || ids.to_owned();
        let read_error = |source| ListError::Read { path: path(), source };
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_path(ids)
            .map_err(read_error)?;
        let headings = reader.headers().map_err(read_error)?;
        let named = |heading: &str| heading.trim_start_matches('\u{feff}').trim().eq_ignore_ascii_case("id");
        let Some(column) = headings.iter().position(named) else {
            return Err(ListError::NoIds { path: path() });
        };
        let mut listed = Vec::new();
        for record in reader.records() {
            let record = record.map_err(read_error)?;
            let id = record.get(column).unwrap_or_default();
            listed.extend(self.one(people, id)?);
        }
        Ok(listed)
    }

    fn one(&self, people: &People, id: &str) -> Result<Vec<ListedPerson>, ListError> {
        let found = people.find(id)?.and_then(|number| self.people.get(&number));
        let parts = found.into_iter().flatten();
        let parts = parts.filter(|part| part.extent != Reaching::Kept);
        parts.map(|part| Ok(listed(part, id)?)).collect()
    }
}

fn listed(person: &AffectedPerson, id: &str) -> Result<ListedPerson, IndexError> {
    let left = person
        .elements
        .iter()
        .filter(|(_, (extent, _))| *extent != Reaching::Kept);
    Ok(ListedPerson {
        id: id.trim().to_owned(),
        school: person.school.clone(),
        subject: person.subject.clone(),
        extent: person.extent,
        elements: left.map(|(element, extent)| (element.clone(), *extent)).collect(),
        first_at: time(person.first)?,
        last_at: time(person.last)?,
    })
}
