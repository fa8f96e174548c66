//! What rows of the document need to know of the charter besides their own part.

use std::collections::BTreeMap;

use averment_claims::{Change, Graded, Past};
use averment_register::{Charter, ClaimId, Document, RecipientId, Said};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::Meta;
use crate::link::web_address;

/// The charter with what is looked up in it often.
pub(crate) struct Context<'a> {
    pub(crate) charter: &'a Charter,
    pub(crate) digest: String,
    /// The day of the publication, in UTC.
    pub(crate) today: Date,
    /// Recipients that data reaches through a recipient: the other end of `through`.
    pub(crate) passes_to: BTreeMap<&'a RecipientId, Vec<&'a RecipientId>>,
    /// Recipients that run on a recipient: the other end of `runs_on`.
    pub(crate) carries: BTreeMap<&'a RecipientId, Vec<&'a RecipientId>>,
    documents: BTreeMap<&'a str, &'a Document>,
    meta: &'a Meta,
}

/// Where a sentence was published.
#[derive(Debug, Serialize)]
pub(crate) struct SaidRow {
    document: String,
    title: String,
    url: Option<String>,
    line: u32,
}

/// Another recipient of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Other {
    id: String,
    name: String,
}

impl<'a> Context<'a> {
    pub(crate) fn new(charter: &'a Charter, meta: &'a Meta) -> Self {
        let content = charter.content();
        let (mut passes_to, mut carries) = (BTreeMap::new(), BTreeMap::new());
        for recipient in content.recipients.values() {
            for id in &recipient.through {
                passes_to.entry(id).or_insert_with(Vec::new).push(&recipient.id);
            }
            for id in &recipient.runs_on {
                carries.entry(id).or_insert_with(Vec::new).push(&recipient.id);
            }
        }
        Self {
            charter,
            digest: charter.digest().to_string(),
            today: meta.generated_at.to_zoned(TimeZone::UTC).date(),
            passes_to,
            carries,
            documents: content.documents.iter().map(|row| (row.id.as_str(), row)).collect(),
            meta,
        }
    }

    /// What a claim earned before.
    pub(crate) fn past(&self, claim: &ClaimId) -> Option<&'a Past> {
        self.meta.history.of(claim.as_str())
    }

    /// When a claim that is not broken any more became broken, if it was within the window.
    pub(crate) fn mended(&self, graded: &Graded) -> Option<&'a Change> {
        self.meta
            .history
            .mended(graded, self.meta.generated_at, self.meta.watched)
    }

    /// Name of a recipient; its identifier when the register does not hold it.
    pub(crate) fn name(&self, id: &'a RecipientId) -> &'a str {
        self.charter
            .recipient(id)
            .map_or(id.as_str(), |recipient| recipient.name.as_str())
    }

    pub(crate) fn others(&self, ids: impl IntoIterator<Item = &'a RecipientId>) -> Vec<Other> {
        ids.into_iter().map(|id| self.other(id)).collect()
    }

    pub(crate) fn other(&self, id: &'a RecipientId) -> Other {
        Other {
            id: id.to_string(),
            name: self.name(id).to_owned(),
        }
    }

    pub(crate) fn said(&self, said: &Said) -> SaidRow {
        let document = self.documents.get(said.document.as_str());
        SaidRow {
            document: said.document.clone(),
            title: document.map_or_else(|| said.document.clone(), |document| document.title.clone()),
            url: web_address(document.and_then(|document| document.url.as_deref())),
            line: said.line,
        }
    }
}
