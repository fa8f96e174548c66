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

fn checkout_of(format: &str) -> tempfile::TempDir {
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

fn all(root: &Path) -> Option<Result<Vec<Kept>, PathBuf>> {
    checkout(root).map(|checkout| checkout.kept(&HashSet::new()))
}

fn everything(met: &HashSet<PathBuf>) -> Wanted<'_> {
    Wanted {
        below: Path::new(""),
        met,
    }
}

fn names(root: &Path) -> Vec<String> {
    let kept = all(root).expect("a checkout").expect("an index");
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
            let folder = checkout_of(format);
            git(folder.path(), &["update-index", "--index-version", version]);
            assert_eq!(names(folder.path()), expected(), "{format} {version}");
        }
    }
}

#[test]
fn a_split_index_a_second_checkout_and_a_folder_below_are_read() {
    let folder = checkout_of("sha1");
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
    let folder = checkout_of("sha1");
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
    let folder = checkout_of("sha1");
    let file = folder.path().join(".git/index");
    let met = HashSet::new();
    let wanted = everything(&met);
    let whole = std::fs::read(&file).expect("an index");
    for length in (0..whole.len() - 20).step_by(7) {
        let cut = whole.get(..length).unwrap_or_default();
        assert!(entries(cut, 20, &wanted).is_none(), "{length}");
    }
    for at in 0..whole.len() {
        let mut other = whole.clone();
        other[at] ^= 0xff;
        _ = entries(&other, 20, &wanted);
    }
    std::fs::write(&file, "DIRC").expect("a file");
    assert_eq!(all(folder.path()), Some(Err(file)));
    assert_eq!(kept_as(b"../../etc/passwd", 0o100_644, 0, &wanted), None);
    assert_eq!(kept_as(b".git/config", 0o100_644, 0, &wanted), None);
}

/// An index of version 4 with `count` entries; each repeats the `whole` name and adds nothing.
fn repeated(whole: &str, count: u32) -> Vec<u8> {
    let mut bytes = b"DIRC\x00\x00\x00\x04".to_vec();
    bytes.extend(count.to_be_bytes());
    for one in 0..count {
        bytes.extend([0; 24]);
        bytes.extend(0o100_644_u32.to_be_bytes());
        bytes.extend([0; 12 + 20 + 2]);
        // What is taken off the name before, then what is added to it.
        bytes.push(0);
        bytes.extend(if one == 0 { whole.as_bytes() } else { b"" });
        bytes.push(0);
    }
    bytes.extend([0; 20]);
    bytes
}

#[test]
fn names_that_repeat_one_another_are_bounded() {
    let met = HashSet::new();
    let read = |bytes: &[u8]| entries(bytes, 20, &everything(&met)).map(|index| index.kept.len());
    assert_eq!(read(&repeated(&"n".repeat(NAME_MAX), 3)), Some(1));
    assert_eq!(read(&repeated(&"n".repeat(NAME_MAX + 1), 1)), None);
    // 4 MB of an index would be 268 MB of names.
    let many = repeated(&"n".repeat(NAME_MAX), u32::try_from(NAMES_MAX / NAME_MAX).expect("few"));
    assert!(many.len() < 5 << 20, "{}", many.len());
    assert_eq!(read(&many), Some(1));
    let more = repeated(
        &"n".repeat(NAME_MAX),
        u32::try_from(NAMES_MAX / NAME_MAX + 1).expect("few"),
    );
    assert_eq!(read(&more), None);
}

#[test]
fn what_the_walk_met_is_not_kept() {
    let folder = checkout_of("sha1");
    let met = HashSet::from([PathBuf::from("a.rb"), PathBuf::from("b c.rb")]);
    let below = checkout(&folder.path().join("app/models")).expect("a checkout");
    let kept = below.kept(&met).expect("an index");
    let names: Vec<String> = kept.iter().map(|one| one.path.display().to_string()).collect();
    assert_eq!(names, ["ab.rb"]);
}

/// Puts a pipe that nobody writes into in the place of a file.
fn pipe(file: &Path) {
    _ = std::fs::remove_file(file);
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, file, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
}

#[test]
fn pipes_and_links_are_told_and_not_waited_for() {
    let folder = checkout_of("sha1");
    let git = folder.path().join(".git");
    let index = git.join("index");
    for name in ["config", "commondir"] {
        pipe(&git.join(name));
    }
    assert_eq!(names(folder.path()), expected());
    let elsewhere = folder.path().join("elsewhere");
    std::fs::rename(&index, &elsewhere).expect("renamed");
    std::os::unix::fs::symlink(&elsewhere, &index).expect("a link");
    assert_eq!(all(folder.path()), Some(Err(index.clone())));
    pipe(&index);
    assert_eq!(all(folder.path()), Some(Err(index)));
    std::fs::remove_dir_all(&git).expect("removed");
    pipe(&git);
    assert_eq!(all(folder.path()), Some(Err(git)));
}

#[test]
fn a_shared_index_that_is_a_pipe_is_told() {
    let folder = checkout_of("sha1");
    git(folder.path(), &["update-index", "--split-index"]);
    let git = folder.path().join(".git");
    let files = std::fs::read_dir(&git).expect("a folder").flatten();
    let shared = files.filter(|one| one.file_name().to_string_lossy().starts_with("sharedindex."));
    shared.for_each(|one| pipe(&one.path()));
    assert_eq!(all(folder.path()), Some(Err(git.join("index"))));
}

#[test]
fn a_path_in_a_file_is_followed_only_where_it_comes_back() {
    let other = checkout_of("sha1");
    let folder = tempfile::tempdir().expect("a folder");
    let git = folder.path().join(".git");
    for text in [
        format!("gitdir: {}\n", other.path().join(".git").display()),
        "gitdir: /dev/zero\n".to_owned(),
        "nothing".to_owned(),
        "x".repeat(9 << 10),
    ] {
        std::fs::write(&git, &text).expect("a file");
        assert_eq!(all(folder.path()), Some(Err(git.clone())), "{}", text.len());
    }
}

#[test]
fn a_submodule_is_followed() {
    let one = checkout_of("sha1");
    git(one.path(), &["commit", "-qm", "all"]);
    let folder = checkout_of("sha1");
    let from = one.path().display().to_string();
    git(
        folder.path(),
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            &from,
            "sub",
        ],
    );
    assert_eq!(names(&folder.path().join("sub")), expected());
}
