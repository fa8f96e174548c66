//! What is known besides the message, at the moment of sending: about the people in it, its sender, and the operator's
//! orders.
//!
//! Start at [`Facts`]. Facts only ever take away, with two exceptions that the charter asks for: a consent in force, and a
//! condition that the sender declares where the operator demands one.
//!
//! Source: 34 CFR 99.30 (consent), 99.37 (directory information); GDPR Art. 7(3) (withdrawal), 21 (objection).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use averment_catalog::{ElementId, PurposeId};
use averment_detect::{Finding, PersonNumber, Whose};
use averment_register::{Charter, Condition, ControllerId, RecipientId};

/// What is known besides the message.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What is known about people; nothing about whoever is missing.
    pub people: BTreeMap<PersonNumber, PersonFacts>,
    /// Who else has the identifier that a finding of this person and element names.
    pub shared: BTreeMap<(PersonNumber, ElementId), BTreeSet<PersonNumber>>,
    /// Who sends.
    pub caller: Caller,
    /// Whether only a known service may send.
    pub service_required: bool,
    /// Whether a row whose condition is not `always` needs the sender to declare it. Otherwise the platform's word is taken.
    pub conditions_required: bool,
    /// Who gets nothing.
    pub cut_off: CutOff,
    /// How the message would reach its recipient.
    pub reach: Reach,
}

/// How a message would reach its host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Over TLS on port 443, or as the operator declares.
    #[default]
    Declared,
    /// In clear, so that anybody on the way can read it and nobody has proved who answers.
    InClear,
    /// On a port where the host may run anything.
    OtherPort,
}

/// One person.
#[derive(Debug, Clone, Default)]
pub struct PersonFacts {
    /// The schools with variants of their own that they may belong to, as the directory says: several where several
    /// schools have the name that stands there.
    pub schools: Vec<School>,
    /// Consents in force: kind and version.
    pub consents: BTreeMap<String, u64>,
    /// Consents that their school gave in the place of their parents, with its version. Such a one covers students whose
    /// rights have not passed to them, and school purposes only: guidance of the FTC on 16 CFR 312.5.
    pub school_consents: BTreeMap<String, u64>,
    /// Whether they opted out of directory information, 34 CFR 99.37(a)(2).
    pub directory_opt_out: bool,
    /// Recipients that they, or their school for them, object to, GDPR Art. 21.
    pub objections: BTreeSet<RecipientId>,
    /// Whether their data may only be stored, GDPR Art. 18(2).
    pub restricted: bool,
    /// Whether they do not exist, and are in the directory to be missed by nobody.
    pub canary: bool,
}

/// Of whoever nothing is known about nothing is allowed that takes more than the charter.
static UNKNOWN: PersonFacts = PersonFacts {
    schools: Vec::new(),
    consents: BTreeMap::new(),
    school_consents: BTreeMap::new(),
    directory_opt_out: false,
    objections: BTreeSet::new(),
    restricted: false,
    canary: false,
};

/// A school and the charter that holds for it.
#[derive(Debug, Clone)]
pub struct School {
    /// Which.
    pub id: ControllerId,
    /// [`Charter::for_controller`] of the charter that the message is judged by.
    pub charter: Arc<Charter>,
}

/// Who sends a message.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// What is recorded of it.
    pub sender: Sender,
    /// Recipients that it may send to; all when none are named.
    pub recipients: Option<BTreeSet<RecipientId>>,
    /// Conditions that it may declare, as in the register; all when none are named.
    pub conditions: Option<BTreeSet<String>>,
}

/// What a sender says of itself and of a message. It goes into the entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// Name of the service, proved by its token; none for a caller without a name.
    pub service: Option<String>,
    /// Conditions that it declares.
    pub when: BTreeSet<Condition>,
    /// Purpose that it declares.
    pub purpose: Option<PurposeId>,
}

/// The operator's order that nothing goes out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CutOff {
    /// Nobody gets anything.
    pub all: bool,
    /// These get nothing.
    pub recipients: BTreeSet<RecipientId>,
}

/// Why nothing goes out whatever the rows say; what is said of somebody or about the sender holds in report mode too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The operator cut the recipient off, or all of them.
    CutOff,
    /// The message names somebody who does not exist.
    Canary,
    /// Only known services may send, and this caller is none.
    ServiceUnknown,
    /// This service may not send to this recipient.
    ServiceRecipient,
    /// This service may not declare this condition.
    ServiceCondition,
    /// It would go in clear, and nothing declares that.
    InClear,
    /// It would go to a port that nothing declares.
    Port,
    /// The gate's authority may not speak for the host of a tunnel. Found at the gate, as the next two are.
    AuthorityOutside,
    /// The gate cannot use the credential that it holds for the recipient.
    CredentialUnusable,
    /// The message cannot be treated as the register says.
    RewriteImpossible,
}

impl Stop {
    /// The word used in entries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CutOff => "cut_off",
            Self::Canary => "canary",
            Self::ServiceUnknown => "service_unknown",
            Self::ServiceRecipient => "service_recipient",
            Self::ServiceCondition => "service_condition",
            Self::InClear => "in_clear",
            Self::Port => "port",
            Self::AuthorityOutside => "authority_outside",
            Self::CredentialUnusable => "credential_unusable",
            Self::RewriteImpossible => "rewrite_impossible",
        }
    }

    /// Whether it holds in report mode too. How a recipient is reached is a part of what is declared, and in report mode what is
    /// not declared goes out and is recorded as *would refuse*.
    pub(crate) fn holds_in_report_mode(self) -> bool {
        !matches!(self, Self::InClear | Self::Port)
    }
}

impl Facts {
    /// Why nothing goes to `recipient` (none: a host that nobody declares) with these findings.
    pub(crate) fn stop(&self, recipient: Option<&RecipientId>, findings: &[Finding]) -> Option<Stop> {
        let cut_off = self.cut_off.all || recipient.is_some_and(|id| self.cut_off.recipients.contains(id));
        let sender = &self.caller.sender;
        let stops = [
            (Stop::CutOff, cut_off),
            (Stop::Canary, findings.iter().any(|finding| self.names_canary(finding))),
            (Stop::ServiceUnknown, self.service_required && sender.service.is_none()),
            (Stop::ServiceRecipient, !self.caller.may_send_to(recipient)),
            (Stop::ServiceCondition, !self.caller.may_declare(&sender.when)),
            (Stop::InClear, recipient.is_some() && self.reach == Reach::InClear),
            (Stop::Port, recipient.is_some() && self.reach == Reach::OtherPort),
        ];
        stops.into_iter().find(|(_, holds)| *holds).map(|(stop, _)| stop)
    }

    /// What is known about each person that a finding may be about; nobody for somebody outside the directory.
    pub(crate) fn concerning(&self, finding: &Finding) -> Vec<&PersonFacts> {
        let Whose::Person { number, .. } = finding.whose else {
            return Vec::new();
        };
        // Most installations share nothing, and a key to ask with has to be made.
        let others = (!self.shared.is_empty())
            .then(|| self.shared.get(&(number, finding.element.clone())))
            .flatten();
        let numbers = std::iter::once(&number).chain(others.into_iter().flatten());
        numbers
            .map(|number| self.people.get(number).unwrap_or(&UNKNOWN))
            .collect()
    }

    fn names_canary(&self, finding: &Finding) -> bool {
        self.concerning(finding).iter().any(|person| person.canary)
    }
}

impl Caller {
    fn may_send_to(&self, recipient: Option<&RecipientId>) -> bool {
        let allowed = self.recipients.as_ref();
        allowed.is_none_or(|allowed| recipient.is_some_and(|id| allowed.contains(id)))
    }

    fn may_declare(&self, when: &BTreeSet<Condition>) -> bool {
        let allowed = self.conditions.as_ref();
        allowed.is_none_or(|allowed| when.iter().all(|condition| allowed.contains(&condition.to_string())))
    }
}
