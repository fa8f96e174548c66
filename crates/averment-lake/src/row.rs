//! One row: what of one person was in one message, by element.

/// What of one person, or of nobody in the directory, was found in one message. The columns of the table have the same names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Number of the entry in the ledger.
    pub entry: u64,
    /// When, microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    /// Identifier of the request.
    pub request: String,
    /// The request that it is a piece of.
    pub part_of: Option<String>,
    /// Where it was seen, or `entered`.
    pub plane: String,
    /// Identifier of the recipient in the register.
    pub recipient: Option<String>,
    /// Host, or who received what somebody entered.
    pub party: Option<String>,
    /// Digest of the charter in force.
    pub charter: String,
    /// `report` or `enforce`.
    pub mode: Option<String>,
    /// What was done.
    pub action: String,
    /// What enforcement does or would have done.
    pub judged: Option<String>,
    /// `left`, `may_have_left`, `not_sent` or `refused`.
    pub fate: String,
    /// Whether it counts no more.
    pub void: bool,
    /// Reference to the person, as in the entry: a number that never comes again.
    pub person: Option<String>,
    /// Kind of data subject.
    pub subject: Option<String>,
    /// Their school.
    pub school: Option<String>,
    /// Data element.
    pub element: String,
    /// How often it was found.
    pub count: u64,
    /// What was done to it.
    pub treated: String,
    /// What the charter asks for.
    pub treatment: String,
    /// Why.
    pub reason: String,
    /// Disclosure or claim that the reason rests on.
    pub rule: Option<String>,
    /// What the disclosure rests on, separated by spaces; none when nothing is named.
    pub basis: Option<String>,
    /// Whether the school's record of disclosures must hold it.
    pub record_required: Option<bool>,
    /// Version of the consent.
    pub consent_version: Option<u64>,
    /// Service that sent it.
    pub service: Option<String>,
    /// Purpose that the sender declared.
    pub purpose: Option<String>,
}
