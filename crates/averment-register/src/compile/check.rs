//! Checks of what can be read and still is wrong: host patterns, rows against claims, rows against rows, treatments.

use std::collections::BTreeSet;
use std::ops::Range;

use averment_catalog::{ElementId, SubjectId, Treatment};
use toml::Spanned;

use super::{At, Findings, Run};
use crate::charter::{ClaimId, ClaimKind, Disclosure, RecipientId, Said};
use crate::model::{DisclosesRow, RecipientFile};

/// The elements that detection can make less precise.
const GENERALISABLE: [&str; 3] = ["contact.email", "contact.phone", "identity.name.full"];

/// Whether `pattern` is a host pattern; reports it when not.
pub(super) fn host(findings: &mut Findings, at: At<'_>, pattern: &str, span: Range<usize>) -> bool {
    let lower = pattern.to_ascii_lowercase();
    let wrong = wrong_in_host(&lower);
    if let Some(wrong) = wrong {
        let message = format!("`{pattern}` is not a host pattern: {wrong}");
        let hint = "expected a name such as `api.example.org`, `*.example.org` or `{region}.example.org`, without scheme, port or path";
        findings.error(at, Some(span), "host-pattern", message, Some(hint.into()));
    }
    wrong.is_none()
}

/// Reports a domain of the organisation that is none, or so wide that everybody's would be its own.
pub(super) fn own_domain(findings: &mut Findings, at: At<'_>, domain: &str) {
    let wrong = match wrong_in_host(domain) {
        Some(wrong) => wrong,
        None if domain.contains(['*', '{']) => "everything below it is meant anyway",
        None if !domain.contains('.') => "it would match far too many hosts",
        None if averment_catalog::domain::is_public_suffix(domain) => "anybody may have a name below it",
        None => return,
    };
    let written = at.text.find(&format!("\"{domain}\""));
    let span = written.map(|start| start..start + domain.len() + 2);
    let message = format!("`{domain}` is not a domain of one's own: {wrong}");
    let hint = "expected a name in lower case such as `example.org`, without scheme, port or path";
    findings.error(at, span, "own-domain", message, Some(hint.into()));
}

/// What keeps a lower-case text from being a host pattern.
pub(super) fn wrong_in_host(pattern: &str) -> Option<&'static str> {
    let rest = pattern.strip_prefix("*.").unwrap_or(pattern);
    let wild = rest.len() != pattern.len() || rest.contains('{');
    if pattern.contains("://") {
        return Some("it has a scheme");
    }
    if rest.is_empty() || pattern.len() > 253 {
        return Some("it is empty or longer than 253 characters");
    }
    if rest.contains('*') {
        return Some("`*` may stand only at the front, as `*.`");
    }
    if wild && !rest.contains('.') {
        return Some("it would match far too many hosts");
    }
    if rest
        .split('.')
        .any(|label| label.is_empty() || label.len() > 63 && !label.contains('{'))
    {
        return Some("a label is empty or longer than 63 characters");
    }
    rest.split('.').find_map(wrong_in_label)
}

fn wrong_in_label(label: &str) -> Option<&'static str> {
    let mut inside = false;
    for letter in label.chars() {
        match letter {
            '{' if !inside => inside = true,
            '}' if inside => inside = false,
            'a'..='z' | '0'..='9' | '-' | '_' => {}
            '/' => return Some("it has a path"),
            ':' => return Some("it has a port"),
            ' ' | ',' => return Some("one pattern names one host"),
            _ => return Some("a label has a character that no host name has"),
        }
    }
    if label.ends_with('-') || label.starts_with('-') {
        return Some("a label starts or ends with `-`");
    }
    inside.then_some("`{` is not closed")
}

impl Run {
    /// Reports a `said` that names a document which `organisation.toml` does not declare.
    pub(super) fn said_is_declared(&mut self, at: At<'_>, said: Option<&Spanned<Said>>) {
        let Some(said) = said else { return };
        let document = &said.get_ref().document;
        if said.span().is_empty() || document == "?" || self.documents.contains(document) {
            return;
        }
        let message = format!("document `{document}` is not declared in `organisation.toml`");
        let near = super::suggest::nearest(document, self.documents.iter().map(String::as_str));
        let hint = near.map_or_else(
            || "add a `[[documents]]` row with this `id`".into(),
            |near| format!("did you mean `{near}`?"),
        );
        self.findings
            .error(at, Some(said.span()), "undeclared-document", message, Some(hint));
    }

    /// Reports rows that contradict a `never_shares` claim of the same recipient.
    pub(super) fn rows_keep_claims(&mut self, at: At<'_>, id: &RecipientId, file: &RecipientFile, rows: &[Disclosure]) {
        let first = (Some(id.clone()), String::new());
        let own = self
            .by_sentence
            .range(first..)
            .take_while(|((whose, _), _)| whose.as_ref() == Some(id));
        let mut own: Vec<&ClaimId> = own.flat_map(|(_, ids)| ids).collect();
        own.sort_unstable();
        for claim in own.into_iter().filter_map(|id| self.claims.get(id)) {
            let ClaimKind::NeverShares { elements, subjects } = &claim.kind else {
                continue;
            };
            for (row, spanned) in rows.iter().zip(&file.discloses) {
                let Some((element, subject)) = common(row, elements, subjects) else {
                    continue;
                };
                let message = format!(
                    "this row lets `{element}` of `{subject}` leave, which claim `{}` rules out",
                    claim.id
                );
                let hint = "narrow the row's `elements` or `subjects`, or say in the claim which elements it is about";
                self.findings.error(
                    at,
                    Some(spanned.span()),
                    "row-contradicts-claim",
                    message,
                    Some(hint.into()),
                );
            }
        }
    }

    /// Reports rows that say the same thing twice.
    pub(super) fn rows_differ(&mut self, at: At<'_>, file: &RecipientFile, rows: &[Disclosure]) {
        for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.elements.is_empty()) {
            let same = |earlier: &&Disclosure| {
                earlier.elements == row.elements && earlier.subjects == row.subjects && earlier.when == row.when
            };
            if let Some(earlier) = rows[..index].iter().find(same) {
                let message = format!(
                    "this row declares the same elements, subjects and condition as rule `{}`",
                    earlier.rule
                );
                let span = file.discloses[index].span();
                self.findings.error(
                    at,
                    Some(span),
                    "duplicate-rule",
                    message,
                    Some("remove one of the two".into()),
                );
            }
        }
    }

    /// Reports elements that a row wants generalised and that no code can generalise.
    pub(super) fn can_generalise(&mut self, at: At<'_>, row: &DisclosesRow) {
        if row.treatment != Some(Treatment::Generalise) {
            return;
        }
        for element in row
            .elements
            .iter()
            .filter(|element| !GENERALISABLE.contains(&element.get_ref().as_str()))
        {
            let message = format!("`{}` cannot be generalised", element.get_ref());
            let hint = format!(
                "only `{}` can; use `mask`, `pseudonym`, `hash` or `drop`",
                GENERALISABLE.join("`, `")
            );
            self.findings
                .error(at, Some(element.span()), "not-generalisable", message, Some(hint));
        }
    }
}

/// The first element and subject that `row` lets leave and that the claim names.
fn common<'a>(
    row: &'a Disclosure,
    elements: &BTreeSet<ElementId>,
    subjects: &BTreeSet<SubjectId>,
) -> Option<(&'a ElementId, &'a SubjectId)> {
    if matches!(row.treatment, Treatment::Drop | Treatment::Block) {
        return None;
    }
    let element = row
        .elements
        .iter()
        .find(|a| elements.iter().any(|b| a.covers(b) || b.covers(a)))?;
    let subject = row
        .subjects
        .iter()
        .find(|a| subjects.iter().any(|b| a.covers(b) || b.covers(a)))?;
    Some((element, subject))
}
