//! One change: who, what, which way, by whom, with which proof.

use averment_catalog::is_id;
use averment_ledger::{ConsentChange, Reference};
use averment_register::RecipientId;
use jiff::Timestamp;

use crate::persons::PersonId;

/// Most characters of a proof.
const PROOF_CHARS_MAX: usize = 300;

/// What somebody can agree to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsentKind {
    /// A consent that rows of the register ask for (`consent:photo`). Not in force until it is given.
    Consent(String),
    /// Being in directory information, 34 CFR 99.37. In force until it is withdrawn.
    DirectoryInformation,
    /// Anything going to this recipient, GDPR Art. 21. In force until it is withdrawn.
    Recipient(RecipientId),
}

impl std::fmt::Display for ConsentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Consent(kind) => f.write_str(kind),
            Self::DirectoryInformation => f.write_str("directory_information"),
            Self::Recipient(id) => write!(f, "recipient:{id}"),
        }
    }
}

impl std::str::FromStr for ConsentKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "directory_information" {
            return Ok(Self::DirectoryInformation);
        }
        let recipient = text.strip_prefix("recipient:");
        if let Some(id) = recipient.and_then(|id| RecipientId::new(id).ok()) {
            return Ok(Self::Recipient(id));
        }
        if is_id(text) {
            return Ok(Self::Consent(text.to_owned()));
        }
        Err(format!(
            "`{text}` is no kind of consent: expected the `<kind>` of `consent:<kind>` in the register, \
             `directory_information` or `recipient:<id>`"
        ))
    }
}

/// Which way it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsentState {
    /// Given; of an opt-out: taken back.
    Given,
    /// Withdrawn; of directory information and recipients: the opt-out.
    Withdrawn,
}

impl ConsentState {
    /// The word in the database and in entries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Given, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// Whose word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GivenBy {
    /// A parent or guardian, 34 CFR 99.3, 99.30.
    Parent,
    /// The student, from 18 on or in postsecondary education, 34 CFR 99.5.
    EligibleStudent,
    /// Somebody else, for themselves.
    Person,
    /// The school.
    School,
}

impl GivenBy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Parent, Self::EligibleStudent, Self::Person, Self::School];

    /// The word in the database, in entries and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::EligibleStudent => "eligible_student",
            Self::Person => "person",
            Self::School => "school",
        }
    }
}

impl std::str::FromStr for GivenBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|by| by.as_str() == text);
        known.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("expected one of {words}, found `{text}`")
        })
    }
}

/// How it was given: a sentence without names, or the digest of a document that is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof(String);

impl Proof {
    /// A sentence, of one line.
    ///
    /// # Errors
    /// What was expected.
    pub fn sentence(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let fits = (1..=PROOF_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "expected a proof of one line, of 1 to {PROOF_CHARS_MAX} characters"
            ))
        }
    }

    /// A document.
    pub fn document(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(bytes);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("sha256:{hex}"))
    }

    /// As kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whom a change is about.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// The person with this identifier at the platform.
    Person(&'a str),
    /// Everybody at this school, by identifier or name as in the directory or in the register.
    School(&'a str),
}

/// A change to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewChange<'a> {
    /// About whom.
    pub about: About<'a>,
    /// What.
    pub kind: &'a ConsentKind,
    /// Which way.
    pub state: ConsentState,
    /// Whose word it is.
    pub by: GivenBy,
    /// How it was given.
    pub how: &'a Proof,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Counts all changes, from 1.
    pub number: u64,
    /// The person; none for a school.
    pub person: Option<PersonId>,
    /// The school, in lower case; none for a person.
    pub school: Option<String>,
    /// What.
    pub kind: ConsentKind,
    /// Counts the changes of this kind for this person or school, from 1.
    pub version: u64,
    /// Which way.
    pub state: ConsentState,
    /// Whose word it is.
    pub by: GivenBy,
    /// How it was given.
    pub how: String,
    /// When it was entered.
    pub at: Timestamp,
}

impl Change {
    /// What the ledger is told. `person`: how it names the person.
    pub fn entry(&self, person: Option<Reference>) -> ConsentChange {
        ConsentChange {
            consent: self.kind.to_string(),
            state: self.state.as_str().to_owned(),
            version: self.version,
            by: self.by.as_str().to_owned(),
            person,
            school: self.school.clone(),
        }
    }
}
