//! What a claim says: one kind per sort of sentence, each with the parameters that let it fail.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId, WordId, typed_id};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Condition, Period, RecipientId, RecipientRole, Said};

typed_id!(
    /// A claim, e.g. `amplitude/no-student-records`.
    ClaimId
);

/// Elements or categories of elements; in claims that may name none, none means all.
pub type Elements = BTreeSet<ElementId>;
/// Kinds of data subjects; in claims that may name none, none means everybody.
pub type Subjects = BTreeSet<SubjectId>;
/// Words of a closed vocabulary of the catalog.
pub type Words = BTreeSet<WordId>;

/// What a claim says, with its parameters. Sets that a kind does not need are left out when empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClaimKind {
    /// The recipient gets only what its `[[discloses]]` rows declare. Every recipient has this claim.
    Shares,
    /// The recipient never gets these elements of these subjects.
    NeverShares {
        /// Which.
        elements: Elements,
        /// Whose.
        subjects: Subjects,
    },
    /// There is no recipient besides those declared.
    ListComplete {
        /// When others may get data all the same (exceptions).
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        unless: Words,
    },
    /// Only aggregates of these leave.
    AggregatesOnly {
        /// Which.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
    },
    /// These elements are collected.
    Collects {
        /// Which.
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
        /// When.
        when: Condition,
    },
    /// These elements are not stored.
    NotStored {
        /// Which.
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
    },
    /// These elements are stored only in this form.
    StoredAs {
        /// Which.
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
        /// E.g. `one_way_hash`.
        form: WordId,
    },
    /// These elements are stored in these places.
    StoredIn {
        /// Which.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
        /// Countries, ISO 3166-1 alpha-2, or `EU`, `EEA`.
        places: BTreeSet<String>,
    },
    /// What goes over a network is encrypted.
    EncryptedInTransit {
        /// Which.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
    },
    /// What is written to disk is encrypted.
    EncryptedAtRest {
        /// Which.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
    },
    /// These elements are kept until this long after the trigger, and no longer.
    RetainedFor {
        /// Which.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
        /// How long; [`Period::ZERO`]: until the trigger.
        duration: Period,
        /// What starts the clock.
        after: WordId,
    },
    /// These elements are erased within this time after the trigger.
    ErasedOn {
        /// Which.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
        /// Which are not.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        except: Elements,
        /// What starts the clock.
        after: WordId,
        /// How long it may take; [`Period::ZERO`]: at once.
        duration: Period,
    },
    /// These viewers see these elements.
    VisibleTo {
        /// Which.
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
        /// Who, by their relation to the subject.
        viewers: Words,
        /// When.
        when: Condition,
        /// Who can switch it off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        off_by: Option<WordId>,
    },
    /// These viewers never see these elements.
    HiddenFrom {
        /// Which; all but what a `visible_to` claim shows them when empty.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
        /// Who, by their relation to the subject.
        viewers: Words,
        /// When they may all the same.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        unless: Words,
    },
    /// This is done only with a consent.
    NeedsConsent {
        /// What for: the kind of consent, as in `consent:<kind>`.
        consent: String,
        /// Who gives it.
        giver: WordId,
        /// Which elements.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        elements: Elements,
        /// Whose.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        subjects: Subjects,
    },
    /// This is never done to these subjects.
    ExemptFrom {
        /// What.
        activity: WordId,
        /// Who.
        subjects: Subjects,
    },
    /// This is done once in every period; all the time when no period is given.
    PerformedEvery {
        /// What.
        activity: WordId,
        /// How often.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<Period>,
    },
    /// The organisation, or the recipient, holds this certificate.
    HoldsCertificate {
        /// Which.
        certificate: WordId,
        /// Its last day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Date>,
    },
    /// It meets these laws.
    CompliesWith {
        /// Which.
        regimes: Words,
    },
    /// It plays this part for schools.
    ActsAs {
        /// Which.
        role: RecipientRole,
    },
    /// The recipient has not been used since this day.
    RetiredSince {
        /// The first day without it.
        date: Date,
    },
    /// Only this variant is embedded (a no-cookie host).
    EmbedsOnly {
        /// Host pattern.
        host: String,
    },
    /// The contract with the recipient, or with every recipient, says so.
    ContractSays {
        /// The term.
        term: WordId,
    },
    /// People are offered this.
    Offers {
        /// What.
        offer: WordId,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// A sentence that fits none of the others; kept so that none is lost.
    Statement,
}

impl ClaimKind {
    /// The word used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Shares => "shares",
            Self::NeverShares { .. } => "never_shares",
            Self::ListComplete { .. } => "list_complete",
            Self::AggregatesOnly { .. } => "aggregates_only",
            Self::Collects { .. } => "collects",
            Self::NotStored { .. } => "not_stored",
            Self::StoredAs { .. } => "stored_as",
            Self::StoredIn { .. } => "stored_in",
            Self::EncryptedInTransit { .. } => "encrypted_in_transit",
            Self::EncryptedAtRest { .. } => "encrypted_at_rest",
            Self::RetainedFor { .. } => "retained_for",
            Self::ErasedOn { .. } => "erased_on",
            Self::VisibleTo { .. } => "visible_to",
            Self::HiddenFrom { .. } => "hidden_from",
            Self::NeedsConsent { .. } => "needs_consent",
            Self::ExemptFrom { .. } => "exempt_from",
            Self::PerformedEvery { .. } => "performed_every",
            Self::HoldsCertificate { .. } => "holds_certificate",
            Self::CompliesWith { .. } => "complies_with",
            Self::ActsAs { .. } => "acts_as",
            Self::RetiredSince { .. } => "retired_since",
            Self::EmbedsOnly { .. } => "embeds_only",
            Self::ContractSays { .. } => "contract_says",
            Self::Offers { .. } => "offers",
            Self::Statement => "statement",
        }
    }
}

/// The categories that "No Student Records" speaks of when the register does not say otherwise: who a student is and how
/// to reach them, what the school records about them, and who their guardians are. Technical and usage data and content
/// that a student makes are not in it; a `never_shares` claim may name them.
pub const STUDENT_RECORD_CATEGORIES: [&str; 7] = [
    "identity",
    "demographic",
    "contact",
    "account",
    "edu",
    "comms",
    "guardian",
];

/// What somebody has to show from time to time so that a claim stays attested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceDuty {
    /// Who has to: a role or an address.
    pub owner: String,
    /// How often.
    pub every: Period,
    /// What shows it: a report, a certificate, a log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// One falsifiable statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Identifier.
    pub id: ClaimId,
    /// What it says.
    #[serde(flatten)]
    pub kind: ClaimKind,
    /// The recipient it is about; none for claims about the whole list.
    pub recipient: Option<RecipientId>,
    /// The published sentence.
    pub sentence: String,
    /// Where it was said.
    pub said: Option<Said>,
    /// What has to be shown for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceDuty>,
}
