//! One schema in every form that a schema has: what its columns hold does not depend on the form.
//!
//! `cases/schema/expected.txt` was written from the schema, by hand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use averment_detect::{Directory, DirectoryKey};
use averment_scan::schema::{
    Sampler, Samples, Schema, What, classify, read_mysql, read_path, read_postgres, read_sqlite,
};

use crate::servers::Server;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/schema")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(cases().join(name)).unwrap()
}

/// Every table and column with what it probably holds; tables of programs themselves are in some forms only.
fn said(schema: &Schema) -> String {
    let classified = classify(schema, &Samples::default());
    let mut lines = Vec::new();
    for table in schema.tables.iter().filter(|table| table.name != "schema_migrations") {
        let guess = classified.table(&table.name).unwrap();
        assert_eq!(guess.none, None);
        let mut line = table.name.clone();
        for subject in &guess.subjects {
            _ = write!(line, " -> {subject}");
        }
        if let Some(key) = &guess.key {
            _ = write!(line, "; key {key}");
        }
        for (column, target) in &guess.belongs_to {
            _ = write!(line, "; belongs_to {column} -> {target}");
        }
        lines.push(line);
        for (column, guess) in &guess.columns {
            let what = match &guess.what {
                What::Element(element) => format!("element {element}"),
                What::FreeText(None) => "free text".to_owned(),
                What::FreeText(Some(element)) => format!("free text {element}"),
                What::Secret => "secret".to_owned(),
                What::NotPersonal(reason) => format!("none: {reason}"),
                What::Unclassified => "unclassified".to_owned(),
            };
            lines.push(format!("{}.{column} {what}", table.name));
        }
    }
    lines.join("\n") + "\n"
}

fn holds(schema: &Schema, form: &str) {
    assert!(schema.unread.is_empty(), "{form}: {:?}", schema.unread);
    let said = said(schema);
    let expected = text("expected.txt");
    let wrong: Vec<String> = expected
        .lines()
        .filter(|line| !said.contains(&format!("{line}\n")))
        .map(|line| format!("- {line}"))
        .chain(
            said.lines()
                .filter(|line| !expected.contains(&format!("{line}\n")))
                .map(|line| format!("+ {line}")),
        )
        .collect();
    assert!(wrong.is_empty(), "{form}:\n{}", wrong.join("\n"));
}

fn file(name: &str) -> Schema {
    read_path(&cases().join(name), None).unwrap().0
}

#[test]
fn files_in_every_form_say_the_same() {
    for name in [
        "postgres.sql",
        "mysql.sql",
        "schema.rb",
        "migrate",
        "schema.prisma",
        "classes/models.py",
        "classes",
    ] {
        holds(&file(name), name);
    }
}

/// The number of somebody is known by a comment in the other forms.
fn with_comment(mut schema: Schema) -> Schema {
    let users = schema.tables.iter_mut().find(|table| table.name == "users").unwrap();
    let column = users.columns.iter_mut().find(|column| column.name == "zz").unwrap();
    assert_eq!(column.comment, None);
    column.comment = Some("social security number".to_owned());
    schema
}

#[test]
fn a_sqlite_file_is_read_while_somebody_writes_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("school.sqlite3");
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute_batch("pragma journal_mode = wal").unwrap();
    writer
        .execute_batch(
            &text("sqlite.sql")
                .replace("BEGIN TRANSACTION;", "")
                .replace("COMMIT;", ""),
        )
        .unwrap();
    writer.execute_batch("create view names as select full_name from users; begin immediate; insert into schools (name) values ('x')").unwrap();
    let (schema, _) = read_sqlite(&path, None).unwrap();
    writer.execute_batch("rollback").unwrap();
    let view = schema.table("names").unwrap();
    assert!(view.is_view && view.columns.len() == 1);
    let mut tables = schema.clone();
    tables.tables.retain(|table| !table.is_view);
    holds(&with_comment(tables), "sqlite file");
    holds(&with_comment(file("sqlite.sql")), "sqlite dump");
}

#[test]
fn postgresql_and_its_dump_say_the_same() {
    let server = Server::postgres();
    server.execute(&text("postgres.sql"));
    server.execute("insert into schools (name) values ('x; create table not_this (id int);')");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump.sql");
    std::fs::write(&path, server.dump()).unwrap();
    holds(&read_path(&path, None).unwrap().0, "pg_dump");
    let mut client = postgres::Client::connect(&server.address(), postgres::NoTls).unwrap();
    holds(&read_postgres(&mut client, None).unwrap().0, "postgresql");
    server.execute(
        "create schema audit; create table audit.entries (id int primary key, user_id bigint references users, note text) ;
         create table logs (id int, made date) partition by range (made);
         create table logs_2026 partition of logs for values from ('2026-01-01') to ('2027-01-01');
         create view active as select email from users; create materialized view m as select 1 as one;
         create extension if not exists plpgsql",
    );
    let (schema, _) = read_postgres(&mut client, None).unwrap();
    let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
    let own = [
        "active",
        "audit.entries",
        "guardians",
        "logs",
        "m",
        "messages",
        "products",
        "projects",
        "schema_migrations",
        "schools",
        "users",
    ];
    assert_eq!(names, own);
    assert!(schema.table("active").unwrap().is_view);
    let copy = schema.table("m").unwrap();
    assert!(copy.is_materialised && !copy.is_view, "it stores rows");
    assert_eq!(
        schema.table("users").unwrap().comment.as_deref(),
        Some("Everybody who can sign in")
    );
    let link = schema
        .table("audit.entries")
        .unwrap()
        .column("user_id")
        .unwrap()
        .references
        .clone()
        .unwrap();
    assert_eq!((link.table.as_str(), link.column.as_deref()), ("users", Some("id")));
    assert_eq!(schema.left_out["partition"], 1);
}

#[test]
fn mariadb_and_its_dump_say_the_same() {
    let server = Server::mariadb();
    server.execute(&text("mysql.sql"));
    server.execute("insert into schools (name) values ('it\\'s; create table `not_this` (id int);')");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump.sql");
    std::fs::write(&path, server.dump()).unwrap();
    let (dumped, _) = read_path(&path, None).unwrap();
    assert_eq!(dumped.engine.as_str(), "mariadb");
    holds(&dumped, "mariadb-dump");
    let mut connection = mysql::Conn::new(server.address().replace("mariadb://", "mysql://").as_str()).unwrap();
    let (schema, _) = read_mysql(&mut connection, None).unwrap();
    assert_eq!(schema.engine.as_str(), "mariadb");
    holds(&schema, "mariadb");
    assert_eq!(schema.table("projects").unwrap().column("state").unwrap().kind, "enum");
    server.execute("create view active as select email from users; create sequence counter");
    assert!(read_mysql(&mut connection, None).unwrap().0.table("counter").is_none());
    assert!(
        read_mysql(&mut connection, None)
            .unwrap()
            .0
            .table("active")
            .unwrap()
            .is_view
    );
}

/// Looks at up to three rows of each table, and knows nobody.
fn sampled<T>(look: impl FnOnce(&Sampler<'_>) -> T) -> T {
    let nobody = Directory::new(DirectoryKey::new([0; 32]), Vec::new(), []);
    look(&Sampler::new(3, &nobody))
}

/// `column looked element=count … hashes=count`, of the columns in which something was.
fn values(schema: &Schema, samples: &Samples, table: &str) -> Vec<String> {
    let columns = &schema.table(table).unwrap().columns;
    let of = |name: &str| {
        let sample = samples.of(table, name)?;
        let elements = sample.elements.iter().map(|(id, count)| format!(" {id}={count}"));
        let hashes = format!(" hashes={}", sample.hashes);
        Some(format!(
            "{name} {}{}{hashes}",
            sample.looked,
            elements.collect::<String>()
        ))
    };
    columns.iter().filter_map(|column| of(&column.name)).collect()
}

/// Rows whose columns are called like nothing: only their values say what they hold. The fourth is beyond what is asked for.
fn rows(hash: &str) -> String {
    let row = |mail: &str, note: &str| format!("(7, '{mail}', '{hash}', '{{\"sent\": [\"{mail}\"]}}', '{note}', null)");
    let rows = [
        row("mina@birch.example", "writes to tomas@birch.example"),
        row("tomas@birch.example", "-"),
        row("noor@birch.example", "  "),
        row("edda@birch.example", "edda@birch.example"),
    ];
    rows.join(", ")
}

/// bcrypt's shape; of no word.
const HASH: &str = "$2b$12$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu";

const VALUES: [&str; 5] = [
    "a 3 hashes=0",
    "b\"`c 3 contact.email=3 hashes=0",
    "c 3 hashes=3",
    "d 3 contact.email=3 hashes=0",
    "e 2 contact.email=1 hashes=0",
];

#[test]
fn values_of_postgresql_are_looked_at_and_a_table_that_is_held_is_told() {
    let server = Server::postgres();
    server.execute(&format!(
        "create schema \"on\"\"e\"; create table \"on\"\"e\".\"t \"\"x\" (a int, \"b\"\"`c\" text, c text, d jsonb, e varchar, f text);
         insert into \"on\"\"e\".\"t \"\"x\" values {};
         create table aside (a text); insert into aside values ('mina@birch.example');
         create table behind (a text); insert into behind values ('mina@birch.example')",
        rows(HASH)
    ));
    let mut holder = postgres::Client::connect(&server.address(), postgres::NoTls).unwrap();
    let mut held = holder.transaction().unwrap();
    held.batch_execute("lock table aside in access exclusive mode").unwrap();
    let mut client = postgres::Client::connect(&server.address(), postgres::NoTls).unwrap();
    let (schema, samples) = sampled(|sampler| read_postgres(&mut client, Some(sampler)).unwrap());
    held.rollback().unwrap();
    let table = "on\"e.t \"x";
    assert_eq!(values(&schema, &samples, table), VALUES);
    assert_eq!(samples.unread().collect::<Vec<_>>(), ["aside"]);
    assert_eq!(values(&schema, &samples, "behind"), ["a 1 contact.email=1 hashes=0"]);
    let classified = classify(&schema, &samples);
    let guess = &classified.table(table).unwrap().columns["b\"`c"];
    assert!(
        matches!(&guess.what, What::Element(element) if element.as_str() == "contact.email"),
        "{guess:?}"
    );
}

#[test]
fn values_of_mariadb_are_looked_at() {
    let server = Server::mariadb();
    server.execute(&format!(
        "create table `t \"``x` (a int, `b\"``c` text, c varchar(80), d json, e text, f date);
         insert into `t \"``x` values {}",
        rows(HASH)
    ));
    let mut connection = mysql::Conn::new(server.address().replace("mariadb://", "mysql://").as_str()).unwrap();
    let (schema, samples) = sampled(|sampler| read_mysql(&mut connection, Some(sampler)).unwrap());
    let table = "t \"`x";
    assert_eq!(values(&schema, &samples, table), VALUES);
    assert_eq!(samples.unread().count(), 0);
    let classified = classify(&schema, &samples);
    let guess = &classified.table(table).unwrap().columns["b\"`c"];
    assert!(
        matches!(&guess.what, What::Element(element) if element.as_str() == "contact.email"),
        "{guess:?}"
    );
}

#[test]
fn every_file_of_a_folder_is_read() {
    let models = |names: [&str; 2]| {
        let dir = tempfile::tempdir().unwrap();
        for (at, name) in names.iter().enumerate() {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = match name.rsplit_once('.').unwrap().1 {
                "prisma" => format!("model T{at} {{\n  id Int @id\n}}\n"),
                "rb" => format!(
                    "ActiveRecord::Schema[7.1].define(version: 1) do\n  create_table \"t{at}\" do |t|\n    t.string \"a\"\n  end\nend\n"
                ),
                _ => format!("create table t{at} (a int);\n"),
            };
            std::fs::write(path, text).unwrap();
        }
        read_path(dir.path(), None).unwrap().0.tables.len()
    };
    assert_eq!(models(["prisma/a.prisma", "prisma/b.prisma"]), 2);
    assert_eq!(models(["db/analytics_schema.rb", "db/schema.rb"]), 2);
    assert_eq!(models(["a/structure.sql", "b/structure.sql"]), 2);
    assert_eq!(models(["a.sql", "b.sql"]), 2);
}
