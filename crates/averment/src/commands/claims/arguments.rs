//! What `averment claims` is asked.

use std::path::PathBuf;

use averment_claims::{Grade, Graded, History};
use clap::{Args, ValueEnum};

use crate::cli::{Folders, entry_number};
use crate::outcome::Failure;

/// Options of `averment claims`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every claim asked for earned at least `--min-grade`, 1 one is broken, 2 one earned less, or the register or the ledger could not be read."
)]
pub(crate) struct ClaimsArgs {
    /// Folder of the register; the bundled example when absent
    pub(crate) register: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ClaimsFormat::Text)]
    pub(crate) format: ClaimsFormat,
    /// Only claims about this recipient
    #[arg(long, value_name = "ID")]
    pub(crate) recipient: Option<String>,
    /// Only this claim
    #[arg(long, value_name = "ID")]
    pub(crate) claim: Option<String>,
    /// Show every change of a grade that the ledger holds
    #[arg(long)]
    pub(crate) history: bool,
    /// Show the grades that this `grades` entry of the ledger records, made anew from the entries before it
    #[arg(long, value_name = "ENTRY", value_parser = entry_number, conflicts_with_all = ["history", "watch"])]
    pub(crate) as_of: Option<u64>,
    /// Go on and show changes as they come
    #[arg(long, conflicts_with_all = ["history"])]
    pub(crate) watch: bool,
    /// The least grade that is a pass
    #[arg(long, value_enum, value_name = "GRADE", default_value_t = MinGrade::Attested)]
    pub(crate) min_grade: MinGrade,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

/// How to print claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClaimsFormat {
    /// Each claim with its reason
    Text,
    /// One line per claim, in 80 columns
    Table,
    /// For programs: `averment.claims/2`, the document whose SHA-256 the ledger records
    Json,
}

/// A grade that is a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MinGrade {
    Enforced,
    Monitored,
    Attested,
    Unverified,
}

impl From<MinGrade> for Grade {
    fn from(grade: MinGrade) -> Self {
        match grade {
            MinGrade::Enforced => Self::Enforced,
            MinGrade::Monitored => Self::Monitored,
            MinGrade::Attested => Self::Attested,
            MinGrade::Unverified => Self::Unverified,
        }
    }
}

fn none(message: String) -> Failure {
    Failure::new(message).hint("`averment claims REGISTER --format table` names every claim, recipient first")
}

impl ClaimsArgs {
    /// Whether this claim is asked for.
    pub(crate) fn asks_for(&self, claim: &str, recipient: Option<&str>) -> bool {
        let of_recipient = self.recipient.as_deref().is_none_or(|wanted| Some(wanted) == recipient);
        of_recipient && self.claim.as_deref().is_none_or(|wanted| wanted == claim)
    }

    /// The claims asked for. One that is in the register no more has its history all the same.
    pub(crate) fn asked_for(
        &self,
        mut graded: Vec<Graded>,
        history: &History,
        register: &str,
    ) -> Result<Vec<Graded>, Failure> {
        graded.retain(|graded| {
            let recipient = graded
                .claim
                .recipient
                .as_ref()
                .map(averment_register::RecipientId::as_str);
            self.asks_for(graded.claim.id.as_str(), recipient)
        });
        let has_past = self.history && self.claim.as_deref().is_some_and(|claim| history.of(claim).is_some());
        match (&self.claim, &self.recipient) {
            _ if !graded.is_empty() || has_past => Ok(graded),
            (Some(claim), _) => Err(none(format!("no claim `{claim}` in {register}"))),
            (None, Some(recipient)) => Err(none(format!("no claim about `{recipient}` in {register}"))),
            (None, None) => Ok(graded),
        }
    }
}
