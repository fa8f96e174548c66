use std::path::Path;

use super::{Files, Step, Written, beside, in_one, read};
use crate::authority::{Authority, Scope};
use crate::clock::Clock;

fn clock() -> Clock {
    Clock::new(|| "2026-11-20T08:00:00Z".parse().unwrap())
}

fn scope(host: &str) -> Scope {
    Scope::Hosts([host.to_owned()].into())
}

fn made(folder: &Path, host: &str) -> Authority {
    Authority::replace(folder, folder, &scope(host), clock()).unwrap()
}

fn opened(folder: &Path) -> Authority {
    Authority::open(folder, folder, &Scope::Everything, clock()).unwrap()
}

/// Everything that the files of `folder` hold.
fn held(folder: &Path) -> Written {
    let files = Files::in_folders(folder, folder);
    let Ok(Some(there)) = files.read() else {
        panic!("no authority")
    };
    Written {
        root_key: Some(read(&files.root_key).unwrap()),
        key: there.key,
        chain: there.chain.unwrap(),
        certificate: there.certificate,
    }
}

/// Makes the first `whole` of `steps`, and half of the next.
fn cut_off_after(whole: usize, steps: &[Step<'_>]) {
    steps[..whole].iter().for_each(|step| step.make().unwrap());
    if let Some(Step::Put { path, text, .. }) = steps.get(whole) {
        std::fs::write(beside(path), &text[..text.len() / 2]).unwrap();
    }
}

#[test]
fn cut_off_at_any_step_the_authority_of_before_or_the_new_one_works() {
    let new = tempfile::tempdir().unwrap();
    let after = made(new.path(), "new.example");
    let written = held(new.path());
    let text = in_one(&written);
    for whole in 0..=6 {
        let folder = tempfile::tempdir().unwrap();
        let before = made(folder.path(), "old.example");
        let files = Files::in_folders(folder.path(), folder.path());
        let mut steps = vec![files.decision(&text)];
        steps.extend(files.steps(&written));
        assert_eq!(steps.len(), 6, "a decision, four files, and the end of it");
        cut_off_after(whole, &steps);
        let expected = if whole == 0 { &before } else { &after };
        assert_eq!(
            opened(folder.path()).certificate(),
            expected.certificate(),
            "after {whole} steps"
        );
        assert!(!files.next.exists(), "after {whole} steps");
        assert!(!beside(&files.next).exists(), "a key is left after {whole} steps");
        let renewed = Authority::renew((folder.path(), folder.path()), None, &scope("renewed.example"), clock());
        assert!(renewed.unwrap().speaks_for("renewed.example"), "after {whole} steps");
    }
}

#[test]
fn whoever_is_cut_off_at_the_first_start_starts_anew_or_with_what_was_decided() {
    let new = tempfile::tempdir().unwrap();
    let after = made(new.path(), "new.example");
    let written = held(new.path());
    let text = in_one(&written);
    for whole in 0..6 {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folders(folder.path(), folder.path());
        let mut steps = vec![files.decision(&text)];
        steps.extend(files.steps(&written));
        cut_off_after(whole, &steps);
        let is_decided = opened(folder.path()).certificate() == after.certificate();
        assert_eq!(is_decided, whole > 0, "after {whole} steps");
    }
}

#[test]
fn what_others_can_read_or_nobody_is_not_put_in_place() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), "old.example");
    let files = Files::in_folders(folder.path(), folder.path());
    let set_mode = |mode| std::fs::set_permissions(&files.next, std::fs::Permissions::from_mode(mode)).unwrap();
    std::fs::write(&files.next, "{}").unwrap();
    for (mode, why) in [(0o644, "can be read by others"), (0o600, "does not hold keys")] {
        set_mode(mode);
        let error = Authority::read(folder.path(), folder.path(), clock()).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn files_that_somebody_keeps_locked_are_not_waited_for_without_end() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), "old.example");
    let held = std::fs::File::open(folder.path()).unwrap();
    held.lock().unwrap();
    let error = Authority::read(folder.path(), folder.path(), clock()).unwrap_err();
    assert!(error.to_string().contains("locked by another program"), "{error}");
    drop(held);
    assert!(Authority::read(folder.path(), folder.path(), clock()).is_ok());
}
