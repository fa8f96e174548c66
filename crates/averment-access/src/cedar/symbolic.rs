//! `hidden_from` sentences proved for all requests at once: no request that the policies allow goes against one.
//!
//! Start at [`prove_symbolically`]. What is asked stands in `promise`; who is asked, in `solver`: cvc5, a process of its own that
//! is killed when it takes too long. What it does not answer is not proved here. A request that it finds against a sentence is
//! decided by the engine before anybody is told.
//!
//! Sentences that show something are not asked for: what they show may be seen in several capacities, which Cedar has apart.
//!
//! Source: the Cedar project's symbolic compiler, <https://crates.io/crates/cedar-policy-symcc>.

mod case;
mod policies;
mod promise;
mod solver;

use std::str::FromStr as _;

use cedar_policy::{EntityId, EntityTypeName, EntityUid, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::CompiledPolicySet;

use super::{schema, type_name};
use crate::access::Access;
use crate::prove::{COUNTER_MAX, CounterExample, Method, Proof, Verdict};
use crate::rules::{Effect, Rule};

use policies::Policies;
use promise::{Question, questions};
use solver::Running;
pub use solver::Solver;

/// Why nothing could be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SymbolicError {
    /// There is no such program, or it does not run.
    #[error("the solver `{program}` cannot be started")]
    NoSolver {
        /// As it was named.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The policies do not fit the schema, or say something that cannot be proved.
    #[error("the policies cannot be proved: {0}")]
    Policies(String),
}

/// Why one sentence has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unanswered {
    /// It took too long, now or with a sentence before this one, and was ended.
    #[error("the solver gave no answer in time ({seconds} s) and was ended")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// It says that it does not know.
    #[error("the solver does not know")]
    Unknown,
    /// It ended, or said what cannot be understood.
    #[error("the solver failed: {0}")]
    Failed(String),
    /// What it found against the sentence is decided otherwise by the engine.
    #[error("the solver found a request that the policies do not decide so")]
    Untrue,
}

/// What became of one `hidden_from` sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The claim.
    pub claim: String,
    /// Proved or refuted for all requests, or not at all.
    pub answer: Result<Proof, Unanswered>,
}

/// Asks the solver about every `hidden_from` claim, in their order.
///
/// `policies`: text in place of the policies of the register, such as what another engine decides by; the same schema.
///
/// # Errors
/// [`SymbolicError`], when no sentence could be asked about.
pub fn prove_symbolically(
    access: &Access,
    policies: Option<&str>,
    solver: &Solver,
) -> Result<Vec<Asked>, SymbolicError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| solver.absent(source))?;
    runtime.block_on(async {
        let mut asking = Asking::new(access, policies, solver)?;
        let mut asked = Vec::new();
        for rule in &access.rules().rules {
            if let (Some(claim), Effect::Hides(_)) = (&rule.claim, &rule.effect) {
                let answer = asking.prove(rule).await?;
                let claim = claim.to_string();
                asked.push(Asked { claim, answer });
            }
        }
        asking.solver.end().await;
        Ok(asked)
    })
}

struct Asking<'a> {
    access: &'a Access,
    schema: Schema,
    policies: Policies,
    solver: Running,
}

impl<'a> Asking<'a> {
    fn new(access: &'a Access, policies: Option<&str>, solver: &Solver) -> Result<Self, SymbolicError> {
        let schema = Schema::from_str(&schema()).map_err(wrong)?;
        let own = || super::policies(access.rules());
        let policies = Policies::read(&policies.map_or_else(own, str::to_owned), &schema)?;
        Ok(Self {
            access,
            schema,
            policies,
            solver: Running::start(solver)?,
        })
    }

    async fn prove(&mut self, rule: &Rule) -> Result<Result<Proof, Unanswered>, SymbolicError> {
        let (mut cases, mut against, mut found) = (0, 0, Vec::new());
        for question in questions(self.access.rules(), rule, &self.policies) {
            let count = question.elements.len() as u64;
            cases += count;
            match self.ask(&question).await? {
                Ok(None) => {}
                Ok(Some(case)) => {
                    against += count;
                    found.push(case);
                }
                // What was found stands, whatever stays open.
                Err(_) if !found.is_empty() => break,
                Err(unanswered) => return Ok(Err(unanswered)),
            }
        }
        found.truncate(COUNTER_MAX);
        Ok(Ok(Proof {
            claim: rule.name(),
            kind: "hidden_from",
            method: Method::Symbolic,
            cases,
            verdict: match against {
                0 => Verdict::Holds,
                _ => Verdict::Fails(found, against),
            },
        }))
    }

    /// A request against the sentence; none when there is none.
    async fn ask(&mut self, question: &Question) -> Result<Result<Option<CounterExample>, Unanswered>, SymbolicError> {
        let Some(element) = question.elements.iter().next() else {
            return Ok(Ok(None));
        };
        // What no policy permits is denied.
        if !question.has_permit {
            return Ok(Ok(None));
        }
        let action = EntityUid::from_type_name_and_id(type_of("Action")?, EntityId::new(format!("see:{element}")));
        let env = RequestEnv::new(type_of(type_name(question.capacity))?, action, type_of("Person")?);
        let against = PolicySet::from_str(&question.against).map_err(wrong)?;
        let compiled = |set: &PolicySet| CompiledPolicySet::compile(set, &env, &self.schema).map_err(wrong);
        let answer = self
            .solver
            .ask(&compiled(&question.policies)?, &compiled(&against)?)
            .await;
        Ok(answer.and_then(|found| {
            let Some(found) = found else { return Ok(None) };
            let case = case::of(self.access, question, &against, &found);
            case.map(Some).ok_or(Unanswered::Untrue)
        }))
    }
}

fn type_of(name: &str) -> Result<EntityTypeName, SymbolicError> {
    EntityTypeName::from_str(&format!("Averment::{name}")).map_err(wrong)
}

fn wrong(reason: impl std::fmt::Display) -> SymbolicError {
    SymbolicError::Policies(reason.to_string())
}
