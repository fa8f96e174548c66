//! `averment access prove`: every sentence about who sees what, for all requests.
//!
//! Each is proved case by case, and `hidden_from` by a solver as well where this program was built with it and one is
//! installed. A solver that gives no answer leaves a sentence proved case by case, which its line says.
//!
//! A proof is about the declared rules, not about pages: recorded, it stands on the plane `infrastructure`, where nobody has to
//! look for such a claim. So what goes against a claim breaks it, and what holds earns it nothing.

use std::path::PathBuf;

use averment_access::Access;
use averment_access::prove::{Method, Proof, Verdict, prove};
use averment_catalog::Plane;
use averment_claims::{PROVED_BY_CASES, PROVED_BY_SOLVER, proofs_name};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::open;
use super::solving::{Answer, SolverArgs};
use crate::cli::Folders;
use crate::clock;
use crate::commands::measured::{One, Paper, enter};
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// Folder of the register
    register: PathBuf,
    /// How `hidden_from` sentences are proved
    #[arg(long, value_enum, default_value_t = By::Best)]
    by: By,
    #[command(flatten)]
    solver: SolverArgs,
    /// Cedar policies that another program decides by, held against the sentences in place of those of the register
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    policies: Option<PathBuf>,
    /// Record what came out for each claim
    #[arg(long)]
    record: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// By the solver where that is possible, else case by case
    Best,
    /// By the solver, which must be there
    Solver,
    /// Case by case alone
    Cases,
}

/// What is known of one claim.
struct Shown {
    proof: Proof,
    /// Why the solver has no part in it.
    note: Option<String>,
}

pub(super) fn run(arguments: &ProveArgs) -> Result<Outcome, Failure> {
    let (register, access) = open(&arguments.register)?;
    let answers = answers(arguments, &access)?;
    let by_cases = prove(&access);
    let shown = match &arguments.policies {
        Some(_) => answers.iter().map(of_policies).collect(),
        None => together(&by_cases, &answers),
    };
    match arguments.json {
        true => anstream::println!("{:#}", document(&shown)),
        false => shown.iter().for_each(print),
    }
    if arguments.record {
        let now = clock::now();
        let solved = answers.iter().filter_map(|answer| answer.proof.as_ref().ok());
        let proofs = by_cases.iter().chain(solved);
        let measured = proofs.filter_map(|proof| measurement(proof, now)).collect();
        let paper = Paper::Report {
            name: proofs_name(&register.charter.digest().to_string()),
            report: document(&shown),
        };
        let numbers = enter(measured, Some(paper), &register, &arguments.folders)?;
        anstream::eprintln!("{} measurements recorded, against the claims alone", numbers.len());
    }
    Ok(outcome(&shown))
}

/// What the solver says; nothing where it need not be asked.
fn answers(arguments: &ProveArgs, access: &Access) -> Result<Vec<Answer>, Failure> {
    let policies = match &arguments.policies {
        None => None,
        Some(file) if arguments.by == By::Cases => {
            let message = format!("`{}` can be proved by the solver alone", file.display());
            return Err(Failure::new(message).hint("leave `--by cases` out"));
        }
        Some(file) => Some(
            std::fs::read_to_string(file)
                .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?,
        ),
    };
    if arguments.by == By::Cases {
        return Ok(Vec::new());
    }
    match arguments.solver.ask(access, policies.as_deref()) {
        Err(failure) if arguments.by == By::Best && policies.is_none() => {
            anstream::eprintln!("note: proved case by case: {}", failure.in_one_line());
            Ok(Vec::new())
        }
        asked => asked,
    }
}

/// Every claim by its cases, and those that the solver answered by both.
fn together(by_cases: &[Proof], answers: &[Answer]) -> Vec<Shown> {
    let shown = by_cases.iter().map(|proof| {
        let answer = answers.iter().find(|answer| answer.claim == proof.claim);
        match answer.map(|answer| &answer.proof) {
            Some(Ok(solved)) => Shown {
                proof: proof.clone().with(solved.clone()),
                note: None,
            },
            Some(Err(why)) => Shown {
                proof: proof.clone(),
                note: Some(why.clone()),
            },
            None => Shown {
                proof: proof.clone(),
                note: None,
            },
        }
    });
    shown.collect()
}

/// Policies of somebody else have no cases here: without an answer they are undecided.
fn of_policies(answer: &Answer) -> Shown {
    let undecided = |why: &String| Proof {
        claim: answer.claim.clone(),
        kind: "hidden_from",
        method: Method::Symbolic,
        cases: 0,
        verdict: Verdict::Undecided(why.clone()),
    };
    Shown {
        proof: answer.proof.clone().unwrap_or_else(|why| undecided(&why)),
        note: None,
    }
}

fn outcome(shown: &[Shown]) -> Outcome {
    let any = |is: fn(&Verdict) -> bool| shown.iter().any(|one| is(&one.proof.verdict));
    if any(|verdict| matches!(verdict, Verdict::Fails(..))) {
        Outcome::Contrary
    } else if any(|verdict| matches!(verdict, Verdict::Undecided(_))) {
        Outcome::CouldNotMeasure
    } else {
        Outcome::Holds
    }
}

fn print(shown: &Shown) {
    let proof = &shown.proof;
    let said = match &proof.verdict {
        Verdict::Holds => "holds",
        Verdict::Fails(..) => "fails",
        Verdict::Undecided(_) => "undecided",
    };
    let how = match proof.method {
        Method::Symbolic => format!("{}, all requests, {} questions", proof.method.as_str(), proof.cases),
        _ => format!("{}, {} cases", proof.method.as_str(), proof.cases),
    };
    anstream::println!("{said:<10} {:<11} {}  ({how})", proof.kind, proof.claim);
    if let Some(note) = &shown.note {
        anstream::println!("    {}", wrap(&format!("not by the solver: {note}"), 80, "    "));
    }
    match &proof.verdict {
        Verdict::Holds => {}
        Verdict::Undecided(why) => anstream::println!("    {}", wrap(why, 80, "    ")),
        Verdict::Fails(cases, against) => {
            for case in cases {
                anstream::println!("    {}", wrap(&case.words(), 80, "    "));
            }
            anstream::println!("    {against} cases against it");
        }
    }
}

fn document(shown: &[Shown]) -> Value {
    let rows = shown.iter().map(|Shown { proof, note }| {
        let (verdict, cases, against, why) = match &proof.verdict {
            Verdict::Holds => ("holds", Vec::new(), 0, None),
            Verdict::Fails(cases, against) => (
                "fails",
                cases.iter().map(|case| case.words()).collect::<Vec<_>>(),
                *against,
                None,
            ),
            Verdict::Undecided(why) => ("undecided", Vec::new(), 0, Some(why)),
        };
        json!({
            "claim": proof.claim, "kind": proof.kind, "method": proof.method.as_str(), "cases": proof.cases,
            "verdict": verdict, "against": against, "counter_examples": cases, "why": why, "not_by_solver": note,
        })
    });
    json!({ "schema": "averment.access-proofs/1", "proofs": rows.collect::<Vec<_>>() })
}

/// None for what was not decided: it says nothing either way.
fn measurement(proof: &Proof, now: jiff::Timestamp) -> Option<One> {
    let (contrary, places) = match &proof.verdict {
        Verdict::Holds => (0, Vec::new()),
        Verdict::Fails(cases, against) => (*against, cases.iter().map(|case| case.words()).collect()),
        Verdict::Undecided(_) => return None,
    };
    let by = match proof.method {
        Method::Symbolic => PROVED_BY_SOLVER,
        _ => PROVED_BY_CASES,
    };
    Some(One {
        id: None,
        claim: proof.claim.clone(),
        by: by.to_owned(),
        plane: Some(Plane::Infrastructure),
        from: now,
        until: now,
        observed: proof.cases.max(contrary),
        contrary,
        unreadable: 0,
        unseen: 0,
        enforcing: false,
        places,
    })
}
