//! Laid-out files on disk: each replaced at once, others untouched.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use averment_register::{Source, format};

fn fresh(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("recipients")).unwrap();
    folder
}

#[test]
fn only_files_that_change_are_written_and_nothing_else_is_left_behind() {
    let folder = fresh("format");
    let (organisation, recipient) = (folder.join("organisation.toml"), folder.join("recipients/x.toml"));
    std::fs::write(&organisation, "organisation = \"Lantern\"\n").unwrap();
    std::fs::write(folder.join("elsewhere.toml"), "name = \"x\"\nrecipient   = \"x\"\n").unwrap();
    std::os::unix::fs::symlink("../elsewhere.toml", &recipient).unwrap();
    std::fs::set_permissions(&organisation, std::fs::Permissions::from_mode(0o400)).unwrap();
    std::fs::set_permissions(folder.join("elsewhere.toml"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let before = std::fs::metadata(&organisation).unwrap().modified().unwrap();
    let formatted = format::files(&Source::read(&folder).unwrap());
    assert_eq!(formatted.changed.keys().collect::<Vec<_>>(), ["recipients/x.toml"]);
    format::write(&formatted, &folder).unwrap();
    assert_eq!(std::fs::metadata(&organisation).unwrap().modified().unwrap(), before);
    assert!(std::fs::symlink_metadata(&recipient).unwrap().is_symlink());
    let text = std::fs::read_to_string(folder.join("elsewhere.toml")).unwrap();
    assert_eq!(text, "recipient = \"x\"\nname = \"x\"\n");
    let mode = std::fs::metadata(&recipient).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(format::files(&Source::read(&folder).unwrap()).changed.is_empty());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
    assert_eq!(std::fs::read_dir(folder.join("recipients")).unwrap().count(), 1);
    std::fs::remove_dir_all(folder).unwrap();
}
