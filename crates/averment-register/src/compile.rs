//! Files to charter: read every file, resolve every name, report every finding in one run.
//!
//! Start at [`compile`]. What could be read is used even when something else could not, so that one run shows all that is
//! wrong; a charter is made only when no finding is an error. `shape` says what files may hold, `read` holds them against
//! it, `names` looks words up, `claims` and `recipient` build, `check` finds contradictions.

mod check;
pub(crate) mod claims;
mod controller;
mod data;
mod mailbox;
mod names;
mod read;
mod recipient;
mod reference;
pub(crate) mod shape;
pub(crate) mod suggest;

pub(crate) use self::suggest::nearest;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;

use self::reference::Reference;
use crate::charter::{
    Charter, CharterContent, Claim, ClaimId, Controller, ControllerId, Document, Period, Recipient, RecipientId, Store,
    StoreId,
};
use crate::diagnostic::{Diagnostic, Position, Severity};
use crate::lint;
use crate::model::{
    ClaimsFile, ControllerFile, DataFile, Defaults, DocumentRow, OrganisationFile, RecipientFile, UNKNOWN_ORGANISATION,
};
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
    /// How many findings are of this severity, without those that the register accepts for a time.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|finding| finding.severity == severity && finding.context.suppressed.is_none())
            .count()
    }
}

/// Compiles the files of a register.
///
/// Never stops at the first error: every file is parsed and every name resolved.
pub fn compile(source: &Source) -> Compiled {
    let (run, organisation) = Run::over(source);
    let (content, diagnostics) = run.finish(organisation);
    Compiled {
        charter: content.filter(|_| !broken(&diagnostics)).map(Charter::new),
        diagnostics,
    }
}

/// Compiles the files of a register and holds what could be read against the rules of `lint`.
///
/// `today` decides what has run out. A finding of a rule may be an error; the charter is made all the same, because a
/// statement that cannot stand can still be measured and shown as what it is. Only a register that cannot be read has no
/// charter.
pub fn check(source: &Source, today: Date) -> Compiled {
    check_with_zones(source, today, |_| true)
}

/// As [`check`]; a school's time zone that `is_zone` does not know is an error, too.
pub fn check_with_zones(source: &Source, today: Date, is_zone: impl Fn(&str) -> bool) -> Compiled {
    let (mut run, organisation) = Run::over(source);
    let files = std::mem::take(&mut run.files);
    let (content, mut diagnostics) = run.finish(organisation);
    let unbroken = !broken(&diagnostics);
    if let Some(content) = &content {
        let look = lint::Look {
            content,
            files: &files,
            source,
            today,
            broken: !unbroken,
        };
        // A row that contradicts a claim has been read: its file has more to say. What could not be read would mislead.
        let unread = errors(&diagnostics).filter(|finding| finding.code != "row-contradicts-claim");
        let with_errors: BTreeSet<String> = unread.map(|finding| finding.file.clone()).collect();
        let found = lint::lint(&look).into_iter();
        diagnostics.extend(found.filter(|finding| !with_errors.contains(&finding.file)));
        diagnostics.extend(unknown_zones(&files, source, is_zone));
        sort(&mut diagnostics);
    }
    Compiled {
        charter: content.filter(|_| unbroken).map(Charter::new),
        diagnostics,
    }
}

/// Days of a school that nobody can count: its time zone is none.
fn unknown_zones(files: &Files, source: &Source, is_zone: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut findings = Findings::default();
    for (name, file) in &files.controllers {
        let Some(zone) = file.zone.as_ref().filter(|zone| !is_zone(zone.get_ref())) else {
            continue;
        };
        let at = At {
            name,
            text: source.get(name).unwrap_or_default(),
        };
        let message = format!("there is no time zone `{}`", zone.get_ref());
        let hint = "expected a name of the IANA time zone database, such as `America/Chicago`".to_owned();
        findings.error(at, Some(zone.span()), "unknown-zone", message, Some(hint));
    }
    findings.list
}

/// The files of a register as read, for rules that point at places in them.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// `organisation.toml`.
    pub(crate) organisation: Option<OrganisationFile>,
    /// `recipients/*.toml`, by name.
    pub(crate) recipients: BTreeMap<String, RecipientFile>,
    /// `claims/*.toml`, by name.
    pub(crate) claims: BTreeMap<String, ClaimsFile>,
    /// `controllers/*.toml`, by name.
    pub(crate) controllers: BTreeMap<String, ControllerFile>,
    /// `data/*.toml`, by name.
    pub(crate) data: BTreeMap<String, DataFile>,
    /// File and place of the row that makes a claim.
    pub(crate) claim_rows: BTreeMap<ClaimId, (String, Range<usize>)>,
}

fn errors(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|finding| finding.severity == Severity::Error)
}

fn broken(diagnostics: &[Diagnostic]) -> bool {
    errors(diagnostics).next().is_some()
}

fn sort(diagnostics: &mut [Diagnostic]) {
    let place = |d: &Diagnostic| d.at.as_ref().map_or((0, 0), |at| (at.line, at.column));
    diagnostics.sort_by(|a, b| (&a.file, place(a), a.code).cmp(&(&b.file, place(b), b.code)));
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
            context: crate::diagnostic::Context::default(),
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
            context: crate::diagnostic::Context::default(),
        });
    }
}

#[derive(Default)]
struct Run {
    findings: Findings,
    documents: BTreeSet<String>,
    recipients: BTreeMap<RecipientId, Recipient>,
    claims: BTreeMap<ClaimId, Claim>,
    /// Claims of `[[claims]]` rows by whom they are about and their sentence: looking through all would be quadratic.
    by_sentence: BTreeMap<(Option<RecipientId>, String), Vec<ClaimId>>,
    /// The last number given to claims that name no identifier, by their word.
    claim_numbers: BTreeMap<String, usize>,
    controllers: BTreeMap<ControllerId, Controller>,
    data: BTreeMap<StoreId, Store>,
    /// Names of recipients that files mention.
    references: Vec<Reference>,
    /// Names of claims that controllers shorten, and to what.
    shortened: Vec<(Reference, Period)>,
    files: Files,
}

impl Run {
    /// Reads every file.
    fn over(source: &Source) -> (Self, Option<OrganisationFile>) {
        let mut run = Self::default();
        let organisation = run.organisation(source);
        let defaults = organisation
            .as_ref()
            .map_or_else(Defaults::default, |file| file.defaults.clone());
        for (name, text) in source.files() {
            run.file(At { name, text }, &defaults);
        }
        run.references_are_declared(|file| source.get(file).unwrap_or_default());
        run.findings.list.extend(source.unread().cloned());
        source.strays().for_each(|name| run.stray_file(name));
        run.some_recipient(source);
        run.mailboxes(source, organisation.as_ref());
        run.files.organisation.clone_from(&organisation);
        (run, organisation)
    }

    fn file(&mut self, at: At<'_>, defaults: &Defaults) {
        let name = at.name.to_owned();
        match at.name.split_once('/') {
            // The second remembers the last import and says nothing.
            _ if at.name == "organisation.toml" || at.name == crate::import::LOCK => {}
            Some(("recipients", _)) => {
                if let Some(file) = read::read::<RecipientFile>(&mut self.findings, at, &shape::RECIPIENT) {
                    self.recipient(at, &file, defaults);
                    self.files.recipients.insert(name, file);
                }
            }
            Some(("claims", _)) => {
                if let Some(file) = read::read::<ClaimsFile>(&mut self.findings, at, &shape::CLAIMS) {
                    self.claims(at, None, &file.claims);
                    self.files.claims.insert(name, file);
                }
            }
            Some(("controllers", _)) => {
                if let Some(file) = read::read::<ControllerFile>(&mut self.findings, at, &shape::CONTROLLER) {
                    self.controller(at, &file);
                    self.files.controllers.insert(name, file);
                }
            }
            Some(("data", _)) => {
                if let Some(file) = read::read::<DataFile>(&mut self.findings, at, &shape::DATA) {
                    self.store(at, &file);
                    self.files.data.insert(name, file);
                }
            }
            _ => self.stray_file(at.name),
        }
    }

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
        if let Some(country) = &file.about.country {
            let name = toml::Spanned::new(file.organisation.span(), country.clone());
            _ = names::one(&mut self.findings, at, &name, names::place);
        }
        for domain in &file.about.own_domains {
            check::own_domain(&mut self.findings, at, domain);
        }
        for mailbox in &file.about.own_mailboxes {
            mailbox::own(&mut self.findings, at, mailbox, &file.about);
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
        let hint =
            "expected `organisation.toml`, `recipients/*.toml`, `claims/*.toml`, `controllers/*.toml` or `data/*.toml`";
        self.findings
            .warning(At { name, text: "" }, None, "stray-file", message, hint);
    }

    /// What the files of schools say against the file of the organisation.
    fn mailboxes(&mut self, source: &Source, organisation: Option<&OrganisationFile>) {
        let Some(file) = organisation else { return };
        let name = "organisation.toml";
        let at = At {
            name,
            text: source.get(name).unwrap_or_default(),
        };
        mailbox::at_schools(&mut self.findings, at, &file.about, &self.controllers);
    }

    fn finish(self, organisation: Option<OrganisationFile>) -> (Option<CharterContent>, Vec<Diagnostic>) {
        let mut diagnostics = self.findings.list;
        sort(&mut diagnostics);
        let content = organisation.map(|file| CharterContent {
            organisation: file.organisation.into_inner(),
            about: file.about,
            unknown_hosts: file.defaults.unknown_hosts,
            documents: file.documents.into_iter().map(document).collect(),
            recipients: self.recipients,
            claims: self.claims,
            controllers: self.controllers,
            data: self.data,
            controller: None,
        });
        (content, diagnostics)
    }
}

fn document(row: DocumentRow) -> Document {
    Document {
        id: row.id.into_inner(),
        title: row.title,
        url: row.url,
        read: row.read,
    }
}
