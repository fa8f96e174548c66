//! Two of the same never meet; two of different kinds do.

use averment_store::DataFolder;

use super::{DeedLock, NoLock};
use crate::outcome::Failure;

fn folder(place: &std::path::Path) -> DataFolder {
    let opened = DataFolder::open_unlocked(&place.join("data"), &place.join("keys"));
    opened.expect("a data folder").0
}

#[test]
fn one_deed_at_a_time_and_who_has_it_is_told() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = folder(place.path());
    let first = DeedLock::take(&folder, "erase").expect("nobody has it");
    let refused = DeedLock::take(&folder, "erase").expect_err("somebody has it");
    assert!(matches!(refused, NoLock::Taken(_)));
    let told = Failure::from(refused).render();
    assert!(told.contains(&format!("process {}", std::process::id())), "{told}");
    assert!(told.contains("since 20"), "{told}");
    let other = DeedLock::take(&folder, "retain").expect("another deed");
    drop((first, other));
    DeedLock::take(&folder, "erase").expect("it is free again");
}

#[test]
fn a_name_left_behind_keeps_nobody_out() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = folder(place.path());
    let left = "`averment erase run`, process 1, since 2026-01-01T00:00:00Z\n";
    std::fs::write(folder.path().join("erase.lock"), left).expect("it is written");
    DeedLock::take(&folder, "erase").expect("no process holds it");
}

#[test]
fn a_lock_that_cannot_be_used_is_none_that_somebody_has() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = folder(place.path());
    std::fs::create_dir(folder.path().join("retain.lock")).expect("a folder in its place");
    let refused = DeedLock::take(&folder, "retain").expect_err("it is no file");
    assert!(matches!(refused, NoLock::Unusable(_)));
    let told = Failure::from(refused).render();
    assert!(told.contains("cannot use the lock"), "{told}");
}
