//! What changed from one publication to the next: what is said, to whom, and what the evidence earned.
//!
//! Start at [`Previous`] (an earlier publication, as its JSON was written) and [`History::after`].

mod compare;
mod seen;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use seen::{Previous, PreviousError};

use crate::document::Document;

/// Version of the JSON form.
const SCHEMA: &str = "averment.changes/1";

/// Publications and changes that are kept; older ones are in the earlier copies of the site.
const MOST_PUBLICATIONS: usize = 100;
const MOST_CHANGES: usize = 2_000;

/// What changed, publication by publication, the last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct History {
    schema: String,
    publications: Vec<Publication>,
}

/// A publication that said something else than the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publication {
    /// When it was made.
    pub(crate) at: Timestamp,
    /// Digest of its charter.
    pub(crate) charter: String,
    /// Digest of the charter before it; none for the first publication.
    pub(crate) before: Option<String>,
    /// What changed, what lets more data out first.
    pub(crate) changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// `urn:uuid:…`, made from everything that the change says (RFC 9562, section 5.8).
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// What it means for the data.
    pub(crate) effect: Effect,
    /// The recipient that it is about.
    pub(crate) recipient: Option<String>,
    /// The claim that it is about.
    pub(crate) claim: Option<String>,
    /// The change in one sentence.
    pub(crate) words: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// What sort of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    RecipientAdded,
    RecipientRemoved,
    MayGet,
    NoLongerGets,
    Fact,
    ClaimAdded,
    ClaimRemoved,
    Sentence,
    Grade,
}

/// What a change means for the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// More may leave, or less is promised or shown.
    More,
    /// Neither, or it cannot be told.
    Other,
    /// Less may leave, or more is promised or shown.
    Less,
}

impl History {
    /// The history with the publication of `document`, whose JSON is `json`.
    pub(crate) fn after(previous: Option<&Previous>, document: &Document, json: &str) -> Self {
        let mut history = previous.map_or_else(Self::empty, |previous| previous.history.clone());
        let before = previous.map(|previous| &previous.page);
        let mut changes = match (before, seen::Page::read(json)) {
            (Some(before), Ok(now)) => compare::changes(before, &now),
            _ => Vec::new(),
        };
        let publication = |changes| Publication {
            at: document.generated_at,
            charter: document.charter.clone(),
            before: before.map(|page| page.charter.clone()),
            changes,
        };
        if before.is_none() || !changes.is_empty() {
            changes.sort_by(|a, b| (a.effect, &a.recipient, a.kind).cmp(&(b.effect, &b.recipient, b.kind)));
            history.publications.insert(0, name_changes(publication(changes)));
        }
        history.forget_the_oldest();
        history
    }

    /// Publications, the last first.
    pub(crate) fn publications(&self) -> &[Publication] {
        &self.publications
    }

    fn empty() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            publications: Vec::new(),
        }
    }

    /// Keeps the last publication whatever its size.
    fn forget_the_oldest(&mut self) {
        self.publications.truncate(MOST_PUBLICATIONS);
        let mut count = 0;
        let kept = self.publications.iter().take_while(|publication| {
            count += publication.changes.len();
            count <= MOST_CHANGES
        });
        let kept = kept.count().max(1);
        self.publications.truncate(kept);
    }
}

/// Gives every change its identifier: the same change between the same publications always has the same.
fn name_changes(mut publication: Publication) -> Publication {
    for change in &mut publication.changes {
        let parts = serde_json::json!([
            publication.at,
            publication.before,
            publication.charter,
            change.kind,
            change.recipient,
            change.claim,
            change.words,
            change.before,
            change.after,
        ]);
        change.id = uuid_of(&parts.to_string());
    }
    publication
}

/// A UUID of version 8 from the SHA-256 of `text`.
///
/// # Source
/// RFC 9562, section 5.8.
pub(crate) fn uuid_of(text: &str) -> String {
    let digest = Sha256::digest(text);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
