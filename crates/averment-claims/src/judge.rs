//! What one recorded message says about one claim.
//!
//! `shares` takes the ruling that was recorded: what was published when the message left is what it is held against.
//! All others take the charter of today, so that a claim made today is held against what the ledger remembers.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId, Treatment};
use averment_ledger::{FindingEntry, Message};
use averment_register::{Charter, Claim, ClaimKind, Condition, Mode, Recipient, RecipientId, host_matches};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::activity_purposes::serves_only;

/// What one message says about one claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// It goes against the claim, or would have.
    pub(crate) against: bool,
    /// The first element that does.
    pub(crate) element: Option<ElementId>,
    /// Something in it could not be read.
    pub(crate) unreadable: bool,
    /// It holds what the claim speaks of, of nobody in the directory.
    pub(crate) unattributed: bool,
    /// Decided in report mode.
    pub(crate) reported: bool,
    /// Decided in enforce mode.
    pub(crate) enforced: bool,
    /// Decided in report mode, where the mode matters to the claim.
    pub(crate) not_enforced: bool,
}

impl Reading {
    /// Whether it would be wrong if no byte of the message went out.
    pub(crate) fn may_be_taken_back(&self) -> bool {
        self.against || self.unreadable || self.unattributed
    }
}

/// A claim as a test of messages.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Shares(RecipientId),
    NeverShares(Of),
    ListComplete,
    AggregatesOnly(Of),
    NeedsConsent {
        of: Of,
        consent: String,
        /// Whether it is about one recipient and says of which elements.
        of_all: bool,
    },
    ExemptFrom {
        of: Of,
        activity: String,
        recipient: Option<RecipientId>,
    },
    RetiredSince(Option<Timestamp>),
    EmbedsOnly(String),
}

/// Elements and whose; an empty set stands for all.
#[derive(Debug, Clone)]
pub(crate) struct Of {
    elements: BTreeSet<ElementId>,
    subjects: BTreeSet<SubjectId>,
}

impl Of {
    fn new(elements: &BTreeSet<ElementId>, subjects: &BTreeSet<SubjectId>) -> Self {
        Self {
            elements: elements.clone(),
            subjects: subjects.clone(),
        }
    }

    fn covers_element(&self, finding: &FindingEntry) -> bool {
        let all = self.elements.is_empty();
        all || ElementId::new(&finding.element).is_ok_and(|found| self.elements.iter().any(|e| e.covers(&found)))
    }

    fn covers_subject(&self, finding: &FindingEntry) -> bool {
        let found = finding.subject.as_deref();
        let found = found.and_then(|subject| SubjectId::new(subject).ok());
        found.is_some_and(|found| self.subjects.is_empty() || self.subjects.iter().any(|s| s.covers(&found)))
    }
}

/// A message with what today's charter says about its host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) message: &'a Message,
    /// When; absent when the entry's time cannot be read.
    pub(crate) at: Option<Timestamp>,
    pub(crate) refused: bool,
    /// No recipient of today's charter declares its host.
    pub(crate) host_undeclared: bool,
}

impl Test {
    /// The test of `claim`; none for a kind that messages say nothing about.
    pub(crate) fn of(claim: &Claim) -> Option<Self> {
        match &claim.kind {
            ClaimKind::Shares => claim.recipient.clone().map(Self::Shares),
            ClaimKind::NeverShares { elements, subjects } => Some(Self::NeverShares(Of::new(elements, subjects))),
            ClaimKind::ListComplete { .. } => Some(Self::ListComplete),
            // Without either it says nothing about any one message: what recipients get stands in their own rows.
            ClaimKind::AggregatesOnly { elements, .. } if elements.is_empty() && claim.recipient.is_none() => None,
            ClaimKind::AggregatesOnly { elements, subjects } => Some(Self::AggregatesOnly(Of::new(elements, subjects))),
            ClaimKind::NeedsConsent {
                consent,
                elements,
                subjects,
                ..
            } => Some(Self::NeedsConsent {
                of: Of::new(elements, subjects),
                consent: consent.clone(),
                of_all: claim.recipient.is_some() && !elements.is_empty(),
            }),
            ClaimKind::ExemptFrom { activity, subjects } => Some(Self::ExemptFrom {
                of: Of::new(&BTreeSet::new(), subjects),
                activity: activity.to_string(),
                recipient: claim.recipient.clone(),
            }),
            ClaimKind::RetiredSince { date } => {
                let first = date.to_zoned(TimeZone::UTC);
                Some(Self::RetiredSince(first.ok().map(|first| first.timestamp())))
            }
            ClaimKind::EmbedsOnly { host } => Some(Self::EmbedsOnly(host.to_ascii_lowercase())),
            _ => None,
        }
    }

    pub(crate) fn read(&self, charter: &Charter, case: Case<'_>) -> Reading {
        match self {
            Self::Shares(id) => {
                let recipient = charter.recipient(id);
                let mut findings = case.message.findings.iter();
                let against = findings.find(|finding| undeclared(recipient, finding, case.refused));
                reading_of_findings(case.message, against)
            }
            Self::NeverShares(of) | Self::AggregatesOnly(of) => read_for_people(of, case, |_| true),
            Self::NeedsConsent { of, consent, of_all } => {
                let recipient = recipient_of(charter, case.message);
                let without = |finding: &FindingEntry| without_consent(recipient, consent, *of_all, finding);
                read_for_people(of, case, without)
            }
            Self::ExemptFrom {
                of,
                activity,
                recipient,
            } => {
                let concerned = recipient.is_some() || is_for(charter, case.message, activity);
                read_for_people(of, case, |_| concerned)
            }
            Self::RetiredSince(first) => {
                reading_of_host(case, case.at.zip(*first).is_none_or(|(at, first)| at >= first))
            }
            Self::EmbedsOnly(pattern) => reading_of_host(case, !host_matches(pattern, &case.message.host)),
            Self::ListComplete => read_for_list(case),
        }
    }
}

/// Reads a message for a claim about elements of people; `against`: whether one of those findings goes against it.
fn read_for_people(of: &Of, case: Case<'_>, against: impl Fn(&FindingEntry) -> bool) -> Reading {
    let spoken_of =
        |finding: &&FindingEntry| left(finding, case.refused) && of.covers_element(finding) && against(finding);
    let mut findings = case.message.findings.iter().filter(spoken_of);
    let found = findings.clone().find(|finding| of.covers_subject(finding));
    let unattributed = findings.any(|finding| finding.subject.is_none());
    Reading {
        unattributed,
        ..reading_of_findings(case.message, found)
    }
}

/// It is the host, or that it went there at all, that speaks against the claim: what is inside does not matter.
fn reading_of_host(case: Case<'_>, against: bool) -> Reading {
    Reading {
        against,
        unreadable: false,
        ..reading_of_findings(case.message, None)
    }
}

fn recipient_of<'a>(charter: &'a Charter, message: &Message) -> Option<&'a Recipient> {
    let id = RecipientId::new(message.recipient.as_deref()?).ok()?;
    charter.recipient(&id)
}

/// Whether the finding left without the consent of this kind. `of_all`: the claim says that these elements never reach the
/// recipient without it, whatever the rows say.
fn without_consent(recipient: Option<&Recipient>, consent: &str, of_all: bool, finding: &FindingEntry) -> bool {
    if finding.consent_version.is_some() {
        return false;
    }
    let rows = recipient.into_iter().flat_map(|recipient| &recipient.discloses);
    let needs = |kind: &str| matches!(finding.reason.as_str(), "consent_missing") && kind == consent;
    let element = ElementId::new(&finding.element).ok();
    let mut kinds = rows.filter_map(|row| match &row.when {
        Condition::Consent(kind) if element.as_ref().is_some_and(|e| row.covers_element(e)) => {
            Some((kind.as_str(), finding.rule.as_deref() == Some(row.rule.as_str())))
        }
        _ => None,
    });
    // A row that asks for this consent let it through, or it was ruled that the consent is missing.
    of_all || kinds.any(|(kind, by_this_row)| needs(kind) || (by_this_row && kind == consent))
}

/// Whether the message is for `activity`: its sender says so, or its recipient does nothing else.
fn is_for(charter: &Charter, message: &Message, activity: &str) -> bool {
    let said = message.purpose.iter().map(String::as_str);
    let recipient = recipient_of(charter, message);
    let declared = recipient.map(|recipient| recipient.purposes.iter().map(averment_catalog::PurposeId::as_str));
    serves_only(activity, said) || declared.is_some_and(|purposes| serves_only(activity, purposes))
}

fn reading_of_findings(message: &Message, against: Option<&FindingEntry>) -> Reading {
    Reading {
        against: against.is_some(),
        element: against.and_then(|finding| ElementId::new(&finding.element).ok()),
        // Findings that are missing are as good as a place that could not be read.
        unreadable: !message.unreadable.is_empty() || message.preceded_by > 0,
        unattributed: false,
        reported: message.mode == Mode::Report.as_str(),
        enforced: message.mode == Mode::Enforce.as_str(),
        not_enforced: message.mode == Mode::Report.as_str(),
    }
}

/// Whether the finding went out, or would have, otherwise than the rows of its recipient ask for.
fn undeclared(recipient: Option<&Recipient>, finding: &FindingEntry, refused: bool) -> bool {
    if finding.reason == "unknown_host" {
        // Nobody declared the host then, so no rows were asked; today's recipient of the host answers with its own.
        return !recipient.is_some_and(|recipient| declares(recipient, finding));
    }
    if refused {
        return finding.treatment == Treatment::Block.as_str();
    }
    finding.treatment != Treatment::Pass.as_str() && finding.treated != finding.treatment
}

fn declares(recipient: &Recipient, finding: &FindingEntry) -> bool {
    let Ok(element) = ElementId::new(&finding.element) else {
        return false;
    };
    let subject = finding.subject.as_deref().map(SubjectId::new);
    recipient
        .discloses
        .iter()
        .filter(|row| row.treatment == Treatment::Pass)
        .any(|row| match &subject {
            Some(Ok(subject)) => row.covers(&element, subject),
            Some(Err(_)) => false,
            None => row.covers_element(&element),
        })
}

/// Whether anything of the finding left. Masked, hashed and pseudonymous forms are still about the person.
fn left(finding: &FindingEntry, refused: bool) -> bool {
    refused || finding.treated != Treatment::Drop.as_str()
}

/// The list speaks of hosts, so what is inside a message, readable or not, does not matter to it; nor does the mode of a
/// recipient that is on it.
fn read_for_list(case: Case<'_>) -> Reading {
    let unlisted = case.message.recipient.is_none();
    let against = unlisted && case.host_undeclared;
    let reported = case.message.mode == Mode::Report.as_str();
    Reading {
        against,
        element: None,
        unreadable: false,
        unattributed: !unlisted && case.host_undeclared,
        reported,
        enforced: case.message.mode == Mode::Enforce.as_str(),
        not_enforced: against && reported,
    }
}
