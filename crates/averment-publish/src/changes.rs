//! What changed from one publication to the next: what the registers mean, and what grades the evidence earned.
//!
//! Start at [`Previous`] (an earlier publication, as its files were written) and [`History::after`]. Registers are compared
//! by [`averment_register::diff`] and by nothing else.
//!
//! Invariant: a publication whose earlier register cannot be read says so; it never says that nothing changed.

mod change;
mod earlier;
mod grades;
mod previous;

use averment_register::Charter;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(crate) use change::{Change, Direction, DutyRow};
pub use previous::{Previous, PreviousError, SiteFiles, Unread};

use crate::document::Document;

/// Version of the JSON form.
const SCHEMA: &str = "averment.changes/2";

/// Publications and changes that are kept; older ones are in the earlier copies of the site.
const MOST_PUBLICATIONS: usize = 100;
const MOST_CHANGES: usize = 2_000;

/// What changed, publication by publication, the last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct History {
    schema: String,
    publications: Vec<Publication>,
}

/// A publication that said something else than the one before it, or of which that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publication {
    /// `urn:uuid:…`, made from everything else but the changes.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) at: Timestamp,
    /// Digest of its charter.
    pub(crate) charter: String,
    /// Digest of the charter before it; none for the first publication, or when nobody can tell.
    pub(crate) before: Option<String>,
    /// Why it could not be compared with the one before it; none when it was, and for the first.
    pub(crate) not_compared: Option<String>,
    /// What changed, what lets more data out first.
    pub(crate) changes: Vec<Change>,
}

impl History {
    /// The history with the publication of `document`, which was made from `charter`.
    pub(crate) fn after(previous: Option<&Previous>, document: &Document, charter: &Charter) -> Self {
        let mut history = previous.map_or_else(Self::empty, |previous| previous.history.clone());
        let publication = Publication::new(previous, document, charter);
        // A publication that says the same as the one before it is worth no entry, except to begin with.
        let compared = previous.is_some() && publication.not_compared.is_none();
        if !compared || !publication.changes.is_empty() || history.publications.is_empty() {
            history.publications.insert(0, publication);
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

impl Publication {
    fn new(previous: Option<&Previous>, document: &Document, charter: &Charter) -> Self {
        let at = document.generated_at;
        let before = previous.and_then(|previous| previous.digest.clone());
        let not_compared = previous.and_then(|previous| Some(previous.register.as_ref().err()?.to_string()));
        let seed = serde_json::json!(["publication", at, before, document.charter, not_compared]);
        let mut publication = Self {
            id: uuid_of(&seed.to_string()),
            at,
            charter: document.charter.clone(),
            before,
            not_compared,
            changes: previous.map_or_else(Vec::new, |previous| changes(previous, document, charter)),
        };
        publication.name_changes();
        publication
    }

    /// Gives every change its identifier: the same change between the same publications always has the same.
    fn name_changes(&mut self) {
        for change in &mut self.changes {
            let parts = serde_json::json!([
                self.at,
                self.before,
                self.charter,
                change.what,
                change.place,
                change.direction,
                change.sentence,
            ]);
            change.id = uuid_of(&parts.to_string());
        }
    }
}

/// What changed since `previous`, what lets more out first. Identifiers are empty.
fn changes(previous: &Previous, document: &Document, charter: &Charter) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Ok(before) = &previous.register {
        let diff = averment_register::diff(before, charter);
        changes.extend(diff.changes.iter().map(|change| Change::of(change, charter)));
    }
    changes.extend(grades::changes(&previous.grades, document));
    changes.sort_by(|a, b| (a.direction, &a.recipient, &a.place).cmp(&(b.direction, &b.recipient, &b.place)));
    changes
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
