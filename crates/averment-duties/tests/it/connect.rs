//! The same statements on all engines.

use averment_duties::connect::{Database, DatabaseError, Next, OnDelete, open};
use averment_register::Engine;

use crate::servers::Server;

const TABLES: &str = "
create table users (id integer not null primary key, email varchar(80), picture BYTES, born date);
create table projects (user_id integer not null, title varchar(80) not null,
                       primary key (user_id, title), foreign key (user_id) references users (id) on delete cascade);
create table notes (id integer primary key, user_id integer, foreign key (user_id) references users (id));
create index by_user on notes (user_id);
insert into users values (1, 'ada@birch.example', NULL, '2012-02-29'), (2, NULL, PICTURE, NULL);
insert into projects values (1, 'It''s a \"map\"'), (2, 'back\\slash');
";

/// Runs the statements of a test on an engine.
fn holds(mut database: Box<dyn Database>) {
    let dialect = database.dialect();
    let schema = database.schema().unwrap();
    let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["notes", "projects", "users"]);
    let projects = schema.table("PROJECTS").unwrap();
    assert_eq!(projects.primary, ["user_id", "title"]);
    assert!(!projects.column("title").unwrap().nullable);
    let key = &projects.references[0];
    assert_eq!((key.table.as_str(), key.targets[0].as_str()), ("users", "id"));
    assert_eq!(key.on_delete, OnDelete::Cascade);
    let notes = schema.table("notes").unwrap();
    assert_eq!(notes.references[0].on_delete, OnDelete::Refuse);
    assert!(notes.indexed.contains(&"user_id".to_owned()));

    let users = schema.table("users").unwrap();
    let columns: Vec<String> = users
        .columns
        .iter()
        .map(|column| dialect.as_text(&dialect.name(&column.name), column))
        .collect();
    let id = users.column("id").unwrap();
    let sql = format!(
        "select {} from {} where {} order by 1",
        columns.join(", "),
        dialect.table("users"),
        dialect.is_one_of(&dialect.name("id"), id, 1, 2)
    );
    let rows = database.all(&sql, &["1", "2"]).unwrap();
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(
        rows[0],
        [text("1"), text("ada@birch.example"), None, text("2012-02-29")]
    );
    assert_eq!(rows[1], [text("2"), None, text("00ff10"), None]);

    let title = projects.column("title").unwrap();
    let count = format!(
        "select cast(count(*) as char(9)) from projects where title = {}",
        dialect.parameter_for(1, title)
    );
    for value in ["It's a \"map\"", "back\\slash"] {
        assert_eq!(database.one(&count, &[value]).unwrap().unwrap().trim(), "1", "{value}");
    }
    database.begin().unwrap();
    let delete = format!("delete from users where id = {}", dialect.parameter_for(1, id));
    assert_eq!(database.change(&delete, &["1"]).unwrap(), 1);
    database.undo();
    assert_eq!(database.all(&sql, &["1", "2"]).unwrap().len(), 2);
    database.begin().unwrap();
    assert_eq!(database.change(&delete, &["1"]).unwrap(), 1);
    database.commit().unwrap();
    let mut seen = 0;
    database
        .rows("select title from projects", &[], &mut |_| {
            seen += 1;
            Ok(Next::Enough)
        })
        .unwrap();
    assert_eq!(seen, 1);
    let error = database
        .change("delete from nowhere where id = 'geheim'", &[])
        .unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(!told.contains("geheim") && !told.contains("nowhere"), "{told}");
    assert_eq!(
        database.all(&sql, &["1", "2"]).unwrap().len(),
        1,
        "the connection goes on"
    );
}

#[test]
fn postgresql_does_what_it_is_asked() {
    let server = Server::postgres();
    let tables = TABLES.replace("BYTES", "bytea").replace("PICTURE", "'\\x00ff10'");
    server.execute(&tables);
    holds(open(Engine::Postgresql, &server.address(), &[]).unwrap());
}

#[test]
fn mariadb_does_what_it_is_asked() {
    let server = Server::mariadb();
    let tables = TABLES.replace("BYTES", "blob").replace("PICTURE", "x'00ff10'");
    server.execute(&tables.replace("back\\slash", "back\\\\slash"));
    holds(open(Engine::Mariadb, &server.address(), &[]).unwrap());
}

#[test]
fn sqlite_does_what_it_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let tables = TABLES.replace("BYTES", "blob").replace("PICTURE", "x'00ff10'");
    connection.execute_batch(&tables).unwrap();
    holds(open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap());
    let missing = open(Engine::Sqlite, "/nowhere/app.sqlite3", &[])
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(missing, DatabaseError::NoFile(_)));
}
