//! A second grader, written from `docs/claims.md` alone, earns the same grades: of every scenario and of entries by chance.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use averment_claims::{Fold, Graded, grade};
use averment_ledger::Entry;
use averment_register::Charter;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::monotone::{KINDS, against, contrary, support, supporting};
use crate::properties;
use crate::scenario::{NOW, charter, now};

/// What is graded, and by which charter.
struct Case {
    title: String,
    charter: Arc<Charter>,
    entries: Vec<Entry>,
}

/// Enough that each of 25 kinds comes up some twenty times.
const BY_CHANCE: usize = 500;

#[test]
fn a_second_grader_earns_the_same_grades() {
    let mut cases = scenarios();
    let told = cases.len();
    cases.extend(messages_by_chance());
    cases.extend(testimony_by_chance());
    assert!(told > 25 * 14, "{told} scenarios");
    let theirs = second(&cases);
    assert_eq!(theirs.len(), cases.len());
    let differences: Vec<String> = cases
        .iter()
        .zip(&theirs)
        .flat_map(|(case, theirs)| case.differences(theirs))
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {}:\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
}

fn scenarios() -> Vec<Case> {
    let files = crate::files();
    let of_file = |file: &crate::scenario::File| {
        let cases = file.told().map(|(title, charter, entries)| Case {
            title: title.to_owned(),
            charter,
            entries,
        });
        cases.collect::<Vec<_>>()
    };
    files.iter().flat_map(of_file).collect()
}

/// Messages and what became of them; identifiers come again.
fn messages_by_chance() -> Vec<Case> {
    let charter = charter(&properties::source());
    let entries = prop::collection::vec(properties::entry(-2..24 * 40), 0..30);
    sampled(&entries, |number, entries| Case {
        title: format!("messages {number}"),
        charter: Arc::clone(&charter),
        entries,
    })
}

/// Looks, attestations and some messages, for and against one claim of each kind.
fn testimony_by_chance() -> Vec<Case> {
    let pieces = (
        0..KINDS.len(),
        prop::collection::vec(support(), 0..12),
        prop::collection::vec(against(), 0..2),
    );
    sampled(&pieces, |number, (kind, support, against)| {
        let (charter, claim) = &KINDS[kind];
        let for_it = support.iter().map(|piece| supporting(charter, claim, piece));
        let against_it = against.iter().map(|piece| contrary(charter, claim, piece));
        let mut entries: Vec<Entry> = for_it.chain(against_it).collect();
        entries.sort_by(|one, other| one.at.cmp(&other.at));
        Case {
            title: format!("testimony {number}: {claim}"),
            charter: Arc::clone(charter),
            entries,
        }
    })
}

fn sampled<S: Strategy>(strategy: &S, case: impl Fn(usize, S::Value) -> Case) -> Vec<Case> {
    let mut runner = TestRunner::deterministic();
    let cases = (0..BY_CHANCE).map(|number| case(number, strategy.new_tree(&mut runner).unwrap().current()));
    cases.collect()
}

impl Case {
    fn differences(&self, theirs: &Value) -> Vec<String> {
        let mut fold = Fold::new(Arc::clone(&self.charter));
        (0..)
            .zip(&self.entries)
            .for_each(|(index, entry)| fold.push(entry, index));
        let graded = grade(&self.charter, &fold.evidence(now()), now());
        let differs = |graded: &Graded| {
            let (ours, theirs) = (shown(graded), &theirs[graded.claim.id.as_str()]);
            (ours != *theirs).then(|| {
                format!(
                    "{}, {}:\n  ours   {ours}\n  theirs {theirs}",
                    self.title, graded.claim.id
                )
            })
        };
        graded.iter().filter_map(differs).collect()
    }

    fn asked(&self) -> String {
        let charter: Value = serde_json::from_str(&self.charter.canonical()).unwrap();
        json!({
            "charter": charter["content"], "digest": self.charter.digest(), "entries": self.entries, "as_of": NOW,
        })
        .to_string()
    }
}

/// Grade, and by plane grade and counts.
fn shown(graded: &Graded) -> Value {
    let planes = graded.planes.iter().map(|plane| {
        let counts = plane.evidence.as_ref();
        let counts = counts.map(|seen| json!([seen.observed, seen.contrary, seen.unreadable]));
        (plane.plane.as_str().to_owned(), json!([plane.grade.as_str(), counts]))
    });
    json!([graded.overall.as_str(), planes.collect::<serde_json::Map<_, _>>()])
}

/// What it earns in each case, in one run of the program.
fn second(cases: &[Case]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("grades.jsonl");
    let lines: Vec<String> = cases.iter().map(Case::asked).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bundle/grades.py");
    let output = Command::new("python3").arg(program).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
