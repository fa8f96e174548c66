use std::path::Path;
use std::process::Command;

use super::*;

/// A checkout made by git itself, which is the judge of its own format.
fn git(folder: &Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=Desk",
            "-c",
            "user.email=desk@desk.example",
            "-c",
            "core.splitIndex=false",
        ])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

fn checkout(format: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q", "--object-format", format]);
    for name in [
        "a.rb",
        "app/models/a.rb",
        "app/models/ab.rb",
        "app/models/b c.rb",
        "lib/x",
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, name).expect("a file");
    }
    std::fs::write(folder.path().join("n".repeat(200)), "").expect("a file");
    std::os::unix::fs::symlink("a.rb", folder.path().join("link")).expect("a link");
    git(folder.path(), &["add", "-A"]);
    folder
}

fn names(root: &Path) -> Vec<String> {
    let kept = kept(root).expect("a checkout").expect("an index");
    let mut names: Vec<String> = kept
        .iter()
        .map(|one| format!("{} {:?}", one.path.display(), one.kind))
        .collect();
    names.sort();
    names
}

fn expected() -> Vec<String> {
    let long = "n".repeat(200);
    let files = [
        "a.rb",
        "app/models/a.rb",
        "app/models/ab.rb",
        "app/models/b c.rb",
        "lib/x",
        &long,
    ];
    let mut names: Vec<String> = files.iter().map(|name| format!("{name} File")).collect();
    names.push("link Link".to_owned());
    names.sort();
    names
}

#[test]
fn every_version_and_both_digests_are_read() {
    for format in ["sha1", "sha256"] {
        for version in ["2", "3", "4"] {
            let folder = checkout(format);
            git(folder.path(), &["update-index", "--index-version", version]);
            assert_eq!(names(folder.path()), expected(), "{format} {version}");
        }
    }
}

#[test]
fn a_split_index_a_second_checkout_and_a_folder_below_are_read() {
    let folder = checkout("sha1");
    git(folder.path(), &["update-index", "--split-index"]);
    assert_eq!(names(folder.path()), expected());
    git(folder.path(), &["update-index", "--no-split-index"]);
    git(folder.path(), &["commit", "-qm", "all"]);
    let second = folder.path().join("second");
    git(folder.path(), &["worktree", "add", "-q", "second"]);
    assert_eq!(names(&second), expected());
    assert_eq!(
        names(&folder.path().join("app/models")),
        ["a.rb File", "ab.rb File", "b c.rb File"]
    );
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_told() {
    let folder = checkout("sha1");
    git(folder.path(), &["commit", "-qm", "all"]);
    git(folder.path(), &["sparse-checkout", "set", "lib"]);
    let names = names(folder.path());
    assert!(names.contains(&"app/models/a.rb LeftOut".to_owned()), "{names:?}");
    git(folder.path(), &["sparse-checkout", "set", "--sparse-index", "lib"]);
    let names = self::names(folder.path());
    assert!(names.contains(&"app LeftOut".to_owned()), "{names:?}");
}

#[test]
fn what_is_no_index_is_told_and_never_ends_in_a_panic() {
    let folder = checkout("sha1");
    let file = folder.path().join(".git/index");
    let whole = std::fs::read(&file).expect("an index");
    for length in (0..whole.len() - 20).step_by(7) {
        let cut = whole.get(..length).unwrap_or_default();
        assert!(entries(cut, 20).is_none(), "{length}");
    }
    for at in 0..whole.len() {
        let mut other = whole.clone();
        other[at] ^= 0xff;
        _ = entries(&other, 20);
    }
    std::fs::write(&file, "DIRC").expect("a file");
    assert_eq!(kept(folder.path()), Some(Err(file)));
    assert_eq!(kept_as(b"../../etc/passwd", 0o100_644, 0), None);
    assert_eq!(kept_as(b".git/config", 0o100_644, 0), None);
}
