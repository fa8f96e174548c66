//! Backups of the database, and back: who was deleted since then is deleted again before anybody is served.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;

use crate::accounts;
use crate::mistakes::Mistake;
use crate::settings::App;
use crate::store::{Place, Store};
use crate::web::Fault;

/// Makes a backup of the rows in `backups/`; its file.
pub(crate) fn make(app: &App) -> Result<PathBuf, Fault> {
    let file = app.folder.backups().join(name(app.now()));
    match &app.store.place {
        Place::Sqlite(live) => {
            let file = file.with_extension("sqlite");
            copy(live, &file)?;
            Ok(file)
        }
        Place::Postgres(address) => {
            let file = file.with_extension("sql");
            let mut dump = Command::new("pg_dump");
            dump.args(["--no-owner", "--clean", "--if-exists", "--dbname", address, "--file"])
                .arg(&file);
            ran(&mut dump)?;
            Ok(file)
        }
    }
}

/// What a backup of this time is called, without what says the kind of file.
pub(crate) fn name(at: Timestamp) -> String {
    at.strftime("schoolhouse-%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// Puts a backup in the place of the rows, and ends again who was deleted in between. How many that were.
pub(crate) fn restore(app: &App, backup: &Path) -> Result<usize, Fault> {
    match &app.store.place {
        Place::Sqlite(live) => copy(backup, live)?,
        Place::Postgres(address) => {
            let mut load = Command::new("psql");
            load.args([
                "--quiet",
                "--single-transaction",
                "-v",
                "ON_ERROR_STOP=1",
                "--dbname",
                address,
                "--file",
            ])
            .arg(backup);
            ran(&mut load)?;
        }
    }
    if app.mistakes.has(Mistake::RestoredBackupBringsBack) {
        return Ok(0);
    }
    replay(app)
}

/// Ends the accounts of the list that is kept outside of the database.
fn replay(app: &App) -> Result<usize, Fault> {
    let store = Store::new(app.store.place.clone());
    let mut db = store.take()?;
    let mut again = 0;
    for (user, at) in deletions(&app.folder.deletions())? {
        if db.number("select count(*) from users where id = $1", &[user.into()])? > 0 {
            again += 1;
        }
        accounts::end(app, &mut db, user, at)?;
    }
    Ok(again)
}

/// Who was deleted, and when.
fn deletions(file: &Path) -> Result<BTreeMap<i64, Timestamp>, Fault> {
    if !file.exists() {
        return Ok(BTreeMap::new());
    }
    let text = std::fs::read_to_string(file)?;
    let line = |line: &str| {
        let (user, at) = line.split_once(' ')?;
        Some((user.parse().ok()?, at.parse().ok()?))
    };
    let unreadable = Fault::Wrong("a line of the list of deletions cannot be read");
    text.lines().map(line).collect::<Option<_>>().ok_or(unreadable)
}

/// By SQLite's own copying, which also works while somebody writes.
fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    let from = rusqlite::Connection::open(from).map_err(crate::store::StoreError::from)?;
    let mut to = rusqlite::Connection::open(to).map_err(crate::store::StoreError::from)?;
    let copy = rusqlite::backup::Backup::new(&from, &mut to).map_err(crate::store::StoreError::from)?;
    let pause = std::time::Duration::from_millis(10);
    copy.run_to_completion(1000, pause, None)
        .map_err(crate::store::StoreError::from)?;
    Ok(())
}

fn ran(command: &mut Command) -> Result<(), Fault> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(Fault::Wrong("PostgreSQL's own program did not end well"))
    }
}
