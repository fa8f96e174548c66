//! Backups of any age, restored: who was erased stays erased.

use std::collections::BTreeSet;

use averment_duties::erase::{PEOPLE_AT_ONCE, Replay, Tombstones, people_erased};
use averment_register::Engine;

use super::killed::copy;
use super::school::{CANARY, School, rows};
use super::{erased_all, now, people};

/// Erases again whom a restored backup brought back; whether nobody is visible then.
fn replayed(school: &School) -> bool {
    let keys = school.keys();
    let tombstones = Tombstones::open_read(&school.path("tombstones"), &keys, None).unwrap();
    super::erasing(school.stores(), &keys, &school.path("data/erasures.db"), |eraser| {
        let visible = people_erased(eraser.stores, &tombstones, &keys).unwrap();
        if visible.is_nobody() {
            return true;
        }
        let replay = Replay::of(eraser.stores, &visible, &keys, now()).unwrap();
        let run = eraser.begin_again(&replay, "operations", None, now()).unwrap();
        eraser.journal.announced(&run.id, 1).unwrap();
        eraser.erase(&run, &mut |_| Ok(())).unwrap();
        eraser.clean(&run).unwrap();
        let swept = eraser.sweep(&run).unwrap();
        eraser.journal.wipe(&run.id).unwrap();
        assert!(swept.iter().all(|swept| swept.found.is_empty()), "{swept:?}");
        people_erased(eraser.stores, &tombstones, &keys).unwrap().is_nobody()
    })
}

/// Three people are erased one after the other; a backup is taken before each and after. Each is restored, also with rows
/// of the people put in anew under other numbers of their own.
#[test]
fn a_restored_backup_of_any_age_shows_nobody_who_was_erased_on_sqlite() {
    let school = School::new(Engine::Sqlite);
    let file = school.path("app.sqlite3");
    let backup = |name: &str| {
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection
            .execute("vacuum into ?1", [school.path(name).to_str().unwrap()])
            .unwrap();
        copy(&school.path("files"), &school.path(&format!("{name}-files")));
    };
    backup("backup-0");
    for (index, person) in [CANARY, "3", "9"].into_iter().enumerate() {
        erased_all(&school, &people(&[person]), PEOPLE_AT_ONCE, &mut |_| {});
        backup(&format!("backup-{}", index + 1));
    }
    let latest = school.rows();
    for backup in ["backup-0", "backup-1", "backup-2", "backup-3"] {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["data", "keys", "tombstones"] {
            copy(&school.path(folder), &dir.path().join(folder));
        }
        copy(&school.path(&format!("{backup}-files")), &dir.path().join("files"));
        std::fs::copy(school.path(backup), dir.path().join("app.sqlite3")).unwrap();
        private(&dir.path().join("keys"));
        let restored = School::at(dir.path());
        assert!(replayed(&restored), "{backup}");
        assert_eq!(restored.rows(), latest, "{backup}");
        assert!(!dir.path().join("files/uploads/7").exists());
        // Rows that come back under other numbers of their own.
        restored.execute("pragma foreign_keys = off; insert into activity values (7, 'canary', 'friday'); insert into messages values (77, 1, 9, 'x')",
        );
        restored.execute("insert into newsletter values ('canary.finch@birch.example', '2025-01-01')");
        assert!(replayed(&restored), "{backup}");
        let mut rows = restored.rows();
        let messages = rows.get_mut("messages").unwrap();
        let emptied = [Some("77"), Some("1"), None, Some("x")].map(|text| text.map(str::to_owned));
        assert!(messages.contains(&emptied.to_vec()));
        messages.retain(|row| row[0].as_deref() != Some("77"));
        assert_eq!(rows, latest, "{backup}");
    }
}

#[test]
fn a_restored_backup_shows_nobody_who_was_erased_on_postgresql() {
    let school = School::new(Engine::Postgresql);
    let tables = ["users", "projects"];
    erased_all(&school, &people(&[CANARY, "3"]), PEOPLE_AT_ONCE, &mut |_| {});
    let latest = school.rows();
    for _ in 0..2 {
        school.execute(
            &rows(7, Engine::Postgresql)
                .replace("insert into invoices values (7", "insert into invoices values (70")
                .replace("insert into audit values (7", "insert into audit values (70")
                .replace("insert into classes values (7", "insert into classes values (71")
                .replace("insert into enrolments values (7", "insert into enrolments values (1"),
        );
        assert!(replayed(&school));
        let now = school.rows();
        for table in tables {
            assert_eq!(now[table], latest[table], "{table}");
        }
        school.execute(
            "delete from invoices where id = 70; delete from audit where id = 70; delete from classes where id = 71",
        );
    }
}

/// The same with dumps that the server's own programs make and restore. People come back with everything; the two newer backups
/// show nobody whose turn had come.
fn a_dump_of_any_age_shows_nobody_who_was_erased(engine: Engine) {
    let school = School::new(engine);
    let backup = |number: usize| {
        std::fs::write(school.path(&format!("backup-{number}")), school.dump(number % 2 == 1)).unwrap();
        copy(&school.path("files"), &school.path(&format!("backup-{number}-files")));
    };
    backup(0);
    for (index, person) in [CANARY, "3", "9"].into_iter().enumerate() {
        erased_all(&school, &people(&[person]), PEOPLE_AT_ONCE, &mut |_| {});
        backup(index + 1);
    }
    let latest = school.rows();
    for number in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["data", "keys", "tombstones"] {
            copy(&school.path(folder), &dir.path().join(folder));
        }
        copy(
            &school.path(&format!("backup-{number}-files")),
            &dir.path().join("files"),
        );
        private(&dir.path().join("keys"));
        let dump = school.path(&format!("backup-{number}"));
        let restored = school.restored(dir.path(), &format!("restored_{number}"), &dump);
        assert_eq!(restored.canaries().contains("dump"), number == 0, "backup {number}");
        assert_eq!(is_anybody_visible(&restored), number < 3, "backup {number}");
        assert!(replayed(&restored), "backup {number}");
        assert_eq!(restored.rows(), latest, "backup {number}");
        assert_eq!(restored.canaries(), BTreeSet::new(), "backup {number}");
        // Rows that come back under other numbers of their own.
        restored.execute(
            "insert into newsletter values ('canary.finch@birch.example', '2025-01-01');
             insert into activity values (7, 'canary', 'friday')",
        );
        assert!(is_anybody_visible(&restored) && replayed(&restored), "backup {number}");
        assert_eq!(restored.rows(), latest, "backup {number}");
    }
}

fn private(folder: &std::path::Path) {
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
}

fn is_anybody_visible(school: &School) -> bool {
    let keys = school.keys();
    let tombstones = Tombstones::open_read(&school.path("tombstones"), &keys, None).unwrap();
    !people_erased(&mut school.stores(), &tombstones, &keys)
        .unwrap()
        .is_nobody()
}

#[test]
fn a_restored_dump_of_any_age_shows_nobody_who_was_erased_on_postgresql() {
    a_dump_of_any_age_shows_nobody_who_was_erased(Engine::Postgresql);
}

#[test]
fn a_restored_dump_of_any_age_shows_nobody_who_was_erased_on_mariadb() {
    a_dump_of_any_age_shows_nobody_who_was_erased(Engine::Mariadb);
}

#[test]
fn without_the_list_or_with_a_damaged_one_nobody_can_say() {
    let school = School::new(Engine::Sqlite);
    let keys = school.keys();
    let folder = school.path("tombstones");
    assert!(Tombstones::open_read(&folder, &keys, None).is_err());
    erased_all(&school, &people(&[CANARY]), PEOPLE_AT_ONCE, &mut |_| {});
    let text = std::fs::read_to_string(folder.join("tombstones")).unwrap();
    assert!(!text.to_lowercase().contains("canary"));
    let damaged = text.replacen("7", "8", 1);
    assert_ne!(damaged, text);
    std::fs::write(folder.join("tombstones"), damaged).unwrap();
    assert!(Tombstones::open_read(&folder, &keys, None).is_err());
    // A last line that was cut off is nothing that anybody relied on.
    std::fs::write(folder.join("tombstones"), format!("{text}0123")).unwrap();
    Tombstones::open(&folder, &keys, None).unwrap();
    assert_eq!(std::fs::read_to_string(folder.join("tombstones")).unwrap(), text);
    let lines: BTreeSet<&str> = text.lines().collect();
    assert_eq!(lines.len(), text.lines().count());
}
