//! Content security policies and what browsers report about them: whom a page may contact, and whom it tried to.
//!
//! Start at [`Reader::read`], which takes a policy (header, meta tag, or the text alone) or reports of browsers, whichever it is
//! given; [`violations`] is for reports alone, as an endpoint gets them.
//!
//! Invariant: of a report nothing is kept but directive, host, masked page and whether it was blocked. Sample, query, fragment
//! and user information are dropped on reading.
//!
//! Source: W3C Content Security Policy Level 3; Reporting API.

mod policy;
mod report;
mod source;

use std::collections::BTreeSet;

use averment_catalog::Plane;
use averment_detect::Directory;
use jiff::Timestamp;

pub use report::{Blocked, Disposition, REPORTS_MAX, ReportError, Violation, violations};

use crate::drift::Own;
use crate::har::gather::Gather;
use crate::har::mask::{self, Mask};
use crate::seen::{Look, Seen};
use policy::Policy;

/// Largest file with a policy or reports.
pub const BYTES_MAX: usize = 16 << 20;

/// Reads policies and reports into one look.
pub struct Reader<'a> {
    gather: Gather,
    own: Own,
    mask: Mask<'a>,
    directory: Option<&'a Directory>,
    declared: &'a [String],
}

impl<'a> Reader<'a> {
    /// Nothing read yet. `own`: domains of the organisation itself; where none is named, a report's page is one's own. `declared`:
    /// patterns of hosts that the register names. `directory`: people whose names addresses must not show.
    pub fn new(own: Own, declared: &'a [String], directory: Option<&'a Directory>) -> Self {
        Self {
            gather: Gather::default(),
            own,
            mask: Mask::new(directory, declared),
            directory,
            declared,
        }
    }

    /// Reads what a file holds: policies in headers, in a page or alone, or reports of browsers.
    ///
    /// # Errors
    /// None: what cannot be read is part of the result.
    pub fn read(&mut self, name: &str, bytes: &[u8]) {
        let name = mask::plain_words(name);
        self.gather.coverage.bytes += bytes.len() as u64;
        if bytes.len() > BYTES_MAX {
            return self.gather.unread(&name, "larger than the limit");
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.gather.unread(&name, "not text in UTF-8");
        };
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with(['{', '[']) {
            return self.read_reports(&name, text);
        }
        let (policies, endpoints) = (Policy::all(text), policy::endpoints(text));
        for (directive, address) in &endpoints {
            source::add_endpoint(&mut self.gather, (&self.own, &self.mask), &name, directive, address);
        }
        if policies.is_empty() && !endpoints.is_empty() {
            self.gather.coverage.read += 1;
            self.gather.coverage.live += 1;
            return;
        }
        if policies.is_empty() {
            let expected = "no policy: expected a header, a page with a meta tag, or directives";
            return self.gather.unread(&name, expected);
        }
        for policy in policies {
            self.policy(&name, &policy);
        }
    }

    fn policy(&mut self, name: &str, policy: &Policy) {
        self.gather.coverage.read += 1;
        self.gather.coverage.live += 1;
        for allowed in policy.allowed() {
            source::add(&mut self.gather, (&self.own, &self.mask), name, policy, &allowed);
        }
    }

    /// Reports, one document or one a line.
    fn read_reports(&mut self, name: &str, text: &str) {
        let whole = violations(text.as_bytes(), self.directory, self.declared);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let read: Vec<Result<Vec<Violation>, ReportError>> = match whole {
            Err(ReportError::NotJson) if lines.len() > 1 => lines
                .iter()
                .map(|line| violations(line.as_bytes(), self.directory, self.declared))
                .collect(),
            whole => vec![whole],
        };
        if read.iter().all(|one| one.as_ref().is_ok_and(Vec::is_empty)) {
            return self.gather.unread(
                name,
                "no report about a policy: all are of other types than `csp-violation`",
            );
        }
        for one in read {
            match one {
                Ok(found) => found.iter().for_each(|violation| self.violation(violation, 1, None)),
                Err(error) => self.gather.unread(name, &error.to_string()),
            }
        }
    }

    /// Takes one violation that was reported `count` times, the first and the last time at `span`.
    pub fn violation(&mut self, violation: &Violation, count: u64, span: Option<(Timestamp, Timestamp)>) {
        self.gather.coverage.read = self.gather.coverage.read.saturating_add(count);
        if !report::is_judged(&self.own, violation) {
            self.gather.left_out("reports about pages of somebody else's site");
            let because = "some are about pages that are not of your own domains, and were not judged";
            return self.gather.unread("reports of browsers", because);
        }
        self.gather.coverage.live = self.gather.coverage.live.saturating_add(count);
        if let Some((first, last)) = span {
            self.gather.at(first);
            self.gather.at(last);
        }
        report::add(&mut self.gather, &self.own, &self.mask, violation);
    }

    /// Notes reports that an endpoint could not keep.
    pub fn reports_not_kept(&mut self, place: &str, count: u64) {
        if count > 0 {
            let because = format!("{count} reports came when no more could be kept");
            self.gather.unread(&mask::plain_words(place), &because);
        }
    }

    /// What was seen; `now` where no report says when.
    pub fn finish(self, now: Timestamp) -> Seen {
        self.gather.finish(Look::Csp, BTreeSet::from([Plane::Browser]), now)
    }
}

#[cfg(test)]
mod tests;
