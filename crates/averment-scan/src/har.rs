//! Recorded browser traffic (HAR 1.2): whom a visitor's browser contacts, what it sends them, and for which kind of visitor.
//!
//! Start at [`Reader`]: one for a look, files of several roles one after another, then [`Reader::finish`]. Files are read as a
//! stream; what is kept of a request is gone before the next is read. Own requests are no observation; requests of pages that
//! are somebody else's are not judged, and told as unread.
//!
//! Invariant: no value is kept. Addresses lose query values and user information, and segments that may stand for somebody are
//! `*`, as labels of hosts are; cookies and query parameters go by name, unless that is somebody's. Whatever a file holds, memory stays below [`MEMORY_MAX_BYTES`].
//!
//! Source: HTTP Archive 1.2 (Odvarko et al.), with the fields that Chromium, Firefox, Playwright and mitmproxy add.

mod attached;
mod cap;
mod cookies;
mod entry;
mod file;
pub(crate) mod gather;
mod lenient;
pub(crate) mod mask;
mod model;
mod parse;
mod roles;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use averment_catalog::{Plane, SubjectId};
use averment_detect::{Directory, Finding, Limits};
use jiff::Timestamp;

pub use roles::{RoleTable, roles};

use crate::drift::Own;
use crate::observation::Consented;
use crate::seen::{Look, Seen};
use attached::Attachments;
use entry::Recording;
use gather::Gather;
use mask::Mask;

/// What a look may take at most, whatever a file holds: one request of 24 MiB as read and as text, what the detection room
/// decodes of it, and what is kept of all requests.
pub const MEMORY_MAX_BYTES: usize = 384 << 20;

/// How recorded traffic is looked at.
pub struct Looker<'a> {
    /// People that are recognised; an empty one leaves shapes.
    pub directory: &'a Directory,
    /// Domains of the organisation itself; where none is named, that of the first page of each recording.
    pub own: Own,
    /// Who is asked for their consents; none where nobody can be.
    pub consents: Option<&'a dyn Consents>,
    /// Patterns of hosts that the register names.
    pub declared: &'a [String],
}

/// Whoever knows what people consented to.
pub trait Consents {
    /// Consents in force for whoever a finding names; for all of them where several have the identifier.
    fn of(&self, finding: &Finding) -> Consented;
}

impl<F: Fn(&Finding) -> Consented> Consents for F {
    fn of(&self, finding: &Finding) -> Consented {
        self(finding)
    }
}

/// Reads recordings, one after another, into one look.
pub struct Reader<'a> {
    looker: Looker<'a>,
    mask: Mask<'a>,
    limits: Limits,
    gather: Gather,
}

impl<'a> Reader<'a> {
    /// Nothing read yet.
    pub fn new(looker: Looker<'a>) -> Self {
        let limits = Limits {
            decoded_max_bytes: 32 << 20,
            ..Limits::default()
        };
        let mut gather = Gather::default();
        gather.knows_people = looker.directory.people() > 0;
        let mask = Mask::new(Some(looker.directory), looker.declared);
        Self {
            looker,
            mask,
            limits,
            gather,
        }
    }

    /// Reads one recording from `source`. `name` stands for it in what could not be read; `role`: as whom the site was visited.
    ///
    /// # Errors
    /// None: what cannot be read is part of the result, and what was read before it stays.
    pub fn read(&mut self, name: &str, role: Option<&str>, source: impl Read) {
        self.read_with(name, role, source, Attachments::Nowhere);
    }

    /// The same, with the files that the recording keeps bodies in.
    fn read_with(&mut self, name: &str, role: Option<&str>, source: impl Read, attachments: Attachments<'_>) {
        self.begin(role);
        let looking = (&self.looker, &self.mask, &self.limits);
        let mut recording = Recording::new(looking, &mut self.gather, role, attachments);
        let bytes = parse::read(source, name, &mut recording);
        self.gather.coverage.bytes += bytes;
    }

    /// A role that was asked for is one, whatever its recordings hold.
    fn begin(&mut self, role: Option<&str>) {
        if let Some(role) = role {
            self.gather.of_role(role);
        }
    }

    /// Reads one file: a HAR, packed with gzip, or a zip archive of them. Nothing is unpacked to disk.
    ///
    /// # Errors
    /// None, as [`Reader::read`].
    pub fn read_file(&mut self, path: &Path, role: Option<&str>) {
        self.begin(role);
        file::read(self, path, role);
    }

    /// What was seen, of the time from the first request to the last; `now` where none says when it was.
    pub fn finish(mut self, look: Look, now: Timestamp) -> Seen {
        if self.gather.coverage.read > 0 && !self.gather.is_dated() {
            let because = "no request says when it was made, so that the look is dated to this moment";
            self.gather.unread("the recordings", because);
        }
        let roles = self.gather.coverage.live_by_role.iter();
        let unseen: Vec<String> = roles
            .filter(|(_, live)| **live == 0)
            .map(|(role, _)| role.clone())
            .collect();
        for role in unseen {
            let because = format!("nothing was seen as `{role}`: the recordings hold no request of your own pages");
            self.gather.unread("the recordings", &because);
        }
        self.gather.finish(look, BTreeSet::from([Plane::Browser]), now)
    }
}

/// The kind of data subject that a role stands for: `student_under13`, `student_teen`, `student_18`, `teacher`, `parent`,
/// `logged_out`, or any identifier of the catalog. None for a free word.
pub fn subject_of_role(role: &str) -> Option<SubjectId> {
    let word = role.to_ascii_lowercase().replace(['-', ' ', '.'], "_");
    let subject = match word.as_str() {
        "student_under13" | "student_u13" | "under13" | "child" | "student" => "student.under13",
        "student_teen" | "student_minor" | "teen" => "student.minor",
        "student_18" | "student_adult" | "student_eligible" | "adult_student" => "student.eligible",
        "parent" | "guardian" => "guardian",
        "logged_out" | "signed_out" | "anonymous" | "visitor" => "visitor",
        _ => role,
    };
    let id = SubjectId::new(subject).ok()?;
    averment_catalog::catalog().subject(&id).map(|_| id)
}

#[cfg(test)]
mod tests;
