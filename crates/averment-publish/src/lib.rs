//! The publish room: a charter and its graded claims in, the documents that the public reads out.
//!
//! Start at [`page`] (one HTML page), [`json`] (the same for programs) or [`site`] (all of them by file name). All are
//! made from one document model, so they cannot say different things. Nothing here opens a file, a clock or a socket.
//!
//! Invariants: every text that came from a register is escaped; the page loads nothing from anywhere and runs no script;
//! a claim is never shown without its grade, nor a grade without its reason.
//!
//! Source: WCAG 2.2 (how the page is built); RFC 4180 (CSV); RFC 3339 (times).

mod document;
mod evidence_row;
mod forms;
mod markdown;
mod page;
mod recipient_row;
mod site;
mod table;
mod words;

pub use forms::forms;
pub use page::{page, style, style_source};
pub use site::site;
pub use words::{duration, thousands};

use averment_claims::{Graded, Watched};
use averment_register::Charter;
use jiff::Timestamp;

/// What a document needs to know besides the charter and its grades.
#[derive(Debug, Clone)]
pub struct Meta {
    /// When it is made.
    pub generated_at: Timestamp,
    /// Address of the JSON form, as the page links to it.
    pub json: String,
    /// Whether it is made anew for every reader.
    pub live: bool,
    /// What a reader must know before anything else, e.g. that all of it is an example. Shown first, in every form.
    pub notice: Option<String>,
    /// Window of the evidence and how much of it a gate watched: [`averment_claims::Fold::watched`].
    pub watched: Watched,
}

/// The page for programs: JSON with `"schema": "averment.page/1"`.
pub fn json(charter: &Charter, graded: &[Graded], meta: &Meta) -> String {
    let document = document::Document::new(charter, graded, meta);
    serde_json::to_string_pretty(&document).expect("a document holds only strings, numbers and lists")
}
