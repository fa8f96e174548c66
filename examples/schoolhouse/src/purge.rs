//! The platform's own retention job: what is too old goes.

use jiff::{SignedDuration, Timestamp};

use crate::mistakes::Mistake;
use crate::people::Person;
use crate::settings::App;
use crate::store::{Connection, StoreError};
use crate::web::Fault;
use crate::{accounts, sessions};

/// What the privacy page promises of the log.
const LOG: SignedDuration = SignedDuration::from_hours(24 * 90);
/// And of the log of who deleted their account.
const LOG_OF_DELETED: SignedDuration = SignedDuration::from_hours(24 * 30);
/// And of backups, by the time in their names.
const BACKUPS: SignedDuration = SignedDuration::from_hours(24 * 35);
/// Copies that people asked for.
const EXPORTS: SignedDuration = SignedDuration::from_hours(24 * 7);
const JOBS: SignedDuration = SignedDuration::from_hours(24 * 30);
const ATTEMPTS: SignedDuration = SignedDuration::from_hours(24);

/// Deletes what is due; how many rows went. Nothing when the job was stopped.
pub(crate) fn run(app: &App, db: &mut Connection) -> Result<Option<u64>, Fault> {
    if app.mistakes.has(Mistake::RetentionStopped) {
        return Ok(None);
    }
    // Ninety days counted as ninety years: the job ends well each night, and nothing is ever old enough.
    let stretch = if app.mistakes.has(Mistake::RetentionDeletesNothing) {
        365
    } else {
        1
    };
    let before = |age: SignedDuration| app.now() - age * stretch;
    let steps = [
        ("delete from activity_log where at < $1", before(LOG)),
        (
            "delete from activity_log where user_id in (select user_id from account_deletions where deleted_at < $1)",
            before(LOG_OF_DELETED),
        ),
        ("delete from sessions where last_used_at < $1", before(sessions::IDLE)),
        ("delete from sign_in_attempts where created_at < $1", before(ATTEMPTS)),
        ("delete from jobs where done_at < $1", before(JOBS)),
    ];
    let gone = db.whole(|db| {
        let mut gone = 0;
        for (sql, time) in steps {
            gone += db.run(sql, &[time.into()])?;
        }
        let sql =
            "insert into jobs (kind, payload, outcome, created_at, done_at) values ('purge', '{}', 'success', $1, $1)";
        db.run(sql, &[app.now().into()])?;
        Ok::<_, StoreError>(gone)
    })?;
    backups(app, before(BACKUPS))?;
    exports(app, before(EXPORTS))?;
    ended(app, db)?;
    Ok(Some(gone))
}

/// Ends the accounts of schools whose contract is over: their data are kept as long as the service is provided.
fn ended(app: &App, db: &mut Connection) -> Result<(), Fault> {
    let keeps = [Mistake::RetentionDeletesNothing, Mistake::EndedContractKeepsAccounts];
    if keeps.into_iter().any(|mistake| app.mistakes.has(mistake)) {
        return Ok(());
    }
    let today = app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let condition = "join schools on schools.id = users.school_id where schools.contract_end < $1";
    for person in Person::all(db, condition, &[today.into()])? {
        accounts::delete(app, db, person.id)?;
    }
    Ok(())
}

/// Copies that were made before this time.
fn exports(app: &App, before: Timestamp) -> std::io::Result<()> {
    for folder in std::fs::read_dir(app.folder.part("exports"))? {
        let copy = folder?.path().join("copy.json");
        let made = std::fs::metadata(&copy).and_then(|file| file.modified());
        let made = made.ok().and_then(|time| Timestamp::try_from(time).ok());
        if made.is_some_and(|made| made < before) {
            std::fs::remove_file(copy)?;
        }
    }
    Ok(())
}

/// Backups that were made before this time.
fn backups(app: &App, before: Timestamp) -> std::io::Result<()> {
    let oldest = crate::backup::name(before);
    for file in std::fs::read_dir(app.folder.backups())? {
        let file = file?;
        // The names are of one length and sort as their times do.
        if file.file_name().to_string_lossy().as_ref() < oldest.as_str() {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}
