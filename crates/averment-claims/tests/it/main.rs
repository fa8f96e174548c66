//! What a grade is made of: scenario files under `cases/`, properties, and a check that the fold keeps up.
//!
//! A scenario that should give something else is changed in its file; `REWRITE_CASES=1` writes what was found.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod document;
mod documented;
mod history;
mod incremental;
mod monotone;
mod properties;
mod scenario;
mod second;

use std::path::Path;

use averment_claims::{Grade, ROWS};

use crate::scenario::File;

fn files() -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    paths.into_iter().map(File::read).collect()
}

/// What every kind has a scenario for, with the best grade that the scenario may earn; the kind's own best where none is
/// named. What is broken must be.
const SCENARIOS: [(&str, Option<Grade>); 14] = [
    ("none", Some(Grade::Unverified)),
    ("fresh", None),
    ("stale", Some(Grade::Unverified)),
    ("contrary", Some(Grade::Broken)),
    ("unreadable", Some(Grade::Unverified)),
    ("bypassed", Some(Grade::Unverified)),
    ("attested", Some(Grade::Attested)),
    ("attestation expired", Some(Grade::Unverified)),
    ("contrary attestation", Some(Grade::Broken)),
    ("other charter", Some(Grade::Monitored)),
    ("future", Some(Grade::Unverified)),
    ("contrary in the future", Some(Grade::Broken)),
    ("voided", Some(Grade::Unverified)),
    ("seen twice", None),
];

/// Kinds without rows in `cases/` would be graded by nobody's expectation; and an expectation may be wrong, so the grades of
/// these scenarios are held to the table above, whatever the files say.
#[test]
fn every_kind_has_every_scenario_and_none_earns_more_than_it_may() {
    let files = files();
    for row in ROWS {
        let file = files.iter().find(|file| file.kind() == Some(row.kind));
        let file = file.unwrap_or_else(|| panic!("no `cases/kind-{}.txt`", row.kind));
        let expectations = file.expectations();
        for (title, best) in SCENARIOS {
            let found: Vec<_> = expectations.iter().filter(|(name, _)| name == title).collect();
            assert!(!found.is_empty(), "`{}` has no scenario `{title}`", row.kind);
            for (_, grade) in found {
                let grade = Grade::ALL.into_iter().find(|known| known.as_str() == grade).unwrap();
                let best = best.unwrap_or(row.best).max(row.best);
                let may = match title {
                    "fresh" | "attested" => grade == best,
                    _ => grade >= best,
                };
                assert!(may, "`{}`, {title}: {grade:?}, and {best:?} is expected", row.kind);
            }
        }
    }
    assert_eq!(files.iter().filter(|file| file.kind().is_some()).count(), ROWS.len());
}

#[test]
fn every_scenario_gets_the_grade_that_its_file_expects() {
    let failures: Vec<String> = files().iter().filter_map(|file| file.judge().err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
