//! What is published, as data: every form (HTML, JSON, Markdown, CSV) is made from one [`Document`].
//!
//! Field names are the JSON format `averment.page/1`; adding one is fine, renaming one is a new version.

use std::collections::BTreeMap;

use averment_claims::{Grade, Graded, NotLookedFor};
use averment_register::{Charter, Claim, ClaimKind, Mode, RecipientId, Said};
use jiff::Timestamp;
use serde::Serialize;

use crate::Meta;
use crate::evidence_row::{PlaneRow, last_evidence};
use crate::recipient_row::RecipientRow;
use crate::words::{Named, element, subject};

/// Version of the JSON form.
const SCHEMA: &str = "averment.page/1";

/// Everything that is published.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    schema: &'static str,
    /// What a reader must know before anything else.
    pub(crate) notice: Option<String>,
    organisation: String,
    pub(crate) charter: String,
    pub(crate) generated_at: Timestamp,
    live: bool,
    json: String,
    window_days: i64,
    watched_seconds: i64,
    unknown_hosts: &'static str,
    /// Number of claims per grade.
    grades: BTreeMap<&'static str, usize>,
    documents: Vec<DocumentRow>,
    pub(crate) recipients: Vec<RecipientRow>,
    /// Claims about the list as a whole.
    pub(crate) claims: Vec<ClaimRow>,
}

/// A published document that sentences were taken from.
#[derive(Debug, Serialize)]
struct DocumentRow {
    id: String,
    title: String,
    url: Option<String>,
}

/// A claim with its grade.
#[derive(Debug, Serialize)]
pub(crate) struct ClaimRow {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) sentence: String,
    said: Option<SaidRow>,
    /// What a `never_shares` sentence is read as.
    checked: Option<Checked>,
    /// Elements that are looked for; none for a kind that no elements are looked for.
    pub(crate) looked_for: Option<Vec<Named>>,
    /// What the sentence speaks of and nothing looks for yet.
    pub(crate) not_looked_for: Option<Vec<NotLookedForRow>>,
    pub(crate) grade: Grade,
    pub(crate) reason: String,
    pub(crate) last_evidence_at: Option<Timestamp>,
    /// Requests of the evidence that were judged under another version of the register.
    judged_under_other_charters: u64,
    pub(crate) planes: Vec<PlaneRow>,
}

/// Where a sentence was published.
#[derive(Debug, Serialize)]
pub(crate) struct SaidRow {
    document: String,
    title: String,
    url: Option<String>,
    line: u32,
}

/// A category or element that nothing looks for yet, or of which only a part is looked for.
#[derive(Debug, Serialize)]
pub(crate) struct NotLookedForRow {
    id: String,
    pub(crate) label: String,
    /// Some of it is looked for: this is about the rest.
    rest: bool,
}

/// What a `never_shares` sentence is checked as.
#[derive(Debug, Serialize)]
struct Checked {
    elements: Vec<Named>,
    subjects: Vec<Named>,
}

impl Document {
    /// `graded`: every claim of `charter`.
    pub(crate) fn new(charter: &Charter, graded: &[Graded], meta: &Meta) -> Self {
        let content = charter.content();
        let about_list = graded.iter().filter(|graded| graded.claim.recipient.is_none());
        Self {
            schema: SCHEMA,
            notice: meta.notice.clone(),
            organisation: content.organisation.clone(),
            charter: charter.digest().to_string(),
            generated_at: meta.generated_at,
            live: meta.live,
            json: meta.json.clone(),
            window_days: meta.watched.window.as_hours() / 24,
            watched_seconds: meta.watched.watched.as_secs(),
            unknown_hosts: mode_word(content.unknown_hosts),
            grades: count(graded),
            documents: content.documents.iter().map(document_row).collect(),
            recipients: recipient_rows(charter, graded),
            claims: about_list.map(|graded| ClaimRow::new(charter, graded)).collect(),
        }
    }

    pub(crate) fn organisation(&self) -> &str {
        &self.organisation
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

impl ClaimRow {
    pub(crate) fn new(charter: &Charter, graded: &Graded) -> Self {
        let claim = &graded.claim;
        let looked_for = graded.looked_for.as_ref();
        let digest = charter.digest().to_string();
        let planes: Vec<PlaneRow> = graded
            .planes
            .iter()
            .map(|plane| PlaneRow::new(plane, &digest))
            .collect();
        Self {
            looked_for: looked_for
                .as_ref()
                .map(|found| found.elements.iter().map(element).collect()),
            not_looked_for: looked_for
                .as_ref()
                .map(|found| found.not.iter().map(|part| not_looked_for_row(claim, part)).collect()),
            judged_under_other_charters: planes.iter().map(PlaneRow::judged_under_other_charters).sum(),
            id: claim.id.to_string(),
            kind: claim.kind.as_str(),
            sentence: claim.sentence.clone(),
            said: claim.said.as_ref().map(|said| said_row(charter, said)),
            checked: checked(claim),
            grade: graded.overall,
            reason: graded.reason.clone(),
            last_evidence_at: last_evidence(graded),
            planes,
        }
    }
}

/// The recipients by name.
fn recipient_rows(charter: &Charter, graded: &[Graded]) -> Vec<RecipientRow> {
    let mut claims: BTreeMap<&RecipientId, Vec<&Graded>> = BTreeMap::new();
    for graded in graded {
        if let Some(recipient) = &graded.claim.recipient {
            claims.entry(recipient).or_default().push(graded);
        }
    }
    let recipients = charter.content().recipients.values();
    let mut rows: Vec<RecipientRow> = recipients
        .map(|recipient| RecipientRow::new(charter, recipient, claims.remove(&recipient.id).unwrap_or_default()))
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
    }
}

pub(crate) fn said_row(charter: &Charter, said: &Said) -> SaidRow {
    let document = charter
        .content()
        .documents
        .iter()
        .find(|document| document.id == said.document);
    SaidRow {
        document: said.document.clone(),
        title: document.map_or_else(|| said.document.clone(), |document| document.title.clone()),
        url: web_address(document.and_then(|document| document.url.as_deref())),
        line: said.line,
    }
}

/// An address that may become a link. A register may hold `javascript:…`; the page does not repeat that.
fn web_address(url: Option<&str>) -> Option<String> {
    let lower = url?.to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    url.filter(|_| is_web).map(ToOwned::to_owned)
}

fn not_looked_for_row(claim: &Claim, part: &NotLookedFor) -> NotLookedForRow {
    NotLookedForRow {
        id: part.element.to_string(),
        // `shares` speaks of every category there is; examples of each would bury the list.
        label: match claim.kind {
            ClaimKind::Shares => part.label(),
            _ => part.label_with_examples(),
        },
        rest: part.rest,
    }
}

fn checked(claim: &Claim) -> Option<Checked> {
    match &claim.kind {
        ClaimKind::NeverShares { elements, subjects } => Some(Checked {
            elements: elements.iter().map(element).collect(),
            subjects: subjects.iter().map(subject).collect(),
        }),
        _ => None,
    }
}

pub(crate) fn mode_word(mode: Mode) -> &'static str {
    mode.as_str()
}
