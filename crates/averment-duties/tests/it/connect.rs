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

/// Tables whose keys are bytes, and short texts.
const KEYS: &str = "
create table badges (id BYTES not null primary key, owner varchar(5) not null);
create index by_owner on badges (owner);
insert into badges values (ONE, 's1234'), (TWO, '12');
";

fn keys(of_bytes: &str, literal: impl Fn(&str) -> String) -> String {
    let tables = KEYS.replace("BYTES", of_bytes);
    tables
        .replace("ONE", &literal(ADA))
        .replace("TWO", &literal("3132abcdef0123456789abcdef012345"))
}

const ADA: &str = "00ff1027c0de4d1e8a55000102030405";

/// What `column` of `table` is, as text, in the rows where it is one of `values`.
fn found(database: &mut dyn Database, table: &str, column: &str, values: &[&str]) -> Vec<String> {
    let dialect = database.dialect();
    let schema = database.schema().unwrap();
    let column = schema.table(table).unwrap().column(column).unwrap();
    let name = dialect.name(&column.name);
    let select = format!(
        "select {} from {}",
        dialect.as_text(&name, column),
        dialect.table(table)
    );
    let is_one_of = dialect.is_one_of(&name, column, 1, values.len());
    let rows = database
        .all(&format!("{select} where {is_one_of} order by 1"), values)
        .unwrap();
    // Every row is found by the condition or by its contrary: what is held stays, and what is not held goes.
    let others = database
        .all(&format!("{select} where not ({is_one_of})"), values)
        .unwrap();
    let all = database.all(&select, &[]).unwrap();
    assert_eq!(rows.len() + others.len(), all.len(), "{is_one_of}");
    rows.into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .collect()
}

/// How the engine finds rows of `badges` by one value of `column`.
fn plan(database: &mut dyn Database, explain: &str, column: &str, value: &str) -> String {
    let dialect = database.dialect();
    let schema = database.schema().unwrap();
    let column = schema.table("badges").unwrap().column(column).unwrap();
    let is = dialect.is_one_of(&dialect.name(&column.name), column, 1, 1);
    let rows = database.all(&format!("{explain} select * from badges where {is}"), &[value]);
    rows.unwrap()
        .into_iter()
        .flatten()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Every kind of key finds its own rows and no others.
fn finds(mut database: Box<dyn Database>) {
    let database = &mut *database;
    assert_eq!(found(database, "badges", "id", &[ADA]), [ADA]);
    assert_eq!(found(database, "badges", "id", &[ADA, "00ff"]), [ADA]);
    assert_eq!(found(database, "badges", "owner", &["s1234"]), ["s1234"]);
    let longer = found(database, "badges", "owner", &["s12345", "12 or more"]);
    assert!(longer.is_empty(), "somebody else's rows: {longer:?}");
}

#[test]
fn postgresql_compares_bytes_and_shortens_nothing() {
    let server = Server::postgres();
    server.execute(&keys("bytea", |digits| format!("'\\x{digits}'")));
    server.execute(
        "create table kinds (fixed character(3), one \"char\", amount numeric(5,1), word name);
         insert into kinds values ('abc', 'a', 1.2, repeat('n', 63)), ('ab', 'b', 3, 'm')",
    );
    let connect = || open(Engine::Postgresql, &server.address(), &[]).unwrap();
    finds(connect());
    let mut database = connect();
    let word = "n".repeat(63);
    for (column, own, longer) in [
        ("fixed", "abc", "abcd"),
        ("one", "a", "ab"),
        ("amount", "1.2", "1.24"),
        ("word", word.as_str(), &format!("{word}n")),
    ] {
        assert_eq!(found(&mut *database, "kinds", column, &[own]), [own]);
        let found = found(&mut *database, "kinds", column, &[longer]);
        assert!(found.is_empty(), "{column}: {found:?}");
    }
    database.change("set enable_seqscan = off", &[]).unwrap();
    for (column, value) in [("id", ADA), ("owner", "s1234")] {
        let plan = plan(&mut *database, "explain", column, value);
        assert!(plan.contains("Index Cond"), "{plan}");
    }
}

#[test]
fn postgresql_says_so_when_it_hides_rows_and_lists_what_keeps_copies() {
    let server = Server::postgres();
    server.execute(
        "create table badges (id integer primary key, owner text);
         insert into badges values (1, 'ada'), (2, 'bo');
         create materialized view copies as select * from badges;
         alter table badges enable row level security;
         create policy own on badges using (owner = 'ada');
         create role clerk login;
         grant select on badges, copies to clerk",
    );
    let address = server.address().replace("user=averment", "user=clerk");
    let mut database = open(Engine::Postgresql, &address, &[]).unwrap();
    let schema = database.schema().unwrap();
    let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["badges", "copies"]);
    let count = database.one("select count(*)::text from badges", &[]);
    assert!(count.is_err(), "rows are hidden without a word: {count:?}");
}

#[test]
fn postgresql_says_of_a_transaction_that_met_a_lock_that_it_is_to_be_begun_anew() {
    let server = Server::postgres();
    server.execute("create table users (id integer)");
    let mut other = postgres::Client::connect(&server.address(), postgres::NoTls).unwrap();
    other.batch_execute("begin; lock table users").unwrap();
    let mut database = open(Engine::Postgresql, &server.address(), &[]).unwrap();
    database.begin().unwrap();
    for _ in 0..2 {
        let error = database.one("select '1' from users", &[]).unwrap_err();
        assert!(matches!(error, DatabaseError::Busy), "{error}");
    }
    database.undo();
    other.batch_execute("rollback").unwrap();
    database.begin().unwrap();
    assert!(database.one("select '1' from users", &[]).unwrap().is_none());
}

#[test]
fn mariadb_compares_bytes() {
    let server = Server::mariadb();
    server.execute(&keys("binary(16)", |digits| format!("x'{digits}'")));
    let connect = || open(Engine::Mariadb, &server.address(), &[]).unwrap();
    finds(connect());
    let mut database = connect();
    assert!(found(&mut *database, "badges", "id", &["s-17"]).is_empty());
    for (column, value) in [("id", ADA), ("owner", "s1234")] {
        let plan = plan(&mut *database, "explain", column, value);
        assert!(plan.contains(" const ") || plan.contains(" ref "), "{plan}");
    }
}

#[test]
fn sqlite_compares_bytes_and_values_in_columns_without_a_type() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch(&keys("BLOB", |digits| format!("x'{digits}'")))
        .unwrap();
    connection
        .execute_batch(
            "create table loose (id primary key);
             insert into loose values (1), ('s-17'), ('007'), (x'abcd');
             create table named (id UUID primary key);
             insert into named values (x'00ff'), (12)",
        )
        .unwrap();
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    finds(connect());
    let mut database = connect();
    for value in ["1", "s-17", "007", "abcd"] {
        assert_eq!(found(&mut *database, "loose", "id", &[value]), [value]);
    }
    for value in ["01", "1.0", "7", "0"] {
        let found = found(&mut *database, "loose", "id", &[value]);
        assert!(found.is_empty(), "{value}: {found:?}");
    }
    for value in ["00ff", "12"] {
        assert_eq!(found(&mut *database, "named", "id", &[value]), [value]);
    }
    for (column, value) in [("id", ADA), ("owner", "s1234")] {
        let plan = plan(&mut *database, "explain query plan", column, value);
        assert!(plan.contains("SEARCH"), "{plan}");
    }
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
