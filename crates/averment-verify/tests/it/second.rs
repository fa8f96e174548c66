//! A second implementation, written from `docs/bundle.md` and `docs/claims.md` alone, says the same of every bundle.
//!
//! It leaves out what needs the register's compiler: one reason of ours it cannot give.

use std::path::{Path, PathBuf};
use std::process::Command;

use averment_verify::{Check, Reason, verify};
use serde_json::{Value, json};

use crate::good;
use crate::lies::lies;
use crate::story::{Case, NOW};

/// What it leaves out.
const LEFT_OUT: Reason = Reason::CharterRegister;

#[test]
fn the_second_implementation_agrees_on_every_bundle() {
    let cases: Vec<Case> = good()
        .into_iter()
        .chain(lies().into_iter().map(|lie| lie.case))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let said = second(folder.path(), &cases);
    assert_eq!(said.len(), cases.len());
    let differences: Vec<String> = cases
        .iter()
        .zip(&said)
        .filter_map(|(case, theirs)| difference(case, theirs))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn difference(case: &Case, theirs: &Value) -> Option<String> {
    let answer = verify(&case.bundle, &case.question());
    let left_out = answer.failure().and_then(|step| step.state.reason()) == Some(LEFT_OUT);
    let ours: Vec<Value> = answer
        .checks
        .iter()
        .filter(|step| comparable(step.check, left_out))
        .map(row)
        .collect();
    let rows = theirs["checks"].as_array()?;
    let theirs: Vec<Value> = rows
        .iter()
        .zip(Check::ALL)
        .filter(|(_, check)| comparable(**check, left_out))
        .map(|(row, _)| row.clone())
        .collect();
    (ours != theirs).then(|| format!("{}:\n  ours   {}\n  theirs {}", case.name, json!(ours), json!(theirs)))
}

/// Where it cannot see the lie, what comes before is compared.
fn comparable(check: Check, left_out: bool) -> bool {
    !(left_out && check >= Check::Charter)
}

fn row(step: &averment_verify::Step) -> Value {
    let reason = step.state.reason().map(Reason::as_str);
    json!({ "check": step.check.as_str(), "state": step.state.as_str(), "reason": reason })
}

/// What it says of each case, in one run of the program.
fn second(folder: &Path, cases: &[Case]) -> Vec<Value> {
    let file = write_cases(folder, cases);
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bundle/verify.py");
    let output = Command::new("python3")
        .arg(program)
        .arg("--cases")
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Bundles in a folder, and a file with one question about each a line.
pub(crate) fn write_cases(folder: &Path, cases: &[Case]) -> PathBuf {
    let mut list = String::new();
    for (number, case) in cases.iter().enumerate() {
        let bundle = folder.join(format!("{number}.zip"));
        std::fs::write(&bundle, &case.bundle).unwrap();
        let line = json!({
            "bundle": bundle, "now": NOW, "keys": case.key.iter().collect::<Vec<_>>(), "since": case.since,
            "witnesses": case.witness.iter().collect::<Vec<_>>(), "school": case.school,
        });
        list.push_str(&format!("{line}\n"));
    }
    let file = folder.join("cases.jsonl");
    std::fs::write(&file, list).unwrap();
    file
}
