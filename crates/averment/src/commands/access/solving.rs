//! Proofs by the solver, for `access prove`. Without the feature `symbolic` the program is built without it, and says so.

use std::path::PathBuf;
use std::time::Duration;

use averment_access::Access;
use averment_access::prove::Proof;
use clap::Args;

use crate::outcome::Failure;

#[derive(Debug, Args)]
pub(super) struct SolverArgs {
    /// The solver cvc5: a path, or a name to be found on the path
    #[arg(long, value_name = "PROGRAM", default_value = "cvc5")]
    solver: PathBuf,
    /// Longest time for one question to the solver; then it is ended, and what is left is proved case by case
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    within: u64,
}

/// What the solver said of one `hidden_from` claim, or why it said nothing.
pub(super) struct Answer {
    pub(super) claim: String,
    pub(super) proof: Result<Proof, String>,
}

impl SolverArgs {
    /// Asks about every `hidden_from` claim. `policies`: Cedar text in place of the policies of the register.
    #[cfg(feature = "symbolic")]
    pub(super) fn ask(&self, access: &Access, policies: Option<&str>) -> Result<Vec<Answer>, Failure> {
        use averment_access::cedar::{Solver, prove_symbolically};
        let solver = Solver {
            program: self.solver.clone(),
            patience: Duration::from_secs(self.within),
        };
        let asked = prove_symbolically(access, policies, &solver)?;
        let answers = asked.into_iter().map(|asked| Answer {
            claim: asked.claim,
            proof: asked.answer.map_err(|unanswered| unanswered.to_string()),
        });
        Ok(answers.collect())
    }

    #[cfg(not(feature = "symbolic"))]
    pub(super) fn ask(&self, _: &Access, _: Option<&str>) -> Result<Vec<Answer>, Failure> {
        _ = (&self.solver, Duration::from_secs(self.within));
        Err(Failure::new("this program was built without the solver's part")
            .hint("build it with `cargo build --release --features symbolic`; `--by cases` works without"))
    }
}
