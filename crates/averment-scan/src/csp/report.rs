//! Reports of browsers, in both formats, down to what may be kept.

use std::collections::BTreeSet;

use averment_detect::Directory;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::policy::DIRECTIVES;
use crate::drift::Own;
use crate::har::gather::{Gather, Whom};
use crate::har::mask::{Mask, is_local, target};
use crate::identify::registrable;
use crate::observation::{Confidence, Evidence, How, Side, Spot, Tier};

/// Reports of one document that are read.
pub const REPORTS_MAX: usize = 1_000;

/// What is kept of one report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Violation {
    /// Directive that was in force: `img-src`, or `other`.
    pub directive: String,
    /// What was blocked, or would have been.
    pub blocked: Blocked,
    /// Address of the page without query, masked.
    pub document: String,
    /// What the browser did.
    pub disposition: Disposition,
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocked {
    /// Scheme and host without port: `https://px.example`.
    Origin(String),
    /// `inline`, `eval`, `data` and the like: nobody is contacted.
    Nobody,
}

/// What the browser did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// The request was not made.
    Enforce,
    /// It was made, and reported.
    Report,
}

impl Disposition {
    /// The word of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Report => "report",
        }
    }
}

/// Why a document is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// It cannot be parsed.
    #[error("not JSON")]
    NotJson,
    /// It is something else.
    #[error("no report: expected `csp-report`, or a list of reports of the type `csp-violation`")]
    NoReport,
    /// More than [`REPORTS_MAX`].
    #[error("more than {REPORTS_MAX} reports in one document")]
    TooMany,
}

/// Violations of a document in either format; reports about something else than a policy are passed over. `directory`: people
/// whose names addresses must not show. `declared`: patterns of hosts that the register names.
///
/// # Errors
/// [`ReportError`]. Nothing of the document is repeated.
pub fn violations(
    document: &[u8],
    directory: Option<&Directory>,
    declared: &[String],
) -> Result<Vec<Violation>, ReportError> {
    let value: Value = serde_json::from_slice(document).map_err(|_| ReportError::NotJson)?;
    let reports = match &value {
        Value::Array(reports) if reports.len() > REPORTS_MAX => return Err(ReportError::TooMany),
        Value::Array(reports) => reports.iter().collect(),
        one => vec![one],
    };
    let mask = Mask::new(directory, declared);
    let found: Vec<Option<Violation>> = reports
        .iter()
        .filter(|report| !is_other(report))
        .map(|report| one(report, &mask))
        .collect();
    if reports.is_empty() || found.iter().any(Option::is_none) {
        return Err(ReportError::NoReport);
    }
    Ok(found.into_iter().flatten().collect())
}

/// A report of the Reporting API about something else.
fn is_other(report: &Value) -> bool {
    report["type"].is_string() && report["type"] != "csp-violation" && report["body"].is_object()
}

/// One report: `csp-report` as sent to a `report-uri`, or `body` as sent by the Reporting API.
fn one(report: &Value, mask: &Mask<'_>) -> Option<Violation> {
    let old = report.get("csp-report").filter(|body| body.is_object());
    let new = report.get("body").filter(|body| body.is_object());
    let body = old.or(new)?;
    let text = |names: [&str; 2]| names.iter().find_map(|name| body[*name].as_str()).unwrap_or_default();
    let directive = [
        text(["effective-directive", "effectiveDirective"]),
        text(["violated-directive", "violatedDirective"]),
    ];
    let directive = directive.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let page = text(["document-uri", "documentURL"]);
    let page = if page.is_empty() {
        report["url"].as_str().unwrap_or_default()
    } else {
        page
    };
    Some(Violation {
        directive: directive_of(directive),
        blocked: blocked(text(["blocked-uri", "blockedURL"]), mask),
        document: target(page).map_or_else(String::new, |target| mask.page(&target.address).shown),
        disposition: match text(["disposition", "disposition"]) {
            "report" => Disposition::Report,
            _ => Disposition::Enforce,
        },
    })
}

/// The first word, if the standard has it.
fn directive_of(text: &str) -> String {
    let name = text
        .split_ascii_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let known = DIRECTIVES.into_iter().chain(["frame-ancestors", "base-uri"]);
    known
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("other")
        .to_owned()
}

fn blocked(text: &str, mask: &Mask<'_>) -> Blocked {
    match target(text) {
        Some(target) => {
            let host = mask.host(&target.address);
            Blocked::Origin(format!("{}://{host}", target.address.scheme))
        }
        None => Blocked::Nobody,
    }
}

/// Whether it is about a page of one's own, as far as domains were named.
pub(super) fn is_judged(own: &Own, violation: &Violation) -> bool {
    own.is_empty() || target(&violation.document).is_some_and(|page| own.has(&page.address.host))
}

/// Takes what one violation shows.
pub(super) fn add(gather: &mut Gather, own: &Own, mask: &Mask<'_>, violation: &Violation) {
    let Blocked::Origin(origin) = &violation.blocked else {
        return gather.left_out("reports that are about nobody else");
    };
    let Some(blocked) = target(origin) else {
        return gather.left_out("reports that are about nobody else");
    };
    let host = blocked.address.host.as_str();
    let page = target(&violation.document).map(|page| registrable(&page.address.host));
    let is_own = own.has(host) || page.as_deref() == Some(registrable(host).as_str());
    if is_own || is_local(host) {
        return gather.left_out("reports about the site itself");
    }
    let (tier, told) = match violation.disposition {
        Disposition::Enforce => (Tier::Embedded, " (blocked)"),
        Disposition::Report => (Tier::Contacted, ""),
    };
    let parties = mask.parties(&blocked.address);
    let host = mask.host(&blocked.address);
    let page = target(&violation.document).map_or_else(String::new, |page| mask.page(&page.address).shown);
    let whom = Whom {
        parties: &parties,
        host: Some(&host),
    };
    let evidence = Evidence {
        how: How::PolicyReport,
        what: format!("{} {host}{told}", violation.directive),
        spot: Spot {
            file: page,
            ..Spot::default()
        },
        tier,
        side: Some(Side::Browser),
        // Everybody can post a report.
        confidence: Confidence::Possible,
        plain_http: blocked.address.is_plain(),
        role: None,
        alike: BTreeSet::new(),
    };
    gather.add(whom, evidence);
}
