//! Objects of a person, and rows that only an address leads to, are in their archive.

use std::io::{Read as _, Write};
use std::path::Path;

use averment_duties::connect::{Database, open};
use averment_duties::export::{Masked, Summary, Task};
use averment_duties::objects::s3::{Access, Bucket};
use averment_duties::objects::{Copied, Files, Listed, ObjectError, Objects};
use averment_duties::retain::Stores;
use averment_register::{Charter, Engine, Source, Store, compile};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::moto::Moto;

/// `app.sqlite3` and `files` in a folder, and a bucket.
struct Kept<'a>(&'a Path, Option<&'a Moto>);

impl Stores for Kept<'_> {
    fn open(&self, _: &Store) -> Result<Box<dyn Database>, String> {
        let file = self.0.join("app.sqlite3");
        open(Engine::Sqlite, file.to_str().unwrap(), &[]).map_err(|error| error.to_string())
    }

    fn objects(&self, store: &Store) -> Result<Box<dyn Objects>, String> {
        if store.engine == Engine::S3 {
            return Ok(Box::new(self.1.ok_or("no bucket")?.bucket("uploads")));
        }
        Ok(Box::new(
            Files::open(&self.0.join("files")).map_err(|error| error.to_string())?,
        ))
    }
}

fn charter(data: &[(&str, &str)]) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    for (name, text) in data {
        source.insert(format!("data/{name}.toml"), *text);
    }
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn execute(folder: &Path, sql: &str) {
    let file = folder.join("app.sqlite3");
    rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

/// Writes the archive of a person; on record when `announced`.
fn export(
    charter: &Charter,
    stores: &Kept<'_>,
    number: &str,
    resume: bool,
    announced: bool,
) -> Result<Summary, String> {
    let out = stores.0.join(format!("{number}.zip"));
    let announce = |_: [u8; 32], _: u64| match announced {
        true => Ok(()),
        false => Err("the ledger cannot be written".to_owned()),
    };
    let task = task(charter, stores, number, &announce);
    task.write(&out, resume).map_err(|error| error.to_string())
}

fn export_from(charter: &Charter, stores: &dyn Stores, folder: &Path, number: &str) -> Result<Summary, String> {
    let out = folder.join(format!("{number}.zip"));
    let task = task(charter, stores, number, &|_, _| Ok(()));
    task.write(&out, false).map_err(|error| error.to_string())
}

fn task<'a>(
    charter: &'a Charter,
    stores: &'a dyn Stores,
    number: &'a str,
    announce: &'a dyn Fn([u8; 32], u64) -> Result<(), String>,
) -> Task<'a> {
    Task {
        charter,
        stores,
        number,
        is_known: true,
        mask: &|text| Masked {
            text: Some(text.to_owned()),
            others: 0,
        },
        recipients: &[],
        announce,
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
    }
}

struct Archive(zip::ZipArchive<std::fs::File>);

impl Archive {
    fn of(folder: &Path, number: &str) -> Self {
        let file = std::fs::File::open(folder.join(format!("{number}.zip"))).unwrap();
        Self(zip::ZipArchive::new(file).unwrap())
    }

    fn bytes(&mut self, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.0.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn data(&mut self) -> Value {
        let schema: Value = serde_json::from_slice(&self.bytes("data.schema.json")).unwrap();
        let data: Value = serde_json::from_slice(&self.bytes("data.json")).unwrap();
        let schema = jsonschema::JSONSchema::compile(&schema).unwrap();
        assert!(schema.is_valid(&data), "{data:#}");
        data
    }

    /// Store and name of each object; its bytes are as large, and have the digest, that is said.
    fn objects(&mut self) -> Vec<String> {
        let files = self.data()["files"].as_array().unwrap().clone();
        let mut names = Vec::new();
        for file in files {
            let bytes = self.bytes(file["file"].as_str().unwrap());
            assert_eq!(file["bytes"], bytes.len());
            let digest: String = (Sha256::digest(&bytes).iter())
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(file["sha256"], digest);
            names.push(format!(
                "{} {}",
                file["store"].as_str().unwrap(),
                file["name"].as_str().unwrap()
            ));
        }
        names
    }
}

const APP: &str = r#"
store = "app"
engine = "sqlite"

[[tables]]
table = "pupils"
key = "id"
columns.id = { element = "account.id" }
columns.email = { element = "contact.email" }
columns.parent = { element = "guardian.email" }

[[tables]]
table = "newsletter"
key = "address"
columns.address = { element = "contact.email" }
columns.since = { none = "day" }

[[tables]]
table = "letters"
key = "parent"
columns.id = { none = "number" }
columns.parent = { element = "guardian.email" }
columns.words = { holds = "free_text" }

[[tables]]
table = "invitations"
belongs_to = { by = "pupils.email" }
others = { whom = "newsletter.address" }
columns.id = { none = "number" }
columns.by = { element = "contact.email" }
columns.whom = { element = "contact.email" }
"#;

const ROWS: &str = "
create table pupils (id text primary key, email text, parent text);
create table newsletter (address text primary key, since text);
create table letters (id integer primary key, parent text, words text);
create table invitations (id integer primary key, by text, whom text);
insert into pupils values ('1', 'one@birch.example', 'p@birch.example'), ('2', 'two@birch.example', 'p@birch.example'),
  ('3', null, 'q@birch.example'), ('7', 'seven@birch.example', null), ('7-12', 'other@birch.example', null);
insert into newsletter values ('one@birch.example', '2025'), ('two@birch.example', '2026'), ('who@birch.example', '2024');
insert into letters values (1, 'p@birch.example', 'of either'), (2, 'q@birch.example', 'of the third');
insert into invitations values (1, 'one@birch.example', 'two@birch.example'), (2, 'two@birch.example', 'one@birch.example');";

fn rows(data: &Value, table: &str, whose: &str) -> Vec<Value> {
    let tables = data["tables"].as_array().unwrap().iter();
    let of = tables.filter(|one| one["table"] == table && one["whose"] == whose);
    of.flat_map(|one| one["rows"].as_array().unwrap().clone()).collect()
}

#[test]
fn rows_that_only_an_address_leads_to_are_in_the_archive() {
    let dir = tempfile::tempdir().unwrap();
    execute(dir.path(), ROWS);
    let (charter, stores) = (charter(&[("app", APP)]), Kept(dir.path(), None));
    let summary = export(&charter, &stores, "1", false, true).unwrap();
    let data = Archive::of(dir.path(), "1").data();
    let newsletter = rows(&data, "newsletter", "own");
    assert_eq!(
        newsletter,
        [serde_json::json!({"address": "one@birch.example", "since": "2025"})]
    );
    assert_eq!(rows(&data, "invitations", "own").len(), 1);
    let named = rows(&data, "invitations", "named");
    assert_eq!(
        (&named[0]["whom"], &named[0]["by"]),
        (&"one@birch.example".into(), &"somebody else".into())
    );
    // Both of the household are known by that address: nobody can say whose the letter is.
    assert_eq!(rows(&data, "letters", "own"), Vec::<Value>::new());
    let told = "1 rows of `letters` are found only by something that others are known by as well";
    assert_eq!(summary.not_reached, [("app".to_owned(), told.to_owned())]);
    // Who has no address is in no newsletter, and nothing is missing.
    let summary = export(&charter, &stores, "3", false, true).unwrap();
    assert_eq!(summary.not_reached, []);
    let data = Archive::of(dir.path(), "3").data();
    assert_eq!(rows(&data, "letters", "own")[0]["words"], "of the third");
    assert_eq!(rows(&data, "newsletter", "own").len(), 0);
}

#[test]
fn where_nothing_tells_an_address_the_archive_says_so() {
    let dir = tempfile::tempdir().unwrap();
    execute(
        dir.path(),
        "create table pupils (id text primary key); create table newsletter (address text primary key);
         insert into pupils values ('1'); insert into newsletter values ('one@birch.example')",
    );
    let app = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"pupils\"\nkey = \"id\"\n\
               columns.id = { element = \"account.id\" }\n[[tables]]\ntable = \"newsletter\"\nkey = \"address\"\n\
               columns.address = { element = \"contact.email\" }\n";
    let summary = export(&charter(&[("app", app)]), &Kept(dir.path(), None), "1", false, true).unwrap();
    let told = "nothing tells by what the rows of `newsletter` name the person";
    assert_eq!(summary.not_reached, [("app".to_owned(), told.to_owned())]);
}

const UPLOADS: &str = r#"
store = "uploads"
engine = "ENGINE"

[[tables]]
prefix = "up/{user}-"
key = "user"
elements = ["content.project"]

[[tables]]
prefix = "mail/{address}/"
key = "address"
columns.address = { element = "contact.email" }
elements = ["content.project"]

[[tables]]
prefix = "tokens/{user}/"
key = "user"
elements = ["account.session_token"]

[[tables]]
prefix = "class/"
elements = ["content.project"]
"#;

/// What each object holds: larger than what is read at a time.
fn content(name: &str) -> Vec<u8> {
    let line = format!("{name} is a drawing, and long\n");
    line.repeat(7000).into_bytes()
}

const NAMES: [&str; 7] = [
    "up/7-a.png",
    "up/7-12-x.png",
    "up/71-a.png",
    "mail/seven@birch.example/letter.txt",
    "mail/one@birch.example/letter.txt",
    "tokens/7/key",
    "class/all.png",
];

fn in_the_archive(engine: &str, put: &dyn Fn(&Path, &str), moto: Option<&Moto>) -> Vec<(String, String)> {
    let dir = tempfile::tempdir().unwrap();
    execute(dir.path(), ROWS);
    NAMES.iter().for_each(|name| put(dir.path(), name));
    let uploads = UPLOADS.replace("ENGINE", engine);
    let (charter, stores) = (charter(&[("app", APP), ("uploads", &uploads)]), Kept(dir.path(), moto));
    let summary = export(&charter, &stores, "7", false, true).unwrap();
    let mut archive = Archive::of(dir.path(), "7");
    assert_eq!(
        archive.objects(),
        ["uploads mail/seven@birch.example/letter.txt", "uploads up/7-a.png"]
    );
    assert_eq!((summary.files, archive.0.len()), (2, 5));
    assert_eq!(summary.secrets, ["uploads.tokens/{user}/"]);
    let page = String::from_utf8(archive.bytes("index.html")).unwrap();
    assert!(page.contains("up/7-a.png"), "{page}");
    summary.not_reached
}

#[test]
fn objects_of_a_bucket_are_in_the_archive() {
    let moto = Moto::start();
    moto.make("uploads");
    let bucket = moto.bucket("uploads");
    let told = in_the_archive("s3", &|_, name| bucket.put(name, content(name)).unwrap(), Some(&moto));
    assert_eq!(
        told.iter().map(|(_, because)| because.as_str()).collect::<Vec<_>>(),
        [
            "nothing says whose the objects under `class/` are",
            "1 names of files can be read as those of somebody else, too"
        ]
    );
}

#[test]
fn objects_of_a_folder_are_in_the_archive_and_links_are_not() {
    let put = |folder: &Path, name: &str| {
        let path = folder.join("files").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content(name)).unwrap();
        if name == "up/7-a.png" {
            std::os::unix::fs::symlink("/etc/hostname", path.with_file_name("7-b.png")).unwrap();
        }
    };
    let told = in_the_archive("files", &put, None);
    assert_eq!(told.last().unwrap().1, "1 names are links, which are not followed");
}

const AVATARS: &str = "store = \"uploads\"\nengine = \"files\"\n[[tables]]\nprefix = \"avatars/{user}\"\nkey = \"user\"\n\
                       columns.user = { element = \"account.username\" }\nelements = [\"content.project\"]\n";

fn put(folder: &Path, name: &str) {
    let path = folder.join("files").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content(name)).unwrap();
}

#[test]
fn a_name_that_may_be_that_of_somebody_else_is_left_out_whatever_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let rows = "create table pupils (id text primary key, name text);
        insert into pupils values ('1', 'ann'), ('2', 'Ann.Lee'), ('3', 'bo')";
    execute(dir.path(), rows);
    for name in ["avatars/ann.png", "avatars/ann.lee.png", "avatars/bo.old.png"] {
        put(dir.path(), name);
    }
    let app = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"pupils\"\nkey = \"id\"\n\
               columns.id = { element = \"account.id\" }\ncolumns.name = { element = \"account.username\" }\n";
    let (charter, stores) = (charter(&[("app", app), ("uploads", AVATARS)]), Kept(dir.path(), None));
    let summary = export(&charter, &stores, "1", false, true).unwrap();
    assert_eq!(Archive::of(dir.path(), "1").objects(), ["uploads avatars/ann.png"]);
    let told = "1 names of files can be read as those of somebody else, too";
    assert_eq!(summary.not_reached, [("uploads".to_owned(), told.to_owned())]);
    let summary = export(&charter, &stores, "3", false, true).unwrap();
    assert_eq!(Archive::of(dir.path(), "3").objects(), ["uploads avatars/bo.old.png"]);
    assert_eq!(summary.not_reached, []);
}

/// Prefixes within a wider one.
const NESTED: &str = r#"
store = "uploads"
engine = "files"

[[tables]]
prefix = "up/{user}/"
key = "user"
elements = ["content.project"]

[[tables]]
prefix = "up/{user}/tokens/"
key = "user"
elements = ["account.session_token"]

[[tables]]
prefix = "up/{folder}/{user}-"
key = "user"
elements = ["content.project"]
"#;

#[test]
fn a_prefix_of_secrets_within_a_wider_one_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    execute(dir.path(), ROWS);
    for name in ["up/7/a.png", "up/7/tokens/key", "up/7/7-12-x.png"] {
        put(dir.path(), name);
    }
    let (charter, stores) = (charter(&[("app", APP), ("uploads", NESTED)]), Kept(dir.path(), None));
    let summary = export(&charter, &stores, "7", false, true).unwrap();
    assert_eq!(Archive::of(dir.path(), "7").objects(), ["uploads up/7/a.png"]);
    assert_eq!(summary.secrets, ["uploads.up/{user}/tokens/"]);
    // By the second row `7-12` may be whose it is, whatever the first says.
    let told = "1 names of files can be read as those of somebody else, too";
    assert_eq!(summary.not_reached, [("uploads".to_owned(), told.to_owned())]);
}

/// Objects of which one, or from one on the whole store, cannot be read.
struct Failing<'a> {
    kept: Kept<'a>,
    whole_store: bool,
}

struct Broken {
    files: Files,
    whole_store: bool,
}

impl Objects for Broken {
    fn details(&mut self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        self.files.details(prefix)
    }

    fn stat(&mut self, listed: &Listed) -> Result<Option<Timestamp>, ObjectError> {
        self.files.stat(listed)
    }

    fn copy(&mut self, name: &str, bytes_max: u64, out: &mut dyn Write) -> Result<Copied, ObjectError> {
        let (place, source) = (self.place(), std::io::Error::other("broken"));
        match name.ends_with("/7-b.png") {
            true if self.whole_store => Err(ObjectError::Store { place, source }),
            true => {
                out.write_all(b"half").unwrap();
                Err(ObjectError::Object { place, source })
            }
            false => self.files.copy(name, bytes_max, out),
        }
    }

    fn place(&self) -> String {
        self.files.place()
    }

    fn delete(&mut self, _: &str) -> Result<bool, ObjectError> {
        unreachable!("nothing is removed")
    }
}

impl Stores for Failing<'_> {
    fn open(&self, store: &Store) -> Result<Box<dyn Database>, String> {
        self.kept.open(store)
    }

    fn objects(&self, _: &Store) -> Result<Box<dyn Objects>, String> {
        let files = Files::open(&self.kept.0.join("files")).map_err(|error| error.to_string())?;
        let whole_store = self.whole_store;
        Ok(Box::new(Broken { files, whole_store }))
    }
}

#[test]
fn one_object_that_cannot_be_read_is_told_and_a_store_that_is_lost_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    execute(dir.path(), ROWS);
    for name in ["up/7-a.png", "up/7-b.png", "up/7-c.png"] {
        put(dir.path(), name);
    }
    let uploads = UPLOADS.replace("ENGINE", "files");
    let charter = charter(&[("app", APP), ("uploads", &uploads)]);
    let export = |whole_store: bool| {
        let kept = Kept(dir.path(), None);
        export_from(&charter, &Failing { kept, whole_store }, dir.path(), "7")
    };
    assert!(export(true).unwrap_err().contains("uploads"));
    let summary = export(false).unwrap();
    let told = ("uploads".to_owned(), "1 objects cannot be read".to_owned());
    assert!(summary.not_reached.contains(&told), "{summary:?}");
    assert_eq!(
        Archive::of(dir.path(), "7").objects(),
        ["uploads up/7-a.png", "uploads up/7-c.png"]
    );
}

#[test]
fn a_bucket_that_refuses_one_object_has_lost_only_that() {
    let address = crate::site::serve(|_| crate::site::Reply::status(403));
    let mut bucket = refusing(address.port());
    let refused = bucket.copy("up/7", 100, &mut Vec::new());
    let Err(ObjectError::Object { source, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(source.to_string().contains("403"));
    let mut gone = refusing(1);
    let lost = gone.copy("up/7", 100, &mut Vec::new());
    assert!(matches!(lost, Err(ObjectError::Store { .. })), "{lost:?}");
}

fn refusing(port: u16) -> Box<dyn Objects> {
    let access = Access {
        endpoint: format!("http://127.0.0.1:{port}"),
        bucket: "kept".to_owned(),
        region: "eu-central-1".to_owned(),
        key_id: "key".to_owned(),
        secret: "secret".to_owned(),
        token: None,
    };
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    Box::new(Bucket::new(access, &[], move || now).unwrap())
}

#[test]
fn an_object_that_was_read_is_not_asked_for_again() {
    let (dir, moto) = (tempfile::tempdir().unwrap(), Moto::start());
    moto.make("uploads");
    let bucket = moto.bucket("uploads");
    execute(dir.path(), ROWS);
    for name in ["up/7-a.png", "up/7-b.png"] {
        bucket.put(name, content(name)).unwrap();
    }
    let uploads = UPLOADS.replace("ENGINE", "s3");
    let (charter, stores) = (
        charter(&[("app", APP), ("uploads", &uploads)]),
        Kept(dir.path(), Some(&moto)),
    );
    assert!(export(&charter, &stores, "7", false, false).is_err());
    let part = dir.path().join("7.zip.part");
    let spooled = |ending: &str| {
        let names = std::fs::read_dir(&part).unwrap().map(|entry| entry.unwrap().path());
        let mut names: Vec<_> = names.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
        names.sort();
        names
    };
    // As if it had been killed within the second.
    assert_eq!(spooled(".object").len(), 2);
    let second = spooled(".object").pop().unwrap();
    std::fs::write(second.with_extension("object.draft"), "half").unwrap();
    std::fs::remove_file(&second).unwrap();
    // What was read is not read again, whatever became of it since.
    for name in ["up/7-a.png", "up/7-b.png"] {
        bucket.put(name, b"written since".to_vec()).unwrap();
    }
    export(&charter, &stores, "7", true, true).unwrap();
    let mut archive = Archive::of(dir.path(), "7");
    assert_eq!(archive.objects(), ["uploads up/7-a.png", "uploads up/7-b.png"]);
    let a = archive.bytes("files/00001-7-a.png") == content("up/7-a.png");
    let b = archive.bytes("files/00002-7-b.png") == content("up/7-b.png");
    assert!(a != b, "one of the two was there whole");
    // Another run begins anew, and a bucket that does not answer is told.
    drop(moto);
    let summary = export(&charter, &Kept(dir.path(), None), "1", false, true).unwrap();
    assert!(
        summary
            .not_reached
            .contains(&("uploads".to_owned(), "no bucket".to_owned())),
        "{summary:?}"
    );
}
