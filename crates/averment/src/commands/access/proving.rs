//! `averment access prove`: every sentence about who sees what, for all cases.
//!
//! A proof is about the declared rules, not about pages: recorded, it stands on the plane `infrastructure`, where nobody has to
//! look for such a claim. So what goes against a claim breaks it, and what holds earns it nothing.

use std::path::PathBuf;

use averment_access::prove::{Proof, Verdict, prove};
use averment_catalog::Plane;
use clap::Args;
use serde_json::{Value, json};

use super::open;
use crate::cli::Folders;
use crate::clock;
use crate::commands::measured::{One, Paper, enter};
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

/// Which program looked.
const BY: &str = "probe.access";

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// Folder of the register
    register: PathBuf,
    /// Record what came out for each claim
    #[arg(long)]
    record: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
}

pub(super) fn run(arguments: &ProveArgs) -> Result<Outcome, Failure> {
    let (register, access) = open(&arguments.register)?;
    let proofs = prove(&access);
    match arguments.json {
        true => anstream::println!("{:#}", document(&proofs)),
        false => proofs.iter().for_each(print),
    }
    if arguments.record {
        let now = clock::now();
        let measured = proofs.iter().filter_map(|proof| measurement(proof, now)).collect();
        let paper = Paper::Report {
            name: "access-proofs.json".to_owned(),
            report: document(&proofs),
        };
        let numbers = enter(measured, Some(paper), &register, &arguments.folders)?;
        anstream::eprintln!("{} measurements recorded, against the claims alone", numbers.len());
    }
    let fails = |proof: &Proof| matches!(proof.verdict, Verdict::Fails(..));
    let undecided = |proof: &Proof| matches!(proof.verdict, Verdict::Undecided(_));
    Ok(if proofs.iter().any(fails) {
        Outcome::Contrary
    } else if proofs.iter().any(undecided) {
        Outcome::CouldNotMeasure
    } else {
        Outcome::Holds
    })
}

fn print(proof: &Proof) {
    let said = match &proof.verdict {
        Verdict::Holds => "holds",
        Verdict::Fails(..) => "fails",
        Verdict::Undecided(_) => "undecided",
    };
    let how = format!("{}, {} cases", proof.method.as_str(), proof.cases);
    anstream::println!("{said:<10} {:<11} {}  ({how})", proof.kind, proof.claim);
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

fn document(proofs: &[Proof]) -> Value {
    let rows = proofs.iter().map(|proof| {
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
            "verdict": verdict, "against": against, "counter_examples": cases, "why": why,
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
    Some(One {
        id: None,
        claim: proof.claim.clone(),
        by: BY.to_owned(),
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
