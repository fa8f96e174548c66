//! The publish room: a charter and its graded claims in, the documents that the public reads out.
//!
//! Start at [`Site`]: all files of the published site, or one of them for a live page. All are made from one document
//! model, so they cannot say different things. Nothing here opens a file, a clock or a socket.
//!
//! Invariants: every text that came from a register is escaped in every form; the pages load nothing from anywhere and run
//! no script; a claim is never shown without its grade, nor a grade without its reason; the same input gives the same bytes.
//!
//! Source: WCAG 2.2 (how the pages are built); RFC 4180 (CSV); RFC 4287 (Atom); RFC 3339 (times).

mod about;
mod atom;
mod browser_policy;
mod chain;
mod changes;
mod claim_row;
mod context;
mod controller_row;
mod discovery;
mod document;
mod evidence_row;
mod flow_row;
mod forms;
mod group;
mod history_row;
mod link;
mod markdown;
mod page;
mod parents;
mod recipient_row;
mod say;
mod site;
mod table;
mod terms;
mod visibility;
mod words;

pub use changes::{Previous, PreviousError, SiteFiles, Unread};
pub use page::{style, style_source};
pub use site::{SCHEMA, Site, media_type};
pub use words::{duration, thousands};

use averment_claims::{History, Watched};
use jiff::Timestamp;

/// What a document needs to know besides the charter and its grades.
#[derive(Debug, Clone)]
pub struct Meta {
    /// When it is made.
    pub generated_at: Timestamp,
    /// Whether it is made anew for every reader.
    pub live: bool,
    /// What a reader must know before anything else, e.g. that all of it is an example. Shown first, in every form.
    pub notice: Option<String>,
    /// Window of the evidence and how much of it a gate watched: [`averment_claims::Fold::watched`].
    pub watched: Watched,
    /// What claims earned when; as much of it as is shown.
    pub history: History,
}
