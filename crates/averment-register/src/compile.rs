//! Files to charter: read every file, resolve every name, report every finding in one run.
//!
//! Start at [`compile`]. What could be read is used even when something else could not, so that one run shows all that is
//! wrong; a charter is made only when no finding is an error. `shape` says what files may hold, `read` holds them against
//! it, `names` looks words up, `claims` and `recipient` build, `check` finds contradictions.

mod check;
mod claims;
mod names;
mod read;
mod recipient;
mod shape;
mod suggest;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::charter::{Charter, CharterContent, Claim, ClaimId, Document, Recipient, RecipientId};
use crate::diagnostic::{Diagnostic, Position, Severity};
use crate::model::{ClaimsFile, Defaults, DocumentRow, OrganisationFile, RecipientFile, UNKNOWN_ORGANISATION};
use crate::source::Source;

/// What compiling a register gave.
#[derive(Debug)]
pub struct Compiled {
    /// The charter; absent when a finding is an error.
    pub charter: Option<Charter>,
    /// All findings, by file and line.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// Compiles the files of a register.
///
/// Never stops at the first error: every file is parsed and every name resolved. Files without an error are linted too;
/// those findings are warnings and notes.
pub fn compile(source: &Source) -> Compiled {
    let mut run = Run::default();
    let organisation = run.organisation(source);
    let defaults = organisation
        .as_ref()
        .map_or_else(Defaults::default, |file| file.defaults.clone());
    for (name, text) in source.files() {
        let at = At { name, text };
        match name.split_once('/') {
            _ if name == "organisation.toml" => {}
            Some(("recipients", _)) => {
                if let Some(file) = read::read::<RecipientFile>(&mut run.findings, at, &shape::RECIPIENT) {
                    run.recipient(at, &file, &defaults);
                }
            }
            Some(("claims", _)) => {
                if let Some(file) = read::read::<ClaimsFile>(&mut run.findings, at, &shape::CLAIMS) {
                    run.claims(at, None, &file.claims);
                }
            }
            _ => run.stray_file(name),
        }
    }
    run.findings.list.extend(source.unread().cloned());
    source.strays().for_each(|name| run.stray_file(name));
    run.some_recipient(source);
    run.finish(organisation)
}

/// One file while it is compiled: its name and text, for positions.
#[derive(Clone, Copy)]
struct At<'a> {
    name: &'a str,
    text: &'a str,
}

impl<'a> At<'a> {
    /// The file's name without folder and ending.
    fn stem(self) -> &'a str {
        let name = self.name.rsplit_once('/').map_or(self.name, |(_, name)| name);
        name.strip_suffix(".toml").unwrap_or(name)
    }
}

/// The findings of a run.
#[derive(Default)]
struct Findings {
    list: Vec<Diagnostic>,
}

impl Findings {
    fn error(
        &mut self,
        at: At<'_>,
        span: Option<Range<usize>>,
        code: &'static str,
        message: String,
        hint: Option<String>,
    ) {
        let position = span.map(|span| Position::of(at.text, span));
        let severity = Severity::Error;
        self.list.push(Diagnostic {
            code,
            severity,
            message,
            file: at.name.into(),
            at: position,
            hint,
            cite: None,
        });
    }

    fn warning(&mut self, at: At<'_>, span: Option<Range<usize>>, code: &'static str, message: String, hint: &str) {
        self.list.push(Diagnostic {
            code,
            severity: Severity::Warning,
            message,
            file: at.name.into(),
            at: span.map(|span| Position::of(at.text, span)),
            hint: Some(hint.into()),
            cite: None,
        });
    }

    fn has_errors(&self, file: &str) -> bool {
        self.list
            .iter()
            .any(|finding| finding.severity == Severity::Error && finding.file == file)
    }
}

#[derive(Default)]
struct Run {
    findings: Findings,
    documents: BTreeSet<String>,
    recipients: BTreeMap<RecipientId, Recipient>,
    claims: BTreeMap<ClaimId, Claim>,
    /// The last number given to claims that name no identifier, by their word.
    claim_numbers: BTreeMap<String, usize>,
}

impl Run {
    fn organisation(&mut self, source: &Source) -> Option<OrganisationFile> {
        let name = "organisation.toml";
        let at = At {
            name,
            text: source.get(name).unwrap_or_default(),
        };
        if source.get(name).is_none() {
            if source.names().any(|unread| unread == name) {
                return None;
            }
            let message = format!("expected `{name}` in the register, found none");
            self.findings.error(
                at,
                None,
                "missing-file",
                message,
                Some("it names the organisation and its documents".into()),
            );
            return None;
        }
        let file: OrganisationFile = read::read(&mut self.findings, at, &shape::ORGANISATION)?;
        for document in &file.documents {
            if !self.documents.insert(document.id.get_ref().clone()) {
                let message = format!("document `{}` is declared twice", document.id.get_ref());
                self.findings
                    .error(at, Some(document.id.span()), "duplicate-document", message, None);
            }
        }
        if file.organisation.get_ref() == UNKNOWN_ORGANISATION {
            let message = "whose register this is has not been filled in yet".to_owned();
            let hint = "write the name of the organisation that makes these statements";
            self.findings.warning(
                at,
                Some(file.organisation.span()),
                "organisation-unknown",
                message,
                hint,
            );
        }
        Some(file)
    }

    /// A register that lists nobody lets nothing leave: said, because an empty folder looks the same as a wrong one.
    fn some_recipient(&mut self, source: &Source) {
        if !source.names().any(|name| name.starts_with("recipients/")) {
            let message = "the register declares no recipient".to_owned();
            let hint = "add a file under `recipients/` for each recipient; without one nothing may leave";
            let at = At {
                name: "organisation.toml",
                text: "",
            };
            self.findings.warning(at, None, "no-recipient", message, hint);
        }
    }

    /// A file that no part of the register is: said, because whoever wrote it believes that it counts.
    fn stray_file(&mut self, name: &str) {
        let message = format!("`{name}` is not a part of a register and was not read");
        let hint = "expected `organisation.toml`, `recipients/*.toml` or `claims/*.toml`";
        self.findings
            .warning(At { name, text: "" }, None, "stray-file", message, hint);
    }

    fn finish(mut self, organisation: Option<OrganisationFile>) -> Compiled {
        let place = |d: &Diagnostic| d.at.as_ref().map_or((0, 0), |at| (at.line, at.column));
        self.findings
            .list
            .sort_by(|a, b| (&a.file, place(a), a.code).cmp(&(&b.file, place(b), b.code)));
        let broken = self
            .findings
            .list
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        let content = organisation.filter(|_| !broken).map(|file| CharterContent {
            organisation: file.organisation.into_inner(),
            unknown_hosts: file.defaults.unknown_hosts,
            documents: file.documents.into_iter().map(document).collect(),
            recipients: self.recipients,
            claims: self.claims,
        });
        Compiled {
            charter: content.map(Charter::new),
            diagnostics: self.findings.list,
        }
    }
}

fn document(row: DocumentRow) -> Document {
    Document {
        id: row.id.into_inner(),
        title: row.title,
        url: row.url,
    }
}
