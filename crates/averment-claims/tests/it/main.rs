//! What a grade is made of: scenario files under `cases/`, properties, and a check that the fold keeps up.
//!
//! A scenario that should give something else is changed in its file; `REWRITE_CASES=1` writes what was found.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod incremental;
mod properties;
mod scenario;

use std::path::Path;

use crate::scenario::File;

#[test]
fn every_scenario_gets_the_grade_that_its_file_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 3, "one file per graded kind");
    let failures: Vec<String> = paths
        .into_iter()
        .filter_map(|path| File::read(path).judge().err())
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
