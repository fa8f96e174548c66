//! The restore of a backup into a place of its own, which goes afterwards.

use std::path::Path;
use std::time::Duration;

use averment_register::{Engine, Store};

use super::backup::{fault, youngest};
use super::postgres::{Scratch, refused};
use super::restored::{Restored, look};
use super::{Drill, Drilled, Ground};
use crate::connect::{Database, open};
use crate::erase::{Kept, Opened};
use crate::graph::Graph;

/// How much longer than the longest restore a drill can go on.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

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
        Ok(database) => looked_at(drill, database, ground, drilled),
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
    if let Some(because) = refused(file) {
        return drilled.probed.missed(1, because);
    }
    let now = ground.now.as_nanosecond().unsigned_abs();
    let mark = now + u128::from(std::process::id());
    let limit = Duration::from_secs(drill.within_s);
    let stale = now.saturating_sub((limit + LEFT_BEHIND).as_nanos());
    let scratch = match Scratch::make(&address, mark, stale) {
        Ok(scratch) => scratch,
        Err(because) => return drilled.probed.missed(1, because),
    };
    if let Err(because) = scratch.restore(file, limit) {
        return drilled.probed.against(1, because);
    }
    match scratch.open() {
        Ok(database) => looked_at(drill, database, ground, drilled),
        Err(because) => drilled.probed.missed(1, because),
    }
}

fn looked_at(drill: &Drill, database: Box<dyn Database>, ground: &mut Ground<'_>, drilled: &mut Drilled) {
    let Some(mut database) = erased_again(drill, database, ground, drilled) else {
        return;
    };
    let restored = Restored {
        drill,
        before: ground.before.get(&drill.name),
        now: ground.now,
    };
    match look(&restored, &mut *database) {
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

/// Erases again whom the backup brought back; none where somebody is still there, which is then told.
fn erased_again(
    drill: &Drill,
    mut database: Box<dyn Database>,
    ground: &mut Ground<'_>,
    drilled: &mut Drilled,
) -> Option<Box<dyn Database>> {
    let content = ground.charter.content();
    let store = drill.store.as_ref().and_then(|id| content.data.get(id));
    let known = store.ok_or_else(|| "nothing says which store of the data map it is a backup of: `store`".to_owned());
    let known = known.and_then(|store| Ok((store, graph(store, &mut *database)?)));
    let erased = ground.erased.as_deref_mut().map_err(|because| because.clone());
    let replayed = match known.and_then(|known| Ok((known, erased?))) {
        Ok(((store, graph), erased)) => {
            let mut opened = Opened {
                store: store.clone(),
                kept: Kept::Tables { database, graph },
                path: None,
            };
            let replayed = erased.replay(&mut opened);
            let Kept::Tables { database: after, .. } = opened.kept else {
                return None;
            };
            database = after;
            replayed
        }
        Err(because) => Err(because),
    };
    match replayed {
        Ok(replayed) if replayed.still_there > 0 => {
            let told = format!("{} names of erased people are back", replayed.still_there);
            drilled.probed.against(1, told);
            return None;
        }
        Ok(replayed) => drilled.probed.note(format!(
            "{} names of erased people came back and were erased again",
            replayed.came_back
        )),
        Err(because) => drilled
            .probed
            .missed(1, format!("who was erased could not be looked for: {because}")),
    }
    Some(database)
}

fn graph(store: &Store, database: &mut dyn Database) -> Result<Box<Graph>, String> {
    let schema = database.schema().map_err(|error| error.to_string())?;
    let graph = Graph::of(store, schema).map_err(|error| error.to_string())?;
    Ok(Box::new(graph))
}
