//! One third party as one look saw it: how, where, how sure, and what is passed to it.

use std::collections::BTreeSet;
use std::fmt;

use averment_catalog::{ElementId, Plane, SubjectId, ThirdPartyId};
use serde::{Deserialize, Serialize};

/// Whose something is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A third party of the catalog.
    Known(ThirdPartyId),
    /// Somebody whom the catalog does not know, by the registrable domain of the hosts (public suffix list).
    Domain(String),
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(id) => id.fmt(f),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

/// How far a mention is from a flow, the farthest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// In a comment, a document, a test, a fixture, a lesson, vendored code, or code that nothing reaches.
    Dead,
    /// A visitor who follows a link gets there; nothing goes there by itself.
    Linked,
    /// A package, a key or a setting stands ready; nothing was seen to use it.
    Configured,
    /// A policy (CSP, allow-list, firewall) lets it happen.
    Allowed,
    /// A visitor's browser contacts it, because a page embeds it.
    Embedded,
    /// The program contacts it, or was seen to.
    Contacted,
}

impl Tier {
    /// Whether data goes there: what the register has to declare.
    pub fn is_flow(self) -> bool {
        self >= Self::Embedded
    }

    /// In the words of reports: `linked only`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Dead => "dead code",
            Self::Linked => "linked only",
            Self::Configured => "configured",
            Self::Allowed => "allowed by policy",
            Self::Embedded => "embedded",
            Self::Contacted => "contacted",
        }
    }
}

/// Which machine makes the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The platform's own.
    Server,
    /// The visitor's.
    Browser,
}

/// How sure one piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A word that others use too.
    Possible,
    /// Shape and place speak for it.
    Likely,
    /// Nothing else looks like this.
    Certain,
}

/// What shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// A dependency that a manifest declares.
    Manifest,
    /// One that a lock file pins.
    LockFile,
    /// A module that code imports.
    Import,
    /// A constructor or function that code calls.
    Call,
    /// A host or an address in code or in a template.
    Host,
    /// A script that a page loads.
    Script,
    /// A frame in a page.
    Frame,
    /// An image or a pixel.
    Image,
    /// A style sheet, a font, a preload, another resource of a page.
    Resource,
    /// An address that a form is sent to.
    Form,
    /// A link.
    Link,
    /// A content security policy or an allow-list.
    Policy,
    /// An environment or configuration key.
    Environment,
    /// A file that describes infrastructure.
    Infrastructure,
    /// A step of a workflow.
    Workflow,
    /// A request that was made.
    Request,
    /// A cookie that was set.
    Cookie,
    /// A report of a browser about a policy.
    PolicyReport,
    /// A record that a staff tool holds.
    Record,
}

/// A place that a person can go to.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Spot {
    /// Path from the root of what was read, with `/`; in a browser the page's address without query.
    pub file: String,
    /// Line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, ":{line}:{column}"),
            (Some(line), None) => write!(f, ":{line}"),
            _ => Ok(()),
        }
    }
}

/// One thing that shows that a third party is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of thing.
    pub how: How,
    /// The package, host, module, key or name as it stands there; never a value of somebody's.
    pub what: String,
    /// Where.
    pub spot: Spot,
    /// How far from a flow.
    pub tier: Tier,
    /// Which machine, when it is clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// How sure.
    pub confidence: Confidence,
    /// The address is contacted without encryption.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain_http: bool,
    /// As whom the page was opened: `student_under13`, `teacher`, `logged_out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Others of whom the very same thing may be, where it has no line and column to tell it by.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub alike: BTreeSet<Party>,
}

/// Consents in force for somebody whose data is passed, by their kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Consented {
    /// Given by them, or by a parent for them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub own: BTreeSet<String>,
    /// Given by their school in the place of the parents: what such a one covers only the policy says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub of_school: BTreeSet<String>,
}

/// A data element that goes there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Passed {
    /// Which.
    pub element: ElementId,
    /// Whose, when it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    /// Where.
    pub spot: Spot,
    /// How sure.
    pub confidence: Confidence,
    /// As whom the page was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What they consented to, where somebody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consented: Option<Consented>,
    /// Host and masked path of the request that carries it, in traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Others to whom the very same message may go, where it has no line and column to tell it by.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub alike: BTreeSet<Party>,
}

/// One third party on one plane, with everything that one look saw of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Who.
    pub party: Party,
    /// Where the flow can be seen.
    pub plane: Plane,
    /// Hosts that were seen, lower case, without port.
    pub hosts: BTreeSet<String>,
    /// What shows it, in the order of files and lines.
    pub evidence: Vec<Evidence>,
    /// What is passed, as far as it could be seen: nothing here does not mean that nothing is passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Passed>,
}

impl Observation {
    /// The strongest tier of its evidence.
    pub fn tier(&self) -> Tier {
        self.evidence.iter().map(|one| one.tier).max().unwrap_or(Tier::Dead)
    }

    /// The best confidence among the evidence of the strongest tier.
    pub fn confidence(&self) -> Confidence {
        let tier = self.tier();
        let strongest = self.evidence.iter().filter(|one| one.tier == tier);
        strongest
            .map(|one| one.confidence)
            .max()
            .unwrap_or(Confidence::Possible)
    }
}
