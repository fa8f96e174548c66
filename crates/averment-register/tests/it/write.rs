//! Writing a register: all or nothing, and never over another one.

use std::path::PathBuf;

use averment_register::{Source, SourceError, reimport, rewrite, write};

fn fresh(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn small() -> Source {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lantern\"\n");
    source.insert("recipients/twilio.toml", "recipient = \"twilio\"\n");
    source.insert("claims/list.toml", "");
    source
}

#[test]
fn what_is_written_is_read_back() {
    let folder = fresh("write-read");
    for place in ["new", "a/b/new"] {
        let place = folder.join(place);
        write(&small(), &place).unwrap();
        assert_eq!(Source::read(&place).unwrap(), small());
    }
    std::fs::create_dir(folder.join("empty")).unwrap();
    write(&small(), &folder.join("empty")).unwrap();
    assert_eq!(Source::read(&folder.join("empty")).unwrap(), small());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_existing_register_is_not_overwritten() {
    let folder = fresh("write-twice");
    let place = folder.join("register");
    write(&small(), &place).unwrap();
    let error = write(&Source::default(), &place).unwrap_err();
    assert!(matches!(error, SourceError::NotEmpty { .. }), "{error}");
    assert_eq!(Source::read(&place).unwrap(), small());
    std::fs::write(folder.join("file"), "x").unwrap();
    assert!(matches!(
        write(&small(), &folder.join("file")).unwrap_err(),
        SourceError::NotEmpty { .. }
    ));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_failure_leaves_nothing_half_done() {
    let folder = fresh("write-failure");
    let mut source = small();
    // `recipients/twilio.toml` is a file already, so a file below it cannot be written.
    source.insert("recipients/twilio.toml/x.toml", "");
    assert!(matches!(
        write(&source, &folder.join("register")).unwrap_err(),
        SourceError::Write { .. }
    ));
    for name in [
        "../escape.toml",
        "/tmp/escape.toml",
        "recipients/../../escape.toml",
        "",
        "a//b",
    ] {
        let mut source = small();
        source.insert(name, "x");
        assert!(
            matches!(
                write(&source, &folder.join("register")).unwrap_err(),
                SourceError::FileName { .. }
            ),
            "{name}"
        );
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_that_was_not_read_is_never_replaced() {
    let folder = fresh("rewrite-unread");
    let place = folder.join("register");
    write(&small(), &place).unwrap();
    let latin = b"# caf\xe9\nrecipient = \"twilio\"\n";
    std::fs::write(place.join("recipients/twilio.toml"), latin).unwrap();
    let read = Source::read(&place).unwrap();
    let error = reimport(&read, &[("list.md", "We use Twilio to send texts.\n")]).unwrap_err();
    assert!(error.to_string().contains("`recipients/twilio.toml`"), "{error}");
    let mut other = small();
    other.insert("organisation.toml", "organisation = \"Other\"\n");
    let error = rewrite(&other, &place).unwrap_err();
    assert!(matches!(error, SourceError::NotRead { .. }), "{error}");
    assert_eq!(std::fs::read(place.join("recipients/twilio.toml")).unwrap(), latin);
    assert_eq!(Source::read(&place).unwrap(), read);
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn rewriting_follows_links_and_keeps_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = fresh("rewrite-link");
    let place = folder.join("register");
    write(&small(), &place).unwrap();
    let (link, target) = (place.join("organisation.toml"), folder.join("elsewhere.toml"));
    std::fs::rename(&link, &target).unwrap();
    std::os::unix::fs::symlink("../elsewhere.toml", &link).unwrap();
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
    let mut other = small();
    other.insert("organisation.toml", "organisation = \"Other\"\n");
    other.insert("claims/new.toml", "");
    rewrite(&other, &place).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(Source::read(&place).unwrap(), other);
    std::fs::remove_dir_all(folder).unwrap();
}
