//! Everything about one person and nothing about another, held against a reader that knows nothing of SQL.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use averment_duties::connect::{Database, open};
use averment_duties::export::{Masked, Received, SOMEBODY_ELSE, Summary, Task};
use averment_duties::objects::{Files, Objects};
use averment_duties::retain::Stores;
use averment_register::{Charter, Engine, Source, Store, compile};
use serde_json::Value;

use crate::servers::Server;

const MAP: &str = r#"
store = "app"
engine = "ENGINE"

[[tables]]
table = "users"
key = "id"
columns.id = { element = "account.id" }
columns.name = { element = "identity.name.full" }
columns.shown = { element = "identity.name.full" }
columns.hash = { element = "account.password_hash", holds = "secret" }
columns.made = { none = "when" }

[[tables]]
table = "projects"
belongs_to = { user_id = "users.id" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "account.id" }
columns.title = { element = "content.project", holds = "free_text" }

[[tables]]
table = "files"
belongs_to = { project_id = "projects.id" }
columns.id = { none = "number of the row" }
columns.project_id = { none = "which project" }
columns.label = { element = "content.project", holds = "free_text" }

[[tables]]
table = "messages"
belongs_to = { sender_id = "users.id" }
others = { recipient_id = "users.id" }
times = { collection = "sent" }
columns.id = { none = "number of the row" }
columns.sender_id = { element = "account.id" }
columns.recipient_id = { element = "account.id" }
columns.body = { element = "comms.message_peer", holds = "free_text" }
columns.sent = { none = "when" }
"#;

const FILES: &str = r#"
store = "uploads"
engine = "files"

[[tables]]
prefix = "uploads/{user}/"
key = "user"
elements = ["content.project"]
"#;

const PEOPLE: u64 = 12;

struct World {
    projects: Vec<(u64, u64)>,
    files: Vec<(u64, u64)>,
    messages: Vec<(u64, u64, u64)>,
}

/// Numbers that look random, the same in every run.
fn dice(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |sides| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let mut throw = dice(seed);
        let projects: Vec<(u64, u64)> = (1..60).map(|id| (id, 1 + throw(PEOPLE))).collect();
        let files = (1..100).map(|id| (id, 1 + throw(59))).collect();
        let messages = (1..150).map(|id| (id, 1 + throw(PEOPLE), 1 + throw(PEOPLE))).collect();
        Self {
            projects,
            files,
            messages,
        }
    }

    /// Every text of a person holds their mark; a title may name another.
    fn sql(&self, engine: Engine) -> String {
        let time = if engine == Engine::Postgresql {
            "timestamptz"
        } else {
            "datetime"
        };
        let mut sql = format!(
            "create table users (id bigint primary key, name varchar(80), shown varchar(80), hash varchar(80), made {time});
             create table projects (id bigint primary key, user_id bigint references users (id), title varchar(200));
             create table files (id bigint primary key, project_id bigint, label varchar(200));
             create table messages (id bigint primary key, sender_id bigint, recipient_id bigint, body varchar(200), sent {time});\n"
        );
        for id in 1..=PEOPLE {
            sql.push_str(&format!(
                "insert into users values ({id}, 'name<of>{id};', 'name<of>{id};', 'secret-{id};', '2026-03-01 10:00:00');\n"
            ));
        }
        for (id, user) in &self.projects {
            sql.push_str(&format!(
                "insert into projects values ({id}, {user}, 'title of {user}; with BYSTANDER');\n"
            ));
        }
        for (id, project) in &self.files {
            let user = self.owner(*project);
            sql.push_str(&format!(
                "insert into files values ({id}, {project}, 'label of {user};');\n"
            ));
        }
        for (id, sender, recipient) in &self.messages {
            sql.push_str(&format!(
                "insert into messages values ({id}, {sender}, {recipient}, 'body of {sender};', '2026-03-01 10:00:00');\n"
            ));
        }
        sql
    }

    fn owner(&self, project: u64) -> u64 {
        self.projects[usize::try_from(project).unwrap() - 1].1
    }

    fn own(&self, table: &str, person: u64) -> BTreeSet<u64> {
        match table {
            "users" => BTreeSet::from([person]),
            "projects" => self
                .projects
                .iter()
                .filter(|row| row.1 == person)
                .map(|row| row.0)
                .collect(),
            "files" => self
                .files
                .iter()
                .filter(|row| self.owner(row.1) == person)
                .map(|row| row.0)
                .collect(),
            _ => self
                .messages
                .iter()
                .filter(|row| row.1 == person)
                .map(|row| row.0)
                .collect(),
        }
    }

    fn received(&self, person: u64) -> BTreeSet<u64> {
        let to_them = self.messages.iter().filter(|row| row.2 == person && row.1 != person);
        to_them.map(|row| row.0).collect()
    }
}

fn charter(engine: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch & <Sons>\"\n");
    source.insert("data/app.toml", MAP.replace("ENGINE", engine));
    source.insert("data/uploads.toml", FILES);
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// A database, and the folder in which `files` is.
struct One<'a>(&'a dyn Fn() -> Box<dyn Database>, &'a Path);

impl Stores for One<'_> {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        Ok((self.0)())
    }

    fn objects(&self, _: &Store) -> Result<Box<dyn Objects>, String> {
        let files = Files::open(&self.1.join("files")).map_err(|error| error.to_string())?;
        Ok(Box::new(files))
    }
}

fn mask(text: &str) -> Masked {
    let others = text.matches("BYSTANDER").count() as u64;
    Masked {
        text: Some(text.replace("BYSTANDER", SOMEBODY_ELSE)),
        others,
    }
}

struct Archive {
    data: Value,
    page: String,
    whole: String,
    names: Vec<String>,
}

fn read(path: &Path) -> Archive {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut text = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let (data, page, schema) = (text("data.json"), text("index.html"), text("data.schema.json"));
    let value: Value = serde_json::from_str(&data).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::JSONSchema::compile(&schema).unwrap();
    let errors: Vec<String> = schema
        .validate(&value)
        .err()
        .into_iter()
        .flatten()
        .map(|error| format!("{} at {}", error, error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    Archive {
        data: value,
        whole: format!("{data}{page}"),
        page,
        names,
    }
}

impl Archive {
    fn rows(&self, table: &str, whose: &str) -> Vec<&Value> {
        let tables = self.data["tables"].as_array().unwrap();
        let mut of = tables
            .iter()
            .filter(|one| one["table"] == table && one["whose"] == whose);
        of.next()
            .map_or_else(Vec::new, |one| one["rows"].as_array().unwrap().iter().collect())
    }

    fn ids(&self, table: &str, whose: &str) -> BTreeSet<u64> {
        self.rows(table, whose)
            .iter()
            .map(|row| row["id"].as_u64().unwrap())
            .collect()
    }
}

/// Writes the archive of a person beside the uploads.
fn export(charter: &Charter, stores: &One<'_>, person: u64, folder: &Path, resume: bool) -> Result<Summary, String> {
    let number = person.to_string();
    let recipients = [Received {
        recipient: "desk <b>".to_owned(),
        elements: vec!["contact.email".to_owned()],
        times: 2,
        first: "2026-01-01T00:00:00Z".to_owned(),
        last: "2026-02-01T00:00:00Z".to_owned(),
        basis: vec!["ferpa.school_official".to_owned()],
    }];
    let task = Task {
        charter,
        stores,
        number: &number,
        is_known: true,
        mask: &mask,
        recipients: &recipients,
        announce: &|_, _| Ok(()),
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
    };
    task.write(&folder.join(format!("{person}.zip")), resume)
        .map_err(|error| error.to_string())
}

fn uploads(folder: &Path) {
    for person in 1..=PEOPLE {
        let folder = folder.join(format!("files/uploads/{person}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("draw<ing>.txt"), format!("upload of {person};")).unwrap();
    }
}

fn everything_and_nothing_else(engine: Engine, world: &World, connect: &dyn Fn() -> Box<dyn Database>) {
    let dir = tempfile::tempdir().unwrap();
    uploads(dir.path());
    let charter = charter(engine.as_str());
    let stores = One(connect, dir.path());
    for person in [1, 2, 11, 12] {
        let summary = export(&charter, &stores, person, dir.path(), false).unwrap();
        assert!(summary.not_reached.is_empty(), "{summary:?}");
        let archive = read(&dir.path().join(format!("{person}.zip")));
        for table in ["users", "projects", "files", "messages"] {
            assert_eq!(
                archive.ids(table, "own"),
                world.own(table, person),
                "{table} of {person}"
            );
        }
        assert_eq!(archive.ids("messages", "named"), world.received(person));
        for other in (1..=PEOPLE).filter(|other| *other != person) {
            for of in [
                "name<of>",
                "name&lt;of&gt;",
                "title of ",
                "label of ",
                "body of ",
                "secret-",
            ] {
                assert!(
                    !archive.whole.contains(&format!("{of}{other};")),
                    "{of}{other} in the archive of {person}"
                );
            }
        }
        assert!(!archive.whole.contains("secret-") && !archive.whole.contains("BYSTANDER"));
        assert_eq!(summary.masked_in_texts, world.own("projects", person).len() as u64);
        for row in archive.rows("messages", "own") {
            let to_self = row["recipient_id"] == person;
            assert!(to_self || row["recipient_id"] == SOMEBODY_ELSE, "{row}");
        }
        for row in archive.rows("messages", "named") {
            assert_eq!(
                (&row["sender_id"], &row["body"]),
                (&SOMEBODY_ELSE.into(), &SOMEBODY_ELSE.into())
            );
            assert_eq!(row["recipient_id"], person);
        }
        let files: Vec<&String> = archive.names.iter().filter(|name| name.starts_with("files/")).collect();
        assert_eq!(files, ["files/00001-draw_ing_.txt"]);
        assert!(archive.page.contains(&format!("name&lt;of&gt;{person};")) && archive.page.contains("desk &lt;b&gt;"));
        for column in ["name", "shown"] {
            let told = format!(" <span class=\"note\">({column})</span></th>");
            assert_eq!(archive.page.matches(&told).count(), 1, "two columns have one label");
        }
        assert!(!archive.page.contains("(body)"), "one that nothing else is called");
        assert!(!archive.page.contains("<script") && !archive.page.contains("<b>") && !archive.page.contains("<of>"));
    }
}

fn sqlite(dir: &Path, world: &World) -> std::path::PathBuf {
    let file = dir.join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch(&format!("begin; {} commit;", world.sql(Engine::Sqlite)))
        .unwrap();
    file
}

#[test]
fn an_archive_from_sqlite_holds_everything_of_one_person() {
    for seed in 1..6 {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new(seed));
        let file = sqlite(dir.path(), &world);
        everything_and_nothing_else(Engine::Sqlite, &world, &|| {
            open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap()
        });
    }
}

#[test]
fn an_archive_from_postgresql_holds_everything_of_one_person() {
    let (server, world) = (Server::postgres(), World::new(21));
    server.execute(&world.sql(Engine::Postgresql));
    everything_and_nothing_else(Engine::Postgresql, &world, &|| {
        open(Engine::Postgresql, &server.address(), &[]).unwrap()
    });
}

#[test]
fn an_archive_from_mariadb_holds_everything_of_one_person() {
    let (server, world) = (Server::mariadb(), World::new(22));
    server.execute(&world.sql(Engine::Mariadb));
    everything_and_nothing_else(Engine::Mariadb, &world, &|| {
        open(Engine::Mariadb, &server.address(), &[]).unwrap()
    });
}

#[test]
fn an_export_that_was_broken_off_goes_on_and_is_there_whole_or_not_at_all() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, world) = (tempfile::tempdir().unwrap(), World::new(3));
    uploads(dir.path());
    let file = sqlite(dir.path(), &world);
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let charter = charter("sqlite");
    let out = dir.path().join("1.zip");
    let number = "1".to_owned();
    let refuse = Task {
        charter: &charter,
        stores: &One(&connect, dir.path()),
        number: &number,
        is_known: true,
        mask: &mask,
        recipients: &[],
        announce: &|_, _| Err("the ledger cannot be written".to_owned()),
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
    };
    assert!(refuse.write(&out, false).is_err());
    assert!(!out.exists(), "what is not on record is not given");
    let part = dir.path().join("1.zip.part");
    assert_eq!(std::fs::metadata(&part).unwrap().permissions().mode() & 0o777, 0o700);
    // As if it had been killed within a table.
    std::fs::remove_file(part.join("app.messages.own.rows")).unwrap();
    std::fs::write(part.join("app.messages.own.rows.draft"), "half").unwrap();
    export(&charter, &One(&connect, dir.path()), 1, dir.path(), true).unwrap();
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    let archive = read(&out);
    assert_eq!(archive.ids("messages", "own"), world.own("messages", 1));
    assert!(!part.exists());
    let again = export(&charter, &One(&connect, dir.path()), 1, dir.path(), false).unwrap_err();
    assert!(again.contains("is there already"), "{again}");
    // The folder of somebody else's export is not gone on with.
    std::fs::create_dir(dir.path().join("2.zip.part")).unwrap();
    std::fs::write(dir.path().join("2.zip.part/of"), "another").unwrap();
    std::fs::write(dir.path().join("2.zip.part/app.users.own.rows"), "{}").unwrap();
    export(&charter, &One(&connect, dir.path()), 2, dir.path(), true).unwrap();
    assert_eq!(read(&dir.path().join("2.zip")).ids("users", "own"), BTreeSet::from([2]));
}

#[test]
fn two_exports_to_one_place_do_not_mix_what_is_held_about_two_people() {
    let (dir, world) = (tempfile::tempdir().unwrap(), World::new(3));
    uploads(dir.path());
    let file = sqlite(dir.path(), &world);
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let (charter, stores, out) = (charter("sqlite"), One(&connect, dir.path()), dir.path().join("one.zip"));
    let task = |number, announce| Task {
        charter: &charter,
        stores: &stores,
        number,
        is_known: true,
        mask: &mask,
        recipients: &[],
        announce,
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
    };
    let part = dir.path().join("one.zip.part");
    // Another of the same place begins when everything of the first was read.
    let beside = |_: [u8; 32], _: u64| {
        for resume in [false, true] {
            let refused = task("2", &|_, _| Ok(())).write(&out, resume).unwrap_err();
            let because = std::error::Error::source(&refused).unwrap().to_string();
            assert!(because.contains("another export is at work"), "{because}");
        }
        assert!(part.join("app.users.own.rows").exists(), "the first one's stays");
        Ok(())
    };
    task("1", &beside).write(&out, false).unwrap();
    let archive = read(&out);
    assert_eq!(archive.ids("users", "own"), BTreeSet::from([1]));
    assert!(!archive.whole.contains("name<of>2;") && !part.exists());
    // What somebody else has put there meanwhile is theirs.
    std::fs::remove_file(&out).unwrap();
    let put = |_: [u8; 32], _: u64| std::fs::write(&out, "theirs").map_err(|error| error.to_string());
    assert!(task("1", &put).write(&out, false).is_err());
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "theirs");
}

#[test]
fn a_folder_that_is_not_of_an_export_stays() {
    let (dir, world) = (tempfile::tempdir().unwrap(), World::new(3));
    uploads(dir.path());
    let file = sqlite(dir.path(), &world);
    let connect = || open(Engine::Sqlite, file.to_str().unwrap(), &[]).unwrap();
    let charter = charter("sqlite");
    let part = dir.path().join("1.zip.part");
    std::fs::create_dir(&part).unwrap();
    std::fs::write(part.join("letters.txt"), "of somebody else").unwrap();
    for resume in [false, true] {
        let refused = export(&charter, &One(&connect, dir.path()), 1, dir.path(), resume);
        assert!(refused.is_err(), "resume: {resume}");
    }
    assert!(part.join("letters.txt").exists());
    assert!(!dir.path().join("1.zip").exists());
    // One that is empty is what a kill at the beginning leaves.
    std::fs::remove_file(part.join("letters.txt")).unwrap();
    export(&charter, &One(&connect, dir.path()), 1, dir.path(), false).unwrap();
}
