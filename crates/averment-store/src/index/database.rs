//! The file of the index: its tables, and how it is opened, emptied and kept by one program at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::IndexError;

/// Format of the tables, in `user_version`. A file of another format is made anew.
const FORMAT: i64 = 3;

/// `message`: one row per message and per disclosure that people entered (`kind` 2), of which one recorded again counts
/// once. `finding`: what was in it, one row per element,
/// place and person, in the order of the entry; `person` is null for somebody outside the directory and for people whose
/// key is gone, `school` besides where the entry does not say which it was then. `element_at` and `school_at`: each message once
/// for each element in it, and for each school of somebody in it; `clear` where a variant names the school in the entry itself, so that it stays
/// when the person is forgotten. `shape`: findings without person and count, each once. `pending`: intents without outcome. `named`: who
/// was named, with the seal of the key, and how often in the run that is read.
const TABLES: &str = "
    create table state (
        one integer primary key check (one = 1),
        place text,
        entries integer not null,
        run blob,
        run_number integer not null,
        unresolved integer not null
    ) strict;
    insert into state values (1, null, 0, null, 0, 0);
    create table word (id integer primary key, text text not null unique) strict;
    create table school (id integer primary key, text text not null unique) strict;
    create table shape (id integer primary key, json text not null unique) strict;
    create table message (
        entry integer primary key,
        at integer not null,
        kind integer not null,
        id text not null,
        recipient integer,
        host integer,
        charter integer not null,
        action integer not null,
        fate integer not null,
        part_of text,
        entered text,
        void integer not null
    ) strict;
    create index message_recipient on message (recipient, at);
    create index message_at on message (at);
    create unique index message_entered on message (id) where kind = 2;
    create table finding (
        entry integer not null,
        slot integer not null,
        person integer,
        school integer,
        shape integer not null,
        count integer not null,
        primary key (entry, slot)
    ) strict, without rowid;
    create table element_at (
        element integer not null,
        at integer not null,
        entry integer not null,
        primary key (element, at, entry)
    ) strict, without rowid;
    create table school_at (
        school integer not null,
        at integer not null,
        entry integer not null,
        clear integer not null,
        primary key (school, at, entry)
    ) strict, without rowid;
    create index finding_of_today on finding (person) where school is null and person is not null;
    create table pending (id text primary key, entry integer not null) strict, without rowid;
    create table named (
        person integer primary key,
        seal blob not null,
        run_number integer not null,
        count integer not null
    ) strict;
    create table correction (
        entry integer not null,
        by_entry integer not null,
        at text not null,
        because text not null,
        void integer not null,
        primary key (entry, by_entry)
    ) strict, without rowid;
";

/// Made when everything was read for the first time: filling it row by row would touch a page per person and transaction.
const BY_PERSON: &str = "create index if not exists finding_person on finding (person) where person is not null";

/// Takes the lock of the index; `waiting` is called once when another program has it.
pub(super) fn lock(path: &Path, waiting: impl FnOnce()) -> Result<File, IndexError> {
    let path = path.with_extension("lock");
    let file_error = |source| IndexError::File {
        path: path.clone(),
        source,
    };
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path).map_err(file_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            waiting();
            file.lock().map_err(file_error)?;
            Ok(file)
        }
        Err(TryLockError::Error(source)) => Err(file_error(source)),
    }
}

/// Opens the file, of which whoever calls has the lock; one that is missing, damaged or of another format is made anew.
pub(super) fn open(path: &Path) -> Result<Connection, IndexError> {
    match connect(path) {
        Ok(connection) if format(&connection)? == FORMAT => Ok(connection),
        Err(IndexError::File { path, source }) => Err(IndexError::File { path, source }),
        _ => anew(path),
    }
}

/// Removes the file and makes an empty one.
pub(super) fn anew(path: &Path) -> Result<Connection, IndexError> {
    for path in files(path) {
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(IndexError::File { path, source });
            }
            _ => {}
        }
    }
    let mut connection = connect(path)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()?;
    Ok(connection)
}

/// The file and those that SQLite keeps beside it.
fn files(path: &Path) -> [PathBuf; 3] {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    [path.to_owned(), beside("-wal"), beside("-shm")]
}

fn connect(path: &Path) -> Result<Connection, IndexError> {
    let made = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    made.map_err(|source| IndexError::File {
        path: path.to_owned(),
        source,
    })?;
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A commit that a loss of power takes back takes its place in the log back too.
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = normal; pragma secure_delete = on;
         pragma temp_store = memory; pragma cache_size = -65536;",
    )?;
    Ok(connection)
}

fn format(connection: &Connection) -> Result<i64, IndexError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Makes questions about one person quick.
pub(super) fn index_people(connection: &Connection) -> Result<(), IndexError> {
    Ok(connection.execute_batch(BY_PERSON)?)
}
