//! Names that point at something declared in another file: known to be right or wrong when all files have been read.

use std::ops::Range;

use toml::Spanned;

use super::{At, Run, suggest};
use crate::charter::{ClaimKind, RecipientId};

/// A name of a recipient, and where it stands.
pub(super) struct Reference {
    file: String,
    span: Range<usize>,
    name: String,
}

impl Reference {
    pub(super) fn new(at: At<'_>, name: &Spanned<String>) -> Self {
        Self {
            file: at.name.to_owned(),
            span: name.span(),
            name: name.get_ref().clone(),
        }
    }
}

impl Run {
    /// Reports names of recipients and claims that no file declares, claims that cannot be shortened, and times that are
    /// longer than the claim's: a school's variant may only narrow.
    pub(super) fn references_are_declared<'a>(&mut self, text: impl Fn(&str) -> &'a str) {
        for reference in std::mem::take(&mut self.references) {
            let known = RecipientId::new(&reference.name).is_ok_and(|id| self.recipients.contains_key(&id));
            if !known {
                let message = format!("recipient `{}` is declared in no file", reference.name);
                let hint = suggest::nearest(&reference.name, self.recipients.keys().map(RecipientId::as_str))
                    .map(|near| format!("did you mean `{near}`?"));
                self.dangling(&reference, text(&reference.file), "unknown-recipient", message, hint);
            }
        }
        for (reference, wanted) in std::mem::take(&mut self.shortened) {
            let claim = self.claims.values().find(|claim| claim.id.as_str() == reference.name);
            let (code, message, hint) = match claim.map(|claim| &claim.kind) {
                Some(ClaimKind::RetainedFor { duration, .. } | ClaimKind::ErasedOn { duration, .. }) => {
                    if wanted.is_never_longer_than(*duration) {
                        continue;
                    }
                    (
                        "longer-period",
                        format!(
                            "claim `{}` says `{duration}`, and `{wanted}` is or may be longer",
                            reference.name
                        ),
                        Some("a school's own time may only be shorter".to_owned()),
                    )
                }
                Some(kind) => (
                    "not-a-period",
                    format!(
                        "claim `{}` is a `{}` claim, which has no time to shorten",
                        reference.name,
                        kind.as_str()
                    ),
                    Some("expected a `retained_for` or `erased_on` claim".to_owned()),
                ),
                None => (
                    "unknown-claim",
                    format!("claim `{}` is made in no file", reference.name),
                    suggest::nearest(&reference.name, self.claims.keys().map(|id| id.as_str()))
                        .map(|near| format!("did you mean `{near}`?")),
                ),
            };
            self.dangling(&reference, text(&reference.file), code, message, hint);
        }
    }

    fn dangling(
        &mut self,
        reference: &Reference,
        text: &str,
        code: &'static str,
        message: String,
        hint: Option<String>,
    ) {
        let at = At {
            name: &reference.file,
            text,
        };
        self.findings
            .error(at, Some(reference.span.clone()), code, message, hint);
    }
}
