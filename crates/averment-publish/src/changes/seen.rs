//! An earlier publication, as far as it is compared: read from the JSON that it wrote.

use std::collections::BTreeMap;

use averment_claims::{EvidenceByClaim, Watched, grade};
use averment_register::Charter;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{History, SCHEMA};
use crate::Meta;
use crate::document::Document;

/// An earlier publication.
#[derive(Debug, Clone)]
pub struct Previous {
    pub(super) page: Page,
    pub(super) history: History,
}

/// Why an earlier publication cannot be compared with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviousError {
    /// The page's JSON is not what was expected.
    #[error("the earlier page is not a document `averment.page/1`")]
    Page(#[source] serde_json::Error),
    /// The same, of the changes before it.
    #[error("the earlier changes are not a document `averment.changes/1`")]
    Changes(#[source] serde_json::Error),
    /// Another version.
    #[error("the earlier publication has the schema `{found}`; `{expected}` was expected")]
    Schema {
        /// As it stands there.
        found: String,
        /// What can be read.
        expected: &'static str,
    },
}

/// What is compared of a page.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Page {
    schema: String,
    pub(super) charter: String,
    pub(super) unknown_hosts: String,
    recipients: Vec<Recipient>,
    pub(super) claims: Vec<Claim>,
}

/// What is compared of a recipient.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Recipient {
    pub(super) id: String,
    pub(super) name: String,
    operator: Option<String>,
    state: Option<String>,
    purpose: String,
    information: String,
    role: String,
    student_records: String,
    mode: Option<String>,
    unreadable: String,
    #[serde(default)]
    countries: Vec<Label>,
    #[serde(default)]
    own_use: Vec<Label>,
    #[serde(default)]
    onward: Vec<Name>,
    pub(super) discloses: Vec<Row>,
    #[serde(default)]
    pub(super) receives: Vec<Row>,
    pub(super) claims: Vec<Claim>,
}

/// What is compared of a claim.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) sentence: String,
    #[serde(default)]
    pub(super) plain: Option<String>,
    /// None when it was not measured: a register, not a page.
    #[serde(default)]
    pub(super) grade: Option<String>,
}

/// A row in one sentence; rows of publications that had none are not compared.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    pub(super) plain: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Label {
    label: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Name {
    name: String,
}

impl Previous {
    /// `page`: `page.json` of the earlier publication; `changes`: its `changes.json`, when it had one.
    ///
    /// # Errors
    /// When one of them is not JSON of the expected schema.
    pub fn read(page: &str, changes: Option<&str>) -> Result<Self, PreviousError> {
        let page = Page::read(page).map_err(PreviousError::Page)?;
        expect(&page.schema, crate::document::SCHEMA)?;
        let history = match changes {
            Some(text) => serde_json::from_str(text).map_err(PreviousError::Changes)?,
            None => History::empty(),
        };
        expect(&history.schema, SCHEMA)?;
        Ok(Self { page, history })
    }

    /// A register that was never published: what it says is compared, grades are not.
    pub fn of_register(charter: &Charter) -> Self {
        let meta = Meta {
            generated_at: Timestamp::UNIX_EPOCH,
            live: false,
            notice: None,
            watched: Watched {
                window: SignedDuration::ZERO,
                watched: SignedDuration::ZERO,
            },
        };
        let graded = grade(charter, &EvidenceByClaim::new(), meta.generated_at);
        let json = Document::new(charter, &graded, &meta).json();
        let mut page = Page::read(&json).expect("a document is written as it is read");
        page.forget_grades();
        Self {
            page,
            history: History::empty(),
        }
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

impl Page {
    pub(super) fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    pub(super) fn recipients(&self) -> BTreeMap<&str, &Recipient> {
        self.recipients.iter().map(|row| (row.id.as_str(), row)).collect()
    }

    fn forget_grades(&mut self) {
        for row in &mut self.recipients {
            // The day of the publication decides on it, and a register has none.
            row.state = None;
            row.claims.iter_mut().for_each(|claim| claim.grade = None);
        }
        self.claims.iter_mut().for_each(|claim| claim.grade = None);
    }
}

impl Recipient {
    /// What is said about it in one word or sentence each: what it is called, and what it is now.
    pub(super) fn facts(&self) -> Vec<(&'static str, Option<String>)> {
        let labels = |rows: &[Label]| (!rows.is_empty()).then(|| join(rows.iter().map(|row| row.label.as_str())));
        vec![
            ("name", Some(self.name.clone())),
            ("operator", self.operator.clone()),
            ("purpose", Some(self.purpose.clone())),
            ("what it gets, as published", Some(self.information.clone())),
            ("part", Some(self.role.clone())),
            ("student records, as published", Some(self.student_records.clone())),
            ("handling of content that cannot be read", Some(self.unreadable.clone())),
            ("countries", labels(&self.countries)),
            ("own use of the data", labels(&self.own_use)),
            (
                "others who get data from it",
                (!self.onward.is_empty()).then(|| join(self.onward.iter().map(|row| row.name.as_str()))),
            ),
        ]
    }

    /// Gateway mode: what refuses becomes what only reports, or the other way round.
    pub(super) fn mode(&self) -> Option<&str> {
        self.mode.as_deref()
    }

    pub(super) fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join("; ")
}
