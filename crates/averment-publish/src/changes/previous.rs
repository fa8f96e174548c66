//! An earlier publication, as far as it is compared: its register, the grades on its page, and the changes that it told.

use averment_register::interchange::{self, InterchangeError};
use averment_register::{Charter, compile};
use serde_json::Value;

use super::{History, SCHEMA, earlier, grades};

/// An earlier publication.
#[derive(Debug, Clone)]
pub struct Previous {
    pub(super) register: Result<Charter, Unread>,
    /// Digest of its charter, when anything says it.
    pub(super) digest: Option<String>,
    pub(super) grades: Vec<grades::Then>,
    pub(super) history: History,
}

/// The files of an earlier publication that are read; each may be missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct SiteFiles<'a> {
    /// `register.json`, or another form that carries the register.
    pub register: Option<&'a str>,
    /// `page.json`: for grades.
    pub page: Option<&'a str>,
    /// `changes.json`: for what was told before.
    pub changes: Option<&'a str>,
}

/// Why the register of an earlier publication cannot be compared with. The words are published; the cause is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unread {
    /// A publication of a version that wrote none, or no such form.
    #[error("the publication before this one holds no register that can be read back")]
    Missing,
    /// It is broken, edited, or of another version of the forms or of the catalog.
    #[error("the register of the publication before this one cannot be read back")]
    Register(#[source] InterchangeError),
    /// Nothing of the publication can be read.
    #[error("the publication before this one cannot be read")]
    Site,
}

/// Why the rest of an earlier publication cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviousError {
    /// The page's JSON is not what was expected.
    #[error("the earlier page is not a document `averment.page/1`")]
    Page(#[source] serde_json::Error),
    /// The same, of the changes before it.
    #[error("the earlier changes are not a document `{SCHEMA}`")]
    Changes(#[source] serde_json::Error),
    /// Another version.
    #[error("the earlier publication has the schema `{found}`; `{expected}` was expected")]
    Schema {
        /// As it stands there.
        found: String,
        /// What can be read.
        expected: &'static str,
    },
    /// Files of two publications.
    #[error("the earlier page is of charter {page} and the register beside it of {register}: expected one publication")]
    Apart {
        /// Digest on the page.
        page: String,
        /// Digest of the register.
        register: String,
    },
}

impl Previous {
    /// Reads what an earlier publication wrote. A register that cannot be read back is no error: [`Self::unread`] says why,
    /// and the publication to come says that it was not compared.
    ///
    /// # Errors
    /// When the page or the changes are there and are not JSON of the expected schema, or when page and register are of two
    /// publications.
    pub fn read(files: SiteFiles<'_>) -> Result<Self, PreviousError> {
        let register = register(files.register);
        let digest = register.as_ref().ok().map(|charter| charter.digest().to_string());
        let page = files.page.map(page).transpose()?;
        if let (Some(register), Some(page)) = (&digest, &page)
            && *register != page.charter
        {
            let (page, register) = (page.charter.clone(), register.clone());
            return Err(PreviousError::Apart { page, register });
        }
        Ok(Self {
            register,
            digest: digest.or_else(|| page.as_ref().map(|page| page.charter.clone())),
            grades: page.map(grades::Page::grades).unwrap_or_default(),
            history: files.changes.map(history).transpose()?.unwrap_or_else(History::empty),
        })
    }

    /// A register that was never published: what it says is compared, grades are not.
    pub fn of_register(charter: &Charter) -> Self {
        Self {
            register: Ok(charter.clone()),
            digest: Some(charter.digest().to_string()),
            grades: Vec::new(),
            history: History::empty(),
        }
    }

    /// A publication of which nothing can be read: what it told is lost, and nothing is compared.
    pub fn unreadable() -> Self {
        Self {
            register: Err(Unread::Site),
            digest: None,
            grades: Vec::new(),
            history: History::empty(),
        }
    }

    /// Why its register cannot be compared with; none when it can.
    pub fn unread(&self) -> Option<&Unread> {
        self.register.as_ref().err()
    }
}

fn register(text: Option<&str>) -> Result<Charter, Unread> {
    let source = text.and_then(|text| interchange::read("register.json", text));
    let source = source.ok_or(Unread::Missing)?.map_err(Unread::Register)?;
    compile(&source).charter.ok_or(Unread::Missing)
}

fn page(text: &str) -> Result<grades::Page, PreviousError> {
    let page: grades::Page = serde_json::from_str(text).map_err(PreviousError::Page)?;
    expect(&page.schema, crate::document::SCHEMA)?;
    Ok(page)
}

fn history(text: &str) -> Result<History, PreviousError> {
    let json: Value = serde_json::from_str(text).map_err(PreviousError::Changes)?;
    match json.get("schema").and_then(Value::as_str) {
        Some(earlier::SCHEMA_1) => earlier::read(json).map_err(PreviousError::Changes),
        Some(schema) => {
            expect(schema, SCHEMA)?;
            serde_json::from_value(json).map_err(PreviousError::Changes)
        }
        None => serde_json::from_value(json).map_err(PreviousError::Changes),
    }
}

fn expect(found: &str, expected: &'static str) -> Result<(), PreviousError> {
    match found == expected {
        true => Ok(()),
        false => Err(PreviousError::Schema {
            found: found.to_owned(),
            expected,
        }),
    }
}
