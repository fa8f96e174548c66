//! Writing a register: all or nothing, and never over another one.

use std::path::PathBuf;

use averment_register::{Source, SourceError, write};

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
