//! One rule as a row, and what it finds.

use std::ops::Range;

use super::look::{ClaimLook, ControllerLook, RecipientLook, Register, SentenceLook};
use crate::charter::Said;
use crate::diagnostic::{RuleHelp, Severity};

/// One rule.
pub(super) struct Rule {
    /// Stable name.
    pub(super) code: &'static str,
    /// Rules of law and good sense that it comes from.
    pub(super) ids: &'static [&'static str],
    /// An error: the statement cannot stand. A warning: must be mended or said. A note: worth knowing.
    pub(super) severity: Severity,
    /// Paragraph.
    pub(super) cite: Option<&'static str>,
    /// How to mend it.
    pub(super) hint: &'static str,
    /// The function that looks.
    pub(super) eyes: Eyes,
    /// It says something about a published page, not only about how the register is kept.
    pub(super) page: bool,
    /// The source is not confirmed from the text of the law itself.
    pub(super) unverified: bool,
    /// It says what is nowhere in the register: not asked of one that could not be read in full.
    pub(super) whole: bool,
}

impl Rule {
    /// What a row says that does not say otherwise.
    pub(super) const BLANK: Self = Self {
        code: "",
        ids: &[],
        severity: Severity::Note,
        cite: None,
        hint: "",
        eyes: Eyes::Register(|_| Vec::new()),
        page: true,
        unverified: false,
        whole: false,
    };

    pub(super) fn help(&self) -> RuleHelp {
        RuleHelp {
            code: self.code,
            ids: self.ids,
            severity: self.severity,
            hint: self.hint,
            cite: self.cite,
            unverified: self.unverified,
        }
    }
}

/// What a rule looks at, one at a time.
pub(super) enum Eyes {
    /// Each recipient.
    Recipient(fn(&RecipientLook<'_>) -> Vec<Found>),
    /// Each claim with a row.
    Claim(fn(&ClaimLook<'_>) -> Vec<Found>),
    /// Each published text.
    Sentence(fn(&SentenceLook<'_>) -> Vec<Found>),
    /// Each school.
    Controller(fn(&ControllerLook<'_>) -> Vec<Found>),
    /// The whole.
    Register(fn(&Register<'_>) -> Vec<Found>),
}

impl Eyes {
    /// Everything that it finds.
    pub(super) fn over(&self, register: &Register<'_>) -> Vec<Found> {
        match self {
            Self::Recipient(look) => register.recipients.iter().flat_map(look).collect(),
            Self::Claim(look) => register.claims.iter().flat_map(look).collect(),
            Self::Sentence(look) => register.sentences.iter().flat_map(look).collect(),
            Self::Controller(look) => register.controllers.iter().flat_map(look).collect(),
            Self::Register(look) => look(register),
        }
    }
}

/// What a rule found: message and place.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// Lower case, no full stop.
    pub(super) message: String,
    /// File of the register.
    pub(super) file: String,
    /// Bytes in it.
    pub(super) span: Option<Range<usize>>,
    /// Where it was published.
    pub(super) said: Option<Said>,
    /// The words that it is about, as published.
    pub(super) words: Option<String>,
    /// How to mend it, when the rule's own hint can be more exact here.
    pub(super) hint: Option<String>,
}

impl Found {
    /// With a hint of its own.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the words that it is about.
    pub(super) fn words(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }
}

/// Names in backticks, `and` before the last; past `most` only how many more there are.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if quoted.len() > most {
        return format!("{} and {} more", quoted[..most].join(", "), quoted.len() - most);
    }
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}
