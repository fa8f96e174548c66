//! Who publishes, as it is published.

use averment_register::{About, RecipientRole};
use jiff::civil::Date;
use serde::Serialize;

use crate::link::{Reach, web_address};
use crate::terms::{PeriodRow, place};
use crate::words::Named;

/// Who makes the statements.
#[derive(Debug, Serialize)]
pub(crate) struct AboutRow {
    role: Option<&'static str>,
    pub(crate) contact: Option<Reach>,
    address: Option<String>,
    country: Option<Named>,
    data_protection_officer: Option<Reach>,
    representative: Option<String>,
    /// Mailboxes of the organisation itself; absent where none is declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    own_mailboxes: Vec<String>,
    /// Where the register is published, with a slash at the end.
    pub(crate) page: Option<String>,
    /// Language of the published sentences, BCP 47.
    pub(crate) language: String,
    /// The published sentences are not in English, as the rest of the pages is.
    foreign: bool,
    /// Time between the notice of a new recipient and its first use.
    notice: Option<PeriodRow>,
    /// Date of the statements.
    pub(crate) updated: Option<Date>,
}

impl AboutRow {
    pub(crate) fn new(about: &About) -> Self {
        let language = about
            .language
            .as_deref()
            .filter(|tag| is_language_tag(tag))
            .unwrap_or("en");
        Self {
            role: about.role.map(role_word),
            contact: about.contact.as_deref().map(Reach::new),
            address: about.address.clone(),
            country: about.country.as_deref().map(place),
            data_protection_officer: about.data_protection_officer.as_deref().map(Reach::new),
            representative: about.representative.clone(),
            own_mailboxes: about.own_mailboxes.iter().cloned().collect(),
            page: web_address(about.page.as_deref()),
            language: language.to_owned(),
            foreign: language.split('-').next() != Some("en"),
            notice: about.notice.map(PeriodRow::new),
            updated: about.updated,
        }
    }
}

/// The word for a role in the JSON form.
pub(crate) fn role_word(role: RecipientRole) -> &'static str {
    match role {
        RecipientRole::Processor => "processor",
        RecipientRole::Subprocessor => "subprocessor",
        RecipientRole::Controller => "controller",
        RecipientRole::JointController => "joint controller",
        RecipientRole::Conduit => "conduit",
    }
}

/// RFC 5646, section 2.1: subtags of one to eight letters and digits, the first of two or three letters.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    let letters = language.bytes().all(|byte| byte.is_ascii_alphabetic());
    (2..=3).contains(&language.len())
        && letters
        && subtags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
