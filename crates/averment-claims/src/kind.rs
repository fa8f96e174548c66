//! What counts for each kind of claim: one row per kind. Grades, reasons, `docs/claims.md` and the scenario files are held
//! to this table.

use averment_catalog::Plane;
use averment_register::{Claim, ClaimKind, Period};

use crate::grade::Grade;

/// Days for which a measurement counts where nothing else is declared.
pub const MEASURED_DAYS: u32 = 30;
/// Days for which an attestation counts where nothing else is declared.
pub const ATTESTED_DAYS: u32 = 366;

/// The programs that prove what the register says: by a solver for all requests, and case by case. Their looks are of rules and not
/// of pages, so that they count for no grade; what they find against a claim breaks it.
pub const PROVED_BY_SOLVER: &str = "probe.access.symbolic";
/// See [`PROVED_BY_SOLVER`].
pub const PROVED_BY_CASES: &str = "probe.access.enumerated";

/// What the report of proofs about a charter is called. An entry is of the charter in force, which another may have been that
/// was proved.
///
/// `charter`: its digest, `sha256:…`.
pub fn proofs_name(charter: &str) -> String {
    format!("access-proofs-{}.json", charter.trim_start_matches("sha256:"))
}

/// What messages say about a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    /// Nothing.
    Nothing,
    /// They can go against it; that none does shows nothing.
    OnlyAgainst,
    /// They can go against it, and that none of those seen does counts for it.
    Both,
    /// The same, and the gate refuses what goes against it where it enforces.
    Enforced,
    /// They can go against it, and that none comes while a gate watches counts for it.
    Absence,
}

/// What a program does that looks whether a claim holds: the part of its name before the first dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `scan.…` reads code, configuration and schemas.
    Scan,
    /// `probe.…` asks running systems: databases, disks, connections.
    Probe,
    /// `crawl.…` opens pages as a browser does.
    Crawl,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Scan, Self::Probe, Self::Crawl];

    /// The part of the name before the first dot.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Probe => "probe",
            Self::Crawl => "crawl",
        }
    }
}

/// What counts for a kind of claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The kind, as in files.
    pub kind: &'static str,
    /// What messages say.
    pub messages: Messages,
    /// Programs whose measurements count for it. Against it, the measurements of every program count.
    pub programs: &'static [Program],
    /// Where programs look. The first plane must have been looked at; a measurement that names no plane is of that one.
    /// Empty: the planes of the recipient, each of which must have been looked at.
    pub planes: &'static [Plane],
    /// The best grade that it can earn.
    pub best: Grade,
    /// What breaks it, besides a measurement against it and somebody who says that it does not hold.
    pub broken_by: &'static str,
}

use Grade::{Attested, Enforced, Monitored};
use Messages::{Absence, Both, Nothing, OnlyAgainst};
use Plane::{Browser, Database, Infrastructure, Mail, StaffTool, VendorForm};
use Program::{Crawl, Probe, Scan};

const STORES: &[Plane] = &[Database, Infrastructure, StaffTool];
const MACHINES: &[Plane] = &[Infrastructure, Database, Mail, StaffTool];
const VIEWS: &[Plane] = &[Browser, StaffTool, VendorForm, Mail];
const NOTHING_ELSE: &str = "nothing else";

const fn flows(kind: &'static str, messages: Messages, best: Grade, broken_by: &'static str) -> Row {
    Row {
        kind,
        messages,
        programs: &[Scan, Probe, Crawl],
        planes: &[],
        best,
        broken_by,
    }
}

const fn measured(kind: &'static str, programs: &'static [Program], planes: &'static [Plane], best: Grade) -> Row {
    Row {
        kind,
        messages: Nothing,
        programs,
        planes,
        best,
        broken_by: NOTHING_ELSE,
    }
}

const fn vouched(kind: &'static str) -> Row {
    measured(kind, &[], &[], Attested)
}

/// One row per kind, in the order of [`ClaimKind`].
pub const ROWS: [Row; 25] = [
    flows(
        "shares",
        Messages::Enforced,
        Enforced,
        "a message with an element that no row declares, or that left otherwise than its row asks for",
    ),
    flows(
        "never_shares",
        Messages::Enforced,
        Enforced,
        "a message with such an element of such a person, in whatever form",
    ),
    flows(
        "list_complete",
        Messages::Enforced,
        Enforced,
        "a message to a host that no recipient declares",
    ),
    flows(
        "aggregates_only",
        Both,
        Monitored,
        "a message with such an element of one such person",
    ),
    measured("collects", &[Scan, Probe], STORES, Monitored),
    measured("not_stored", &[Scan, Probe], STORES, Enforced),
    measured("stored_as", &[Scan, Probe], STORES, Enforced),
    measured("stored_in", &[Scan, Probe], MACHINES, Enforced),
    measured("encrypted_in_transit", &[Probe], MACHINES, Enforced),
    measured("encrypted_at_rest", &[Probe], MACHINES, Enforced),
    measured("retained_for", &[Probe], STORES, Enforced),
    measured("erased_on", &[Probe], STORES, Enforced),
    measured("visible_to", &[Probe, Crawl], VIEWS, Enforced),
    measured("hidden_from", &[Probe, Crawl], VIEWS, Enforced),
    flows(
        "needs_consent",
        Messages::Enforced,
        Enforced,
        "a message with such an element that left without the consent",
    ),
    flows(
        "exempt_from",
        Both,
        Monitored,
        "a message with data of such a person to a recipient that does this, or that the sender says is for this",
    ),
    measured("performed_every", &[Scan, Probe, Crawl], &[Infrastructure], Monitored),
    vouched("holds_certificate"),
    vouched("complies_with"),
    vouched("acts_as"),
    flows(
        "retired_since",
        Absence,
        Monitored,
        "a message to the recipient on that day or later",
    ),
    Row {
        kind: "embeds_only",
        messages: OnlyAgainst,
        programs: &[Scan, Crawl],
        planes: &[Browser],
        best: Monitored,
        broken_by: "a message to another host of the recipient",
    },
    vouched("contract_says"),
    measured("offers", &[Probe, Crawl], VIEWS, Monitored),
    vouched("statement"),
];

/// The row of a kind.
pub fn row(kind: &ClaimKind) -> &'static Row {
    let found = ROWS.iter().find(|row| row.kind == kind.as_str());
    found.expect("every kind has a row; a test holds the table to that")
}

impl Row {
    /// Whether messages say anything about it.
    pub(crate) fn reads_messages(&self) -> bool {
        self.messages != Nothing
    }

    /// Whether it is about flows on the planes of recipients.
    pub(crate) fn is_about_flows(&self) -> bool {
        self.planes.is_empty() && self.best != Attested
    }

    /// Whether a measurement by the program of this name counts for it.
    pub(crate) fn trusts(&self, program: &str) -> bool {
        let kind = program.split('.').next().unwrap_or_default();
        self.programs.iter().any(|known| known.as_str() == kind)
    }
}

/// How long evidence about `claim` counts: the period of its evidence duty or, for what is done once in every period, that
/// period. None where neither is declared, and the days of this table hold.
pub fn freshness(claim: &Claim) -> Option<Period> {
    let period = match &claim.kind {
        ClaimKind::PerformedEvery { period, .. } => *period,
        _ => None,
    };
    let duty = claim.evidence.as_ref().map(|duty| duty.every);
    period
        .into_iter()
        .chain(duty)
        .filter(|period| *period != Period::ZERO)
        .min()
}
