//! The register as the rules see it: recipients, claims, published texts and schools, each with its place, indexed once.
//!
//! Start at [`Register::of`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use averment_catalog::{Purpose, ThirdParty, catalog};
use jiff::civil::Date;
use toml::Spanned;

use super::Look;
use super::phrase::Text;
use super::rule::Found;
use crate::charter::{
    CharterContent, Claim, ClaimKind, Controller, ControllerId, Disclosure, Recipient, RecipientId, Said,
    StudentRecords,
};
use crate::model::{ControllerFile, RecipientFile};

/// Name of the file about the whole.
pub(super) const ORGANISATION: &str = "organisation.toml";

/// Everything, indexed.
pub(super) struct Register<'a> {
    /// As compiled.
    pub(super) content: &'a CharterContent,
    /// As read.
    pub(super) look: &'a Look<'a>,
    /// What has run out is decided by this day.
    pub(super) today: Date,
    /// Every recipient.
    pub(super) recipients: Vec<RecipientLook<'a>>,
    /// Every claim that a row makes.
    pub(super) claims: Vec<ClaimLook<'a>>,
    /// Every published text, once.
    pub(super) sentences: Vec<SentenceLook<'a>>,
    /// Every school.
    pub(super) controllers: Vec<ControllerLook<'a>>,
}

impl<'a> Register<'a> {
    /// The index of what was compiled and read.
    pub(super) fn of(look: &'a Look<'a>) -> Self {
        let content = look.content;
        let mut own: BTreeMap<&RecipientId, Vec<&Claim>> = BTreeMap::new();
        for claim in content.claims.values() {
            if let Some(recipient) = &claim.recipient {
                own.entry(recipient).or_default().push(claim);
            }
        }
        let recipients: Vec<_> = recipients(look, &mut own);
        let claims: Vec<_> = content
            .claims
            .values()
            .filter_map(|claim| ClaimLook::of(look, claim))
            .collect();
        let sentences = sentences(look, &recipients, &claims);
        let controllers = look.files.controllers.iter();
        let controllers = controllers.filter_map(|(name, file)| ControllerLook::of(look, name, file));
        Self {
            content,
            look,
            today: look.today,
            recipients,
            sentences,
            controllers: controllers.collect(),
            claims,
        }
    }

    /// A finding about the register as a whole.
    pub(super) fn found(&self, message: impl Into<String>) -> Found {
        let organisation = self.look.files.organisation.as_ref();
        Found {
            message: message.into(),
            file: ORGANISATION.to_owned(),
            span: organisation.map(|file| file.organisation.span()),
            ..Found::default()
        }
    }

    /// The claims about the list as a whole.
    pub(super) fn of_the_list(&self) -> impl Iterator<Item = &ClaimLook<'a>> {
        self.claims.iter().filter(|look| look.claim.recipient.is_none())
    }

    /// Whether the law of the European Union has to do with it: said so, seated there, or a school is.
    pub(super) fn under_gdpr(&self) -> bool {
        let in_area = |code: Option<&String>| code.is_some_and(|code| in_economic_area(code));
        let said = |claim: &Claim| match &claim.kind {
            ClaimKind::CompliesWith { regimes } => regimes.iter().any(|regime| regime.as_str() == "gdpr"),
            _ => false,
        };
        in_area(self.content.about.country.as_ref())
            || self
                .content
                .controllers
                .values()
                .any(|school| in_area(school.country.as_ref()))
            || self.claims.iter().any(|look| said(look.claim))
    }

    /// Whether a claim says that this law is met.
    pub(super) fn claims_regime(&self, word: &str) -> bool {
        let said = |claim: &Claim| match &claim.kind {
            ClaimKind::CompliesWith { regimes } => regimes.iter().any(|regime| regime.as_str() == word),
            _ => false,
        };
        self.claims.iter().any(|look| said(look.claim))
    }
}

/// Whether a place lies in the European Economic Area.
pub(super) fn in_economic_area(code: &str) -> bool {
    let area = catalog().country(code).map(|country| country.region);
    ["EU", "EEA"].contains(&code) || area == Some(averment_catalog::Region::Eea)
}

fn recipients<'a>(look: &'a Look<'a>, own: &mut BTreeMap<&'a RecipientId, Vec<&'a Claim>>) -> Vec<RecipientLook<'a>> {
    let files = look.files.recipients.iter();
    let known = files.filter_map(|(name, file)| {
        let id = RecipientId::new(file.recipient.get_ref()).ok()?;
        let recipient = look.content.recipients.get(&id)?;
        Some((name, file, recipient))
    });
    known
        .map(|(name, file, recipient)| RecipientLook {
            recipient,
            file,
            claims: own.remove(&recipient.id).unwrap_or_default(),
            name,
            look,
        })
        .collect()
}

/// One recipient with its file, for places.
pub(super) struct RecipientLook<'a> {
    /// The recipient as compiled.
    pub(super) recipient: &'a Recipient,
    /// Its file as read.
    pub(super) file: &'a RecipientFile,
    /// Its own claims.
    pub(super) claims: Vec<&'a Claim>,
    /// Name of the file.
    pub(super) name: &'a str,
    /// The whole.
    pub(super) look: &'a Look<'a>,
}

impl<'a> RecipientLook<'a> {
    /// A finding at a place in the recipient's file.
    pub(super) fn at(&self, message: impl Into<String>, span: Range<usize>) -> Found {
        Found {
            message: message.into(),
            file: self.name.to_owned(),
            span: Some(span),
            said: self.recipient.said.clone(),
            ..Found::default()
        }
    }

    /// A finding about the recipient as such.
    pub(super) fn found(&self, message: impl Into<String>) -> Found {
        self.at(message, self.file.recipient.span())
    }

    /// A finding about one of its claims.
    pub(super) fn at_claim(&self, message: impl Into<String>, claim: &Claim) -> Found {
        let row = self.look.files.claim_rows.get(&claim.id);
        let said = claim.said.clone().or_else(|| self.recipient.said.clone());
        Found {
            said,
            words: Some(claim.sentence.clone()),
            ..self.at(
                message,
                row.map_or(self.file.recipient.span(), |(_, span)| span.clone()),
            )
        }
    }

    /// The rows by which data leave, with their places.
    pub(super) fn leaving(&self) -> impl Iterator<Item = (&'a Disclosure, Range<usize>)> + use<'a> {
        use averment_catalog::Treatment::{Block, Drop};
        let rows = self.recipient.discloses.iter().zip(&self.file.discloses);
        rows.filter(|(row, _)| !matches!(row.treatment, Drop | Block))
            .map(|(row, spanned)| (row, spanned.span()))
    }

    /// Whether anything of a student leaves to it.
    pub(super) fn gets_student_data(&self) -> bool {
        self.leaving()
            .any(|(row, _)| row.subjects.iter().any(averment_catalog::SubjectId::is_student))
    }

    /// Its third parties in the catalog.
    pub(super) fn parties(&self) -> impl Iterator<Item = &'static ThirdParty> {
        self.recipient
            .third_parties
            .iter()
            .filter_map(|id| catalog().third_party(id))
    }

    /// Its purposes in the catalog.
    pub(super) fn purposes(&self) -> impl Iterator<Item = &'static Purpose> {
        self.recipient.purposes.iter().filter_map(|id| catalog().purpose(id))
    }

    /// Whether the register says that it gets no student records.
    pub(super) fn says_no_student_records(&self) -> bool {
        let student = |claim: &&Claim| match &claim.kind {
            ClaimKind::NeverShares { subjects, .. } => subjects.iter().any(averment_catalog::SubjectId::is_student),
            _ => false,
        };
        self.recipient.student_records == StudentRecords::None || self.claims.iter().any(student)
    }

    /// Whether it has not been used since a day that has come.
    pub(super) fn is_retired(&self) -> bool {
        let by_claim = self.claims.iter().filter_map(|claim| match claim.kind {
            ClaimKind::RetiredSince { date } => Some(date),
            _ => None,
        });
        let dates = self.recipient.retired.into_iter().chain(by_claim);
        dates.min().is_some_and(|date| date <= self.look.today)
    }
}

/// One claim with the row that makes it.
pub(super) struct ClaimLook<'a> {
    /// The claim.
    pub(super) claim: &'a Claim,
    /// What it is about, when that is one recipient.
    pub(super) recipient: Option<&'a Recipient>,
    /// Name of the file.
    pub(super) file: &'a str,
    /// Place of the row.
    pub(super) span: Range<usize>,
    /// What has run out is decided by this day.
    pub(super) today: Date,
}

impl<'a> ClaimLook<'a> {
    fn of(look: &'a Look<'a>, claim: &'a Claim) -> Option<Self> {
        let (file, span) = look.files.claim_rows.get(&claim.id)?;
        let recipient = claim.recipient.as_ref().and_then(|id| look.content.recipients.get(id));
        Some(Self {
            claim,
            recipient,
            file,
            span: span.clone(),
            today: look.today,
        })
    }

    /// A finding about it.
    pub(super) fn found(&self, message: impl Into<String>) -> Found {
        let of_recipient = || self.recipient.and_then(|recipient| recipient.said.clone());
        Found {
            message: message.into(),
            file: self.file.to_owned(),
            span: Some(self.span.clone()),
            said: self.claim.said.clone().or_else(of_recipient),
            words: Some(self.claim.sentence.clone()),
            hint: None,
        }
    }

    /// How messages name it: its identifier, and where it was said.
    pub(super) fn named(&self) -> String {
        match &self.claim.said {
            Some(said) => format!("claim `{}` (line {})", self.claim.id, said.line),
            None => format!("claim `{}`", self.claim.id),
        }
    }
}

/// One published text: a recipient's purpose or information, or the sentence of a claim.
pub(super) struct SentenceLook<'a> {
    /// The text, ready for looking up phrases.
    pub(super) text: Text<'a>,
    /// The claims that it makes, when that is known.
    pub(super) claims: Vec<&'a Claim>,
    /// Whom it is about, when that is one recipient.
    pub(super) recipient: Option<&'a Recipient>,
    /// What has run out is decided by this day.
    pub(super) today: Date,
    /// How many recipients the register declares.
    pub(super) recipients: usize,
    /// Where it was published.
    said: Option<&'a Said>,
    file: &'a str,
    /// Where the text, or the row that holds it, stands in the file.
    span: Range<usize>,
    source: &'a str,
}

impl SentenceLook<'_> {
    /// A finding about `words`, a part of the text as it stands there.
    pub(super) fn found(&self, message: impl Into<String>, words: &str) -> Found {
        let raw = self.source.get(self.span.clone()).unwrap_or_default();
        let place = raw
            .find(words)
            .map(|at| self.span.start + at..self.span.start + at + words.len());
        Found {
            message: message.into(),
            file: self.file.to_owned(),
            span: Some(place.unwrap_or_else(|| self.span.clone())),
            said: self.said.cloned(),
            words: Some(words.to_owned()),
            hint: None,
        }
    }
}

fn sentences<'a>(
    look: &'a Look<'a>,
    recipients: &[RecipientLook<'a>],
    claims: &[ClaimLook<'a>],
) -> Vec<SentenceLook<'a>> {
    let mut found: Vec<SentenceLook<'a>> = recipients.iter().flat_map(of_recipient).collect();
    let by_id: BTreeMap<&RecipientId, &RecipientLook<'a>> =
        recipients.iter().map(|look| (&look.recipient.id, look)).collect();
    let mut rows: BTreeMap<(Option<&RecipientId>, &str, Option<u32>), usize> = BTreeMap::new();
    for claim in claims {
        let of = claim.claim.recipient.as_ref();
        let text = claim.claim.sentence.as_str();
        let published = of.and_then(|id| by_id.get(id));
        if published.is_some_and(|look| says(look, text)) {
            continue;
        }
        let key = (of, text, claim.claim.said.as_ref().map(|said| said.line));
        if let Some(at) = rows.get(&key) {
            let earlier: &mut SentenceLook<'a> = &mut found[*at];
            earlier.claims.push(claim.claim);
            continue;
        }
        rows.insert(key, found.len());
        found.push(of_claim(look, claim));
    }
    found
}

/// Whether the recipient's published texts hold this sentence.
fn says(look: &RecipientLook<'_>, sentence: &str) -> bool {
    look.recipient.information.contains(sentence) || look.recipient.purpose.contains(sentence)
}

fn of_recipient<'a>(look: &RecipientLook<'a>) -> Vec<SentenceLook<'a>> {
    let texts: [(&'a str, &'a Spanned<String>); 2] = [
        (&look.recipient.information, &look.file.information),
        (&look.recipient.purpose, &look.file.purpose),
    ];
    let source = look.look.source.get(look.name).unwrap_or_default();
    let one = |(text, spanned): (&'a str, &'a Spanned<String>)| SentenceLook {
        text: Text::of(text),
        claims: look
            .claims
            .iter()
            .copied()
            .filter(|claim| text.contains(&claim.sentence))
            .collect(),
        recipient: Some(look.recipient),
        today: look.look.today,
        recipients: look.look.content.recipients.len(),
        said: look.recipient.said.as_ref(),
        file: look.name,
        span: spanned.span(),
        source,
    };
    texts.into_iter().map(one).collect()
}

fn of_claim<'a>(look: &'a Look<'a>, claim: &ClaimLook<'a>) -> SentenceLook<'a> {
    let source = look.source.get(claim.file).unwrap_or_default();
    let of_recipient = claim.recipient.and_then(|recipient| recipient.said.as_ref());
    SentenceLook {
        text: Text::of(&claim.claim.sentence),
        claims: vec![claim.claim],
        recipient: claim.recipient,
        today: look.today,
        recipients: look.content.recipients.len(),
        said: claim.claim.said.as_ref().or(of_recipient),
        file: claim.file,
        span: sentence_in(source, claim.span.clone(), &claim.claim.sentence),
        source,
    }
}

/// Where the sentence stands in its row; the row when it is written with escapes.
fn sentence_in(source: &str, row: Range<usize>, sentence: &str) -> Range<usize> {
    let rest = source.get(row.start..).unwrap_or_default();
    let next = rest
        .get(2..)
        .and_then(|rest| rest.find("\n[["))
        .map_or(rest.len(), |at| at + 2);
    let own = rest.get(..next).unwrap_or(rest);
    let key = own.find("\nsentence").unwrap_or(0);
    let found = own
        .get(key..)
        .and_then(|rest| rest.find(sentence))
        .map(|at| row.start + key + at);
    found.map_or(row, |at| at..at + sentence.len())
}

/// One school with its file.
pub(super) struct ControllerLook<'a> {
    /// The school.
    pub(super) controller: &'a Controller,
    /// Its file as read.
    pub(super) file: &'a ControllerFile,
    /// Name of the file.
    pub(super) name: &'a str,
    /// The whole.
    pub(super) look: &'a Look<'a>,
}

impl<'a> ControllerLook<'a> {
    fn of(look: &'a Look<'a>, name: &'a str, file: &'a ControllerFile) -> Option<Self> {
        let id = ControllerId::new(file.controller.get_ref()).ok()?;
        Some(Self {
            controller: look.content.controllers.get(&id)?,
            file,
            name,
            look,
        })
    }

    /// A finding about a place in its file.
    pub(super) fn at(&self, message: impl Into<String>, span: Range<usize>) -> Found {
        Found {
            message: message.into(),
            file: self.name.to_owned(),
            span: Some(span),
            ..Found::default()
        }
    }

    /// A finding about it as such.
    pub(super) fn found(&self, message: impl Into<String>) -> Found {
        self.at(message, self.file.controller.span())
    }
}

/// Elements that persons and devices are known by across services, or that are personal in any other way.
pub(super) fn is_identifier(element: &averment_catalog::ElementId) -> bool {
    use averment_catalog::LegalTest;
    let exact = catalog().element(element).map(|row| row.coppa_pi);
    exact.map_or_else(
        || {
            catalog()
                .elements()
                .any(|row| element.covers(&row.id) && row.coppa_pi == LegalTest::Yes)
        },
        |test| test == LegalTest::Yes,
    )
}

/// The categories (`contact` in `contact.email`) of elements.
pub(super) fn categories<'a>(elements: impl Iterator<Item = &'a averment_catalog::ElementId>) -> BTreeSet<&'a str> {
    elements
        .filter_map(|element| element.as_str().split('.').next())
        .collect()
}
