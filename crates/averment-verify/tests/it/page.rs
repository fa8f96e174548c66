//! The page in a real browser, opened from a file, gives the very answers of this room.

use std::path::{Path, PathBuf};
use std::process::Command;

use averment_verify::verify;
use serde_json::Value;

use crate::good;
use crate::lies::lies;
use crate::second::write_cases;
use crate::story::Case;

#[test]
fn the_page_gives_the_same_answers() {
    let page = target_folder().join("verifier-page/verifier.html");
    assert!(
        page.is_file(),
        "`cargo xtask verifier-page` builds `{}`",
        page.display()
    );
    let cases: Vec<Case> = good()
        .into_iter()
        .chain(lies().into_iter().map(|lie| lie.case))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let list = write_cases(folder.path(), &cases);
    let shots = std::env::var_os("AVERMENT_SHOTS").map_or_else(|| folder.path().join("shots"), PathBuf::from);
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser/verifier.mjs");
    let output = Command::new("node")
        .arg(program)
        .args([&page, &list, &shots])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    assert_eq!(said.len(), cases.len());
    for (case, theirs) in cases.iter().zip(&said) {
        let ours: Value = serde_json::from_str(&verify(&case.bundle, &case.question()).json()).unwrap();
        assert_eq!(*theirs, ours, "{}", case.name);
    }
}

/// Where this test was built.
fn target_folder() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    here.ancestors().nth(3).unwrap().to_owned()
}
