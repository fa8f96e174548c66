//! Reports of browsers about the content security policy, from the console's endpoint to the data folder: values are dropped
//! here, and what is left is counted there.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use averment_console::Taken;
use averment_detect::Directory;
use averment_register::Charter;
use averment_scan::csp::{Blocked, Disposition, Violation, violations};
use averment_store::{DataFolder, PolicyReport, PolicyReportError, PolicyReports};
use jiff::Timestamp;

/// The database, opened at the first report: most houses never get one.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<PolicyReports>>);

impl Kept {
    /// Takes one document of reports. People of `directory` are kept out of what is kept; `charter` names hosts that are nobody's.
    pub(crate) fn take(
        &self,
        data: &Path,
        body: &[u8],
        (directory, charter): (&Directory, &Charter),
        now: Timestamp,
    ) -> Taken {
        let Ok(found) = violations(body, Some(directory), &hosts_of(charter)) else {
            return Taken::NoReport;
        };
        let rows: Vec<PolicyReport> = found.into_iter().map(row).collect();
        match self.add(data, &rows, now) {
            Ok(()) => Taken::Counted,
            Err(error) => {
                tracing::error!(%error, "a policy report could not be kept");
                Taken::NotNow
            }
        }
    }

    fn add(&self, data: &Path, rows: &[PolicyReport], now: Timestamp) -> Result<(), PolicyReportError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            let folder = DataFolder::open_read(data).map_err(std::io::Error::other)?;
            *kept = Some(PolicyReports::open(&folder)?);
        }
        match kept.as_mut() {
            Some(reports) => reports.add(rows, now),
            None => Ok(()),
        }
    }
}

/// Patterns of hosts that the register names.
pub(crate) fn hosts_of(charter: &Charter) -> Vec<String> {
    let recipients = charter.content().recipients.values();
    recipients.flat_map(|one| one.hosts.iter().cloned()).collect()
}

fn row(violation: Violation) -> PolicyReport {
    PolicyReport {
        directive: violation.directive,
        blocked: match violation.blocked {
            Blocked::Origin(origin) => origin,
            Blocked::Nobody => String::new(),
        },
        document: violation.document,
        disposition: violation.disposition.as_str().to_owned(),
    }
}

/// The other way: what was counted, as the scan room takes it.
pub(crate) fn violation(row: PolicyReport) -> Violation {
    Violation {
        directive: row.directive,
        blocked: if row.blocked.is_empty() {
            Blocked::Nobody
        } else {
            Blocked::Origin(row.blocked)
        },
        document: row.document,
        disposition: if row.disposition == "report" {
            Disposition::Report
        } else {
            Disposition::Enforce
        },
    }
}
