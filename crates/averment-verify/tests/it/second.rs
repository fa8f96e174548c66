//! A second implementation, written from `docs/bundle.md` and `docs/claims.md` alone, says the same of every bundle.

use std::path::{Path, PathBuf};
use std::process::Command;

use averment_verify::{Reason, verify};
use serde_json::{Value, json};

use crate::good;
use crate::lies::lies;
use crate::story::{Case, NOW};

#[test]
fn the_second_implementation_agrees_on_every_bundle() {
    let cases: Vec<Case> = good()
        .into_iter()
        .chain(lies().into_iter().map(|lie| lie.case))
        .collect();
    let differences = differences(&cases);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Where the two say different things.
pub(crate) fn differences(cases: &[Case]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let said = second(folder.path(), cases);
    assert_eq!(said.len(), cases.len());
    let pairs = cases.iter().zip(&said);
    pairs.filter_map(|(case, theirs)| difference(case, theirs)).collect()
}

fn difference(case: &Case, theirs: &Value) -> Option<String> {
    let answer = verify(&case.bundle, &case.question());
    let ours: Vec<Value> = answer.checks.iter().map(row).collect();
    let theirs = theirs["checks"].as_array()?;
    (ours != *theirs).then(|| format!("{}:\n  ours   {}\n  theirs {}", case.name, json!(ours), json!(theirs)))
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
