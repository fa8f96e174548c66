//! What the law or good sense asks about a recipient although its file is well-formed: warnings and notes.
//!
//! Start at [`lint`]; [`RULES`] is one row per rule: stable code, severity, paragraph, hint, and the function that
//! looks. A rule gives a message and a place for each thing that it finds. `wording` reads the published sentences.
//!
//! Source: FERPA 34 CFR 99.3; COPPA 16 CFR 312.2, 312.4(d), 312.10; GDPR Art. 4, 5, 9, 12, 13; an engineering reading.

mod facts;
mod rules;
mod students;
mod wording;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;

use crate::charter::{CharterContent, Claim, ClaimId, ClaimKind, Recipient, RecipientId};
use crate::compile::Files;
use crate::diagnostic::{Diagnostic, Position, Severity};
use crate::model::RecipientFile;
use crate::source::Source;

/// A register as compiled and as read.
pub(crate) struct Look<'a> {
    /// What could be compiled.
    pub(crate) content: &'a CharterContent,
    /// The files, for places.
    pub(crate) files: &'a Files,
    /// Their texts.
    pub(crate) source: &'a Source,
    /// What has run out is decided by this day.
    pub(crate) today: Date,
}

/// Everything that the rules find.
pub(crate) fn lint(look: &Look<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (name, file) in &look.files.recipients {
        let Ok(id) = RecipientId::new(file.recipient.get_ref()) else {
            continue;
        };
        if let Some(recipient) = look.content.recipients.get(&id) {
            findings.extend(self::recipient(&RecipientLook {
                recipient,
                file,
                claims: &look.content.claims,
                name,
                text: look.source.get(name).unwrap_or_default(),
            }));
        }
    }
    findings
}

/// One recipient with its file, for places.
pub(crate) struct RecipientLook<'a> {
    /// The recipient as compiled.
    pub(crate) recipient: &'a Recipient,
    /// Its file as read.
    pub(crate) file: &'a RecipientFile,
    /// All claims so far, its own among them.
    pub(crate) claims: &'a BTreeMap<ClaimId, Claim>,
    /// Name of the file.
    pub(crate) name: &'a str,
    /// Text of the file.
    pub(crate) text: &'a str,
}

impl<'a> RecipientLook<'a> {
    /// The recipient's own claims.
    fn own_claims(&self) -> impl Iterator<Item = &'a Claim> {
        let id = &self.recipient.id;
        self.claims
            .values()
            .filter(move |claim| claim.recipient.as_ref() == Some(id))
    }

    /// Where the claim with this sentence stands.
    fn claim_span(&self, claim: &Claim) -> Range<usize> {
        let row = self
            .file
            .claims
            .iter()
            .find(|row| row.get_ref().sentence == claim.sentence);
        row.map_or(self.file.recipient.span(), toml::Spanned::span)
    }

    /// Whether the register says that the recipient gets no student records.
    fn says_no_student_records(&self) -> bool {
        let student = |kind: &ClaimKind| match kind {
            ClaimKind::NeverShares { subjects, .. } => subjects.iter().any(averment_catalog::SubjectId::is_student),
            _ => false,
        };
        self.recipient.student_records == crate::charter::StudentRecords::None
            || self.own_claims().any(|claim| student(&claim.kind))
    }
}

/// What a rule found: message and place.
type Found = (String, Range<usize>);

/// One rule.
struct Rule {
    code: &'static str,
    severity: Severity,
    cite: Option<&'static str>,
    hint: &'static str,
    look: fn(&RecipientLook<'_>) -> Vec<Found>,
}

/// Everything that the rules find about one recipient.
fn recipient(look: &RecipientLook<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in rules::RULES {
        findings.extend((rule.look)(look).into_iter().map(|(message, span)| Diagnostic {
            code: rule.code,
            severity: rule.severity,
            message,
            file: look.name.to_owned(),
            at: Some(Position::of(look.text, span)),
            hint: (!rule.hint.is_empty()).then(|| rule.hint.to_owned()),
            cite: rule.cite,
        }));
    }
    findings
}
