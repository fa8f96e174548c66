//! Histories of the form `averment.changes/1`, which had another comparison: read, so that what was told stays told.
//!
//! That comparison took rows and sentences for text. What it said of a direction is kept only where it could know one.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Change, Direction, History, Publication, SCHEMA, uuid_of};

/// The form that is read here.
pub(super) const SCHEMA_1: &str = "averment.changes/1";

#[derive(Deserialize)]
struct History1 {
    publications: Vec<Publication1>,
}

#[derive(Deserialize)]
struct Publication1 {
    at: Timestamp,
    charter: String,
    before: Option<String>,
    changes: Vec<Change1>,
}

#[derive(Deserialize)]
struct Change1 {
    id: String,
    kind: String,
    effect: Effect1,
    recipient: Option<String>,
    claim: Option<String>,
    words: String,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Effect1 {
    More,
    Other,
    Less,
}

/// A history of the form [`SCHEMA_1`] as one of today. Identifiers of changes stay.
pub(super) fn read(json: Value) -> Result<History, serde_json::Error> {
    let history: History1 = serde_json::from_value(json)?;
    Ok(History {
        schema: SCHEMA.to_owned(),
        publications: history.publications.into_iter().map(publication).collect(),
    })
}

fn publication(publication: Publication1) -> Publication {
    let Publication1 {
        at,
        charter,
        before,
        changes,
    } = publication;
    let seed = serde_json::json!(["publication", at, before, charter, null]);
    Publication {
        id: uuid_of(&seed.to_string()),
        at,
        charter,
        before,
        not_compared: None,
        changes: changes.into_iter().map(change).collect(),
    }
}

fn change(change: Change1) -> Change {
    let mut sentence = change.words;
    for (when, text) in [("Before", change.before), ("Now", change.after)] {
        sentence += &text.map_or_else(String::new, |text| format!(" {when}: {text}"));
    }
    Change {
        id: change.id,
        place: None,
        direction: direction(&change.kind, change.effect),
        what: change.kind,
        recipient: change.recipient,
        claim: change.claim,
        sentence,
        duties: Vec::new(),
    }
}

fn direction(kind: &str, effect: Effect1) -> Direction {
    match (kind, effect) {
        ("grade", Effect1::More) => Direction::ShownLess,
        ("grade", Effect1::Less) => Direction::ShownMore,
        ("recipient_added" | "recipient_removed" | "fact", Effect1::More) => Direction::Wider,
        ("recipient_added" | "recipient_removed" | "fact", Effect1::Less) => Direction::Narrower,
        _ => Direction::Other,
    }
}
