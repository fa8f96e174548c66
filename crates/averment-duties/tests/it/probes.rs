//! Probes of stores, each with a mistake and without.

use averment_duties::Settings;
use averment_duties::probe::{Probed, Stores, World, run};
use averment_duties::{Secret, SecretError, Secrets};
use averment_register::{Charter, Source, compile};

use crate::people::{directory, nobody};
use crate::servers::Server;

/// Secrets by their names, as a test knows them.
pub(crate) struct Told(pub(crate) Vec<(&'static str, String)>);

impl Secrets for Told {
    fn read(&self, secret: &Secret) -> Result<String, SecretError> {
        let name = secret.env.clone().unwrap_or_default();
        let found = self.0.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, value)| value.clone())
            .ok_or(SecretError(format!("no `{name}`")))
    }
}

pub(crate) fn charter(files: &[(&str, &str)]) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    for (name, text) in files {
        source.insert(*name, *text);
    }
    let compiled = compile(&source);
    let said: Vec<String> = compiled.diagnostics.iter().map(|one| one.render("register")).collect();
    compiled.charter.unwrap_or_else(|| panic!("{}", said.join("\n")))
}

/// What the probes of this name see.
pub(crate) fn probe(charter: &Charter, settings: &str, secrets: &Told, only: &str, known: bool) -> Vec<Probed> {
    let settings = Settings::read(settings).unwrap();
    let directory = if known { directory() } else { nobody() };
    let mut world = World {
        charter,
        settings: &settings,
        directory: &directory,
        secrets,
        stores: Stores::default(),
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
    };
    run(&mut world, &[only.to_owned()])
}

pub(crate) fn of<'a>(all: &'a [Probed], claim: &str) -> &'a Probed {
    let found = all
        .iter()
        .find(|one| one.claim.as_str().ends_with(&format!("/{claim}")));
    found.unwrap_or_else(|| panic!("no `{claim}` in {all:?}"))
}

fn map(engine: &str) -> String {
    format!(
        r#"
store = "app"
engine = "{engine}"

[[tables]]
table = "users"
subjects = ["student", "teacher"]
key = "id"
role = "role"
roles = {{ pupil = "student", staff = "teacher" }}
columns.id = {{ element = "account.id" }}
columns.role = {{ element = "account.role" }}
columns.email = {{ element = "contact.email" }}
columns.email_digest = {{ element = "contact.email_hash" }}
columns.password = {{ element = "account.password", holds = "secret" }}

[[tables]]
table = "views"
subjects = ["viewer"]
none = "pages and how often they were looked at"

[[tables]]
table = "sign_ins"
belongs_to = {{ user_id = "users.id" }}
subjects = ["student", "teacher"]
columns.user_id = {{ element = "account.id" }}
columns.address = {{ element = "tech.ip_address" }}
"#
    )
}

const CLAIMS: &str = r#"
[[claims]]
id = "passwords"
kind = "stored_as"
elements = ["account.password"]
form = "one_way_hash"
sentence = "We store passwords as one-way hashes only."

[[claims]]
id = "pupils-passwords"
kind = "stored_as"
elements = ["account.password"]
subjects = ["student"]
form = "bcrypt"
sentence = "Passwords of students are stored with bcrypt."

[[claims]]
id = "address-digests"
kind = "stored_as"
elements = ["contact.email_hash"]
form = "keyed_hash"
sentence = "Digests of addresses are made with a key."

[[claims]]
id = "no-viewers-addresses"
kind = "not_stored"
elements = ["tech.ip_address"]
subjects = ["viewer"]
sentence = "We do not store the addresses of people who only look."

[[claims]]
id = "no-cards"
kind = "not_stored"
elements = ["finance.payment_card"]
sentence = "We store no card numbers."

[[claims]]
id = "somewhere-else"
kind = "stored_as"
elements = ["edu.grade_level"]
form = "pseudonym"
sentence = "Grades are stored under pseudonyms."
"#;

/// All engines take it.
const TABLES: &str = "
create table users (id integer primary key, role varchar(10), email varchar(80), email_digest varchar(64), password varchar(200));
create table views (page varchar(80), seen integer, detail varchar(200));
create table sign_ins (user_id integer, address varchar(60));
insert into users values
 (1, 'pupil', 'ada@birch.example', 'd1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1',
  '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW'),
 (2, 'staff', 'ines@birch.example', 'e2e1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1',
  'pbkdf2_sha256$260000$seasalt2$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=');
insert into views values ('/gallery', 12, '{\"agent\":\"Firefox\"}'), ('/home', 3, null);
insert into sign_ins values (1, '203.0.113.7');
";

/// Statements that each turn one claim, and which.
const MISTAKES: [(&str, &str, &str); 7] = [
    (
        "passwords",
        "update users set password = 'geheim' where id = 2",
        "column `users.password`: 1 of 2 are clear",
    ),
    (
        "pupils-passwords",
        "update users set password = 'pbkdf2_sha256$260000$seasalt2$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=' where id = 1",
        "1 of 1 have another form",
    ),
    (
        "address-digests",
        // printf ines@birch.example | md5sum
        "update users set email_digest = '0f4a90ea0b8d6d84d9f4c8e7b6a0e8b2' where id = 2",
        "unkeyed MD5",
    ),
    (
        "no-viewers-addresses",
        "update views set detail = '{\"ip\":\"198.51.100.23\"}' where seen = 3",
        "column `views.detail`: `tech.ip_address` in 1 values",
    ),
    (
        "no-viewers-addresses",
        "update views set page = '/gallery?by=198.51.100.23' where seen = 3",
        "column `views.page`: `tech.ip_address` in 1 values",
    ),
    // Of somebody who has no account.
    (
        "no-viewers-addresses",
        "insert into sign_ins values (null, '198.51.100.23')",
        "column `sign_ins.address`: 1 values, in a column that the data map has for them",
    ),
    (
        "no-cards",
        "update views set detail = 'paid with 4111 1111 1111 1111' where seen = 3",
        "finance.payment_card",
    ),
];

fn holds(charter: &Charter, settings: &str, secrets: &Told) {
    let all = look(charter, settings, secrets);
    for claim in [
        "passwords",
        "pupils-passwords",
        "address-digests",
        "no-viewers-addresses",
        "no-cards",
    ] {
        assert!(of(&all, claim).holds(), "{:#?}", of(&all, claim));
    }
    assert_eq!(of(&all, "passwords").observed, 2);
    assert_eq!(of(&all, "pupils-passwords").observed, 1);
    let elsewhere = of(&all, "somewhere-else");
    assert!(elsewhere.attest && !elsewhere.holds() && !elsewhere.is_recorded());
}

fn look(charter: &Charter, settings: &str, secrets: &Told) -> Vec<Probed> {
    let mut all = probe(charter, settings, secrets, "stored_as", false);
    all.extend(probe(charter, settings, secrets, "not_stored", false));
    all
}

/// Every mistake turns its own claim and no other that it does not concern.
fn mistakes(charter: &Charter, settings: &str, secrets: &Told, execute: &dyn Fn(&str)) {
    holds(charter, settings, secrets);
    for (claim, mistake, told) in MISTAKES {
        execute(&mistake.replace("0f4a90ea0b8d6d84d9f4c8e7b6a0e8b2", &md5("ines@birch.example")));
        let all = look(charter, settings, secrets);
        let found = of(&all, claim);
        assert!(found.contrary == 1, "{claim}: {found:#?}");
        assert!(
            found.places.iter().any(|place| place.contains(told)),
            "{claim}: {found:#?}"
        );
        let others = all.iter().filter(|one| one.contrary > 0 && one.claim != found.claim);
        assert_eq!(others.count(), 0, "{claim}: {all:#?}");
        execute("delete from users");
        execute("delete from views");
        execute("delete from sign_ins");
        let rows = TABLES.split_once("insert").unwrap().1;
        execute(&format!("insert{rows}"));
    }
    let told = format!("{:?}", look(charter, settings, secrets));
    assert!(!told.contains("birch.example") && !told.contains("203.0.113"), "{told}");
}

fn md5(text: &str) -> String {
    use md5::Digest as _;
    md5::Md5::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn mistakes_in_sqlite_turn_their_claims() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let charter = charter(&[("data/app.toml", &map("sqlite")), ("claims/list.toml", CLAIMS)]);
    let settings = format!("[stores.app]\npath = {:?}\n", file.display().to_string());
    mistakes(&charter, &settings, &Told(Vec::new()), &|sql| {
        connection.execute_batch(sql).unwrap()
    });
}

#[test]
fn mistakes_in_postgresql_turn_their_claims() {
    let server = Server::postgres();
    server.execute(TABLES);
    let charter = charter(&[("data/app.toml", &map("postgresql")), ("claims/list.toml", CLAIMS)]);
    let secrets = Told(vec![("APP", server.address())]);
    mistakes(&charter, "[stores.app]\nurl_env = \"APP\"\n", &secrets, &|sql| {
        server.execute(sql)
    });
}

#[test]
fn mistakes_in_mariadb_turn_their_claims() {
    let server = Server::mariadb();
    // A `"` in a JSON text needs no escape in either.
    server.execute(TABLES);
    let charter = charter(&[("data/app.toml", &map("mariadb")), ("claims/list.toml", CLAIMS)]);
    let secrets = Told(vec![("APP", server.address())]);
    mistakes(&charter, "[stores.app]\nurl_env = \"APP\"\n", &secrets, &|sql| {
        server.execute(sql)
    });
}

#[test]
fn what_cannot_be_asked_is_not_seen() {
    let charter = charter(&[("data/app.toml", &map("sqlite")), ("claims/list.toml", CLAIMS)]);
    for settings in [
        "",
        "[stores.app]\npath = \"/nowhere/app.sqlite3\"\n",
        "[stores.app]\nurl_env = \"X\"\n",
    ] {
        for one in look(&charter, settings, &Told(Vec::new())) {
            assert!(!one.holds(), "{one:?}");
            assert!(one.unseen > 0 || one.attest, "{one:?}");
        }
    }
}

#[test]
fn digests_are_found_by_the_directory_where_no_column_is_clear() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch("create table marks (of text, digest text)")
        .unwrap();
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"marks\"\nkey = \"of\"\n\
               columns.of = { none = \"a random number\" }\ncolumns.digest = { element = \"contact.email_hash\" }\n";
    let charter = charter(&[("data/app.toml", map), ("claims/list.toml", CLAIMS)]);
    let settings = format!("[stores.app]\npath = {:?}\n", file.display().to_string());
    let insert = |digest: &str| {
        connection.execute("delete from marks", []).unwrap();
        connection
            .execute("insert into marks values ('x', ?1)", [digest])
            .unwrap();
    };
    let secrets = Told(Vec::new());
    insert(&md5("maya.lindqvist@birch.example"));
    let all = probe(&charter, &settings, &secrets, "stored_as", true);
    assert_eq!(of(&all, "address-digests").contrary, 1, "{all:#?}");
    // Nothing is known that it could be tried with: nothing is said.
    let all = probe(&charter, &settings, &secrets, "stored_as", false);
    let one = of(&all, "address-digests");
    assert_eq!((one.contrary, one.unreadable), (0, 1), "{one:#?}");
    insert(&md5("somebody else"));
    assert!(
        of(
            &probe(&charter, &settings, &secrets, "stored_as", true),
            "address-digests"
        )
        .holds()
    );
}

#[test]
fn figures_are_of_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let tables = "create table figures (page text, seen integer); create table visits (user_id integer, page text);\
                  insert into figures values ('/gallery', 12), ('/home', 3)";
    connection.execute_batch(tables).unwrap();
    let claims = "[[claims]]\nid = \"figures\"\nkind = \"aggregates_only\"\nelements = [\"usage.aggregate\"]\nsentence = \"Figures only.\"\n\
                  [[claims]]\nid = \"visits\"\nkind = \"aggregates_only\"\nelements = [\"usage.pages\"]\nsentence = \"Figures only.\"\n";
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"figures\"\nnone = \"figures of pages\"\n\
               [[tables]]\ntable = \"visits\"\nkey = \"user_id\"\ncolumns.user_id = { element = \"account.id\" }\n\
               columns.page = { element = \"usage.pages\" }\n";
    let charter = charter(&[("data/app.toml", map), ("claims/list.toml", claims)]);
    let stores = format!("[stores.app]\npath = {:?}\n", file.display().to_string());
    let settings = format!("{stores}[probes]\nfigures = [\"app.figures\"]\n");
    let look = |settings: &str| probe(&charter, settings, &Told(Vec::new()), "aggregates", true);
    let found = look(&settings);
    assert!(of(&found, "figures").holds(), "{found:#?}");
    assert!(
        of(&found, "visits").places[0].contains("rows of single people"),
        "{found:#?}"
    );
    assert!(of(&look(&stores), "figures").attest);
    connection
        .execute("update figures set page = '203.0.113.7' where seen = 3", [])
        .unwrap();
    assert_eq!(of(&look(&settings), "figures").contrary, 1, "{:#?}", look(&settings));
    connection
        .execute(
            "update figures set page = '/of/maya.lindqvist@birch.example' where seen = 3",
            [],
        )
        .unwrap();
    assert!(of(&look(&settings), "figures").contrary > 0, "{:#?}", look(&settings));
}

#[test]
fn what_pictures_show_is_as_the_data_map_says() {
    let dir = tempfile::tempdir().unwrap();
    // One grey pixel, and a text beside it.
    let picture = |text: &str| {
        let chunk = |kind: &[u8], data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap().to_be_bytes();
            [&length[..], kind, data, &[0; 4]].concat()
        };
        let said = [b"Comment\0", text.as_bytes()].concat();
        let pixel = [0x78, 0x9c, 0x63, 0x68, 0x02, 0x00, 0x00, 0x84, 0x00, 0x83];
        let head = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
        let chunks = [
            chunk(b"IHDR", &head),
            chunk(b"tEXt", &said),
            chunk(b"IDAT", &pixel),
            chunk(b"IEND", &[]),
        ];
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
    };
    let claims = "[[claims]]\nid = \"cards\"\nkind = \"not_stored\"\nelements = [\"finance.payment_card\"]\nsentence = \"No cards.\"\n";
    let said =
        "[[tables]]\nprefix = \"{id}\"\nsubjects = [\"student\"]\nkey = \"id\"\nelements = [\"identity.avatar\"]\n";
    let settings = format!("[stores.files]\npath = {:?}\n", dir.path().display().to_string());
    let look = |map: &str| {
        let map = format!("store = \"files\"\nengine = \"files\"\n{map}");
        let charter = charter(&[("data/files.toml", &map), ("claims/list.toml", claims)]);
        of(
            &probe(&charter, &settings, &Told(Vec::new()), "not_stored", true),
            "cards",
        )
        .clone()
    };
    std::fs::write(dir.path().join("7"), picture("a tree")).unwrap();
    let told = look(said);
    assert!(told.holds(), "{told:#?}");
    assert!(told.notes.iter().any(|note| note.contains("1 pictures")), "{told:#?}");
    assert_eq!(look("").unreadable, 1, "nobody says what is kept there");
    std::fs::create_dir(dir.path().join("loose")).unwrap();
    std::fs::write(dir.path().join("loose/8"), picture("a tree")).unwrap();
    let below = said.replace("{id}", "up/{id}");
    std::fs::create_dir(dir.path().join("up")).unwrap();
    std::fs::write(dir.path().join("up/7"), picture("a tree")).unwrap();
    let told = look(&below);
    assert_eq!(
        told.unreadable, 2,
        "two lie under no prefix that says what it holds: {told:#?}"
    );
    assert!(told.notes.iter().any(|note| note.contains("1 pictures")), "{told:#?}");
    std::fs::remove_dir_all(dir.path().join("loose")).unwrap();
    std::fs::remove_dir_all(dir.path().join("up")).unwrap();
    std::fs::write(dir.path().join("7"), picture("4111 1111 1111 1111")).unwrap();
    assert_eq!(look(said).contrary, 1, "what stands beside the pixels is read");
    std::fs::write(dir.path().join("7"), &picture("a tree")[..60]).unwrap();
    assert_eq!(look(said).unreadable, 1, "half a picture");
}

#[test]
fn what_was_not_searched_is_no_pass() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let tables =
        "create table notes (id integer primary key, body text); insert into notes (body) values ('a'), ('b'), ('c')";
    connection.execute_batch(tables).unwrap();
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"notes\"\nsubjects = [\"student\"]\nkey = \"id\"\n\
               columns.id = { element = \"account.id\" }\ncolumns.body = { element = \"content\", holds = \"free_text\" }\n";
    let claim = |id: &str, elements: &str| {
        format!("[[claims]]\nid = \"{id}\"\nkind = \"not_stored\"\nelements = [{elements}]\nsentence = \"Not that.\"\n")
    };
    let claims = claim("cards", "\"finance.payment_card\", \"contact.email\"")
        + &claim("names", "\"identity.name.full\"")
        + &claim("days", "\"demographic.date_of_birth\"");
    let charter = charter(&[("data/app.toml", map), ("claims/list.toml", &claims)]);
    let settings = format!("[stores.app]\npath = {:?}\n", file.display().to_string());
    let secrets = Told(Vec::new());
    let look = |settings: &str, known: bool| probe(&charter, settings, &secrets, "not_stored", known);
    let all = look(&settings, true);
    assert!(of(&all, "cards").holds() && of(&all, "names").holds(), "{all:#?}");
    assert_eq!(of(&all, "days").unseen, 1, "nothing recognises a day: {all:#?}");
    let nobody = look(&settings, false);
    assert_eq!(of(&nobody, "names").unseen, 1, "nobody's name is known: {nobody:#?}");
    assert!(of(&nobody, "cards").holds(), "{nobody:#?}");
    let sampled = look(&format!("{settings}[probes]\nvalues = 1\n"), true);
    let cards = of(&sampled, "cards");
    assert_eq!((cards.observed, cards.unseen), (1, 2), "{cards:#?}");
    // A column of bytes that the data map says nothing of.
    connection
        .execute_batch("alter table notes add column scan blob")
        .unwrap();
    let unsaid = look(&settings, true);
    assert_eq!(of(&unsaid, "cards").unseen, 1, "{unsaid:#?}");
    // One value with two elements is one value.
    let both = "update notes set body = 'paid with 4111 1111 1111 1111 by zoe@oak.example' where id = 2";
    connection.execute_batch(both).unwrap();
    let cards = look(&settings, true);
    let cards = of(&cards, "cards");
    assert_eq!((cards.contrary, cards.places.len()), (1, 2), "{cards:#?}");
}
