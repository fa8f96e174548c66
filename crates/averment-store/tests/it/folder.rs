//! The data folder, its lock and its keys.

use std::os::unix::fs::PermissionsExt as _;

use averment_store::{DataFolder, FolderError, KeyError, Keys, ReadError, verify};

use crate::fixture::*;

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn only_the_owner_may_enter_and_read() {
    let home = Home::new();
    let (journal, ..) = home.journal();
    journal.close().unwrap();
    for dir in [home.data(), home.data().join("ledger/0001"), home.keys()] {
        assert_eq!(mode(&dir), 0o700, "{}", dir.display());
        for file in std::fs::read_dir(&dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
        {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
}

#[test]
fn a_second_open_is_refused_with_folder_and_advice() {
    let home = Home::new();
    let first = home.open();
    let error = DataFolder::open(&home.data(), &home.keys()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, FolderError::Locked { .. }));
    assert!(
        text.contains("another averment is running") && text.contains("averment-data") && text.contains("stop it"),
        "{text}"
    );
    drop(first);
    home.open();
}

#[test]
fn the_journal_keeps_the_lock_when_the_folder_is_gone() {
    let home = Home::new();
    let (journal, _, folder, _) = home.journal();
    drop(folder);
    assert!(matches!(
        DataFolder::open(&home.data(), &home.keys()),
        Err(FolderError::Locked { .. })
    ));
    journal.close().unwrap();
    home.open();
}

#[test]
fn readers_need_no_lock() {
    let home = Home::new();
    assert!(matches!(
        DataFolder::open_read(&home.data()),
        Err(FolderError::Missing { .. })
    ));
    std::fs::create_dir(home.data()).unwrap();
    let empty = DataFolder::open_read(&home.data()).unwrap_err();
    assert!(matches!(empty, FolderError::Empty { .. }), "{empty}");
    let _locked = home.open();
    DataFolder::open_read(&home.data()).unwrap();
    DataFolder::open_unlocked(&home.data(), &home.keys()).unwrap();
    // A folder without the record is still the folder; that there is no record is another thing to say.
    std::fs::remove_dir_all(home.data().join("ledger")).unwrap();
    let folder = DataFolder::open_read(&home.data()).unwrap();
    assert!(matches!(verify(&folder, None), Err(ReadError::NoLedger { .. })));
}

#[test]
fn keys_are_made_once_and_never_again() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    journal.close().unwrap();
    drop(folder);
    assert_eq!(Keys::read(&home.keys()).unwrap().verifier(), keys.verifier());
    for name in ["directory.key", "ledger.key", "replacement.key"] {
        let path = home.keys().join(name);
        let kept = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let error = DataFolder::open(&home.data(), &home.keys()).unwrap_err();
        assert!(matches!(&error, FolderError::Key(KeyError::Missing { .. })), "{error}");
        assert!(!path.exists());
        std::fs::write(&path, &kept[..31]).unwrap();
        let open = || DataFolder::open(&home.data(), &home.keys()).unwrap_err().to_string();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(open().contains("mode 640, expected 600"), "{}", open());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(open().contains("31 bytes, expected 32"), "{}", open());
        std::fs::write(&path, &kept).unwrap();
    }
    home.open();
}

#[test]
fn keys_do_not_live_in_the_data_folder() {
    let home = Home::new();
    let error = DataFolder::open(&home.data(), &home.data().join("keys")).unwrap_err();
    assert!(matches!(error, FolderError::KeysInside { .. }));
    assert!(!home.data().exists());
}

#[test]
fn no_key_is_shown_by_debug() {
    let home = Home::new();
    let (_, keys) = home.open();
    assert!(format!("{keys:?}").starts_with("Keys(averment.local/log/"));
}
