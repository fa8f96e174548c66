//! The solver: a process of its own, asked one question after another, ended when it takes too long.

use std::path::PathBuf;
use std::time::Duration;

use cedar_policy_symcc::err::Error;
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicySet, Env};
use tokio::process::Command;
use tokio::time::timeout;

use super::{SymbolicError, Unanswered, wrong};

/// Which solver, and how long it may think.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solver {
    /// cvc5: a path, or a name to be found on the path of the process.
    pub program: PathBuf,
    /// Longest time for one question.
    pub patience: Duration,
}

impl Solver {
    pub(super) fn absent(&self, source: std::io::Error) -> SymbolicError {
        let program = self.program.display().to_string();
        SymbolicError::NoSolver { program, source }
    }
}

/// A solver that runs, or why it runs no more.
pub(super) struct Running {
    compiler: Result<CedarSymCompiler<LocalSolver>, Unanswered>,
    patience: Duration,
}

impl Running {
    pub(super) fn start(solver: &Solver) -> Result<Self, SymbolicError> {
        let mut command = Command::new(&solver.program);
        command.args(["--lang", "smt"]).kill_on_drop(true);
        let started = LocalSolver::from_command(&mut command).map_err(|error| match error {
            cedar_policy_symcc::err::SolverError::Io(source) => solver.absent(source),
            other => wrong(other),
        })?;
        Ok(Self {
            compiler: Ok(CedarSymCompiler::new(started).map_err(wrong)?),
            patience: solver.patience,
        })
    }

    /// A request that both sets allow; none when there is none.
    pub(super) async fn ask(
        &mut self,
        allowed: &CompiledPolicySet,
        against: &CompiledPolicySet,
    ) -> Result<Option<Env>, Unanswered> {
        let compiler = self.compiler.as_mut().map_err(|gone| gone.clone())?;
        let asked = compiler.check_disjoint_with_counterexample_opt(allowed, against);
        let gone = match timeout(self.patience, asked).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(Error::SolverUnknown)) => return Err(Unanswered::Unknown),
            Ok(Err(error)) => Unanswered::Failed(error.to_string()),
            Err(_) => Unanswered::Silent {
                seconds: self.patience.as_secs(),
            },
        };
        self.end().await;
        self.compiler = Err(gone.clone());
        Err(gone)
    }

    /// Ends the process and waits until it is gone.
    pub(super) async fn end(&mut self) {
        if let Ok(compiler) = &mut self.compiler {
            // It may have ended by itself.
            _ = compiler.solver_mut().clean_up().await;
        }
    }
}
