//! A school platform of sixteen tables and a folder of files, with a person who stands in every one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use averment_duties::connect::{Database, open};
use averment_duties::erase::{Opened, open_store};
use averment_register::{Charter, Engine, Source, compile};
use averment_store::{DataFolder, Keys};

use crate::servers::{Server, postgres_binaries};

/// Whose rows are everywhere.
pub(crate) const CANARY: &str = "7";
/// People besides.
pub(crate) const OTHERS: [u32; 11] = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12];

const TABLES: &str = "
create table schools (id integer not null primary key, name varchar(80));
create table users (id integer not null primary key, email varchar(120) not null unique, username varchar(60), full_name varchar(80),
  born date, phone varchar(40), picture BYTES, school_id integer, foreign key (school_id) references schools (id));
create table classes (id integer not null primary key, teacher_id integer, title varchar(80),
  foreign key (teacher_id) references users (id) on delete set null);
create table enrolments (class_id integer not null, user_id integer not null, note text, primary key (class_id, user_id),
  foreign key (class_id) references classes (id), foreign key (user_id) references users (id));
create table projects (id integer not null primary key, owner_id integer not null, title text,
  foreign key (owner_id) references users (id) on delete cascade);
create table comments (id integer not null primary key, project_id integer not null, author_id integer not null,
  parent_id integer, body text, foreign key (project_id) references projects (id) on delete cascade,
  foreign key (author_id) references users (id), foreign key (parent_id) references comments (id));
create table reactions (comment_id integer not null, user_id integer not null, kind varchar(20), primary key (comment_id, user_id),
  foreign key (comment_id) references comments (id) on delete cascade, foreign key (user_id) references users (id));
create table messages (id integer not null primary key, sender_id integer not null, recipient_id integer, body text,
  foreign key (sender_id) references users (id), foreign key (recipient_id) references users (id));
create table activity (user_id integer not null, what varchar(80), at varchar(40));
create table invoices (id integer not null primary key, user_id integer, payer varchar(80) not null, paid_on date, amount integer);
create table newsletter (address varchar(120) not null primary key, since date);
create table outbox (id integer not null primary key, user_id integer, payload text);
create table friendships (one_id integer not null, other_id integer not null, primary key (one_id, other_id));
create table audit (id integer not null primary key, actor_id integer, words text);
create table sessions (token varchar(80) not null primary key, user_id integer not null,
  foreign key (user_id) references users (id) on delete cascade);
create table settings (name varchar(60) not null primary key, worth varchar(60));
create index messages_by_sender on messages (sender_id);
create index projects_by_owner on projects (owner_id);
alter table users add column featured_id integer references projects (id);
";

const MAP: &str = r#"
store = "app"
engine = "ENGINE"

[[tables]]
table = "schools"
none = "schools are no people"

[[tables]]
table = "settings"
none = "settings of the platform"

[[tables]]
table = "users"
key = "id"
[tables.columns]
id = { element = "account.id" }
email = { element = "contact.email" }
username = { element = "account.username" }
full_name = { element = "identity.name.full" }
born = { element = "demographic.date_of_birth" }
phone = { element = "contact.phone" }
picture = { element = "identity.photo" }
school_id = { none = "number of the school" }
featured_id = { none = "number of a project" }

[[tables]]
table = "classes"
key = "teacher_id"
on_erase = "keep"
keep = "classes are the school's"
[tables.columns]
id = { none = "number of the row" }
teacher_id = { element = "account.id" }
title = { none = "written by the school" }

[[tables]]
table = "enrolments"
belongs_to = { user_id = "users.id" }
[tables.columns]
class_id = { none = "number of the class" }
user_id = { element = "account.id" }
note = { holds = "free_text" }

[[tables]]
table = "projects"
belongs_to = { owner_id = "users.id" }
[tables.columns]
id = { none = "number of the row" }
owner_id = { element = "account.id" }
title = { holds = "free_text" }

[[tables]]
table = "comments"
belongs_to = { author_id = "users.id" }
[tables.columns]
id = { none = "number of the row" }
project_id = { none = "number of the project" }
author_id = { element = "account.id" }
parent_id = { none = "number of a comment" }
body = { holds = "free_text" }

[[tables]]
table = "reactions"
belongs_to = { user_id = "users.id" }
[tables.columns]
comment_id = { none = "number of the comment" }
user_id = { element = "account.id" }
kind = { none = "one of five" }

[[tables]]
table = "messages"
belongs_to = { sender_id = "users.id" }
others = { recipient_id = "users.id" }
[tables.columns]
id = { none = "number of the row" }
sender_id = { element = "account.id" }
recipient_id = { element = "account.id" }
body = { element = "comms.message_peer", holds = "free_text" }

[[tables]]
table = "activity"
belongs_to = { user_id = "users.id" }
[tables.columns]
user_id = { element = "account.id" }
what = { holds = "free_text" }
at = { none = "when it happened" }

[[tables]]
table = "invoices"
key = "user_id"
on_erase = "keep"
keep = "books are kept for ten years"
[tables.columns]
id = { none = "number of the row" }
user_id = { element = "account.id", on_erase = "pseudonymise" }
payer = { element = "identity.name.full", on_erase = "mask" }
paid_on = { none = "day of payment" }
amount = { none = "a sum" }

[[tables]]
table = "newsletter"
key = "address"
[tables.columns]
address = { element = "contact.email" }
since = { none = "day" }

[[tables]]
table = "outbox"
belongs_to = { user_id = "users.id" }
[tables.columns]
id = { none = "number of the row" }
user_id = { element = "account.id" }
payload = { holds = "free_text" }

[[tables]]
table = "friendships"
belongs_to = { one_id = "users.id", other_id = "users.id" }
[tables.columns]
one_id = { element = "account.id" }
other_id = { element = "account.id" }

[[tables]]
table = "audit"
key = "actor_id"
on_erase = "keep"
keep = "who changed settings is kept for two years"
[tables.columns]
id = { none = "number of the row" }
actor_id = { element = "account.id", on_erase = "pseudonymise" }
words = { holds = "free_text", on_erase = "mask" }

[[tables]]
table = "sessions"
belongs_to = { user_id = "users.id" }
[tables.columns]
token = { holds = "secret" }
user_id = { element = "account.id" }
"#;

const FILES: &str = r#"
store = "uploads"
engine = "files"

[[tables]]
prefix = "uploads/{account}/"
key = "account"
elements = ["content.project"]

[[tables]]
prefix = "exports/{account}.json"
key = "account"
elements = ["account.id"]
"#;

const CLAIMS: &str = r#"
[[claims]]
id = "accounts"
kind = "erased_on"
elements = ["contact.email"]
after = "account_deleted"
sentence = "We delete addresses with the account."

[[claims]]
id = "messages"
kind = "erased_on"
elements = ["comms.message_peer"]
after = "account_deleted"
sentence = "We delete messages with the account."

[[claims]]
id = "backups"
kind = "performed_every"
activity = "restore_test"
period = "P1Y"
sentence = "We restore a backup every year."
"#;

/// The platform, on one engine.
pub(crate) struct School {
    top: PathBuf,
    _dir: Option<tempfile::TempDir>,
    server: Option<Arc<Server>>,
    /// On a server, where a dump was restored to; the database that it begins with when none.
    restored: Option<String>,
    pub(crate) engine: Engine,
    pub(crate) charter: Charter,
}

impl School {
    pub(crate) fn new(engine: Engine) -> Self {
        let server = match engine {
            Engine::Postgresql => Some(Server::postgres()),
            Engine::Mariadb => Some(Server::mariadb()),
            _ => None,
        };
        let dir = tempfile::tempdir().unwrap();
        let school = Self {
            top: dir.path().to_owned(),
            _dir: Some(dir),
            server: server.map(Arc::new),
            restored: None,
            engine,
            charter: charter(engine),
        };
        std::fs::create_dir_all(school.path("files")).unwrap();
        school.execute(&tables(engine));
        for person in OTHERS.into_iter().chain([7]) {
            school.execute(&rows(person, engine));
            school.put_files(person);
        }
        school.execute(&between(engine));
        school
    }

    /// The platform in a folder, on SQLite.
    pub(crate) fn at(top: &Path) -> Self {
        Self {
            top: top.to_owned(),
            _dir: None,
            server: None,
            restored: None,
            engine: Engine::Sqlite,
            charter: charter(Engine::Sqlite),
        }
    }

    /// What the server's own program dumps; `archive`: in the form that `pg_restore` reads.
    pub(crate) fn dump(&self, archive: bool) -> Vec<u8> {
        let address = self.address();
        let mut command = match self.engine {
            Engine::Postgresql => {
                let mut command = Command::new(postgres_binaries().join("pg_dump"));
                command.arg(if archive { "--format=custom" } else { "--format=plain" });
                command.arg("--dbname").arg(&address);
                command
            }
            _ => self.mariadb("mariadb-dump", self.restored.as_deref().unwrap_or("school")),
        };
        let output = command.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success());
        output.stdout
    }

    /// The platform in another folder, with a dump of its database restored beside the first by the server's own program.
    pub(crate) fn restored(&self, top: &Path, name: &str, dump: &Path) -> Self {
        self.execute(&format!("create database {name}"));
        let school = Self {
            top: top.to_owned(),
            _dir: None,
            server: self.server.clone(),
            restored: Some(name.to_owned()),
            engine: self.engine,
            charter: charter(self.engine),
        };
        let is_archive = std::fs::read(dump).unwrap().starts_with(b"PGDMP");
        let mut command = match (self.engine, is_archive) {
            (Engine::Postgresql, true) => Command::new(postgres_binaries().join("pg_restore")),
            (Engine::Postgresql, false) => Command::new(postgres_binaries().join("psql")),
            _ => self.mariadb("mariadb", name),
        };
        if self.engine == Engine::Postgresql {
            command.arg("--dbname").arg(school.address());
        }
        if self.engine == Engine::Postgresql && !is_archive {
            command.args(["--no-psqlrc", "--set", "ON_ERROR_STOP=1"]);
        }
        command.stdin(std::fs::File::open(dump).unwrap()).stdout(Stdio::null());
        assert!(command.status().unwrap().success(), "{name}");
        school
    }

    fn mariadb(&self, program: &str, database: &str) -> Command {
        let address = self.address();
        let (_, socket) = address.split_once("?socket=").unwrap();
        let mut command = Command::new(program);
        command
            .args(["--no-defaults", "-u", "root"])
            .arg(format!("--socket={socket}"));
        command.arg(database);
        command
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.top.join(name)
    }

    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    pub(crate) fn address(&self) -> String {
        match &self.server {
            Some(server) => match &self.restored {
                Some(name) => (server.address())
                    .replace("dbname=postgres", &format!("dbname={name}"))
                    .replace("/school?", &format!("/{name}?")),
                None => server.address(),
            },
            None => self.path("app.sqlite3").display().to_string(),
        }
    }

    pub(crate) fn execute(&self, sql: &str) {
        match &self.server {
            Some(_) if self.restored.is_some() => {
                let mut database = self.database();
                for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
                    database.change(statement, &[]).unwrap();
                }
            }
            Some(server) => server.execute(sql),
            None => {
                let connection = rusqlite::Connection::open(self.path("app.sqlite3")).unwrap();
                connection.pragma_update(None, "journal_mode", "wal").unwrap();
                connection.execute_batch(sql).unwrap();
                // The write-ahead log stays, as with a program that is still running.
                std::mem::forget(connection);
            }
        }
    }

    fn put_files(&self, person: u32) {
        let uploads = self.path(&format!("files/uploads/{person}/pictures"));
        std::fs::create_dir_all(&uploads).unwrap();
        std::fs::create_dir_all(self.path("files/exports")).unwrap();
        let text = format!("a story of {}", email(person));
        std::fs::write(uploads.join("story.txt"), &text).unwrap();
        std::fs::write(
            self.path(&format!("files/exports/{person}.json")),
            format!("{{\"mail\": \"{text}\"}}"),
        )
        .unwrap();
    }

    pub(crate) fn stores(&self) -> Vec<Opened> {
        let open = |store: &averment_register::Store| match store.engine {
            Engine::Files => open_store(store, self.path("files").to_str().unwrap(), &[]),
            _ => open_store(store, &self.address(), &[]),
        };
        self.charter
            .content()
            .data
            .values()
            .map(|store| open(store).unwrap())
            .collect()
    }

    pub(crate) fn database(&self) -> Box<dyn Database> {
        open(self.engine, &self.address(), &[]).unwrap()
    }

    pub(crate) fn keys(&self) -> Keys {
        let (_, keys) = DataFolder::open_unlocked(&self.path("data"), &self.path("keys")).unwrap();
        keys
    }

    /// Every row of every table, as text, in order.
    pub(crate) fn rows(&self) -> BTreeMap<String, Vec<Vec<Option<String>>>> {
        let mut database = self.database();
        let (dialect, schema) = (database.dialect(), database.schema().unwrap());
        let mut all = BTreeMap::new();
        for table in &schema.tables {
            let columns: Vec<String> = table
                .columns
                .iter()
                .map(|column| dialect.as_text(&dialect.name(&column.name), column))
                .collect();
            let sql = format!("select {} from {}", columns.join(", "), dialect.table(&table.name));
            let mut rows = database.all(&sql, &[]).unwrap();
            rows.sort();
            all.insert(table.name.clone(), rows);
        }
        all
    }

    /// Files that hold something of the canary: of the store's own, what it dumps, and the files beside.
    pub(crate) fn canaries(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        if self.server.is_some() {
            found.extend(holds(&self.dump(false)).then(|| "dump".to_owned()));
        }
        let mut folders = vec![self.top().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if holds(&std::fs::read(&path).unwrap()) || holds(path.to_str().unwrap().as_bytes()) {
                    found.insert(path.strip_prefix(self.top()).unwrap().display().to_string());
                }
            }
        }
        found
    }
}

fn holds(bytes: &[u8]) -> bool {
    let has = |needle: &[u8]| {
        bytes
            .windows(needle.len())
            .any(|window| window.eq_ignore_ascii_case(needle))
    };
    // Bytes are dumped as hexadecimal digits.
    has(b"canary") || has(b"63616e617279") || has(b"+46701234567")
}

pub(crate) fn charter(engine: Engine) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", MAP.replace("ENGINE", engine.as_str()));
    source.insert("data/uploads.toml", FILES);
    source.insert("claims/list.toml", CLAIMS);
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn tables(engine: Engine) -> String {
    let bytes = if engine == Engine::Postgresql { "bytea" } else { "blob" };
    TABLES.replace("BYTES", bytes)
}

pub(crate) fn email(person: u32) -> String {
    match person {
        7 => "canary.finch@birch.example".to_owned(),
        other => format!("member{other}@birch.example"),
    }
}

fn called(person: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "Ada Lund",
        "Bo Ek",
        "Cleo Falk",
        "Dag Holm",
        "Eva Ring",
        "Finn Moe",
        "Canary Finch",
        "Greta Dahl",
        "Hugo Berg",
        "Ida Sten",
        "Jon Ask",
        "Kim Lilja",
    ];
    NAMES[person as usize - 1]
}

/// Rows that every person has, in the order in which they can be put in.
pub(crate) fn rows(person: u32, engine: Engine) -> String {
    let (email, called) = (email(person), called(person));
    let word = if person == 7 { "canary" } else { "member" };
    let phone = if person == 7 {
        "+46701234567".to_owned()
    } else {
        format!("+4670765432{}", person % 10)
    };
    let picture: String = format!("{word} picture")
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let picture = match engine {
        Engine::Postgresql => format!("'\\x{picture}'"),
        _ => format!("x'{picture}'"),
    };
    format!(
        "insert into users values ({person}, '{email}', '{word}user{person}', '{called}', '2012-02-28', '{phone}', {picture}, null, null);
         insert into classes values ({person}, {person}, 'Class {person}');
         insert into enrolments values ({person}, {person}, '{word} sits in front');
         insert into projects values ({person}, {person}, '{word} project');
         update users set featured_id = {person} where id = {person};
         insert into comments values ({person}, {person}, {person}, null, '{word} begins');
         insert into comments values (10{person}, {person}, {person}, {person}, '{word} answers');
         insert into reactions values ({person}, {person}, 'star');
         insert into activity values ({person}, '{word} signed in', 'monday'), ({person}, '{word} signed in', 'monday');
         insert into invoices values ({person}, {person}, '{called}', '2025-01-31', 12);
         insert into newsletter values ('{email}', '2025-01-01');
         insert into outbox values ({person}, {person}, '{{\"to\": \"{email}\", \"name\": \"{called}\"}}');
         insert into audit values ({person}, {person}, 'changed by {called}');
         insert into sessions values ('{word}-token-{person}', {person});\n"
    )
}

/// Rows between people.
fn between(engine: Engine) -> String {
    _ = engine;
    "insert into friendships values (1, 2), (2, 7), (7, 3);
     insert into messages values (1, 1, 7, 'from one to the other'), (2, 7, 1, 'canary wrote this'), (3, 2, 3, 'between others');
     insert into comments values (301, 7, 2, null, 'by another below the project');
     insert into comments values (302, 1, 2, null, 'by another'), (303, 1, 7, 302, 'canary answers'), (304, 1, 3, 303, 'and another');
     insert into reactions values (301, 3, 'heart'), (302, 7, 'heart'), (303, 2, 'star');
     update users set featured_id = 7 where id = 5;
     insert into enrolments values (1, 7, 'canary');\n"
        .to_owned()
}
