//! What is published, as data: every form (HTML, JSON, Markdown, CSV, Atom) is made from one [`Document`].
//!
//! Field names are the JSON format `averment.page/1` (`schema/page.schema.json`); adding one is fine, renaming one is a
//! new version.

use std::collections::BTreeMap;

use averment_claims::{Grade, Graded};
use averment_register::{Charter, Mode, RecipientId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::Meta;
use crate::about::AboutRow;
use crate::claim_row::ClaimRow;
use crate::context::Context;
use crate::controller_row::ControllerRow;
use crate::link::web_address;
use crate::recipient_row::RecipientRow;
use crate::visibility::Visibility;

/// Version of the JSON form.
pub(crate) const SCHEMA: &str = "averment.page/1";

/// Everything that is published.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    schema: &'static str,
    /// What a reader must know before anything else.
    pub(crate) notice: Option<String>,
    pub(crate) organisation: String,
    pub(crate) about: AboutRow,
    pub(crate) charter: String,
    pub(crate) generated_at: Timestamp,
    pub(crate) live: bool,
    json: &'static str,
    window_days: i64,
    watched_seconds: i64,
    unknown_hosts: &'static str,
    /// Number of claims per grade.
    grades: BTreeMap<&'static str, usize>,
    documents: Vec<DocumentRow>,
    pub(crate) recipients: Vec<RecipientRow>,
    /// Claims about the list as a whole.
    pub(crate) claims: Vec<ClaimRow>,
    /// Schools with variants of their own.
    pub(crate) controllers: Vec<ControllerRow>,
    /// Who may see what on the platform.
    pub(crate) visibility: Visibility,
}

/// A published document that sentences were taken from.
#[derive(Debug, Serialize)]
struct DocumentRow {
    id: String,
    title: String,
    url: Option<String>,
    /// When it was read.
    read: Option<Date>,
}

impl Document {
    /// `graded`: every claim of `charter`.
    pub(crate) fn new(charter: &Charter, graded: &[Graded], meta: &Meta) -> Self {
        let content = charter.content();
        let context = Context::new(charter, meta);
        let about_list = graded.iter().filter(|graded| graded.claim.recipient.is_none());
        Self {
            schema: SCHEMA,
            notice: meta.notice.clone(),
            organisation: content.organisation.clone(),
            about: AboutRow::new(&content.about),
            charter: context.digest.clone(),
            generated_at: meta.generated_at,
            live: meta.live,
            json: crate::site::JSON,
            window_days: meta.watched.window.as_hours() / 24,
            watched_seconds: meta.watched.watched.as_secs(),
            unknown_hosts: mode_word(content.unknown_hosts),
            grades: count(graded),
            documents: content.documents.iter().map(document_row).collect(),
            recipients: recipient_rows(&context, graded),
            claims: about_list.map(|graded| ClaimRow::new(&context, graded)).collect(),
            controllers: content
                .controllers
                .values()
                .map(|controller| ControllerRow::new(&context, controller))
                .collect(),
            visibility: Visibility::new(content.claims.values()),
        }
    }

    /// The JSON form.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a document holds only strings, numbers and lists") + "\n"
    }

    /// Every claim with the recipient that it is about.
    pub(crate) fn all_claims(&self) -> impl Iterator<Item = (Option<&RecipientRow>, &ClaimRow)> {
        let about_recipients = self
            .recipients
            .iter()
            .flat_map(|row| row.claims.iter().map(move |claim| (Some(row), claim)));
        about_recipients.chain(self.claims.iter().map(|claim| (None, claim)))
    }
}

/// The recipients by name.
fn recipient_rows(context: &Context, graded: &[Graded]) -> Vec<RecipientRow> {
    let mut claims: BTreeMap<&RecipientId, Vec<&Graded>> = BTreeMap::new();
    for graded in graded {
        if let Some(recipient) = &graded.claim.recipient {
            claims.entry(recipient).or_default().push(graded);
        }
    }
    let recipients = context.charter.content().recipients.values();
    let mut rows: Vec<RecipientRow> = recipients
        .map(|recipient| RecipientRow::new(context, recipient, claims.remove(&recipient.id).unwrap_or_default()))
        .collect();
    rows.sort_by_key(|row| (row.name.to_lowercase(), row.id.clone()));
    rows
}

fn count(graded: &[Graded]) -> BTreeMap<&'static str, usize> {
    let of = |grade: Grade| graded.iter().filter(|graded| graded.overall == grade).count();
    Grade::ALL
        .into_iter()
        .map(|grade| (grade.as_str(), of(grade)))
        .collect()
}

fn document_row(document: &averment_register::Document) -> DocumentRow {
    DocumentRow {
        id: document.id.clone(),
        title: document.title.clone(),
        url: web_address(document.url.as_deref()),
        read: document.read,
    }
}

pub(crate) fn mode_word(mode: Mode) -> &'static str {
    mode.as_str()
}
