//! A run that is killed by SIGKILL at each of its steps, and goes on.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use averment_duties::erase::Journal;
use averment_register::Engine;

use super::school::School;
use super::{erased_all, people};

/// Set for the child: the folder, and at which step it is killed; 0 for never.
const FOLDER: &str = "ERASING_FOLDER";
const STEP: &str = "ERASING_STEP";
/// Set by whoever has the time: 1 kills at every step. An ordinary run kills at every fifth.
const EVERY: &str = "ERASING_KILLED_EVERY";
/// Who is erased, each in a transaction of their own.
const GONE: [&str; 7] = ["2", "3", "5", "7", "8", "10", "11"];

/// Does nothing but in the child.
#[test]
fn child_of_the_test_that_kills() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let step: u64 = std::env::var_os(STEP).unwrap().to_str().unwrap().parse().unwrap();
    let mut steps = 0;
    let school = School::at(Path::new(&folder));
    let done = erased_all(&school, &people(&GONE), 1, &mut |_| {
        steps += 1;
        if steps == step {
            let itself = std::process::id().to_string();
            Command::new("kill").args(["-9", &itself]).status().unwrap();
            std::thread::sleep(std::time::Duration::from_secs(60));
        }
    });
    std::fs::write(school.path("counts"), format!("{:?}", done.counts)).unwrap();
    std::fs::write(school.path("steps"), steps.to_string()).unwrap();
    std::fs::write(school.path("state"), done.certificate.state).unwrap();
}

fn run(folder: &Path, step: u64) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "erasing::killed::child_of_the_test_that_kills"])
        .env(FOLDER, folder)
        .env(STEP, step.to_string())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    status.unwrap().success()
}

pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

/// What is the same however often a run was killed.
fn outcome(school: &School) -> (String, Vec<String>, BTreeSet<String>) {
    let rows = format!(
        "{:?} {}",
        school.rows(),
        std::fs::read_to_string(school.path("counts")).unwrap()
    );
    let lines = std::fs::read_to_string(school.path("tombstones/tombstones")).unwrap();
    // The digest of a line follows from who was erased; the rest from the run.
    let mut tombstones: Vec<String> = lines.lines().map(|line| line[..20].to_owned()).collect();
    tombstones.sort();
    let mut files: Vec<String> = Vec::new();
    for folder in ["files/uploads", "files/exports"] {
        let entries = std::fs::read_dir(school.path(folder)).unwrap();
        files.extend(entries.map(|entry| {
            entry
                .unwrap()
                .path()
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        }));
    }
    (rows, tombstones, files.into_iter().collect())
}

#[test]
fn a_run_that_is_killed_anywhere_goes_on_and_does_nothing_twice() {
    let template = School::new(Engine::Sqlite);
    template.keys();
    // What a kill leaves is the same in memory, and a thousand syncs are quicker there.
    let memory = Path::new("/dev/shm");
    let dir = match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    let whole = dir.path().join("whole");
    copy(template.top(), &whole);
    assert!(run(&whole, 0));
    let expected = outcome(&School::at(&whole));
    assert_eq!(std::fs::read_to_string(whole.join("state")).unwrap(), "done");
    let steps: u64 = std::fs::read_to_string(whole.join("steps")).unwrap().parse().unwrap();
    assert!(steps >= 200, "{steps} steps");
    let every = std::env::var_os(EVERY).map_or(5, |text| text.to_str().unwrap().parse().unwrap());
    for step in (1..=steps).step_by(every) {
        let folder = dir.path().join(step.to_string());
        copy(template.top(), &folder);
        assert!(!run(&folder, step), "step {step} was to be the last");
        let school = School::at(&folder);
        // Killed again while it goes on, at the step that it was killed at, or it comes to its end before.
        if !run(&folder, step.div_ceil(2)) {
            assert!(run(&folder, 0), "after step {step}");
        }
        assert_eq!(outcome(&school), expected, "killed at step {step}");
        let runs = Journal::open(&school.path("data/erasures.db")).unwrap().runs().unwrap();
        assert_eq!(runs.len(), 1, "killed at step {step}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
