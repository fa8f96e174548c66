//! The restore of a backup into a place of its own, which goes afterwards.

use std::path::Path;
use std::time::Duration;

use averment_register::Engine;

use super::backup::{fault, youngest};
use super::postgres::Scratch;
use super::restored::{Restored, look};
use super::{Drill, Drilled, Ground};
use crate::connect::{Database, open};

/// Restores the youngest backup and looks at what came of it.
pub(super) fn restore(drill: &Drill, ground: &mut Ground<'_>, drilled: &mut Drilled) {
    let found = match youngest(drill) {
        Ok(Some(found)) => found,
        Ok(None) => {
            drilled.probed.saw(1);
            return drilled.probed.against(1, "there is no backup to restore");
        }
        Err(because) => return drilled.probed.missed(1, because),
    };
    drilled.probed.saw(1);
    // How often a restore is tried says nothing about how old its backup may be: only `age` does.
    if let Some(fault) = fault(drill, &found, None, ground.now) {
        return drilled.probed.against(1, fault);
    }
    match drill.engine {
        Some(Engine::Sqlite) => sqlite(drill, &found.file, ground, drilled),
        Some(Engine::Postgresql) => postgres(drill, &found.file, ground, drilled),
        _ => drilled.probed.missed(
            1,
            "nothing says what it is a backup of: `engine` is `postgresql` or `sqlite`",
        ),
    }
}

fn sqlite(drill: &Drill, file: &Path, ground: &mut Ground<'_>, drilled: &mut Drilled) {
    let scratch = match tempfile::tempdir() {
        Ok(scratch) => scratch,
        Err(_) => return drilled.probed.missed(1, "there is no place to restore to"),
    };
    let copy = scratch.path().join("restored.sqlite3");
    if std::fs::copy(file, &copy).is_err() {
        return drilled.probed.against(1, "the backup cannot be read");
    }
    match whole(&copy) {
        Ok(mut database) => looked_at(drill, &mut *database, ground, drilled),
        Err(because) => drilled.probed.against(1, because),
    }
}

/// The copy opened, once SQLite itself finds it whole.
fn whole(copy: &Path) -> Result<Box<dyn Database>, String> {
    let failed = |_| "the backup cannot be restored".to_owned();
    let mut database = open(Engine::Sqlite, &copy.display().to_string(), &[]).map_err(failed)?;
    let said = database
        .one("select integrity_check from pragma_integrity_check limit 1", &[])
        .map_err(failed)?;
    match said.as_deref() {
        Some("ok") => Ok(database),
        _ => Err("the backup is damaged".to_owned()),
    }
}

fn postgres(drill: &Drill, file: &Path, ground: &mut Ground<'_>, drilled: &mut Drilled) {
    let address = match ground.secrets.read(&drill.scratch) {
        Ok(address) => address,
        Err(error) => return drilled.probed.missed(1, format!("scratch server: {error}")),
    };
    let mark = ground.now.as_nanosecond().unsigned_abs() + u128::from(std::process::id());
    let scratch = match Scratch::make(&address, mark) {
        Ok(scratch) => scratch,
        Err(because) => return drilled.probed.missed(1, because),
    };
    if let Err(because) = scratch.restore(file, Duration::from_secs(drill.within_s)) {
        return drilled.probed.against(1, because);
    }
    match scratch.open() {
        Ok(mut database) => looked_at(drill, &mut *database, ground, drilled),
        Err(because) => drilled.probed.missed(1, because),
    }
}

fn looked_at(drill: &Drill, database: &mut dyn Database, ground: &mut Ground<'_>, drilled: &mut Drilled) {
    let restored = Restored {
        drill,
        before: ground.before.get(&drill.name),
        now: ground.now,
    };
    let store = drill
        .store
        .as_ref()
        .and_then(|id| ground.charter.content().data.get(id));
    match (store, ground.erased.as_deref_mut()) {
        (Some(store), Some(erased)) => match erased.replay(store, database) {
            Ok(replayed) => {
                drilled.probed.note(format!(
                    "{} erased people came back and were erased again",
                    replayed.came_back
                ));
                if replayed.still_there > 0 {
                    drilled
                        .probed
                        .against(1, format!("{} erased people are back", replayed.still_there));
                    return;
                }
            }
            Err(because) => drilled
                .probed
                .missed(1, format!("who was erased could not be looked for: {because}")),
        },
        _ => drilled
            .probed
            .note("whether people are back who were erased was not looked for"),
    }
    match look(&restored, database) {
        Ok(found) => {
            drilled.rows = found.rows;
            // One restore is one thing that was looked at: it holds or does not.
            if !found.faults.is_empty() {
                drilled.probed.against(1, found.faults.join("; "));
            }
            let rows: u64 = drilled.rows.values().sum();
            drilled
                .probed
                .note(format!("restored: {} tables, {rows} rows", drilled.rows.len()));
        }
        Err(error) => drilled
            .probed
            .missed(1, format!("the restored database cannot be asked: {error}")),
    }
}
