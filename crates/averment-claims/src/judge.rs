//! What one recorded message says about one claim.
//!
//! `shares` takes the ruling that was recorded: what was published when the message left is what it is held against.
//! `never_shares` and `list_complete` take the charter of today, so that a claim made today is held against what the
//! ledger remembers.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId, Treatment};
use averment_ledger::{FindingEntry, Message};
use averment_register::{Charter, Claim, ClaimKind, Mode, Recipient, RecipientId};

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
    NeverShares {
        elements: BTreeSet<ElementId>,
        subjects: BTreeSet<SubjectId>,
    },
    ListComplete,
}

/// A message with what today's charter says about its host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) message: &'a Message,
    pub(crate) refused: bool,
    /// No recipient of today's charter declares its host.
    pub(crate) host_undeclared: bool,
}

impl Test {
    /// The test of `claim`; none for a kind that messages say nothing about.
    pub(crate) fn of(claim: &Claim) -> Option<Self> {
        match &claim.kind {
            ClaimKind::Shares => claim.recipient.clone().map(Self::Shares),
            ClaimKind::NeverShares { elements, subjects } => Some(Self::NeverShares {
                elements: elements.clone(),
                subjects: subjects.clone(),
            }),
            ClaimKind::ListComplete { .. } => Some(Self::ListComplete),
            _ => None,
        }
    }

    pub(crate) fn read(&self, charter: &Charter, case: Case<'_>) -> Reading {
        match self {
            Self::Shares(id) => {
                let recipient = charter.recipient(id);
                let against = case
                    .message
                    .findings
                    .iter()
                    .find(|finding| undeclared(recipient, finding, case.refused));
                reading_of_findings(case.message, against)
            }
            Self::NeverShares { elements, subjects } => {
                let spoken_of =
                    |finding: &&FindingEntry| left(finding, case.refused) && covers_element(elements, finding);
                let mut findings = case.message.findings.iter().filter(spoken_of);
                let against = findings.clone().find(|finding| covers_subject(subjects, finding));
                let unattributed = findings.any(|finding| finding.subject.is_none());
                Reading {
                    unattributed,
                    ..reading_of_findings(case.message, against)
                }
            }
            Self::ListComplete => read_for_list(case),
        }
    }
}

fn reading_of_findings(message: &Message, against: Option<&FindingEntry>) -> Reading {
    Reading {
        against: against.is_some(),
        element: against.and_then(|finding| ElementId::new(&finding.element).ok()),
        unreadable: !message.unreadable.is_empty(),
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

fn covers_element(elements: &BTreeSet<ElementId>, finding: &FindingEntry) -> bool {
    ElementId::new(&finding.element).is_ok_and(|found| elements.iter().any(|element| element.covers(&found)))
}

fn covers_subject(subjects: &BTreeSet<SubjectId>, finding: &FindingEntry) -> bool {
    let found = finding
        .subject
        .as_deref()
        .and_then(|subject| SubjectId::new(subject).ok());
    found.is_some_and(|found| subjects.iter().any(|subject| subject.covers(&found)))
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
