//! Reading a folder: what cannot be read is a finding beside the others.
#![cfg(unix)]

use std::path::PathBuf;

use averment_register::{Compiled, Source, compile};

/// A register in a fresh folder; `make` adds what is wrong with it.
fn compiled(name: &str, make: impl Fn(&std::path::Path)) -> Compiled {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("read-{name}-{}", std::process::id()));
    _ = std::fs::remove_dir_all(&folder);
    for part in ["recipients", "claims"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    std::fs::write(folder.join("organisation.toml"), "organisation = \"Lantern\"\n").unwrap();
    std::fs::write(folder.join("recipients/twilio.toml"), "recipent = 1\n").unwrap();
    make(&folder);
    let compiled = compile(&Source::read(&folder).unwrap());
    std::fs::remove_dir_all(folder).unwrap();
    compiled
}

/// The findings of a code as `file`, or `file:line`.
fn places(compiled: &Compiled, code: &str) -> Vec<String> {
    let of_code = compiled.diagnostics.iter().filter(|finding| finding.code == code);
    let place = |finding: &averment_register::Diagnostic| match &finding.at {
        Some(at) => format!("{}:{}", finding.file, at.line),
        None => finding.file.clone(),
    };
    of_code.map(place).collect()
}

#[test]
fn tells_what_it_cannot_read_beside_the_other_findings() {
    let compiled = compiled("unreadable", |folder| {
        std::fs::write(folder.join("recipients/latin.toml"), b"recipient = \"x\"\n# caf\xe9\n").unwrap();
        std::os::unix::fs::symlink("nowhere", folder.join("recipients/link.toml")).unwrap();
        std::fs::create_dir(folder.join("claims/folder.toml")).unwrap();
    });
    assert_eq!(
        places(&compiled, "unreadable-file"),
        ["claims/folder.toml", "recipients/latin.toml:2", "recipients/link.toml"]
    );
    assert_eq!(places(&compiled, "unknown-field"), ["recipients/twilio.toml:1"]);
    assert!(compiled.charter.is_none());
}

#[test]
fn tells_an_unreadable_organisation_once() {
    let compiled = compiled("organisation", |folder| {
        std::fs::write(folder.join("organisation.toml"), b"organisation = \"\xff\"\n").unwrap();
    });
    assert_eq!(places(&compiled, "unreadable-file"), ["organisation.toml:1"]);
    assert!(places(&compiled, "missing-file").is_empty());
}

#[test]
fn tells_files_and_folders_that_it_passes_over() {
    let compiled = compiled("stray", |folder| {
        for name in [
            "recipients/x.TOML",
            "recipients/notes.txt",
            "README.md",
            "recipients/.swap",
            "Other.Toml",
        ] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        std::fs::create_dir(folder.join("claims/old")).unwrap();
    });
    assert_eq!(
        places(&compiled, "stray-file"),
        ["Other.Toml", "claims/old", "recipients/notes.txt", "recipients/x.TOML"]
    );
}
